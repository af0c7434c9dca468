"""Quantities are exact on both ways, whatever the decimal context and however hostile the number."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.kernel.quantity import LARGEST, MICRO, from_micro, to_micro

INTEGERS = st.integers(-LARGEST, LARGEST)


@given(INTEGERS)
def test_what_is_stored_is_read_back_and_stored_alike(value: int) -> None:
    assert to_micro(from_micro(value)) == value


@pytest.mark.parametrize(
    ("text", "micro"),
    [
        ("0", 0),
        ("-0.000000", 0),
        ("0E+999999", 0),
        ("1", MICRO),
        ("0.000001", 1),
        ("-0.000001", -1),
        ("1.2300000000", 1_230_000),
        ("1E+3", 1000 * MICRO),
        ("0.1", 100_000),
        ("9223372036854.775807", LARGEST),
        ("-9223372036854.775807", -LARGEST),
    ],
)
def test_a_decimal_becomes_the_exact_integer(text: str, micro: int) -> None:
    assert to_micro(Decimal(text)) == micro


@pytest.mark.parametrize(
    "text",
    [
        "0.0000001",
        "1.0000001",
        "1.0000000000000000000000000000000000000001",  # rounds to 1 in 28 digits
        "123456789.00000049999999999999999999999",
        "9223372036854.775808",
        "-9223372036854.775808",
        "1E+13",
        "1E+999999",
        "1E-999999",
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
    ],
)
def test_what_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        to_micro(Decimal(text))


@pytest.mark.parametrize(
    ("micro", "text"),
    [
        (0, "0"),
        (1, "0.000001"),
        (1_500_000, "1.5"),
        (100 * MICRO, "100"),
        (-MICRO, "-1"),
        (-1_500_000, "-1.5"),
        (10**12 * MICRO, "1" + "0" * 12),
    ],
)
def test_a_stored_integer_reads_without_trailing_zeros_or_exponent(micro: int, text: str) -> None:
    assert str(from_micro(micro)) == text


def test_a_coarse_decimal_context_changes_nothing() -> None:
    with localcontext() as context:
        context.prec = 3
        assert to_micro(Decimal("123456.789")) == 123_456_789_000
        assert from_micro(123_456_789_000) == Decimal("123456.789")
