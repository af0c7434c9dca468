"""The questions of ``core.waiting``: one statement each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy import Row as SqlRow
from sqlalchemy.sql import ColumnElement

from compliance.adapters import mapping
from compliance.adapters.case_tables import case_step, work_case
from compliance.adapters.database import Database
from compliance.adapters.document_tables import document, document_version
from compliance.adapters.tables import nonconformity, occurrence, sheets
from compliance.core.controlled import DOCUMENT, ControlledDocument, DocumentAtHand, DocumentVersion
from compliance.core.judged import NONCONFORMITY, OCCURRENCE, Nonconformity
from compliance.core.lists import TO_DO, OccurrenceRow
from compliance.core.model import PersonPeriod
from compliance.core.plants import Plant
from compliance.core.waiting import MOST_CASES, MOST_OWN, AtHand, CaseAtHand
from compliance.kernel.text import Text
from compliance.rulebase.casework import FieldValue, Taken

_PERSON = "person"
_BETWEEN, _AFTER = " ", "\n"
#: The columns that every part of the first question has: texts, then two days.
_TEXTS = ("a", "b", "c", "d", "taken", "number", "rule", "group", "zh", "en", "category", "grade", "origin")


class SqlWaiting:
    """The part of the lists that knows what waits for a person."""

    def __init__(self, database: Database) -> None:
        """Ask the register's database."""
        self._database = database

    def at_hand(self, plant: Plant, account: str, states: Mapping[str, Sequence[str]]) -> AtHand:
        """Cases in these states of their kind, those of others and those of this account; the oldest of each state."""
        kinds = (OCCURRENCE, NONCONFORMITY, DOCUMENT)
        query = _at_hand(*(tuple(states.get(kind, ())) for kind in kinds))
        with self._database.read() as connection:
            rows = connection.execute(query, {"this": plant.id, "account": account}).all()
        periods = tuple(_period(r) for r in rows if r.what == _PERSON)
        return AtHand(periods, tuple(_case(r) for r in rows if r.what != _PERSON))

    def duties(
        self, plant: Plant, stretches: Sequence[tuple[date, date]], most: int, keys: Sequence[Sequence[str]]
    ) -> Sequence[OccurrenceRow]:
        """Occurrences still to do: of each stretch of days the first ``most``, and those of the keys; by due day."""
        given: dict[str, object] = {"this": plant.id, "most": most}
        for n, (first, last) in enumerate(stretches):
            given |= {f"first_{n}": first, f"last_{n}": last}
        if keys:
            given["keys"] = [tuple(key) for key in keys]
        with self._database.read() as connection:
            found = connection.execute(_duties(len(stretches), named=bool(keys)), given)
            return [OccurrenceRow(r.id, mapping.occurrence_of(r)) for r in found]


# The statements are made once: making them takes longer than the database needs to answer them.


@cache
def _at_hand(worked: tuple[str, ...], open_tickets: tuple[str, ...], documents: tuple[str, ...]) -> CompoundSelect[Any]:
    """Each part walks an index in the order that it asks for, and ends at its limit."""
    c, n = work_case.c, nonconformity.c
    own = c.owner == bindparam("account")
    others = or_(c.owner.is_(None), c.owner != bindparam("account"))
    parts = [_periods()]
    parts += [_limited(_worked(state).order_by(c.id), MOST_CASES) for state in worked]
    parts += [_limited(_own_tickets(own, open_tickets).order_by(c.due, c.id), MOST_OWN)] if open_tickets else []
    parts += [_limited(_tickets(n.state == s, others).order_by(n.opened, n.id), MOST_CASES) for s in open_tickets]
    parts += [_limited(_documents(s).order_by(document_version.c.number), MOST_CASES) for s in documents]
    return union_all(*parts)


@cache
def _duties(stretches: int, *, named: bool) -> Select[Any]:
    c = occurrence.c
    here = c.plant_id == bindparam("this")
    most = bindparam("most", type_=Integer)
    wanted: list[Select[Any]] = []
    for n in range(stretches):
        span = c.due.between(bindparam(f"first_{n}", type_=c.due.type), bindparam(f"last_{n}", type_=c.due.type))
        first = select(c.id, c.due).where(here, span).order_by(c.due, c.id).limit(most)
        walks = union_all(*(select(first.where(c.state == s.value).subquery()) for s in TO_DO)).subquery()
        wanted.append(select(select(walks.c.id).order_by(walks.c.due, walks.c.id).limit(most).subquery()))
    if named:
        keys: BindParameter[Any] = bindparam("keys", expanding=True)
        wanted.append(select(c.id).where(here, tuple_(c.obligation, c.subject, c.period).in_(keys)))
    # Every part is of the plant; said again here, the whole index of the plant would be walked instead.
    return select(occurrence).where(c.id.in_(union_all(*wanted))).order_by(c.due, c.id)


def _steps() -> ColumnElement[Any]:
    """The steps of a case as one text: number, step, account; a line each."""
    c = case_step.c
    line = cast(c.seq, String) + _BETWEEN + c.step + _BETWEEN + c.account
    same = and_(c.plant_id == work_case.c.plant_id, c.kind == work_case.c.kind, c.object_id == work_case.c.object_id)
    return select(func.aggregate_strings(line, _AFTER)).where(same).correlate(work_case).scalar_subquery()


