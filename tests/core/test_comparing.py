"""One plant under two rule bases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from compliance.core.comparing import judge_under_both
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import DayOfMonth, Finding, Obligation, Rule
from tests.judging import shipped, taken
from tests.workbooks.mutate import base

SPAN = date(2026, 3, 1), date(2026, 3, 31)


def changed() -> RuleBase:
    """Day 10 becomes day 5, and one finding is ended."""

    def edit(rule: Rule) -> Rule:
        if isinstance(rule, Obligation) and isinstance(rule.due, DayOfMonth) and rule.code == "OB-M10":
            return replace(rule, due=replace(rule.due, day=5))
        return rule

    rules = tuple(edit(rule) for rule in shipped().rules)
    ended = next(rule.id for rule in rules if isinstance(rule, Finding) and rule.situation == "L-20a")
    return RuleBase(tuple(r for r in rules if r.id != ended), shipped().files)


def test_each_rule_base_has_its_own_answer_within_the_range() -> None:
    plant, tables = taken(base())
    both = judge_under_both(plant, tables, (shipped(), changed()), (), plant.data_end, SPAN)
    due = [{o.key: o.due for o in judged.occurrences if o.code == "OB-M10"} for judged in (both.before, both.after)]
    assert [set(one.values()) for one in due] == [{date(2026, 3, 10)}, {date(2026, 3, 5)}]
    assert all(SPAN[0] <= o.due <= SPAN[1] for j in (both.before, both.after) for o in j.occurrences)


def test_the_same_rule_base_twice_differs_in_nothing() -> None:
    plant, tables = taken(base())
    both = judge_under_both(plant, tables, (shipped(), shipped()), (), plant.data_end, SPAN)
    assert both.before == both.after
