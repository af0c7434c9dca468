"""Facts about account powers: operation, review and supervision (6.2.1 b)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import combinations

from compliance.core.facts.catalogue import DAY, NUMBER, TEXT, InTime, Params, derivation, distinct, row_of
from compliance.core.model import AccountPower, PlantData
from compliance.rulebase.evaluator import FactValue


@derivation(
    "account-powers",
    {"account": TEXT, "type": TEXT, "since": DAY, "distinct_persons": NUMBER},
    ("approval",),
    counts=("distinct_persons",),
)
def account_powers(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a row of powers over an account that the approval is about."""
    for row in _powers(data, params):
        yield {
            "on": row.since,
            "account": row.number,
            "type": row.type,
            "since": row.since,
            "distinct_persons": distinct(*_persons(row)),
            "row": row_of("account_power", row.number, row.since),
        }


@derivation(
    "account-power-overlap",
    {"account": TEXT, "first_day": DAY, "conflicts": NUMBER},
    ("approval",),
    counts=("conflicts",),
    in_time=InTime(),
)
def account_power_overlap(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact an account: pairs of rows in force together in which one person holds different powers."""
    by_account: dict[str, list[AccountPower]] = defaultdict(list)
    for row in _powers(data, params):
        by_account[row.number].append(row)
    for account, rows in by_account.items():
        days = [d for a, b in combinations(rows, 2) if (d := _first_conflict(a, b, data.as_of)) is not None]
        first = min(days, default=None)
        yield {
            "on": first or data.as_of,
            "account": account,
            "first_day": first,
            "conflicts": len(days),
            "row": row_of("account_power", account, rows[0].since),
        }


def _powers(data: PlantData, params: Params) -> Iterator[AccountPower]:
    for row in data.rows(AccountPower):
        approval = params.approval("approval", row.since)
        if approval is not None and row.type in approval.applies_to:
            yield row


def _persons(row: AccountPower) -> tuple[str | None, ...]:
    return row.operator, row.reviewer, row.supervisor


def _first_conflict(a: AccountPower, b: AccountPower, as_of: date) -> date | None:
    """First day, no later than ``as_of``, on which both rows are in force and share a person in different powers."""
    first = max(a.since, b.since)
    last = min(a.until or as_of, b.until or as_of, as_of)
    if first > last:
        return None
    crossed = any(
        p is not None and p == q for i, p in enumerate(_persons(a)) for j, q in enumerate(_persons(b)) if i != j
    )
    return first if crossed else None
