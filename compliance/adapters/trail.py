"""The audit trail: one RFC 6962 log a plant and one of the group, written in the transaction of the act.

A leaf is canonical JSON. ``seq`` is the size of the log under the lock of its head, so there are no gaps; the
entries and completed nodes of one work are written together at its end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from compliance.adapters.tables import audit_entry, audit_node, log, log_head, object_
from compliance.core.acts import Act, ObjectRef
from compliance.core.plants import Plant
from compliance.kernel.canonical import canonical
from compliance.kernel.merkle import Frontier, Node, leaf_hash

#: The form of the leaf.
VERSION = 1
#: The origin of the log of acts that belong to no plant.
GROUP = "group/e1"


def origin_of(plant: Plant | None) -> str:
    """The name of a plant's log (the group's log for None) in its first epoch."""
    return f"plant/{plant.key}/e1" if plant else GROUP


def moment(at: datetime) -> str:
    """A moment as leaves and tables keep it: ISO 8601, UTC, milliseconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def leaf_of(act: Act, origin: str, seq: int, at: str) -> bytes:
    """The bytes of an act's leaf."""
    actor = act.actor
    return canonical(
        {
            "v": VERSION,
            "log": origin,
            "seq": seq,
            "at": at,
            "actor": {
                "id": actor.id,
                "name": actor.name,
                "role": actor.role,
                "auth": actor.auth,
                "session": actor.session,
            },
            "action": act.action,
            "object": {"type": act.object_type, "id": act.object_id},
            "changes": act.changes,
            "reason": act.reason,
            "objects": [_file(o) for o in act.objects],
            "rule": act.rule,
            "req": act.request,
        }
    )


def _file(ref: ObjectRef) -> Mapping[str, object]:
    return {
        "sha256": ref.sha256,
        "sm3": ref.sm3,
        "size": ref.size,
        "type": ref.media_type,
        "name": ref.name,
    }


# Every act asks these, so they are made once for all.
_ENTERED, _COMPLETED = insert(audit_entry), insert(audit_node)
_GROWN = update(log_head).where(log_head.c.log_id == bindparam("asked"))
_LOCKED = (
    select(log.c.id, log_head.c.size, log_head.c.frontier)
    .join(log_head, log_head.c.log_id == log.c.id)
    .where(log.c.origin == bindparam("asked"))
    .with_for_update(of=log_head)
)


@cache
def _new_files(dialect: str) -> Insert:
    """Name files; one that an earlier act named keeps the leaf that named it first."""
    new = sqlite.insert(object_) if dialect == "sqlite" else postgresql.insert(object_)
    return new.on_conflict_do_nothing(index_elements=["sha256"])


@dataclass(slots=True)
class _Growing:
    """A log while its head is locked."""

    id: int
    origin: str
    frontier: Frontier
    at: str = ""
    entries: list[dict[str, Any]] = field(default_factory=list)
    nodes: list[dict[str, Any]] = field(default_factory=list)


