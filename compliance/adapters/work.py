"""Works on the register: the change and its leaf in one short transaction, or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Connection,
    Delete,
    Executable,
    Insert,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    insert,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from compliance.adapters import mapping, tables
from compliance.adapters.absences import SqlAbsenceChanges
from compliance.adapters.accounts import SqlAccountChanges
from compliance.adapters.cases import SqlCaseChanges
from compliance.adapters.change_requests import SqlRequestChanges
from compliance.adapters.documents import longer
from compliance.adapters.factors import SqlFactorChanges
from compliance.adapters.jobs import SqlJobChanges
from compliance.adapters.mapping import Values
from compliance.adapters.notices import SqlNoticeChanges
from compliance.adapters.outlook import SqlOutlookChanges
from compliance.adapters.pending import SqlFileChanges
from compliance.adapters.proposals import SqlProposalChanges
from compliance.adapters.reads import SqlReads
from compliance.adapters.templates import SqlTemplateChanges
from compliance.adapters.tokens import SqlTokenChanges
from compliance.adapters.trail import Trail, moment
from compliance.core.acts import Act, ObjectRef
from compliance.core.judged import Nonconformity, Occurrence, StoredFinding
from compliance.core.model import PlantFactor, Row
from compliance.core.plants import Plant

_PLANT_CHANGED = update(tables.plant).where(tables.plant.c.id == bindparam("plant_asked"))
#: Rows handed to the driver at once: bounds memory, and keeps a work's statements few.
CHUNK = 10_000


class UnrecordedChangeError(AssertionError):
    """A work changed the register and recorded no act: a fault of the program, so nothing is kept."""


class SqlWork(
    SqlAbsenceChanges,
    SqlCaseChanges,
    SqlRequestChanges,
    SqlFactorChanges,
    SqlFileChanges,
    SqlNoticeChanges,
    SqlOutlookChanges,
    SqlJobChanges,
    SqlProposalChanges,
    SqlTemplateChanges,
    SqlTokenChanges,
    SqlAccountChanges,
    SqlReads,
):
    """One work: implements ``core.ports.Work`` and ``core.accounts.AccountWork``."""

    def __init__(self, connection: Connection, now: Callable[[], datetime], zone: tzinfo = UTC) -> None:
        """Work through a transaction that the register has begun; days are those of a time zone."""
        super().__init__(connection, zone)
        self._now = now
        self._trail = Trail(connection)
        self._changed = False
        self._retained: list[tuple[Sequence[str], date]] = []

    # --- plants and their rows

    def add_plant(self, plant: Plant) -> Plant:
        """Store a new plant (its id is given by the register)."""
        table = tables.plant
        new = insert(table).values(mapping.plant_values(plant)).returning(table.c.id)
        given = self._change(new).scalar_one()
        return Plant(given, *attrgetter(*list(mapping.plant_values(plant)))(plant))

    def update_plant(self, plant: Plant) -> None:
        """Store name, short code, data range, onboarding and mark of a plant; the key never changes."""
        values = mapping.plant_values(plant)
        del values["key"]
        self._change(_PLANT_CHANGED, values | {"plant_asked": plant.id})

    def insert_rows(self, plant: Plant, rows: Mapping[type[Row], Sequence[Row]]) -> None:
        """Add rows in bulk."""
        self._note_factors(plant, rows)
        for kind, of_kind in rows.items():
            if self._connection.dialect.name == "sqlite":
                self._insert_plainly(plant, kind, of_kind)
            else:
                self._many(insert(tables.sheets[kind]), _values(plant, kind, of_kind))

    def update_rows(self, plant: Plant, rows: Mapping[type[Row], Sequence[Row]]) -> None:
        """Replace rows of the same natural keys."""
        self._note_factors(plant, rows)
        for kind, of_kind in rows.items():
            table, key = tables.sheets[kind], ("plant_id", *kind.SHEET.key)
            rest = tuple(c.name for c in kind.SHEET.columns if c.name not in key)
            self._by_key(_update(table, key, rest), key, _values(plant, kind, of_kind))

    def _note_factors(self, plant: Plant, rows: Mapping[type[Row], Sequence[Row]]) -> None:
        self.note_factors(plant, rows.get(PlantFactor, ()), moment(self._now()))

    # --- what judging yields

    def save_occurrences(self, plant: Plant, put: Sequence[Occurrence], remove: Sequence[Occurrence]) -> None:
        """Insert or replace occurrences by key; remove those that no rule makes any more."""
        key = ("plant_id", "obligation", "subject", "period")
        gone = (mapping.occurrence_values(plant, it) for it in remove)
        self._by_key(_delete(tables.occurrence, key), key, gone, only_key=True)
        values = (mapping.occurrence_values(plant, it) for it in put)
        self._many(self._upsert(tables.occurrence, key), values)

    def save_findings(self, plant: Plant, put: Sequence[StoredFinding]) -> None:
        """Insert (id 0) or replace findings."""
        new = (mapping.finding_values(plant, it) for it in put if not it.id)
        self._many(insert(tables.finding), new)
        old = [mapping.finding_values(plant, it) | {"id": it.id} for it in put if it.id]
        key = ("plant_id", "id")
        rest = tuple(name for name in old[0] if name not in key) if old else ()
        self._by_key(_update(tables.finding, key, rest), key, old)

    def save_nonconformities(self, plant: Plant, put: Sequence[Nonconformity]) -> None:
        """Insert or replace nonconformities by number."""
        key = ("plant_id", "number")
        values = (mapping.nonconformity_values(plant, it) for it in put)
        self._many(self._upsert(tables.nonconformity, key), values)

    # --- series of numbers; imports; the rule base; runs of jobs

    def next_number(self, plant: Plant, series: str) -> int:
        """Take the next number of a series; gap-free, as the transaction commits or rolls back with it."""
        return self.next_numbers(plant, series, 1)[0]

    def next_numbers(self, plant: Plant, series: str, count: int) -> range:
        """Take several numbers of a series in one statement."""
        table = tables.number_series
        first = self._insert(table).values(plant_id=plant.id, series=series, next=count + 1)
        taken = first.on_conflict_do_update(
            index_elements=["plant_id", "series"], set_={"next": table.c.next + count}
        ).returning(table.c.next)
        after: int = self._change(taken).scalar_one()
        return range(after - count, after)

    def record_import(
        self, plant: Plant, workbook: ObjectRef, manifest: ObjectRef, counts: Mapping[str, object]
    ) -> int:
        """Keep that a workbook was imported; its id. The act must name both files, else nothing commits."""
        table = tables.import_batch
        new = insert(table).values(
            plant_id=plant.id,
            workbook=workbook.sha256,
            manifest=manifest.sha256,
            counts=json.dumps(dict(counts), ensure_ascii=False, sort_keys=True),
            at=moment(self._now()),
        )
        given: int = self._change(new.returning(table.c.id)).scalar_one()
        return given

    def activate_rules(self, digest: str) -> None:
        """Make the rule base of a digest the one in use."""
        table = tables.rules_snapshot
        self._change(update(table).where(table.c.active).values(active=False))
        new = self._insert(table).values(digest=digest, activated_at=moment(self._now()), active=True)
        self._change(
            new.on_conflict_do_update(
                index_elements=["digest"],
                set_={"active": True, "activated_at": new.excluded.activated_at},
            )
        )

    def claim_run(self, job: str, slot: str, worker: str) -> bool:
        """Claim a run of a job; False where another worker has it already. Leaves no leaf: a tick is no act."""
        table = tables.scheduled_run
        new = self._insert(table).values(job=job, slot=slot, worker=worker, started_at=moment(self._now()))
        claimed = self._execute(new.on_conflict_do_nothing().returning(table.c.job))
        return claimed.first() is not None

    def finish_run(self, job: str, slot: str) -> None:
        """Note that a claimed run is done."""
        table = tables.scheduled_run
        of_run = and_(table.c.job == job, table.c.slot == slot)
        self._execute(update(table).where(of_run).values(done_at=moment(self._now())))

    # --- the trail

    def version(self, plant: Plant) -> int:
        """Size of the plant's log before this work; asking makes the work its only writer."""
        return self._trail.size(plant)

    def record(self, act: Act, plant: Plant | None) -> int:
        """Append the act's leaf to the plant's log (the group's log for None) and return its seq."""
        return self._trail.append(act, plant, moment(self._now()))

    def retain(self, files: Sequence[str], until: date) -> None:
        """Keep files at least until a day; what is to be kept longer stays so. Written once the files have rows."""
        self._retained.append((files, until))

    def finish(self) -> None:
        """Write the leaves; called by the register right before the commit."""
        if self._changed and not self._trail.acts:
            raise UnrecordedChangeError
        self._trail.flush()
        for files, until in self._retained:
            self._connection.execute(longer(tables.object_, files, until))

    # --- statements

    def _change(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - a CursorResult
        self._changed = True
        return self._execute(statement, values)

    def _many(self, statement: Insert | Update | Delete, values: Iterable[Values]) -> None:
        for chunk in _chunks(values):
            self._changed = True
            self._connection.execute(statement, chunk)

    def _insert_plainly(self, plant: Plant, kind: type[Row], rows: Sequence[Row]) -> None:
        """Hand tuples to SQLite's driver as they are: an import of two years spends its time here."""
        names = ["plant_id", *(c.name for c in kind.SHEET.columns)]
        dialect = self._connection.dialect
        sql = str(insert(tables.sheets[kind]).compile(dialect=dialect, column_keys=names))
        take = attrgetter(*names[1:])
        for start in range(0, len(rows), CHUNK):
            self._changed = True
            chunk = [
                (plant.id, *[v.isoformat() if type(v) is date else v for v in take(row)])
                for row in rows[start : start + CHUNK]
            ]
            self._connection.exec_driver_sql(sql, chunk)

    def _by_key(
        self,
        statement: Update | Delete,
        key: Sequence[str],
        values: Iterable[Values],
        *,
        only_key: bool = False,
    ) -> None:
        """Change the rows of given keys; a key that is not there is a fault of the caller."""
        named = (
            {f"key_{n}": v[n] for n in key} | ({} if only_key else {n: x for n, x in v.items() if n not in key})
            for v in values
        )
        for chunk in _chunks(named):
            self._changed = True
            done = self._connection.execute(statement, chunk)
            if done.rowcount != len(chunk):
                raise LookupError(str(statement.table))

    def _insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        return _insert(self._connection.dialect.name, table)

    def _upsert(self, table: Table, key: tuple[str, ...]) -> Insert:
        return _upsert(self._connection.dialect.name, table, key)


def _values(plant: Plant, kind: type[Row], rows: Iterable[Row]) -> Iterator[Values]:
    names = [c.name for c in kind.SHEET.columns]
    take = attrgetter(*names)
    return ({"plant_id": plant.id, **dict(zip(names, take(row), strict=True))} for row in rows)


def _where(table: Table, key: Sequence[str]) -> Any:  # noqa: ANN401 - a boolean expression
    return and_(*(table.c[name] == bindparam(f"key_{name}") for name in key))


# Statements of every day are made once for all: making one takes longer than executing it.


def _insert(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@cache
def _upsert(dialect: str, table: Table, key: tuple[str, ...]) -> Insert:
    new = _insert(dialect, table)
    rest = [c.name for c in table.c if c.name not in (*key, "id")]
    return new.on_conflict_do_update(index_elements=list(key), set_={name: new.excluded[name] for name in rest})


@cache
def _update(table: Table, key: tuple[str, ...], rest: tuple[str, ...]) -> Update:
    return update(table).where(_where(table, key)).values({n: bindparam(n) for n in rest})


@cache
def _delete(table: Table, key: tuple[str, ...]) -> Delete:
    return delete(table).where(_where(table, key))


def _chunks(values: Iterable[Values]) -> Iterator[list[Values]]:
    chunk: list[Values] = []
    for value in values:
        chunk.append(value)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
