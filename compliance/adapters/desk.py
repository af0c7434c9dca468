"""The questions of ``core.desk`` and ``core.recording``: one statement each, at most two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, cast

from sqlalchemy import Date, Select, String, and_, bindparam, distinct, func, literal, select, union_all
from sqlalchemy import Row as SqlRow
from sqlalchemy import cast as as_type
from sqlalchemy.sql import ColumnElement

from compliance.adapters.case_tables import work_case
from compliance.adapters.database import Database
from compliance.adapters.notice_tables import notice
from compliance.adapters.notices import stored_notice
from compliance.adapters.positions import Position, pack, unpack
from compliance.adapters.tables import finding, membership, nonconformity, occurrence, plant, sheets
from compliance.adapters.tallies import days_of
from compliance.core.desk import PlantView, Word
from compliance.core.judged import NONCONFORMITY
from compliance.core.lists import TO_DO, Page
from compliance.core.model import (
    CollectionItem,
    Department,
    Instrument,
    Laboratory,
    LedgerApproval,
    MissingData,
    PersonPeriod,
    ProductionLine,
    Reading,
    Refers,
    Row,
    Trade,
)
from compliance.core.notices import StoredNotice
from compliance.core.plants import Plant
from compliance.core.recording import Daily

_BIGGEST_ID = 2**63 - 1
#: Where the values of a reference stand, and the column that people know them by.
_WORDS: Mapping[Refers, tuple[type[Row], str, str]] = {
    Refers.ACCOUNT: (PersonPeriod, "account", "name"),
    Refers.LINE: (ProductionLine, "line", "name"),
    Refers.INSTRUMENT: (Instrument, "number", "name"),
    Refers.LABORATORY: (Laboratory, "number", "name"),
    Refers.TRADE: (Trade, "number", "asset"),
    Refers.DEPARTMENT: (Department, "name", "number"),
}
_SAME: Mapping[Refers, Refers] = {Refers.ACCOUNTS: Refers.ACCOUNT, Refers.LINE_OR_PLANT: Refers.LINE}


class SqlDesk:
    """The part of the lists that knows daily work."""

    def __init__(self, database: Database) -> None:
        """Ask the register's database."""
        self._database = database

    def daily(self, plant: Plant, first: date, last: date) -> Daily:
        """The plan with the last day of each series, readings, treated gaps and persons: four statements."""
        day = sheets[Reading].c.on
        readings = _of(plant, Reading).where(day >= first, day <= last).order_by(day)
        with self._database.read() as connection:
            plan = connection.execute(_plan(), {"this": plant.id}).all()
            rows = connection.execute(readings).all()
            treated = connection.execute(_of(plant, MissingData)).all()
            periods = connection.execute(_of(plant, PersonPeriod)).all()
        return Daily(
            plan=_made(CollectionItem, plan),
            readings=_made(Reading, rows),
            treated=_made(MissingData, treated),
            periods=_made(PersonPeriod, periods),
            latest={(r.line, r.item): r.latest for r in plan if r.latest is not None},
        )

    def unrecorded(self, plant: Plant, on: date) -> Sequence[CollectionItem]:
        """The items of the plan without a reading of that day and without a treated gap: one statement."""
        with self._database.read() as connection:
            return _made(CollectionItem, connection.execute(_unrecorded(), {"this": plant.id, "that_day": on}).all())

    def last_rows(self, plant: Plant, kind: type[Row], limit: int) -> Sequence[Row]:
        """The rows that were stored last, newest first."""
        query = _of(plant, kind).order_by(sheets[kind].c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return _made(kind, connection.execute(query).all())

    def words(self, plant: Plant, refers: Sequence[Refers]) -> Mapping[Refers, Sequence[Word]]:
        """The values that references of these kinds admit: one statement."""
        wanted = sorted({_SAME.get(r, r) for r in refers} & _WORDS.keys())
        if not wanted:
            return {}
        found: dict[Refers, dict[str, Word]] = {r: {} for r in wanted}
        with self._database.read() as connection:
            for row in connection.execute(union_all(*(_words(plant, r) for r in wanted))):
                found[Refers(row.refers)][row.value] = Word(row.value, row.label or "")
        return {r: sorted(found[_SAME.get(r, r)].values(), key=_by_value) for r in refers if _SAME.get(r, r) in found}

    def notices_of(self, plant: Plant, person: str, after: str, limit: int) -> Page[StoredNotice]:
        """A page of a person's notices, newest first."""
        query = select(notice).where(notice.c.plant_id == plant.id, notice.c.person == person)
        if after:
            query = query.where(notice.c.id < Position.number(unpack(after, 1)[0]))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(notice.c.id.desc()).limit(limit + 1)).all()
        more = pack(rows[limit - 1].id) if len(rows) > limit else ""
        return Page(tuple(stored_notice(r) for r in rows[:limit]), more)

    def notice(self, plant: Plant, person: str, number: int) -> StoredNotice | None:
        """One notice of a person."""
        if number > _BIGGEST_ID:
            return None
        c = notice.c
        query = select(notice).where(c.plant_id == plant.id, c.person == person, c.id == number)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return stored_notice(row) if row else None

    def group_view(self, user: int, today: date, settled: Sequence[str]) -> Sequence[PlantView]:
        """Every plant that a person may see: two statements."""
        given = {"this": user, **days_of(today)}
        with self._database.read() as connection:
            plants = connection.execute(_plants(tuple(settled)), given).all()
            graded = connection.execute(_grades(tuple(settled)), {"this": user}).all()
        grades: dict[int, dict[str, int]] = {}
        for row in graded:
            grades.setdefault(row.plant_id, {})[row.grade] = row.number
        return [_view(row, grades.get(row.id, {})) for row in plants]


