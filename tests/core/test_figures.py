"""Figures by hand: each shape, each way to lack a value, and rounding once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.core.figures import Computed, figures_of
from compliance.core.figures.quantities import months_over
from compliance.core.figures.showing import show_computed
from compliance.core.looking import own_values
from compliance.core.model import (
    AlternativeFuel,
    CoalSample,
    CollectionItem,
    CrossCheck,
    Laboratory,
    MissingData,
    PlantFactor,
    ProductionLine,
    Reading,
    Row,
    Surrender,
    TestReport,
)
from compliance.rulebase.figuring import ColumnInputs, Used, of_record, rounded, shown
from compliance.rulebase.schema import Boundary, FigureRule, PerSurrender
from tests.core.world import altered, row, seen, shipped

if TYPE_CHECKING:
    from pathlib import Path

    from compliance.rulebase.rulebase import RuleBase

MILLION = 10**6
ON = date(2025, 4, 1)
LINE = row(ProductionLine, line="K1", clinker_class="X")
PLAN = [
    row(CollectionItem, line="K1", item="熟料", item_class="熟料"),
    row(CollectionItem, line="K1", item="入窑烟煤", item_class="化石燃料"),
    row(CollectionItem, line="K1", item="粉煤灰", item_class="非碳酸盐原料"),
    row(CollectionItem, line="K1", item="RDF", item_class="替代燃料"),
    row(CollectionItem, line="全厂", item="外购电", item_class="外购电"),
    row(CollectionItem, line="全厂", item="余热发电", item_class="余热发电"),
]
FACTORS = {
    "EF_CLK_X": "0.5",
    "RF_粉煤灰": "0.2",
    "NCV_COAL_DEF": "20",
    "CC_COAL_DEF": "0.025",
    "OF_COAL": "1",
    "NCV_ALT_DEF": "10",
    "EF_GRID": "0.5",
    "CCER_LIMIT": "0.05",
}


def factors(**changed: str | None) -> list[Row]:
    values = {**FACTORS, **changed}
    return [row(PlantFactor, code=c, value=int(Decimal(v) * MILLION)) for c, v in values.items() if v is not None]


def reading(item: str, amount: str, on: date = date(2025, 1, 10), line: str = "K1") -> Row:
    return row(Reading, on=on, line=line, item=item, amount=int(Decimal(amount) * MILLION))


def computed(*rows: Row, on: date = ON, rules: RuleBase | None = None) -> Computed:
    given_factors = [] if any(isinstance(r, PlantFactor) for r in rows) else factors()
    data = seen(LINE, *PLAN, *given_factors, *rows, on=on, rules=rules)
    return figures_of(data, rules or shipped(), own_values(data))


def value(key: str, *rows: Row, on: date = ON) -> str | None:
    return next((f.shown for f in computed(*rows, on=on).figures if f.key == key), None)


def test_process_emissions_take_away_what_other_raw_materials_spare() -> None:
    rows = (reading("熟料", "1000"), reading("粉煤灰", "100"))
    assert value("E_PROC/K1/2025-01", *rows) == "480.00"
    assert value("E_PROC/K1/2025-02", *rows) == "0.00"
    assert value("E_PROC/K1/2025", *rows) == "480.00"


def test_a_month_counts_once_it_is_over() -> None:
    assert months_over(date(2025, 1, 1), date(2025, 3, 31)) == ("2025-01", "2025-02")
    assert months_over(date(2025, 1, 1), date(2025, 4, 1)) == ("2025-01", "2025-02", "2025-03")
    assert months_over(date(2025, 1, 1), date(2025, 1, 31)) == ()
    rows = (reading("熟料", "1000", date(2025, 3, 31)),)
    assert value("E_PROC/K1/2025-03", *rows, on=date(2025, 3, 31)) is None
    assert value("E_PROC/K1/2025-03", *rows, on=date(2025, 4, 1)) == "500.00"


def lab(**more: object) -> Row:
    cells = {"cma": "1", "cma_from": date(2024, 1, 1), "cma_until": date(2026, 1, 1), "scope": "元素碳含量、低位发热量"}
    return row(Laboratory, number="J", **(cells | more))


def report(**more: object) -> Row:
    cells = {
        "line": "K1",
        "month": "2025-01",
        "parameter": "元素碳含量",
        "result": 600_000,
        "basis": "收到基",
        "laboratory": "J",
        "tested": date(2025, 2, 1),
        "issued": date(2025, 2, 2),
    }
    return row(TestReport, **({"number": "R"} | cells | more))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((lab(), report()), "26.40"),  # 12 × 0.6 × 44/12
        ((), "22.00"),  # 12 × 20 × 0.025 × 44/12
        ((lab(), report(basis="干燥基")), "22.00"),
        ((lab(scope="低位发热量"), report()), "22.00"),
        ((lab(cma_until=date(2025, 1, 31)), report()), "22.00"),
        ((lab(cma_until=date(2025, 2, 1)), report()), "26.40"),
        ((lab(), report(month="2025-02")), "22.00"),
        ((lab(), report(parameter="低位发热量")), "22.00"),
        ((lab(), report(issued=date(2025, 5, 1))), "22.00"),  # not there yet
    ],
)
def test_fuel_counts_by_an_accepted_report_alone(rows: tuple[Row, ...], expected: str) -> None:
    assert value("E_FUEL/K1/2025-01", reading("入窑烟煤", "12"), *rows) == expected


def test_a_month_without_its_report_is_estimated_and_all_that_rests_on_it() -> None:
    burnt = (lab(), reading("入窑烟煤", "12"), reading("熟料", "20"))

    def estimated(*rows: Row) -> set[str]:
        found = show_computed(ON, computed(*burnt, *rows), {}, shipped())
        return {f.code for f in found.computed.figures if f.period == "2025-01" and found.estimated(f)}

    heat = report(number="H", parameter="低位发热量", result=20 * MILLION)
    assert {"E_FUEL", "E_LINE", "INTENSITY", "ALT_RATE", "HEAT"} <= estimated()
    assert not {"E_FUEL", "E_LINE", "INTENSITY"} & estimated(report())  # the heat of the month is a default yet
    assert estimated(report(), heat) == set()


def test_a_report_that_is_not_accepted_displaces_none() -> None:
    good, burnt = report(), (lab(), reading("入窑烟煤", "12"))
    expected = value("E_FUEL/K1/2025-01", good, *burnt)
    assert expected != value("E_FUEL/K1/2025-01", *burnt)
    for later in (report(number="Z", laboratory="L9"), report(number="Z", basis="干燥基")):
        assert value("E_FUEL/K1/2025-01", good, later, *burnt) == expected


def test_a_day_without_a_reading_counts_by_its_substitute_once() -> None:
    def missing(number: str, since: date, until: date, item: str = "熟料") -> Row:
        return row(MissingData, number=number, line="K1", item=item, since=since, until=until, substitute=10 * MILLION)

    rows = (
        reading("熟料", "100", date(2025, 1, 10)),
        row(Reading, on=date(2025, 1, 11), line="K1", item="熟料"),  # a row without an amount is a missing day
        missing("M1", date(2025, 1, 10), date(2025, 1, 12)),
        missing("M2", date(2025, 1, 12), date(2025, 1, 12)),
        missing("M3", date(2025, 1, 31), date(2025, 2, 1)),
        missing("M4", date(2025, 1, 1), date(2025, 1, 31), item="粉煤灰煤"),
    )
    # 100 + 10 (11th) + 10 (12th, once) + 10 (31st)
    assert value("E_PROC/K1/2025-01", *rows) == "65.00"
    assert value("E_PROC/K1/2025-02", *rows) == "5.00"


def test_the_plant_is_the_sum_of_its_lines_and_the_year_of_its_rounded_months() -> None:
    rows = [reading("熟料", "0.01", date(2025, month, 5)) for month in (1, 2)]
    # 0.005 rounds up to 0.01 each month, and the year is 0.02 though the sum of both is 0.01.
    assert value("E_PROC/K1/2025", *rows) == "0.02"
    assert value("E_LINE/全厂/2025", *rows) == "0.02"
    assert value("INTENSITY/全厂/2025", *rows) == "1.0000"


def test_without_clinker_there_is_no_intensity() -> None:
    assert value("INTENSITY/K1/2025-01", reading("入窑烟煤", "12")) is None
    assert value("E_LINE/K1/2025-01", reading("入窑烟煤", "12")) == "22.00"


def test_a_rate_of_the_year_adds_heat_exactly_over_its_months() -> None:
    rows = (
        reading("RDF", "10", date(2025, 1, 5)),
        reading("入窑烟煤", "45", date(2025, 1, 5)),
        reading("入窑烟煤", "50", date(2025, 2, 5)),
        row(AlternativeFuel, month="2025-01", line="K1", fuel="RDF", calorific_value=20 * MILLION),
    )
    assert value("ALT_RATE/全厂/2025-01", *rows) == "18.1818"  # 200 / (200 + 900)
    assert value("ALT_RATE/全厂/2025-02", *rows) == "0.0000"
    assert value("ALT_RATE/全厂/2025", *rows) == "9.5238"  # 200 / (200 + 900 + 1000)


def test_what_is_burnt_or_made_beside_the_lines_joins_no_rate_of_theirs() -> None:
    beside = [
        row(CollectionItem, line="全厂", item=item, item_class=item_class)
        for item, item_class in (("锅炉用煤", "化石燃料"), ("锅炉用RDF", "替代燃料"), ("外购熟料", "熟料"))
    ]
    of_lines = (reading("熟料", "200"), reading("RDF", "10"), reading("入窑烟煤", "45"))
    elsewhere = [reading(one.key()[1], "7", line="全厂") for one in beside]
    rates = ("ALT_RATE", "ALT_MASS", "HEAT", "INTENSITY")
    alone = {f.key: f.shown for f in computed(*beside, *of_lines).figures if f.code in rates}
    assert {key.partition("/")[0] for key in alone if "/全厂/" in key} == set(rates)
    assert {f.key: f.shown for f in computed(*beside, *of_lines, *elsewhere).figures if f.code in rates} == alone


def test_power_from_elsewhere_never_joins_the_lines() -> None:
    rows = (reading("外购电", "10", line="全厂"), reading("余热发电", "30", line="全厂"))
    found = {f.key: f.shown for f in computed(*rows).figures}
    assert found["E_ELE/全厂/2025-01"] == "5.00"
    assert found["E_LINE/全厂/2025-01"] == "0.00"
    assert found["WHR/全厂/2025-01"] == "75.0000"


def test_a_factor_that_nobody_gave_is_named_and_the_rest_stands() -> None:
    found = computed(*factors(EF_CLK_X=None), reading("熟料", "1000"), reading("入窑烟煤", "12"))
    keys = {f.key for f in found.figures}
    assert "E_FUEL/K1/2025-01" in keys
    assert not keys & {"E_PROC/K1/2025-01", "E_LINE/K1/2025-01", "E_LINE/全厂/2025", "INTENSITY/K1/2025-01"}
    assert {one.what for one in found.lacking} == {"EF_CLK_X"}
    assert "E_LINE" in {one.code for one in found.lacking}
    # What was not made needs no factor.
    assert "E_PROC/K1/2025-02" in keys


def test_the_composite_weighs_by_coal() -> None:
    def sample(number: str, carbon: str | None, coal: str | None, **more: object) -> Row:
        cells = {"type": "日缩分样", "line": "K1", "month": "2025-01", "sampled": date(2025, 1, 5)} | more
        amounts = {"carbon": carbon, "coal": coal}
        given_cells = {k: None if v is None else int(Decimal(v) * MILLION) for k, v in amounts.items()}
        return row(CoalSample, number=number, **cells, **given_cells)

    rows = (
        sample("1", "0.6", "100"),
        sample("2", "0.5", "300"),
        sample("3", None, "300"),
        sample("4", "0.9", "300", type="月缩分样"),
        sample("5", "0.9", "300", month="2025-02", sampled=date(2025, 2, 5)),
    )
    assert value("COAL_C/K1/2025-01", *rows) == "0.525000"
    assert value("COAL_C/K1/2025-03", *rows) is None


def surrender(**more: int) -> Row:
    cells = {"due_amount": 1000, "allocated": 900, "carried_over": 0, "bought": 20, "sold": 10, "pledged": 5}
    amounts = {k: v * MILLION for k, v in (cells | {"ccer_held": 30} | more).items()}
    return row(Surrender, number="L1", year="2024", **amounts)


@pytest.mark.parametrize(("held", "gap"), [(30, "65.00"), (50, "45.00"), (70, "45.00")])
def test_the_gap_counts_credits_up_to_the_limit(held: int, gap: str) -> None:
    assert value("QUOTA_GAP/全厂/2024", surrender(ccer_held=held)) == gap
    assert value("CCER_MAX/全厂/2024", surrender(ccer_held=held)) == "50.00"


def test_the_working_adds_up_to_the_figure() -> None:
    found = computed(lab(), report(), reading("入窑烟煤", "12"), reading("熟料", "7"), surrender())
    for figure in found.figures:
        if figure.code in {"E_PROC", "E_FUEL", "E_LINE", "E_ELE", "CCER_MAX", "QUOTA_GAP"}:
            total = sum((part.value for part in figure.working), Fraction(0))
            assert rounded(total, figure.decimals) == figure.value, figure.key
    fuel = next(f for f in found.figures if f.key == "E_FUEL/K1/2025-01")
    assert next((u.name, u.origin) for u in fuel.working[0].used) == ("元素碳含量", "R")
    assert fuel.formula.zh
    assert fuel.clause == "6.1.2 b)"


def test_changing_the_rule_changes_the_figure(tmp_path: Path) -> None:
    was, now = 'class = "purchased-electricity", ', 'class = "waste-heat-power", '
    edits = tuple((head + was, head + now) for head in ("terms    = [{ ", "examples = [{ amounts = [{ "))
    changed = altered(tmp_path, "figures.toml", *edits)
    found = {f.key: f.shown for f in computed(reading("余热发电", "30", line="全厂"), rules=changed).figures}
    assert found["E_ELE/全厂/2025-01"] == "15.00"


@given(st.fractions(min_value=-(10**9), max_value=10**9), st.integers(0, 6))
def test_rounding_is_half_up_and_never_further_than_half(value: Fraction, decimals: int) -> None:
    result = Fraction(rounded(value, decimals))
    assert abs(result - value) <= Fraction(1, 2 * 10**decimals)
    if abs(result - value) == Fraction(1, 2 * 10**decimals):
        assert abs(result) > abs(value)
    assert len(shown(rounded(value, decimals), decimals).partition(".")[2]) == decimals
    assert not shown(rounded(Fraction(-1, 10**9), decimals), decimals).startswith("-")


def more(*rows: Row) -> Computed:
    """The figures of a plant that also burns diesel and takes stone."""
    diesel = {"NCV_DIESEL": "40", "CC_DIESEL": "0.02", "OF_DIESEL": "1"}
    plan = (
        row(CollectionItem, line="K1", item="石灰石", item_class="碳酸盐原料"),
        row(CollectionItem, line="全厂", item="柴油", item_class="移动源燃料"),
    )
    return computed(*plan, *factors(**diesel), *rows)


def extra(key: str, *rows: Row) -> str | None:
    """A figure that is told beside the others."""
    found = next((f for f in more(*rows).figures if f.key == key), None)
    assert found is None or found.management
    return found.shown if found else None


def test_three_totals_stand_apart_and_none_mixes_into_another() -> None:
    rows = (reading("熟料", "1000"), reading("外购电", "10", line="全厂"), reading("柴油", "3", line="全厂"))
    by_boundary = {f.boundary: f for f in more(*rows).figures if f.boundary and f.key.endswith("/全厂/2025-01")}
    line, enterprise, management = (by_boundary[b] for b in Boundary)
    assert not line.management
    assert enterprise.management
    assert management.management
    single = {f.key: f.value for f in more(*rows).figures}
    assert enterprise.value == line.value + single["E_MOB/全厂/2025-01"] == line.value + Decimal("8.80")
    assert management.value == enterprise.value + single["E_ELE/全厂/2025-01"] == enterprise.value + Decimal("5.00")
    assert "E_ELE" not in {part.label for part in (*line.working, *enterprise.working)}


def test_alternative_fuels_are_memos_and_in_no_total() -> None:
    burnt = reading("RDF", "12")
    ledger = row(AlternativeFuel, month="2025-01", line="K1", fuel="RDF", carbon=MILLION // 2, biomass=40 * MILLION)
    assert extra("E_ALT/K1/2025-01", burnt, ledger) == extra("E_ALT/全厂/2025", burnt, ledger) == "13.20"
    assert extra("E_BIO/全厂/2025-01", burnt, ledger) == "8.80"  # 12 × 0.5 × 44/12 = 22.00 together
    assert {one.what for one in more(burnt).lacking} == {"C_ALT_DEF"}  # nobody wrote down what was burnt
    totals = {"E_LINE", "E_ENT", "E_MGT"}
    assert {f.key: f.value for f in more(burnt, ledger).figures if f.code in totals} == {
        f.key: f.value for f in more().figures if f.code in totals
    }


def test_shares_by_mass_and_gross_are_options_beside_the_defaults() -> None:
    rows = (reading("粉煤灰", "10"), reading("石灰石", "90"), reading("RDF", "10"), reading("入窑烟煤", "90"))
    assert extra("ALT_MASS/全厂/2025-01", *rows) == "10.0000"


def test_a_cross_check_differs_by_its_largest_and_smallest_source() -> None:
    cells = {"month": "2025-01", "item": "燃料消耗量", "production": 100, "voucher": 99, "invoice": 98, "meter": 100}
    assert extra("XCHK/燃料消耗量/2025-01", row(CrossCheck, **cells)) == "2.0000"
    found = more(row(CrossCheck, **cells | {"meter": None}))
    assert [(one.code, one.what, one.management) for one in found.lacking] == [("XCHK", "meter", True)]
    assert extra("XCHK/燃料消耗量/2025-04", row(CrossCheck, **cells | {"month": "2025-04"})) is None  # not over


def test_the_figures_that_scripts_compare_are_exactly_the_others() -> None:
    codes = {r.code for r in shipped().of(FigureRule) if not r.management}
    assert codes == {
        "E_PROC", "E_FUEL", "E_LINE", "E_ELE", "E_MOB", "INTENSITY", "COAL_C", "ALT_RATE", "WHR", "CCER_MAX",
        "QUOTA_GAP",
    }  # fmt: skip


def test_the_smaller_of_two_amounts_names_the_factor_it_rests_on() -> None:
    (rule,) = [r for r in shipped().of(FigureRule) if r.code == "QUOTA_GAP"]
    assert isinstance(rule.shape, PerSurrender)
    given = ColumnInputs(
        {"ccer_held": Fraction(70), "due_amount": Fraction(1000)},
        {"CCER_LIMIT": Used("CCER_LIMIT", Fraction(1, 20), "")},
    )
    (part,) = of_record(rule.shape.terms[-1], given)
    assert part.quantity == Fraction(50)
    assert not part.used
    assert [u.name for u in part.also] == ["CCER_LIMIT"]
