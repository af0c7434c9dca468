"""The register as texts to be searched: one statement for a plant, and one for things that are named."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Date, Select, Text, and_, cast, func, literal, null, select, tuple_, union_all
from sqlalchemy.sql import ColumnElement

from compliance.adapters.case_tables import case_step, work_case
from compliance.adapters.database import Database
from compliance.adapters.document_tables import document, document_text, document_version
from compliance.adapters.tables import finding, log, log_head, nonconformity, occurrence
from compliance.core.judged import NONCONFORMITY
from compliance.core.searching import BETWEEN, Entry, Key, Kind
from compliance.kernel.text import Text as Words


@dataclass
class _Found:
    """What rows of one thing say together."""

    title: Words = field(default_factory=lambda: Words("", ""))
    day: date | None = None
    lines: dict[str, str] = field(default_factory=dict)


class SqlSearchTexts:
    """Implements ``core.searching.SearchTexts``."""

    def __init__(self, database: Database) -> None:
        """Ask the register's database."""
        self._database = database

    def positions(self) -> Mapping[int, str]:
        """How long the log of each plant is: one statement."""
        size = func.sum(log_head.c.size).label("size")
        query = select(log.c.plant_id, size).join(log_head, log_head.c.log_id == log.c.id)
        query = query.where(log.c.plant_id.is_not(None)).group_by(log.c.plant_id)
        with self._database.read() as connection:
            return {row.plant_id: str(int(row.size)) for row in connection.execute(query)}

    def entries(self, plant: int) -> Sequence[Entry]:
        """Everything of a plant that can be found: one statement."""
        return list(self._asked([query for query, _keyed in _parts(plant)]))

    def named(self, keys: Collection[Key]) -> Mapping[Key, Entry]:
        """Those of the keys that exist, as they are now: one statement."""
        by_kind: dict[Kind, list[tuple[Any, ...]]] = defaultdict(list)
        for key in keys:
            if (columns := _columns_of(key)) is not None:
                by_kind[key.kind].append(columns)
        kept = [
            query.where(tuple_(*keyed[1]).in_(by_kind[keyed[0]]))
            for query, keyed in _parts(None)
            if by_kind.get(keyed[0])
        ]
        return {entry.key: entry for entry in self._asked(kept)} if kept else {}

    def _asked(self, queries: Sequence[Select[Any]]) -> Iterator[Entry]:
        found: dict[Key, _Found] = {}
        with self._database.read() as connection:
            for row in connection.execute(union_all(*queries)):
                one = found.setdefault(Key(row.plant_id, Kind(row.kind), row.id), _Found())
                _add(one, row)
        return (
            Entry(key, one.title, "\n".join(filter(None, one.lines.values())), one.day) for key, one in found.items()
        )


def _add(one: _Found, row: Any) -> None:  # noqa: ANN401 - a row
    if row.zh is not None:
        one.title = Words(row.zh, row.en)
    one.day = row.day or one.day
    text = row.text or ""
    match row.part:
        case "json":  # the later content of a section goes before the earlier one
            one.lines[row.name] = "\n".join(_flat(json.loads(text)))
        case "files":
            names = [str(file["name"]) for file in json.loads(text)]
            one.title = Words("、".join(names), ", ".join(names))
            one.day = date.fromisoformat(row.name[:10])
        case _:
            one.lines[f"{row.part}/{row.name}"] = text


def _flat(value: object) -> Iterator[str]:
    """Every text in what a field or section holds."""
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _flat(inner)
        case list():
            for inner in value:
                yield from _flat(inner)
        case _:
            return


def _row(
    kind: Kind,
    table: Any,  # noqa: ANN401 - columns
    id_: ColumnElement[Any],
    part: str,
    name: Any,  # noqa: ANN401 - a column or a literal
    text: Any,  # noqa: ANN401 - as above
    titles: tuple[Any, Any] | None = None,
    day: Any = None,  # noqa: ANN401 - as above
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
    )


def _joined(by: str, *columns: Any) -> Any:  # noqa: ANN401 - columns
    whole = columns[0]
    for column in columns[1:]:
        whole = whole + by + column
    return whole


#: A part of everything of a kind, the columns of its table, and those that name its thing.
_Part = tuple[Select[Any], Any, tuple[Kind, tuple[Any, ...]]]


