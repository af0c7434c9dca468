"""Facts about cash moved between the dedicated account and the exchange (C.3 m, n)."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.core.facts.catalogue import DAY, NUMBER, TEXT, InTime, Params, derivation, repeated, row_of
from compliance.core.facts.trades import steps_of
from compliance.core.model import CashTransfer, PlantData
from compliance.rulebase.evaluator import FactValue
from compliance.rulebase.schema import Approval


@derivation(
    "cash-transfer",
    {"number": TEXT, "direction": TEXT, "transferred": DAY, "missing_cells": NUMBER, "repeated_persons": NUMBER},
    ("approvals", "columns"),
    counts=("missing_cells", "repeated_persons"),
    in_time=InTime(),
)
def cash_transfer(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a transfer: empty persons and days of the steps that its direction asks for; persons that come again."""
    columns = params.steps("columns")
    for row in data.rows(CashTransfer):
        asked = _asked(row.direction, params.approvals("approvals", row.transferred or data.as_of))
        persons, days = steps_of(row, {step: names for step, names in columns.items() if step in asked})
        yield {
            "on": row.transferred or data.as_of,
            "number": row.number,
            "direction": row.direction,
            "transferred": row.transferred,
            "missing_cells": persons.count(None) + days.count(None),
            "repeated_persons": repeated(*steps_of(row, columns)[0]),
            "row": row_of("cash_transfer", row.number),
        }


def _asked(direction: str | None, approvals: tuple[Approval, ...]) -> frozenset[str]:
    """The steps of the approval of a direction; of an unknown one, those that every direction asks for."""
    meant = [a for a in approvals if direction in a.applies_to] or list(approvals)
    steps = [frozenset(step.do for step in a.steps if not step.optional) for a in meant]
    return frozenset.intersection(*steps) if steps else frozenset()
