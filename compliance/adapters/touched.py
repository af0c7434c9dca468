"""Which tables of a plant's data a stretch of its log has changed: its leaves name the manifests of what was written.

Rows of sheets are written by imports and entries alone, and each has its manifest. What the log does not tell, or what
changes more than rows (persons, absences, checks of factors, templates), is not known: then anything may be otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from compliance.adapters.database import Database
from compliance.adapters.search_log import LINES, Manifests
from compliance.adapters.search_texts import MOST_LEAVES, leaves_between
from compliance.core.controlled import DOCUMENT
from compliance.core.documents.change_requests import CHANGE_REQUEST
from compliance.core.imports.manifest import VERSION
from compliance.core.jobs.asking import JOB
from compliance.core.judged import NONCONFORMITY, OCCURRENCE
from compliance.core.plants import Plant
from compliance.kernel.errors import ComplianceError

#: Lines of manifests that are read; more take longer than comparing.
MOST_LINES: Final = 20_000
#: Acts on these write no row of a sheet.
_NO_ROWS: Final = frozenset({CHANGE_REQUEST, DOCUMENT, JOB, NONCONFORMITY, OCCURRENCE, "feed", "token"})


class TouchedTables:
    """Implements ``core.documents.leaning.Touched``."""

    def __init__(self, database: Database, manifests: Manifests) -> None:
        """Ask the register's log, and the vault for what was written."""
        self._database, self._manifests = database, manifests

    def __call__(self, plant: Plant, since: int, until: int) -> frozenset[str] | None:
        """The tables; None where anything may have changed: one statement."""
        if not 0 <= until - since <= MOST_LEAVES:
            return None
        with self._database.read() as connection:
            leaves = [bytes(leaf) for (leaf,) in connection.execute(leaves_between(plant.id, since, until))]
        return tables_in(leaves, self._manifests) if len(leaves) == until - since else None


def tables_in(leaves: Iterable[bytes], manifests: Manifests) -> frozenset[str] | None:
    """The tables of the rows that the leaves' manifests name; None where they do not tell."""
    found: set[str] = set()
    left = MOST_LINES
    try:
        for leaf in map(json.loads, leaves):
            kind, objects = leaf["object"]["type"], leaf["objects"]
            if kind in _NO_ROWS:
                continue
            written = [one["sha256"] for one in objects if one["type"] in LINES]
            if kind != "plant" or (objects and not written):
                return None
            for digest in written:
                with manifests(digest) as file:
                    for line in file:
                        left -= 1
                        said = json.loads(line)
                        if left < 0 or ("t" not in said and said["v"] != VERSION):
                            return None
                        found.update(filter(None, [said.get("t")]))
    except (ComplianceError, ValueError, KeyError, TypeError):
        return None
    return frozenset(found)
