"""A due day step by step, as data: clause → period → offset → legal day → calendar → effective working day.

The same arithmetic as :func:`compliance.rulebase.calendar.due_date`, told in parts instead of one sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import partial

from compliance.kernel.text import Text, counted
from compliance.rulebase.calendar import (
    AfterCompletion,
    Anchor,
    DueDate,
    OfEvent,
    OfPeriod,
    OfRecordDay,
    WorkCalendar,
    anchor_day,
    due_date,
    in_time,
    legal_day,
    start_of,
)
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import (
    DateOfYear,
    DayOfMonth,
    DaysAfter,
    MonthEndOfRecord,
    Number,
    Obligation,
    Parameter,
    PeriodEnd,
    Ref,
    Roll,
    Rolling,
    TradingDaysAfter,
)


class StepKind(StrEnum):
    """The steps, in their order."""

    CLAUSE = "clause"
    START = "start"
    OFFSET = "offset"
    LEGAL = "legal"
    CALENDAR = "calendar"
    EFFECTIVE = "effective"


class Origin(StrEnum):
    """Where a number comes from: the rule itself, the default of a parameter, or the plant's own choice."""

    RULE = "rule"
    DEFAULT = "default"
    PLANT = "plant"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the day it leads to (None where it leads to none), in words, and its parts as data."""

    kind: StepKind
    day: date | None
    text: Text
    parts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Derivation:
    """A due day and the steps that lead to it."""

    when: DueDate
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """What numbers are resolved by: the rules, the plant's own values by code, the day whose wording counts."""

    rulebase: RuleBase
    plant_values: Mapping[str, Decimal]
    on: date | None = None

    def number(self, value: Number) -> int:
        """A number as it holds for the plant."""
        return self.rulebase.number(value, self.plant_values, self.on)

    def origin(self, value: Number) -> dict[str, object]:
        """Where a number comes from; a plant's value that is refused does not count as its choice."""
        if not isinstance(value, Ref):
            return {"origin": Origin.RULE.value}
        chosen = self.rulebase.chosen(value.parameter, self.plant_values, self.on)
        rule = self.rulebase.wordings(Parameter, value.parameter)[-1]
        origin = Origin.PLANT if chosen.from_plant else Origin.DEFAULT
        return {"origin": origin.value, "parameter": value.parameter, "code": rule.code or ""}


def derive(rule: Obligation, anchor: Anchor, sources: Sources, calendar: WorkCalendar) -> Derivation:
    """The due day of one occurrence with its steps; the last step's day is the effective working day."""
    sources = replace(sources, on=anchor_day(anchor))
    when = due_date(rule, anchor, sources.number, calendar)
    legal, _words = legal_day(rule, anchor, sources.number, calendar)
    steps = (
        _clause(rule),
        _start(anchor),
        _offset(rule, sources),
        Step(StepKind.LEGAL, legal, Text(f"法定到期日 {legal}", f"legal due day {legal}")),
        _moved(rule.roll, legal, when.due),
        effective(when, calendar, in_time=in_time(anchor, when.effective_workday)),
    )
    return Derivation(when, steps)


def effective(when: DueDate, calendar: WorkCalendar, *, in_time: bool) -> Step:
    """The last working day on or before a due day, with the days off that lie between."""
    crossed = calendar.crossed(when.due)
    names = tuple(dict.fromkeys(name for day in crossed if (name := calendar.holiday(day))))
    parts = {
        "crossed": [_day_off(day, calendar) for day in crossed],
        "holidays": list(names),
        "provisional": when.provisional,
        "notices": _notices((when.effective_workday, when.due), calendar),
    }
    return Step(StepKind.EFFECTIVE, when.effective_workday, _advice(when, names, in_time=in_time), parts)


def _clause(rule: Obligation) -> Step:
    source = rule.source
    text = Text(f"《{source.document}》{source.clause}", f"{source.document}, {source.clause}")
    parts = {
        "document": source.document,
        "clause": source.clause,
        "strength": source.strength.value,
        "requirements": list(source.requirements),
        "rule": rule.id,
    }
    return Step(StepKind.CLAUSE, None, text, parts)


def _start(anchor: Anchor) -> Step:
    match anchor:
        case OfPeriod(period):
            parts: dict[str, object] = {"of": "period", "period": str(period), "first": period.start}
        case AfterCompletion(baseline=True):
            parts = {"of": "first-day-of-data"}
        case AfterCompletion():
            parts = {"of": "completion"}
        case OfRecordDay():
            parts = {"of": "record"}
        case OfEvent():
            parts = {"of": "event"}
    said = start_of(anchor)
    return Step(StepKind.START, anchor_day(anchor), Text(said.zh, said.en.rstrip(",")), parts)


