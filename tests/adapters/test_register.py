"""The register keeps what it is given, on both databases, and gives it back as it was."""

# ruff: noqa: PT012 - a work is refused as a whole, at its end
from __future__ import annotations

import threading
import time
from dataclasses import fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Integer, create_engine, text
from sqlalchemy.exc import DBAPIError

from compliance.adapters import tables
from compliance.adapters.database import (
    NetworkFileSystem,
    RegisterUnavailable,
    UnknownDatabase,
    journal,
    network_file_system,
    open_database,
)
from compliance.adapters.migrations import HEAD
from compliance.adapters.migrations.steps import DatabaseTooNew, configuration
from compliance.adapters.work import CHUNK, UnrecordedChangeError
from compliance.core.judged import Found, Nonconformity, Occurrence, OccurrenceState, StoredFinding
from compliance.core.model import SHEETS, Cell, Instrument, PersonPeriod, Reading, Row
from compliance.kernel.text import Text
from tests.adapters.conftest import act, add_plant, new_plant, readings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from compliance.adapters.register import SqlRegister
    from compliance.core.plants import Plant


def a_row(kind: type[Row], number: int) -> Row:
    """Return a row with every cell filled."""
    values: dict[str, Any] = {}
    for column in kind.SHEET.columns:
        match column.cell:
            case Cell.DAY:
                values[column.name] = date(2024, 2, 29)
            case Cell.QUANTITY:
                values[column.name] = 2**63 - 1
            case Cell.SIGNED:
                values[column.name] = -(2**63)
            case _:
                values[column.name] = f"{column.name}·{number:03}·中文\U0001f3ed'\"%"
    return kind(**values)


def an_occurrence(period: str = "2025-01", **more: Any) -> Occurrence:
    """Return an occurrence."""
    values: dict[str, Any] = {
        "obligation": "monthly-report",
        "code": "C-1",
        "title": Text("月报", "Monthly report"),
        "clause": "5.1",
        "strength": "shall",
        "subject": "plant",
        "period": period,
        "opens": date(2025, 2, 1),
        "due": date(2025, 2, 10),
        "effective_workday": date(2025, 2, 10),
        "provisional": False,
        "state": OccurrenceState.OPEN,
        "done_on": None,
        "derivation": Text("次月10日前", "by day 10"),
        "owner": "officer",
        "approver": None,
        "rule_digest": "d" * 64,
        "anchor": date(2025, 1, 31),
    }
    return Occurrence(**values | more)


def a_finding(period: str = "2025-01", **more: Any) -> StoredFinding:
    """Return a finding."""
    found = Found(
        situation="X-01",
        rule="late-report",
        title=Text("迟报", "Late report"),
        clause="5.1",
        strength="shall",
        subject="plant",
        period=period,
        note="",
        category="report",
        grade="minor",
        message=Text("迟", "late"),
        remedy=Text("补", "mend"),
        facts=({"kind": "occurrence", "due": date(2025, 2, 10), "late": True, "n": 2**60, "who": None},),
        ticket="late-report/2025-01",
        rule_digest="d" * 64,
    )
    values: dict[str, Any] = {"id": 0, "first_seen": date(2025, 3, 1), "withdrawn": None}
    return StoredFinding(found=found, nonconformity="NC-1", **values | more)


# --- rows ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SHEETS, ids=lambda kind: kind.SHEET.table)
def test_every_sheet_comes_back_as_it_went_in(sqlite_register: SqlRegister, kind: type[Row]) -> None:
    plant = add_plant(sqlite_register)
    full = a_row(kind, 1)
    empty = {c.name: None for c in kind.SHEET.columns if c.name not in kind.SHEET.key}
    bare = replace(a_row(kind, 0), **empty)  # type: ignore[type-var] # every row type is a dataclass
    rows = [bare, full] if bare.key() != full.key() else [full]
    with sqlite_register.work() as work:
        work.insert_rows(plant, {kind: rows})
        work.record(act(), plant)
    with sqlite_register.read() as look:
        assert look.tables(plant, [kind]) == {kind: rows}


