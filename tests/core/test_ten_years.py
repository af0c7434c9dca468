"""Every due day of 2020 to 2030, against a table computed another way.

The table below is read from the standard's list of periodic and event-triggered duties, not from rules/; its days come
from python-dateutil (``rrule``, ``relativedelta``), never from our calendar. Where the standard leaves a day open the
table names the plant's default, and a second test moves it. Working days come from the days that rules/calendar.toml
lists, walked by an ``rruleset``, and for the years whose notice is published from another library.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import chinese_calendar
import pytest
from dateutil.relativedelta import MO, SU, relativedelta
from dateutil.rrule import DAILY, FR, MONTHLY, WEEKLY, YEARLY, rrule, rruleset
from dateutil.rrule import MO as MONDAY

from compliance.core.judged import Occurrence
from compliance.core.looking import own_values
from compliance.core.model import CompanyItem, Event, Instrument, InstrumentCheck, Review, Row, Surrender
from compliance.core.obligations import occurrences_of
from compliance.rulebase.calendar import AfterCompletion, WorkCalendar, disposable_from, due_date
from compliance.rulebase.periods import Period
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import (
    Calendar,
    DateOfYear,
    DayOfMonth,
    DaysAfter,
    Every,
    Obligation,
    Opens,
    Periodic,
    Retention,
    Roll,
)
from tests.conftest import ROOT
from tests.core.world import row, seen, shipped

pytestmark = pytest.mark.slow

SATURDAY = 5
FIRST, LAST = date(2020, 1, 1), date(2030, 12, 31)
Span = tuple[str, date, date]
DueOf = Callable[[date], date]
OpensOf = Callable[[date, date, date], date]


# --- days by dateutil ------------------------------------------------------------------------------------------------


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a calendar day as dateutil writes it


def days_of(freq: int, **by: object) -> list[date]:
    """The days of a recurrence, from the week in which 2020 begins to the one in which 2030 ends."""
    rule = rrule(
        freq, dtstart=at(FIRST + relativedelta(weekday=MO(-1))), until=at(LAST + relativedelta(weekday=SU)), **by
    )
    return [found.date() for found in rule]


def within(days: Sequence[date]) -> list[date]:
    return [day for day in days if FIRST <= day <= LAST]


EVERY_DAY = within(days_of(DAILY))


def spans(every: str) -> list[Span]:
    """The periods of a length: their names, first and last days."""
    match every:
        case "day":
            return [(f"{d:%Y-%m-%d}", d, d) for d in EVERY_DAY]
        case "week":
            named = zip(days_of(WEEKLY, byweekday=MO), days_of(WEEKLY, byweekday=SU), strict=True)
            return [("{}-W{:02}".format(*end.isocalendar()[:2]), start, end) for start, end in named]
        case "month":
            firsts, lasts = days_of(MONTHLY, bymonthday=1), days_of(MONTHLY, bymonthday=-1)
            return [(f"{s:%Y-%m}", s, e) for s, e in zip(within(firsts), within(lasts), strict=True)]
        case "quarter":
            firsts = days_of(MONTHLY, bymonth=(1, 4, 7, 10), bymonthday=1)
            lasts = days_of(MONTHLY, bymonth=(3, 6, 9, 12), bymonthday=-1)
            pairs = zip(within(firsts), within(lasts), strict=True)
            return [(f"{s:%Y}-Q{n % 4 + 1}", s, e) for n, (s, e) in enumerate(pairs)]
        case _:
            firsts, lasts = days_of(YEARLY, byyearday=1), days_of(YEARLY, byyearday=-1)
            return [(f"{s:%Y}", s, e) for s, e in zip(within(firsts), within(lasts), strict=True)]


def shifted(**by: int) -> DueOf:
    """The anchor moved by a ``relativedelta``: a day of the month that does not exist is the last one that does."""

    def moved(day: date) -> date:
        found: date = day + relativedelta(**by)
        return found

    return moved


def after(_start: date, end: date, _due: date) -> date:
    return shifted(days=+1)(end)


def from_start(start: date, _end: date, _due: date) -> date:
    return start


def ahead(days: int) -> OpensOf:
    return lambda _start, _end, due: shifted(days=-days)(due)


# --- the table -------------------------------------------------------------------------------------------------------

SAME = shifted()
TENTH = shifted(months=+1, day=10)
FIFTH = shifted(months=+1, day=5)
FORTY = shifted(days=+40)
MARCH_31_AFTER = shifted(years=+1, month=3, day=31)
DECEMBER_31_AFTER = shifted(years=+1, month=12, day=31)
MARCH_31 = shifted(month=3, day=31)
FIFTEEN = shifted(days=+15)

#: Duties of calendar periods: code → period, due day from the period's last day, first day of work.
PERIODIC: Mapping[str, tuple[str, DueOf, OpensOf]] = {
    "OB-D1": ("day", shifted(days=+1), from_start),  # D+1 (left open)
    "OB-D2": ("day", SAME, from_start),  # D
    "OB-D3": ("week", SAME, from_start),  # the plant's choice: a week
    "OB-M1": ("month", FORTY, after),  # the report before month end + 40 days
    "OB-M2": ("month", FIFTH, after),  # M+5 (left open)
    "OB-M3": ("month", TENTH, after),  # before the 10th: the 10th is the last good day
    "OB-M4": ("month", TENTH, after),
    "OB-M10": ("month", TENTH, after),
    "OB-M40": ("month", FORTY, after),  # forty natural days
    "OB-M5": ("month", TENTH, after),  # month end + 10 (left open)
    "OB-KEYCHK": ("month", SAME, from_start),  # within each calendar month
    "OB-M6": ("month", TENTH, after),
    "OB-M7": ("month", TENTH, after),  # with OB-M3
    "OB-M8": ("month", SAME, from_start),  # month end
    "OB-Q1": ("quarter", FIFTEEN, after),
    "OB-ENV": ("year", SAME, from_start),  # once in a calendar year
    "OB-Y2": ("year", SAME, ahead(90)),  # before the year that follows
    "OB-Y3": ("year", SAME, ahead(90)),
    "OB-Y4": ("year", SAME, ahead(90)),
    "OB-Y5": ("year", MARCH_31, from_start),  # in the first quarter
    "OB-Y6": ("year", MARCH_31, from_start),
    "OB-Y7": ("year", MARCH_31, from_start),
    "OB-Y8": ("year", SAME, from_start),
    "OB-Y9": ("year", MARCH_31_AFTER, after),
    "OB-Y0331": ("year", MARCH_31_AFTER, after),
    "OB-Y10": ("year", DECEMBER_31_AFTER, after),  # before the surrender of that year
    "OB-DQA": ("year", SAME, from_start),
    "OB-IA": ("year", SAME, from_start),
    "OB-Y15": ("year", SAME, from_start),
    "OB-LAB": ("month", FIFTH, after),  # before the month's report (left open)
    "OB-RET": ("year", SAME, from_start),
    "OB-IMP": ("quarter", FIFTEEN, after),
    # duties beside the list: of documents, ledgers, conditions, and of the table of working days itself
    "DOC-PRJ": ("year", MARCH_31, from_start),
    "LED-EHS": ("month", TENTH, after),
    "C.6-D": ("month", TENTH, after),
    "C.1-B": ("year", SAME, from_start),  # of members of a group
    "OB-HOL": ("year", shifted(month=12, day=15), ahead(60)),
}

MONTH_LATER, TEN_LATER, THREE_LATER = (shifted(days=+n) for n in (30, 10, 3))


def fifth_trading_day(day: date) -> date:
    """Of Monday to Friday without the days off the fifth one later; at weekends no market trades."""
    return trading()[bisect_right(trading(), day) + 4]


AT_ONCE = SAME
CHANGE, FACTORS, SYSTEM, TECHNOLOGY = "政策重大调整", "内外部因素重大变化", "体系重大调整", "工艺技术重大变化"
RISK = "重大合规风险"
ALARMS = ("账户异常", "交易失败", "履约资金缺口")

#: Duties that events raise: code → the events, the last good day counted from the event.
ON_EVENT: Mapping[str, tuple[tuple[str, ...], DueOf]] = {
    "EV-01": ((CHANGE,), MONTH_LATER),
    "EV-01P": ((CHANGE, FACTORS), MONTH_LATER),
    "EV-01R": ((CHANGE,), MONTH_LATER),
    "EV-01U": ((CHANGE, FACTORS, SYSTEM, TECHNOLOGY), MONTH_LATER),
    "EV-02": ((CHANGE, FACTORS), MONTH_LATER),
    "EV-03": ((TECHNOLOGY,), MONTH_LATER),
    "EV-04": ((SYSTEM, RISK), MONTH_LATER),
    "EV-04P": ((SYSTEM,), MONTH_LATER),
    "EV-05N": ((RISK,), THREE_LATER),
    "EV-06": (("数据缺失或异常",), THREE_LATER),
    "EV-07": (("交易需求",), fifth_trading_day),
    "EV-08": (("资金划转需求",), AT_ONCE),
    "EV-09": ((CHANGE, "交易策略调整需要"), MONTH_LATER),
    "EV-10": (ALARMS, THREE_LATER),
    "EV-10N": (ALARMS, TEN_LATER),
    "EV-11": (("发现不符合",), THREE_LATER),
    "EV-11P": (("发现不符合",), TEN_LATER),
    "EV-13": (("核查发现问题",), TEN_LATER),
    "EV-14": (("计量器具故障或超期",), THREE_LATER),
    "EV-15": (("检测机构资质失效或超范围",), MONTH_LATER),
    "EV-16": (("减排项目到达阶段",), MONTH_LATER),
    "EV-16R": (("减排量登记、交易或使用",), MONTH_LATER),
    "EV-17": (("碳金融业务",), MONTH_LATER),
    "EV-18": (("煤样送检",), AT_ONCE),
    "EV-19": (("煤样保存满一年",), MONTH_LATER),
    "EV-20": (("方针发布或修订", "新员工入职"), MONTH_LATER),
    "EV-21": (("账户登录或操作",), AT_ONCE),
    "EV-22": (("首次使用替代燃料",), MONTH_LATER),
    "EV-22S": (("首次使用替代燃料",), MONTH_LATER),
    "C.4-C": (("水运煤到货",), THREE_LATER),
}

#: Duties that a record raises: code → due day from the record's day, first day of work.
PER_RECORD: Mapping[str, tuple[DueOf, OpensOf]] = {
    "OB-CAL": (SAME, ahead(60)),  # the last day of validity
    "OB-Y11": (SAME, ahead(180)),  # the deadline of the trading system
    "OB-Y12": (shifted(day=31), from_start),  # the last day of the month of completion
    "OB-Y13": (shifted(days=+30), from_start),  # thirty days after surrender (left open)
}

#: Duties that roll: code → the kind of review, and the last good day after a completion.
ROLLING: Mapping[str, tuple[str, DueOf]] = {
    "OB-CE": ("合规性评价", shifted(months=+12)),
    "OB-MR": ("管理评审", shifted(months=+12)),
}


# --- working days ----------------------------------------------------------------------------------------------------


@cache
def working() -> rruleset:
    """Monday to Friday without the listed days off, with the make-up days; the last wording of a year stands."""
    written = tomllib.loads((ROOT / "rules" / "calendar.toml").read_text("utf-8"))["calendar"]
    found = rruleset(cache=True)
    found.rrule(
        rrule(DAILY, byweekday=(MONDAY, 1, 2, 3, FR), dtstart=at(date(2019, 12, 1)), until=at(date(2032, 12, 31)))
    )
    for wordings in written.values():
        last = max(wordings, key=lambda w: w["in_force"]["known"]) if isinstance(wordings, list) else wordings
        for day in last["off"]:
            found.exdate(at(day))
        for day in last["work"]:
            found.rdate(at(day))
    return found


@cache
def trading() -> list[date]:
    """The working days that are at no weekend, in their order."""
    return [one.date() for one in working() if one.weekday() < SATURDAY]


@cache
def worked_before(due: date) -> date:
    """The last working day on or before a day."""
    found: date = working().before(at(due), inc=True).date()
    return found


def published(due: date) -> date:
    """The same by the library of the published notices."""
    while not chinese_calendar.is_workday(due):
        due += relativedelta(days=-1)
    return due


# --- what the program says -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table, as the program answers it."""

    subject: str
    period: str
    opens: date
    due: date
    effective: date

    @classmethod
    def of(cls, one: Occurrence) -> Line:
        return cls(one.subject, one.period, one.opens, one.due, one.effective_workday)


