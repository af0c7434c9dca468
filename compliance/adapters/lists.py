"""The lists, counts and pages of ``core.lists``: named queries, keyset-paged, one statement each where it can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Subquery, Table, and_, case, func, literal, or_, select, tuple_, union_all
from sqlalchemy import Row as SqlRow
from sqlalchemy.sql import ColumnElement

from compliance.adapters import mapping
from compliance.adapters.database import Database
from compliance.adapters.leaves import leaf_of, leaves_query
from compliance.adapters.pictures import SqlPictures
from compliance.adapters.positions import Position, pack, unpack
from compliance.adapters.tables import finding, membership, nonconformity, occurrence, plant, sheets
from compliance.core.judged import StoredFinding
from compliance.core.lists import (
    LARGEST_EXPORT,
    TO_DO,
    Choices,
    Counts,
    FindingQuery,
    Leaf,
    LeafQuery,
    NonconformityQuery,
    NonconformityRow,
    OccurrenceQuery,
    OccurrenceRow,
    Page,
    PlantCard,
)
from compliance.core.model import SHEETS
from compliance.core.plants import Plant

T = TypeVar("T")

_CLOSED = "closed"
_WEEK = timedelta(days=7)
_MONTH = timedelta(days=30)
_BIGGEST_ID = 2**63 - 1


class SqlLists(SqlPictures):
    """Implements ``core.lists.Lists`` on both databases."""

    def __init__(self, database: Database) -> None:
        """Ask the register's database; every list is one consistent look."""
        super().__init__(database)
        self._database = database

    # --- plants of a person

    def plants(self, user: int) -> Sequence[PlantCard]:
        """Plants of a person, by key."""
        return _cards(self._all(_plants_of(user)))

    def plant(self, user: int, ref: str) -> PlantCard | None:
        """The plant of a key or short code, if the person may see it."""
        named = _plants_of(user).where(or_(plant.c.key == ref, plant.c.short == ref))
        cards = _cards(self._all(named))
        return next((c for c in cards if c.plant.key == ref), cards[0] if cards else None)

    def group(self, user: int, today: date) -> Sequence[PlantCard]:
        """Plants of a person with their counts, by key: two statements at any number of plants."""
        with self._look() as connection:
            cards = _cards(connection.execute(_plants_of(user)).all())
            mine = _plants_of(user).with_only_columns(plant.c.id).subquery()
            counts = {r.plant_id: _counts(r) for r in connection.execute(_counts_query(today, mine))}
        return [PlantCard(c.plant, c.roles, counts.get(c.plant.id, Counts())) for c in cards]

    def counts(self, plant: Plant, today: date) -> Counts:
        """How much there is to do."""
        row = next(iter(self._all(_counts_query(today, plant.id))), None)
        return _counts(row) if row else Counts()

    # --- occurrences

    def occurrences(self, plant: Plant, query: OccurrenceQuery) -> Page[OccurrenceRow]:
        """A page of occurrences."""
        table = occurrence
        asked = select(table).where(table.c.plant_id == plant.id)
        for column, value in ((table.c.code, query.code), (table.c.subject, query.subject)):
            asked = asked.where(column == value) if value else asked
        if query.period:
            asked = asked.where(table.c.period == query.period)
        if query.states:
            asked = asked.where(table.c.state.in_([s.value for s in query.states]))
        if query.due_from:
            asked = asked.where(table.c.due >= query.due_from)
        if query.due_until:
            asked = asked.where(table.c.due <= query.due_until)
        keys = (table.c.due, table.c.id)
        return self._page(asked, keys, query.after, query.limit, _occurrence, newest=query.newest)

    def occurrence(self, plant: Plant, number: int) -> OccurrenceRow | None:
        """One occurrence of the plant."""
        return self._one(occurrence, plant, number, _occurrence)

    def occurrence_number(self, plant: Plant, key: Sequence[str]) -> int | None:
        """The id of the occurrence of an obligation, subject and period."""
        columns = (occurrence.c.obligation, occurrence.c.subject, occurrence.c.period)
        if len(key) != len(columns):
            return None
        same = (column == value for column, value in zip(columns, key, strict=True))
        rows = self._all(select(occurrence.c.id).where(occurrence.c.plant_id == plant.id, *same))
        return rows[0].id if rows else None

    # --- findings and nonconformities

    def findings(self, plant: Plant, query: FindingQuery) -> Page[StoredFinding]:
        """A page of findings: those seen last first."""
        table = finding
        asked = select(table).where(table.c.plant_id == plant.id)
        if query.standing is not None:
            asked = asked.where(table.c.withdrawn.is_(None) if query.standing else table.c.withdrawn.is_not(None))
        for column, value in (
            (table.c.situation, query.situation),
            (table.c.grade, query.grade),
            (table.c.category, query.category),
            (table.c.subject, query.subject),
            (table.c.period, query.period),
            (table.c.nonconformity, query.nonconformity),
        ):
            asked = asked.where(column == value) if value else asked
        keys = (table.c.first_seen, table.c.id)
        return self._page(asked, keys, query.after, query.limit, mapping.finding_of, newest=True)

    def finding(self, plant: Plant, number: int) -> StoredFinding | None:
        """One finding of the plant."""
        return self._one(finding, plant, number, mapping.finding_of)

    def nonconformities(self, plant: Plant, query: NonconformityQuery) -> Page[NonconformityRow]:
        """A page of nonconformities, newest first."""
        table = nonconformity
        asked = _tickets(plant)
        for column, value in (
            (table.c.state, query.state),
            (table.c.category, query.category),
            (table.c.grade, query.grade),
        ):
            asked = asked.where(column == value) if value else asked
        return self._page(asked, (table.c.opened, table.c.id), query.after, query.limit, _ticket, newest=True)

    def nonconformity(self, plant: Plant, number: str) -> NonconformityRow | None:
        """One nonconformity of the plant."""
        row = next(iter(self._all(_tickets(plant).where(nonconformity.c.number == number))), None)
        return _ticket(row) if row else None

    def choices(self, plant: Plant) -> Choices:
        """Values that filters offer: one statement."""
        found: dict[str, list[str]] = {}
        for row in self._all(_choices_query(plant)):
            found.setdefault(row.what, []).append(row.value)
        return Choices(**{what: tuple(sorted(values)) for what, values in found.items()})

    # --- the trail and the sheets

    def trail(self, plant: Plant, query: LeafQuery) -> Page[Leaf]:
        """A page of the plant's log, newest first."""
        before = int(unpack(query.after, 1)[0]) if query.after else None
        rows = self._all(leaves_query(plant, query, before).limit(query.limit + 1))
        shown = rows[: query.limit]
        more = pack(shown[-1].seq) if len(rows) > query.limit else ""
        return Page(tuple(leaf_of(r) for r in shown), more)

    def leaf(self, plant: Plant, seq: int) -> Leaf | None:
        """One leaf of the plant's log."""
        if seq >= _BIGGEST_ID:
            return None
        rows = self._all(leaves_query(plant, LeafQuery(), seq + 1).limit(1))
        return leaf_of(rows[0]) if rows and rows[0].seq == seq else None

    def source(self, plant: Plant, table: str, key: Sequence[str]) -> Mapping[str, object] | None:
        """One row of a sheet's table by its natural key."""
        kind = next(kind for kind in SHEETS if kind.SHEET.table == table)
        columns = sheets[kind]
        names = kind.SHEET.key
        if len(key) != len(names):
            return None
        try:
            values = [_typed(columns.c[name].type.python_type, value) for name, value in zip(names, key, strict=True)]
        except ValueError:
            return None
        same = (columns.c[name] == value for name, value in zip(names, values, strict=True))
        rows = self._all(select(columns).where(columns.c.plant_id == plant.id, *same))
        return dict(rows[0]._mapping) if rows else None  # noqa: SLF001 - the public name of a row's mapping

    # --- pages

    def _page(
        self,
        asked: Select[Any],
        keys: tuple[ColumnElement[Any], ColumnElement[Any]],
        after: str,
        limit: int,
        made: Callable[[SqlRow[Any]], T],
        *,
        newest: bool = False,
    ) -> Page[T]:
        limit = max(1, min(limit, LARGEST_EXPORT))
        if after:
            asked = asked.where(_beyond(keys, _position(after), newest=newest))
        order = [key.desc() if newest else key.asc() for key in keys]
        rows = self._all(asked.order_by(*order).limit(limit + 1))
        shown = rows[:limit]
        more = pack(getattr(shown[-1], keys[0].key or ""), shown[-1].id) if len(rows) > limit else ""
        return Page(tuple(made(r) for r in shown), more)

    def _one(self, table: Table, plant: Plant, number: int, made: Callable[[SqlRow[Any]], T]) -> T | None:
        if number > _BIGGEST_ID:
            return None
        rows = self._all(select(table).where(table.c.plant_id == plant.id, table.c.id == number))
        return made(rows[0]) if rows else None

    def _all(self, query: Any) -> Sequence[SqlRow[Any]]:  # noqa: ANN401 - any select
        with self._look() as connection:
            found: Sequence[SqlRow[Any]] = connection.execute(query).all()
            return found

    @contextmanager
    def _look(self) -> Iterator[Connection]:
        with self._database.read() as connection:
            yield connection