def _by_value(word: Word) -> str:
    return word.value


def _of(of: Plant, kind: type[Row]) -> Select[Any]:
    table = sheets[kind]
    return select(*(table.c[c.name] for c in kind.SHEET.columns)).where(table.c.plant_id == of.id)


def _made(kind: type[Any], rows: Iterable[SqlRow[Any]]) -> list[Any]:
    names = [c.name for c in kind.SHEET.columns]
    return [kind(**{name: getattr(row, name) for name in names}) for row in rows]


def _words(of: Plant, refers: Refers) -> Select[Any]:
    kind, value, label = _WORDS[refers]
    c = sheets[kind].c
    named = (literal(refers.value).label("refers"), c[value].label("value"), as_type(c[label], String).label("label"))
    return select(*named).where(c.plant_id == of.id, c[value].is_not(None))


@cache
def _plan() -> Select[Any]:
    """The plan; the last reading of a series is found from the newest day backwards."""
    item, reading = sheets[CollectionItem].c, sheets[Reading].c
    latest = (
        select(reading.on)
        .where(reading.plant_id == item.plant_id, reading.line == item.line, reading.item == item.item)
        .order_by(reading.on.desc())
        .limit(1)
    )
    columns = (item[c.name] for c in CollectionItem.SHEET.columns)
    last = latest.correlate(sheets[CollectionItem]).scalar_subquery().label("latest")
    query = select(*columns, last).where(item.plant_id == bindparam("this"))
    return query.order_by(item.line, item.item)


@cache
def _unrecorded() -> Select[Any]:
    item, reading, gap = sheets[CollectionItem].c, sheets[Reading].c, sheets[MissingData].c
    on = bindparam("that_day", type_=Date)
    same = (reading.plant_id == item.plant_id, reading.line == item.line, reading.item == item.item)
    recorded = select(reading.id).where(*same, reading.on == on).correlate(sheets[CollectionItem]).exists()
    series = (gap.plant_id == item.plant_id, gap.line == item.line, gap.item == item.item)
    spans = (gap.since <= on, func.coalesce(gap.until, gap.since) >= on)
    treated = select(gap.id).where(*series, *spans).correlate(sheets[CollectionItem]).exists()
    columns = (item[c.name] for c in CollectionItem.SHEET.columns)
    query = select(*columns).where(item.plant_id == bindparam("this"), ~recorded, ~treated)
    return query.order_by(item.line, item.item)


def _mine() -> ColumnElement[bool]:
    mine = (membership.c.plant_id == plant.c.id) | membership.c.plant_id.is_(None)
    return select(membership.c.id).where(membership.c.user_id == bindparam("this"), mine).correlate(plant).exists()


@cache
def _plants(settled: tuple[str, ...]) -> Select[Any]:
    """Each figure walks a stretch of an index of its own."""
    o, w, n = occurrence.c, work_case.c, nonconformity.c
    today, week = bindparam("today", type_=Date), bindparam("in_a_week", type_=Date)
    to_do = o.state.in_([s.value for s in TO_DO])
    ledger, reading = sheets[LedgerApproval].c, sheets[Reading].c
    here = and_(n.plant_id == w.plant_id, n.number == w.object_id)
    late = select(func.count()).select_from(work_case.join(nonconformity, here))
    late = late.where(w.plant_id == plant.c.id, w.kind == NONCONFORMITY, w.due < today, n.state.not_in(settled))
    return (
        select(
            plant,
            _one(func.min(o.due), o.plant_id, to_do, o.due < today).label("worst"),
            _one(func.count(), o.plant_id, to_do, o.due < today).label("overdue"),
            _one(func.count(), o.plant_id, to_do, o.due >= today, o.due <= week).label("within_week"),
            _one(func.count(), finding.c.plant_id, finding.c.withdrawn.is_(None)).label("findings"),
            late.correlate(plant).scalar_subquery().label("late_actions"),
            _one(func.count(distinct(ledger.month)), ledger.plant_id, ledger.approved_on.is_(None)).label("unsigned"),
            _one(func.max(reading.on), reading.plant_id).label("recorded"),
        )
        .where(_mine())
        .order_by(plant.c.key)
    )


def _one(figure: ColumnElement[Any], of: ColumnElement[Any], *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    query = select(figure).select_from(of.table).where(of == plant.c.id, *conditions)
    return query.correlate(plant).scalar_subquery()


@cache
def _grades(settled: tuple[str, ...]) -> Select[Any]:
    n = nonconformity.c
    mine = select(plant.c.id).where(_mine())  # named so, each plant's stretch of the index is walked by itself
    query = select(n.plant_id, n.grade, func.count().label("number"))
    return query.where(n.plant_id.in_(mine), n.state.not_in(settled)).group_by(n.plant_id, n.grade)


def _view(r: SqlRow[Any], grades: Mapping[str, int]) -> PlantView:
    return PlantView(
        plant=Plant(r.id, r.key, r.short, r.name, r.data_start, r.data_end, r.onboarded, r.mark),
        worst=cast("date | None", r.worst),
        overdue=r.overdue,
        within_week=r.within_week,
        findings=r.findings,
        late_actions=r.late_actions,
        unsigned=r.unsigned,
        recorded=cast("date | None", r.recorded),
        grades=grades,
    )
