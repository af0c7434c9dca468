"""The register as texts to be searched, alike on both databases: all of a plant, and things by their names."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from compliance.adapters.search_texts import SqlSearchTexts
from compliance.core.acts import Act
from compliance.core.searching import Key, Kind, case_of, question
from tests.web import world as made_up

if TYPE_CHECKING:
    from compliance.adapters.register import SqlRegister
    from compliance.rulebase.rulebase import RuleBase
    from tests.web.world import World

pytestmark = pytest.mark.slow


@cache
def rules() -> RuleBase:
    return made_up.rules()


@pytest.fixture
def world(register: SqlRegister) -> World:
    made = made_up.furnish(register, made_up.MovableClock(), rules())
    for plant in made.plants:
        made_up.fill(made, plant, 10)
    return made


def test_all_of_a_plant_is_what_each_is_by_its_name(world: World) -> None:
    texts = SqlSearchTexts(world.register.database)
    east, west = (texts.entries(plant.id) for plant in world.plants)
    assert {entry.key.kind for entry in east} == set(Kind) - {Kind.RULE, Kind.REQUIREMENT}
    assert {entry.key.plant for entry in east} == {world.plants[0].id}
    by_key = {entry.key: entry for entry in (*east, *west)}
    assert len(by_key) == len(east) + len(west)
    assert texts.named(by_key) == by_key
    assert all(entry.title.zh and entry.title.en and entry.day for entry in by_key.values())


def test_what_is_not_there_has_no_text(world: World) -> None:
    texts = SqlSearchTexts(world.register.database)
    here, there = (plant.id for plant in world.plants)
    occurrence = next(e.key for e in texts.entries(there) if e.key.kind is Kind.OCCURRENCE)
    strange = [
        Key(here, Kind.OCCURRENCE, occurrence.id),  # another plant's number
        Key(here, Kind.FINDING, "x"),
        Key(here, Kind.FINDING, "²"),
        Key(here, Kind.FILE, "occurrence"),
        Key(here, Kind.FILE, "occurrence#x#y"),
        Key(here, Kind.DOCUMENT, "' OR 1=1 --"),
        Key(here, Kind.RULE, "obligation/x"),
        Key(10**9, Kind.NONCONFORMITY, "NC-2026-0001"),
    ]
    assert texts.named(strange) == {}
    assert texts.named([]) == {}


def test_fields_evidence_and_positions(world: World) -> None:
    texts = SqlSearchTexts(world.register.database)
    plant = world.plants[0].id
    before = texts.positions()
    entries = texts.entries(plant)
    (graded, *_more) = [e for e in entries if question("一期").answered_by(e.text)]
    assert graded.key.kind is Kind.NONCONFORMITY
    (file, *_others) = [e for e in entries if e.title.zh == "证据.pdf"]
    assert file.key.kind is Kind.FILE
    assert case_of(file.key)[0] == "occurrence"
    with world.register.work() as work:
        work.record(Act(actor=made_up.ACTOR, action="plant:note", object_type="plant", object_id="x"), world.plants[0])
    after = texts.positions()
    assert int(after[plant]) == int(before[plant]) + 1
    assert {k: v for k, v in after.items() if k != plant} == {k: v for k, v in before.items() if k != plant}
