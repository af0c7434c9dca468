"""Facts about test reports and the qualification of their laboratories (7.2 b, C.3 i)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from compliance.core.facts.catalogue import DAY, NUMBER, TEXT, Params, derivation, row_of
from compliance.core.model import Laboratory, PlantData, TestReport
from compliance.core.people import listed
from compliance.rulebase.evaluator import FactValue


@derivation(
    "test-report",
    {
        "number": TEXT,
        "tested": DAY,
        "laboratory": TEXT,
        "parameter": TEXT,
        "valid_qualifications": NUMBER,
        "parameter_in_scope": NUMBER,
    },
    counts=("valid_qualifications", "parameter_in_scope"),
)
def test_report(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a report: valid qualifications on the day of the test; 1 if the parameter is in scope, else 0."""
    del params
    laboratories = {row.number: row for row in data.rows(Laboratory)}
    for row in data.rows(TestReport):
        laboratory = laboratories.get(row.laboratory or "")
        if row.tested is None or laboratory is None:
            continue
        scope = listed(laboratory.scope)
        yield {
            "on": row.tested,
            "number": row.number,
            "tested": row.tested,
            "laboratory": row.laboratory,
            "parameter": row.parameter,
            "valid_qualifications": _qualifications(laboratory, row.tested),
            "parameter_in_scope": None if row.parameter is None or not scope else int(row.parameter in scope),
            "row": row_of("test_report", row.number),
        }


def _qualifications(laboratory: Laboratory, on: date) -> int:
    certificates = (
        (laboratory.cma, laboratory.cma_from, laboratory.cma_until),
        (laboratory.cnas, laboratory.cnas_from, laboratory.cnas_until),
    )
    return sum(
        1
        for number, start, end in certificates
        if number is not None and start is not None and end is not None and start <= on <= end
    )
