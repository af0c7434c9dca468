"""The shapes that calendars are drawn from: weeks of a month, and the year's heat-map."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from compliance.core.judged import OccurrenceState
from compliance.core.lists import Heat, OccurrenceRow

#: Which state a cell shows when several stand in it: the worst first.
_WORST = (
    OccurrenceState.OVERDUE,
    OccurrenceState.DONE_LATE,
    OccurrenceState.OPEN,
    OccurrenceState.UPCOMING,
    OccurrenceState.DONE,
    OccurrenceState.WAIVED,
    OccurrenceState.NOT_RECORDED,
    OccurrenceState.NOT_APPLICABLE,
)


@dataclass(frozen=True, slots=True)
class Day:
    """One cell of the month."""

    date: date
    inside: bool
    today: bool
    rows: tuple[OccurrenceRow, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the heat-map: the worst state and how many occurrences there are."""

    month: str
    state: OccurrenceState | None
    count: int
    states: Mapping[OccurrenceState, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One duty over the year."""

    obligation: str
    code: str
    cells: tuple[Cell, ...]


def weeks(first: date, rows: Iterable[OccurrenceRow], today: date) -> Sequence[Sequence[Day]]:
    """Weeks from Monday to Sunday that cover the month of ``first``."""
    by_day: dict[date, list[OccurrenceRow]] = {}
    for row in rows:
        by_day.setdefault(row.occurrence.due, []).append(row)
    month = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return [[Day(d, d.month == first.month, d == today, tuple(by_day.get(d, ()))) for d in week] for week in month]


def lines(heat: Iterable[Heat], year: int) -> Sequence[Line]:
    """One line a duty, twelve cells a line."""
    found: dict[tuple[str, str], dict[str, Mapping[OccurrenceState, int]]] = {}
    for part in heat:
        found.setdefault((part.code, part.obligation), {})[part.month] = part.states
    return [
        Line(obligation, code, tuple(_cell(f"{year}-{m:02}", months) for m in range(1, 13)))
        for (code, obligation), months in sorted(found.items())
    ]


def _cell(month: str, months: Mapping[str, Mapping[OccurrenceState, int]]) -> Cell:
    states = months.get(month, {})
    worst = next((s for s in _WORST if states.get(s)), None)
    return Cell(month, worst, sum(states.values()), states)
