"""Facts about monthly assets and the surrender of a year (5.2.1 b, 5.2.2 b, 6.2.3)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from compliance.core.facts.catalogue import (
    DAY,
    NUMBER,
    TEXT,
    InTime,
    Params,
    derivation,
    plain,
    row_of,
    sign,
    within,
)
from compliance.core.model import MonthlyAsset, PlantData, Surrender
from compliance.kernel.quantity import MICRO
from compliance.rulebase.calendar import Period
from compliance.rulebase.evaluator import FactValue


@derivation(
    "monthly-asset",
    {
        "asset": TEXT,
        "month": TEXT,
        "opening_micro": NUMBER,
        "increase_micro": NUMBER,
        "decrease_micro": NUMBER,
        "closing_micro": NUMBER,
        "registry_micro": NUMBER,
        "imbalance_micro": NUMBER,
        "previous_closing_micro": NUMBER,
    },
)
def monthly_asset(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a month of an asset: its balance, the registry's, what the sum is off, the month before's end."""
    del params
    rows = data.rows(MonthlyAsset)
    following = {(str(Period.parse(row.month).next()), row.asset): row.closing for row in rows}
    for row in rows:
        yield {
            "on": Period.parse(row.month).end,
            "asset": row.asset,
            "month": row.month,
            "opening_micro": row.opening,
            "increase_micro": row.increase,
            "decrease_micro": row.decrease,
            "closing_micro": row.closing,
            "registry_micro": row.registry,
            "imbalance_micro": _imbalance(row),
            "previous_closing_micro": following.get((row.month, row.asset)),
            "row": row_of("monthly_asset", row.month, row.asset),
        }


def _imbalance(row: MonthlyAsset) -> int | None:
    """What the beginning and the movements are more than the end; unknown where one is not given."""
    if row.opening is None or row.increase is None or row.decrease is None or row.closing is None:
        return None
    return within(row.opening + row.increase - row.decrease - row.closing)


@derivation(
    "surrendered-year",
    {
        "number": TEXT,
        "year": TEXT,
        "completed": DAY,
        "due_amount_micro": NUMBER,
        "surrendered_micro": NUMBER,
        "ccer_surrendered_micro": NUMBER,
        "ccer_most": TEXT,
        "ccer_to_limit": NUMBER,
    },
    ("limit",),
    in_time=InTime(),
)
def surrendered_year(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a row of surrender: what was owed and surrendered; ``ccer_to_limit`` is 1 above, 0 at, -1 below it."""
    for row in data.rows(Surrender):
        on = row.completed or data.as_of
        limit = params.factor("limit", on)
        most = None if limit is None or row.due_amount is None else limit * Fraction(row.due_amount, MICRO)
        used = row.ccer_surrendered
        both = None not in (row.allowances_surrendered, used)
        yield {
            "on": on,
            "number": row.number,
            "year": row.year,
            "completed": row.completed,
            "due_amount_micro": row.due_amount,
            "surrendered_micro": within((row.allowances_surrendered or 0) + (used or 0)) if both else None,
            "ccer_surrendered_micro": used,
            "ccer_most": None if most is None else plain(most),
            "ccer_to_limit": None if most is None or used is None else sign(Fraction(used, MICRO) - most),
            "row": row_of("surrender", row.number),
        }
