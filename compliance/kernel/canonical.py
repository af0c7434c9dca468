"""Canonical JSON (RFC 8785, text in NFC) and SHA-256: what trail, vault and rule digests are made of."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import rfc8785


def canonical(value: object) -> bytes:
    """Return the one byte string that stands for a JSON value.

    Days become ISO text. Floats and bytes are refused (``TypeError``), and so are two keys that are one in NFC and an
    integer beyond ±(2⁵³ - 1), which readers of JSON would round (``ValueError``): a larger quantity travels as text.
    """
    return rfc8785.dumps(_plain(value))


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest_of(value: object) -> str:
    """SHA-256 of the canonical JSON of a value."""
    return digest(canonical(value))


def _plain(value: object) -> Any:  # noqa: ANN401 - the JSON types of the library are private
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case None | bool() | int():
            return value
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return _members(value)
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return [_plain(v) for v in value]
        case _:
            raise TypeError(type(value).__name__)


def _members(value: Mapping[object, object]) -> dict[str, Any]:
    members = {unicodedata.normalize("NFC", str(k)): _plain(v) for k, v in value.items()}
    if len(members) < len(value):
        raise ValueError(sorted(map(str, value)))
    return members
