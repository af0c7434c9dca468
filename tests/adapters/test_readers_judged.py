"""Confirmations of readers are judged: what they leave open is a finding, and what they confirm closes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from compliance.core.documents.readers import Readers
from compliance.core.facts.documents import documents_asked
from compliance.core.judged import OCCURRENCE
from compliance.core.looking import judge_as_of
from compliance.core.model import PersonPeriod
from compliance.core.reconcile import Pulse
from compliance.rulebase.rulebase import RuleBase
from tests.adapters.conftest import act
from tests.adapters.test_cases import TODAY, World, rules, world
from tests.adapters.test_documents import House, desk_of
from tests.adapters.test_readers import period, policy, signed

__all__ = ["rules", "world"]

SITUATION = "L-42"
#: The last good day, and the first one on which it is too late.
DUE, LATE = TODAY + timedelta(30), TODAY + timedelta(31)
EVERYONE = [f"U{n}" for n in range(1, 10)]  # U0 has left


@pytest.fixture
def house(world: World) -> House:
    return House(world, desk_of(world))


def readers(house: House, on: date) -> Readers:
    """The readers' desk on a day, and at an hour of it."""
    desk = desk_of(house.world, at=on)
    moment = datetime.combine(on, time(15), ZoneInfo("Asia/Shanghai"))
    return Readers(replace(desk, casework=replace(desk.casework, now=lambda: moment)))


def confirm(house: House, name: str, *accounts: str, on: date) -> None:
    for account in accounts:
        readers(house, on).confirm(house.world.plant, house.world.person(account), name)


def pulsed(house: House, on: date) -> dict[str, str]:
    """The open findings after a pulse, by subject; judged in full on that day they are the same."""
    with house.world.register.read() as reads:
        plant = reads.plant(house.world.plant.key) or house.world.plant
    Pulse(house.world.register, house.world.vault, house.world.rules, ()).reconcile(plant, on)
    with house.world.register.read() as reads:
        tables = reads.tables(plant)
        accepted, asked = reads.accepted_and_asked(plant, OCCURRENCE, documents_asked(house.world.rules))
        stored = [f.found for f in reads.findings(plant) if f.withdrawn is None]
    judged = judge_as_of(plant, tables, house.world.rules, (), on, None, accepted, asked).findings
    shown = [{f.subject: f.message.zh for f in found if f.situation == SITUATION} for found in (stored, judged)]
    assert shown[0] == shown[1]
    return shown[0]


def test_what_readers_leave_unconfirmed_is_found_and_closes_when_they_confirm(house: House) -> None:
    name = policy(house)
    confirm(house, name, *EVERYONE[:-1], on=TODAY)
    assert pulsed(house, TODAY) == {}
    assert pulsed(house, DUE) == {}
    found = pulsed(house, LATE)
    assert list(found) == [name]
    assert "9 人确认，已确认 8" in found[name]
    confirm(house, name, EVERYONE[-1], on=LATE)
    assert pulsed(house, LATE) == {}
    with house.world.register.read() as reads:
        (one,) = (f for f in reads.findings(house.world.plant) if f.found.situation == SITUATION)
        trail = [e.action for e in reads.trail(house.world.plant, limit=3)]
    assert (one.first_seen, one.withdrawn, one.found.period) == (LATE, LATE, TODAY.isoformat())
    assert trail[:2] == ["plant:reconcile", "document:read"]


def test_the_day_of_a_confirmation_is_that_of_the_plants_time_zone(house: House) -> None:
    name, zone = policy(house), house.world.register._clock.zone
    moment = datetime.combine(TODAY, time(6), zone).astimezone(UTC)
    assert moment.date() < TODAY
    desk = desk_of(house.world, at=TODAY)
    desk = replace(desk, casework=replace(desk.casework, now=lambda: moment))
    Readers(desk).confirm(house.world.plant, house.world.person(EVERYONE[0]), name)
    with house.world.register.read() as reads:
        _, (asked,) = reads.accepted_and_asked(house.world.plant, OCCURRENCE, documents_asked(house.world.rules))
    assert asked.confirmed == {EVERYONE[0]: TODAY}


def test_who_comes_later_has_the_days_from_then_on_whether_or_not_anybody_looks(house: House) -> None:
    name, joined = policy(house), TODAY + timedelta(8)
    confirm(house, name, *EVERYONE, on=TODAY)
    with house.world.register.work() as work:
        work.insert_rows(house.world.plant, {PersonPeriod: [period("U20", "校核员", joined, joined + timedelta(40))]})
        work.record(act(), house.world.plant)
    days = [TODAY + timedelta(n) for n in range(28, 53)]
    late = [day for day in days if pulsed(house, day)]
    assert late == [day for day in days if joined + timedelta(30) < day <= joined + timedelta(40)]


def test_a_version_that_ended_asks_nobody_and_the_next_one_asks_again(house: House) -> None:
    name = policy(house)
    assert list(pulsed(house, LATE)) == [name]
    house.take("revise", "U3", name, reason="更正")
    second = signed(house, name.replace("A/0", "A/1"))
    assert list(pulsed(house, LATE)) == [second]
    confirm(house, second, *EVERYONE, on=LATE)
    assert pulsed(house, LATE) == {}


def test_the_register_tells_of_the_documents_that_the_rules_name_alone(house: House, rules: RuleBase) -> None:
    policy(house)
    assert documents_asked(rules) == ("carbon-policy",)
    with house.world.register.read() as reads:
        for named, told in ((documents_asked(rules), ["carbon-policy"]), (("management-rules",), []), ((), [])):
            accepted, asked = reads.accepted_and_asked(house.world.plant, OCCURRENCE, named)
            assert (accepted, [v.rule for v in asked]) == (reads.accepted(house.world.plant, OCCURRENCE), told)
