"""Powers over accounts: who holds them, and who holds two of them at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compliance.core.model import AccountPower
from tests.core.world import altered, fact, facts, row

ON = date(2026, 6, 30)
JAN, JUN = date(2026, 1, 1), date(2026, 6, 1)


def powers(since: date, persons: str, until: date | None = None, **cells: Any) -> AccountPower:
    """Operator, reviewer and supervisor by one letter each; ``-`` for nobody."""
    operator, reviewer, supervisor = (None if p == "-" else p for p in persons)
    given = {"number": "A1", "type": "交易账户", "operator": operator, "reviewer": reviewer, "supervisor": supervisor}
    return row(AccountPower, since=since, until=until, **(given | cells))


@pytest.mark.parametrize(
    ("persons", "distinct"),
    [("abc", 3), ("aba", 2), ("abb", 2), ("aab", 2), ("aaa", 1), ("ab-", 2), ("-b-", 1), ("---", 0)],
)
def test_the_different_persons_of_a_row_are_counted(persons: str, distinct: int) -> None:
    found = fact("account-powers", powers(JAN, persons), on=ON)
    assert found["distinct_persons"] == distinct
    assert (found["on"], found["account"], found["since"], found["type"]) == (JAN, "A1", JAN, "交易账户")
    assert found["row"] == "account_power:A1|2026-01-01"


@pytest.mark.parametrize(("kind", "count"), [("交易账户", 1), ("注册登记账户", 1), ("资金账户", 0), (None, 0)])
def test_only_accounts_of_the_approval_are_looked_at(kind: str | None, count: int) -> None:
    assert len(facts("account-powers", powers(JAN, "aaa", type=kind), on=ON)) == count
    assert len(facts("account-power-overlap", powers(JAN, "aaa", type=kind), on=ON)) == count


def test_a_row_that_is_not_in_force_yet_is_not_seen() -> None:
    assert facts("account-powers", powers(date(2026, 7, 1), "abc"), on=ON) == []


@pytest.mark.parametrize(
    ("first", "second", "day"),
    [
        # one day together is enough, and it is the later beginning
        (powers(JAN, "abc", JUN), powers(JUN, "bde"), JUN),
        (powers(JAN, "abc", date(2026, 5, 31)), powers(JUN, "bde"), None),
        (powers(JAN, "abc"), powers(JUN, "bde", JUN), JUN),
        # the same person in the same power is no conflict
        (powers(JAN, "abc"), powers(JUN, "ade"), None),
        (powers(JAN, "abc"), powers(JUN, "abc"), None),
        (powers(JAN, "abc"), powers(JUN, "dbf"), None),
        # every pair of different powers is one
        (powers(JAN, "abc"), powers(JUN, "dae"), JUN),
        (powers(JAN, "abc"), powers(JUN, "dea"), JUN),
        (powers(JAN, "abc"), powers(JUN, "ced"), JUN),
        (powers(JAN, "abc"), powers(JUN, "def"), None),
        # nobody conflicts with nobody
        (powers(JAN, "a--"), powers(JUN, "-b-"), None),
        # both ends open, and the day itself
        (powers(JAN, "abc"), powers(ON, "bde"), ON),
        (powers(JAN, "abc"), powers(date(2026, 7, 1), "bde"), None),
        # another account
        (powers(JAN, "abc"), powers(JUN, "bde", number="A2"), None),
    ],
)
def test_two_rows_conflict_from_the_first_day_together(
    first: AccountPower, second: AccountPower, day: date | None
) -> None:
    found = [f for f in facts("account-power-overlap", first, second, on=ON) if f["account"] == "A1"]
    assert len(found) == 1
    assert (found[0]["first_day"], found[0]["conflicts"]) == (day, 0 if day is None else 1)
    assert found[0]["on"] == (day or ON)


def test_of_several_conflicts_the_earliest_day_is_told_and_each_is_counted() -> None:
    rows = [powers(JAN, "abc"), powers(date(2026, 3, 1), "xay"), powers(JUN, "bxz")]
    found = fact("account-power-overlap", *rows, on=ON)
    assert (found["first_day"], found["conflicts"]) == (date(2026, 3, 1), 3)


def test_a_conflict_inside_one_row_is_not_an_overlap() -> None:
    found = fact("account-power-overlap", powers(JAN, "aac"), on=ON)
    assert (found["conflicts"], found["first_day"], found["on"]) == (0, None, ON)


def test_the_rules_say_which_accounts_are_meant(tmp_path: Path) -> None:
    rules = altered(tmp_path, "approvals.toml", ('["注册登记账户", "交易账户"]', '["资金账户"]'))
    assert facts("account-powers", powers(JAN, "aaa"), on=ON, rules=rules) == []
    assert len(facts("account-powers", powers(JAN, "aaa", type="资金账户"), on=ON, rules=rules)) == 1
