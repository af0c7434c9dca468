"""Capital figures of amounts: the examples of the rules for bills, and what has none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from compliance.kernel.money import capitals


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("107000.53", "壹拾万零柒仟元伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("631350", "陆拾叁万壹仟叁佰伍拾元整"),
        ("100000500", "壹亿零伍佰元整"),
        ("100010001", "壹亿零壹万零壹元整"),
        ("20000000", "贰仟万元整"),
        ("10", "壹拾元整"),
        ("0.5", "伍角整"),
        ("0.05", "伍分"),
        ("0", "零元整"),
        ("-3.4", "负叁元肆角整"),
    ],
)
def test_an_amount_in_capital_figures(amount: str, said: str) -> None:
    assert capitals(int(Decimal(amount) * 10**6)) == f"人民币{said}"


@pytest.mark.parametrize("micro", [1, 5_000, 10**18, -(10**18)])
def test_what_is_no_whole_fen_or_too_large_has_none(micro: int) -> None:
    assert capitals(micro) == ""
