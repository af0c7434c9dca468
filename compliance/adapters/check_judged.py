"""Checks what judging stored: every conclusion as its manifest has it, and the same again when it is replayed.

A manifest is named by a leaf, so a stored fact or conclusion cannot be changed unseen; replaying shows that the wording
kept in its snapshot concludes just that from those facts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, select

from compliance.adapters.mapping import finding_of, occurrence_of
from compliance.adapters.tables import audit_entry, finding, log, occurrence, plant
from compliance.adapters.vault import FileVault
from compliance.core.integrity import Check, check
from compliance.core.replaying import Replay, Replayer, Snapshots
from compliance.kernel.canonical import canonical
from compliance.kernel.errors import ComplianceError

#: What stands in no manifest: a ticket gets its number while the conclusions are written.
_NUMBERED = "nonconformity"
_Key = tuple[str, tuple[str, ...]]


def check_judged(connection: Connection, vault: FileVault, snapshots: Snapshots) -> list[Check]:
    """Compare every finding and occurrence with the manifests, and replay it by its snapshot."""
    replayer = Replayer(snapshots)
    examined, altered, unlike = 0, list[str](), list[str]()
    for row in connection.execute(select(plant.c.id, plant.c.key, plant.c.mark).order_by(plant.c.key)).all():
        said, broken = _said(connection, vault, row.id)
        altered += (f"{row.key} {fault}" for fault in broken)
        for key, one in _kept(connection, row.id):
            examined += 1
            altered += (f"{row.key} {_shown(key)} {why}" for why in _unlike_said(said.pop(key, None), one))
            if not (replayed := _replayed(replayer, one, row.mark)).same:
                unlike.append(f"{row.key} {_shown(key)} ({', '.join(replayed.differs)})")
        altered += (f"{row.key} {_shown(key)} (missing)" for key in sorted(said))
    return [check("conclusions", examined, altered), check("replayed", examined, unlike)]


def _replayed(replayer: Replayer, one: Any, mark: Any) -> Replay:  # noqa: ANN401 - a finding or an occurrence
    return replayer.finding(one.found) if hasattr(one, "found") else replayer.occurrence(one, mark)


def _kept(connection: Connection, plant_id: int) -> Iterator[tuple[_Key, Any]]:
    for row in connection.execute(select(finding).where(finding.c.plant_id == plant_id)).all():
        stored = finding_of(row)
        yield ("finding", stored.found.key), stored
    for row in connection.execute(select(occurrence).where(occurrence.c.plant_id == plant_id)).all():
        one = occurrence_of(row)
        yield ("occurrence", one.key), one


def _unlike_said(said: dict[str, Any] | None, one: Any) -> Iterator[str]:  # noqa: ANN401 - a finding or an occurrence
    """How a row differs from what its manifest says; members that the manifest does not know yet do not count."""
    if said is None:
        yield "(from no judgement)"
        return
    now = json.loads(canonical(asdict(one)))
    wrong = [*_unlike(said.pop("found", {}), now.pop("found", {})), *_unlike(said, now)]
    if wrong:
        yield f"({', '.join(wrong)})"


def _unlike(said: dict[str, Any], now: dict[str, Any]) -> list[str]:
    return [name for name, value in said.items() if name not in (_NUMBERED, "id") and now.get(name) != value]


def _said(connection: Connection, vault: FileVault, plant_id: int) -> tuple[dict[_Key, dict[str, Any]], list[str]]:
    """The latest words of the manifests on every finding and occurrence, and what is wrong with the manifests."""
    said: dict[_Key, dict[str, Any]] = {}
    broken = []
    pulses = (
        select(audit_entry.c.seq, audit_entry.c.leaf)
        .join(log, log.c.id == audit_entry.c.log_id)
        .where(log.c.plant_id == plant_id, audit_entry.c.kind == "plant:reconcile")
        .order_by(log.c.epoch, audit_entry.c.seq)
    )
    for seq, leaf in connection.execute(pulses):
        try:
            for named in json.loads(leaf)["objects"]:
                _read(vault, named["sha256"], said)
        except (ComplianceError, OSError, ValueError, KeyError, TypeError) as error:
            broken.append(f"leaf {seq} ({type(error).__name__})")
    return said, broken


def _read(vault: FileVault, sha256: str, said: dict[_Key, dict[str, Any]]) -> None:
    with vault.open(sha256) as file:
        for line in file:
            change = json.loads(line)
            key = change["t"], tuple(change["k"])
            if change["new"] is None:
                said.pop(key, None)
            else:
                said[key] = change["new"]


def _shown(key: _Key) -> str:
    return f"{key[0]} {'/'.join(key[1])}"
