"""Quantities: exact decimals outside, integers of 10⁻⁶ units in the register and in facts."""

from __future__ import annotations

from decimal import Decimal

#: One unit in the stored integers; six decimals are what the workbook admits.
MICRO = 10**6
#: Largest stored integer (a signed 64-bit column on both databases).
LARGEST = 2**63 - 1
#: Powers of ten of the first digit of whatever fits: from 10⁻⁶ to LARGEST in whole units.
_FITTING = range(-6, 13)


def to_micro(value: Decimal) -> int:
    """Return the exact integer of 10⁻⁶ units; raise ``ValueError`` if it has more decimals or does not fit."""
    if value.is_zero():
        return 0
    # The size is asked first: nothing below may round, or write out the digits of 1E+999999.
    if not value.is_finite() or value.adjusted() not in _FITTING:
        raise ValueError(value)
    numerator, denominator = value.as_integer_ratio()
    whole, rest = divmod(numerator * MICRO, denominator)
    if rest or abs(whole) > LARGEST:
        raise ValueError(value)
    return whole


def from_micro(value: int) -> Decimal:
    """Return the exact decimal of a stored integer, without trailing zeros."""
    exponent = -6
    while exponent < 0 and value % 10 == 0:
        value, exponent = value // 10, exponent + 1
    return Decimal(f"{value}E{exponent}")
