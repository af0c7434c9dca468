"""Kinds of facts that no finding asks: they are derived for nobody."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.kernel.text import Text
from compliance.rulebase.linting.base import Check, Seen, Setting, Severity
from compliance.rulebase.linting.examples import DEALS, FILE, finding
from compliance.rulebase.schema import FactRule, Finding


def _unasked(setting: Setting) -> Iterator[Seen]:
    asked = {pattern.fact for found in setting.base.of(Finding) for pattern in found.when}
    for fact in setting.base.of(FactRule):
        if fact.id not in asked:
            yield Seen(fact, Text("没有判定规则使用这种事实", "no finding asks this kind of fact"))


CHECK = Check(
    id="fact-unasked",
    title=Text("无人使用的事实", "A kind of fact that no finding asks"),
    severity=Severity.WARNING,
    run=_unasked,
    firing=(FILE + DEALS,),
    silent=(FILE + DEALS + finding("late", '{ fact = "deal", missing = { gt = 0 } }'),),
)
