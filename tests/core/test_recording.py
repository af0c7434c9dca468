"""Who has not recorded: what the plan wants daily, since when it is missing, and who is expected to record it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from compliance.core.facts import CATALOGUE
from compliance.core.model import CollectionItem, MissingData, PersonPeriod, Reading
from compliance.core.obligations import READERS
from compliance.core.plants import Plant
from compliance.core.recording import Daily, missing
from compliance.rulebase.loader import load
from compliance.rulebase.rulebase import RuleBase
from tests.conftest import ROOT

START, DAY = date(2026, 1, 1), date(2026, 6, 10)
PLANT = Plant(1, "91110000600001234A", None, "示例水泥", START, DAY, DAY)


@pytest.fixture(scope="module")
def rulebase() -> RuleBase:
    base, problems = load(ROOT / "rules", CATALOGUE, READERS)
    assert base is not None, problems
    return base


def item(name: str = "熟料", frequency: str | None = "日", **more: date | None) -> CollectionItem:
    days: dict[str, date | None] = {"since": START, "until": None} | more
    return CollectionItem(
        line="K1", item=name, item_class=None, unit="t", frequency=frequency, department="生产部", **days
    )


def reading(on: date, name: str = "熟料") -> Reading:
    return Reading(
        on=on, line="K1", item=name, amount=1, unit="t", instrument=None, recorder=None, checker=None, remark=None
    )


def person(account: str, posts: str, department: str = "生产部", until: date | None = None) -> PersonPeriod:
    return PersonPeriod(account=account, name=account, department=department, posts=posts, since=START, until=until)


def gap(since: date, until: date | None) -> MissingData:
    return MissingData(
        number="Q1", line="K1", item="熟料", since=since, until=until, reason=None, method=None, effect=None,
        substitute=None, candidate1=None, candidate2=None, candidate3=None, proof=None, approver=None,
    )  # fmt: skip


def days_of(daily: Daily, rulebase: RuleBase, first: date = DAY, last: date = DAY) -> list[date]:
    return [g.day for g in missing(daily, PLANT, rulebase, first, last)]


def test_what_the_plan_wants_daily_and_nobody_recorded_is_missing(rulebase: RuleBase) -> None:
    daily = Daily([item(), item("RDF")], [reading(DAY)])
    assert [g.item for g in missing(daily, PLANT, rulebase, DAY, DAY)] == ["RDF"]


@pytest.mark.parametrize(
    "wanted",
    [item(frequency=None), item(frequency="月"), item(since=DAY + timedelta(1)), item(until=DAY - timedelta(1))],
)
def test_what_is_not_wanted_on_the_day_is_not_missing(rulebase: RuleBase, wanted: CollectionItem) -> None:
    assert days_of(Daily([wanted], []), rulebase) == []


def test_the_first_and_the_last_day_of_the_plan_count(rulebase: RuleBase) -> None:
    assert days_of(Daily([item(since=DAY, until=DAY)], []), rulebase, DAY - timedelta(2), DAY + timedelta(2)) == [DAY]


@pytest.mark.parametrize(("since", "until", "covered"), [
    (DAY, None, True), (DAY - timedelta(3), DAY, True), (DAY - timedelta(3), DAY - timedelta(1), False),
    (DAY + timedelta(1), None, False),
])  # fmt: skip
def test_a_treated_gap_is_not_missing(rulebase: RuleBase, since: date, until: date | None, covered: bool) -> None:  # noqa: FBT001 - a case of the table
    assert (days_of(Daily([item()], [], [gap(since, until)]), rulebase) == []) is covered


def test_a_gap_says_since_when(rulebase: RuleBase) -> None:
    last = DAY - timedelta(30)
    found = missing(Daily([item()], [], latest={("K1", "熟料"): last}), PLANT, rulebase, DAY, DAY)
    assert (found[0].since, found[0].days) == (last + timedelta(1), 30)
    never = missing(Daily([item()], []), PLANT, rulebase, DAY, DAY)
    assert never[0].since == START
    between = Daily([item()], [reading(DAY - timedelta(1))], latest={("K1", "熟料"): DAY + timedelta(5)})
    assert missing(between, PLANT, rulebase, DAY, DAY)[0].since == DAY


def test_the_recorders_of_the_department_are_expected_else_those_of_the_plant(rulebase: RuleBase) -> None:
    people = [
        person("U1", "记录员"), person("U2", "校核员"), person("U3", "记录员", "化验室"),
        person("U4", "记录员", until=DAY - timedelta(1)),
    ]  # fmt: skip
    assert missing(Daily([item()], [], periods=people), PLANT, rulebase, DAY, DAY)[0].persons == ("U1",)
    others = [p for p in people if p.account != "U1"]
    assert missing(Daily([item()], [], periods=others), PLANT, rulebase, DAY, DAY)[0].persons == ("U3",)


def test_no_day_before_the_data_is_missing(rulebase: RuleBase) -> None:
    assert days_of(Daily([item(since=None)], []), rulebase, START - timedelta(3), START) == [START]