def line(subject: str, period: str, opens: date, due: date) -> Line:
    return Line(subject, period, min(opens, due), due, worked_before(due))


def every_row() -> Iterator[Row]:
    """A plant to which all duties apply: an event of each kind, a certificate, a surrender on every day."""
    for item in ("使用替代燃料", "水路运煤", "集团成员企业"):
        yield row(CompanyItem, item=item, content="是")
    yield row(Instrument, number="I0", key_instrument="是", commissioned=date(2019, 1, 1))
    for day in EVERY_DAY:
        yield row(Surrender, number=f"S{day}", year=str(day.year), deadline=day, completed=day)
        yield row(Instrument, number=f"I{day}", key_instrument="否", commissioned=date(2019, 1, 1))
        yield row(
            InstrumentCheck,
            number=f"C{day}",
            instrument=f"I{day}",
            type="检定",
            result="合格",
            on=FIRST,
            valid_until=day,
        )


def answers(base: RuleBase, *rows: Row, values: Mapping[str, Decimal] | None = None) -> dict[str, list[Line]]:
    data = seen(*rows, on=LAST, start=FIRST, rules=base)
    found: dict[str, list[Line]] = defaultdict(list)
    for one in occurrences_of(data, base, own_values(data) | dict(values or {}), LAST):
        found[one.code].append(Line.of(one))
    return found


