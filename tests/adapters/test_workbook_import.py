"""Import from a file to the real register: the project's own workbooks and the shared plants."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from compliance.adapters.example import generate, write
from compliance.adapters.register import SqlRegister
from compliance.adapters.vault import FileVault
from compliance.adapters.workbook import XlsxWorkbooks
from compliance.core.acts import Actor
from compliance.core.imports import CorrectionNeedsReason, ImportRefused, ImportReport, examine, import_workbook
from compliance.core.model import SHEETS, Reading
from tests.sheets import admitting, vocabularies

OFFICER = Actor("wang", "王", "compliance-officer", "session")
TODAY = date(2026, 3, 2)
MIB = 1 << 20

Take = Callable[..., ImportReport | ImportRefused]


@pytest.fixture
def take(register: SqlRegister, vault: FileVault) -> Take:
    """Import a file into the register."""
    return partial(take_into, register, vault)


def take_into(register: SqlRegister, vault: FileVault, path: Path, **more: Any) -> ImportReport | ImportRefused:
    return import_workbook(
        path,
        register=register,
        vault=vault,
        workbooks=XlsxWorkbooks(),
        admits=admitting(),
        actor=OFFICER,
        today=TODAY,
        progress=lambda *_: None,
        **more,
    )


@pytest.fixture
def book() -> dict[str, list[list[Any]]]:
    """A generated workbook of two months."""
    return generate(TODAY, months=2)


def test_a_generated_workbook_is_kept_and_read_back_as_it_was(
    take: Take, register: SqlRegister, vault: FileVault, book: dict[str, list[list[Any]]], tmp_path: Path
) -> None:
    path = tmp_path / "book.xlsx"
    write(book, path)
    report = take(path)
    assert isinstance(report, ImportReport), report
    expected = examine(XlsxWorkbooks().sheets(str(path)), vocabularies(), lambda *_: None)
    with register.read() as reads:
        plant = reads.plant(report.plant)
        assert plant is not None
        stored = reads.tables(plant)
        (entry,) = reads.trail(plant)
    assert (plant.data_end, plant.onboarded) == (TODAY, TODAY)
    for kind in SHEETS:
        assert set(stored[kind]) == set(expected.rows.get(kind, ())), kind
    leaf = json.loads(entry.leaf)
    assert (leaf["action"], leaf["seq"]) == ("plant:import", report.seq)
    workbook, manifest = leaf["objects"]
    with vault.open(workbook["sha256"]) as kept:
        assert kept.read() == path.read_bytes()
    with vault.open(manifest["sha256"]) as kept:
        lines = [json.loads(x) for x in kept]
    assert lines[0]["workbook"] == workbook["sha256"]
    assert len(lines) - 1 == sum(map(len, expected.rows.values()))


def test_import_again_correct_and_lengthen(
    take: Take, register: SqlRegister, book: dict[str, list[list[Any]]], tmp_path: Path
) -> None:
    path = tmp_path / "book.xlsx"
    write(book, path)
    assert isinstance(take(path), ImportReport)
    again = take(path)
    assert isinstance(again, ImportReport)
    assert again.seq is None
    readings = book["每日数据"]
    amount = readings[0].index("数量")
    readings[1][amount] = 4321.5
    del readings[-1]
    write(book, path)
    refused = take(path)
    assert isinstance(refused, CorrectionNeedsReason)
    ((problem),) = refused.problems
    assert (problem.sheet, problem.row, problem.column) == ("每日数据", 2, "数量")
    done = take(path, reason="抄表错误")
    assert isinstance(done, ImportReport)
    assert done.sheets["每日数据"].changed == 1
    with register.read() as reads:
        plant = reads.plants()[0]
        stored = reads.tables(plant, [Reading])[Reading]
        assert len(reads.trail(plant)) == 2
    assert len(stored) == len(readings), "the row that is no longer in the file stays"
    assert 4_321_500_000 in [r.amount for r in stored if isinstance(r, Reading)]


def test_a_wrong_cell_leaves_the_register_and_the_vault_empty(
    take: Take, register: SqlRegister, vault: FileVault, book: dict[str, list[list[Any]]], tmp_path: Path
) -> None:
    rows = book["每日数据"]
    rows[-1][rows[0].index("数量")] = "约 5"
    path = tmp_path / "book.xlsx"
    write(book, path)
    refused = take(path)
    assert isinstance(refused, ImportRefused)
    assert [(p.row, p.column) for p in refused.problems] == [(len(rows), "数量")]
    with register.read() as reads:
        assert list(reads.plants()) == []
    assert list(vault.files()) == []


@pytest.mark.shared
@pytest.mark.parametrize(("plant", "rows"), [("plant-a", 7567), ("plant-clean", 12457), ("plant-full", 16036)])
def test_the_shared_plants_have_no_problem(shared: Path, plant: str, rows: int) -> None:
    path = shared / "plants" / plant / "plant.xlsx"
    found = examine(XlsxWorkbooks().sheets(str(path)), vocabularies(), lambda *_: None)
    assert found.problems == ()
    assert sum(map(len, found.rows.values())) == rows


@pytest.mark.shared
def test_the_dirty_plant_gives_exactly_its_errors(shared: Path) -> None:
    folder = shared / "plants" / "plant-dirty"
    expected = json.loads((folder / "errors.json").read_text(encoding="utf-8"))
    found = examine(XlsxWorkbooks().sheets(str(folder / "plant.xlsx")), vocabularies(), lambda *_: None)
    assert sorted((p.sheet, p.row or 0, p.column or "") for p in found.problems) == sorted(
        (e["sheet"], e["row"] or 0, e["column"] or "") for e in expected
    )
    assert found.rows == {}


@pytest.mark.shared
@pytest.mark.slow
def test_the_memory_of_an_import_is_bounded(shared: Path, sqlite_register: SqlRegister, vault: FileVault) -> None:
    path = shared / "plants" / "plant-full" / "plant.xlsx"
    tracemalloc.start()
    try:
        take_into(sqlite_register, vault, path)
        assert tracemalloc.get_traced_memory()[1] < 60 * MIB
    finally:
        tracemalloc.stop()
