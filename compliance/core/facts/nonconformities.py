"""Facts about the nonconformities that the plant recorded before (8.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from compliance.core.facts.catalogue import DAY, FLAG, NUMBER, TEXT, InTime, Params, days_between, derivation, row_of
from compliance.core.model import ImportedNonconformity, PlantData
from compliance.rulebase.calendar import add_months
from compliance.rulebase.evaluator import FactValue


@derivation(
    "recorded-nonconformity",
    {
        "number": TEXT,
        "state": TEXT,
        "recorded": DAY,
        "owner": TEXT,
        "verifier": TEXT,
        "verified": DAY,
        "closed": DAY,
        "due": DAY,
        "days_late": NUMBER,
        "verified_effective": FLAG,
        "recurrences": NUMBER,
    },
    ("effective", "recurrence_months"),
    counts=("recurrences",),
    sheet=ImportedNonconformity,
    in_time=InTime(ages={"days_late": "due"}),
)
def recorded_nonconformity(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a recorded nonconformity: lateness, verification, and earlier closed ones of the same root cause."""
    rows = data.rows(ImportedNonconformity)
    closings = _closings(rows)
    months = params.number("recurrence_months")
    effective = params.text("effective")
    for row in rows:
        verified = row.verifier is not None and row.verified is not None
        yield {
            "on": row.recorded or data.as_of,
            "number": row.number,
            "state": row.state,
            "recorded": row.recorded,
            "owner": row.owner,
            "verifier": row.verifier,
            "verified": row.verified,
            "closed": row.closed,
            "due": row.due,
            "days_late": days_between(row.due, row.completed or data.as_of),
            "verified_effective": verified and row.verdict == effective,
            "recurrences": _recurrences(row, closings, months),
            "row": row_of("imported_nonconformity", row.number),
        }


Closings = dict[tuple[str | None, str | None], list[tuple[str, date]]]


def _closings(rows: Sequence[ImportedNonconformity]) -> Closings:
    """Days of closing by category and root cause."""
    closings: Closings = defaultdict(list)
    for row in rows:
        if row.category is not None and row.cause_code is not None and row.closed is not None:
            closings[row.category, row.cause_code].append((row.number, row.closed))
    return closings


def _recurrences(row: ImportedNonconformity, closings: Closings, months: int) -> int:
    """Other nonconformities of the same cause that were closed within the months before this one was recorded."""
    recorded = row.recorded
    if recorded is None:
        return 0
    return sum(
        1
        for number, closed in closings.get((row.category, row.cause_code), ())
        if number != row.number and closed <= recorded <= add_months(closed, months)
    )
