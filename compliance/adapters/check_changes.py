"""Checks requests to change documents: their numbers, and that asking and deciding each left its leaf."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, select

from compliance.adapters.change_tables import change_request
from compliance.adapters.document_tables import document_version
from compliance.adapters.tables import audit_entry, log, number_series, plant
from compliance.core.documents.change_requests import CHANGE_REQUEST
from compliance.core.integrity import Check, check


def check_changes(connection: Connection) -> Check:
    """Every request to change a document."""
    names = {row.id: row.key for row in connection.execute(select(plant.c.id, plant.c.key))}
    rows = connection.execute(select(change_request).order_by(change_request.c.id)).all()
    v = document_version.c
    versions = {tuple(row) for row in connection.execute(select(v.plant_id, v.number, v.place))}
    leaves = _leaves(connection)
    faults = [f"{names.get(plant_id, plant_id)} {why}" for plant_id, why in _numbers(connection, rows)]
    for row in rows:
        wanted = {"ask"} | ({"accept" if row.accepted else "reject"} if row.accepted is not None else set())
        left = {verb for verb in ("ask", "accept", "reject") if leaves[row.plant_id, row.number, verb]}
        where = f"{names.get(row.plant_id, row.plant_id)} {row.number}"
        if wanted != left:
            faults.append(f"{where} (its row says {sorted(wanted)}, its leaves {sorted(left)})")
        answered = [row.place, *([row.version] if row.version is not None else [])]
        faults += [
            f"{where} (there is no version {place} of {row.document})"
            for place in answered
            if (row.plant_id, row.document, place) not in versions
        ]
        if bool(row.accepted) != (row.version is not None):
            faults.append(f"{where} (what answers it does not fit its decision)")
    return check("change-requests", len(rows), faults)


def _leaves(connection: Connection) -> Counter[tuple[int, str, str]]:
    c = audit_entry.c
    query = select(log.c.plant_id, c.object_id, c.kind).join(log, log.c.id == c.log_id)
    found: Counter[tuple[int, str, str]] = Counter()
    for row in connection.execute(query.where(c.object_type == CHANGE_REQUEST)):
        found[row.plant_id, row.object_id, row.kind.partition(":")[2]] += 1
    return found


def _numbers(connection: Connection, rows: object) -> Iterator[tuple[int, str]]:
    taken: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in rows:  # type: ignore[attr-defined] # rows of a result
        taken[row.plant_id, row.series].append(row.serial)
    c = number_series.c
    for row in connection.execute(select(number_series).where(c.series.startswith(f"{CHANGE_REQUEST}/"))):
        found = sorted(taken.pop((row.plant_id, row.series), []))
        if found != list(range(1, row.next)):
            yield row.plant_id, f"{row.series} (1 to {row.next - 1} expected, found {found})"
    for (plant_id, series), found in taken.items():
        yield plant_id, f"{series} (numbers {sorted(found)} without a series)"
