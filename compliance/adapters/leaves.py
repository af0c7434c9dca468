"""Leaves of the trail as people read them."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row as SqlRow
from sqlalchemy import Select, select

from compliance.adapters.tables import audit_entry, log
from compliance.core.lists import Leaf, LeafQuery
from compliance.core.plants import Plant


def leaves_query(plant: Plant, query: LeafQuery, before: int | None) -> Select[Any]:
    """Entries of the plant's logs, newest first, below a seq."""
    asked = select(log.c.origin, audit_entry).join(log, log.c.id == audit_entry.c.log_id)
    asked = asked.where(log.c.plant_id == plant.id)
    for column, value in (
        (audit_entry.c.object_type, query.object_type),
        (audit_entry.c.object_id, query.object_id),
        (audit_entry.c.kind, query.action),
        (audit_entry.c.actor_id, query.actor),
    ):
        asked = asked.where(column == value) if value else asked
    if before is not None:
        asked = asked.where(audit_entry.c.seq < before)
    return asked.order_by(audit_entry.c.log_id.desc(), audit_entry.c.seq.desc())


def leaf_of(row: SqlRow[Any]) -> Leaf:
    """The leaf of an entry, as its bytes say it."""
    said = json.loads(row.leaf)
    return Leaf(
        seq=row.seq,
        log=row.origin,
        hash=row.leaf_hash.hex(),
        occurred=said["at"],
        actor=said["actor"]["id"],
        actor_name=said["actor"]["name"],
        role=said["actor"]["role"],
        action=said["action"],
        object_type=said["object"]["type"],
        object_id=said["object"]["id"],
        reason=said["reason"],
        changes=tuple(said["changes"]),
        objects=tuple(said["objects"]),
        rule=said["rule"],
    )