def _offset(rule: Obligation, sources: Sources) -> Step:
    say = partial(Step, StepKind.OFFSET, None)
    match rule.due, rule.cadence:
        case DaysAfter(days), _:
            n = sources.number(days)
            return say(
                Text(f"＋ {n} 个自然日", f"+ {counted(n, 'natural day')}"),
                {"value": n, "unit": "day", **sources.origin(days)},
            )
        case TradingDaysAfter(days), _:
            n = sources.number(days)
            return say(
                Text(f"＋ {n} 个交易日", f"+ {counted(n, 'trading day')}"),
                {"value": n, "unit": "trading-day", **sources.origin(days)},
            )
        case DayOfMonth(day, months), _:
            n, more = sources.number(day), sources.origin(day)
            text = Text(f"＋ {months} 个月，该月 {n} 日", f"+ {counted(months, 'month')}, day {n} of that month")
            return say(text, {"value": n, "unit": "day-of-month", "months_after": months, **more})
        case DateOfYear(month, day, years), _:
            m, n = sources.number(month), sources.number(day)
            text = Text(f"＋ {years} 年，该年 {m} 月 {n} 日", f"+ {counted(years, 'year')}, {m:02}-{n:02} of that year")
            parts = {"value": f"{m:02}-{n:02}", "unit": "date-of-year", "years_after": years}
            return say(text, parts | sources.origin(day))
        case MonthEndOfRecord(), _:
            return say(Text("当月最后一日", "the last day of that month"), _fixed("month-end"))
        case PeriodEnd(), _:
            return say(Text("期末当日", "the end of the period itself"), _fixed("day"))
        case _, Rolling(within):
            n = sources.number(within)
            return say(
                Text(f"＋ {n} 个月", f"+ {counted(n, 'month')}"),
                {"value": n, "unit": "month", **sources.origin(within)},
            )
    return say(Text("记录所载日期即到期日", "the record's own day is the due day"), _fixed("day"))


def _fixed(unit: str) -> dict[str, object]:
    return {"value": 0, "unit": unit, "origin": Origin.RULE.value}


def _moved(roll: Roll, legal: date, due: date) -> Step:
    parts = {"roll": roll.value, "moved": due != legal}
    if roll is Roll.NONE:
        text = Text(
            "规则未规定顺延：节假日不移动法定日期", "the rule moves nothing: holidays leave the legal date alone"
        )
    elif due == legal:
        text = Text("当日为工作日，无须移动", "a working day: nothing to move")
    else:
        text = Text(f"遇休息日，依规则移至 {due}", f"a day off: moved to {due} by the rule")
    return Step(StepKind.CALENDAR, due, text, parts)


def _advice(when: DueDate, names: tuple[Text, ...], *, in_time: bool) -> Text:
    doubt = Text("（暂定）", " (provisional)") if when.provisional else Text("", "")
    day = when.effective_workday
    if day == when.due:
        return Text(f"到期日即工作日{doubt.zh}", f"the due day is a working day{doubt.en}")
    over = (
        Text("、".join(n.zh for n in names), ", ".join(n.en for n in names)) if names else Text("周末", "the weekend")
    )
    if not in_time:
        return Text(
            f"跨{over.zh}：其前的工作日 {day} 尚未起算，不能提前{doubt.zh}",
            f"across {over.en}: the working day before, {day}, comes before what this is about{doubt.en}",
        )
    return Text(
        f"跨{over.zh}：最后一个工作日为 {day}{doubt.zh}",
        f"across {over.en}: the last working day is {day}{doubt.en}",
    )


def _day_off(day: date, calendar: WorkCalendar) -> dict[str, object]:
    return {"day": day, "holiday": calendar.holiday(day), "provisional": calendar.provisional(day)}


def _notices(days: tuple[date, ...], calendar: WorkCalendar) -> list[dict[str, object]]:
    """On what the working days of each year rest: the official notice, or a table computed ahead of it."""
    found: list[dict[str, object]] = []
    for year in sorted({day.year for day in days}):
        table = calendar.table(year)
        found.append(
            {
                "year": year,
                "document": table.source.document if table else None,
                "number": table.source.clause if table else None,
                "published": bool(table and table.published),
                "checked": table.checked if table else None,
            }
        )
    return found
