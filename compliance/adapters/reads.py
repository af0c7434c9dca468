"""Looks at the register: every list is one statement, rows become the core's frozen types at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select, bindparam, or_, select, type_coerce
from sqlalchemy.types import NULLTYPE

from compliance.adapters import mapping, tables
from compliance.adapters.absences import SqlAbsenceReads
from compliance.adapters.accounts import SqlAccountReads
from compliance.adapters.cases import SqlCaseReads
from compliance.adapters.change_requests import SqlRequestReads
from compliance.adapters.database import statements
from compliance.adapters.factors import SqlFactorReads
from compliance.adapters.jobs import SqlJobReads
from compliance.adapters.ledgers import SqlLedgerReads
from compliance.adapters.notices import SqlNoticeReads
from compliance.adapters.outlook import SqlOutlookReads
from compliance.adapters.pending import SqlFileReads
from compliance.adapters.proposals import SqlProposalReads
from compliance.adapters.templates import SqlTemplateReads
from compliance.adapters.tokens import SqlTokenReads
from compliance.adapters.trail import Entry, entries_of, origin_of
from compliance.core.judged import Nonconformity, Occurrence, StoredFinding
from compliance.core.model import SHEETS, Row, rows_of
from compliance.core.plants import Plant
from compliance.core.ports import Tables

# Asked by every pulse and page, and made once for all. A key wins over another plant's short code.
_PLANT_NAMED = (
    select(tables.plant)
    .where(or_(tables.plant.c.key == bindparam("asked"), tables.plant.c.short == bindparam("asked")))
    .order_by(tables.plant.c.key != bindparam("asked"), tables.plant.c.id)
)
_OCCURRENCES = (
    select(tables.occurrence)
    .where(tables.occurrence.c.plant_id == bindparam("asked"))
    .order_by(tables.occurrence.c.due, tables.occurrence.c.id)
)
#: Rows that are asked for at once where they are taken in turn.
_AT_ONCE = 200
_VERSION = (
    select(tables.log_head.c.size)
    .join(tables.log, tables.log.c.id == tables.log_head.c.log_id)
    .where(tables.log.c.origin == bindparam("asked"))
)


class SqlReads(
    SqlAbsenceReads,
    SqlCaseReads,
    SqlRequestReads,
    SqlFactorReads,
    SqlFileReads,
    SqlNoticeReads,
    SqlOutlookReads,
    SqlJobReads,
    SqlLedgerReads,
    SqlProposalReads,
    SqlTemplateReads,
    SqlTokenReads,
    SqlAccountReads,
):
    """One look: implements ``core.ports.Reads`` and ``core.accounts.AccountReads``."""

    def __init__(self, connection: Connection, zone: tzinfo = UTC) -> None:
        """Look through a transaction that the register has begun; days are those of a time zone."""
        super().__init__(connection, zone)

    def plants(self) -> Sequence[Plant]:
        """All plants, by key."""
        return [mapping.plant_of(r) for r in self._execute(select(tables.plant).order_by(tables.plant.c.key))]

    def plant(self, key: str) -> Plant | None:
        """The plant of a key or short code."""
        row = self._execute(_PLANT_NAMED, {"asked": key}).first()
        return row and mapping.plant_of(row)

    def tables(self, plant: Plant, kinds: Iterable[type[Row]] | None = None) -> Tables:
        """Rows of a plant in the order of their natural keys: one statement a table."""
        return {kind: self._rows(plant, kind) for kind in (SHEETS if kinds is None else kinds)}

    def occurrences(self, plant: Plant) -> Sequence[Occurrence]:
        """Stored occurrences, by due day."""
        return [mapping.occurrence_of(r) for r in self._execute(_OCCURRENCES, {"asked": plant.id})]

    def occurrences_in_turn(self, plant: Plant) -> Iterator[Occurrence]:
        """The same one after the other, some rows in memory at a time."""
        rows = self._connection.execute(_OCCURRENCES, {"asked": plant.id}, execution_options={"yield_per": _AT_ONCE})
        return map(mapping.occurrence_of, rows)

    def findings(self, plant: Plant) -> Sequence[StoredFinding]:
        """Stored findings by id, withdrawn ones included."""
        table = tables.finding
        query = select(table).where(table.c.plant_id == plant.id).order_by(table.c.id)
        return [mapping.finding_of(r) for r in self._execute(query)]

    def nonconformities(self, plant: Plant) -> Sequence[Nonconformity]:
        """Stored nonconformities, in the order in which they were opened."""
        table = tables.nonconformity
        query = select(table).where(table.c.plant_id == plant.id).order_by(table.c.id)
        return [mapping.nonconformity_of(r) for r in self._execute(query)]

    def trail(
        self,
        plant: Plant | None,
        object_type: str | None = None,
        object_id: str | None = None,
        *,
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[Entry]:
        """A page of a plant's log (the group's for None), newest first."""
        return entries_of(self._connection, origin_of(plant), object_type, object_id, before=before, limit=limit)

    def version(self, plant: Plant) -> int:
        """Size of the plant's log: it grows with every change of the plant's data."""
        return int(self._execute(_VERSION, {"asked": origin_of(plant)}).scalar() or 0)

    def versions(self, plants: Sequence[Plant]) -> Mapping[str, int]:
        """The same of several plants, by key."""
        head, log = tables.log_head, tables.log
        origins = {origin_of(plant): plant.key for plant in plants}
        query = select(log.c.origin, head.c.size).join(log, log.c.id == head.c.log_id)
        rows = self._execute(query.where(log.c.origin.in_(origins)))
        return dict.fromkeys(origins.values(), 0) | {origins[row.origin]: int(row.size) for row in rows}

    def active_rules(self) -> str | None:
        """The digest of the rule base in use."""
        table = tables.rules_snapshot
        digest: str | None = self._execute(select(table.c.digest).where(table.c.active)).scalar()
        return digest

    def activations(self) -> Sequence[tuple[datetime, str]]:
        """When a rule base was put into use, and its digest; the earliest first."""
        entry, log = tables.audit_entry, tables.log
        query = select(entry.c.at, entry.c.object_id).join(log, log.c.id == entry.c.log_id)
        of_rules = query.where(log.c.origin == origin_of(None), entry.c.kind == "rules:activate")
        return [
            (datetime.fromisoformat(row.at), row.object_id) for row in self._execute(of_rules.order_by(entry.c.seq))
        ]

    def statements(self) -> int:
        """How many SQL statements this look has issued so far."""
        return statements(self._connection)

    def _rows(self, plant: Plant, kind: type[Row]) -> Sequence[Row]:
        known: Any = kind
        cells = self._connection.execute(_rows_of_plant(known), {"plant": plant.id}).fetchall()
        readers = _readers(known, self._connection.dialect)
        return rows_of(kind, len(cells), map(_read, readers, zip(*cells, strict=True)))


def _read(reader: Callable[[Any], Any] | None, column: Sequence[Any]) -> Iterable[Any]:
    """The values of a column; each different one is read once."""
    return map({raw: reader(raw) for raw in {*column}}.__getitem__, column) if reader else column


@cache
def _readers(kind: type[Any], dialect: Dialect) -> Sequence[Callable[[Any], Any] | None]:
    """What reads the values of each column as the database gives them, where it gives other ones than we use."""
    columns = (tables.sheets[kind].c[column.name] for column in kind.SHEET.columns)
    return [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]


@cache
def _rows_of_plant(kind: type[Any]) -> Select[*tuple[Any, ...]]:
    """The rows of a plant, their values as the database gives them."""
    table, sheet = tables.sheets[kind], kind.SHEET
    return (
        select(*(type_coerce(table.c[c.name], NULLTYPE) for c in sheet.columns))
        .where(table.c.plant_id == bindparam("plant"))
        .order_by(*(table.c[name] for name in sheet.key))
    )
