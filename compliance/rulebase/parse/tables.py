"""Blocks of retention, calendars, factors, parameters and vocabularies."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from compliance.rulebase.parse.common import Common
from compliance.rulebase.parse.table import Table
from compliance.rulebase.schema import (
    Calendar,
    Factor,
    Holiday,
    Parameter,
    Retention,
    Vocabulary,
    Word,
)

#: Where the clock of a retention starts, and what a plant may not loosen.
STARTS = ("year-end", "record", "period-end")
DEMANDED = ("at-most", "at-least")
#: Quantities are stored as 10⁻⁶ units.
_DECIMALS = 6
_SATURDAY = 6


def retention(table: Table, common: Common) -> Retention:
    """Read one class of retention."""
    keep = table.table("keep")
    starts = keep.text("from")
    keep.one_of("from", starts, STARTS)
    if ("years" in keep) == ("months" in keep):
        keep.wrong("years", "应给出 years 或 months 之一", "give either years or months")
    return Retention(
        **common,
        applies_to=table.strings("applies_to"),
        years=keep.whole("years", 0, least=1),
        months=keep.whole("months", 0, least=1),
        starts=starts,
        disposal_approval=table.maybe_text("disposal_approval"),
    )


def calendar(table: Table, common: Common) -> Calendar:
    """Read the days off and make-up days of one year."""
    found = Calendar(
        **common,
        year=table.whole("year", least=1900),
        published=table.flag("published"),
        off=table.days("off"),
        work=table.days("work"),
        holidays=tuple(_holiday(row) for row in table.tables("holidays", optional=True)),
        checked=table.both("checked") if "checked" in table else None,
    )
    for key, days in (("off", found.off), ("work", found.work)):
        for day in days:
            if day.year != found.year:
                table.wrong(key, f"{day} 不在 {found.year} 年", f"{day} is not in {found.year}")
    for day in sorted(set(found.off) & set(found.work)):
        table.wrong("work", f"{day} 同时列为休息日", f"{day} is listed as a day off too")
    _make_up_days(table, found.work)
    _named(table, found)
    return found


def _holiday(row: Table) -> Holiday:
    """Read one named run of days off."""
    found = Holiday(row.languages(), row.day("from"), row.day("until"))
    if found.end < found.start:
        row.wrong("until", f"{found.end} 早于 from {found.start}", f"{found.end} is before from {found.start}")
    return found


def _named(table: Table, found: Calendar) -> None:
    """Where runs are named, every day off lies in exactly one of them, and each of them is a run of days off."""
    if not found.holidays:
        return
    for day in found.off:
        if sum(day in run for run in found.holidays) != 1:
            table.wrong("holidays", f"{day} 应恰属一个节日", f"{day} should lie in exactly one holiday")
    for run in found.holidays:
        if not any(day in run for day in found.off):
            table.wrong("holidays", f"{run.name.zh} 没有休息日", f"{run.name.en} has no day off")


def factor(table: Table, common: Common) -> Factor:
    """Read one emission factor."""
    return Factor(
        **common,
        code=table.text("code"),
        value=_decimal(table, "value"),
        unit=table.text("unit"),
        verified_by=table.maybe_text("verified_by"),
        verified_on=table.maybe_day("verified_on"),
    )


def parameter(table: Table, common: Common) -> Parameter:
    """Read one parameter of the plant."""
    demanded = table.maybe_text("demanded")
    if demanded is not None:
        table.one_of("demanded", demanded, DEMANDED)
    found = Parameter(
        **common,
        code=table.maybe_text("code"),
        default=_decimal(table, "default"),
        unit=table.text("unit"),
        demanded=demanded or "",
        least=table.whole("least") if "least" in table else None,
        most=table.whole("most") if "most" in table else None,
    )
    if not found.admits(found.default):
        table.wrong("default", "默认值不在 least 与 most 之间", "the default is not between least and most")
    return found


def vocabulary(table: Table, common: Common) -> Vocabulary:
    """Read one list of admitted words."""
    words = tuple(Word(row.text("id"), row.text("zh"), row.text("en")) for row in table.tables("words"))
    for name in ("id", "zh"):
        seen: set[str] = set()
        for word in (getattr(w, name) for w in words):
            if word in seen:
                table.wrong("words", f"{name} “{word}”重复", f"{name} '{word}' stands twice")
            seen.add(word)
    return Vocabulary(**common, words=words, widens=table.maybe_text("widens"))


def _make_up_days(table: Table, work: tuple[date, ...]) -> None:
    """A make-up day is a day of the weekend; a working weekday needs no listing."""
    for day in work:
        if day.isoweekday() < _SATURDAY:
            table.wrong(
                "work",
                f"{day} 不是周末；调休上班日只列周末",
                f"{day} is no weekend day; only make-up days are listed",
            )


def _decimal(table: Table, key: str) -> Decimal:
    """A whole number, or a decimal written as text so that nothing is rounded on the way."""
    given = table.data.get(key)
    if isinstance(given, str):
        value = _read(table.text(key))
        if value is None:
            table.wrong(
                key,
                f"“{given}”不是十进制数（至多 6 位小数）",
                f"'{given}' is not a decimal number (six places at most)",
            )
        return value or Decimal(0)
    return Decimal(table.whole(key))


def _read(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or -int(value.as_tuple().exponent) > _DECIMALS:
        return None
    return value
