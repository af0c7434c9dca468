"""Conditions that no facts can meet: the finding never fires."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.kernel.text import Text
from compliance.rulebase.linting.base import Check, Seen, Setting, Severity, listed
from compliance.rulebase.linting.conditions import domains_of, shown, standing
from compliance.rulebase.linting.examples import DEALS, FILE, finding
from compliance.rulebase.linting.reasoning import claims_of, clash, possible
from compliance.rulebase.schema import Finding


def _impossible(setting: Setting) -> Iterator[Seen]:
    for found in setting.base.of(Finding):
        domains = domains_of(setting, found.when)
        if domains is None:
            continue
        claims = [
            *standing(found.in_force, found.when),
            *(claim for pattern in found.when for claim in claims_of(pattern)),
        ]
        if not possible(claims, domains):
            texts = [shown(claim) for claim in clash(claims, domains)]
            zh, en = listed(t.zh for t in texts).zh, listed(t.en for t in texts).en
            yield Seen(found, Text(f"条件永不成立：{zh}", f"the condition never holds: {en}"))


CHECK = Check(
    id="condition-impossible",
    title=Text("永不成立的条件", "A condition that can never hold"),
    severity=Severity.ERROR,
    run=_impossible,
    firing=(
        FILE + DEALS + finding("late", '{ fact = "deal", amount = { gt = 5, lt = 6 } }'),
        FILE + DEALS + finding("late", '{ fact = "deal", missing = { lt = 0 } }'),
        FILE + DEALS + finding("late", '{ fact = "deal", grade = "中" }'),
        FILE
        + DEALS
        + finding("late", '{ fact = "deal", grade = { ne = "高" }, deal = { eq = { of = "grade" }, ne = "低" } }'),
        FILE + DEALS + finding("late", '{ fact = "deal", done = { given = false, gt = { of = "due" } } }'),
        FILE
        + DEALS
        + finding("late", '{ fact = "deal", done = { gt = { of = "due" } }, due = { gte = { of = "done" } } }'),
        FILE + DEALS + finding("late", '{ fact = "deal", on = { lt = 2019-12-31 } }'),
        FILE
        + DEALS
        + finding(
            "late",
            '{ fact = "deal", as = "one", signed = true }, { fact = "deal", as = "two", signed = { ne = { of = '
            '"one.signed" } } }, { fact = "deal", as = "three", signed = { eq = { of = "two.signed" }, ne = false } }',
        ),
    ),
    silent=(
        FILE + DEALS + finding("late", '{ fact = "deal", amount = { gt = 5, lt = 7 } }'),
        FILE + DEALS + finding("late", '{ fact = "deal", missing = { gt = 0 }, grade = "高" }'),
        FILE + DEALS + finding("late", '{ fact = "deal", done = { gt = { of = "due" } }, signed = false }'),
        FILE + DEALS + finding("late", '{ fact = "deal", grade = { ne = "高" }, deal = { of = "grade" } }'),
    ),
)