def _parts(plant: int | None) -> list[tuple[Select[Any], tuple[Kind, tuple[Any, ...]]]]:
    """Every part of everything, of a plant if one is given, with the columns that name its thing."""
    parts = [_of_occurrences(), _of_findings(), *_of_nonconformities(), *_of_documents(), _of_files()]
    return [(query if plant is None else query.where(c.plant_id == plant), keyed) for query, c, keyed in parts]


def _of_occurrences() -> _Part:
    o = occurrence.c
    text = _joined("\n", o.subject, o.obligation, o.clause, o.derivation_zh, o.derivation_en)
    titles = (_joined(" ", o.code, o.title_zh, o.period), _joined(" ", o.code, o.title_en, o.period))
    return _row(Kind.OCCURRENCE, o, o.id, "row", "", text, titles, o.due), o, (Kind.OCCURRENCE, (o.plant_id, o.id))


def _of_findings() -> _Part:
    f = finding.c
    said = (f.message_zh, f.message_en, f.remedy_zh, f.remedy_en, f.note)
    text = _joined("\n", *said, f.subject, f.period, f.rule, f.clause, f.nonconformity)
    titles = (_joined(" ", f.situation, f.title_zh), _joined(" ", f.situation, f.title_en))
    return _row(Kind.FINDING, f, f.id, "row", "", text, titles, f.first_seen), f, (Kind.FINDING, (f.plant_id, f.id))


def _of_nonconformities() -> list[_Part]:
    n, w = nonconformity.c, work_case.c
    titles = (_joined(" ", n.number, n.title_zh), _joined(" ", n.number, n.title_en))
    row = _row(Kind.NONCONFORMITY, n, n.number, "row", "", n.rule, titles, n.opened)
    fields = _row(Kind.NONCONFORMITY, w, w.object_id, "json", "fields", w.fields).where(w.kind == NONCONFORMITY)
    return [
        (row, n, (Kind.NONCONFORMITY, (n.plant_id, n.number))),
        (fields, w, (Kind.NONCONFORMITY, (w.plant_id, w.object_id))),
    ]


def _of_documents() -> list[_Part]:
    d, v, t = document.c, document_version.c, document_text.c
    titles = (_joined(" ", d.number, d.title_zh), _joined(" ", d.number, d.title_en))
    row = _row(Kind.DOCUMENT, d, d.number, "row", "", _joined("\n", d.about, d.rule), titles, d.opened)
    version = _row(Kind.DOCUMENT, v, v.number, "version", v.label, _joined("\n", v.why, v.ended_why))
    section = _row(Kind.DOCUMENT, t, t.number, "json", t.section, t.content).where(t.place == _latest())
    return [
        (row, d, (Kind.DOCUMENT, (d.plant_id, d.number))),
        (version, v, (Kind.DOCUMENT, (v.plant_id, v.number))),
        (section, t, (Kind.DOCUMENT, (t.plant_id, t.number))),
    ]


def _of_files() -> _Part:
    s = case_step.c
    id_ = _joined(BETWEEN, s.kind, cast(s.seq, Text), s.object_id)
    query = _row(Kind.FILE, s, id_, "files", s.at, s.files).where(s.files != "[]")
    return query, s, (Kind.FILE, (s.plant_id, s.kind, s.seq, s.object_id))


def _latest() -> Any:  # noqa: ANN401 - a scalar subquery
    """The version that last changed a section."""
    t, other = document_text.c, document_text.alias("later")
    same = and_(other.c.plant_id == t.plant_id, other.c.number == t.number, other.c.section == t.section)
    return select(func.max(other.c.place)).where(same).correlate(document_text).scalar_subquery()


def _columns_of(key: Key) -> tuple[Any, ...] | None:
    """The values that name the row of a key; None where no row can be."""
    match key.kind:
        case Kind.OCCURRENCE | Kind.FINDING:
            return (key.plant, int(key.id)) if key.id.isascii() and key.id.isdigit() else None
        case Kind.FILE:
            kind, seq, name = (*key.id.split(BETWEEN, 2), "", "")[:3]
            return (key.plant, kind, int(seq), name) if seq.isascii() and seq.isdigit() else None
        case _:
            return (key.plant, key.id)
