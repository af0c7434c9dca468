"""The register as texts to be searched: one statement for a plant, and one for things that are named.

What changed is read from the log: its leaves name documents and cases, and the manifests of imports and of the days
that were judged name every row that they wrote.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select, union_all

from compliance.adapters.database import Database
from compliance.adapters.search_log import Manifests, names_in
from compliance.adapters.search_parts import part_of, parts
from compliance.adapters.tables import audit_entry, log, log_head
from compliance.core.searching import Changed, Entry, Key, Kind
from compliance.kernel.text import Text as Words

#: Leaves that are followed; where there are more, the whole plant is compared.
MOST_LEAVES = 2_000


@dataclass
class _Found:
    """What rows of one thing say together."""

    title: Words = field(default_factory=lambda: Words("", ""))
    day: date | None = None
    ref: str = ""
    is_open: bool | None = None
    lines: dict[str, str] = field(default_factory=dict)


class SqlSearchTexts:
    """Implements ``core.searching.SearchTexts``."""

    def __init__(self, database: Database, manifests: Manifests) -> None:
        """Ask the register's database, and the vault for what imports and judgements wrote."""
        self._database, self._manifests = database, manifests

    def positions(self) -> Mapping[int, str]:
        """How long the log of each plant is: one statement."""
        size = func.sum(log_head.c.size).label("size")
        query = select(log.c.plant_id, size).join(log_head, log_head.c.log_id == log.c.id)
        query = query.where(log.c.plant_id.is_not(None)).group_by(log.c.plant_id)
        with self._database.read() as connection:
            return {row.plant_id: str(int(row.size)) for row in connection.execute(query)}

    def entries(self, plant: int) -> Sequence[Entry]:
        """Everything of a plant that can be found: one statement."""
        return list(self._asked([part.query.where(part.plant == plant) for part in parts()]))

    def named(self, keys: Collection[Key]) -> Mapping[Key, Entry]:
        """Those of the keys that exist, as they are now: one statement."""
        by_part: dict[str, list[tuple[object, ...]]] = defaultdict(list)
        for key in keys:
            if (found := part_of(key)) is not None:
                by_part[found[0]].append(found[1])
        kept = [part.named(by_part[part.name]) for part in parts() if part.name in by_part]
        wanted = set(keys)
        return {entry.key: entry for entry in self._asked(kept) if entry.key in wanted} if kept else {}

    def since(self, plant: int, since: str, until: str) -> Changed | None:
        """What the log has changed between two positions, as it is now; None where too much: two statements."""
        if not 0 <= int(until) - int(since) <= MOST_LEAVES:
            return None
        with self._database.read() as connection:
            leaves = [bytes(leaf) for (leaf,) in connection.execute(leaves_between(plant, int(since), int(until)))]
        names = names_in(leaves, self._manifests) if len(leaves) == int(until) - int(since) else None
        if names is None:
            return None
        asked = [query for part in parts() if (query := part.changed(plant, names)) is not None]
        return Changed(tuple(self._asked(asked)) if asked else ())

    def _asked(self, queries: Sequence[Select[Any]]) -> Iterator[Entry]:
        found: dict[Key, _Found] = {}
        with self._database.read() as connection:
            for row in connection.execute(union_all(*queries)):
                one = found.setdefault(Key(row.plant_id, Kind(row.kind), row.id), _Found())
                _add(one, row)
        return (
            Entry(key, one.title, "\n".join(filter(None, one.lines.values())), one.day, one.ref, is_open=one.is_open)
            for key, one in found.items()
        )


def _add(one: _Found, row: Any) -> None:  # noqa: ANN401 - a row
    if row.zh is not None:
        one.title = Words(row.zh, row.en)
    one.day = row.day or one.day
    one.is_open = one.is_open if row.open is None else bool(row.open)
    text = row.text or ""
    match row.part:
        case "json":  # the later content of a section goes before the earlier one
            one.lines[row.name] = "\n".join(_flat(json.loads(text)))
        case "files":
            names = [str(file["name"]) for file in json.loads(text)]
            one.title = Words("、".join(names), ", ".join(names))
            one.day = date.fromisoformat(row.name[:10])
        case "sheet":
            one.ref = row.name
            one.lines["sheet"] = "\n".join(dict.fromkeys(filter(None, text.split("\n"))))
        case _:
            one.lines[f"{row.part}/{row.name}"] = text


def _flat(value: object) -> Iterator[str]:
    """Every text in what a field or section holds."""
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _flat(inner)
        case list():
            for inner in value:
                yield from _flat(inner)
        case _:
            return


def leaves_between(plant: int, since: int, until: int) -> Select[Any]:
    """The leaves of a plant's logs between two positions; a later log goes on where the former ended."""
    g, h, e = log.c, log_head.c, audit_entry.c
    before = (func.sum(h.size).over(order_by=g.epoch) - h.size).label("before")
    begins = select(g.id, g.epoch, before).join(log_head, h.log_id == g.id).where(g.plant_id == plant).subquery()
    place = e.seq + begins.c.before
    query = select(e.leaf).join(begins, e.log_id == begins.c.id)
    query = query.where(e.seq >= since - begins.c.before, place >= since, place < until)
    return query.order_by(begins.c.epoch, e.seq)