def _position(after: str) -> tuple[date, int]:
    due, number = unpack(after, 2)
    return Position.day(due), Position.number(number)


def _beyond(
    keys: tuple[ColumnElement[Any], ColumnElement[Any]], position: tuple[date, int], *, newest: bool
) -> ColumnElement[bool]:
    here = tuple_(*(literal(value, key.type) for value, key in zip(position, keys, strict=True)))
    return tuple_(*keys) < here if newest else tuple_(*keys) > here


def _occurrence(row: SqlRow[Any]) -> OccurrenceRow:
    return OccurrenceRow(row.id, mapping.occurrence_of(row))


def _ticket(row: SqlRow[Any]) -> NonconformityRow:
    return NonconformityRow(mapping.nonconformity_of(row), row.findings, row.standing)


def _tickets(of: Plant) -> Select[Any]:
    """Nonconformities with the numbers of their findings, which an index counts."""
    gathered = and_(finding.c.plant_id == nonconformity.c.plant_id, finding.c.nonconformity == nonconformity.c.number)
    every = select(func.count()).select_from(finding).where(gathered)
    standing = every.where(finding.c.withdrawn.is_(None))
    return select(
        nonconformity,
        every.correlate(nonconformity).scalar_subquery().label("findings"),
        standing.correlate(nonconformity).scalar_subquery().label("standing"),
    ).where(nonconformity.c.plant_id == of.id)


