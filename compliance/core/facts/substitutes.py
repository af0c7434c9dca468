"""Facts about how missing data were filled (6.1.2 b, 7.2 d)."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.core.facts.catalogue import DAY, NUMBER, TEXT, InTime, Params, derivation, given, row_of
from compliance.core.model import MissingData, PlantData
from compliance.rulebase.evaluator import FactValue


@derivation(
    "missing-data",
    {
        "number": TEXT,
        "subject": TEXT,
        "since": DAY,
        "missing_fields": NUMBER,
        "effect": TEXT,
        "substitute_micro": NUMBER,
        "largest_micro": NUMBER,
        "smallest_micro": NUMBER,
    },
    ("required", "candidates"),
    counts=("missing_fields",),
    sheet=MissingData,
    in_time=InTime(),
)
def missing_data(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a treatment: required columns that are empty, the substitute, the ends of the given candidates."""
    required = params.texts("required")
    for row in data.rows(MissingData):
        candidates = [n for n in given(row, params.texts("candidates")) if isinstance(n, int)]
        yield {
            "on": row.since or data.as_of,
            "number": row.number,
            "subject": f"{row.line}/{row.item}",
            "since": row.since,
            "missing_fields": len(required) - len(given(row, required)),
            "effect": row.effect,
            "substitute_micro": row.substitute,
            "largest_micro": max(candidates, default=None),
            "smallest_micro": min(candidates, default=None),
            "row": row_of("missing_data", row.number),
        }
