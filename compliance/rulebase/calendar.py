"""Calendar arithmetic: periods, months, working days, and due days that say where they come from.

Every day is a natural day in the plant's time zone, both ends of a range included. A due day is
the last good day; the legal date is moved off a day of rest only where a rule says so.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import total_ordering

from compliance.kernel.text import Text
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
)

_ONE_DAY = timedelta(days=1)
_SATURDAY = 6
_SHAPES = (
    (Every.DAY, re.compile(r"(\d{4})-(\d\d)-(\d\d)")),
    (Every.MONTH, re.compile(r"(\d{4})-(\d\d)")),
    (Every.QUARTER, re.compile(r"(\d{4})-Q([1-4])")),
    (Every.YEAR, re.compile(r"(\d{4})")),
)
_MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.YEAR: 12}
_STRENGTHS = {
    Strength.SHALL: Text("应", "shall"),
    Strength.SHOULD: Text("宜", "should"),
    Strength.MAY: Text("可", "may"),
    Strength.INFORMATIVE: Text("资料性", "informative"),
    Strength.FACT: Text("事实", "stated fact"),
}


def add_months(day: date, months: int) -> date:
    """The same day number ``months`` later, else the last day of that month."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    """The last day of the month of a day."""
    return day.replace(day=monthrange(day.year, day.month)[1])


# --- periods -----------------------------------------------------------------------------------


@total_ordering
@dataclass(frozen=True, slots=True)
class Period:
    """A calendar period, written ``2026-01-31``, ``2026-01``, ``2026-Q1`` or ``2026``."""

    every: Every
    start: date

    @property
    def end(self) -> date:
        """Its last day."""
        return self.next().start - _ONE_DAY

    def next(self) -> Period:
        """The period that follows."""
        if self.every is Every.DAY:
            return Period(self.every, self.start + _ONE_DAY)
        return Period(self.every, add_months(self.start, _MONTHS[self.every]))

    def __contains__(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.start <= day <= self.end

    def __lt__(self, other: Period) -> bool:
        """Earlier ones first."""
        return (self.start, self.end) < (other.start, other.end)

    def __str__(self) -> str:
        """The period as people and workbooks write it."""
        match self.every:
            case Every.DAY:
                return self.start.isoformat()
            case Every.MONTH:
                return f"{self.start:%Y-%m}"
            case Every.QUARTER:
                return f"{self.start:%Y}-Q{(self.start.month + 2) // 3}"
            case Every.YEAR:
                return f"{self.start:%Y}"

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read a period; raise ``ValueError`` for anything else."""
        for every, shape in _SHAPES:
            if match := shape.fullmatch(text):
                numbers = [int(group) for group in match.groups()]
                if every is Every.QUARTER:
                    numbers[1] = numbers[1] * 3 - 2
                return cls(every, date(*[*numbers, 1, 1][:3]))
        raise ValueError(text)


def period_of(every: Every, day: date) -> Period:
    """The period that holds a day."""
    match every:
        case Every.DAY:
            return Period(every, day)
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


# --- working days ------------------------------------------------------------------------------


class WorkCalendar:
    """Working days by the tables of rules/; past the last one Monday to Friday, provisional."""

    def __init__(self, calendars: Sequence[Calendar]) -> None:
        """A later wording of a year's table takes the place of the earlier one."""
        ordered = sorted(calendars, key=lambda c: c.in_force.start)
        self._published = {c.year: c.published for c in ordered}
        latest = {c.year: c for c in ordered}.values()
        self._off = frozenset(day for c in latest for day in c.off)
        self._work = frozenset(day for c in latest for day in c.work)

    def is_workday(self, day: date) -> bool:
        """Whether people work on a day."""
        return day in self._work or (day not in self._off and day.isoweekday() < _SATURDAY)

    def provisional(self, day: date) -> bool:
        """Whether the official notice for the year of a day is still to come."""
        return not self._published.get(day.year, False)

    def preceding(self, day: date) -> date:
        """The last working day on or before a day."""
        while not self.is_workday(day):
            day -= _ONE_DAY
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
    legal, words = _legal(obligation, anchor, number)
    due = _rolled(legal, obligation.roll, calendar)
    effective = calendar.preceding(due)
    provisional = calendar.provisional(due) or calendar.provisional(effective)
    sentence = Text(f"{words.zh} → {legal}", f"{words.en} → {legal}")
    for part in (_source(obligation), _moved(legal, due), _advice(due, effective)):
        sentence = Text(sentence.zh + part.zh, sentence.en + part.en)
    if provisional:
        sentence = Text(sentence.zh + "（暂定）", sentence.en + " (provisional)")
    return DueDate(due, effective, provisional, sentence)


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


