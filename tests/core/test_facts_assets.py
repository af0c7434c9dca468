"""Monthly assets, surrender, boundaries and the policy; and how quantities are read by people."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compliance.core.facts import CATALOGUE, decimal_of, facts_of
from compliance.core.facts.documents import documents_asked
from compliance.core.looking import own_values
from compliance.core.model import (
    AskedVersion,
    CompanyItem,
    ControlledDocument,
    EmissionSource,
    MonthlyAsset,
    PersonPeriod,
    PlantFactor,
    ProductionLine,
    Row,
    Surrender,
)
from compliance.core.obligations import READERS
from compliance.kernel.quantity import LARGEST
from compliance.rulebase.loader import load
from compliance.rulebase.rulebase import RuleBase
from tests.conftest import ROOT
from tests.core.world import Fact, altered, fact, facts, row, seen, shipped

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


def issued(*confirmed: str, on: date = date(2026, 6, 3), **more: Any) -> AskedVersion:
    """A policy issued here for the first of May, to everyone; confirmed by these persons on a day."""
    given: dict[str, Any] = {
        "rule": "carbon-policy",
        "number": "P",
        "label": "V1",
        "days": 5,
        "parties": ("everyone",),
        "ended": None,
    }
    given |= {"effective": date(2026, 5, 1), "asked": date(2026, 4, 20), "confirmed": dict.fromkeys(confirmed, on)}
    return AskedVersion(**given | more)


def confirmed_of(
    *asked: AskedVersion, on: date = ON, rows: tuple[Row, ...] = (), rules: RuleBase | None = None
) -> list[Fact]:
    """The facts of confirmations, of versions issued here besides rows."""
    staff = [row(PersonPeriod, account=a, department="x", since=date(2025, 1, 1)) for a in ("A", "B")]
    staff.append(row(PersonPeriod, account="C", department="x", since=date(2026, 6, 1)))
    data = replace(seen(*staff, *rows, on=on), asked=asked)
    return facts_of(data, rules or shipped(), [], own_values(data), frozenset({"document-acknowledgement"}))


def counts(*asked: AskedVersion, on: date = ON, rows: tuple[Row, ...] = ()) -> list[tuple[str | None, str | None]]:
    """How many were to confirm, and how many did, of each version."""
    names = ("readers_micro", "confirmed_micro")
    found = confirmed_of(*asked, on=on, rows=rows)
    return [(decimal_of(names[0], f[names[0]]), decimal_of(names[1], f[names[1]])) for f in found]


def test_who_confirms_here_is_counted_by_name() -> None:
    (found,) = confirmed_of(issued("A"))
    assert (found["version"], found["effective"], found["due"]) == ("P/V1", date(2026, 5, 1), date(2026, 5, 31))
    assert (found["days_late"], found["document_class"], found["row"]) == (30, "碳管理方针", "document:P|V1")
    # Whoever came later has as many days from then on, and counts as soon as they have passed or it is confirmed.
    assert counts(issued("A")) == [("2", "1")]
    assert counts(issued("A"), on=date(2026, 7, 1)) == [("2", "1")]
    assert counts(issued("A"), on=date(2026, 7, 2)) == [("3", "1")]
    assert counts(issued("A", "C")) == [("3", "2")]
    # What is confirmed later, or by somebody who is not asked, does not count; the version asks until it ends.
    assert counts(issued("A"), on=date(2026, 6, 2)) == [("2", "0")]
    assert counts(issued("A", parties=("person:B",))) == [("1", "0")]
    assert counts(issued(), on=date(2026, 4, 19)) == []
    assert counts(issued(ended=ON)) == []
    assert counts(issued(ended=ON), on=date(2026, 6, 29)) == [("2", "0")]
    assert counts(issued(rule="management-rules")) == []


def test_a_version_in_the_sheet_and_here_is_one_with_the_larger_counts() -> None:
    micro = 1_000_000

    def sheet(readers: int | None, confirmed: int | None) -> tuple[Row, ...]:
        given = {"effective": date(2026, 5, 1), "readers": readers and readers * micro}
        given["confirmed"] = confirmed if confirmed is None else confirmed * micro
        return (row(ControlledDocument, number="P", version="V1", document_class="碳管理方针", **given),)

    assert counts(issued("A"), rows=sheet(20, 18)) == [("20", "18")]
    assert counts(issued("A", "B"), rows=sheet(2, 1)) == [("2", "2")]
    assert counts(issued("A"), rows=sheet(None, None)) == [("2", "1")]
    assert counts(issued("A", label="V2"), rows=sheet(20, 18)) == [("20", "18"), ("2", "1")]


NAMED = ', documents = { "碳管理方针" = [{ document = "carbon-policy" }] }'


def test_rules_say_which_documents_issued_here_count(tmp_path: Path) -> None:
    without = altered(tmp_path / "without", "facts.toml", (NAMED, ""))
    assert (documents_asked(shipped()), documents_asked(without)) == (("carbon-policy",), ())
    assert confirmed_of(issued("A"), rules=without) == []
    folder = tmp_path / "unknown" / "rules"
    shutil.copytree(ROOT / "rules", folder)
    text = (folder / "facts.toml").read_text("utf-8").replace(NAMED, NAMED.replace("carbon-policy", "carbon-polecy"))
    (folder / "facts.toml").write_text(text, "utf-8")
    rulebase, problems = load(folder, CATALOGUE, READERS)
    assert rulebase is None
    assert ["carbon-polecy" in p.message.en for p in problems] == [True]


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
