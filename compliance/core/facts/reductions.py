"""Facts about targets, programmes, reductions and proceeds of carbon finance (5.1.3, 6.2.4 b, 6.2.5 a)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from compliance.core.facts.catalogue import FLAG, NUMBER, TEXT, InTime, Params, derivation, given, row_of, within
from compliance.core.model import FinanceUse, PlantData, ReductionEntry, ReductionProgramme, ReductionTarget
from compliance.rulebase.calendar import add_days
from compliance.rulebase.evaluator import FactValue


@derivation(
    "reduction-target",
    {"number": TEXT, "year": TEXT, "part": FLAG, "parts": NUMBER, "owner": TEXT},
    counts=("parts",),
    in_time=InTime(),
)
def reduction_target(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a target: whether it is a part of another, of how many parts it is made, and who answers for it."""
    del params
    rows = data.rows(ReductionTarget)
    parts = Counter(row.part_of for row in rows)
    for row in rows:
        yield {
            "on": row.approved or data.as_of,
            "number": row.number,
            "year": row.year,
            "part": row.part_of is not None,
            "parts": parts[row.number],
            "owner": row.owner,
            "row": row_of("reduction_target", row.number),
        }


@derivation(
    "reduction-programme",
    {"number": TEXT, "name": TEXT, "missing_fields": NUMBER},
    ("required",),
    counts=("missing_fields",),
    in_time=InTime(),
)
def reduction_programme(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a programme: how many of the required columns are empty."""
    required = params.texts("required")
    for row in data.rows(ReductionProgramme):
        yield {
            "on": row.submitted or data.as_of,
            "number": row.number,
            "name": row.name,
            "missing_fields": len(required) - len(given(row, required)),
            "row": row_of("reduction_programme", row.number),
        }


def _turns_of_undated(data: PlantData, params: Params) -> Iterator[date]:
    """An entry without a day stands among those of the day of judging by its number: from tomorrow, after them."""
    del params
    days = {row.on for row in data.rows(ReductionEntry)}
    if None in days and data.as_of in days:
        yield add_days(data.as_of, 1)


@derivation(
    "reductions-spent",
    {"project": TEXT, "number": TEXT, "issued_micro": NUMBER, "spent_micro": NUMBER, "excess_micro": NUMBER},
    ("issued", "spent"),
    in_time=InTime(turns=_turns_of_undated),
)
def reductions_spent(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a sale or use: what its project had been issued by that day, and what is sold and used with it."""
    spent: Counter[str] = Counter()
    rows = sorted(data.rows(ReductionEntry), key=lambda row: (row.on or data.as_of, row.number))
    for row in (row for row in rows if row.what in params.texts("spent")):
        project, on = row.project or "", row.on or data.as_of
        spent[project] += row.amount or 0
        issued = _issued(rows, project, params.texts("issued"), on)
        yield {
            "on": on,
            "project": project,
            "number": row.number,
            "issued_micro": within(issued),
            "spent_micro": within(spent[project]),
            "excess_micro": within(spent[project] - issued),
            "row": row_of("reduction_entry", row.number),
        }


def _issued(rows: Iterable[ReductionEntry], project: str, words: tuple[str, ...], day: date) -> int:
    """What a project had been issued by a day."""
    of_project = (row for row in rows if (row.project or "") == project and row.what in words)
    return sum(row.amount or 0 for row in of_project if (row.on or day) <= day)


@derivation(
    "finance-use",
    {"number": TEXT, "deal": TEXT, "purpose": TEXT, "purposes": NUMBER, "money_micro": NUMBER},
    ("allowed",),
    counts=("purposes",),
    in_time=InTime(),
)
def finance_use(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a use of money from carbon finance; ``purposes``: how many of the allowed ones it serves."""
    for row in data.rows(FinanceUse):
        yield {
            "on": row.on or data.as_of,
            "number": row.number,
            "deal": row.deal,
            "purpose": row.purpose,
            "purposes": int(row.purpose in params.texts("allowed")),
            "money_micro": row.money,
            "row": row_of("finance_use", row.number),
        }
