"""Facts about internal audits and management reviews (7.4, 7.5)."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.core.facts.catalogue import DAY, FLAG, NUMBER, TEXT, Params, derivation, row_of
from compliance.core.model import PersonPeriod, PlantData, Review
from compliance.core.people import People, listed
from compliance.rulebase.evaluator import FactValue


@derivation(
    "audit",
    {
        "number": TEXT,
        "department": TEXT,
        "planned": DAY,
        "started": DAY,
        "auditors_of_department": NUMBER,
    },
    ("type",),
    counts=("auditors_of_department",),
)
def audit(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a started audit: its plan's day, and how many auditors (leader included) are of that department."""
    people = People(data.rows(PersonPeriod))
    for row in data.rows(Review):
        if row.type != params.text("type") or row.started is None:
            continue
        auditors = {a for a in (row.chair, *listed(row.auditors)) if a}
        own = sum(1 for a in auditors if people.department(a, row.started) == row.department)
        yield {
            "on": row.started,
            "number": row.number,
            "department": row.department,
            "planned": row.planned,
            "started": row.started,
            "auditors_of_department": None if row.department is None else own,
            "row": row_of("review", row.number),
        }


@derivation(
    "completed-review",
    {
        "number": TEXT,
        "completed": DAY,
        "chair": TEXT,
        "chair_holds_post": FLAG,
        "missing_inputs": NUMBER,
        "missing_outputs": NUMBER,
    },
    ("type", "approval", "inputs", "outputs", "present"),
    counts=("missing_inputs", "missing_outputs"),
)
def completed_review(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a completed review: whether its chair holds the post that day; how many inputs and outputs lack."""
    people = People(data.rows(PersonPeriod))
    for row in data.rows(Review):
        if row.type != params.text("type") or row.completed is None:
            continue
        approval = params.approval("approval", row.completed)
        words = params.post_words(approval.post_of("chair") if approval else None, row.completed)
        yield {
            "on": row.completed,
            "number": row.number,
            "completed": row.completed,
            "chair": row.chair,
            "chair_holds_post": row.chair is not None and people.holds(row.chair, words, row.completed),
            "missing_inputs": _missing(row, "input", params.texts("inputs"), params.text("present")),
            "missing_outputs": _missing(row, "output", params.texts("outputs"), params.text("present")),
            "row": row_of("review", row.number),
        }


def _missing(row: Review, part: str, letters: tuple[str, ...], present: str) -> int:
    return sum(1 for letter in letters if getattr(row, f"{part}_{letter}") != present)