def test_all_sheets_on_both_databases(register: SqlRegister) -> None:
    plant, other = add_plant(register), add_plant(register, "91110000600009999B")
    rows = {kind: [a_row(kind, 1)] for kind in SHEETS}
    with register.work() as work:
        work.insert_rows(plant, rows)
        work.record(act(), plant)
    with register.read() as look:
        before = look.statements()
        assert look.tables(plant) == rows
        assert look.statements() - before == len(SHEETS)
        assert all(not found for found in look.tables(other).values())


def test_rows_come_in_the_order_of_their_keys_as_python_orders_them(register: SqlRegister) -> None:
    plant = add_plant(register)
    numbers = ["b", "B", "a", "仪10", "仪9", "é", "\U0001f3ed", "Z", "_", "-1"]
    rows = [a_row(Instrument, 0)] * 0 + [
        replace(a_row(Instrument, 0), number=n)  # type: ignore[type-var] # every row type is a dataclass
        for n in numbers
    ]
    with register.work() as work:
        work.insert_rows(plant, {Instrument: rows})
        work.record(act(), plant)
    with register.read() as look:
        found = [row.key()[0] for row in look.tables(plant, [Instrument])[Instrument]]
    assert found == sorted(numbers)


def test_update_replaces_rows_of_the_same_keys(register: SqlRegister) -> None:
    plant, other = add_plant(register), add_plant(register, "91110000600009999B")
    rows, changed = readings(40), readings(40, amount=5_000_000)
    with register.work() as work:
        for each in (plant, other):
            work.insert_rows(each, {Reading: rows})
        work.update_rows(plant, {Reading: changed[:7]})
        work.record(act(), plant)
    with register.read() as look:
        assert look.tables(plant, [Reading])[Reading] == changed[:7] + rows[7:]
        assert look.tables(other, [Reading])[Reading] == rows


def test_update_of_a_key_that_is_not_there_keeps_nothing(register: SqlRegister) -> None:
    plant = add_plant(register)
    with pytest.raises(LookupError), register.work() as work:
        work.insert_rows(plant, {Reading: readings(3)})
        work.update_rows(plant, {Reading: readings(4)})
        work.record(act(), plant)
    with register.read() as look:
        assert not look.tables(plant, [Reading])[Reading]


def test_the_same_key_twice_is_refused(register: SqlRegister) -> None:
    plant = add_plant(register)
    with pytest.raises(DBAPIError), register.work() as work:
        work.insert_rows(plant, {Reading: readings(2) + readings(1)})
        work.record(act(), plant)


def test_a_bulk_of_two_years_is_quick_and_few_statements(sqlite_register: SqlRegister) -> None:
    plant, rows = add_plant(sqlite_register), readings(CHUNK + 4_600)
    begun = time.perf_counter()
    with sqlite_register.work() as work:
        work.insert_rows(plant, {Reading: rows})
        work.record(act(), plant)
        assert work.statements() <= 4
    assert time.perf_counter() - begun < 3  # 0.25 s when the machine is at rest
    with sqlite_register.read() as look:
        assert look.tables(plant, [Reading])[Reading] == rows


def test_a_row_type_has_no_field_without_a_column() -> None:
    for kind in SHEETS:
        assert [f.name for f in fields(kind)] == [c.name for c in kind.SHEET.columns]  # type: ignore[arg-type] # a dataclass


# --- plants, judged things, numbers ----------------------------------------------------------------------------------


def test_plants_by_key_and_short_code(register: SqlRegister) -> None:
    plant = add_plant(register)
    moved = replace(plant, name="新名", mark=date(2026, 1, 2), data_end=date(2026, 1, 31))
    with register.work() as work:
        work.update_plant(moved)
        work.record(act(), plant)
    with register.read() as look:
        assert look.plants() == [moved]
        assert look.plant(plant.key) == look.plant(plant.short or "") == moved
        assert look.plant("nobody") is None


def test_occurrences_are_put_replaced_and_removed(register: SqlRegister) -> None:
    plant = add_plant(register)
    first, second = an_occurrence(), an_occurrence("2025-02", due=date(2025, 3, 10))
    with register.work() as work:
        work.save_occurrences(plant, [first, second], [])
        work.record(act(), plant)
    done = an_occurrence(state=OccurrenceState.DONE, done_on=date(2025, 2, 9), approver="head")
    with register.work() as work:
        work.save_occurrences(plant, [done], [second])
        work.record(act(), plant)
    with register.read() as look:
        assert look.occurrences(plant) == [done]


