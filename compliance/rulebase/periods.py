"""Months and calendar periods: natural days, both ends included."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache, total_ordering

from compliance.rulebase.schema import Every

_ONE_DAY = timedelta(days=1)
_SHAPES = (
    (Every.DAY, re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)),
    (Every.WEEK, re.compile(r"(\d{4})-W(\d\d)", re.ASCII)),
    (Every.MONTH, re.compile(r"(\d{4})-(\d\d)", re.ASCII)),
    (Every.QUARTER, re.compile(r"(\d{4})-Q([1-4])", re.ASCII)),
    (Every.YEAR, re.compile(r"(\d{4})", re.ASCII)),
)
#: Days that every month has.
_SHORTEST = 28
_WEEK = timedelta(weeks=1)
_MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.YEAR: 12}


def add_months(day: date, months: int) -> date:
    """The same day number ``months`` later, else the last day of that month; never beyond the last year."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    if year > date.max.year:
        return date.max
    last = day.day if day.day <= _SHORTEST else min(day.day, monthrange(year, month + 1)[1])
    return date(year, month + 1, last)


def add_days(day: date, days: int) -> date:
    """So many natural days later; never beyond the last year."""
    return day + timedelta(days=days) if days <= (date.max - day).days else date.max


def month_end(day: date) -> date:
    """The last day of the month of a day."""
    return day.replace(day=monthrange(day.year, day.month)[1])


@total_ordering
@dataclass(frozen=True, slots=True)
class Period:
    """A calendar period, written ``2026-01-31``, ``2026-W05``, ``2026-01``, ``2026-Q1`` or ``2026``."""

    every: Every
    start: date

    @property
    def end(self) -> date:
        """Its last day."""
        return self.start if self.every is Every.DAY else self._following() - _ONE_DAY

    def next(self) -> Period:
        """The period that follows."""
        return Period(self.every, self._following())

    def _following(self) -> date:
        if self.every is Every.DAY:
            return self.start + _ONE_DAY
        if self.every is Every.WEEK:
            return self.start + _WEEK
        return add_months(self.start, _MONTHS[self.every])

    def __contains__(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.start <= day <= self.end

    def __lt__(self, other: Period) -> bool:
        """Earlier ones first."""
        return self.start < other.start or (self.start == other.start and self.end < other.end)

    def __str__(self) -> str:
        """The period as people and workbooks write it."""
        match self.every:
            case Every.DAY:
                return self.start.isoformat()
            case Every.WEEK:
                return f"{self.start:%G-W%V}"
            case Every.MONTH:
                return self.start.isoformat()[:7]
            case Every.QUARTER:
                return f"{self.start.isoformat()[:4]}-Q{(self.start.month + 2) // 3}"
            case Every.YEAR:
                return self.start.isoformat()[:4]

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read a period; raise ``ValueError`` for anything else."""
        return _parsed(text)


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Period:
    for every, shape in _SHAPES:
        if match := shape.fullmatch(text):
            numbers = [int(group) for group in match.groups()]
            if every is Every.WEEK:
                return Period(every, date.fromisocalendar(numbers[0], numbers[1], 1))
            if every is Every.QUARTER:
                numbers[1] = numbers[1] * 3 - 2
            return Period(every, date(*[*numbers, 1, 1][:3]))
    raise ValueError(f"no period: {text}")


def period_of(every: Every, day: date) -> Period:
    """The period that holds a day."""
    match every:
        case Every.DAY:
            return Period(every, day)
        case Every.WEEK:
            return Period(every, day - timedelta(days=day.weekday()))
        case Every.MONTH:
            return Period(every, day.replace(day=1))
        case Every.QUARTER:
            return Period(every, date(day.year, (day.month - 1) // 3 * 3 + 1, 1))
        case Every.YEAR:
            return Period(every, date(day.year, 1, 1))


def periods(every: Every, first: date, last: date) -> Iterator[Period]:
    """The periods that hold any of the days from ``first`` to ``last``."""
    period = period_of(every, first)
    while period.start <= last:
        yield period
        period = period.next()
