"""The manifest of an import: canonical JSON lines that name every row written, so that replay needs no register.

The first line is ``{"v": 1, "plant": key, "workbook": sha256}``. Each further line is a row:
``{"t": table, "k": key values, "old": digest of the row before or null, "new": values by field}``, and for a
correction ``"was"``: the former values of the changed fields. Days are ISO text and quantities integers of 10⁻⁶ units;
an integer that JSON readers cannot hold exactly (beyond 2⁵³ − 1) stands as text.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from operator import attrgetter
from typing import Any

from compliance.core.imports.changes import Changes
from compliance.core.model import Row
from compliance.kernel.canonical import canonical, digest

VERSION = 1
_LARGEST_EXACT = 2**53 - 1
#: Writes what RFC 8785 writes for text, integers and null under ASCII names, much faster.
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def manifest_lines(plant: str, workbook: str, changes: Changes) -> Iterator[bytes]:
    """The lines of the manifest, in the order of sheets and of the file's rows; nothing is held in memory."""
    yield line({"v": VERSION, "plant": plant, "workbook": workbook})
    for kind, rows in changes.added.items():
        table, values, keys = kind.SHEET.table, values_of(kind), kind.SHEET.key
        for row in rows:
            new = values(row)
            yield line({"t": table, "k": [new[n] for n in keys], "old": None, "new": new})
    for kind, pairs in changes.changed.items():
        table, values, keys = kind.SHEET.table, values_of(kind), kind.SHEET.key
        for old, new in ((values(p.old), values(p.new)) for p in pairs):
            was = {n: old[n] for n in old if old[n] != new[n]}
            yield line({"t": table, "k": [new[n] for n in keys], "old": _digest(old), "new": new, "was": was})


def values_of(kind: type[Row]) -> Callable[[Row], dict[str, Any]]:
    """How a row of a type is written: plain JSON values by field."""
    names = [c.name for c in kind.SHEET.columns]
    take = attrgetter(*names)

    def values(row: Row) -> dict[str, Any]:
        return dict(zip(names, map(_plain, take(row)), strict=True))

    return values


def row_digest(row: Row) -> str:
    """The digest by which a manifest names a row as it stood."""
    return _digest(values_of(type(row))(row))


def line(value: dict[str, Any]) -> bytes:
    """One canonical line with its end."""
    text = _write(value)
    if unicodedata.is_normalized("NFC", text):
        return text.encode() + b"\n"
    return canonical(value) + b"\n"


def _digest(values: dict[str, Any]) -> str:
    return digest(line(values)[:-1])


def _plain(value: object) -> object:
    match value:
        case date():
            return value.isoformat()
        case int() if abs(value) > _LARGEST_EXACT:
            return str(value)
        case _:
            return value


def joined(lines: Iterable[bytes], size: int = 1 << 16) -> Iterator[bytes]:
    """Gather lines into larger pieces."""
    piece = bytearray()
    for one in lines:
        piece += one
        if len(piece) >= size:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)
