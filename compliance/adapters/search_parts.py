"""What can be found in the register, as SQL: for each kind the parts that it is made of, and by what each is named."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Date, Select, Text, and_, case, cast, func, literal, null, or_, select, tuple_
from sqlalchemy.sql import ColumnElement

from compliance.adapters.case_tables import case_step, work_case
from compliance.adapters.document_tables import document, document_text, document_version
from compliance.adapters.tables import finding, nonconformity, occurrence, sheets
from compliance.core.judged import NONCONFORMITY, OCCURRENCE, OccurrenceState
from compliance.core.model import SHEETS, Cell, Event, Review, Row
from compliance.core.searching import BETWEEN, Key, Kind

#: What stands between the parts of a row's natural key.
SEPARATOR = "|"
#: Under this name the log's changes name the cases whose steps may have files.
CASE = "case"
FINDING, DOCUMENT = "finding", "document"
#: What has changed: by the name of a table (or ``CASE``), the natural keys within the plant.
Names = Mapping[str, Collection[tuple[object, ...]]]
#: Digits that a number of a row has at most.
_DIGITS = 18
_OWN: Mapping[type[Row], Kind] = {Event: Kind.EVENT, Review: Kind.REVIEW}
_OF_WORDS = frozenset({Cell.TEXT, Cell.FREE, Cell.ANY, Cell.MONTH, Cell.YEAR, Cell.PERIOD})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of everything of a kind.

    ``by_key``: the columns that name its thing in a key, behind the plant's. ``natural``: the columns that name it in
    the log, and ``table`` the name under which the log does so.
    """

    kind: Kind
    query: Select[Any]
    plant: ColumnElement[Any]
    by_key: tuple[ColumnElement[Any], ...]
    table: str
    natural: tuple[ColumnElement[Any], ...]

    @property
    def name(self) -> str:
        """What :func:`part_of` calls the parts of a thing."""
        return self.table if self.kind in ROWS else self.kind.value

    def named(self, keys: Collection[tuple[object, ...]]) -> Select[Any]:
        """The part of things that are named by plant and key."""
        return self.query.where(tuple_(self.plant, *self.by_key).in_(keys))

    def changed(self, plant: int, names: Names) -> Select[Any] | None:
        """The part of what the log names; None if it names nothing of it."""
        same = [tuple_(*self.natural).in_(list(names[self.table]))] if names.get(self.table) else []
        if self.kind is Kind.NONCONFORMITY and (found := names.get(FINDING)):
            # A finding's ticket is opened in the same act.
            f = finding.c
            tickets = select(f.nonconformity).where(f.plant_id == plant)
            same.append(self.natural[0].in_(tickets.where(tuple_(f.situation, f.subject, f.period).in_(list(found)))))
        return self.query.where(self.plant == plant, or_(*same)) if same else None


#: Kinds that are rows of a sheet.
ROWS = frozenset({Kind.EVENT, Kind.REVIEW, Kind.RECORD})


def parts() -> list[Part]:
    """Every part of everything."""
    rows = [_of_sheet(kind) for kind in SHEETS]
    return [_of_occurrences(), _of_findings(), *_of_nonconformities(), *_of_documents(), _of_files(), *rows]


def part_of(key: Key) -> tuple[str, tuple[object, ...]] | None:
    """The name of the parts of a thing, and the values that name it in them; None where nothing can be."""
    match key.kind:
        case Kind.OCCURRENCE | Kind.FINDING:
            return (key.kind.value, (key.plant, int(key.id))) if _is_number(key.id) else None
        case Kind.FILE:
            kind, seq, name = (*key.id.split(BETWEEN, 2), "", "")[:3]
            return (key.kind.value, (key.plant, kind, int(seq), name)) if _is_number(seq) else None
        case Kind.EVENT | Kind.REVIEW | Kind.RECORD:
            table, _between, number = key.id.partition(BETWEEN)
            return (table, (key.plant, int(number))) if _is_number(number) else None
        case _:
            return key.kind.value, (key.plant, key.id)


def typed(table: str, key: Collection[object]) -> tuple[object, ...] | None:
    """A natural key as the log has it, with days as days; None if the table has no such key."""
    kind = next((kind for kind in SHEETS if kind.SHEET.table == table), None)
    if kind is None:
        return tuple(key)
    columns = [sheets[kind].c[name] for name in kind.SHEET.key]
    if len(columns) != len(key):
        return None
    try:
        return tuple(
            date.fromisoformat(str(value)) if column.type.python_type is date else value
            for column, value in zip(columns, key, strict=True)
        )
    except ValueError:
        return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def _row(  # noqa: PLR0913, PLR0917 - the columns of a part
    kind: Kind,
    table: Any,  # noqa: ANN401 - columns
    id_: ColumnElement[Any],
    part: str,
    name: Any,  # noqa: ANN401 - a column or a literal
    text: Any,  # noqa: ANN401 - as above
    titles: tuple[Any, Any] | None = None,
    day: Any = None,  # noqa: ANN401 - as above
    is_open: Any = None,  # noqa: ANN401 - a condition
) -> Select[Any]:
    zh, en = titles or (null(), null())
    return select(
        literal(kind.value).label("kind"),
        table.plant_id.label("plant_id"),
        cast(id_, Text).label("id"),
        literal(part).label("part"),
        cast(literal(name) if isinstance(name, str) else name, Text).label("name"),
        cast(zh, Text).label("zh"),
        cast(en, Text).label("en"),
        cast(text, Text).label("text"),
        (cast(null(), Date) if day is None else day).label("day"),
        (cast(null(), Boolean) if is_open is None else case((is_open, True), else_=False)).label("open"),
    )


