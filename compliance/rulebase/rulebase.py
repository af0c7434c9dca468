"""The checked rule base: every rule of every kind, found by kind, id and day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from functools import cached_property
from typing import Any, TypeVar

from compliance.kernel.canonical import digest, digest_of
from compliance.rulebase.knowledge import settled
from compliance.rulebase.schema import (
    Applicability,
    Approval,
    Calendar,
    Document,
    Factor,
    FactRule,
    FigureRule,
    Finding,
    Ledger,
    LintException,
    Number,
    Obligation,
    Parameter,
    Post,
    Requirement,
    Retention,
    Rule,
    Slip,
    Standard,
    Vocabulary,
    Word,
    Workflow,
)

R = TypeVar("R", bound=Rule)

#: Word of the language for each kind, in the order in which people read them.
KINDS: Mapping[str, type[Rule]] = {
    "obligation": Obligation,
    "fact": FactRule,
    "finding": Finding,
    "post": Post,
    "approval": Approval,
    "workflow": Workflow,
    "retention": Retention,
    "document": Document,
    "calendar": Calendar,
    "factor": Factor,
    "parameter": Parameter,
    "figure": FigureRule,
    "vocabulary": Vocabulary,
    "requirement": Requirement,
    "slip": Slip,
    "ledger": Ledger,
    "applicability": Applicability,
    "exception": LintException,
    "standard": Standard,
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The number that holds for a plant.

    ``from_plant``: the plant's own value holds. ``refused``: the plant's value that would loosen a
    number the standard demands, so that the default holds.
    """

    value: Decimal
    from_plant: bool
    refused: Decimal | None = None


