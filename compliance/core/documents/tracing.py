"""When a row of the register was last written, and by whom: found in the manifests that the plant's log names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Protocol

from compliance.core.imports.use_case import MANIFEST_NAME
from compliance.core.plants import Plant
from compliance.core.ports import Vault

#: A table, and the key of one of its rows.
RowKey = tuple[str, tuple[str, ...]]
#: How many leaves are read at once, and at most.
_PAGE, _MOST = 200, 2_000


class LeafRead(Protocol):
    """A leaf as it is read here."""

    @property
    def seq(self) -> int:
        """Its place in the log."""
        ...

    @property
    def leaf(self) -> bytes:
        """Its bytes."""
        ...


class TraceReads(Protocol):
    """What tracing asks of a look."""

    def trail(
        self,
        plant: Plant | None,
        object_type: str | None = None,
        object_id: str | None = None,
        *,
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[LeafRead]:
        """A page of the plant's log, newest first."""
        ...


@dataclass(frozen=True, slots=True)
class Trace:
    """The day on which a row was last written, and the name of who did."""

    day: date
    name: str


def traced(
    reads: TraceReads, vault: Vault, plant: Plant, wanted: Iterable[RowKey], after: int, zone: tzinfo
) -> Mapping[RowKey, Trace]:
    """Who last wrote each of these rows since the log had a size; what nobody wrote since is left out."""
    open_keys, found = {key for key in wanted if key[0]}, dict[RowKey, Trace]()
    before: int | None = None
    for _page in range(_MOST // _PAGE):
        entries = reads.trail(plant, "plant", before=before, limit=_PAGE) if open_keys else ()
        for entry in entries:
            if entry.seq < after or not open_keys:
                return found
            leaf = json.loads(entry.leaf)
            for key in _written(vault, leaf) & open_keys:
                at = datetime.fromisoformat(leaf["at"]).astimezone(zone)
                found[key] = Trace(at.date(), leaf["actor"]["name"])
            open_keys -= found.keys()
        if len(entries) < _PAGE:
            break
        before = entries[-1].seq
    return found


def _written(vault: Vault, leaf: Mapping[str, Any]) -> set[RowKey]:
    """The rows that an act wrote, by its manifest."""
    rows: set[RowKey] = set()
    for one in leaf["objects"]:
        if one["name"] == MANIFEST_NAME:
            with vault.open(one["sha256"]) as file:
                lines = [json.loads(line) for line in file]
            rows |= {(line["t"], tuple(map(str, line["k"]))) for line in lines if "t" in line}
    return rows
