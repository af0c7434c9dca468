"""What differs between two rule bases: rules begun, ended and changed, with their texts, and whether records suffer.

A rule is named by kind and id; its wordings are compared as a whole. Nothing of a plant is asked here.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from compliance.rulebase.calendar import disposable_from
from compliance.rulebase.rulebase import KINDS, RuleBase
from compliance.rulebase.schema import Retention, Rule

How = Literal["added", "removed", "changed"]
#: How far ahead the keeping of a record made on a day is compared, and in what steps.
_AHEAD, _STEP = 800, 7


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that is begun, ended or worded anew. ``diff``: lines of a unified comparison of its text."""

    kind: str
    id: str
    how: How
    before: tuple[Rule, ...]
    after: tuple[Rule, ...]

    @property
    def title(self) -> Rule:
        """The wording that names the rule to people: the newest there is."""
        return (self.after or self.before)[-1]

    @property
    def diff(self) -> tuple[str, ...]:
        """The lines that differ, as ``diff -u`` shows them."""
        name = f"{self.kind}.{self.id}"
        lines = difflib.unified_diff(_lines(self.before), _lines(self.after), name, name, lineterm="")
        return tuple(lines)


@dataclass(frozen=True, slots=True)
class Shortened:
    """A kind of record that would be kept for less time: a record of ``day`` until ``after`` instead of ``before``."""

    record: str
    rule: str
    clause: str
    day: date
    before: date
    after: date | None


def changes_between(before: RuleBase, after: RuleBase) -> tuple[RuleChange, ...]:
    """Every rule that differs, in the order of kinds and ids."""
    return tuple(_changes(before, after))


def _changes(before: RuleBase, after: RuleBase) -> Iterator[RuleChange]:
    for kind, type_ in KINDS.items():
        ids = dict.fromkeys(rule.id for base in (before, after) for rule in base.of(type_))
        for rule_id in sorted(ids):
            old, new = before.wordings(type_, rule_id), after.wordings(type_, rule_id)
            if [r.digest for r in old] != [r.digest for r in new]:
                how: How = "added" if not old else "removed" if not new else "changed"
                yield RuleChange(kind, rule_id, how, old, new)


def _lines(wordings: Sequence[Rule]) -> list[str]:
    return [line for rule in wordings for line in rule.text.splitlines()]


def shortened(before: RuleBase, after: RuleBase, today: date) -> tuple[Shortened, ...]:
    """Kinds of records, made from today on, that the later rule base would let go earlier; each by its first day."""
    found: dict[str, Shortened] = {}
    for ahead in range(0, _AHEAD, _STEP):
        day = today + timedelta(days=ahead)
        old, new = _kept(before, day), _kept(after, day)
        for record, (rule, until) in old.items():
            later = new.get(record)
            if record not in found and (later is None or later[1] < until):
                found[record] = Shortened(record, rule.id, rule.source.clause, day, until, later[1] if later else None)
    return tuple(found.values())


def _kept(base: RuleBase, day: date) -> Mapping[str, tuple[Retention, date]]:
    """The rule that keeps each kind of record longest, and until when one of that day is kept."""
    longest: dict[str, tuple[Retention, date]] = {}
    for rule in base.in_force(Retention, day):
        until = disposable_from(rule, day)
        for record in (*rule.applies_to, f"class:{rule.id}"):
            if record not in longest or longest[record][1] < until:
                longest[record] = (rule, until)
    return longest
