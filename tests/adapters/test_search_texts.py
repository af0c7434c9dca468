"""The register as texts to be searched, alike on both databases: all of a plant, and things by their names."""

from __future__ import annotations

from datetime import date
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from compliance.adapters import search_log
from compliance.adapters.search_texts import SqlSearchTexts
from compliance.adapters.vault import FileVault
from compliance.core.acts import Act
from compliance.core.imports.use_case import MANIFEST_TYPE
from compliance.core.model import Event, Reading, ReductionProgramme, Review, Row
from compliance.core.searching import Changed, Key, Kind, case_of, question
from compliance.kernel.canonical import canonical
from tests.web import world as made_up

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from compliance.adapters.register import SqlRegister
    from compliance.core.plants import Plant
    from compliance.rulebase.rulebase import RuleBase
    from tests.web.world import World

pytestmark = pytest.mark.slow


DAY = date(2026, 3, 5)


def row(kind: type[Row], **given: object) -> Row:
    """Return a row with these cells and no others."""
    return kind(**{column.name: given.get(column.name) for column in kind.SHEET.columns})


ROWS: dict[type[Row], list[Row]] = {
    Event: [row(Event, number="E-1", type="煤种变更", on=DAY, description="新煤场启用")],
    Review: [row(Review, number="R-1", type="管理评审", planned=DAY, department="生产部")],
    ReductionProgramme: [row(ReductionProgramme, number="P-1", name="余热利用改造", path="加装换热器", submitted=DAY)],
    Reading: [
        row(Reading, on=DAY, line=line, item="入窑煤量", recorder="w.li", remark=remark)
        for line, remark in (("1#", None), ("2#", "皮带秤检修"))
    ],
}


@cache
def rules() -> RuleBase:
    return made_up.rules()


@pytest.fixture
def world(register: SqlRegister) -> World:
    made = made_up.furnish(register, made_up.MovableClock(), rules())
    for plant in made.plants:
        made_up.fill(made, plant, 10)
        with register.work() as work:
            work.insert_rows(plant, ROWS)
            work.record(Act(actor=made_up.ACTOR, action="plant:note", object_type="plant", object_id="x"), plant)
    return made


def test_all_of_a_plant_is_what_each_is_by_its_name(world: World) -> None:
    texts = SqlSearchTexts(world.register.database, world.vault.open)
    east, west = (texts.entries(plant.id) for plant in world.plants)
    assert {entry.key.kind for entry in east} == set(Kind) - {Kind.RULE, Kind.REQUIREMENT}
    assert {entry.key.plant for entry in east} == {world.plants[0].id}
    by_key = {entry.key: entry for entry in (*east, *west)}
    assert len(by_key) == len(east) + len(west)
    assert texts.named(by_key) == by_key
    assert all(entry.title.zh and entry.title.en and entry.day for entry in by_key.values())


def test_what_is_not_there_has_no_text(world: World) -> None:
    texts = SqlSearchTexts(world.register.database, world.vault.open)
    here, there = (plant.id for plant in world.plants)
    occurrence = next(e.key for e in texts.entries(there) if e.key.kind is Kind.OCCURRENCE)
    (first,) = [e.key for e in texts.entries(here) if e.key.kind is Kind.EVENT]
    strange = [
        Key(here, Kind.OCCURRENCE, occurrence.id),  # another plant's number
        Key(here, Kind.FINDING, "x"),
        Key(here, Kind.FINDING, "²"),
        Key(here, Kind.FILE, "occurrence"),
        Key(here, Kind.FILE, "occurrence#x#y"),
        Key(here, Kind.DOCUMENT, "' OR 1=1 --"),
        Key(here, Kind.RULE, "obligation/x"),
        Key(here, Kind.RECORD, "reading"),
        Key(here, Kind.RECORD, "nosheet#1"),
        Key(here, Kind.RECORD, f"reading#{10**30}"),
        Key(here, Kind.RECORD, f"event#{first.id.partition('#')[2]}"),  # of another kind
        Key(10**9, Kind.NONCONFORMITY, "NC-2026-0001"),
    ]
    assert texts.named(strange) == {}
    assert texts.named([]) == {}


def test_fields_evidence_and_positions(world: World) -> None:
    texts = SqlSearchTexts(world.register.database, world.vault.open)
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


def test_rows_are_found_by_their_words_and_lead_to_their_page(world: World) -> None:
    texts = SqlSearchTexts(world.register.database, world.vault.open)
    entries = texts.entries(world.plants[0].id)
    for words, kind, ref in (
        ("煤场", Kind.EVENT, "E-1"),
        ("煤种变更", Kind.EVENT, "E-1"),
        ("生产部", Kind.REVIEW, "R-1"),
        ("换热器", Kind.RECORD, "P-1"),
        ("皮带秤检修", Kind.RECORD, "2026-03-05|2#|入窑煤量"),
    ):
        (found,) = [e for e in entries if question(words).answered_by(e.whole)]
        assert (found.key.kind, found.ref, found.is_open) == (kind, ref, None)
        assert found.day == DAY
    # What is kept for each day is found only where somebody wrote a word about it.
    assert len([e for e in entries if question("入窑煤量").answered_by(e.whole)]) == 1


