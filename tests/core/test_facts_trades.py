"""Trades, cash, vouchers: steps, the strategy of the year, sums up to a deal, money."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compliance.core.model import CashTransfer, PaymentVoucher, PersonPeriod, Trade, TradingStrategy
from compliance.kernel.quantity import LARGEST
from tests.core.world import Fact, altered, fact, facts, row

ON = date(2026, 6, 30)
D = date(2026, 3, 10)
STEPS = (
    ("applicant", "applied_on"),
    ("risk_reviewer", "risk_reviewed_on"),
    ("funds_approver", "funds_approved_on"),
    ("order_giver", "ordered_on"),
    ("confirmer", "confirmed_on"),
    ("ledger_keeper", "ledger_updated_on"),
)


def trade(number: str = "T1", on: Any = D, **cells: Any) -> Trade:
    chain = {person: person for person, _ in STEPS} | {day: D for _, day in STEPS}
    given: dict[str, Any] = {"asset": "配额", "direction": "买入", "price": 7, "amount": 10, "money": 70}
    return row(Trade, number=number, on=on, **(chain | given | cells))


def strategy(number: str = "S1", approved: date | None = date(2026, 1, 1), **cells: Any) -> TradingStrategy:
    given = {"year": "2026", "asset": "配额", "direction": "买入", "highest_price": 9}
    return row(TradingStrategy, number=number, approved=approved, **(given | cells))


def test_a_sound_chain_lacks_nothing() -> None:
    found = fact("trade-steps", trade(), on=ON)
    assert (found["missing_cells"], found["steps_out_of_order"], found["repeated_persons"]) == (0, 0, 0)
    assert (found["number"], found["dealt"], found["applied"], found["on"]) == ("T1", D, D, D)
    assert found["row"] == "trade:T1"


@pytest.mark.parametrize("column", [name for step in STEPS for name in step])
def test_every_person_and_day_of_the_six_steps_is_missed(column: str) -> None:
    empty: dict[str, Any] = {column: None}
    assert fact("trade-steps", trade(**empty), on=ON)["missing_cells"] == 1


@pytest.mark.parametrize(
    ("days", "wrong"),
    [("111111", 0), ("123456", 0), ("113322", 1), ("654321", 5), ("1.2.3.", 0), ("3.2...", 1), ("2....1", 1)],
)
def test_days_that_are_given_are_in_the_order_of_the_steps(days: str, wrong: int) -> None:
    cells: dict[str, Any] = {
        name: None if d == "." else D.replace(day=int(d)) for (_, name), d in zip(STEPS, days, strict=True)
    }
    assert fact("trade-steps", trade(**cells), on=ON)["steps_out_of_order"] == wrong


def test_a_person_who_comes_again_is_counted() -> None:
    assert fact("trade-steps", trade(ledger_keeper="applicant"), on=ON)["repeated_persons"] == 1


@pytest.mark.parametrize(
    ("cells", "holds"),
    [
        ({}, True),
        ({"funds_approved_on": D.replace(day=9)}, False),
        ({"funds_approver": "x"}, False),
        ({"funds_approver": None}, None),
        ({"funds_approved_on": None}, None),
    ],
)
def test_the_post_of_who_approves_the_money_is_looked_up(cells: dict[str, Any], *, holds: bool | None) -> None:
    person = row(PersonPeriod, account="funds_approver", since=D, posts="内审员、管理者代表")
    assert fact("trade-steps", trade(**cells), person, on=ON)["approver_holds_post"] is holds


def test_a_step_of_tomorrow_is_not_seen() -> None:
    late = trade(ledger_updated_on=D.replace(day=11))
    assert fact("trade-steps", late, on=D)["missing_cells"] == 2
    assert facts("trade-steps", late, on=D.replace(day=9)) == []


def planned(*rows: Any, number: str = "T1") -> Fact:
    return next(f for f in facts("trade-strategy", *rows, on=ON) if f["number"] == number)


@pytest.mark.parametrize(
    ("cells", "count"),
    [
        ({}, 1),
        ({"approved": D}, 1),
        ({"approved": D.replace(day=11)}, 0),
        ({"approved": None}, 0),
        ({"year": "2025"}, 0),
        ({"asset": "CCER"}, 0),
        ({"direction": "卖出"}, 0),
    ],
)
def test_a_strategy_is_of_year_asset_and_direction_and_approved_by_then(cells: dict[str, Any], count: int) -> None:
    found = planned(trade(), strategy(**cells))
    assert found["strategies"] == count
    assert found.get("highest_price_micro") == (9 if count else None)


def test_of_several_strategies_the_latest_approved_holds() -> None:
    later = strategy("S0", date(2026, 2, 1), highest_price=8)
    assert planned(trade(), strategy(), later)["strategy"] == "S0"
    assert planned(trade(), strategy(), strategy("S2", D.replace(day=11)))["strategy"] == "S1"


@pytest.mark.parametrize("column", ["on", "asset", "direction"])
def test_a_trade_of_unknown_day_asset_or_direction_has_no_strategy_to_lack(column: str) -> None:
    empty: dict[str, Any] = {column: None}
    assert facts("trade-strategy", trade(**empty), on=ON) == []


def test_the_year_is_summed_in_the_order_of_days_and_numbers() -> None:
    rows = [trade("T3"), trade("T2"), trade("T9", D.replace(day=1)), trade("T4", amount=None)]
    others = [trade("T0", date(2025, 12, 31)), trade("T1", asset="CCER"), trade("T5", direction="卖出")]
    sums = {n: planned(*rows, *others, number=n)["year_amount_micro"] for n in ("T9", "T2", "T3", "T4")}
    assert sums == {"T9": 10, "T2": 20, "T3": 30, "T4": 30}
    assert planned(*rows, number="T3")["year_money_micro"] == 210


def test_a_sum_beyond_the_register_stays_above_every_cap() -> None:
    rows = [trade("T1", amount=LARGEST), trade("T2", amount=LARGEST)]
    assert planned(*rows, number="T2")["year_amount_micro"] == LARGEST


def test_vouchers_are_added_by_trade() -> None:
    vouchers = [row(PaymentVoucher, number=n, trade=t, money=m) for n, t, m in (("V1", "T1", 5), ("V2", "T1", None))]
    found = fact("trade-payment", trade(approved_money=4), *vouchers, on=ON)
    assert (found["vouchers"], found["paid_micro"], found["approved_money_micro"]) == (2, 5, 4)


def test_a_voucher_knows_the_day_of_its_trade() -> None:
    assert fact("payment-voucher", trade(), row(PaymentVoucher, number="V", trade="T1", funded=D), on=ON)["dealt"] == D
    lost = fact("payment-voucher", trade(), row(PaymentVoucher, number="V", trade="T2", funded=D), on=ON)
    assert lost["dealt"] is None


CASH = ("applicant", "guardian", "finance_reviewer", "account_owner")
DAYS = ("applied_on", "guardian_approved_on", "finance_reviewed_on", "account_owner_approved_on")


def cash(**cells: Any) -> CashTransfer:
    chain = {name: name for name in CASH} | dict.fromkeys(DAYS, D)
    return row(CashTransfer, number="C1", transferred=D, **({"direction": "入金"} | chain | cells))


@pytest.mark.parametrize("column", [*CASH, *DAYS])
@pytest.mark.parametrize(("direction", "owner"), [("入金", 1), ("出金", 0), (None, 0)])
def test_each_direction_asks_for_its_steps(column: str, direction: str | None, owner: int) -> None:
    found = fact("cash-transfer", cash(direction=direction, **{column: None}), on=ON)
    assert found["missing_cells"] == (owner if column.startswith("account_owner") else 1)


def test_the_owner_counts_as_a_person_in_either_direction() -> None:
    assert fact("cash-transfer", cash(direction="出金", account_owner="guardian"), on=ON)["repeated_persons"] == 1
    assert fact("cash-transfer", cash(), on=ON)["repeated_persons"] == 0


def test_the_rules_say_which_steps_cash_needs(tmp_path: Path) -> None:
    rules = altered(
        tmp_path,
        "approvals.toml",
        ('{ do = "own", post = "account-owner", optional = true, ', '{ do = "own", post = "account-owner", '),
        ('  { apply = "li", guard = "wang", review = "zhao", allowed = true },\n', ""),
        ('{ apply = "li", guard = "li", review = "zhao", allowed = false },', '{ apply = "li", allowed = false },'),
    )
    out = cash(direction="出金", account_owner=None)
    assert fact("cash-transfer", out, on=ON)["missing_cells"] == 0
    assert fact("cash-transfer", out, on=ON, rules=rules)["missing_cells"] == 1
