"""Facts about filings and the ledgers they rest on (4.4.2 d, C.2, C.3 e)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from compliance.core.facts.catalogue import (
    DAY,
    FLAG,
    NUMBER,
    TEXT,
    InTime,
    Params,
    derivation,
    repeated,
    row_of,
)
from compliance.core.model import Filing, LedgerApproval, PersonPeriod, PlantData
from compliance.core.people import People, listed
from compliance.rulebase.evaluator import FactValue


@derivation(
    "filing-attachments",
    {"obligation": TEXT, "period": TEXT, "filed": DAY, "missing_attachments": NUMBER},
    ("obligation", "required"),
    counts=("missing_attachments",),
)
def filing_attachments(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a filing that was made: how many of the required attachments lack."""
    for row, filed in _filed(data, params.text("obligation")):
        attached = listed(row.attachments)
        yield {
            "on": filed,
            "obligation": row.obligation,
            "period": row.period,
            "filed": filed,
            "missing_attachments": sum(1 for name in params.texts("required") if name not in attached),
            "row": row_of("filing", row.obligation, row.period),
        }


@derivation(
    "filed-ledger",
    {"ledger": TEXT, "period": TEXT, "filed": DAY, "ledgers_kept": NUMBER},
    ("obligation", "required"),
    counts=("ledgers_kept",),
)
def filed_ledger(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a filed month and required ledger: how many such ledgers of the month are kept."""
    kept: dict[tuple[str | None, str | None], int] = defaultdict(int)
    for ledger in data.rows(LedgerApproval):
        kept[ledger.ledger, ledger.month] += 1
    for row, filed in _filed(data, params.text("obligation")):
        for name in params.texts("required"):
            yield {
                "on": filed,
                "ledger": name,
                "period": row.period,
                "filed": filed,
                "ledgers_kept": kept[name, row.period],
                "row": row_of("filing", row.obligation, row.period),
            }


@derivation(
    "ledger-approval",
    {
        "number": TEXT,
        "ledger": TEXT,
        "period": TEXT,
        "asked_for": FLAG,
        "filed": DAY,
        "signed_off": DAY,
        "approver": TEXT,
        "approver_holds_post": FLAG,
        "repeated_persons": NUMBER,
    },
    ("approval", "obligation", "required"),
    counts=("repeated_persons",),
    in_time=InTime(),
)
def ledger_approval(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a monthly ledger: when it was signed off, when its month was filed, who signed.

    ``asked_for``: the filing asks for this ledger. ``signed_off``: day of approval if approver and day are both given.
    """
    people = People(data.rows(PersonPeriod))
    filed = {row.period: day for row, day in _filed(data, params.text("obligation"))}
    required = params.texts("required")
    for row in data.rows(LedgerApproval):
        signed_off = row.approved_on if row.approver is not None else None
        month_filed = filed.get(row.month or "")
        on = signed_off or month_filed or data.as_of
        yield {
            "on": on,
            "number": row.number,
            "ledger": row.ledger,
            "period": row.month,
            "asked_for": row.ledger in required,
            "filed": month_filed,
            "signed_off": signed_off,
            "approver": row.approver,
            "approver_holds_post": _holds(people, row.approver, signed_off, params),
            "repeated_persons": repeated(row.preparer, row.checker, row.approver),
            "row": row_of("ledger_approval", row.number),
        }


def _holds(people: People, approver: str | None, on: date | None, params: Params) -> bool | None:
    if approver is None or on is None:
        return None
    approval = params.approval("approval", on)
    return people.holds(approver, params.post_words(approval.post_of("approve") if approval else None, on), on)


def _filed(data: PlantData, obligation: str) -> Iterator[tuple[Filing, date]]:
    """Filings of an obligation that were made, with their days."""
    for row in data.rows(Filing):
        if row.obligation == obligation and row.filed is not None:
            yield row, row.filed
