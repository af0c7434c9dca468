"""Reductions that are sold and used, and what the passing of days alone does to them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from compliance.core.facts import IN_TIME
from compliance.core.facts.catalogue import Params
from compliance.core.model import ReductionEntry
from compliance.rulebase.schema import FactRule
from tests.core.world import facts, row, seen, shipped

ON = date(2026, 6, 15)
_ONE_DAY = timedelta(days=1)


def entry(number: str, what: str, amount: int, on: date | None) -> ReductionEntry:
    return row(ReductionEntry, number=number, project="风电", what=what, amount=amount, on=on)


def spent(entries: list[ReductionEntry], on: date) -> list[dict[str, Any]]:
    """The facts of a day; an entry without a day counts as of that day."""
    return [{**fact, "on": None} for fact in facts("reductions-spent", *entries, on=on)]


def test_an_entry_without_a_day_comes_after_those_of_yesterday() -> None:
    entries = [entry("1", "对外交易", 3, None), entry("2", "对外交易", 4, ON)]
    assert [(f["number"], f["spent_micro"]) for f in spent(entries, ON)] == [("1", 3), ("2", 7)]
    assert [(f["number"], f["spent_micro"]) for f in spent(entries, ON + _ONE_DAY)] == [("2", 4), ("1", 7)]


def test_days_alone_change_reductions_only_when_they_say_so() -> None:
    draw, changed = random.Random(5), 0
    turns = IN_TIME["reductions-spent"].turns
    rule = next(rule for rule in shipped().of(FactRule) if rule.derivation == "reductions-spent")
    params = Params(rule, shipped(), {})
    for _ in range(300):
        days = [None, ON, ON - _ONE_DAY, ON - 2 * _ONE_DAY]
        entries = [
            entry(str(n), draw.choice(["签发登记", "对外交易", "抵销使用"]), draw.randrange(9), draw.choice(days))
            for n in range(draw.randrange(1, 5))
        ]
        data = seen(*entries, on=ON)
        if spent(entries, ON) != spent(entries, ON + _ONE_DAY):
            changed += 1
            assert set(turns(data, params)) == {ON + _ONE_DAY}
        elif None not in {e.on for e in entries}:
            assert not set(turns(data, params))
    assert changed > 10
