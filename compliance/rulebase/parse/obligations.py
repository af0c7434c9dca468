"""Blocks ``[obligation.id]``: cadence, due day, opening, evidence, reminders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from compliance.rulebase.parse.common import Common
from compliance.rulebase.parse.table import Table
from compliance.rulebase.schema import (
    CHOICES,
    AfterLast,
    Cadence,
    DateOfYear,
    DayOfMonth,
    DaysAfter,
    Due,
    Escalation,
    Every,
    Evidence,
    MonthEndOfRecord,
    Obligation,
    OfRecord,
    OnEvent,
    Opens,
    PeriodEnd,
    Periodic,
    PerRecord,
    Reminders,
    Roll,
    Rolling,
    TradingDaysAfter,
)


def obligation(table: Table, common: Common) -> Obligation:
    """Read one obligation."""
    return Obligation(
        **common,
        code=table.text("code"),
        cadence=_cadence(table.table("cadence")),
        due=_due(table.table("due")),
        opens=_opens(table.table("opens")),
        evidence=_evidence(table.table("evidence")),
        owner=table.text("owner"),
        approver=table.maybe_text("approver"),
        for_each=table.text("for_each", "plant"),
        where=table.values("where"),
        roll=table.choice("roll", Roll, Roll.NONE),
        applies_if=table.values("applies_if"),
        reminders=reminders(table.table("remind", optional=True)),
        waivable=table.flag("waivable", default=False),
        document=table.maybe_text("document"),
        choices=_choices(table),
    )


def _choices(table: Table) -> tuple[str, ...]:
    given = table.strings("choices", optional=True)
    for word in given:
        table.one_of("choices", word, CHOICES)
    return given


def _each(table: Table) -> PerRecord:
    table.one_of("each", table.text("each"), ["record"])
    return PerRecord()


_CADENCES: Mapping[str, Callable[[Table], Cadence]] = {
    "every": lambda t: Periodic(t.choice("every", Every)),
    "within_months": lambda t: Rolling(t.number("within_months", least=1)),
    "each": _each,
    "on_event": lambda t: OnEvent(t.strings("on_event")),
}

_DUES: Mapping[str, Callable[[Table], Due]] = {
    "day-of-month": lambda t: DayOfMonth(t.number("day", least=1), t.whole("months_after")),
    "days-after": lambda t: DaysAfter(t.number("days")),
    "trading-days-after": lambda t: TradingDaysAfter(t.number("days")),
    "date-of-year": lambda t: DateOfYear(t.number("month"), t.number("day"), t.whole("years_after")),
    "period-end": lambda _: PeriodEnd(),
    "after-last": lambda _: AfterLast(),
    "of-record": lambda _: OfRecord(),
    "month-end-of-record": lambda _: MonthEndOfRecord(),
}

_LONGEST_MONTH = 31
_LEAP_YEAR = 2024
#: When work can start, as ``opens.kind`` says it.
OPENINGS = ("after-period", "period-start", "days-before-due", "on-event")


def _cadence(table: Table) -> Cadence:
    given = [word for word in _CADENCES if word in table]
    if len(given) == 1:
        return _CADENCES[given[0]](table)
    words = tuple(_CADENCES)
    zh, en = "、".join(words), ", ".join(words)
    if table.data:
        for word in table.data:
            table.text(word) if word not in _CADENCES else table.whole(word, 0)
    table.wrong("", f"应恰好给出其中一个：{zh}", f"give exactly one of {en}")
    return PerRecord()


def _due(table: Table) -> Due:
    kind = table.text("kind")
    if not table.one_of("kind", kind, _DUES):
        list(table.rest())
        return PeriodEnd()
    due = _DUES[kind](table)
    _limits(table, due)
    return due


def _limits(table: Table, due: Due) -> None:
    match due:
        case DayOfMonth(day, months):
            if isinstance(day, int) and day > _LONGEST_MONTH:
                table.wrong("day", "一个月至多 31 日", "a month has 31 days at most")
            _not_negative(table, "months_after", months)
        case DateOfYear(month, day, years):
            if isinstance(month, int) and isinstance(day, int):
                _in_a_year(table, month, day)
            _not_negative(table, "years_after", years)


def _in_a_year(table: Table, month: int, day: int) -> None:
    try:
        date(_LEAP_YEAR, month, day)
    except ValueError:
        table.wrong("day", "没有这样的月、日", "there is no such day and month")


def _not_negative(table: Table, key: str, value: int) -> None:
    if value < 0:
        table.wrong(key, "不应为负", "must not be negative")


def _opens(table: Table) -> Opens:
    kind = table.text("kind")
    table.one_of("kind", kind, OPENINGS)
    if kind == "days-before-due":
        return Opens(kind, table.whole("days", least=0))
    return Opens(kind)


def _evidence(table: Table) -> Evidence:
    return Evidence(
        completed_by=table.text("by"),
        with_=table.values("with"),
        asks=tuple(row.languages() for row in table.tables("asks", optional=True)),
    )


def reminders(table: Table) -> Reminders:
    """Read a ladder: days before the due day, and whom lateness is told to."""
    return Reminders(
        days_before=table.wholes("days_before"),
        escalate=tuple(
            Escalation(row.whole("days_late", least=1), row.text("to"))
            for row in table.tables("escalate", optional=True)
        ),
    )
