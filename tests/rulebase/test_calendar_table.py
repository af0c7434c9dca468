"""The shipped table of working days, day by day, against the published one."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from typing import TYPE_CHECKING

import chinese_calendar
import pytest

from compliance.rulebase.calendar import WorkCalendar
from compliance.rulebase.loader import load
from compliance.rulebase.schema import Calendar
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def table(tmp_path: Path) -> WorkCalendar:
    shutil.copy(ROOT / "rules" / "calendar.toml", tmp_path)
    base, problems = load(tmp_path, {}, ())
    assert problems == ()
    assert base is not None
    return WorkCalendar(base.of(Calendar))


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_published_years_are_the_published_ones(table: WorkCalendar, year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    days.append(date(year, 12, 31))
    assert [d for d in days if table.is_workday(d) != chinese_calendar.is_workday(d)] == []
    assert not any(table.provisional(d) for d in days)


@pytest.mark.parametrize("year", [2027, 2028, 2029, 2030, 2031])
def test_years_without_a_notice_are_provisional(table: WorkCalendar, year: int) -> None:
    assert table.provisional(date(year, 1, 1))


def test_the_spring_festival_of_2027_begins_on_6_february(table: WorkCalendar) -> None:
    off = [date(2027, 2, d) for d in range(1, 29) if not table.is_workday(date(2027, 2, d))]
    assert off[:6] == [date(2027, 2, d) for d in range(5, 11)]
    assert table.preceding(date(2027, 2, 9)) == date(2027, 2, 4)
