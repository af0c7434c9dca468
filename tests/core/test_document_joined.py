"""What a form says of the trade, the sample and the laboratory that its record refers to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from compliance.core.documents.sets import Asked
from compliance.core.documents.sets.joined import JOINED_SETS
from compliance.core.model import CashTransfer, CoalSample, Laboratory, PaymentVoucher, Row, SampleSlip, Trade
from tests.core.world import row

MILLION = 1_000_000
TRADE = row(Trade, number="JY-1", approved_money=1000 * MILLION)
FIRST = row(PaymentVoucher, number="QZ-2", trade="JY-1", money=300 * MILLION, funded=date(2026, 5, 4))
SECOND = row(PaymentVoucher, number="QZ-1", trade="JY-1", money=450 * MILLION, funded=date(2026, 5, 9))
OTHER = row(PaymentVoucher, number="QZ-3", trade="JY-9", money=999 * MILLION, funded=date(2026, 5, 1))
SLIP = row(SampleSlip, number="JJ-1", sample="KM-1", laboratory="JC-1")
ROWS: Sequence[Row] = (
    TRADE,
    SECOND,
    OTHER,
    FIRST,
    row(CoalSample, number="KM-1", month="2026-04"),
    row(CoalSample, number="KM-2", month="2026-05"),
    row(Laboratory, number="JC-1", name="检测中心"),
)


def said(name: str, record: Row | None) -> Any:
    asked = SimpleNamespace(
        record=record,
        data=SimpleNamespace(rows=lambda kind: [one for one in ROWS if isinstance(one, kind)]),
        row=lambda one: {c.name: str(getattr(one, c.name) or "") for c in one.SHEET.columns},
    )
    return JOINED_SETS[name].gather(cast("Asked", asked))


@pytest.mark.parametrize(
    ("record", "totals", "paid", "left"),
    [
        (TRADE, ["300.00", "750.00"], "750.00", "250.00"),
        (row(CashTransfer, number="CR-1", trade="JY-1"), ["300.00", "750.00"], "750.00", "250.00"),
        (FIRST, ["300.00"], "300.00", "700.00"),
        (SECOND, ["300.00", "750.00"], "750.00", "250.00"),
        (OTHER, ["999.00"], "999.00", ""),
        (None, [], "", ""),
    ],
)
def test_the_payments_are_those_of_the_trade_up_to_the_voucher(
    record: Row | None, totals: list[str], paid: str, left: str
) -> None:
    made = said("payments", record)
    assert [one["total"] for one in made["trade_vouchers"]] == totals
    assert (made["trade_money"]["paid"], made["trade_money"]["left"]) == (paid, left)


def test_an_amount_stands_in_capital_figures_too() -> None:
    assert said("payments", FIRST)["record_money"]["capitals"] == "人民币叁佰元整"
    assert said("payments", None)["record_money"]["capitals"] == ""


def test_a_slip_shows_its_sample_and_its_laboratory() -> None:
    made = said("handed_over", SLIP)
    assert (made["sample"]["month"], made["laboratory"]["name"]) == ("2026-04", "检测中心")


def test_an_empty_slip_shows_blanks() -> None:
    made = said("handed_over", None)
    assert set(made["sample"].values()) | set(made["laboratory"].values()) == {""}
