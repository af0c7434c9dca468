from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.kernel.text import Text
from compliance.rulebase.calendar import (
    AfterCompletion,
    Anchor,
    OfEvent,
    OfPeriod,
    OfRecordDay,
    Period,
    WorkCalendar,
    add_months,
    disposable_from,
    due_date,
    opens_on,
    period_of,
)
from compliance.rulebase.schema import (
    AfterLast,
    Cadence,
    Calendar,
    DateOfYear,
    DayOfMonth,
    DaysAfter,
    Due,
    Every,
    Evidence,
    InForce,
    MonthEndOfRecord,
    Number,
    Obligation,
    OfRecord,
    OnEvent,
    Opens,
    PeriodEnd,
    Periodic,
    PerRecord,
    Ref,
    Retention,
    Roll,
    Rolling,
    Source,
    Strength,
    TradingDaysAfter,
)

DAYS = st.dates(date(1999, 1, 1), date(2100, 12, 31))
SOURCE = Source("Standard", "C.3 f)", Strength.SHALL, ())
ALWAYS = InForce(date(1990, 1, 1))
AFTER_PERIOD = Opens("after-period")


def calendar(year: int, *, published: bool, off: tuple[date, ...] = (), work: tuple[date, ...] = ()) -> Calendar:
    return Calendar(
        kind="calendar",
        id=f"y{year}",
        title=Text("日历", "Calendar"),
        source=SOURCE,
        in_force=ALWAYS,
        year=year,
        published=published,
        off=off,
        work=work,
    )


SPRING_2027 = tuple(date(2027, 2, d) for d in range(5, 11))
WORK = WorkCalendar(
    [
        calendar(2025, published=True),
        calendar(2026, published=True, off=(date(2026, 1, 1), date(2026, 1, 2)), work=(date(2026, 1, 4),)),
        calendar(2027, published=False, off=SPRING_2027),
    ]
)


def obligation(cadence: Cadence, due: Due, opens: Opens = AFTER_PERIOD, roll: Roll = Roll.NONE) -> Obligation:
    return Obligation(
        kind="obligation",
        id="some",
        title=Text("某", "Some"),
        source=SOURCE,
        in_force=ALWAYS,
        code="X",
        cadence=cadence,
        due=due,
        opens=opens,
        evidence=Evidence("filing", {}),
        owner="clerk",
        roll=roll,
    )


def number(value: Number) -> int:
    return 7 if isinstance(value, Ref) else value


MONTHLY = Periodic(Every.MONTH)
FORTY = obligation(MONTHLY, DaysAfter(40))


# --- working days --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 1, 1), False),  # a listed day off
        (date(2026, 1, 3), False),  # a Saturday
        (date(2026, 1, 4), True),  # a Sunday worked to make up
        (date(2026, 1, 5), True),  # a Monday
        (date(2031, 1, 1), True),  # past every table: Monday to Friday
        (date(2031, 1, 4), False),
    ],
)
def test_working_days(day: date, works: bool) -> None:  # noqa: FBT001 - a column of the table above
    assert WORK.is_workday(day) is works


def test_a_year_is_provisional_until_its_notice_is_published() -> None:
    assert not WORK.provisional(date(2026, 12, 31))
    assert WORK.provisional(date(2027, 1, 1))
    assert WORK.provisional(date(2040, 1, 1))


def test_a_later_wording_of_a_year_replaces_the_earlier_one() -> None:
    old = calendar(2027, published=False, off=(date(2027, 1, 4),))
    new = replace(calendar(2027, published=True), in_force=InForce(date(2026, 11, 5)))
    table = WorkCalendar([new, old])
    assert table.is_workday(date(2027, 1, 4))
    assert not table.provisional(date(2027, 1, 4))


@given(DAYS)
def test_the_nearest_working_days_lie_on_their_side(day: date) -> None:
    before, after = WORK.preceding(day), WORK.following(day)
    assert before <= day <= after
    assert WORK.is_workday(before)
    assert WORK.is_workday(after)
    assert (before == day) is (after == day) is WORK.is_workday(day)


# --- due days ------------------------------------------------------------------------------------


def test_forty_days_over_the_spring_festival_in_words() -> None:
    found = due_date(FORTY, OfPeriod(Period.parse("2026-12")), number, WORK)
    assert (found.due, found.effective_workday) == (date(2027, 2, 9), date(2027, 2, 4))
    assert found.provisional
    assert found.derivation.zh == (
        "2026-12 期末 2026-12-31 起第 40 个自然日 → 2027-02-09（C.3 f)，应）；"
        "2027-02-09 为休息日，提前至工作日 2027-02-04 办理（暂定）"
    )
    assert found.derivation.en == (
        "40 natural days after 2026-12-31, the end of 2026-12, → 2027-02-09 (C.3 f), shall); "
        "2027-02-09 is a day off: act by the working day 2027-02-04 (provisional)"
    )