def _columns(what: str, first: ColumnElement[Any], last: ColumnElement[Any], **texts: Any) -> list[Any]:  # noqa: ANN401 - any column
    given = [texts.get(name, cast(null(), String)) for name in _TEXTS]
    columns = zip(given, _TEXTS, strict=True)
    return [
        literal(what).label("what"),
        *(column.label(name) for column, name in columns),
        first.label("first"),
        last.label("last"),
    ]


def _periods() -> Select[Any]:
    c = sheets[PersonPeriod].c
    texts = {"a": c.account, "b": c.name, "c": c.department, "d": c.posts}
    here = (c.plant_id == bindparam("this"), c.account == bindparam("account"))
    return select(*_columns(_PERSON, c.since, c.until, **texts)).where(*here)


def _of_case() -> dict[str, ColumnElement[Any]]:
    c = work_case.c
    return {"a": c.object_id, "b": c.state, "c": c.fields, "d": c.owner, "taken": _steps()}


def _worked(state: str) -> Select[Any]:
    c = work_case.c
    columns = _columns(OCCURRENCE, c.due, c.settled, **_of_case())
    return select(*columns).where(c.plant_id == bindparam("this"), c.kind == OCCURRENCE, c.state == state)


def _tickets(*conditions: ColumnElement[bool]) -> Select[Any]:
    n, c = nonconformity.c, work_case.c
    ticket = {
        "number": n.number, "rule": n.rule, "group": n.group, "zh": n.title_zh, "en": n.title_en,
        "category": n.category, "grade": n.grade, "origin": n.origin,
    }  # fmt: skip
    columns = _columns(NONCONFORMITY, c.due, n.opened, **(_of_case() | ticket | {"b": n.state}))
    case = and_(c.plant_id == n.plant_id, c.kind == NONCONFORMITY, c.object_id == n.number)
    joined = nonconformity.outerjoin(work_case, case)
    return select(*columns).select_from(joined).where(n.plant_id == bindparam("this"), *conditions)


def _documents(state: str) -> Select[Any]:
    """Versions in a state, whether a step of theirs was taken or not yet."""
    d, v, c = document.c, document_version.c, work_case.c
    name = v.number + "/" + v.label
    texts = {
        "a": name, "b": v.state, "c": c.fields, "taken": _steps(), "rule": d.rule, "group": v.number,
        "zh": d.title_zh, "en": d.title_en, "category": v.label, "origin": v.draft,
    }  # fmt: skip
    columns = _columns(DOCUMENT, null(), v.opened, **texts)
    of = and_(d.plant_id == v.plant_id, d.number == v.number)
    case = and_(c.plant_id == v.plant_id, c.kind == DOCUMENT, c.object_id == name)
    joined = document_version.join(document, of).outerjoin(work_case, case)
    return select(*columns).select_from(joined).where(v.plant_id == bindparam("this"), v.state == state)


def _own_tickets(own: ColumnElement[bool], states: Sequence[str]) -> Select[Any]:
    return _tickets(work_case.c.plant_id == bindparam("this"), own, nonconformity.c.state.in_(states))


def _limited(query: Select[Any], most: int) -> Select[Any]:
    """An ordered part of a union has to be a table of its own."""
    return select(query.limit(most).subquery())


def _period(row: SqlRow[Any]) -> PersonPeriod:
    return PersonPeriod(account=row.a, name=row.b, department=row.c, posts=row.d, since=row.first, until=row.last)


def _case(row: SqlRow[Any]) -> CaseAtHand:
    kept = json.loads(row.c) if row.c else {}
    fields: dict[str, FieldValue] = {k: tuple(v) if isinstance(v, list) else v for k, v in kept.items()}
    return CaseAtHand(
        kind=row.what,
        object_id=row.number or row.a,
        state=row.b,
        owner=row.d,
        due=row.first,
        ticket=_ticket(row) if row.number else None,
        fields=fields,
        taken=_taken(row.taken),
        document=_document(row) if row.what == DOCUMENT else None,
    )


def _document(row: SqlRow[Any]) -> DocumentAtHand:
    """As much of a document as deciding who may lead it on needs."""
    title, number = Text(row.zh, row.en), row.group
    known = ControlledDocument(
        number=number, rule=row.rule, kind="", about="", title=title, series="", place=0, retention="", opened=row.last
    )
    version = DocumentVersion(
        number=number, place=0, label=row.category, state=row.b, opened=row.last, draft=row.origin
    )
    return DocumentAtHand(known, version, (version,))


def _ticket(row: SqlRow[Any]) -> Nonconformity:
    return Nonconformity(
        number=row.number, rule=row.rule, group=row.group, title=Text(row.zh, row.en), category=row.category,
        grade=row.grade, state=row.b, opened=row.last, origin=row.origin,
    )  # fmt: skip


def _taken(text: str | None) -> tuple[Taken, ...]:
    lines = [line.split(_BETWEEN, 2) for line in (text or "").split(_AFTER) if line]
    return tuple(Taken(step, account) for _seq, step, account in sorted(lines, key=lambda line: int(line[0])))