def _legal(obligation: Obligation, anchor: Anchor, number: Callable[[Number], int]) -> tuple[date, Text]:
    """The date that the clause itself gives, and the words that say how it is counted."""
    day, start = anchor_day(anchor), _start(anchor)
    due: Due = obligation.due
    match due:
        case DayOfMonth(of_month, months):
            month = month_end(add_months(day.replace(day=1), months))
            result = month.replace(day=min(number(of_month), month.day))
            n = _numbered(of_month, result.day)
            return result, Text(
                f"{start.zh}后第 {months} 个月（{month:%Y-%m}）{n.zh} 日",
                f"day {n.en} of {month:%Y-%m}, {months} month(s) after {start.en}",
            )
        case DaysAfter(count):
            n = _numbered(count, number(count))
            return day + timedelta(days=number(count)), Text(
                f"{start.zh}起第 {n.zh} 个自然日", f"{n.en} natural days after {start.en}"
            )
        case DateOfYear(month_no, day_no, years):
            first = date(day.year + years, month_no, 1)
            result = first.replace(day=min(day_no, month_end(first).day))
            return result, Text(
                f"{start.zh}后第 {years} 年 {month_no} 月 {day_no} 日",
                f"{result.day} {result:%B}, {years} year(s) after {start.en}",
            )
        case PeriodEnd():
            return day, start
        case AfterLast() if isinstance(obligation.cadence, Rolling):
            months = number(obligation.cadence.within_months)
            n = _numbered(obligation.cadence.within_months, months)
            return add_months(day, months), Text(f"{start.zh}后 {n.zh} 个月", f"{n.en} months after {start.en}")
        case MonthEndOfRecord():
            return month_end(day), Text(f"{start.zh}当月最后一日", f"last day of the month of {start.en}")
        case OfRecord() | AfterLast():
            return day, start


def _start(anchor: Anchor) -> Text:
    match anchor:
        case OfPeriod(period) if period.every is Every.DAY:
            return Text(f"当日 {period}", f"the day {period}")
        case OfPeriod(period):
            return Text(f"{period} 期末 {period.end}", f"{period.end}, the end of {period}")
        case AfterCompletion(day, baseline=True):
            return Text(f"数据起始日 {day}（尚无完成记录）", f"the first day of data {day} (no completion yet)")
        case AfterCompletion(day):
            return Text(f"上次完成 {day}", f"the last completion on {day}")
        case OfRecordDay(day):
            return Text(f"记录所载日期 {day}", f"the record's own day {day}")
        case OfEvent(day):
            return Text(f"事件发生日 {day}", f"the event of {day}")


def _numbered(value: Number, number: int) -> Text:
    if isinstance(value, Ref):
        return Text(f"{number}（参数 {value.parameter}）", f"{number} (parameter {value.parameter})")
    return Text(f"{number}", f"{number}")


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


def _advice(due: date, effective: date) -> Text:
    if due == effective:
        return Text("", "")
    return Text(
        f"；{due} 为休息日，提前至工作日 {effective} 办理",
        f"; {due} is a day off: act by the working day {effective}",
    )
