"""The second time of a rule: since when we know a wording, and what the rule base said before we knew it.

``in_force`` says on which days a wording holds, ``known`` since when we know of it. Before an amendment is known, the
wording it ended runs on; of two wordings that start on one day, the later known takes the place of the earlier.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from compliance.rulebase.schema import Rule

R = TypeVar("R", bound=Rule)
_ONE_DAY = timedelta(days=1)


def settled(rules: Iterable[R], on: date | None = None) -> list[R]:
    """The wordings as they stood to the knowledge of a day (None: of all that is written), as they were written."""
    groups: dict[tuple[type, str], list[R]] = {}
    for rule in rules:
        groups.setdefault((type(rule), rule.id), []).append(rule)
    return [rule for group in groups.values() for rule in _group(group, on)]


def _group(group: Sequence[R], on: date | None) -> Iterator[R]:
    latest: dict[date, R] = {}
    for rule in sorted((r for r in group if on is None or r.known <= on), key=lambda r: r.known):
        latest[rule.in_force.start] = rule
    standing = [latest[start] for start in sorted(latest)]
    for rule, following in zip(standing, [*standing[1:], None], strict=False):
        yield rule if on is None or _end_known(rule, group, on) else _running_on(rule, following)


def _end_known(rule: Rule, group: Sequence[Rule], on: date) -> bool:
    """Whether it was known that a wording ends: as it says itself, else with the wording that follows it at once."""
    days = rule.in_force
    if days.until is None:
        return True
    if days.until_known is not None:
        return days.until_known <= on
    after = [r.known for r in group if r.in_force.start - _ONE_DAY == days.until]
    return min(after, default=on) <= on


def _running_on(rule: R, following: Rule | None) -> R:
    """The wording without its end: to the next one that is known, or for good."""
    until = following.in_force.start - _ONE_DAY if following else None
    return replace(rule, in_force=replace(rule.in_force, until=until))
