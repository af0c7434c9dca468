"""Positions of keyset pages as short texts in an address, read without trust."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import date

from compliance.core.lists import BadPosition

_LONGEST = 200
_BIGGEST = 2**63 - 1


def pack(*values: object) -> str:
    """The text of a position."""
    plain = [v.isoformat() if isinstance(v, date) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def unpack(text: str, parts: int) -> list[str]:
    """The parts of a position as texts; raise ``BadPosition`` for anything that :func:`pack` did not make."""
    try:
        padded = text + "=" * (-len(text) % 4)
        values = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise BadPosition(text[:_LONGEST]) from error
    if not isinstance(values, list) or len(values) != parts or not all(isinstance(v, str | int) for v in values):
        raise BadPosition(text[:_LONGEST])
    if any(isinstance(v, int) and abs(v) > _BIGGEST for v in values):
        raise BadPosition(text[:_LONGEST])
    return [str(v) for v in values]


class Position:
    """Types of the parts."""

    @staticmethod
    def day(text: str) -> date:
        """A day."""
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise BadPosition(text) from error

    @staticmethod
    def number(text: str) -> int:
        """An id."""
        try:
            return int(text)
        except ValueError as error:
            raise BadPosition(text) from error
