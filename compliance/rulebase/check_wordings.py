"""Whether the wordings of one id follow one another, whatever was known of them on any day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from compliance.rulebase.checked import Checked
from compliance.rulebase.knowledge import settled
from compliance.rulebase.schema import Problem, Rule


def check_wordings(rules: Sequence[Checked]) -> Iterator[Problem]:
    """Wordings that hold on one day, and wordings of which nobody could say which one is the later."""
    groups: dict[tuple[str, str], list[Checked]] = {}
    for c in rules:
        groups.setdefault((c.rule.kind, c.rule.id), []).append(c)
    for group in groups.values():
        if len(group) > 1:
            yield from _same_day_known(group)
            yield from _overlaps(group)


def share_days(a: Rule, b: Rule) -> bool:
    """Whether two wordings hold on one day."""
    first, second = sorted((a.in_force, b.in_force), key=lambda days: days.start)
    return first.until is None or second.start <= first.until


def _same_day_known(group: Sequence[Checked]) -> Iterator[Problem]:
    first: dict[object, Checked] = {}
    for c in group:
        earlier = first.setdefault((c.rule.in_force.start, c.rule.known), c)
        if earlier is not c:
            line, start = earlier.rule.line, c.rule.in_force.start
            yield c.problem(
                "in_force",
                f"与第 {line} 行的版本重叠：都自 {start} 起，且同日获知；前者应有更早的 until，"
                "或以更晚的 known 说明何时由本版本取代",
                f"overlaps the wording of line {line}: both start on {start} and are known on one day; the other one "
                "needs an earlier until, or this one a later known on which it took the other's place",
            )


def _overlaps(group: Sequence[Checked]) -> Iterator[Problem]:
    by_line = {(c.rule.file, c.rule.line): c for c in group}
    rules = [c.rule for c in group]
    for day in (None, *sorted({rule.known for rule in rules})):
        ordered = sorted(settled(rules, day), key=lambda rule: rule.in_force.start)
        for earlier, later in pairwise(ordered):
            if share_days(earlier, later):
                start = later.in_force.start
                yield by_line[later.file, later.line].problem(
                    "in_force",
                    f"与第 {earlier.line} 行的版本重叠；后者自 {start} 起，前者应有更早的 until",
                    f"overlaps the wording of line {earlier.line}; it starts on {start}, so "
                    "the other one needs an earlier until",
                )
