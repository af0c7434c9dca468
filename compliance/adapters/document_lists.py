"""Lists of controlled documents: keyset-paged, one statement each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select

from compliance.adapters.database import Database
from compliance.adapters.document_copies import asked_copies, copy_row_of
from compliance.adapters.document_readers import asked_in_force, in_force_of
from compliance.adapters.document_tables import document, document_version
from compliance.adapters.documents import document_of, version_of
from compliance.adapters.drift import reasons_of
from compliance.adapters.drift_tables import document_drift
from compliance.adapters.positions import Position, pack, unpack
from compliance.core.copies import CopyRow
from compliance.core.distribution import InForce
from compliance.core.documents import DocumentQuery, DocumentRow
from compliance.core.lists import LARGEST_EXPORT, Page
from compliance.core.plants import Plant

_BIGGEST_ID = 2**63 - 1


class SqlDocumentLists:
    """Implements ``core.documents.DocumentLists``."""

    def __init__(self, database: Database) -> None:
        """Ask the register's database."""
        self._database = database

    def documents(self, plant: Plant, query: DocumentQuery) -> Page[DocumentRow]:
        """A page of documents, newest first."""
        d, v = document.c, document_version.c
        named = [*(d[n].label(f"d_{n}") for n in d.keys()), *(c for c in v if c.key != "plant_id")]  # noqa: SIM118 - columns
        same = and_(v.plant_id == d.plant_id, v.number == d.number)
        drift = document_drift.c
        compared = and_(
            drift.plant_id == d.plant_id,
            drift.number == d.number,
            drift.place == _holding(document_version.alias("holds").c.place, query.on),
        )
        named += [drift.since.label("since"), drift.reasons.label("reasons")]
        asked = select(*named, _holding(document_version.alias("holding").c.label, query.on).label("in_force"))
        asked = asked.join(document_version, same).outerjoin(document_drift, compared)
        asked = asked.where(d.plant_id == plant.id, v.place == _latest())
        asked = asked.where(drift.since.is_not(None)) if query.stale else asked
        for column, value in ((v.state, query.state), (d.rule, query.rule), (d.about, query.about)):
            asked = asked.where(column == value) if value else asked
        if query.after:
            last = Position.number(unpack(query.after, 1)[0])
            asked = asked.where(d.id < min(last, _BIGGEST_ID))
        limit = max(1, min(query.limit, LARGEST_EXPORT))
        with self._database.read() as connection:
            rows = connection.execute(asked.order_by(d.id.desc()).limit(limit + 1)).all()
        more = pack(rows[limit - 1].d_id) if len(rows) > limit else ""
        return Page(tuple(_row(row) for row in rows[:limit]), more)

    def in_force(self, plant: Plant, numbers: Sequence[str] | None = None) -> list[InForce]:
        """The issued versions that have not ended, of these documents alone or of all: one statement."""
        with self._database.read() as connection:
            return [in_force_of(row) for row in connection.execute(asked_in_force(plant, numbers))]

    def copies(self, plant: Plant) -> list[CopyRow]:
        """Every controlled copy of a plant: one statement."""
        with self._database.read() as connection:
            return [copy_row_of(row) for row in connection.execute(asked_copies(plant))]

    def numbers_about(self, plant: Plant, kind: str, about: str) -> list[str]:
        """The numbers of the documents on a case."""
        d = document.c
        query = select(d.number).where(d.plant_id == plant.id, d.kind == kind, d.about == about).order_by(d.id)
        with self._database.read() as connection:
            return list(connection.scalars(query))


def _latest() -> Any:  # noqa: ANN401 - a scalar subquery
    other = document_version.alias("other")
    same = and_(other.c.plant_id == document.c.plant_id, other.c.number == document.c.number)
    return select(func.max(other.c.place)).where(same).correlate(document).scalar_subquery()


def _holding(column: Any, on: date) -> Any:  # noqa: ANN401 - a column of an alias, a scalar subquery
    """A column of the version that is in force on a day."""
    other = column.table.c
    same = and_(other.plant_id == document.c.plant_id, other.number == document.c.number)
    holds = select(column).where(same, other.issued.is_not(None), other.ended_at.is_(None), other.effective <= on)
    return holds.order_by(other.place.desc()).limit(1).correlate(document).scalar_subquery()


def _row(row: Any) -> DocumentRow:  # noqa: ANN401 - a row
    found = {name: getattr(row, f"d_{name}") for name in document.c.keys()}  # noqa: SIM118 - a collection of columns
    reasons = reasons_of(row.reasons) if row.since else ()
    return DocumentRow(document_of(found), version_of(row), row.in_force or "", row.since, reasons)
