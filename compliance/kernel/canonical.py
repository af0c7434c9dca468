"""Canonical JSON (RFC 8785, text in NFC) and SHA-256: what trail, vault and rule digests are made of."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

#: The integers that every reader of JSON keeps exactly (RFC 8785, appendix B; RFC 7493, 2.2).
_EXACT = 2**53 - 1
# The standard library escapes as RFC 8785 asks for; members come to it in their order already.
_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def canonical(value: object) -> bytes:
    """Return the one byte string that stands for a JSON value.

    Days become ISO text. Floats and bytes are refused (``TypeError``), and so are two keys that are one in NFC, text
    that is no Unicode (a lone surrogate), and an integer beyond ±(2⁵³ - 1), which readers of JSON would round
    (``ValueError``): a larger quantity travels as text.
    """
    return _encoded(_plain(value)).encode()


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest_of(value: object) -> str:
    """SHA-256 of the canonical JSON of a value."""
    return digest(canonical(value))


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON of any depth
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case None | bool():
            return value
        case int():
            return _exact(value)
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return _members(value)
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return [_plain(v) for v in value]
        case _:
            raise TypeError(type(value).__name__)


def _exact(value: int) -> int:
    if not -_EXACT <= value <= _EXACT:
        raise ValueError(value)
    return value


def _members(value: Mapping[object, object]) -> dict[str, Any]:
    """The members in the order of the UTF-16 units of their names, whatever order they came in."""
    members = {unicodedata.normalize("NFC", str(k)): v for k, v in value.items()}
    if len(members) < len(value):
        raise ValueError(sorted(map(str, value)))
    return {name: _plain(members[name]) for name in sorted(members, key=_units)}


def _units(name: str) -> bytes:
    return name.encode("utf-16-be")