@pytest.mark.parametrize(
    ("cadence", "due", "anchor", "day", "words"),
    [
        (
            MONTHLY,
            DayOfMonth(10, 1),
            OfPeriod(Period.parse("2025-12")),
            date(2026, 1, 10),
            "2025-12 次月（2026-01）10 日",
        ),
        (
            MONTHLY,
            DayOfMonth(31, 1),
            OfPeriod(Period.parse("2026-01")),
            date(2026, 2, 28),
            "2026-01 次月（2026-02）28 日",
        ),
        (MONTHLY, DayOfMonth(5, 0), OfPeriod(Period.parse("2026-01")), date(2026, 1, 5), "2026-01 当月（2026-01）5 日"),
        (
            Periodic(Every.QUARTER),
            DayOfMonth(Ref("p"), 2),
            OfPeriod(Period.parse("2026-Q1")),
            date(2026, 5, 7),
            "2026-Q1 后第 2 个月（2026-05）7 日（参数 p）",
        ),
        (MONTHLY, DaysAfter(40), OfPeriod(Period.parse("2028-01")), date(2028, 3, 11), "起第 40 个自然日"),
        (OnEvent(("e",)), DaysAfter(Ref("p")), OfEvent(date(2026, 3, 2)), date(2026, 3, 9), "7 个自然日（参数 p）"),
        (
            Periodic(Every.YEAR),
            DateOfYear(3, 31, 1),
            OfPeriod(Period.parse("2025")),
            date(2026, 3, 31),
            "2025 次年 3 月 31 日",
        ),
        (Periodic(Every.YEAR), DateOfYear(2, 29, 1), OfPeriod(Period.parse("2025")), date(2026, 2, 28), "2 月 28 日"),
        (Periodic(Every.YEAR), PeriodEnd(), OfPeriod(Period.parse("2026")), date(2026, 12, 31), "2026 期末"),
        (
            Rolling(12),
            AfterLast(),
            AfterCompletion(date(2024, 2, 29)),
            date(2025, 2, 28),
            "上次完成 2024-02-29 后 12 个月",
        ),
        (
            Rolling(Ref("p")),
            AfterLast(),
            AfterCompletion(date(2025, 6, 1), baseline=True),
            date(2026, 1, 1),
            "尚无完成记录，自数据起始日 2025-06-01 后 7 个月（参数 p）",
        ),
        (PerRecord(), OfRecord(), OfRecordDay(date(2026, 5, 23)), date(2026, 5, 23), "记录所载日期 2026-05-23"),
        (PerRecord(), MonthEndOfRecord(), OfRecordDay(date(2028, 2, 1)), date(2028, 2, 29), "当月最后一日"),
    ],
)
def test_every_kind_of_due_day(
    cadence: Cadence, due: Due, anchor: OfPeriod | AfterCompletion | OfRecordDay | OfEvent, day: date, words: str
) -> None:
    found = due_date(obligation(cadence, due), anchor, number, WORK)
    assert found.due == day
    assert words in found.derivation.zh
    assert f"→ {day}（C.3 f)，应）" in found.derivation.zh
    assert f"→ {day} (C.3 f), shall)" in found.derivation.en


def test_a_working_due_day_of_an_unpublished_year_says_so() -> None:
    found = due_date(FORTY, OfPeriod(Period.parse("2027-01")), number, WORK)
    assert found.due == found.effective_workday == date(2027, 3, 12)
    assert found.provisional
    assert found.derivation.zh.endswith("；工作日历暂定")


def test_a_published_working_due_day_says_nothing_more() -> None:
    found = due_date(FORTY, OfPeriod(Period.parse("2026-10")), number, WORK)
    assert (found.due, found.provisional) == (date(2026, 12, 10), False)
    assert found.derivation.zh.endswith("2026-12-10（C.3 f)，应）")


@pytest.mark.parametrize(
    ("roll", "due", "words"),
    [
        (Roll.NONE, date(2026, 1, 10), "提前至工作日 2026-01-09 办理"),
        (Roll.FOLLOWING, date(2026, 1, 12), "顺延至 2026-01-12"),
        (Roll.PRECEDING, date(2026, 1, 9), "提前至 2026-01-09"),
    ],
)
def test_only_a_rule_moves_the_legal_date(roll: Roll, due: date, words: str) -> None:
    rule = obligation(MONTHLY, DayOfMonth(10, 1), roll=roll)
    found = due_date(rule, OfPeriod(Period.parse("2025-12")), number, WORK)
    assert found.due == due
    assert found.effective_workday == WORK.preceding(due)
    assert words in found.derivation.zh


@pytest.mark.parametrize(
    ("on", "days", "due"),
    [
        (date(2026, 1, 5), 5, date(2026, 1, 12)),
        (date(2025, 12, 31), 2, date(2026, 1, 6)),  # over two days off; on Sunday the 4th people work, markets do not
        (date(2026, 1, 10), 1, date(2026, 1, 12)),
        (date(2026, 1, 10), 0, date(2026, 1, 10)),
    ],
)
def test_trading_days_are_counted_where_markets_trade(on: date, days: int, due: date) -> None:
    found = due_date(obligation(MONTHLY, TradingDaysAfter(days)), OfEvent(on), number, WORK)
    assert found.due == due
    assert f"第 {days} 个交易日" in found.derivation.zh


