"""Checks what people did about versions beside their drafts: who reads them and has, and by when they are reviewed.

What the rows say is what the leaves of these acts say: a confirmation that nobody gave, or a review that was put off
without one, is named.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from compliance.adapters.document_tables import document_distribution, document_reading, document_version
from compliance.adapters.tables import audit_entry, log, plant
from compliance.core.cases.papers import READERS
from compliance.core.controlled import DOCUMENT, NEXT_REVIEW
from compliance.core.integrity import Check, check

#: Plant, number and label of a version.
_Version = tuple[int, str]
#: The account confirmed for, the file read, who acted for the reader, and the sign-in.
_Confirmed = tuple[str, str, str, str]
_READ = f"{DOCUMENT}:read"


@dataclass(slots=True)
class _Told:
    """What the leaves of a version tell; ``review``: the last day of review that one of them set."""

    confirmed: Counter[_Confirmed] = field(default_factory=Counter)
    review: str | None = None
    parties: list[str] | None = None


def check_readers(connection: Connection) -> Check:
    """Every confirmation, every distribution, and the day of review of every version."""
    names = {row.id: row.key for row in connection.execute(select(plant.c.id, plant.c.key))}
    told, kept = _told(connection), _confirmed(connection)
    versions = _versions(connection)
    faults: list[str] = []
    for version in sorted(told.keys() | kept.keys() | versions.keys()):
        leaves, row = told.get(version, _Told()), versions.get(version)
        wrong = [*_readings(kept[version], leaves.confirmed), *_of_version(row, leaves)]
        faults += [f"{names.get(version[0], version[0])} {version[1]} ({why})" for why in wrong]
    return check("readers", sum(sum(of.values()) for of in kept.values()) + len(versions), faults)


def _readings(rows: Counter[_Confirmed], leaves: Counter[_Confirmed]) -> Iterator[str]:
    for one in sorted((rows - leaves).keys()):
        yield f"no leaf tells that {one[0]} confirmed it"
    for one in sorted((leaves - rows).keys()):
        yield f"the confirmation of {one[0]} is not what its leaf tells, or missing"


def _of_version(row: Any, told: _Told) -> Iterator[str]:  # noqa: ANN401 - a row
    if row is None:
        return
    due = row.review_due.isoformat() if row.review_due else None
    if due != (None if row.ended_at else told.review):
        yield f"it is to be reviewed by {due}, its leaves say {None if row.ended_at else told.review}"
    if row.parties is not None and json.loads(row.parties) != told.parties:
        yield "who reads it is not what the leaves tell"


def _versions(connection: Connection) -> dict[_Version, Any]:
    v, a = document_version, document_distribution
    same = (a.c.plant_id == v.c.plant_id) & (a.c.number == v.c.number) & (a.c.place == v.c.place)
    of = (v.c.plant_id, v.c.number, v.c.label, v.c.review_due, v.c.ended_at, a.c.parties)
    rows = connection.execute(select(*of).select_from(v.outerjoin(a, same)))
    return {(row.plant_id, f"{row.number}/{row.label}"): row for row in rows}


def _confirmed(connection: Connection) -> Mapping[_Version, Counter[_Confirmed]]:
    r, v = document_reading, document_version
    same = (r.c.plant_id == v.c.plant_id) & (r.c.number == v.c.number) & (r.c.place == v.c.place)
    of = (r.c.plant_id, r.c.number, r.c.place, v.c.label, r.c.account, r.c.read, r.c.acted_by, r.c.login)
    found: dict[_Version, Counter[_Confirmed]] = defaultdict(Counter)
    for row in connection.execute(select(*of).select_from(r.outerjoin(v, same))):
        version = f"{row.number}/{row.label if row.label is not None else row.place}"
        found[row.plant_id, version][row.account, row.read, row.acted_by, row.login] += 1
    return found


def _told(connection: Connection) -> dict[_Version, _Told]:
    """What the leaves of documents tell, each version's in their order."""
    found: dict[_Version, _Told] = defaultdict(_Told)
    c = audit_entry.c
    query = select(log.c.plant_id, c.object_id, c.kind, c.leaf).join(log, log.c.id == c.log_id)
    of_documents = query.where(log.c.plant_id.is_not(None), c.object_type == DOCUMENT)
    for row in connection.execute(of_documents.order_by(c.log_id, c.seq)):
        try:
            leaf = json.loads(row.leaf)
            said = {change["f"]: change["new"] for change in leaf["changes"]}
            login = leaf["actor"]["id"]
        except (ValueError, KeyError, TypeError):
            continue  # the trail's own check names it
        version = found[row.plant_id, row.object_id]
        if row.kind == _READ:
            one = (said.get("reader"), said.get("read"), said.get("acted_by") or "", login)
            version.confirmed[tuple(map(str, one))] += 1  # type: ignore[index] # four texts
        if row.kind != f"{DOCUMENT}:refused":
            version.review = said.get(NEXT_REVIEW, version.review)
            version.parties = said.get(READERS, version.parties)
    return found
