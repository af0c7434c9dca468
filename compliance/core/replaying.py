"""Replaying: what the register keeps is concluded again, from the stored facts and the very wording that judged.

A finding is fired anew by its rule on its own facts; an occurrence is reckoned anew from its anchor, its numbers and
the working days of its snapshot. Whatever comes out otherwise is named, field by field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Protocol

from compliance.core.findings import found_by
from compliance.core.judged import Found, Occurrence, OccurrenceState
from compliance.core.obligations.arguing import anchors_of
from compliance.rulebase.calendar import Anchor, DueDate, WorkCalendar, due_date, opens_on
from compliance.rulebase.evaluator import evaluate, judging_rule
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import (
    Calendar,
    FactRule,
    Finding,
    Number,
    Obligation,
    Parameter,
    Ref,
    Rolling,
    Rule,
    Value,
)

#: States that a person or the profile gave, whatever the day.
_GIVEN = frozenset({OccurrenceState.WAIVED, OccurrenceState.NOT_RECORDED, OccurrenceState.NOT_APPLICABLE})


class Snapshots(Protocol):
    """The rule bases that were put into use, by digest."""

    def __call__(self, digest: str) -> RuleBase | None:
        """The snapshot of a digest; None if it is gone or altered."""
        ...

    def every(self) -> Iterator[RuleBase]:
        """Every snapshot that is still there, the latest first."""
        ...


@dataclass(frozen=True, slots=True)
class Used:
    """A rule that entered a conclusion."""

    kind: str
    id: str
    digest: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of replaying: the fields that differ (none: the same), the wording, and what else entered.

    ``rule`` is None where no snapshot has the wording any more: then nothing could be replayed.
    """

    rule: Rule | None
    differs: tuple[str, ...]
    basis: tuple[Used, ...]
    ruleset: str

    @property
    def same(self) -> bool:
        """Whether the same came out again."""
        return self.rule is not None and not self.differs


class Replayer:
    """Replays against the snapshots that are kept; every snapshot's working days are read once."""

    def __init__(self, snapshots: Snapshots) -> None:
        """Take the snapshots."""
        self._snapshots = snapshots
        self._calendars: dict[str, WorkCalendar] = {}
        self._worded: dict[tuple[str, str, str], tuple[RuleBase, Rule] | None] = {}

    def finding(self, found: Found) -> Replay:
        """Fire the rule of a finding on its stored facts."""
        rulebase, rule = self._wording(found.rule, found.rule_digest, found.ruleset)
        if rulebase is None or not isinstance(rule, Finding):
            return Replay(None, ("rule_digest",), (), found.ruleset)
        fired = [c for c in _concluded(rule, found) if c == tuple(range(len(found.facts)))]
        if not fired:
            return Replay(rule, ("facts",), _facts_used(found, rulebase), rulebase.digest)
        again = replace(found_by(rule, found.facts), ruleset=found.ruleset)
        return Replay(rule, _differing(again, found), _facts_used(found, rulebase), rulebase.digest)

    def occurrence(self, one: Occurrence, day: date | None) -> Replay:
        """Reckon an occurrence anew; ``day``: the plant's mark, on which it stood as it is kept."""
        rulebase, rule = self._wording(one.obligation, one.rule_digest, one.ruleset)
        if rulebase is None or not isinstance(rule, Obligation):
            return Replay(None, ("rule_digest",), (), one.ruleset)
        again = self._reckoned(rule, one, rulebase, day)
        differs = ("anchor",) if again is None else _differing(again, one)
        return Replay(rule, differs, _numbers_used(one, rulebase), rulebase.digest)

    def _reckoned(self, rule: Obligation, one: Occurrence, rulebase: RuleBase, day: date | None) -> Occurrence | None:
        numbers = dict(one.numbers)

        def number(value: Number) -> int:
            given = numbers.get(value.parameter) if isinstance(value, Ref) else None
            return rulebase.number(value, {}, one.anchor) if given is None else given

        calendar = self._calendar(rulebase)
        made = [(anchor, due_date(rule, anchor, number, calendar)) for anchor in anchors_of(rule, one)]
        fitting = [pair for pair in made if pair[1].derivation == one.derivation]
        return _again(rule, one, *(fitting or made)[0], day) if made else None

    def _calendar(self, rulebase: RuleBase) -> WorkCalendar:
        if rulebase.digest not in self._calendars:
            self._calendars[rulebase.digest] = WorkCalendar(rulebase.of(Calendar))
        return self._calendars[rulebase.digest]

    def _wording(self, rule_id: str, digest: str, ruleset: str) -> tuple[RuleBase | None, Rule | None]:
        key = rule_id, digest, ruleset
        if key not in self._worded:
            found = ((base, rule) for base in self._candidates(ruleset) if (rule := base.worded(rule_id, digest)))
            self._worded[key] = next(found, None)
        return self._worded[key] or (None, None)

    def _candidates(self, ruleset: str) -> Iterator[RuleBase]:
        """The snapshot that judged; what was stored before snapshots were named is looked for in all of them."""
        if not ruleset:
            yield from self._snapshots.every()
        elif (named := self._snapshots(ruleset)) is not None:
            yield named