class Trail:
    """The logs that one work appends to."""

    def __init__(self, connection: Connection) -> None:
        """Append through the work's connection."""
        self._connection = connection
        self._logs: dict[str, _Growing] = {}
        self._files: dict[str, dict[str, Any]] = {}

    @property
    def acts(self) -> int:
        """How many acts the work has recorded so far."""
        return sum(len(log.entries) for log in self._logs.values())

    def size(self, plant: Plant | None) -> int:
        """How many leaves a log had before this work; its head stays locked, so it is asked once."""
        origin = origin_of(plant)
        growing = self._logs.get(origin) or self._locked(origin)
        if growing is None:
            return 0
        self._logs[origin] = growing
        return growing.frontier.size - len(growing.entries)

    def append(self, act: Act, plant: Plant | None, at: str) -> int:
        """Add the act's leaf to its log and return its seq."""
        growing = self._growing(plant, at)
        seq = growing.frontier.size
        leaf = leaf_of(act, growing.origin, seq, at)
        hashed = leaf_hash(leaf)
        growing.frontier, completed = growing.frontier.append(hashed)
        growing.at = at
        growing.entries.append(_entry(growing.id, seq, leaf, hashed, at, act))
        growing.nodes.extend(
            {"log_id": growing.id, "level": n.level, "idx": n.index, "hash": n.hash} for n in completed
        )
        for ref in act.objects:
            self._files.setdefault(ref.sha256, _row_of(ref, growing.id, seq))
        return seq

    def flush(self) -> None:
        """Write what was appended; the last thing a work does before it commits."""
        execute = self._connection.execute
        self._write_files()
        for growing in self._logs.values():
            if not growing.entries:
                continue
            execute(_ENTERED, growing.entries)
            if growing.nodes:
                execute(_COMPLETED, growing.nodes)
            grown = {
                "size": growing.frontier.size,
                "root": growing.frontier.root,
                "frontier": growing.frontier.packed(),
                "updated_at": growing.at,
            }
            execute(_GROWN, grown | {"asked": growing.id})

    def _write_files(self) -> None:
        if not self._files:
            return
        new = _new_files(self._connection.dialect.name)
        self._connection.execute(new, list(self._files.values()))

    def _growing(self, plant: Plant | None, at: str) -> _Growing:
        origin = origin_of(plant)
        if origin not in self._logs:
            self._logs[origin] = self._locked(origin) or self._opened(origin, plant, at)
        return self._logs[origin]

    def _locked(self, origin: str) -> _Growing | None:
        """Take the head of a log; its row lock makes this work the only writer of the log."""
        row = self._connection.execute(_LOCKED, {"asked": origin}).first()
        return row and _Growing(row.id, origin, Frontier.unpacked(row.size, row.frontier))

    def _opened(self, origin: str, plant: Plant | None, at: str) -> _Growing:
        log_id = self._connection.execute(
            insert(log)
            .values(plant_id=plant.id if plant else None, origin=origin, epoch=1, opened_at=at)
            .returning(log.c.id)
        ).scalar_one()
        empty = Frontier()
        self._connection.execute(
            insert(log_head).values(log_id=log_id, size=0, root=empty.root, frontier=empty.packed(), updated_at=at)
        )
        return _Growing(log_id, origin, empty)


def _entry(log_id: int, seq: int, leaf: bytes, hashed: bytes, at: str, act: Act) -> dict[str, Any]:
    return {"log_id": log_id, "seq": seq, "leaf": leaf, "leaf_hash": hashed, "at": at} | {
        "kind": act.action,
        "object_type": act.object_type,
        "object_id": act.object_id,
        "actor_id": act.actor.id,
    }


def _row_of(ref: ObjectRef, log_id: int, seq: int) -> dict[str, Any]:
    return {
        "sha256": ref.sha256,
        "sm3": ref.sm3,
        "size": ref.size,
        "media_type": ref.media_type,
        "state": "present",
        "first_log": log_id,
        "first_seq": seq,
    }


# --- reading --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as a person reads it. ``leaf`` is the exact bytes that the log's root covers."""

    log: str
    seq: int
    at: str
    action: str
    object_type: str
    object_id: str
    actor_id: str
    leaf: bytes


def entries_of(
    connection: Connection,
    origin: str,
    object_type: str | None = None,
    object_id: str | None = None,
    *,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[Entry]:
    """A page of a log, newest first: of one object, of one type, or of all; ``before`` is the last seq seen."""
    query = select(log.c.origin, audit_entry).join(log).where(log.c.origin == origin)
    if object_type is not None:
        query = query.where(audit_entry.c.object_type == object_type)
    if object_id is not None:
        query = query.where(audit_entry.c.object_id == object_id)
    if before is not None:
        query = query.where(audit_entry.c.seq < before)
    rows = connection.execute(query.order_by(audit_entry.c.seq.desc()).limit(limit))
    return [Entry(r.origin, r.seq, r.at, r.kind, r.object_type, r.object_id, r.actor_id, r.leaf) for r in rows]


def nodes_of(connection: Connection, log_id: int) -> Node:
    """The stored hashes of a log's perfect subtrees, for proofs."""

    def node(level: int, index: int) -> bytes:
        if level == 0:
            leaf = select(audit_entry.c.leaf_hash)
            query = leaf.where(audit_entry.c.log_id == log_id, audit_entry.c.seq == index)
        else:
            query = select(audit_node.c.hash).where(
                audit_node.c.log_id == log_id,
                audit_node.c.level == level,
                audit_node.c.idx == index,
            )
        found: bytes = connection.scalars(query).one()
        return found

    return node