# --- following the log


def followed(world: World, act: Callable[[Plant], None]) -> Changed | None:
    """Return what the log says of an act."""
    plant, texts = world.plants[0], SqlSearchTexts(world.register.database, world.vault.open)
    before = texts.positions()
    act(plant)
    return texts.since(plant.id, before[plant.id], texts.positions()[plant.id])


def manifest(world: World, *lines: object, kept: str = MANIFEST_TYPE) -> Callable[[Plant], None]:
    """Return an act that rests on a manifest of these lines."""

    def written(plant: Plant) -> None:
        content = b"".join(canonical(line) + b"\n" for line in lines)
        file = world.vault.put(BytesIO(content), name="m.jsonl", media_type=kept)
        with world.register.work() as work:
            act = Act(actor=made_up.ACTOR, action="plant:import", object_type="plant", object_id="x", objects=(file,))
            work.record(act, plant)

    return written


def noted(world: World, object_type: str, object_id: str) -> Callable[[Plant], None]:
    def act(plant: Plant) -> None:
        with world.register.work() as work:
            work.record(Act(actor=made_up.ACTOR, action="x:y", object_type=object_type, object_id=object_id), plant)

    return act


def test_leaves_and_their_manifests_name_what_changed(world: World) -> None:
    texts = SqlSearchTexts(world.register.database, world.vault.open)
    all_ = texts.entries(world.plants[0].id)
    for kind in (Kind.DOCUMENT, Kind.NONCONFORMITY):
        for number in {e.key.id for e in all_ if e.key.kind is kind}:
            changed = followed(world, noted(world, kind.value, number))
            cases = {e.key for e in all_ if e.key.kind is Kind.FILE and case_of(e.key) == (kind.value, number)}
            assert changed is not None
            assert {e.key for e in changed.entries} == {Key(world.plants[0].id, kind, number)} | cases
            assert set(changed.entries) <= set(all_)
    file = next(e.key for e in all_ if e.key.kind is Kind.FILE and case_of(e.key)[0] == Kind.OCCURRENCE)
    changed = followed(world, noted(world, *case_of(file)))
    assert changed is not None
    assert {e.key.kind for e in changed.entries} == {Kind.OCCURRENCE, Kind.FILE}
    with world.register.read() as reads:
        found = reads.findings(world.plants[0])[0]
    head = {"v": 1, "plant": "x", "workbook": "y"}
    rows = [{"t": "event", "k": ["E-1"], "new": {}}, {"t": "reading", "k": ["2026-03-05", "2#", "入窑煤量"], "new": {}}]
    rows.append({"t": "finding", "k": list(found.found.key), "new": {}})
    changed = followed(world, manifest(world, head, *rows))
    assert changed == followed(world, manifest(world, *rows, kept="application/jsonl"))
    assert changed is not None
    assert sorted(e.ref or e.key.id for e in changed.entries) == sorted(
        ["E-1", "2026-03-05|2#|入窑煤量", str(found.id), found.nonconformity]  # its ticket may be as new as it is
    )
    changed = followed(world, noted(world, "person", "w.li"))
    assert changed is not None
    assert not changed.entries


def test_where_the_log_does_not_say_what_changed_everything_is_compared(world: World, tmp_path: Path) -> None:
    gone = {"t": "occurrence", "k": ["a", "b", "c"], "old": "x", "new": None}
    many = [{"t": "event", "k": [f"E-{n}"], "new": {}} for n in range(search_log.MOST_NAMES + 1)]
    wrong: list[list[object]] = [[[]], [{"t": "event"}], [{"t": "reading", "k": ["x", "y", "z"], "new": {}}]]
    right: list[list[object]] = [[gone], [*many]]
    for lines in (*right, *wrong):
        assert followed(world, manifest(world, *lines)) is None
    assert followed(world, manifest(world, kept="text/plain")) is None
    assert followed(world, noted(world, "something-new", "x")) is None
    vault, plant = FileVault(tmp_path), world.plants[0]  # that has lost the file
    texts = SqlSearchTexts(world.register.database, vault.open)
    before = texts.positions()[plant.id]
    manifest(world, {"v": 1})(plant)
    assert texts.since(plant.id, before, texts.positions()[plant.id]) is None
    assert texts.since(plant.id, "5", "4") is None  # a register brought back from a backup
    assert texts.since(plant.id, "0", "999999") is None