def _concluded(rule: Finding, found: Found) -> Iterator[tuple[int, ...]]:
    try:
        concluded = evaluate([judging_rule(rule)], found.facts)
    except TypeError:  # a stored value of another type than the rule compares with
        return
    yield from (conclusion.facts for conclusion in concluded)


def _again(rule: Obligation, one: Occurrence, anchor: Anchor, when: DueDate, day: date | None) -> Occurrence:
    opens = opens_on(rule, when.due, anchor)
    return replace(
        one,
        code=rule.code,
        title=rule.title,
        clause=rule.source.clause,
        strength=rule.source.strength,
        period=when.due.isoformat() if isinstance(rule.cadence, Rolling) else one.period,
        opens=opens,
        due=when.due,
        effective_workday=when.effective_workday,
        provisional=when.provisional,
        derivation=when.derivation,
        owner=rule.owner,
        approver=rule.approver,
        state=_state(one, when.due, opens, day),
    )


def _state(one: Occurrence, due: date, opens: date, day: date | None) -> OccurrenceState:
    if one.done_on is not None:
        return OccurrenceState.DONE if one.done_on <= due else OccurrenceState.DONE_LATE
    if one.state in _GIVEN or day is None:
        return one.state
    if day > due:
        return OccurrenceState.OVERDUE
    return OccurrenceState.OPEN if day >= opens else OccurrenceState.UPCOMING


def _differing(again: Found | Occurrence, kept: Found | Occurrence) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kept) if getattr(again, f.name) != getattr(kept, f.name))


# --- what else entered -----------------------------------------------------------------------------------------------


def _facts_used(found: Found, rulebase: RuleBase) -> tuple[Used, ...]:
    """The wordings of the fact rules that made the facts, and of the parameters they name."""
    used: list[Rule] = []
    for fact in found.facts:
        on = fact.get("on")
        rule = rulebase.get(FactRule, str(fact.get("kind")), on) if isinstance(on, date) else None
        if rule is not None and isinstance(on, date):
            used += [rule, *(p for name in _named(rule.with_) if (p := rulebase.nearest(Parameter, name, on)))]
    return _once(used)


def _numbers_used(one: Occurrence, rulebase: RuleBase) -> tuple[Used, ...]:
    """The parameters that were resolved, and the tables of the years whose working days counted."""
    parameters = (rulebase.nearest(Parameter, name, one.anchor) for name, _ in one.numbers)
    years = {one.due.year, one.effective_workday.year}
    calendars = (c for c in rulebase.of(Calendar) if c.year in years)
    return _once([*(p for p in parameters if p is not None), *calendars])


def _named(value: Value) -> Iterator[str]:
    """The parameters that a free table names (``{ parameter = "id" }``)."""
    match value:
        case Mapping():
            for word, inner in value.items():
                if word == "parameter" and isinstance(inner, str):
                    yield inner
                yield from _named(inner)
        case tuple():
            for inner in value:
                yield from _named(inner)


def _once(rules: list[Rule]) -> tuple[Used, ...]:
    return tuple(dict.fromkeys(Used(rule.kind, rule.id, rule.digest) for rule in rules))
