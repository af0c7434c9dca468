"""Working days, and due days that say where they come from.

Every day is a natural day in the plant's time zone, both ends of a range included. A due day is
the last good day; the legal date is moved off a day of rest only where a rule says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.kernel.text import Text, counted
from compliance.rulebase.periods import Period, add_days, add_months, month_end, period_of, periods
from compliance.rulebase.schema import (
    AfterLast,
    Calendar,
    DateOfYear,
    DayOfMonth,
    DaysAfter,
    Due,
    Every,
    MonthEndOfRecord,
    Number,
    Obligation,
    OfRecord,
    PeriodEnd,
    Ref,
    Retention,
    Roll,
    Rolling,
    Strength,
    TradingDaysAfter,
)

__all__ = [
    "AfterCompletion",
    "Anchor",
    "DueDate",
    "OfEvent",
    "OfPeriod",
    "OfRecordDay",
    "Period",
    "WorkCalendar",
    "add_days",
    "add_months",
    "anchor_day",
    "disposable_from",
    "due_date",
    "legal_day",
    "month_end",
    "opens_on",
    "period_of",
    "periods",
    "start_of",
]

#: Months of a year.
_MONTHS = 12
_ONE_DAY = timedelta(days=1)
_SATURDAY = 6
_STRENGTHS = {
    Strength.SHALL: Text("应", "shall"),
    Strength.SHOULD: Text("宜", "should"),
    Strength.MAY: Text("可", "may"),
    Strength.INFORMATIVE: Text("资料性", "informative"),
    Strength.FACT: Text("事实", "stated fact"),
}


# --- working days ------------------------------------------------------------------------------


class WorkCalendar:
    """Working days by the tables of rules/; past the last one Monday to Friday, provisional."""

    def __init__(self, calendars: Sequence[Calendar]) -> None:
        """A later wording of a year's table takes the place of the earlier one."""
        ordered = sorted(calendars, key=lambda c: c.in_force.start)
        self._tables = {c.year: c for c in ordered}
        self._off = frozenset(day for c in self._tables.values() for day in c.off)
        self._work = frozenset(day for c in self._tables.values() for day in c.work)

    def is_workday(self, day: date) -> bool:
        """Whether people work on a day."""
        return day in self._work or (day not in self._off and day.isoweekday() < _SATURDAY)

    def provisional(self, day: date) -> bool:
        """Whether the official notice for the year of a day is still to come."""
        table = self._tables.get(day.year)
        return table is None or not table.published

    def table(self, year: int) -> Calendar | None:
        """The table of a year; None where there is none yet."""
        return self._tables.get(year)

    def holiday(self, day: date) -> Text | None:
        """The name of the holiday that a day off belongs to; None for a plain weekend and where no run is named."""
        table = self._tables.get(day.year)
        named = (run.name for run in table.holidays if day in run) if table and not self.is_workday(day) else ()
        return next(iter(named), None)

    def crossed(self, due: date) -> tuple[date, ...]:
        """The days off between the last working day on or before a day and that day, the latter included."""
        first = self.preceding(due)
        return tuple(first + timedelta(days=n) for n in range(1, (due - first).days + 1))

    def preceding(self, day: date) -> date:
        """The last working day on or before a day."""
        while not self.is_workday(day):
            day -= _ONE_DAY
        return day

    def traded(self, day: date, count: int) -> date:
        """The last of so many trading days after a day; the day itself where none is counted.

        Markets trade on working days but for those at a weekend, on which people work for a holiday elsewhere.
        """
        while count > 0:
            day = self.following(day + _ONE_DAY)
            count -= day.isoweekday() < _SATURDAY
        return day

    def following(self, day: date) -> date:
        """The first working day on or after a day."""
        while not self.is_workday(day):
            day += _ONE_DAY
        return day


# --- due days ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OfPeriod:
    """The occurrence belongs to a calendar period."""

    period: Period


@dataclass(frozen=True, slots=True)
class AfterCompletion:
    """The occurrence follows a completion; ``baseline``: there is none, the first day counts."""

    day: date
    baseline: bool = False


@dataclass(frozen=True, slots=True)
class OfRecordDay:
    """The occurrence belongs to a record that names a day."""

    day: date


@dataclass(frozen=True, slots=True)
class OfEvent:
    """The occurrence was raised by an event of a day."""

    day: date


