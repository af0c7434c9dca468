"""Facts about emission sources and the boundaries that count them (4.6, 5.1.1, 5.1.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from compliance.core.facts.catalogue import NUMBER, TEXT, InTime, Params, derivation, row_of
from compliance.core.model import CompanyItem, EmissionSource, PlantData, ProductionLine
from compliance.core.people import SEPARATOR
from compliance.rulebase.evaluator import FactValue


@derivation(
    "emission-source",
    {
        "number": TEXT,
        "place": TEXT,
        "category": TEXT,
        "state": TEXT,
        "in_management": TEXT,
        "in_enterprise": TEXT,
        "in_ets": TEXT,
    },
    sheet=EmissionSource,
    in_time=InTime(),
)
def emission_source(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact an emission source: its state and the boundaries that count it."""
    del params
    for row in data.rows(EmissionSource):
        yield {
            "on": data.as_of,
            "number": row.number,
            "place": row.line,
            "category": row.category,
            "state": row.state,
            "in_management": row.in_management,
            "in_enterprise": row.in_enterprise,
            "in_ets": row.in_ets,
            "row": row_of("emission_source", row.number),
        }


@derivation(
    "line-sources",
    {"line": TEXT, "missing_categories": NUMBER, "missing": TEXT},
    ("categories", "state", "counted"),
    counts=("missing_categories",),
    in_time=InTime(),
)
def line_sources(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a line: the categories of which the market's boundary counts no source of the line in that state."""
    there: dict[str | None, set[str | None]] = defaultdict(set)
    for source in data.rows(EmissionSource):
        if source.state == params.text("state") and source.in_ets == params.text("counted"):
            there[source.line].add(source.category)
    for row in data.rows(ProductionLine):
        missing = [name for name in params.texts("categories") if name not in there[row.line]]
        yield {
            "on": data.as_of,
            "line": row.line,
            "missing_categories": len(missing),
            "missing": SEPARATOR.join(missing) or None,
            "row": row_of("production_line", row.line),
        }


@derivation(
    "company-sources",
    {"subject": TEXT, "item": TEXT, "content": TEXT, "sources": NUMBER},
    ("subject", "item", "category", "state"),
    counts=("sources",),
    in_time=InTime(),
)
def company_sources(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact: what the company says of an item, and how many sources of a category are in that state."""
    wanted = params.text("category"), params.text("state")
    for row in data.rows(CompanyItem):
        if row.item == params.text("item"):
            yield {
                "on": data.as_of,
                "subject": params.text("subject"),
                "item": row.item,
                "content": row.content,
                "sources": sum(1 for s in data.rows(EmissionSource) if (s.category, s.state) == wanted),
                "row": row_of("company_item", row.item),
            }
