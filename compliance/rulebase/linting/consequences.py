"""Findings that fire on the very same facts and demand different things."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.kernel.text import Text
from compliance.rulebase.linting.base import Check, Seen, Setting, Severity, name_of
from compliance.rulebase.linting.examples import DEALS, FILE, finding
from compliance.rulebase.linting.same_findings import covering
from compliance.rulebase.schema import Consequence


def _contradicting(setting: Setting) -> Iterator[Seen]:
    pairs = {(one.id, other.id): (one, other) for one, other in covering(setting)}
    for (one_id, other_id), (one, other) in pairs.items():
        if one_id < other_id and (other_id, one_id) in pairs and one.then != other.then:
            here, there = _outcome(one.then), _outcome(other.then)
            yield Seen(
                one,
                Text(
                    f"与 {name_of(other)} 条件相同而后果不同：{here}，{there}",
                    f"fires on the same facts as {name_of(other)}, with another outcome: {here}, {there}",
                ),
                other,
            )


def _outcome(then: Consequence) -> str:
    return f"{then.raise_}/{then.category}/{then.grade}"


CHECK = Check(
    id="contradiction-outcome",
    title=Text("同一事实的不同后果", "The same facts with different outcomes"),
    severity=Severity.ERROR,
    run=_contradicting,
    firing=(
        FILE
        + DEALS
        + finding("late", '{ fact = "deal", done = { gt = { of = "due" } } }')
        + finding("overdue", '{ fact = "deal", due = { lt = { of = "done" } } }', grade="low"),
    ),
    silent=(
        FILE
        + DEALS
        + finding("late", '{ fact = "deal", done = { gt = { of = "due" } } }')
        + finding("overdue", '{ fact = "deal", due = { lte = { of = "done" } } }', grade="low"),
        FILE
        + DEALS
        + finding("late", '{ fact = "deal", signed = true }', days="from = 2020-01-01, until = 2025-12-31")
        + finding("overdue", '{ fact = "deal", signed = true }', grade="low", days="from = 2026-01-01"),
    ),
)
