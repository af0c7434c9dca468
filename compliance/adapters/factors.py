"""Checks of factors in the register, and several small sheets read by one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Date,
    Index,
    Integer,
    Table,
    Text,
    cast,
    insert,
    literal,
    null,
    select,
    union_all,
    update,
)

from compliance.adapters import tables
from compliance.adapters.connected import Changing, Connected
from compliance.adapters.tables import Word, metadata, of_plant, surrogate
from compliance.core.factors import FactorCheck, FactorVersion, Gathered
from compliance.core.model import Cell, PlantFactor, Row
from compliance.core.plants import Plant
from compliance.core.ports import Tables

factor_check = Table(
    "factor_check",
    metadata,
    surrogate(),
    of_plant(),
    Column("code", Word, nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("checked_by", Word, nullable=False),
    Column("checked_name", Word, nullable=False),
    Column("checked_at", Word, nullable=False),
    Column("confirmed_by", Word),
    Column("confirmed_name", Word),
    Column("confirmed_at", Word),
    Index(None, "plant_id", "code", "id"),
)
#: Every value that a factor of a plant has had, in the order in which the register came to know them.
factor_version = Table(
    "factor_version",
    metadata,
    surrogate(),
    of_plant(),
    *(Column(c.name, BigInteger if c.cell is Cell.QUANTITY else Text) for c in PlantFactor.SHEET.columns),
    Column("known", Word, nullable=False),
    Index(None, "plant_id", "id"),
)
_NAMES = tuple(c.name for c in factor_check.columns if c.name != "plant_id")
_VERSION = tuple(c.name for c in factor_version.columns if c.name != "plant_id")
#: A table and those of its columns that are asked for.
_Part = tuple[Table, Sequence[str]]


class SqlFactorReads(Connected):
    """The reading half of ``core.factors.FactorWork``."""

    def factor_checks(self, plant: Plant) -> Sequence[FactorCheck]:
        """Every check of a plant's factors, the oldest first."""
        c = factor_check.c
        query = select(*(c[name] for name in _NAMES)).where(c.plant_id == plant.id).order_by(c.code, c.id)
        return [FactorCheck(**dict(zip(_NAMES, row, strict=True))) for row in self._execute(query)]

    def factor_versions(self, plant: Plant) -> Sequence[FactorVersion]:
        """Every value that the plant's factors have had, the oldest first."""
        c = factor_version.c
        query = select(*(c[name] for name in _VERSION)).where(c.plant_id == plant.id).order_by(c.id)
        return [_version(dict(zip(_VERSION, row, strict=True))) for row in self._execute(query)]

    def gathered(self, plant: Plant, kinds: Sequence[type[Row]]) -> Tables:
        """Rows of several small sheets by one statement, each in the order of its natural keys."""
        found = self._parts(plant, [_sheet(kind) for kind in kinds])
        return {kind: _rows(kind, rows) for kind, rows in zip(kinds, found, strict=True)}

    def gathered_with_factors(self, plant: Plant, kinds: Sequence[type[Row]]) -> Gathered:
        """The same with all that was known of the plant's factors, by one statement still."""
        parts: list[_Part] = [*(_sheet(kind) for kind in kinds), (factor_check, _NAMES), (factor_version, _VERSION)]
        *sheets, checks, versions = self._parts(plant, parts)
        return Gathered(
            {kind: _rows(kind, rows) for kind, rows in zip(kinds, sheets, strict=True)},
            [FactorCheck(**one) for one in sorted(checks, key=itemgetter("code", "id"))],
            [_version(one) for one in sorted(versions, key=itemgetter("id"))],
        )

    def _parts(self, plant: Plant, parts: Sequence[_Part]) -> list[list[dict[str, Any]]]:
        """The named columns of several tables by one statement: as text, and read back as what they are."""
        width = max(len(names) for _table, names in parts)
        selects = [_as_text(plant, number, part, width) for number, part in enumerate(parts)]
        found: list[list[dict[str, Any]]] = [[] for _ in parts]
        for number, *cells in self._execute(union_all(*selects)):
            table, names = parts[number]
            found[number].append({n: _typed(table.c[n], cell) for n, cell in zip(names, cells, strict=False)})
        return found


class SqlFactorChanges(SqlFactorReads, Changing):
    """The writing half of ``core.factors.FactorWork``."""

    def note_factors(self, plant: Plant, rows: Sequence[Row], known: str) -> None:
        """Keep what the register now knows of factors, beside what it knew before."""
        names = [column.name for column in PlantFactor.SHEET.columns]
        values = [{"plant_id": plant.id, "known": known, **{n: getattr(row, n) for n in names}} for row in rows]
        if values:
            self._connection.execute(insert(factor_version), values)

    def add_factor_check(self, plant: Plant, new: FactorCheck) -> None:
        """Store a check (its id is given by the register)."""
        values = {name: getattr(new, name) for name in _NAMES if name != "id"}
        self._change(insert(factor_check).values(plant_id=plant.id, **values))

    def confirm_factor_check(self, plant: Plant, number: int, by: str, name: str, at: datetime) -> None:
        """Note who confirmed a check; nothing else of it ever changes."""
        c = factor_check.c
        which = (c.plant_id == plant.id, c.id == number, c.confirmed_by.is_(None))
        said = {"confirmed_by": by, "confirmed_name": name, "confirmed_at": at.isoformat(timespec="milliseconds")}
        self._change(update(factor_check).where(*which).values(**said))


def _sheet(kind: type[Row]) -> _Part:
    return tables.sheets[kind], [c.name for c in kind.SHEET.columns]


def _as_text(plant: Plant, number: int, part: _Part, width: int) -> Any:  # noqa: ANN401 - a select
    table, names = part
    cells: list[ColumnElement[Any]] = [cast(table.c[name], Text) for name in names]
    cells += [cast(null(), Text)] * (width - len(cells))
    named = [cell.label(f"c{n}") for n, cell in enumerate(cells)]
    return select(literal(number, Integer).label("kind"), *named).where(table.c.plant_id == plant.id)


def _rows(kind: type[Row], found: Iterable[dict[str, Any]]) -> list[Row]:
    return sorted((kind(**cells) for cells in found), key=_key)


def _version(cells: dict[str, Any]) -> FactorVersion:
    row = {column.name: cells[column.name] for column in PlantFactor.SHEET.columns}
    return FactorVersion(PlantFactor(**row), datetime.fromisoformat(cells["known"]))


def _typed(column: Column[Any], cell: str | None) -> object:
    if cell is None:
        return None
    if isinstance(column.type, Date):
        return date.fromisoformat(cell)
    return int(cell) if isinstance(column.type, Integer) else cell


def _key(row: Row) -> tuple[str, ...]:
    return tuple(str(part) for part in row.key())