def test_findings_keep_their_facts_with_their_types(register: SqlRegister) -> None:
    plant = add_plant(register)
    with register.work() as work:
        work.save_findings(plant, [a_finding(), a_finding("2025-02")])
        work.record(act(), plant)
    with register.read() as look:
        stored = look.findings(plant)
    assert [f.found for f in stored] == [a_finding().found, a_finding("2025-02").found]
    assert len({f.id for f in stored} - {0}) == 2
    gone = replace(stored[0], withdrawn=date(2025, 4, 1))
    with register.work() as work:
        work.save_findings(plant, [gone, a_finding("2025-03")])
        work.record(act(), plant)
    with register.read() as look:
        assert look.findings(plant)[:2] == [gone, stored[1]]
        assert len(look.findings(plant)) == 3


def test_nonconformities_by_number(register: SqlRegister) -> None:
    plant = add_plant(register)
    title = Text("迟报", "Late")
    ticket = Nonconformity(
        number="NC-1",
        rule="late-report",
        group="2025-01",
        title=title,
        category="report",
        grade="minor",
        state="opened",
        opened=date(2025, 3, 1),
        origin="engine",
    )
    for kept in (ticket, replace(ticket, state="closed")):
        with register.work() as work:
            work.save_nonconformities(plant, [kept])
            work.record(act(), plant)
    with register.read() as look:
        assert look.nonconformities(plant) == [replace(ticket, state="closed")]
    with pytest.raises(DBAPIError), register.work() as work:  # one ticket for each rule and group
        work.save_nonconformities(plant, [replace(ticket, number="NC-2")])
        work.record(act(), plant)


def test_numbers_have_no_gaps_even_after_a_rollback(register: SqlRegister) -> None:
    plant, other = add_plant(register), add_plant(register, "91110000600009999B")
    taken: list[int] = []

    def take(of: Plant, *, fail: bool = False) -> None:
        with register.work() as work:
            work.record(act(), of)
            taken.append(work.next_number(of, "NC"))
            if fail:
                raise KeyError

    take(plant)
    with pytest.raises(KeyError):
        take(plant, fail=True)
    take(plant)
    take(other)
    with register.work() as work:
        assert work.next_numbers(plant, "NC", 3) == range(3, 6)
        work.record(act(), plant)
    take(plant)
    assert taken == [1, 2, 2, 1, 6]


def test_the_active_rule_base_is_one(register: SqlRegister) -> None:
    for digest in ("a" * 64, "b" * 64, "a" * 64):
        with register.work() as work:
            work.activate_rules(digest)
            work.record(act("rules:activate", digest), None)
        with register.read() as look:
            assert look.active_rules() == digest


def test_a_run_is_claimed_once(register: SqlRegister) -> None:
    with register.work() as work:
        assert work.claim_run("pulse", "2026-03-02", "worker-1")
        assert not work.claim_run("pulse", "2026-03-02", "worker-2")
        work.finish_run("pulse", "2026-03-02")
    with register.work() as work:
        assert not work.claim_run("pulse", "2026-03-02", "worker-2")
        assert work.claim_run("pulse", "2026-03-03", "worker-2")


# --- one transaction -------------------------------------------------------------------------------------------------


def test_an_error_leaves_nothing_behind(register: SqlRegister) -> None:
    plant = add_plant(register)
    with pytest.raises(KeyError), register.work() as work:
        work.insert_rows(plant, {Reading: readings(3)})
        work.record(act(), plant)
        raise KeyError
    with register.read() as look:
        assert not look.tables(plant, [Reading])[Reading]
        assert len(look.trail(plant)) == 1


def test_a_change_without_a_leaf_is_not_kept(register: SqlRegister) -> None:
    with pytest.raises(UnrecordedChangeError), register.work() as work:
        work.add_plant(new_plant())
    with register.read() as look:
        assert look.plants() == []


