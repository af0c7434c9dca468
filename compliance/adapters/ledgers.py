"""How fresh ledgers are, in the register: counts and newest rows of several sheets by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from compliance.adapters import tables
from compliance.adapters.connected import Connected
from compliance.core.judged import OccurrenceState
from compliance.core.ledgers import Kept, Lack, Tally, Wanted
from compliance.core.model import CollectionItem, MissingData, Reading
from compliance.core.plants import Plant


class SqlLedgerReads(Connected):
    """Implements ``core.ledgers.LedgerReads``."""

    def kept_rows(self, plant: Plant, wanted: Sequence[Wanted], until: date) -> Sequence[Kept]:
        """How many rows there are of each, and how new they are; rows of later days do not count."""
        if not wanted:
            return []
        parts = [_counted(plant, number, one, until) for number, one in enumerate(wanted)]
        found = {row.number: Kept(row.rows, row.newest) for row in self._execute(union_all(*parts))}
        return [found[number] for number in range(len(wanted))]

    def tallies(self, plant: Plant, obligations: Sequence[str]) -> Sequence[Tally]:
        """The stored occurrences of obligations by state."""
        c = tables.occurrence.c
        counted = select(c.obligation, c.state, func.count(), func.min(c.due), func.max(c.due))
        query = counted.where(c.plant_id == plant.id, c.obligation.in_(obligations)).group_by(c.obligation, c.state)
        return [
            Tally(obligation, OccurrenceState(state), count, first, last)
            for obligation, state, count, first, last in self._execute(query.order_by(c.obligation, c.state))
        ]

    def lacks(self, plant: Plant, obligations: Sequence[str]) -> Sequence[Lack]:
        """Of the overdue days of obligations, the classes of items that have neither reading nor substitute."""
        if not obligations:
            return []
        return [Lack(row.obligation, row.due, row.item_class) for row in self._execute(_lacking(plant, obligations))]


def _lacking(plant: Plant, obligations: Sequence[str]) -> Select[Any]:
    """Overdue days with the items that the plan wants then and that have neither a reading nor a substitute."""
    o, plan = tables.occurrence.c, tables.sheets[CollectionItem].c
    reading, filled = tables.sheets[Reading].c, tables.sheets[MissingData].c

    def day(column: ColumnElement[Any]) -> ColumnElement[str]:
        return cast(column, Text)

    def same(c: Any) -> tuple[ColumnElement[bool], ...]:  # noqa: ANN401 - columns of a table
        return c.plant_id == plant.id, c.line == plan.line, c.item == plan.item

    read = exists().where(*same(reading), day(reading.on) == o.period, reading.amount.is_not(None))
    fill = exists().where(*same(filled), day(filled.since) <= o.period, day(filled.until) >= o.period)
    wanted = and_(day(plan.since) <= o.period, or_(plan.until.is_(None), day(plan.until) >= o.period))
    query = select(o.obligation, o.due, plan.item_class).select_from(tables.occurrence)
    query = query.join(tables.sheets[CollectionItem], and_(plan.plant_id == o.plant_id, wanted))
    late = (o.plant_id == plant.id, o.obligation.in_(obligations), o.state == OccurrenceState.OVERDUE.value)
    return query.where(*late, ~read, ~fill).distinct().order_by(o.due)


def _counted(plant: Plant, number: int, wanted: Wanted, until: date) -> Select[Any]:
    sheet, table = wanted.kind.SHEET, tables.sheets[wanted.kind]
    newest: ColumnElement[Any] = cast(null(), Text)
    of_these: list[ColumnElement[bool]] = [table.c.plant_id == plant.id]
    if sheet.decides:
        # The first of the deciding columns that is filled says which day or month a row is about.
        days = [cast(table.c[name], Text) for name in sheet.decides]
        about = func.coalesce(*days) if len(days) > 1 else days[0]
        # A month stands as text and counts from its first day on; a row without any day is there.
        of_these.append(or_(about.is_(None), about <= until.isoformat()))
        newest = func.max(about)
    of_these += [table.c[name] == word for name, word in wanted.only.items()]
    if wanted.classes:
        of_these.append(tuple_(table.c.line, table.c.item).in_(_items(plant, wanted.classes)))
    counted = select(literal(number, Integer).label("number"), func.count().label("rows"), newest.label("newest"))
    return counted.select_from(table).where(*of_these)


def _items(plant: Plant, classes: Sequence[str]) -> Select[Any]:
    c = tables.sheets[CollectionItem].c
    return select(c.line, c.item).where(c.plant_id == plant.id, c.item_class.in_(classes))
