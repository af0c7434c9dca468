"""Canonical JSON (RFC 8785, text in NFC) and SHA-256: what trail, vault and rule digests are made of."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
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
    known = _BY_TYPE.get(type(value))
    return known(value) if known else _other(value)


def _other(value: object) -> Any:  # noqa: ANN401 - as above
    """What is of no type that is looked up: what derives from one of them, and mappings and sequences of any kind."""
    match value:
        case str():
            return _text(value)
        case int():
            return _exact(value)
        case date():
            return value.isoformat()
        case Mapping():
            return _members(value)
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return _items(value)
        case _:
            raise TypeError(type(value).__name__)


def _text(value: str) -> str:
    return unicodedata.normalize("NFC", value)


def _itself(value: bool | None) -> bool | None:  # noqa: FBT001 - a value of JSON
    return value


def _items(value: Sequence[object]) -> list[Any]:
    return [_plain(one) for one in value]


def _exact(value: int) -> int:
    if not -_EXACT <= value <= _EXACT:
        raise ValueError(value)
    return value


def _members(value: Mapping[object, object]) -> dict[str, Any]:
    """The members in the order of the UTF-16 units of their names, whatever order they came in."""
    members = {unicodedata.normalize("NFC", str(k)): v for k, v in value.items()}
    if len(members) < len(value):
        raise ValueError(sorted(map(str, value)))
    plain = "".join(members).isascii()  # such names stand in the order of their units already
    return {name: _plain(members[name]) for name in sorted(members, key=None if plain else _units)}


def _units(name: str) -> bytes:
    return name.encode("utf-16-be")


# Thousands of values a day are of these types exactly: looking a type up is cheaper than asking what it derives from.
_BY_TYPE: dict[type, Callable[[Any], Any]] = {
    str: _text,
    int: _exact,
    bool: _itself,
    type(None): _itself,
    date: date.isoformat,
    datetime: datetime.isoformat,
    dict: _members,
    list: _items,
    tuple: _items,
}
