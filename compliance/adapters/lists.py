"""The lists, counts and pages of ``core.lists``: named queries, keyset-paged, one statement each where it can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, and_, bindparam, func, literal, or_, select, tuple_, union_all
from sqlalchemy import Row as SqlRow
from sqlalchemy.sql import ColumnElement

from compliance.adapters import mapping
from compliance.adapters.case_tables import work_case
from compliance.adapters.database import Database
from compliance.adapters.desk import SqlDesk
from compliance.adapters.leaves import leaf_of, leaves_query
from compliance.adapters.notice_tables import notice
from compliance.adapters.pictures import SqlPictures
from compliance.adapters.positions import Position, pack, unpack
from compliance.adapters.standing import SqlStanding
from compliance.adapters.tables import finding, membership, nonconformity, occurrence, plant, sheets, user_account
from compliance.adapters.tallies import choices_query, counts_of_person, counts_of_plant, days_of
from compliance.adapters.waiting import SqlWaiting
from compliance.core.judged import NONCONFORMITY, StoredFinding
from compliance.core.lists import (
    LARGEST_EXPORT,
    Choices,
    Counts,
    FindingQuery,
    Leaf,
    LeafQuery,
    NonconformityQuery,
    NonconformityRow,
    OccurrenceQuery,
    OccurrenceRow,
    OfRules,
    Page,
    PlantCard,
)
from compliance.core.model import SHEETS, CompanyItem
from compliance.core.plants import Plant

T = TypeVar("T")

_BIGGEST_ID = 2**63 - 1


class SqlLists(SqlPictures, SqlWaiting, SqlDesk, SqlStanding):
    """Implements ``core.lists.Lists`` on both databases."""

    def __init__(self, database: Database) -> None:
        """Ask the register's database; every list is one consistent look."""
        super().__init__(database)
        self._database = database

    # --- plants of a person

    def plants(self, user: int) -> Sequence[PlantCard]:
        """Plants of a person, by key."""
        return _cards(self._all(_plants_of(), {"user": user}))

    def plant(self, user: int, ref: str) -> PlantCard | None:
        """The plant of a key or short code, if the person may see it."""
        cards = _cards(self._all(_plants_named(), {"user": user, "named": ref}))
        return next((c for c in cards if c.plant.key == ref), cards[0] if cards else None)

    def group(self, user: int, today: date, settled: Sequence[str]) -> Sequence[PlantCard]:
        """Plants of a person with their counts, by key: two statements at any number of plants."""
        with self._look() as connection:
            cards = _cards(connection.execute(_plants_of(), {"user": user}).all())
            found = connection.execute(counts_of_person(tuple(settled)), {"this": user, **days_of(today)})
            counts = {r.plant_id: _counts(r) for r in found}
        return [PlantCard(c.plant, c.roles, counts.get(c.plant.id, Counts())) for c in cards]

    def counts(self, plant: Plant, today: date, settled: Sequence[str]) -> Counts:
        """How much there is to do; ``settled``: the states of nonconformities that ask for nothing any more."""
        row = next(iter(self._all(counts_of_plant(tuple(settled)), {"this": plant.id, **days_of(today)})), None)
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
        walks = [table.c.state == s.value for s in query.states]
        if query.code or query.subject or len(walks) == 1:  # an index in the order asked for is there without them
            asked, walks = asked.where(or_(*walks)) if walks else asked, []
        asked = _of_rules(asked, table.c.obligation, query.of)
        if query.due_from:
            asked = asked.where(table.c.due >= query.due_from)
        if query.due_until:
            asked = asked.where(table.c.due <= query.due_until)
        keys = (table.c.due, table.c.id)
        return self._page(asked, keys, query.after, query.limit, _occurrence, newest=query.newest, walks=walks)

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
        asked = _of_rules(asked, table.c.rule, query.of)
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
            (work_case.c.owner, query.owner),
        ):
            asked = asked.where(column == value) if value else asked
        if query.late_on:
            asked = asked.where(work_case.c.due < query.late_on, table.c.state.not_in(query.settled))
        return self._page(asked, (table.c.opened, table.c.id), query.after, query.limit, _ticket, newest=True)

    def nonconformity(self, plant: Plant, number: str) -> NonconformityRow | None:
        """One nonconformity of the plant."""
        row = next(iter(self._all(_tickets(plant).where(nonconformity.c.number == number))), None)
        return _ticket(row) if row else None

    def choices(self, plant: Plant) -> Choices:
        """Values that filters offer: one statement."""
        found: dict[str, list[str]] = {}
        for row in self._all(choices_query(), {"this": plant.id}):
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
        walks: Sequence[ColumnElement[bool]] = (),
    ) -> Page[T]:
        """A page; ``walks``: conditions of which one holds, each with an index in the order asked for."""
        limit = max(1, min(limit, LARGEST_EXPORT))
        if after:
            asked = asked.where(_beyond(keys, _position(after), newest=newest))
        order = [key.desc() if newest else key.asc() for key in keys]
        if walks:
            one = asked.with_only_columns(keys[1]).order_by(*order).limit(limit + 1)
            asked = asked.where(keys[1].in_(union_all(*(select(one.where(walk).subquery()) for walk in walks))))
        rows = self._all(asked.order_by(*order).limit(limit + 1))
        shown = rows[:limit]
        more = pack(getattr(shown[-1], keys[0].key or ""), shown[-1].id) if len(rows) > limit else ""
        return Page(tuple(made(r) for r in shown), more)

    def _one(self, table: Table, plant: Plant, number: int, made: Callable[[SqlRow[Any]], T]) -> T | None:
        if number > _BIGGEST_ID:
            return None
        rows = self._all(select(table).where(table.c.plant_id == plant.id, table.c.id == number))
        return made(rows[0]) if rows else None

    def _all(self, query: Any, given: Mapping[str, object] | None = None) -> Sequence[SqlRow[Any]]:  # noqa: ANN401 - any select
        with self._look() as connection:
            found: Sequence[SqlRow[Any]] = connection.execute(query, given).all()
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
    return NonconformityRow(mapping.nonconformity_of(row), row.findings, row.standing, row.owner, row.due)