def test_a_look_cannot_write(register: SqlRegister) -> None:
    plant = add_plant(register)
    with pytest.raises(DBAPIError), register.read() as look:
        look._connection.execute(text("DELETE FROM reading"))
    with pytest.raises(DBAPIError), register.read() as look:
        look._connection.execute(tables.plant.update().values(name="x"))
    with register.read() as look:
        assert look.plant(plant.key) == plant


def test_a_look_sees_one_moment(register: SqlRegister, open_again: Callable[[], SqlRegister]) -> None:
    plant = add_plant(register)
    with register.read() as look:
        assert len(look.plants()) == 1
        with open_again().work() as work:
            work.add_plant(new_plant("91110000600009999B"))
            work.record(act(), plant)
        assert len(look.plants()) == 1
    with register.read() as look:
        assert len(look.plants()) == 2


# --- no lost update --------------------------------------------------------------------------------------------------

THREADS, TURNS = 8, 50


def _race(turn: Callable[[], None]) -> list[BaseException]:
    """Let threads take turns at once; return what they raised."""
    raised: list[BaseException] = []
    start = threading.Barrier(THREADS)

    def run() -> None:
        start.wait()
        for _ in range(TURNS):
            try:
                turn()
            except DBAPIError as error:
                raised.append(error)

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


READ = text("SELECT next FROM number_series WHERE series = 'race'")
WRITE = text("UPDATE number_series SET next = :next WHERE series = 'race'")


def test_read_increment_write_loses_nothing(register: SqlRegister) -> None:
    plant = add_plant(register)
    with register.work() as work:
        work.next_number(plant, "race")
        work.record(act(), plant)

    def turn() -> None:
        with register.database.work() as connection:
            found = connection.scalar(READ)
            connection.execute(WRITE, {"next": found + 1})

    assert _race(turn) == []
    with register.database.read() as connection:
        assert connection.scalar(READ) == 2 + THREADS * TURNS


def test_the_drivers_own_begin_would_lose_updates(sqlite_register: SqlRegister) -> None:
    """Shows that the test above can fail: the same turns on an engine as the driver sets it up."""
    plant = add_plant(sqlite_register)
    with sqlite_register.work() as work:
        work.next_number(plant, "race")
        work.record(act(), plant)
    engine = create_engine(f"sqlite:///{sqlite_register.database.path}", module=sqlite)

    def turn() -> None:
        with engine.begin() as connection:
            found = connection.scalar(READ)
            connection.execute(WRITE, {"next": found + 1})

    refused = len(_race(turn))
    with sqlite_register.database.read() as connection:
        kept = connection.scalar(READ) - 2
    engine.dispose()
    assert kept < THREADS * TURNS - refused


def test_threads_and_processes_take_numbers_in_turn(
    register: SqlRegister, open_again: Callable[[], SqlRegister]
) -> None:
    plant, taken = add_plant(register), []
    registers = [register, open_again()]

    def turn() -> None:
        mine = registers[threading.get_ident() // 64 % 2]
        with mine.work() as work:
            number = work.next_number(plant, "NC")
            seq = work.record(act(object_id=str(number)), plant)
        taken.append((number, seq))

    assert _race(turn) == []
    assert sorted(taken) == [(n, n) for n in range(1, THREADS * TURNS + 1)]


# --- the database ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ((3, 40, 1), ("DELETE", "EXTRA")),
        ((3, 51, 2), ("DELETE", "EXTRA")),
        ((3, 51, 3), ("WAL", "FULL")),
        ((3, 53, 4), ("WAL", "FULL")),
    ],
)
def test_an_old_build_never_runs_in_wal(version: tuple[int, ...], expected: tuple[str, str]) -> None:
    assert journal(version) == expected


def _pragmas(register: SqlRegister) -> list[dict[str, object]]:
    names = ("foreign_keys", "trusted_schema", "cell_size_check", "mmap_size", "synchronous", "journal_mode")
    found = []
    for engine in (register.database.reader, register.database.writer):
        with engine.connect() as connection:
            found.append({n: connection.exec_driver_sql(f"PRAGMA {n}").scalar() for n in names})
    return found


