"""Replays the manifests of a plant's imports, in their order, and compares what they give with the sheets' tables."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy import Row as SqlRow

from compliance.adapters.tables import import_batch, plant, sheets
from compliance.adapters.vault import FileVault
from compliance.core.integrity import Check, check
from compliance.kernel.canonical import digest_of
from compliance.kernel.errors import ComplianceError

_VERSION = 1
#: A row by its table and natural key; its cells as the manifest writes them.
_Key = tuple[str, tuple[str | None, ...]]
_Cells = dict[str, Any]


def check_replay(connection: Connection, vault: FileVault) -> Check:
    """Whether the tables hold exactly what the imports brought."""
    faults: list[str] = []
    examined = 0
    for row in connection.execute(select(plant.c.id, plant.c.key).order_by(plant.c.key)):
        replayed, broken = _replayed(connection, vault, row.id, row.key)
        faults += broken
        kept = dict(_kept(connection, row.id))
        examined += len(kept)
        faults += (f"{row.key} {fault}" for fault in _differences(replayed, kept))
    return check("replay", examined, faults)


def _replayed(
    connection: Connection, vault: FileVault, plant_id: int, plant_key: str
) -> tuple[dict[_Key, _Cells], list[str]]:
    """The latest cells of every key, and what is wrong with the manifests themselves."""
    rows: dict[_Key, _Cells] = {}
    faults = []
    batches = select(import_batch).where(import_batch.c.plant_id == plant_id).order_by(import_batch.c.id)
    for batch in connection.execute(batches).all():
        place = f"{plant_key} import {batch.id}"
        try:
            faults += [f"{place} {fault}" for fault in _replay(vault, batch, plant_key, rows)]
        except (ComplianceError, ValueError, KeyError, TypeError) as error:
            faults.append(f"{place} ({type(error).__name__})")
    return rows, faults


def _replay(vault: FileVault, batch: SqlRow[Any], plant_key: str, rows: dict[_Key, _Cells]) -> Iterator[str]:
    with vault.open(batch.manifest) as file:
        head = json.loads(file.readline())
        if (head["v"], head["plant"], head["workbook"]) != (_VERSION, plant_key, batch.workbook):
            yield "(the manifest belongs to another import)"
        for line in file:
            change = json.loads(line)
            key = change["t"], tuple(_text(value) for value in change["k"])
            if change["old"] != (digest_of(rows[key]) if key in rows else None):
                yield f"{_shown(key)} (the manifest does not follow from the one before)"
            rows[key] = change["new"]


def _kept(connection: Connection, plant_id: int) -> Iterator[tuple[_Key, _Cells]]:
    for kind, table in sheets.items():
        names = [c.name for c in kind.SHEET.columns]
        query = select(*(table.c[name] for name in names)).where(table.c.plant_id == plant_id)
        for row in connection.execute(query):
            cells = {name: _text(value) for name, value in zip(names, row, strict=True)}
            yield (table.name, tuple(cells[name] for name in kind.SHEET.key)), cells


def _differences(replayed: dict[_Key, _Cells], kept: dict[_Key, _Cells]) -> Iterator[str]:
    for key in sorted(replayed.keys() - kept.keys(), key=str):
        yield f"{_shown(key)} (missing)"
    for key in sorted(kept.keys() - replayed.keys(), key=str):
        yield f"{_shown(key)} (from no import)"
    for key, cells in kept.items():
        imported = replayed.get(key)
        if imported is None:
            continue
        if wrong := [n for n, value in cells.items() if _text(imported.get(n)) != value]:
            yield f"{_shown(key)} {', '.join(wrong)}"


def _shown(key: _Key) -> str:
    return f"{key[0]} {'·'.join(str(k) for k in key[1])}"


def _text(value: object) -> str | None:
    """A cell as text that is the same from a manifest and from a table (canonical JSON keeps text in NFC)."""
    return None if value is None else unicodedata.normalize("NFC", str(value))