@dataclass(frozen=True)
class RuleBase:
    """Every rule of a directory, checked, as it stands to the knowledge of a day.

    ``rules`` are all wordings as they are written, ``files`` the text of each file by its relative path; ``known`` is
    the day with whose knowledge everything is looked up (None: with all that is written).
    """

    rules: tuple[Rule, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    known: date | None = None

    def known_on(self, day: date) -> RuleBase:
        """The rule base as we knew it on a day: what was not known yet is left out, what it ended runs on."""
        return replace(self, known=day)

    @cached_property
    def first_known(self) -> date:
        """The day before which nothing of it was known."""
        return min((rule.known for rule in self.rules), default=date.min)

    @cached_property
    def unknown(self) -> int:
        """How many of the written wordings were not known yet."""
        return sum(1 for rule in self.rules if self.known is not None and rule.known > self.known)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the paths and digests of the files: names exactly this state of rules/."""
        return digest_of({path: digest(text.encode()) for path, text in self.files.items()})

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What was worked out from these rules and is kept with them; it never says more than they do."""
        return {}

    def of(self, kind: type[R]) -> tuple[R, ...]:
        """All wordings of all rules of a kind, in the order of id and of coming into force."""
        return tuple(rule for rules in self._ids(kind).values() for rule in rules)

    def in_force(self, kind: type[R], on: date) -> tuple[R, ...]:
        """The rules of a kind that hold on a day."""
        return tuple(rule for rule in self.of(kind) if rule.in_force.covers(on))

    def wordings(self, kind: type[R], rule_id: str) -> tuple[R, ...]:
        """All wordings of one id, the oldest first; none if there is no such rule."""
        return self._ids(kind).get(rule_id, ())

    def get(self, kind: type[R], rule_id: str, on: date) -> R | None:
        """The wording of a rule that holds on a day."""
        return next((r for r in self.wordings(kind, rule_id) if r.in_force.covers(on)), None)

    def nearest(self, kind: type[R], rule_id: str, on: date) -> R | None:
        """The wording on a day, else the first one (before it) or the last one (after it)."""
        rules = self.wordings(kind, rule_id)
        begun = [r for r in rules if r.in_force.start <= on]
        return (begun[-1] if begun else rules[0]) if rules else None

    def written(self, kind: type[R], rule_id: str) -> tuple[R, ...]:
        """All wordings of one id as they are written, also those that a later known one took the place of."""
        return tuple(r for r in _ordered(self.rules) if isinstance(r, kind) and r.id == rule_id)

    def worded(self, rule_id: str, digest: str) -> Rule | None:
        """The very wording of a digest, also one that a later known one took the place of."""
        return next((rule for rule in self.rules if (rule.id, rule.digest) == (rule_id, digest)), None)

    def named(self, rule_id: str) -> tuple[Rule, ...]:
        """Every wording of every kind that bears an id."""
        return tuple(r for kind in KINDS.values() for r in self.wordings(kind, rule_id))

    def of_code(self, code: str) -> tuple[Obligation, ...]:
        """The obligations that bear a code of the catalogue (``OB-…``)."""
        return tuple(o for o in self.of(Obligation) if o.code == code)

    def of_situation(self, situation: str) -> tuple[Finding, ...]:
        """The findings that report a situation (``L-…``)."""
        return tuple(f for f in self.of(Finding) if f.situation == situation)

    def post_of_word(self, word: str, on: date) -> Post | None:
        """The post that a workbook's word means on a day; None if it is nobody's word."""
        return next((p for p in self.in_force(Post, on) if word in p.words), None)

    def standards(self, on: date) -> tuple[Standard, ...]:
        """The standards whose rules hold on a day: the main one first, then those of the packs beside it."""
        return tuple(sorted(self.in_force(Standard, on), key=lambda s: (s.pack, s.code)))

    def standard_of(self, pack: str, on: date) -> Standard | None:
        """The standard of a pack (empty: the main one); None where the rule base does not say."""
        return next((s for s in self.standards(on) if s.pack == pack), None)

    def standard_named(self, name: str, on: date) -> Standard | None:
        """A standard by its id or its code, as people write it."""
        wanted = name.casefold()
        return next((s for s in self.standards(on) if wanted in (s.id.casefold(), s.code.casefold())), None)

    def word(self, vocabulary: str, word_id: str, on: date) -> Word | None:
        """One word of a vocabulary by its id."""
        found = self.nearest(Vocabulary, vocabulary, on)
        return next((w for w in found.words if w.id == word_id), None) if found else None

    def factor(self, code: str, on: date) -> Factor | None:
        """The factor of a code on a day."""
        return next((f for f in self.in_force(Factor, on) if f.code == code), None)

    def counts(self) -> dict[str, int]:
        """Number of rules of each kind; the wordings of one id count once."""
        return {word: len(self._ids(kind)) for word, kind in KINDS.items()}

    # --- parameters --------------------------------------------------------------------------

    def chosen(self, parameter: str, plant_values: Mapping[str, Decimal], on: date | None = None) -> Chosen:
        """The value of a parameter for a plant whose factor sheet says ``plant_values`` by code.

        Raises ``KeyError`` for a parameter that does not exist; a checked rule never asks for one.
        """
        rule = self._parameter(parameter, on)
        own = plant_values.get(rule.code) if rule.code else None
        if own is None:
            return Chosen(rule.default, from_plant=False)
        if loosens(rule, own) or not rule.admits(own):
            return Chosen(rule.default, from_plant=False, refused=own)
        return Chosen(own, from_plant=True)

    def number(self, value: Number, plant_values: Mapping[str, Decimal], on: date | None = None) -> int:
        """A whole number of a rule: as it stands, or the plant's parameter.

        A fraction of a day or month counts as the last whole one that is still within it.
        """
        if isinstance(value, int):
            return value
        chosen = self.chosen(value.parameter, plant_values, on).value
        return int(chosen.to_integral_value(ROUND_FLOOR))

    def _parameter(self, rule_id: str, on: date | None) -> Parameter:
        rules = self.wordings(Parameter, rule_id)
        found = self.nearest(Parameter, rule_id, on) if on else (rules[-1] if rules else None)
        if found is None:
            raise KeyError(rule_id)
        return found

    def _ids(self, kind: type[R]) -> Mapping[str, tuple[R, ...]]:
        return self._index.get(kind, {})  # type: ignore[return-value]  # each kind holds its own

    @cached_property
    def _index(self) -> Mapping[type[Rule], Mapping[str, tuple[Rule, ...]]]:
        found: dict[type[Rule], dict[str, tuple[Rule, ...]]] = {}
        for rule in _ordered(settled(self.rules, self.known)):
            ids = found.setdefault(type(rule), {})
            ids[rule.id] = (*ids.get(rule.id, ()), rule)
        return found


def loosens(parameter: Parameter, own: Decimal) -> bool:
    """Whether a plant's value is weaker than a number that the standard demands."""
    if parameter.demanded == "at-most":
        return own > parameter.default
    return parameter.demanded == "at-least" and own < parameter.default


def _ordered(rules: Sequence[Rule]) -> list[Rule]:
    return sorted(rules, key=lambda rule: (rule.id, rule.in_force.start, rule.known))