def _joined(by: str, *columns: Any) -> Any:  # noqa: ANN401 - columns
    whole = columns[0]
    for column in columns[1:]:
        whole = whole + by + column
    return whole


def _of_occurrences() -> Part:
    o = occurrence.c
    text = _joined("\n", o.subject, o.obligation, o.clause, o.derivation_zh, o.derivation_en)
    titles = (_joined(" ", o.code, o.title_zh, o.period), _joined(" ", o.code, o.title_en, o.period))
    is_open = o.state != OccurrenceState.DONE.value
    row = _row(Kind.OCCURRENCE, o, o.id, "row", "", text, titles, o.due, is_open)
    return Part(Kind.OCCURRENCE, row, o.plant_id, (o.id,), OCCURRENCE, (o.obligation, o.subject, o.period))


def _of_findings() -> Part:
    f = finding.c
    said = (f.message_zh, f.message_en, f.remedy_zh, f.remedy_en, f.note)
    text = _joined("\n", *said, f.subject, f.period, f.rule, f.clause, f.nonconformity)
    titles = (_joined(" ", f.situation, f.title_zh), _joined(" ", f.situation, f.title_en))
    row = _row(Kind.FINDING, f, f.id, "row", "", text, titles, f.first_seen, f.withdrawn.is_(None))
    return Part(Kind.FINDING, row, f.plant_id, (f.id,), FINDING, (f.situation, f.subject, f.period))


def _of_nonconformities() -> list[Part]:
    n, w = nonconformity.c, work_case.c
    titles = (_joined(" ", n.number, n.title_zh), _joined(" ", n.number, n.title_en))
    row = _row(Kind.NONCONFORMITY, n, n.number, "row", "", n.rule, titles, n.opened, _unsettled())
    fields = _row(Kind.NONCONFORMITY, w, w.object_id, "json", "fields", w.fields).where(w.kind == NONCONFORMITY)
    return [
        Part(Kind.NONCONFORMITY, query, plant, (number,), NONCONFORMITY, (number,))
        for query, plant, number in ((row, n.plant_id, n.number), (fields, w.plant_id, w.object_id))
    ]


def _unsettled() -> Any:  # noqa: ANN401 - a condition
    n, w = nonconformity.c, work_case.c
    same = and_(w.plant_id == n.plant_id, w.kind == NONCONFORMITY, w.object_id == n.number, w.settled.is_not(None))
    return ~select(literal(1)).select_from(work_case).where(same).correlate(nonconformity).exists()


def _of_documents() -> list[Part]:
    d, v, t = document.c, document_version.c, document_text.c
    titles = (_joined(" ", d.number, d.title_zh), _joined(" ", d.number, d.title_en))
    row = _row(Kind.DOCUMENT, d, d.number, "row", "", _joined("\n", d.about, d.rule), titles, d.opened)
    version = _row(Kind.DOCUMENT, v, v.number, "version", v.label, _joined("\n", v.why, v.ended_why))
    section = _row(Kind.DOCUMENT, t, t.number, "json", t.section, t.content).where(t.place == _latest())
    return [
        Part(Kind.DOCUMENT, query, columns.plant_id, (columns.number,), DOCUMENT, (columns.number,))
        for query, columns in ((row, d), (version, v), (section, t))
    ]


def _of_files() -> Part:
    s = case_step.c
    id_ = _joined(BETWEEN, s.kind, cast(s.seq, Text), s.object_id)
    query = _row(Kind.FILE, s, id_, "files", s.at, s.files).where(s.files != "[]")
    return Part(Kind.FILE, query, s.plant_id, (s.kind, s.seq, s.object_id), CASE, (s.kind, s.object_id))


def _of_sheet(kind: type[Row]) -> Part:
    """The rows of a sheet: their words, by the earliest of the days that say when they are of.

    Of what is kept for each day (the day is in the key) only rows that somebody wrote a word about are found: else
    each question would name thousands of them.
    """
    sheet, c = kind.SHEET, sheets[kind].c
    key = _joined(SEPARATOR, *(cast(c[name], Text) for name in sheet.key))
    words = [func.coalesce(c[one.name], "") for one in sheet.columns if one.cell in _OF_WORDS]
    title = literal(sheet.heading) + " " + _joined(" · ", *(cast(c[name], Text) for name in sheet.key))
    days = [one.name for one in sheet.columns if one.cell is Cell.DAY]
    days.sort(key=lambda name: name not in sheet.decides)
    day = func.coalesce(*(c[name] for name in days), null()) if days else None
    id_ = literal(f"{sheet.table}{BETWEEN}") + cast(c.id, Text)
    found = _OWN.get(kind, Kind.RECORD)
    query = _row(found, c, id_, "sheet", key, _joined("\n", *words), (title, title), day)
    free = [c[one.name] != "" for one in sheet.columns if one.cell is Cell.FREE]
    if free and any(sheet.column(name).cell is Cell.DAY for name in sheet.key):
        query = query.where(or_(*free))
    return Part(found, query, c.plant_id, (c.id,), sheet.table, tuple(c[name] for name in sheet.key))


def _latest() -> Any:  # noqa: ANN401 - a scalar subquery
    """The version that last changed a section."""
    t, other = document_text.c, document_text.alias("later")
    same = and_(other.c.plant_id == t.plant_id, other.c.number == t.number, other.c.section == t.section)
    return select(func.max(other.c.place)).where(same).correlate(document_text).scalar_subquery()