Anchor = OfPeriod | AfterCompletion | OfRecordDay | OfEvent


@dataclass(frozen=True, slots=True)
class DueDate:
    """When an occurrence falls due, and why.

    ``due`` is the last good day; ``effective_workday`` the last working day on or before it;
    ``provisional`` says that the working days of that time are not published yet.
    """

    due: date
    effective_workday: date
    provisional: bool
    derivation: Text


def anchor_day(anchor: Anchor) -> date:
    """The day from which a due day is counted: the end of a period, or the anchor's own day."""
    return anchor.period.end if isinstance(anchor, OfPeriod) else anchor.day


def due_date(
    obligation: Obligation,
    anchor: Anchor,
    number: Callable[[Number], int],
    calendar: WorkCalendar,
) -> DueDate:
    """The due day of one occurrence; ``number`` resolves the plant's parameters."""
    legal, words = legal_day(obligation, anchor, number, calendar)
    due = _rolled(legal, obligation.roll, calendar)
    effective = calendar.preceding(due)
    provisional = calendar.provisional(due) or calendar.provisional(effective)
    parts = [
        Text(f"{words.zh} → {legal}", f"{words.en} → {legal}"),
        _source(obligation),
        _moved(legal, due),
        _advice(due, effective, in_time=in_time(anchor, effective)),
        _doubt(plain=legal == effective) if provisional else Text("", ""),
    ]
    sentence = Text("".join(part.zh for part in parts), "".join(part.en for part in parts))
    return DueDate(due, effective, provisional, sentence)


def in_time(anchor: Anchor, day: date) -> bool:
    """Whether a day is not before what the occurrence is about begins: nobody records a Saturday on the Friday."""
    match anchor:
        case OfPeriod(period):
            return day >= period.start
        case OfEvent(on):
            return day >= on
    return True


def opens_on(obligation: Obligation, due: date, anchor: Anchor) -> date:
    """The first day on which work on an occurrence can start; never after the due day."""
    match obligation.opens.kind, anchor:
        case "after-period", OfPeriod(period):
            first = period.end + _ONE_DAY
        case "period-start", OfPeriod(period):
            first = period.start
        case "days-before-due", _:
            first = due - timedelta(days=obligation.opens.days)
        case _:
            first = anchor_day(anchor)
    return min(first, due)


def disposable_from(rule: Retention, day: date) -> date:
    """The first day on which a record of a day (or of a period that ends on it) may be disposed."""
    match rule.starts:
        case "record":
            start = day
        case "period-end":
            start = day + _ONE_DAY
        case _:
            start = date(day.year + 1, 1, 1)
    return add_months(start, rule.years * 12 + rule.months)


def legal_day(
    obligation: Obligation, anchor: Anchor, number: Callable[[Number], int], calendar: WorkCalendar
) -> tuple[date, Text]:
    """The date that the clause itself gives, and the words that say how it is counted."""
    day, start = anchor_day(anchor), start_of(anchor)
    due: Due = obligation.due
    match due:
        case DayOfMonth(of_month, months):
            month = month_end(add_months(day.replace(day=1), months))
            result = month.replace(day=min(max(number(of_month), 1), month.day))
            return result, _day_of_month(_name(anchor), months, result, _by(of_month))
        case DaysAfter(count):
            n, by = number(count), _by(count)
            return add_days(day, n), Text(
                f"{start.zh} 起第 {n} 个自然日{by.zh}", f"{counted(n, 'natural day')}{by.en} after {start.en}"
            )
        case TradingDaysAfter(count):
            n, by = number(count), _by(count)
            return calendar.traded(day, n), Text(
                f"{start.zh} 起第 {n} 个交易日{by.zh}", f"{counted(n, 'trading day')}{by.en} after {start.en}"
            )
        case DateOfYear(month_no, day_no, years):
            first = add_months(date(day.year, min(max(number(month_no), 1), _MONTHS), 1), _MONTHS * years)
            result = first.replace(day=min(max(number(day_no), 1), month_end(first).day))
            return result, _date_of_year(_name(anchor), years, result, _by(day_no))
        case AfterLast() if isinstance(obligation.cadence, Rolling):
            months, by = number(obligation.cadence.within_months), _by(obligation.cadence.within_months)
            return add_months(day, months), Text(
                f"{start.zh} 后 {months} 个月{by.zh}", f"{counted(months, 'month')}{by.en} after {start.en}"
            )
        case MonthEndOfRecord():
            return month_end(day), Text(f"{start.zh} 当月最后一日", f"the last day of the month of {start.en}")
        case PeriodEnd() if isinstance(anchor, OfPeriod):
            return day, Text(f"{anchor.period} 期末", f"the end of {anchor.period}")
        case OfRecord() | AfterLast() | PeriodEnd():
            return day, start