@cache
def shipped_answers() -> Mapping[str, list[Line]]:
    return answers(shipped(), *every_row())


def expected_periods(code: str, subject: str, due_of: DueOf | None = None) -> list[Line]:
    every, due, opens = PERIODIC[code]
    due = due_of or due
    return [line(subject, name, opens(start, end, due(end)), due(end)) for name, start, end in spans(every)]


def ordered(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda one: (one.due, one.subject, one.period))


# --- the tests -------------------------------------------------------------------------------------------------------


def test_the_table_names_every_duty_of_the_rule_base() -> None:
    table = {*PERIODIC, *ON_EVENT, *PER_RECORD, *ROLLING}
    assert table == {rule.code for rule in shipped().of(Obligation)}
    assert len(table) == len(PERIODIC) + len(ON_EVENT) + len(PER_RECORD) + len(ROLLING)


@pytest.mark.parametrize("every", ["day", "week", "month", "quarter", "year"])
def test_periods_begin_and_end_on_the_days_of_the_recurrence(every: str) -> None:
    table = spans(every)
    read = [Period.parse(name) for name, _start, _end in table]
    assert [(str(p), p.start, p.end) for p in read] == table
    assert [p.next() for p in read[:-1]] == read[1:]


@pytest.mark.parametrize("code", PERIODIC)
def test_every_period_falls_due_on_the_day_of_the_table(code: str) -> None:
    found = shipped_answers()[code]
    subject = "I0" if code == "OB-KEYCHK" else found[0].subject
    assert found == ordered(expected_periods(code, subject))


