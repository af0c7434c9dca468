"""Checks what drafts rest on: each belongs to a version, and is what the leaf of its draft says."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Connection, select

from compliance.adapters.document_tables import document_version
from compliance.adapters.drift import basis_of_row
from compliance.adapters.drift_tables import document_basis
from compliance.adapters.tables import audit_entry, log, plant
from compliance.core.controlled import DOCUMENT
from compliance.core.integrity import Check, check

_Version = tuple[int, str, int]


def check_bases(connection: Connection) -> Check:
    """Every version that was drafted since bases are kept."""
    names = {row.id: row.key for row in connection.execute(select(plant.c.id, plant.c.key))}
    v = document_version.c
    objects = {
        (row.plant_id, row.number, row.place): f"{row.number}/{row.label}"
        for row in connection.execute(select(v.plant_id, v.number, v.place, v.label).where(v.draft.is_not(None)))
    }
    kept = {(row.plant_id, row.number, row.place): row for row in connection.execute(select(document_basis))}
    told = _told(connection)
    faults: list[str] = []
    for key in sorted(objects.keys() | kept.keys()):
        named = objects.get(key)
        said = told.get((key[0], named)) if named else None
        faults += [
            f"{names.get(key[0], key[0])} {named or key[1]} ({why})" for why in _wrong(named, kept.get(key), said)
        ]
    return check("bases", len(kept), faults)


def _wrong(named: str | None, row: object, said: str | None) -> Iterator[str]:
    if row is None:
        if said is not None:
            yield "what its draft rests on is missing"
        return
    if named is not None and said is None:
        yield "no leaf tells what its draft rests on"
        return
    try:
        digest = basis_of_row(row).digest
    except (ValueError, TypeError, AttributeError):
        yield "what its draft rests on is unreadable"
        return
    if said is not None and digest != said:
        yield "what its draft rests on is not what its leaf says"


def _told(connection: Connection) -> dict[tuple[int, str], str]:
    """What the latest leaf of each draft says of its basis."""
    found: dict[tuple[int, str], str] = {}
    query = select(audit_entry.c.object_id, audit_entry.c.leaf, log.c.plant_id).join(
        log, log.c.id == audit_entry.c.log_id
    )
    for row in connection.execute(query.where(audit_entry.c.kind == f"{DOCUMENT}:draft").order_by(audit_entry.c.seq)):
        try:
            basis = json.loads(row.leaf)["rule"].get("basis")
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # the trail's own check names it
        if basis and row.plant_id is not None:
            found[row.plant_id, row.object_id] = basis
    return found
