"""Monthly assets, surrender, boundaries and the policy; and how quantities are read by people."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from compliance.core.facts import decimal_of
from compliance.core.model import (
    CompanyItem,
    ControlledDocument,
    EmissionSource,
    MonthlyAsset,
    PlantFactor,
    ProductionLine,
    Surrender,
)
from compliance.kernel.quantity import LARGEST
from tests.core.world import fact, facts, row

ON = date(2026, 6, 30)


def month(name: str, opening: int | None, plus: int | None, minus: int | None, closing: int | None) -> MonthlyAsset:
    cells = {"opening": opening, "increase": plus, "decrease": minus, "closing": closing}
    return row(MonthlyAsset, month=name, asset="配额", **cells)


@pytest.mark.parametrize(
    ("cells", "off"),
    [
        ((5, 2, 1, 6), 0),
        ((5, 2, 1, 7), -1),
        ((5, 2, 1, 5), 1),
        ((5, None, 1, 4), None),
        ((None, 1, 1, 1), None),
        ((LARGEST, LARGEST, 0, 0), LARGEST),
        ((0, 0, LARGEST, LARGEST), -LARGEST),
    ],
)
def test_a_month_adds_up(cells: tuple[int, int, int, int], off: int | None) -> None:
    assert fact("monthly-asset", month("2026-01", *cells), on=ON)["imbalance_micro"] == off


def test_a_month_follows_the_one_before_across_the_year() -> None:
    rows = [month("2025-12", 1, 0, 0, 1), month("2026-01", 2, 0, 0, 2), month("2026-03", 3, 0, 0, 3)]
    other = row(MonthlyAsset, month="2026-02", asset="CCER", closing=9)
    found = {f["month"]: f["previous_closing_micro"] for f in facts("monthly-asset", *rows, other, on=ON)}
    assert found == {"2025-12": None, "2026-01": 1, "2026-03": None, "2026-02": None}


def year(**cells: Any) -> Surrender:
    given = {"due_amount": 100_000_000, "allowances_surrendered": 95_000_000, "ccer_surrendered": 5_000_000}
    return row(Surrender, number="L", year="2025", completed=date(2026, 1, 5), **(given | cells))


LIMIT = row(PlantFactor, code="CCER_LIMIT", value=50_000)


@pytest.mark.parametrize(("used", "side"), [(5_000_000, 0), (5_000_001, 1), (4_999_999, -1), (None, None)])
def test_ccer_is_compared_with_its_share_of_what_is_owed(used: int | None, side: int | None) -> None:
    found = fact("surrendered-year", year(ccer_surrendered=used), LIMIT, on=ON)
    assert (found["ccer_to_limit"], found["ccer_most"]) == (side, "5")
    assert found["surrendered_micro"] == (None if used is None else 95_000_000 + used)


def test_without_a_limit_nothing_is_compared() -> None:
    found = fact("surrendered-year", year(), on=ON)
    assert (found["ccer_to_limit"], found["ccer_most"]) == (None, None)


def test_a_limit_finer_than_the_register_is_kept_exactly() -> None:
    rows = [year(due_amount=1, ccer_surrendered=0), LIMIT]  # the limit is 0.00000005 t
    assert fact("surrendered-year", *rows, on=ON)["ccer_to_limit"] == -1


def source(number: str, category: str, line: str = "K1", state: str = "有效", ets: str = "是") -> EmissionSource:
    return row(EmissionSource, number=number, category=category, line=line, state=state, in_ets=ets)


@pytest.mark.parametrize(
    ("rows", "missing"),
    [
        ([], 2),
        ([source("1", "碳酸盐分解"), source("2", "化石燃料燃烧")], 0),
        ([source("1", "碳酸盐分解"), source("2", "化石燃料燃烧", line="全厂")], 1),
        ([source("1", "碳酸盐分解"), source("2", "化石燃料燃烧", state="停用")], 1),
        ([source("1", "碳酸盐分解"), source("2", "化石燃料燃烧", ets="否")], 1),
    ],
)
def test_a_line_has_its_two_sources_in_the_market(rows: list[EmissionSource], missing: int) -> None:
    assert fact("line-sources", row(ProductionLine, line="K1"), *rows, on=ON)["missing_categories"] == missing


def test_the_mining_right_is_set_beside_the_sources_of_mining() -> None:
    right = row(CompanyItem, item="矿山开采权", content="有")
    rows = [source("1", "矿山开采", state="停用"), source("2", "矿山开采"), source("3", "碳酸盐分解")]
    found = fact("mining-sources", right, row(CompanyItem, item="矿山名称", content="甲"), *rows, on=ON)
    assert (found["subject"], found["content"], found["sources"]) == ("企业", "有", 1)


def test_everyone_confirms_a_policy_within_the_plants_days() -> None:
    policy = row(ControlledDocument, number="P", version="V1", effective=date(2026, 5, 1), readers=2, confirmed=1)
    days = row(PlantFactor, code="ACK_DAYS", value=45_000_000)
    found = fact("document-acknowledgement", policy, days, on=ON)
    assert (found["due"], found["days_late"], found["version"]) == (date(2026, 6, 15), 15, "P/V1")
    assert facts("document-acknowledgement", row(ControlledDocument, number="P", version="V2"), on=ON) == []


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("price_micro", 58100000, "58.1"),
        ("price_micro", 0, "0"),
        ("price_micro", -1, "-0.000001"),
        ("x_micro", 10**12, "1000000"),
        ("samples", 5, None),
        ("price_micro", None, None),
    ],
)
def test_a_quantity_is_read_as_a_decimal(name: str, value: int | None, read: str | None) -> None:
    assert decimal_of(name, value) == read