@pytest.mark.parametrize("code", PER_RECORD)
def test_every_record_falls_due_on_the_day_of_the_table(code: str) -> None:
    due, opens = PER_RECORD[code]
    sign, periods = ("I", str) if code == "OB-CAL" else ("S", lambda day: str(day.year))
    table = [line(f"{sign}{day}", periods(day), opens(day, day, due(day)), due(day)) for day in EVERY_DAY]
    assert ordered(shipped_answers()[code]) == ordered(table)


@pytest.mark.parametrize("code", ON_EVENT)
def test_every_event_raises_its_duty_on_the_day_of_the_table(code: str) -> None:
    kinds, due = ON_EVENT[code]
    every_kind = sorted({kind for others, _due in ON_EVENT.values() for kind in others})
    events = [
        row(Event, number=f"{kind}{day}", type=kind, on=day)
        for n, day in enumerate(EVERY_DAY)
        for kind in (*kinds, every_kind[n % len(every_kind)])
    ]
    rows = [row(CompanyItem, item="水路运煤", content="是"), *{one.number: one for one in events}.values()]
    base = RuleBase(tuple(r for r in shipped().rules if not isinstance(r, Obligation) or r.code == code))
    table = [line(f"{kind}{day}", str(day), day, due(day)) for day in EVERY_DAY for kind in kinds]
    assert ordered(answers(base, *rows)[code]) == ordered(table)


