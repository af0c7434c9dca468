"""Controlled documents in the register: documents, their versions, and how long their files are kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import Row as SqlRow
from sqlalchemy import and_, insert, select, update

from compliance.adapters.accounts import Changing, Connected
from compliance.adapters.document_copies import SqlCopyChanges, SqlCopyReads
from compliance.adapters.document_readers import SqlReaderChanges, SqlReaderReads
from compliance.adapters.document_tables import document, document_text, document_version
from compliance.adapters.tables import occurrence
from compliance.core.controlled import Content, ControlledDocument, DocumentVersion
from compliance.core.judged import OccurrenceState
from compliance.core.plants import Plant
from compliance.kernel.canonical import canonical
from compliance.kernel.text import Text

_VERSION = [field.name for field in fields(DocumentVersion)]


class SqlDocumentReads(SqlReaderReads, SqlCopyReads, Connected):
    """The reading half of ``core.controlled.DocumentWork``."""

    def document(self, plant: Plant, number: str) -> tuple[ControlledDocument, Sequence[DocumentVersion]] | None:
        """A document with its versions in their order: one statement."""
        d, v = document, document_version
        same = and_(v.c.plant_id == d.c.plant_id, v.c.number == d.c.number)
        named = [*(d.c[name].label(f"d_{name}") for name in d.c.keys()), *(v.c[name] for name in _VERSION)]  # noqa: SIM118 - a collection of columns
        query = select(*named).join(v, same).where(d.c.plant_id == plant.id, d.c.number == number).order_by(v.c.place)
        rows = self._execute(query).all()
        if not rows:
            return None
        found = {name: getattr(rows[0], f"d_{name}") for name in d.c.keys()}  # noqa: SIM118 - a collection of columns
        return document_of(found), [version_of(row) for row in rows]

    def document_about(self, plant: Plant, rule: str, about: str) -> str | None:
        """The number of the document of a rule on an object."""
        c = document.c
        query = select(c.number).where(c.plant_id == plant.id, c.rule == rule, c.about == about)
        found: str | None = self._execute(query).scalar()
        return found

    def opened_on(self, plant: Plant, rules: Sequence[str]) -> Collection[tuple[str, str]]:
        """The rule of each document of these rules, and what it is on."""
        c = document.c
        query = select(c.rule, c.about).where(c.plant_id == plant.id, c.rule.in_(rules))
        return {(row.rule, row.about) for row in self._execute(query)}

    def standing_open(self, plant: Plant, obligations: Collection[str], since: date) -> Sequence[tuple[str, str]]:
        """Obligation and period of the occurrences that stand open and fall due no earlier than a day."""
        c = occurrence.c
        query = select(c.obligation, c.period).where(
            c.plant_id == plant.id,
            c.obligation.in_(sorted(obligations)),
            c.state.in_([OccurrenceState.OPEN, OccurrenceState.OVERDUE]),
            c.due >= since,
        )
        return [(row.obligation, row.period) for row in self._execute(query.order_by(c.due, c.id))]

    def written(self, plant: Plant, number: str, place: int) -> Mapping[str, Content]:
        """What was last written into each section up to the version at a place."""
        c = document_text.c
        query = select(c.section, c.content).where(c.plant_id == plant.id, c.number == number, c.place <= place)
        return {row.section: _content(row.content) for row in self._execute(query.order_by(c.place))}

    def undrafted(self, plant: Plant) -> Sequence[tuple[str, str]]:
        """Number and label of versions that no draft was made of yet."""
        c = document_version.c
        return self._named(plant, c.draft.is_(None), c.ended_at.is_(None))

    def replaced(self, plant: Plant, on: date) -> Sequence[str]:
        """The numbers of documents of which a later version holds on a day and an earlier one has not ended."""
        c, later = document_version.c, document_version.alias("later")
        holds = and_(
            later.c.plant_id == c.plant_id, later.c.number == c.number, later.c.place > c.place,
            later.c.issued.is_not(None), later.c.ended_at.is_(None), later.c.effective <= on,
        )  # fmt: skip
        issued = (c.plant_id == plant.id, c.issued.is_not(None), c.ended_at.is_(None))
        query = select(c.number).where(*issued, select(later.c.place).where(holds).exists()).distinct()
        return list(self._execute(query.order_by(c.number)).scalars())

    def unreviewed(self, plant: Plant, rules: Sequence[str]) -> Sequence[str]:
        """Versions of these rules that were issued, have not ended and have no day of review, as number/label."""
        c, d = document_version.c, document.c
        query = select(c.number, c.label).join(document, and_(d.plant_id == c.plant_id, d.number == c.number))
        without = (c.issued.is_not(None), c.ended_at.is_(None), c.review_due.is_(None), d.rule.in_(rules))
        rows = self._execute(query.where(c.plant_id == plant.id, *without).order_by(c.number, c.place))
        return [f"{row.number}/{row.label}" for row in rows]

    def without_pages(self, plant: Plant) -> Sequence[tuple[str, str]]:
        """Number and label of issued versions in force of which no PDF is kept."""
        c = document_version.c
        return self._named(plant, c.pdf.is_(None), c.issued.is_not(None), c.ended_at.is_(None))

    def _named(self, plant: Plant, *conditions: Any) -> Sequence[tuple[str, str]]:  # noqa: ANN401 - boolean expressions
        c = document_version.c
        query = select(c.number, c.label).where(c.plant_id == plant.id, *conditions).order_by(c.number, c.place)
        return [(row.number, row.label) for row in self._execute(query)]


class SqlDocumentChanges(SqlReaderChanges, SqlCopyChanges, SqlDocumentReads, Changing):
    """The writing half of ``core.controlled.DocumentWork``."""

    def save_document(self, plant: Plant, it: ControlledDocument) -> None:
        """Insert or replace a document by number."""
        values = {f.name: getattr(it, f.name) for f in fields(it) if f.name != "title"}
        values |= {"title_zh": it.title.zh, "title_en": it.title.en}
        c = document.c
        self._put(document, and_(c.plant_id == plant.id, c.number == it.number), {"plant_id": plant.id, **values})

    def save_version(self, plant: Plant, it: DocumentVersion) -> None:
        """Insert or replace a version by number and place."""
        c = document_version.c
        same = and_(c.plant_id == plant.id, c.number == it.number, c.place == it.place)
        values = {name: getattr(it, name) for name in _VERSION}
        self._put(document_version, same, {"plant_id": plant.id, **values})

    def write(self, plant: Plant, number: str, place: int, section: str, content: Content) -> None:
        """Keep what a section of a version says."""
        c = document_text.c
        same = and_(c.plant_id == plant.id, c.number == number, c.place == place, c.section == section)
        key = {"plant_id": plant.id, "number": number, "place": place, "section": section}
        self._put(document_text, same, {**key, "content": canonical(content).decode()})

    def _put(self, table: Any, same: Any, values: Mapping[str, object]) -> None:  # noqa: ANN401 - a table, an expression
        changed = self._change(update(table).where(same).values(**values))
        if not changed.rowcount:
            self._change(insert(table).values(**values))


def _content(kept: str) -> Content:
    found = json.loads(kept)
    return found if isinstance(found, str) else tuple(tuple(map(str, cells)) for cells in found)


def document_of(row: Mapping[str, Any]) -> ControlledDocument:
    """A document of its columns."""
    plain = {f.name: row[f.name] for f in fields(ControlledDocument) if f.name != "title"}
    return ControlledDocument(**plain, title=Text(row["title_zh"], row["title_en"]))


def version_of(row: SqlRow[Any]) -> DocumentVersion:
    """A version of its row."""
    return DocumentVersion(**{name: getattr(row, name) for name in _VERSION})


def longer(table: Any, files: Sequence[str], until: date) -> Any:  # noqa: ANN401 - a table and a statement
    """Keep files at least until a day."""
    c = table.c
    shorter = c.retain_until.is_(None) | (c.retain_until < until)
    return update(table).where(c.sha256.in_(files), shorter).values(retain_until=until)