def _tickets(of: Plant) -> Select[Any]:
    """Nonconformities with the numbers of their findings, which an index counts."""
    gathered = and_(finding.c.plant_id == nonconformity.c.plant_id, finding.c.nonconformity == nonconformity.c.number)
    every = select(func.count()).select_from(finding).where(gathered)
    standing = every.where(finding.c.withdrawn.is_(None))
    worked = and_(
        work_case.c.plant_id == nonconformity.c.plant_id,
        work_case.c.kind == NONCONFORMITY,
        work_case.c.object_id == nonconformity.c.number,
    )
    columns = select(
        nonconformity,
        every.correlate(nonconformity).scalar_subquery().label("findings"),
        standing.correlate(nonconformity).scalar_subquery().label("standing"),
        work_case.c.owner,
        work_case.c.due,
    )
    return columns.select_from(nonconformity.outerjoin(work_case, worked)).where(nonconformity.c.plant_id == of.id)


@cache
def _plants_of() -> Select[Any]:
    """Plants that a membership of the person ``user`` names; one in the group (NULL) names them all."""
    mine = or_(membership.c.plant_id == plant.c.id, membership.c.plant_id.is_(None))
    return (
        select(plant, membership.c.role)
        .join(membership, and_(membership.c.user_id == bindparam("user"), mine))
        .order_by(plant.c.key, membership.c.role)
    )


@cache
def _plants_named() -> Select[Any]:
    """Those of them that have the key or short code ``named``: asked on every page, so made once."""
    named = bindparam("named", type_=plant.c.key.type)
    return _plants_of().add_columns(_unseen(), _profile()).where(or_(plant.c.key == named, plant.c.short == named))


def _unseen() -> ColumnElement[int]:
    """How many notices the person has not read; an index counts them, and no page needs a statement for it."""
    person = select(user_account.c.person).where(user_account.c.id == bindparam("user")).scalar_subquery()
    own = (notice.c.plant_id == plant.c.id, notice.c.person == person, notice.c.seen_at.is_(None))
    query = select(func.count()).select_from(notice).where(*own).correlate(plant)
    return query.scalar_subquery().label("unseen")


def _profile() -> ColumnElement[str]:
    """What the plant says of itself, with the plant's own statement: most pages look whether the rules bind it."""
    own = sheets[CompanyItem]
    said = own.c.item + literal(_IS) + own.c.content
    query = select(func.aggregate_strings(said, _AND)).where(own.c.plant_id == plant.c.id).correlate(plant)
    return query.scalar_subquery().label("profile")


#: Between an item and what it says, and between items: characters that no cell may hold.
_IS, _AND = "\x1f", "\x1e"


def _said(profile: str | None) -> dict[str, str]:
    items = (item.partition(_IS) for item in (profile or "").split(_AND) if item)
    return {name: content for name, _is, content in items}


def _cards(rows: Sequence[SqlRow[Any]]) -> list[PlantCard]:
    roles: dict[int, set[str]] = {}
    found: dict[int, Plant] = {}
    unseen: dict[int, int] = {}
    profiles: dict[int, dict[str, str]] = {}
    for r in rows:
        found[r.id] = Plant(r.id, r.key, r.short, r.name, r.data_start, r.data_end, r.onboarded, r.mark)
        roles.setdefault(r.id, set()).add(r.role)
        more = r._mapping  # noqa: SLF001 - the public name of a row's mapping
        unseen[r.id] = more.get("unseen", 0)
        if r.id not in profiles:
            profiles[r.id] = _said(more.get("profile"))
    return [
        PlantCard(of, frozenset(roles[of.id]), unseen=unseen[of.id], profile=profiles[of.id]) for of in found.values()
    ]


def _counts(row: SqlRow[Any]) -> Counts:
    return Counts(
        int(row.overdue),
        int(row.within_week),
        int(row.within_month),
        int(row.findings),
        int(row.nonconformities),
        int(row.copies),
    )


def _typed(kind: type, value: str) -> object:
    return date.fromisoformat(value) if kind is date else value


def _of_rules(asked: Select[Any], column: ColumnElement[str], of: OfRules | None) -> Select[Any]:
    if of is None:
        return asked
    return asked.where(column.in_(of.rules) if of.inside else column.not_in(of.rules))
