"""Checks the trail from its leaves up: bytes, hashes, nodes, root, notes, and the copies that searches use."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy import Row as SqlRow

from compliance.adapters.tables import audit_entry, audit_node, checkpoint, log, log_head, object_, plant
from compliance.adapters.trail import GROUP
from compliance.core.integrity import Check, check
from compliance.kernel.canonical import canonical
from compliance.kernel.merkle import EMPTY_ROOT, Frontier, leaf_hash

#: Entries read at once.
_PAGE = 2_000
#: (the column that searches use, where the leaf has it)
_COPIES = (
    ("at", ("at",)),
    ("kind", ("action",)),
    ("object_type", ("object", "type")),
    ("object_id", ("object", "id")),
    ("actor_id", ("actor", "id")),
)


@dataclass(slots=True)
class Named:
    """The files that leaves name: by (log, seq), and what each leaf says of a file's sizes and digests."""

    by_leaf: dict[tuple[int, int], frozenset[str]] = field(default_factory=dict)
    said: dict[str, tuple[int, str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Faults:
    """What is wrong, by check."""

    found: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    examined: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def note(self, code: str, place: str) -> None:
        self.found[code].append(place)


_CODES = ("logs", "sequence", "leaves", "copies", "nodes", "head", "checkpoints")


def check_trail(connection: Connection) -> tuple[list[Check], Named]:
    """Check every log; also gather which files the leaves name."""
    faults, named = _Faults(), Named()
    for row in connection.execute(_logs()):
        faults.examined["logs"] += 1
        _check_log(connection, row, faults, named)
    for row in connection.execute(select(plant.c.key).where(plant.c.id.not_in(_with_log()))):
        faults.note("logs", f"{row.key} (no log)")
    return [check(code, faults.examined[code], faults.found[code]) for code in _CODES], named


def _logs() -> Any:  # noqa: ANN401 - a select of several columns
    return (
        select(log, log_head, plant.c.key)
        .outerjoin(log_head, log_head.c.log_id == log.c.id)
        .outerjoin(plant, plant.c.id == log.c.plant_id)
        .order_by(log.c.id)
    )


def _with_log() -> Any:  # noqa: ANN401 - a subquery
    return select(log.c.plant_id).where(log.c.plant_id.is_not(None))


def _check_log(connection: Connection, row: SqlRow[Any], faults: _Faults, named: Named) -> None:
    own = f"plant/{row.key}/e{row.epoch}" if row.plant_id is not None else GROUP
    if row.origin != own:
        faults.note("logs", f"{row.origin} (should be {own})")
    stored = {
        (level, idx): hashed
        for level, idx, hashed in connection.execute(
            select(audit_node.c.level, audit_node.c.idx, audit_node.c.hash).where(audit_node.c.log_id == row.id)
        )
    }
    frontier, roots = Frontier(), {0: EMPTY_ROOT}
    wanted = set(connection.scalars(select(checkpoint.c.size).where(checkpoint.c.log_id == row.id)))
    for entry in _entries(connection, row.id):
        place = f"{row.origin}#{entry.seq}"
        faults.examined["sequence"] += 1
        if entry.seq != frontier.size:
            faults.note("sequence", f"{place} (expected {frontier.size})")
        _check_leaf(entry, row.origin, place, faults, named)
        frontier, completed = frontier.append(leaf_hash(entry.leaf))
        for node in completed:
            faults.examined["nodes"] += 1
            if stored.pop((node.level, node.index), None) != node.hash:
                faults.note("nodes", f"{row.origin} level {node.level} index {node.index}")
        if frontier.size in wanted:
            roots[frontier.size] = frontier.root
    for level, index in stored:
        faults.note("nodes", f"{row.origin} level {level} index {index} (surplus)")
    _check_head(row, frontier, faults)
    _check_notes(connection, row, roots, faults)


def _entries(connection: Connection, log_id: int) -> Iterator[SqlRow[Any]]:
    """The entries of a log in order, page by page."""
    last = -(2**62)
    query = select(audit_entry).where(audit_entry.c.log_id == log_id).order_by(audit_entry.c.seq).limit(_PAGE)
    while rows := connection.execute(query.where(audit_entry.c.seq > last)).all():
        yield from rows
        last = rows[-1].seq


def _check_leaf(entry: SqlRow[Any], origin: str, place: str, faults: _Faults, named: Named) -> None:
    faults.examined["leaves"] += 1
    faults.examined["copies"] += 1
    if leaf_hash(entry.leaf) != entry.leaf_hash:
        faults.note("leaves", f"{place} (hash)")
    try:
        leaf = json.loads(entry.leaf)
        sound = _canonical(leaf, entry.leaf) and (leaf["log"], leaf["seq"]) == (origin, entry.seq)
        copies = {name: _at(leaf, path) for name, path in _COPIES}
        files = {o["sha256"]: (o["size"], o["sm3"]) for o in leaf["objects"]}
    except (ValueError, KeyError, TypeError):
        faults.note("leaves", f"{place} (unreadable)")
        return
    if not sound:
        faults.note("leaves", f"{place} (not the leaf of this place)")
    for name, copy in copies.items():
        if getattr(entry, name) != copy:
            faults.note("copies", f"{place} {name}")
    if files:
        named.by_leaf[entry.log_id, entry.seq] = frozenset(files)
        named.said |= files


#: Writes what RFC 8785 writes for text, integers and null under ASCII names, much faster.
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def _canonical(leaf: object, kept: bytes) -> bool:
    return _write(leaf).encode() == kept or canonical(leaf) == kept


def _at(leaf: Any, path: tuple[str, ...]) -> object:  # noqa: ANN401 - what JSON yields
    for name in path:
        leaf = leaf[name]
    found: object = leaf
    return found


def _check_head(row: SqlRow[Any], frontier: Frontier, faults: _Faults) -> None:
    faults.examined["head"] += 1
    if row.size is None:
        faults.note("head", f"{row.origin} (none)")
    elif (row.size, row.root, row.frontier) != (frontier.size, frontier.root, frontier.packed()):
        faults.note("head", f"{row.origin} (size {row.size}, leaves give {frontier.size})")


def _check_notes(connection: Connection, row: SqlRow[Any], roots: dict[int, bytes], faults: _Faults) -> None:
    for note in connection.execute(select(checkpoint).where(checkpoint.c.log_id == row.id)):
        faults.examined["checkpoints"] += 1
        if roots.get(note.size) != note.root:
            faults.note("checkpoints", f"{row.origin} size {note.size}")


def check_named(connection: Connection, named: Named) -> Check:
    """Whether rows of files and leaves tell the same: every row's first leaf names it, every named file has a row."""
    faults, rows = [], connection.execute(select(object_)).all()
    for row in rows:
        if row.sha256 not in named.by_leaf.get((row.first_log, row.first_seq), ()):
            faults.append(f"{row.sha256} (its leaf does not name it)")
        elif named.said[row.sha256] != (row.size, row.sm3):
            faults.append(f"{row.sha256} (size or SM3 differ from the leaf)")
    faults += [f"{sha256} (no row)" for sha256 in sorted(named.said.keys() - {r.sha256 for r in rows})]
    return check("objects", len(rows), faults)