def start_of(anchor: Anchor) -> Text:
    """The day from which is counted, in words."""
    match anchor:
        case OfPeriod(period) if period.every is Every.DAY:
            return Text(f"{period} 当日", f"the day {period}")
        case OfPeriod(period):
            return Text(f"{period} 期末 {period.end}", f"{period.end}, the end of {period},")
        case AfterCompletion(day, baseline=True):
            return Text(f"尚无完成记录，自数据起始日 {day}", f"{day}, the first day of data (nothing completed yet),")
        case AfterCompletion(day):
            return Text(f"上次完成 {day}", f"the last completion on {day}")
        case OfRecordDay(day):
            return Text(f"记录所载日期 {day}", f"the record's own day {day}")
        case OfEvent(day):
            return Text(f"事件发生日 {day}", f"the event of {day}")


def _name(anchor: Anchor) -> Text:
    """The anchor where the month or year counts, not the day."""
    return Text(str(anchor.period), str(anchor.period)) if isinstance(anchor, OfPeriod) else start_of(anchor)


def _day_of_month(name: Text, months: int, result: date, by: Text) -> Text:
    """The day of a month that lies some months after the anchor's."""
    match months:
        case 0:
            place = Text("当月", "in the month of")
        case 1:
            place = Text("次月", "in the month after")
        case _:
            place = Text(f"后第 {months} 个月", f"{months} months after")
    return Text(
        f"{name.zh} {place.zh}（{result:%Y-%m}）{result.day} 日{by.zh}",
        f"day {result.day}{by.en} of {result:%Y-%m}, {place.en} {name.en}",
    )


def _date_of_year(name: Text, years: int, result: date, by: Text) -> Text:
    """The date in a year that lies some years after the anchor's."""
    match years:
        case 0:
            place = Text("当年", "in")
        case 1:
            place = Text("次年", "in the year after")
        case _:
            place = Text(f"后第 {years} 年", f"{years} years after")
    return Text(
        f"{name.zh} {place.zh} {result.month} 月 {result.day} 日{by.zh}",
        f"{result:%B} {result.day}{by.en} {place.en} {name.en}",
    )


def _by(value: Number) -> Text:
    """Names the parameter that gave a number."""
    if isinstance(value, Ref):
        return Text(f"（参数 {value.parameter}）", f" (parameter {value.parameter})")
    return Text("", "")


def _source(obligation: Obligation) -> Text:
    clause, strength = obligation.source.clause, _STRENGTHS[obligation.source.strength]
    return Text(f"（{clause}，{strength.zh}）", f" ({clause}, {strength.en})")


def _rolled(day: date, roll: Roll, calendar: WorkCalendar) -> date:
    match roll:
        case Roll.FOLLOWING:
            return calendar.following(day)
        case Roll.PRECEDING:
            return calendar.preceding(day)
        case Roll.NONE:
            return day


def _moved(legal: date, due: date) -> Text:
    if legal == due:
        return Text("", "")
    way = ("顺延", "moved on") if due > legal else ("提前", "moved forward")
    return Text(
        f"；{legal} 为休息日，依规则{way[0]}至 {due}",
        f"; {legal} is a day off, {way[1]} to {due} by the rule",
    )


def _advice(due: date, effective: date, *, in_time: bool) -> Text:
    if due == effective:
        return Text("", "")
    if not in_time:
        return Text(
            f"；{due} 为休息日，其前的工作日 {effective} 尚未起算，不能提前",
            f"; {due} is a day off, and the working day before it, {effective}, comes before what this is about",
        )
    return Text(
        f"；{due} 为休息日，提前至工作日 {effective} 办理",
        f"; {due} is a day off: act by the working day {effective}",
    )


def _doubt(*, plain: bool) -> Text:
    """The date of the clause is certain; which days are worked on is not."""
    if plain:
        return Text("；工作日历暂定", "; working days provisional")
    return Text("（暂定）", " (provisional)")
