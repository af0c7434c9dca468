"""Which factors a document lists: those of calculation, not the limits, tolerances and days of the same sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from compliance.core.documents.basis import factors_used
from compliance.core.documents.sets import DATA_SETS, Asked
from compliance.core.factors import of_calculation
from compliance.core.figures import Computed, figures_of
from compliance.core.looking import own_values
from compliance.core.model import PlantFactor, Row, Surrender
from compliance.rulebase.figuring import factor_codes
from compliance.rulebase.schema import Document, FigureRule
from tests.core.world import row, seen, shipped

ON = date(2026, 7, 20)
MILLION = 1_000_000
CALCULATING = ("EF_CLK_硅酸盐熟料", "OF_COAL", "NCV_COAL_DEF", "NCV_ALT_DEF", "EF_GRID", "RF_钢渣")
OTHERS = ("TOL_XCHK", "TOL_COAL", "CCER_LIMIT", "EVENT_DAYS", "RF_", "EF_GRIDS")
PAID = row(Surrender, year="2025", due_amount=1000 * MILLION)


def given(*codes: str) -> list[Row]:
    return [row(PlantFactor, code=code, name=code, value=MILLION // 2, unit="tC/GJ") for code in codes]


def asked(*rows: Row) -> Asked:
    data = seen(*rows, on=ON)
    computed: Computed = figures_of(data, shipped(), own_values(data))
    made = SimpleNamespace(
        data=data, rulebase=shipped(), day=ON, computed=computed, period="2025", year="2025", plant=None,
        reads=SimpleNamespace(factor_checks=lambda _plant: ()),
    )  # fmt: skip
    return cast("Asked", made)


def listed(*rows: Row) -> Sequence[str]:
    made: Any = DATA_SETS["factors"].gather(asked(*rows))
    return [one["code"] for one in made["factors"]]


def test_a_document_lists_the_factors_that_quantities_are_multiplied_by() -> None:
    assert listed(*given(*OTHERS, *CALCULATING)) == sorted(CALCULATING)
    assert listed() == []


@pytest.mark.parametrize("figure", ["ccer-maximum", "quota-gap", "cross-check-difference", "coal-carbon"])
def test_what_a_column_of_a_record_is_multiplied_by_is_no_factor_of_calculation(figure: str) -> None:
    assert [code for one in shipped().wordings(FigureRule, figure) for code in factor_codes(one.shape)] == []


def test_default_factors_of_reports_and_ledgers_are_factors_of_calculation() -> None:
    (rate,) = shipped().wordings(FigureRule, "alternative-fuel-rate")
    assert set(factor_codes(rate.shape)) == {"NCV_ALT_DEF", "NCV_COAL_DEF"}
    assert not of_calculation(shipped(), date(1990, 1, 1))("EF_GRID")  # no figure was in force


def test_a_draft_rests_on_what_it_lists_and_on_what_its_figures_use() -> None:
    there = asked(PAID, *given(*OTHERS, *CALCULATING))
    assert [f.value for f in there.computed.figures if f.code == "CCER_MAX"] == [Decimal("500.00")]
    rests = {name: set(factors_used(there, shipped().wordings(Document, name)[-1])) for name in RESTING}
    assert rests == {name: set(codes) for name, codes in RESTING.items()}


RESTING = {
    "quality-control-plan": CALCULATING,
    "emission-report": (*CALCULATING, "CCER_LIMIT"),
    "monitoring-plan": (),
}
