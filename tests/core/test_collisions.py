"""Collisions: what falls due on days off, inside holidays, or with others on one working day; nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from compliance.core.calendar_feed import collisions_text
from compliance.core.collisions import ROUTINE, Clash, Collision, collisions_of, recurring, told
from compliance.core.judged import Occurrence, OccurrenceState
from compliance.core.obligations import occurrences_of
from compliance.rulebase.calendar import WorkCalendar
from compliance.rulebase.schema import Calendar
from tests.core.world import plant, seen, shipped

CALENDAR = WorkCalendar(shipped().of(Calendar))


@cache
def made() -> tuple[Occurrence, ...]:
    """Everything that falls due at a plant without rows up to the end of 2027."""
    return tuple(occurrences_of(seen(on=date(2026, 11, 22)), shipped(), {}, date(2027, 12, 31)))


def found(year: int = 2027) -> dict[date, Collision]:
    without = recurring(shipped(), *ROUTINE)
    return {one.day: one for one in collisions_of(made(), CALENDAR, year, without)}


def test_december_and_january_meet_before_the_spring_festival_of_2027() -> None:
    one = found()[date(2027, 2, 4)]
    assert one.clash is Clash.HOLIDAY
    assert one.provisional
    assert [name.en for name in one.holidays] == ["Spring Festival"]
    due = {(o.code, o.period, o.due) for o in one.due}
    assert ("OB-M40", "2026-12", date(2027, 2, 9)) in due
    assert ("OB-M10", "2027-01", date(2027, 2, 10)) in due
    assert one.load == len(one.due) >= 8
    assert one.crossed[-1].day == date(2027, 2, 10)


def test_a_make_up_day_is_no_day_off_and_a_weekend_has_no_name() -> None:
    days = found(2026)
    assert days[date(2026, 10, 10)].clash is Clash.SAME_DAY  # a Saturday that is worked
    weekend = days[date(2026, 1, 9)]  # day 10 of January 2026 is a Saturday
    assert (weekend.clash, weekend.holidays, weekend.provisional) == (Clash.WEEKEND, (), False)


def test_duties_of_every_day_and_week_are_left_out_unless_asked_for() -> None:
    routine = recurring(shipped(), *ROUTINE)
    assert len(routine) >= 3
    assert not any(o.obligation in routine for one in found().values() for o in one.due)
    everything = collisions_of(made(), CALENDAR, 2027)
    assert any(o.obligation in routine for one in everything for o in one.due)


def test_what_asks_for_nothing_collides_with_nothing() -> None:
    waived = [replace(o, state=OccurrenceState.WAIVED) for o in made()]
    assert collisions_of(waived, CALENDAR, 2027) == []


@given(st.integers(2024, 2027), st.sets(st.sampled_from(range(400)), max_size=30))
def test_a_day_stands_in_the_list_exactly_if_something_moved_or_two_meet(year: int, chosen: set[int]) -> None:
    some = [o for n, o in enumerate(made()) if n % 400 in chosen]
    listed = collisions_of(some, CALENDAR, year)
    inside = [o for o in some if o.due.year == year and o.state is not OccurrenceState.NOT_RECORDED]
    for day in {o.effective_workday for o in inside}:
        here = [o for o in inside if o.effective_workday == day]
        wanted = any(o.due != day for o in here) or len({o.obligation for o in here}) > 1
        assert [one.load for one in listed if one.day == day] == ([len(here)] if wanted else [])
    assert all(CALENDAR.is_workday(one.day) for one in listed)
    assert all(not CALENDAR.is_workday(off.day) for one in listed for off in one.crossed)


def test_programs_read_the_same() -> None:
    one = found()[date(2027, 2, 4)]
    said = told(one)
    assert (said["clash"], said["load"], said["provisional"]) == ("holiday", one.load, True)
    assert isinstance(said["due"], list)
    assert all(row["on_day_off"] for row in said["due"])


def test_the_calendar_has_one_event_a_day_and_marks_doubt() -> None:
    some = list(found().values())
    text = collisions_text(plant(), some, date(2026, 11, 22), 7)
    assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT") == len(some)
    assert "STATUS:TENTATIVE" in text
    assert "（暂定）" in text.replace("\r\n ", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    again = collisions_text(plant(), some, date(2026, 11, 22) + timedelta(1), 9)
    assert [x for x in again.split("\r\n") if x.startswith("UID")] == [
        x for x in text.split("\r\n") if x.startswith("UID")
    ]
