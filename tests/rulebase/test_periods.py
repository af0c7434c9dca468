from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rulebase.calendar import Period, add_months, month_end, period_of, periods
from compliance.rulebase.schema import Every

DAYS = st.dates(date(1999, 1, 1), date(2100, 12, 31))
EVERY = st.sampled_from(Every)


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2100, 1, 31), 1, date(2100, 2, 28)),
    ],
)
def test_the_same_day_number_later_or_the_last_day(day: date, months: int, result: date) -> None:
    assert add_months(day, months) == result


@given(DAYS, st.integers(0, 600))
def test_months_land_in_the_right_month_and_keep_the_day_where_it_exists(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and later == month_end(later))


@given(DAYS, st.integers(0, 120), st.integers(0, 30))
def test_a_later_day_never_comes_due_earlier(day: date, months: int, gap: int) -> None:
    assert add_months(day, months) <= add_months(day + timedelta(days=gap), months)


@given(EVERY, DAYS)
def test_a_period_holds_its_day_and_reads_back(every: Every, day: date) -> None:
    period = period_of(every, day)
    assert day in period
    assert Period.parse(str(period)) == period
    assert period.next().start == period.end + timedelta(days=1)
    assert period < period.next()


@given(EVERY, DAYS, st.integers(0, 800))
def test_periods_cover_a_range_without_gap(every: Every, first: date, days: int) -> None:
    last = first + timedelta(days=days)
    found = list(periods(every, first, last))
    assert first in found[0]
    assert last in found[-1]
    assert all(a.next() == b for a, b in pairwise(found))


def test_no_period_lies_in_an_empty_range() -> None:
    assert list(periods(Every.MONTH, date(2026, 2, 1), date(2026, 1, 31))) == []


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-02-28", date(2026, 2, 28), date(2026, 2, 28)),
    ],
)
def test_periods_are_read_as_people_write_them(text: str, start: date, end: date) -> None:
    period = Period.parse(text)
    assert (period.start, period.end, str(period)) == (start, end, text)


@pytest.mark.parametrize(
    "text", ["", "26-01", "2026-13", "2026-Q5", "2026-1", "2026-02-30", "2026-01 ", "二〇二六", "２０２６"]
)
def test_anything_else_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match=r"no period|month must be|day is out of range|day .* must be"):
        Period.parse(text)
