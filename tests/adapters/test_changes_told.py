"""Who is told of requests to change a document and of copies to be called back: at once, again, late, and once only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from compliance.core.documents.change_requests import Requests
from compliance.core.documents.copies import Copies
from compliance.core.model import PersonPeriod
from compliance.core.notices import Notice, news_of
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Retention, Workflow
from tests.adapters.conftest import act
from tests.adapters.test_cases import TODAY, World, rules, world
from tests.adapters.test_documents import House, desk_of
from tests.adapters.test_readers import house, policy, signed

__all__ = ["house", "rules", "world"]

REQUEST = "DCR-2026-001"
#: By when a request is decided and a copy called back: ten days from now; the first rung falls on the first of them.
DUE = TODAY + timedelta(10)


@pytest.fixture
def changed(house: House) -> str:
    """A policy in force, a change of which somebody of the department has asked for."""
    name = policy(house)
    Requests(house.desk).ask(house.world.plant, house.world.person("U3"), house.at(name).number, "组织调整", "各部门")
    return name


def told(house: House, day: date = TODAY, base: RuleBase | None = None, *, store: bool = False) -> list[Notice]:
    """What of requests and copies is new on a day, by person."""
    world = house.world
    with world.register.work() as work:
        people = work.tables(world.plant, [PersonPeriod])[PersonPeriod]
        news = news_of(work, world.plant, people, (), base or world.rules, day)
        if store:
            work.add_notices(world.plant, news.notices, day)
            work.record(act(), world.plant)
    return [n for n in news.notices if n.kind in ("change-request", "copy")]


def brief(notices: list[Notice]) -> list[tuple[str, str, str]]:
    return [(n.person, n.object_id, n.rung) for n in notices]


def test_who_decides_is_told_at_once_again_and_late_but_not_who_asked(house: House, changed: str) -> None:
    (first,) = told(house, store=True)
    assert (first.person, first.object_id, first.rung, first.about) == ("U4", REQUEST, "before-10", DUE)
    number = house.at(changed).number
    assert f"决定变更申请 {REQUEST}（《碳管理方针》{number}）" in first.title.zh
    assert f"decide change request {REQUEST} (Carbon policy {number})" in first.title.en
    assert "变更理由：组织调整（U3）" in first.body.zh
    assert told(house) == []
    assert brief(told(house, DUE - timedelta(1))) == [("U4", REQUEST, "before-1")]
    late = told(house, DUE + timedelta(1))
    assert brief(late) == [("U2", REQUEST, "late-1"), ("U4", REQUEST, "late-1")]
    assert "【已逾期】" in late[0].title.zh


def test_a_request_before_eight_in_the_morning_is_of_its_own_day(house: House) -> None:
    moment = datetime.combine(TODAY, time(6), ZoneInfo("Asia/Shanghai")).astimezone(UTC)
    assert moment.date() < TODAY
    name = policy(house)
    desk = replace(house.desk, casework=replace(house.desk.casework, now=lambda: moment))
    Requests(desk).ask(house.world.plant, house.world.person("U3"), house.at(name).number, "组织调整", "各部门")
    assert [one.about for one in told(house)] == [DUE]


@pytest.mark.parametrize(("accept", "outcome"), [(True, "接受"), (False, "不予接受")])
def test_who_asked_is_told_what_was_decided_once(house: House, changed: str, *, accept: bool, outcome: str) -> None:
    plant, person = house.world.plant, house.world.person
    Requests(house.desk).decide(plant, person("U4"), REQUEST, accept=accept, why="见评审")
    (one,) = told(house, TODAY + timedelta(3), store=True)
    assert (one.person, one.rung, one.about) == ("U3", "decided", TODAY)
    assert one.title.zh.endswith(f"：{outcome}")
    assert one.title.en.endswith(": accepted" if accept else ": rejected")
    assert "决定理由：见评审（U4）" in one.body.zh
    assert told(house, TODAY + timedelta(4)) == []


def test_what_was_decided_long_ago_is_told_no_more(house: House, changed: str) -> None:
    Requests(house.desk).decide(house.world.plant, house.world.person("U4"), REQUEST, accept=False, why="见评审")
    assert [n.rung for n in told(house, DUE)] == ["decided"]
    assert told(house, DUE + timedelta(1)) == []


def test_copies_of_a_version_that_has_ended_are_called_back(house: House) -> None:
    plant, person = house.world.plant, house.world.person
    name = policy(house)
    number = house.at(name).number
    for holder in ("化验室", "中控室"):
        Copies(house.desk).give(plant, person("U3"), name, holder, "档案柜")
    assert told(house) == []
    house.take("revise", "U3", name, reason="更正")
    signed(house, name.replace("A/0", "A/1"))
    called = told(house, store=True)
    both = [f"{number}/{n}" for n in (1, 2)]
    assert brief(called) == [(who, copy, "before-10") for who in ("U3", "U4") for copy in both]
    assert f"收回第 1 号受控副本（《碳管理方针》{number} A/0）" in called[0].title.zh
    assert f"call back controlled copy 1 of Carbon policy {number} A/0" in called[0].title.en
    assert "持有人：化验室；存放处：档案柜" in called[0].body.zh
    assert "Held by 化验室, kept at 档案柜" in called[0].body.en
    Copies(house.desk).end(plant, person("U3"), number, 1, "returned", "收回")
    assert brief(told(house, DUE + timedelta(1))) == [(who, both[1], "late-1") for who in ("U2", "U3", "U4")]


def test_another_person_is_told_to_witness_a_destruction(house: House, rules: RuleBase, world: World) -> None:
    plant, person = world.plant, world.person
    approved = tuple(replace(r, disposal_approval="x") if isinstance(r, Retention) else r for r in rules.rules)
    name = policy(house)
    number = house.at(name).number
    desk = desk_of(world)
    two = Copies(replace(desk, casework=replace(desk.casework, rulebase=replace(rules, rules=approved))))
    two.give(plant, person("U3"), name, "化验室", "档案柜")
    two.end(plant, person("U3"), number, 1, "destroyed", "碎毁")
    waiting = told(house)
    assert brief(waiting) == [("U2", f"{number}/1", "before-10"), ("U4", f"{number}/1", "before-10")]
    assert "见证第 1 号受控副本的销毁" in waiting[0].title.zh
    two.witness(plant, person("U4"), number, 1)
    assert told(house) == []


def test_rules_without_days_tell_nobody(house: House, changed: str, rules: RuleBase) -> None:
    silent = [replace(r, requests=None, recalls=None) if isinstance(r, Workflow) else r for r in rules.rules]
    assert told(house)
    assert told(house, base=replace(rules, rules=tuple(silent))) == []
