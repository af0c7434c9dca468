"""The questions of ``core.waiting``: one statement each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row as SqlRow
from sqlalchemy import Select, String, and_, cast, func, literal, null, or_, select, tuple_, union_all
from sqlalchemy.sql import ColumnElement

from compliance.adapters import mapping
from compliance.adapters.case_tables import case_step, work_case
from compliance.adapters.database import Database
from compliance.adapters.tables import nonconformity, occurrence, sheets
from compliance.core.judged import NONCONFORMITY, OCCURRENCE, Nonconformity
from compliance.core.lists import TO_DO, OccurrenceRow
from compliance.core.model import PersonPeriod
from compliance.core.plants import Plant
from compliance.core.waiting import MOST_CASES, MOST_DUTIES, AtHand, CaseAtHand
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

    def at_hand(self, plant: Plant, account: str, settled: Mapping[str, Sequence[str]]) -> AtHand:
        """Cases outside the settled states of their kind: those of others to look at, and those of this account."""
        tickets = _open_tickets(plant, settled[NONCONFORMITY])
        parts = (
            _periods(plant, account),
            _limited(_worked(plant, settled[OCCURRENCE]).order_by(work_case.c.id)),
            _limited(tickets.where(work_case.c.owner == account).order_by(work_case.c.due, work_case.c.id)),
            _limited(tickets.where(_not_of(account)).order_by(nonconformity.c.opened, nonconformity.c.id)),
        )
        with self._database.read() as connection:
            rows = connection.execute(union_all(*parts)).all()
        periods = tuple(_period(r) for r in rows if r.what == _PERSON)
        return AtHand(periods, tuple(_case(r) for r in rows if r.what != _PERSON))

    def duties(self, plant: Plant, until: date, keys: Sequence[Sequence[str]]) -> Sequence[OccurrenceRow]:
        """Occurrences still to do by a day, and those of the keys; by due day."""
        c = occurrence.c
        here = c.plant_id == plant.id
        first = (
            select(c.id)
            .where(here, c.state.in_([s.value for s in TO_DO]), c.due <= until)
            .order_by(c.due, c.id)
            .limit(MOST_DUTIES)
        )
        wanted = select(first.subquery().c.id)
        if keys:
            named = tuple_(c.obligation, c.subject, c.period).in_([tuple(key) for key in keys])
            wanted = union_all(wanted, select(c.id).where(here, named))  # type: ignore[assignment] # both are selects
        query = select(occurrence).where(here, c.id.in_(wanted)).order_by(c.due, c.id)
        with self._database.read() as connection:
            return [OccurrenceRow(r.id, mapping.occurrence_of(r)) for r in connection.execute(query)]


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


def _periods(of: Plant, account: str) -> Select[Any]:
    c = sheets[PersonPeriod].c
    texts = {"a": c.account, "b": c.name, "c": c.department, "d": c.posts}
    return select(*_columns(_PERSON, c.since, c.until, **texts)).where(c.plant_id == of.id, c.account == account)


def _of_case() -> dict[str, ColumnElement[Any]]:
    c = work_case.c
    return {"a": c.object_id, "b": c.state, "c": c.fields, "d": c.owner, "taken": _steps()}


def _worked(of: Plant, settled: Sequence[str]) -> Select[Any]:
    c = work_case.c
    columns = _columns(OCCURRENCE, c.due, c.settled, **_of_case())
    return select(*columns).where(c.plant_id == of.id, c.kind == OCCURRENCE, c.state.not_in(settled))


def _open_tickets(of: Plant, settled: Sequence[str]) -> Select[Any]:
    n, c = nonconformity.c, work_case.c
    ticket = {
        "number": n.number, "rule": n.rule, "group": n.group, "zh": n.title_zh, "en": n.title_en,
        "category": n.category, "grade": n.grade, "origin": n.origin,
    }  # fmt: skip
    columns = _columns(NONCONFORMITY, c.due, n.opened, **(_of_case() | ticket | {"b": n.state}))
    case = and_(c.plant_id == n.plant_id, c.kind == NONCONFORMITY, c.object_id == n.number)
    joined = nonconformity.outerjoin(work_case, case)
    return select(*columns).select_from(joined).where(n.plant_id == of.id, n.state.not_in(settled))


def _not_of(account: str) -> ColumnElement[bool]:
    return or_(work_case.c.owner.is_(None), work_case.c.owner != account)


def _limited(query: Select[Any]) -> Select[Any]:
    """An ordered part of a union has to be a table of its own."""
    return select(query.limit(MOST_CASES).subquery())


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
    )


def _ticket(row: SqlRow[Any]) -> Nonconformity:
    return Nonconformity(
        number=row.number, rule=row.rule, group=row.group, title=Text(row.zh, row.en), category=row.category,
        grade=row.grade, state=row.b, opened=row.last, origin=row.origin,
    )  # fmt: skip


def _taken(text: str | None) -> tuple[Taken, ...]:
    lines = [line.split(_BETWEEN, 2) for line in (text or "").split(_AFTER) if line]
    return tuple(Taken(step, account) for _seq, step, account in sorted(lines, key=lambda line: int(line[0])))
