"""Days of the calendar as the generator needs them."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, timedelta


def month_end(day: date) -> date:
    """Give the last day of the month of a day."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    """Give the same day so many months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_days(day: date, days: int) -> date:
    """Give the day so many days later."""
    return day + timedelta(days=days)


def span(first: date, last: date) -> Iterator[date]:
    """Give the days from the first to the last, both included."""
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)


def month_starts(first: date, last: date) -> Iterator[date]:
    """Give the first days of the months from the month of one day to that of another."""
    month, n = first.replace(day=1), 0
    while add_months(month, n) <= last:
        yield add_months(month, n)
        n += 1


def chain_back(last: date, until: date, months: int, lead: int) -> list[date]:
    """Give days that end with ``last``, each ``lead`` days less than ``months`` after the one before it.

    The first of them is on or before ``until``; the days are in order.
    """
    days = [last]
    while days[-1] > until:
        days.append(add_days(add_months(days[-1], -months), lead))
    return days[::-1]
