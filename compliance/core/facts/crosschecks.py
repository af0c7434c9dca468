"""Facts about the cross-check of monthly quantities against several sources (7.2 c)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from compliance.core.facts.catalogue import (
    DAY,
    FLAG,
    NUMBER,
    TEXT,
    Params,
    days_between,
    derivation,
    given,
    in_hundredths,
    row_of,
    sign,
)
from compliance.core.model import CrossCheck, PlantData
from compliance.rulebase.calendar import Period, add_days, add_months, periods
from compliance.rulebase.evaluator import FactValue
from compliance.rulebase.schema import Every


@derivation(
    "cross-check",
    {
        "item": TEXT,
        "month": TEXT,
        "missing_sources": NUMBER,
        "difference": TEXT,
        "tolerance": TEXT,
        "difference_to_tolerance": NUMBER,
        "explained": FLAG,
    },
    ("sources", "tolerance"),
    counts=("missing_sources",),
)
def cross_check(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a row: by what share of the largest its values differ; 1 above the tolerance, 0 at it, -1 below."""
    sources = params.texts("sources")
    for row in data.rows(CrossCheck):
        values = [n for n in given(row, sources) if isinstance(n, int)]
        on = Period.parse(row.month).end
        tolerance = params.factor("tolerance", on)
        comparable = len(values) == len(sources) and any(values)
        off = Fraction(max(values) - min(values), max(values)) if comparable else None
        yield {
            "on": on,
            "item": row.item,
            "month": row.month,
            "missing_sources": len(sources) - len(values),
            "difference": None if off is None else in_hundredths(off, up=True),
            "tolerance": None if tolerance is None else in_hundredths(tolerance),
            "difference_to_tolerance": None if off is None or tolerance is None else sign(off - tolerance),
            "explained": row.explanation is not None,
            "row": row_of("cross_check", row.month, row.item),
        }


@derivation(
    "cross-check-month",
    {"item": TEXT, "month": TEXT, "due": DAY, "days_late": NUMBER, "rows": NUMBER, "missing_sources": NUMBER},
    ("items", "sources", "day"),
    counts=("rows", "missing_sources"),
)
def cross_check_month(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a month of the data and quantity: sources that are not given, and days since it was to be checked."""
    sources, items = params.texts("sources"), params.texts("items")
    rows = {(row.month, row.item): row for row in data.rows(CrossCheck)}
    for month in periods(Every.MONTH, data.data_start, data.data_end):
        due = _due(month, params.number("day"))
        for item in items:
            row = rows.get((str(month), item))
            yield {
                "on": month.end,
                "item": item,
                "month": str(month),
                "due": due,
                "days_late": days_between(due, data.data_end),
                "rows": int(row is not None),
                "missing_sources": len(sources) - (len(given(row, sources)) if row else 0),
                "row": row_of("cross_check", month, item),
            }


def _due(month: Period, day: int) -> date:
    """That day of the month that follows, its last day where it is shorter."""
    first = month.next().start
    return min(add_days(first, day - 1), add_days(add_months(first, 1), -1))