def _plants_of(user: int) -> Select[Any]:
    """Plants that a membership of the person names; one in the group (NULL) names them all."""
    mine = or_(membership.c.plant_id == plant.c.id, membership.c.plant_id.is_(None))
    return (
        select(plant, membership.c.role)
        .join(membership, and_(membership.c.user_id == user, mine))
        .order_by(plant.c.key, membership.c.role)
    )


def _cards(rows: Sequence[SqlRow[Any]]) -> list[PlantCard]:
    roles: dict[int, set[str]] = {}
    found: dict[int, Plant] = {}
    for r in rows:
        found[r.id] = Plant(r.id, r.key, r.short, r.name, r.data_start, r.data_end, r.onboarded, r.mark)
        roles.setdefault(r.id, set()).add(r.role)
    return [PlantCard(of, frozenset(roles[of.id])) for of in found.values()]


def _counts_query(today: date, plants: int | Subquery) -> Select[Any]:
    """The counts of one plant, or of the plants of a subquery: one statement."""

    def within(column: ColumnElement[Any]) -> ColumnElement[bool]:
        return column == plants if isinstance(plants, int) else column.in_(select(plants.c.id))

    def number(condition: ColumnElement[bool]) -> ColumnElement[Any]:
        return func.sum(case((condition, 1), else_=0))

    due = occurrence.c.due
    zero = literal(0)
    duties = (
        select(
            occurrence.c.plant_id,
            number(due < today).label("overdue"),
            number(and_(due >= today, due <= today + _WEEK)).label("within_week"),
            number(and_(due >= today, due <= today + _MONTH)).label("within_month"),
            zero.label("findings"),
            zero.label("nonconformities"),
        )
        .where(within(occurrence.c.plant_id), occurrence.c.state.in_([s.value for s in TO_DO]))
        .where(due <= today + _MONTH)
        .group_by(occurrence.c.plant_id)
    )
    found = (
        select(finding.c.plant_id, zero, zero, zero, func.count(), zero)
        .where(within(finding.c.plant_id), finding.c.withdrawn.is_(None))
        .group_by(finding.c.plant_id)
    )
    tickets = (
        select(nonconformity.c.plant_id, zero, zero, zero, zero, func.count())
        .where(within(nonconformity.c.plant_id), nonconformity.c.state != _CLOSED)
        .group_by(nonconformity.c.plant_id)
    )
    parts = union_all(duties, found, tickets).subquery()
    names = ("overdue", "within_week", "within_month", "findings", "nonconformities")
    sums = (func.sum(parts.c[name]).label(name) for name in names)
    return select(parts.c.plant_id, *sums).group_by(parts.c.plant_id)


def _counts(row: SqlRow[Any]) -> Counts:
    return Counts(
        int(row.overdue), int(row.within_week), int(row.within_month), int(row.findings), int(row.nonconformities)
    )


def _choices_query(of: Plant) -> Any:  # noqa: ANN401 - a compound select
    columns = (
        ("codes", occurrence, occurrence.c.code),
        ("subjects", occurrence, occurrence.c.subject),
        ("situations", finding, finding.c.situation),
        ("grades", finding, finding.c.grade),
        ("categories", finding, finding.c.category),
    )
    return union_all(
        *(
            select(literal(what).label("what"), column.label("value")).where(table.c.plant_id == of.id).distinct()
            for what, table, column in columns
        )
    )


def _typed(kind: type, value: str) -> object:
    return date.fromisoformat(value) if kind is date else value
