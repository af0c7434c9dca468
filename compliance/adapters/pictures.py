"""The numbers behind pictures: grouped and counted by the database, never by rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, extract, func, select

from compliance.adapters.database import Database
from compliance.adapters.tables import finding, occurrence, sheets
from compliance.adapters.tallies import by_month
from compliance.core.judged import OccurrenceState
from compliance.core.lists import Dashboard, FindingGroup, Heat, MonthKept, Validity
from compliance.core.model import Instrument, InstrumentCheck
from compliance.core.plants import Plant

_KEPT = (OccurrenceState.DONE,)
_LATE = (OccurrenceState.DONE_LATE,)
_OVERDUE = (OccurrenceState.OVERDUE,)
_AHEAD = (OccurrenceState.OPEN, OccurrenceState.UPCOMING)


class SqlPictures:
    """The part of ``core.lists.Lists`` that counts."""

    def __init__(self, database: Database) -> None:
        """Ask the register's database."""
        self._database = database

    def heat(self, plant: Plant, year: int) -> Sequence[Heat]:
        """Occurrences that fall due in a year, by duty and month."""
        with self._database.read() as connection:
            rows = _by_month(connection, plant, date(year, 1, 1), date(year, 12, 31))
        found: dict[tuple[str, str, str], dict[OccurrenceState, int]] = {}
        for obligation, code, month, state, count in rows:
            found.setdefault((obligation, code, month), {})[state] = count
        return [Heat(*key, states) for key, states in found.items()]

    def dashboard(self, plant: Plant, first_month: str, last_month: str) -> Dashboard:
        """What the overview draws: three statements."""
        with self._database.read() as connection:
            months = _kept(connection, plant, _months(first_month, last_month))
            found = _by_situation(connection, plant)
            instruments = _validity(connection, plant)
        return Dashboard(months, found, instruments)


def _by_month(
    connection: Connection, plant: Plant, first: date, last: date
) -> list[tuple[str, str, str, OccurrenceState, int]]:
    year: ColumnElement[Any] = extract("year", occurrence.c.due)
    month: ColumnElement[Any] = extract("month", occurrence.c.due)
    by = (occurrence.c.obligation, occurrence.c.code, year, month, occurrence.c.state)
    query = (
        select(*by, func.count())
        .where(occurrence.c.plant_id == plant.id, occurrence.c.due >= first, occurrence.c.due <= last)
        .group_by(*by)
        .order_by(occurrence.c.code)
    )
    return [
        (obligation, code, f"{int(y):04}-{int(m):02}", OccurrenceState(state), count)
        for obligation, code, y, m, state, count in connection.execute(query)
    ]


def _kept(connection: Connection, plant: Plant, months: Sequence[date]) -> tuple[MonthKept, ...]:
    """How the deadlines of each month were kept; months without any are left out."""
    days: dict[str, object] = {"this": plant.id}
    for place, first in enumerate(months):
        days |= {f"first_{place}": first, f"last_{place}": _month_after(first) - timedelta(days=1)}
    counted: list[dict[OccurrenceState, int]] = [{} for _ in months]
    for place, state, number in connection.execute(by_month(len(months)), days):
        counted[place][OccurrenceState(state)] = number
    groups = (_KEPT, _LATE, _OVERDUE, _AHEAD)
    return tuple(
        MonthKept(f"{first:%Y-%m}", *(sum(states.get(s, 0) for s in group) for group in groups))
        for first, states in zip(months, counted, strict=True)
        if any(states.values())
    )


def _by_situation(connection: Connection, plant: Plant) -> tuple[FindingGroup, ...]:
    by = (finding.c.situation, finding.c.rule, finding.c.grade)
    query = (
        select(*by, func.count())
        .where(finding.c.plant_id == plant.id, finding.c.withdrawn.is_(None))
        .group_by(*by)
        .order_by(*by)
    )
    return tuple(FindingGroup(*row) for row in connection.execute(query))


def _validity(connection: Connection, plant: Plant) -> tuple[Validity, ...]:
    """Each instrument with the certificate that ends last."""
    instrument, check = sheets[Instrument], sheets[InstrumentCheck]
    ends = (
        select(check.c.instrument, func.max(check.c.valid_until).label("until"))
        .where(check.c.plant_id == plant.id, check.c.valid_until.is_not(None))
        .group_by(check.c.instrument)
        .subquery()
    )
    begins = (
        select(func.max(check.c.on))
        .where(
            check.c.plant_id == plant.id,
            check.c.instrument == instrument.c.number,
            check.c.valid_until == ends.c.until,
        )
        .correlate(instrument, ends)
        .scalar_subquery()
    )
    query = (
        select(instrument.c.number, instrument.c.name, instrument.c.key_instrument, begins, ends.c.until)
        .outerjoin(ends, ends.c.instrument == instrument.c.number)
        .where(instrument.c.plant_id == plant.id)
        .order_by(instrument.c.number)
    )
    return tuple(Validity(r[0], r[1] or "", r[2] or "", r[3], r[4]) for r in connection.execute(query))


def _months(first_month: str, last_month: str) -> list[date]:
    """The first days of the months from one to another."""
    months, last = [date.fromisoformat(f"{first_month}-01")], date.fromisoformat(f"{last_month}-01")
    while months[-1] < last:
        months.append(_month_after(months[-1]))
    return months


def _month_after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