@pytest.mark.parametrize("code", ROLLING)
def test_every_completion_starts_a_cycle_that_ends_on_the_day_of_the_table(code: str) -> None:
    [rule] = shipped().of_code(code)
    calendar = WorkCalendar(shipped().of(Calendar))
    for day in EVERY_DAY:
        found = due_date(rule, AfterCompletion(day), lambda value: int(str(value)), calendar)
        expected = ROLLING[code][1](day)
        assert (found.due, found.effective_workday) == (expected, worked_before(expected)), day


@pytest.mark.parametrize("code", ROLLING)
@pytest.mark.parametrize("step", [{"days": 1}, {"days": 29}, {"months": 1}, {"months": 12}, {"months": 13}])
def test_a_chain_of_completions_is_one_of_due_days(code: str, step: dict[str, int]) -> None:
    kind, due = ROLLING[code]
    completions, n = [date(2020, 1, 31)], 1
    while (day := completions[0] + relativedelta(**{unit: count * n for unit, count in step.items()})) <= LAST:
        completions.append(day)
        n += 1
    rows = [row(Review, number=f"R{day}", type=kind, started=day, completed=day) for day in completions]
    found = answers(shipped(), *rows)[code]
    dues = {due(day) for day in completions}  # the 28th and the 29th of February lead to one day
    assert found == [line(found[0].subject, str(day), day + relativedelta(days=-60), day) for day in sorted(dues)]


@pytest.mark.parametrize(
    ("code", "values", "due"),
    [
        *(("OB-M2", {"COMPOSITE_DAY": n}, shifted(months=+1, day=n)) for n in (1, 10, 28, 29, 30, 31)),
        *(("OB-M5", {"ASSET_LEDGER_DAY": n}, shifted(months=+1, day=n)) for n in (1, 29, 31)),
        *(("OB-M6", {"TARGETS_DAY": n}, shifted(months=+1, day=n)) for n in (15, 30, 31)),
        *(("OB-Q1", {"QUARTER_DAYS": n}, shifted(days=+n)) for n in (1, 31, 59, 60)),
        *(("OB-D1", {"DAILY_DAYS": n}, shifted(days=+n)) for n in (2, 7, 31)),
        *(("OB-Y2", {"NEXT_YEAR_MONTH": m, "NEXT_YEAR_DAY": 31}, shifted(month=m, day=31)) for m in (2, 4, 11)),
        *(("OB-Y5", {"YEAR_PLAN_MONTH": 2, "YEAR_PLAN_DAY": n}, shifted(month=2, day=n)) for n in (28, 29, 30)),
    ],
)
def test_a_day_that_the_plant_chose_falls_where_the_month_has_one(
    code: str, values: dict[str, int], due: DueOf
) -> None:
    own = {name: Decimal(value) for name, value in values.items()}
    found = answers(shipped(), values=own)[code]
    assert found == ordered(expected_periods(code, found[0].subject, due))