@pytest.mark.parametrize(
    ("anchor", "days", "early"),
    [
        (OfPeriod(Period.parse("2026-01-10")), 1, True),  # a Saturday, due on the Sunday after it
        (OfPeriod(Period.parse("2026-01-09")), 1, False),  # a Friday: may be recorded on it
        (OfEvent(date(2026, 1, 10)), 0, True),
        (OfEvent(date(2026, 1, 8)), 3, False),
        (OfRecordDay(date(2026, 1, 10)), 0, False),  # what ends on a Saturday is renewed before
    ],
)
def test_nobody_is_told_to_act_before_what_it_is_about_begins(anchor: Anchor, days: int, *, early: bool) -> None:
    found = due_date(obligation(MONTHLY, DaysAfter(days)), anchor, number, WORK)
    assert found.effective_workday == date(2026, 1, 9)
    assert ("尚未起算" in found.derivation.zh) is early
    assert ("办理" in found.derivation.zh) is not early


@given(st.sampled_from([Every.MONTH, Every.QUARTER, Every.YEAR]), DAYS, st.integers(0, 60), st.integers(0, 6))
def test_no_periodic_duty_falls_due_before_its_period_ends(every: Every, day: date, days: int, after: int) -> None:
    anchor = OfPeriod(period_of(every, day))
    for due in (DaysAfter(days), PeriodEnd(), DayOfMonth(1 + days % 31, 1 + after), DateOfYear(3, 31, 1 + after)):
        found = due_date(obligation(Periodic(every), due), anchor, number, WORK)
        assert found.due >= anchor.period.end
        assert found.effective_workday <= found.due
        assert found.due.isoformat() in found.derivation.zh


@given(DAYS, st.integers(1, 60))
def test_a_rolling_duty_counts_months_from_the_last_completion(day: date, months: int) -> None:
    found = due_date(obligation(Rolling(months), AfterLast()), AfterCompletion(day), number, WORK)
    assert found.due == add_months(day, months) > day


# --- opening -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opens", "day"),
    [
        (Opens("after-period"), date(2026, 2, 1)),
        (Opens("period-start"), date(2026, 1, 1)),
        (Opens("days-before-due", 5), date(2026, 2, 5)),
    ],
)
def test_when_work_can_start(opens: Opens, day: date) -> None:
    rule = obligation(MONTHLY, DayOfMonth(10, 1), opens)
    assert opens_on(rule, date(2026, 2, 10), OfPeriod(Period.parse("2026-01"))) == day


def test_an_event_opens_its_duty_and_nothing_opens_after_it_is_due() -> None:
    event = OfEvent(date(2026, 3, 2))
    rule = obligation(OnEvent(("e",)), DaysAfter(30), Opens("on-event"))
    assert opens_on(rule, date(2026, 4, 1), event) == date(2026, 3, 2)
    at_end = obligation(MONTHLY, PeriodEnd())
    assert opens_on(at_end, date(2026, 1, 31), OfPeriod(Period.parse("2026-01"))) == date(2026, 1, 31)


# --- retention -----------------------------------------------------------------------------------


@given(DAYS, st.integers(1, 30))
def test_nothing_is_disposable_before_its_years_are_over(day: date, years: int) -> None:
    rule = Retention(
        kind="retention",
        id="papers",
        title=Text("资料", "Papers"),
        source=SOURCE,
        in_force=ALWAYS,
        applies_to=("paper",),
        years=years,
        months=0,
        starts="record",
    )
    for starts in ("year-end", "period-end", "record"):
        first = disposable_from(replace(rule, starts=starts), day)
        assert add_months(day, years * 12) <= first <= date(day.year + years + 1, 1, 1) + timedelta(days=1)


# --- numbers that a plant should never have set ---------------------------------------------------


@pytest.mark.parametrize(
    ("cadence", "due", "anchor", "day"),
    [
        (OnEvent(("e",)), DaysAfter(Ref("p")), OfEvent(date(2026, 3, 2)), date.max),
        (Rolling(Ref("p")), AfterLast(), AfterCompletion(date(2026, 3, 2)), date.max),
        (MONTHLY, DayOfMonth(Ref("p"), 1), OfPeriod(Period.parse("2026-01")), date(2026, 2, 28)),
    ],
)
def test_a_huge_number_of_a_plant_ends_with_the_calendar(
    cadence: Cadence, due: Due, anchor: OfPeriod | AfterCompletion | OfEvent, day: date
) -> None:
    assert due_date(obligation(cadence, due), anchor, lambda _: 10**12, WORK).due == day


def test_day_zero_of_a_month_is_its_first() -> None:
    rule = obligation(MONTHLY, DayOfMonth(Ref("p"), 1))
    assert due_date(rule, OfPeriod(Period.parse("2026-01")), lambda _: 0, WORK).due == date(2026, 2, 1)
