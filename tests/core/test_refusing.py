"""What the shipped rules have against deeds: obsolete rules, records given up early, indirect emissions in a total."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from compliance.core.model.deeds import Deed, Disposal, FigurePart, Signing
from compliance.core.planning import may_be_used
from compliance.core.refusing import DEFINE, DISPOSE, SIGN, RefusedByRule, against, figure_parts, sentence
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import FigureRule, SumOfFigures
from tests.core.world import shipped

DAY = date(2026, 6, 15)
ON, BEFORE = date(2031, 3, 1), date(2031, 2, 28)


@pytest.mark.parametrize(
    ("act", "deed", "situation"),
    [
        (SIGN, Signing("BF-1/A/0", "old", "new"), "L-40"),
        (SIGN, Signing("BF-1/A/0", "same", "same"), None),
        (DISPOSE, Disposal("检测报告 JC-1", ON, BEFORE), "L-18"),
        (DISPOSE, Disposal("检测报告 JC-1", ON, ON), None),
        (DISPOSE, Disposal("检测报告 JC-1", None, BEFORE), None),
        (DEFINE, FigurePart("E_LINE", "line", "E_ELE/x", item_class="purchased-electricity"), "L-41"),
        (DEFINE, FigurePart("E_ENT", "enterprise", "E_MGT", "management"), "L-41"),
        (DEFINE, FigurePart("E_MGT", "management", "E_ELE/x", item_class="purchased-electricity"), None),
        (DEFINE, FigurePart("E_LINE", "line", "E_COAL", item_class="coal"), None),
        (SIGN, Disposal("检测报告 JC-1", ON, BEFORE), None),
    ],
)
def test_deeds_are_judged_by_the_rule_of_their_act(act: str, deed: Deed, situation: str | None) -> None:
    found = against(shipped(), act, DAY, deed)
    assert [one.situation for one in found] == ([situation] if situation else [])
    for one in found:
        assert f"finding.{one.rule}" in sentence(one).zh
        assert one.clause in sentence(one).en


def test_the_shipped_totals_hold_what_they_may() -> None:
    parts = list(figure_parts(shipped()))
    assert {part.boundary for part in parts} == {"line", "enterprise", "management"}
    assert against(shipped(), DEFINE, DAY, *parts) == []


def mixed(rulebase: RuleBase) -> RuleBase:
    """The rule base with purchased electricity in the total of the enterprise, two figures down."""

    def change(rule: object) -> object:
        if isinstance(rule, FigureRule) and rule.id == "mobile-emissions":
            return replace(rule, shape=SumOfFigures(("electricity-emissions",)))
        return rule

    return replace(rulebase, rules=tuple(map(change, rulebase.rules)))  # type: ignore[arg-type] # rules stay rules


def test_a_rule_base_that_mixes_them_is_not_put_into_use() -> None:
    with pytest.raises(RefusedByRule) as refusal:
        may_be_used(shipped(), mixed(shipped()), DAY)
    assert "E_ENT" in refusal.value.message.zh
    assert "finding.indirect-in-total" in refusal.value.message.en
    may_be_used(shipped(), shipped(), DAY)
