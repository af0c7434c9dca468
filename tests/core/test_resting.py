"""How far ahead occurrences are stored: far enough on every day, and by whole months, so that most days add none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from compliance.core.resting import AHEAD, stored_until

ONE_DAY = timedelta(days=1)


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_it_is_the_end_of_a_month_and_never_nearer_than_the_shortest(year: int) -> None:
    days = [date(year, 1, 1) + n * ONE_DAY for n in range(366)]
    for day in days:
        until = stored_until(day)
        assert day + AHEAD <= until < day + AHEAD + timedelta(days=31)
        assert (until + ONE_DAY).day == 1
    assert sum(stored_until(day) != stored_until(day - ONE_DAY) for day in days) == 12