def test_days_that_people_know_by_heart() -> None:
    """Read from a paper calendar, so that the table itself is not wrong in the same way."""
    known = {
        ("OB-M40", "2020-01"): date(2020, 3, 11),  # a leap year
        ("OB-M40", "2021-01"): date(2021, 3, 12),
        ("OB-M40", "2026-12"): date(2027, 2, 9),
        ("OB-M10", "2023-12"): date(2024, 1, 10),
        ("OB-KEYCHK", "2024-02"): date(2024, 2, 29),
        ("OB-Y0331", "2023"): date(2024, 3, 31),
        ("OB-Q1", "2028-Q4"): date(2029, 1, 15),
    }
    for (code, period), day in known.items():
        assert [one.due for one in shipped_answers()[code] if one.period == period] == [day]


@pytest.mark.parametrize("code", ["OB-M10", "OB-M40", "OB-Y0331", "OB-D2", "OB-Y11"])
def test_the_working_day_before_is_the_published_one(code: str) -> None:
    """Of the years whose notice is out, days whose way back stays in them."""
    checked = [one for one in shipped_answers()[code] if date(2024, 1, 2) <= one.due <= date(2026, 12, 31)]
    assert checked
    assert [(one.due, one.effective) for one in checked] == [(one.due, published(one.due)) for one in checked]


# --- how long records are kept ---------------------------------------------------------------------------------------

FIVE_YEARS_ON = shifted(years=+6, month=1, day=1)  # from the end of the year the record belongs to
KEPT: Mapping[str, DueOf] = {
    "records": FIVE_YEARS_ON,
    "management-records": FIVE_YEARS_ON,
    "trading-records": FIVE_YEARS_ON,
    "coal-samples": shifted(years=+1),
}


def test_a_record_of_any_day_is_kept_as_long_as_the_table_says() -> None:
    rules = {rule.id: rule for rule in shipped().of(Retention)}
    assert set(rules) == set(KEPT)
    for name, rule in rules.items():
        assert [disposable_from(rule, day) for day in EVERY_DAY] == [KEPT[name](day) for day in EVERY_DAY]


# --- the table can fail ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "other"),
    [
        ("OB-M40", {"due": DaysAfter(41)}),
        ("OB-M10", {"due": DayOfMonth(9, 1)}),
        ("OB-Y9", {"due": DateOfYear(3, 30, 1)}),
        ("OB-Y9", {"opens": Opens("period-start")}),
        ("OB-D3", {"cadence": Periodic(Every.DAY)}),
        ("OB-ENV", {"roll": Roll.PRECEDING}),
    ],
)
def test_a_rule_that_moved_is_told_from_the_table(code: str, other: dict[str, Any]) -> None:
    base = RuleBase(tuple(replace(r, **other) if getattr(r, "code", "") == code else r for r in shipped().rules))
    found = answers(base)[code]
    assert found
    assert found != ordered(expected_periods(code, found[0].subject))


def test_a_table_of_working_days_that_lost_a_day_is_told() -> None:
    kept = tuple(r for r in shipped().rules if not isinstance(r, Calendar) or r.year != LAST.year)
    found = answers(RuleBase(kept))["OB-D2"]
    assert found != ordered(expected_periods("OB-D2", found[0].subject))
