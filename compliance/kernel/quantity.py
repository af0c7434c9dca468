"""Quantities: exact decimals outside, integers of 10⁻⁶ units in the register and in facts."""

from __future__ import annotations

from decimal import Decimal

#: One unit in the stored integers; six decimals are what the workbook admits.
MICRO = 10**6
#: Largest stored integer (a signed 64-bit column on both databases).
LARGEST = 2**63 - 1


def to_micro(value: Decimal) -> int:
    """Return the exact integer of 10⁻⁶ units; raise ``ValueError`` if it has more decimals or does not fit."""
    scaled = value * MICRO
    whole = int(scaled)
    if whole != scaled or abs(whole) > LARGEST:
        raise ValueError(value)
    return whole


def from_micro(value: int) -> Decimal:
    """Return the exact decimal of a stored integer, without trailing zeros."""
    decimal = (Decimal(value) / MICRO).normalize()
    return decimal.quantize(Decimal(1)) if decimal == decimal.to_integral() else decimal