def test_every_connection_has_the_safe_pragmas(sqlite_register: SqlRegister) -> None:
    safe = {"foreign_keys": 1, "trusted_schema": 0, "cell_size_check": 1, "mmap_size": 0}
    assert _pragmas(sqlite_register) == [safe | {"synchronous": 2, "journal_mode": "wal"}] * 2


def test_with_an_old_build_the_journal_is_deleted(records: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "sqlite_version_info", (3, 51, 1))
    database = open_database(records / "old.sqlite3")
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 3
    database.close()


def test_a_work_holds_the_lock_from_its_beginning(sqlite_register: SqlRegister) -> None:
    with sqlite_register.database.work():
        other = sqlite.connect(str(sqlite_register.database.path), timeout=0)
        with pytest.raises(sqlite.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_the_file_is_not_for_others(sqlite_register: SqlRegister) -> None:
    path = sqlite_register.database.path
    assert path is not None
    add_plant(sqlite_register)
    assert {p.stat().st_mode & 0o137 for p in path.parent.glob("register.sqlite3*")} == {0}


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        f"30 22 0:44 / {tmp_path}/far rw,relatime shared:1 - nfs4 host:/x rw\n"
        f"31 30 0:45 / {tmp_path}/far/near rw - ext4 /dev/sdb1 rw\n",
        encoding="utf-8",
    )
    assert network_file_system(tmp_path / "far" / "records", mounts) == "nfs4"
    assert network_file_system(tmp_path / "far" / "near", mounts) == ""
    assert network_file_system(tmp_path / "farther", mounts) == ""
    assert network_file_system(tmp_path, tmp_path / "absent") == ""
    monkeypatch.setattr("compliance.adapters.database.network_file_system", lambda _: "cifs")
    with pytest.raises(NetworkFileSystem):
        open_database(tmp_path / "register.sqlite3")


def test_a_database_that_cannot_be_reached_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(RegisterUnavailable):
        open_database(tmp_path / "file" / "register.sqlite3")
    (tmp_path / "register.sqlite3").mkdir()
    with pytest.raises(RegisterUnavailable):
        open_database(tmp_path / "register.sqlite3")
    nowhere = open_database(f"postgresql://nobody@/nothing?host={tmp_path}")
    with pytest.raises(RegisterUnavailable), nowhere.read():
        pass


def test_a_lock_that_another_program_keeps_is_said(
    sqlite_register: SqlRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compliance.adapters.database.BUSY_MS", 10)
    sqlite_register.close()
    with sqlite_register.database.work():
        other = open_database(sqlite_register.database.path or "")
        with pytest.raises(RegisterUnavailable, match="locked"), other.work():
            pass
        other.close()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite://"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(UnknownDatabase):
        open_database(url)


def test_the_steps_make_exactly_the_tables(register: SqlRegister) -> None:
    with register.read() as look:
        context = MigrationContext.configure(look._connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_the_comparison_would_notice_a_column(sqlite_register: SqlRegister) -> None:
    with sqlite_register.database.work() as connection:
        connection.execute(text("ALTER TABLE plant ADD COLUMN surplus INTEGER"))
    with sqlite_register.read() as look:
        context = MigrationContext.configure(look._connection, opts={"compare_type": True})
        (found,) = compare_metadata(context, tables.metadata)
    assert found[0] == "remove_column"
    assert isinstance(found[3].type, Integer)


def test_head_is_the_newest_step(sqlite_register: SqlRegister) -> None:
    with sqlite_register.database.read() as connection:
        script = ScriptDirectory.from_config(configuration(connection))
    assert script.get_heads() == [HEAD]


def test_a_newer_database_is_left_alone(register: SqlRegister, open_again: Callable[[], SqlRegister]) -> None:
    with register.database.work() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNew):
        open_again()


def test_two_that_start_at_once_make_the_tables_once(tmp_path: Path) -> None:
    from compliance.adapters.register import open_register
    from compliance.kernel.clock import Clock

    opened: list[SqlRegister] = []
    threads = [threading.Thread(target=lambda: opened.append(open_register(tmp_path, None, Clock()))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 3
    for register in opened:
        with register.read() as look:
            assert look.tables(replace(new_plant(), id=1), [PersonPeriod]) == {PersonPeriod: []}
        register.close()
