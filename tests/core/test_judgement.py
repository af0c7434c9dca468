from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from compliance.core.judgement import (
    EngineFailed,
    EngineHealth,
    EnginesDisagree,
    RuleUnfit,
    judge,
)
from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text
from compliance.rulebase.admission import FactRefused
from compliance.rulebase.evaluator import Conclusion, Fact, JudgingRule, evaluate
from compliance.rulebase.schema import Op, Pattern, PropType, Term

DAY = date(2026, 3, 1)
RULES = [JudgingRule("big@2026-03-01", (Pattern("k", "a", (Term("n", Op.GT, 5),)),), DAY)]
FACTS: list[dict[str, Any]] = [{"kind": "k", "on": DAY, "n": n} for n in (6, 1, 7)]
TYPES = {"k": {"n": PropType.NUMBER}}
RIGHT = (Conclusion("big@2026-03-01", (0,)), Conclusion("big@2026-03-01", (2,)))


class Fake:
    """An engine that adds and leaves out what it is told to."""

    def __init__(
        self, *, more: Sequence[Conclusion] = (), less: int = 0, available: bool = True, failing: bool = False
    ) -> None:
        self.more, self.less, self.available, self.failing = more, less, available, failing
        self.asked = 0

    def evaluate(self, rules: Sequence[JudgingRule], facts: Sequence[Fact]) -> list[Conclusion]:
        self.asked += 1
        if self.failing:
            raise EngineFailed(engine="fake", reason="it crashed")
        return [*evaluate(rules, facts)[self.less :], *self.more]

    def health(self) -> EngineHealth:
        return EngineHealth(available=self.available, name="fake", version="1", message=Text(zh="假", en="fake"))


def test_what_both_say_is_decided() -> None:
    engine = Fake()
    judgement = judge(RULES, FACTS, TYPES, [engine])
    assert judgement.conclusions == RIGHT
    assert (judgement.single, judgement.reason, engine.asked) == (False, None, 1)
    assert judgement.engines == (engine.health(),)


@pytest.mark.parametrize(
    ("engine", "fact", "plain", "other"),
    [
        (Fake(less=1), 6, 1, 0),
        (Fake(more=[Conclusion("big@2026-03-01", (1,))]), 1, 0, 1),
        (Fake(more=[RIGHT[1]]), 7, 1, 2),
        (Fake(less=2), 6, 1, 0),
    ],
)
def test_any_difference_decides_nothing_and_names_rule_and_facts(
    engine: Fake, fact: int, plain: int, other: int
) -> None:
    with pytest.raises(EnginesDisagree) as disagree:
        judge(RULES, FACTS, TYPES, [engine])
    values = disagree.value.values
    assert isinstance(disagree.value, CannotDecide)
    assert values["rule"] == "big@2026-03-01"
    assert values["facts"] == [{"kind": "k", "on": DAY, "n": fact}]
    assert (values["plain"], values["other"], values["engine"]) == (plain, other, "fake")
    assert "big@2026-03-01" in disagree.value.message.zh


def test_a_conclusion_over_facts_that_do_not_exist_is_a_difference() -> None:
    with pytest.raises(EnginesDisagree) as disagree:
        judge(RULES, FACTS, TYPES, [Fake(more=[Conclusion("a", (-1, 99))])])
    assert disagree.value.values["facts"] == [-1, 99]


def test_the_order_of_conclusions_is_no_difference() -> None:
    assert judge(RULES, FACTS, TYPES, [Fake(less=1, more=RIGHT[:1])]).conclusions == RIGHT


def test_a_second_engine_that_disagrees_is_heard_too() -> None:
    with pytest.raises(EnginesDisagree):
        judge(RULES, FACTS, TYPES, [Fake(), Fake(less=1)])


def test_a_failing_engine_decides_nothing() -> None:
    with pytest.raises(EngineFailed):
        judge(RULES, FACTS, TYPES, [Fake(failing=True)])


@pytest.mark.parametrize("engines", [[], [Fake(available=False, failing=True)]])
def test_one_engine_alone_is_marked(engines: list[Fake]) -> None:
    judgement = judge(RULES, FACTS, TYPES, engines)
    assert judgement.conclusions == RIGHT
    assert judgement.single
    assert judgement.reason
    assert judgement.reason.zh


def test_facts_are_checked_before_anyone_judges() -> None:
    engine = Fake()
    with pytest.raises(FactRefused):
        judge(RULES, [*FACTS, {"kind": "k", "on": DAY, "n": "6"}], TYPES, [engine])
    assert engine.asked == 0


def test_a_rule_that_does_not_fit_the_facts_decides_nothing() -> None:
    with pytest.raises(RuleUnfit, match="big@2026-03-01: n"):
        judge(RULES, [{"kind": "k", "on": DAY, "n": "6"}], {"k": {"n": PropType.TEXT}}, [])
