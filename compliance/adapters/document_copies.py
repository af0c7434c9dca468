"""Controlled copies of documents in the register, and the check of their numbers and ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Select, and_, insert, or_, select, update

from compliance.adapters.accounts import Changing, Connected
from compliance.adapters.document_tables import document, document_copy, document_version
from compliance.core.copies import ControlledCopy, CopyRow, Outcome
from compliance.core.plants import Plant
from compliance.kernel.text import Text

_COPY = [f.name for f in fields(ControlledCopy)]


class SqlCopyReads(Connected):
    """What ``core.controlled.DocumentReads`` asks of copies."""

    def copies(self, plant: Plant, number: str) -> Sequence[ControlledCopy]:
        """The controlled copies of a document by their numbers."""
        c = document_copy.c
        query = select(document_copy).where(c.plant_id == plant.id, c.number == number).order_by(c.copy)
        return [copy_of(row) for row in self._execute(query)]

    def copies_due(self, plant: Plant) -> Sequence[CopyRow]:
        """Copies to be called back, and those whose destruction waits for a witness: one statement."""
        c, v = document_copy.c, document_version.c
        back = and_(c.ended_at.is_(None), v.ended_at.is_not(None))
        seen = and_(c.ended_at.is_not(None), c.two, c.second_at.is_(None))
        return [copy_row_of(row) for row in self._execute(asked_copies(plant).where(or_(back, seen)))]


class SqlCopyChanges(SqlCopyReads, Changing):
    """What ``core.controlled.DocumentWork`` asks of copies."""

    def save_copy(self, plant: Plant, it: ControlledCopy) -> None:
        """Insert or replace a controlled copy by document and number."""
        c = document_copy.c
        values = {name: getattr(it, name) for name in _COPY}
        same = (c.plant_id == plant.id, c.number == it.number, c.copy == it.copy)
        if not self._change(update(document_copy).where(*same).values(**values)).rowcount:
            self._change(insert(document_copy).values(plant_id=plant.id, **values))


def asked_copies(plant: Plant) -> Select[Any]:
    """Every copy of a plant with its document's title and the end of its version."""
    c, d, v = document_copy.c, document.c, document_version.c
    named = (*(c[name] for name in _COPY), d.rule, d.title_zh, d.title_en, v.ended_at.label("version_ended"))
    asked = select(*named).join_from(document_copy, document, and_(d.plant_id == c.plant_id, d.number == c.number))
    same = and_(v.plant_id == c.plant_id, v.number == c.number, v.place == c.place)
    return asked.join(document_version, same).where(c.plant_id == plant.id).order_by(c.number, c.copy)


def copy_row_of(row: Any) -> CopyRow:  # noqa: ANN401 - a row
    """A copy of a list."""
    copy = copy_of(row)
    state = copy.state(version_ended=row.version_ended is not None)
    return CopyRow(copy, row.rule, Text(row.title_zh, row.title_en), state, row.version_ended)


def copy_of(row: Any) -> ControlledCopy:  # noqa: ANN401 - a row
    """A copy of its row."""
    return ControlledCopy(**{name: getattr(row, name) for name in _COPY})


def faults_of_copies(connection: Connection) -> Iterator[tuple[int, str]]:
    """Numbers without gap or double, versions that were issued, ends that hold together: plant and what is wrong."""
    versions = {
        (row.plant_id, row.number, row.place): row
        for row in connection.execute(select(document_version).where(document_version.c.issued.is_not(None)))
    }
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in connection.execute(select(document_copy).order_by(document_copy.c.copy)):
        found[row.plant_id, row.number].append(row.copy)
        name = f"{row.number} copy {row.copy}"
        version = versions.get((row.plant_id, row.number, row.place))
        if version is None or version.label != row.label:
            yield row.plant_id, f"{name} (of a version that was not issued)"
        if (row.ended_at is None) is not (row.outcome == "") or (row.outcome and row.outcome not in set(Outcome)):
            yield row.plant_id, f"{name} (its end and what became of it do not agree)"
        if row.second_at is not None and (not row.two or row.second_by == row.ended_by):
            yield row.plant_id, f"{name} (no second person witnessed its end)"
    for (plant_id, number), copies in found.items():
        if copies != list(range(1, len(copies) + 1)):
            yield plant_id, f"{number} (a number of its copies is missing)"
