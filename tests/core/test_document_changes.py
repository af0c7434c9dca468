"""The tables of changes of a surrender, and which records a document of a rule may be on."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

from compliance.core.documents.sets import Asked, made_in, meant
from compliance.core.documents.sets.changes import CHANGE_SETS
from compliance.core.model import MonthlyAsset, Review, Surrender
from compliance.rulebase.schema import Document
from compliance.rulebase.schema.records import Only
from tests.core.world import row
from tests.judging import shipped

MILLION = 1_000_000
SURRENDER = row(
    Surrender,
    number="LY-2025",
    year="2025",
    carried_over=10 * MILLION,
    allocated=500 * MILLION,
    bought=40 * MILLION,
    sold=5 * MILLION,
    allowances_surrendered=530 * MILLION,
    ccer_held=20 * MILLION,
    ccer_surrendered=15 * MILLION,
    completed=date(2026, 3, 20),
)


def asset(month: str, word: str) -> MonthlyAsset:
    return row(MonthlyAsset, month=month, asset=word, closing=7 * MILLION)


def changes(record: Surrender | None, *months: MonthlyAsset) -> Any:
    asked = SimpleNamespace(
        record=record,
        data=SimpleNamespace(rows=lambda _kind: months),
        day=date(2026, 6, 15),
        word=lambda _vocabulary, word: {"allowance": "配额", "ccer": "CCER"}[word],
        row=lambda one: {"month": one.month, "asset": one.asset},
    )
    return CHANGE_SETS["changes"].gather(cast("Asked", asked))


def test_an_account_ends_with_what_is_left() -> None:
    made = changes(SURRENDER)
    assert [row["balance"] for row in made["allowance_account"]] == ["10", "510", "550", "545", "545", "15"]
    assert [row["increase"] for row in made["ccer_account"]] == ["20", "—"]
    assert [row["decrease"] for row in made["ccer_account"]] == ["—", "15"]
    assert made["ccer_account"][-1]["balance"] == "5"


def test_the_months_are_those_of_the_asset_up_to_the_surrender() -> None:
    months = [asset(m, word) for m in ("2026-04", "2026-03", "2026-01", "2025-12") for word in ("配额", "CCER")]
    made = changes(SURRENDER, *months)
    assert [(r["month"], r["asset"]) for r in made["allowance_months"]] == [("2026-01", "配额"), ("2026-03", "配额")]
    assert {r["asset"] for r in made["ccer_months"]} == {"CCER"}


def test_an_empty_form_says_no_amounts() -> None:
    assert {row["balance"] for row in changes(None)["allowance_account"]} == {""}


def test_only_the_records_that_a_rule_means() -> None:
    rule = next(r for r in shipped().of(Document) if r.id == "context-review")
    assert isinstance(rule.only, Only)
    assert meant(rule, row(Review, number="A", type=rule.only.word))
    assert not meant(rule, row(Review, number="B", type="另一种"))
    assert made_in(row(Review, number="A", started=date(2025, 2, 1))) == "2025-02-01"
    assert made_in(row(Review, number="A")) == ""
