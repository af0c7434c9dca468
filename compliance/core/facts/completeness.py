"""Facts about days and months for which something is not there: daily data, coal samples, the fuel ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import cast

from compliance.core.facts.catalogue import DAY, NUMBER, TEXT, Params, derivation, row_of, within
from compliance.core.model import AlternativeFuel, CoalSample, CollectionItem, LineItem, MissingData, PlantData
from compliance.rulebase.calendar import Period
from compliance.rulebase.evaluator import FactValue
from compliance.rulebase.schema import Every

_ONE_DAY = timedelta(days=1)


def days_between_ends(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last; none if they are the other way round."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def last_day(data: PlantData) -> date:
    """The last day whose data are looked at: the one before the end of the data."""
    return data.data_end - _ONE_DAY


def completed_month(data: PlantData, day: date) -> Period | None:
    """The month of a day if it is over and the data reach over it."""
    first = day.replace(day=1)
    if first < data.data_start.replace(day=1):
        return None
    month = Period(Every.MONTH, first)
    return month if month.end < data.data_end else None


def items_of(data: PlantData, item_class: str) -> frozenset[LineItem]:
    """The items of a class, by line."""
    return frozenset((row.line, row.item) for row in data.rows(CollectionItem) if row.item_class == item_class)


@derivation(
    "missing-day",
    {"subject": TEXT, "day": DAY, "rows": NUMBER, "amounts": NUMBER, "treatments": NUMBER},
    counts=("rows", "amounts", "treatments"),
)
def missing_day(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a planned item and day without an amount: rows of the day, and treatments of missing data over it."""
    del params
    readings, measured = data.readings(), data.measured()
    treated, spans = _treated(data), dict[tuple[date, date], frozenset[date]]()
    for plan in data.rows(CollectionItem):
        if plan.since is None:
            continue
        key = plan.line, plan.item
        last = min(plan.until or last_day(data), last_day(data))
        first = max(data.data_start, plan.since)
        if (first, last) not in spans:
            spans[first, last] = frozenset(days_between_ends(first, last))
        empty = {row.on for row in readings.get(key, ()) if row.amount is None}
        for day in sorted(spans[first, last] - measured.get(key, frozenset())):
            there = day in empty
            yield {
                "on": day,
                "subject": f"{plan.line}/{plan.item}",
                "day": day,
                "rows": int(there),
                "amounts": 0,
                "treatments": treated[*key, day],
                "row": row_of("reading", day, *key) if there else row_of("collection_item", *key),
            }


def _treated(data: PlantData) -> Counter[tuple[str, str, date]]:
    """How many treatments of missing data cover a day of an item."""
    found: Counter[tuple[str, str, date]] = Counter()
    for row in data.rows(MissingData):
        if row.line and row.item and row.since and row.until:
            days = days_between_ends(max(row.since, data.data_start), min(row.until, last_day(data)))
            found.update((row.line, row.item, day) for day in days)
    return found


@derivation(
    "unsampled-day",
    {"line": TEXT, "day": DAY, "burnt_micro": NUMBER, "samples": NUMBER},
    ("item_class", "sample_type"),
    counts=("samples",),
)
def unsampled_day(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a line and day on which an item of the class was burnt and no sample of the type was taken."""
    items = items_of(data, params.text("item_class"))
    sampled = {(r.line, r.sampled) for r in data.rows(CoalSample) if r.type == params.text("sample_type")}
    burnt: Counter[tuple[str, date]] = Counter()
    first, last = data.data_start, last_day(data)
    for line, item in items:
        for row in data.readings().get((line, item), ()):
            if row.amount and first <= row.on <= last and (line, row.on) not in sampled:
                burnt[line, row.on] += row.amount
    for (line, day), amount in sorted(burnt.items(), key=lambda of: (of[0][1], of[0][0])):
        yield {
            "on": day,
            "line": line,
            "day": day,
            "burnt_micro": within(amount),
            "samples": 0,
            "row": row_of("production_line", line),
        }


@derivation(
    "fuel-month",
    {"subject": TEXT, "month": TEXT, "amount_micro": NUMBER, "ledger_rows": NUMBER},
    ("item_class",),
    counts=("ledger_rows",),
)
def fuel_month(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact an item of the class and completed month with readings: their sum, and its rows of the fuel ledger."""
    items = items_of(data, params.text("item_class"))
    ledger = Counter((row.line, row.fuel, row.month) for row in data.rows(AlternativeFuel))
    used: Counter[tuple[str, str, tuple[int, int]]] = Counter()
    months: dict[tuple[int, int], Period | None] = {}
    for line, item in items:
        for row in data.readings().get((line, item), ()):
            if row.amount is None:
                continue
            name = row.on.year, row.on.month
            if name not in months:
                months[name] = completed_month(data, row.on)
            if months[name] is not None:
                used[line, item, name] += row.amount
    for (line, item, name), amount in sorted(used.items(), key=lambda of: (of[0][2], of[0][:2])):
        month = cast("Period", months[name])
        yield {
            "on": month.end,
            "subject": f"{line}/{item}",
            "month": str(month),
            "amount_micro": within(amount),
            "ledger_rows": ledger[line, item, str(month)],
            "row": row_of("collection_item", line, item),
        }
