"""Fakes of the ports: a register, a vault and a workbook reader in memory."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from compliance.core.acts import Act, ObjectRef
from compliance.core.model import SHEETS, Row
from compliance.core.plants import Plant


@dataclass
class FakeRegister:
    """Keeps plants, rows, imports and acts; a work that raises changes nothing.

    ``before_work`` is called once between a look and the next work: another writer.
    """

    kept: dict[str, Plant] = field(default_factory=dict)
    rows: dict[tuple[str, type[Row]], dict[Any, Row]] = field(default_factory=dict)
    imports: list[tuple[str, ObjectRef, ObjectRef, Mapping[str, object]]] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    works: int = 0
    before_work: Callable[[], None] | None = None

    @contextmanager
    def read(self) -> Iterator[Any]:
        yield self

    @contextmanager
    def work(self) -> Iterator[Any]:
        if self.before_work is not None:
            other, self.before_work = self.before_work, None
            other()
        before = deepcopy((self.kept, self.rows, self.imports, self.acts))
        try:
            yield self
        except BaseException:
            self.kept, self.rows, self.imports, self.acts = before
            raise
        self.works += 1

    def plants(self) -> Sequence[Plant]:
        return sorted(self.kept.values(), key=lambda p: p.key)

    def plant(self, key: str) -> Plant | None:
        return self.kept.get(key) or next((p for p in self.kept.values() if p.short == key), None)

    def tables(self, plant: Plant, kinds: Iterable[type[Row]] | None = None) -> Mapping[type[Row], Sequence[Row]]:
        return {kind: list(self.rows.get((plant.key, kind), {}).values()) for kind in (kinds or SHEETS)}

    def version(self, plant: Plant) -> int:
        return sum(act.object_id == plant.key for act in self.acts)

    def add_plant(self, plant: Plant) -> Plant:
        self.kept[plant.key] = replace(plant, id=len(self.kept) + 1)
        return self.kept[plant.key]

    def update_plant(self, plant: Plant) -> None:
        self.kept[plant.key] = plant

    def insert_rows(self, plant: Plant, rows: Mapping[type[Row], Sequence[Row]]) -> None:
        for kind, some in rows.items():
            table = self.rows.setdefault((plant.key, kind), {})
            assert not table.keys() & {row.key() for row in some}
            table.update((row.key(), row) for row in some)

    def update_rows(self, plant: Plant, rows: Mapping[type[Row], Sequence[Row]]) -> None:
        for kind, some in rows.items():
            table = self.rows[plant.key, kind]
            assert table.keys() >= {row.key() for row in some}
            table.update((row.key(), row) for row in some)

    def record_import(
        self, plant: Plant, workbook: ObjectRef, manifest: ObjectRef, counts: Mapping[str, object]
    ) -> int:
        self.imports.append((plant.key, workbook, manifest, counts))
        return len(self.imports)

    def record(self, act: Act, plant: Plant | None) -> int:
        self.acts.append(act)
        return len(self.acts) - 1


@dataclass
class FakeVault:
    """Keeps files by their digest."""

    files: dict[str, bytes] = field(default_factory=dict)

    def put(self, source: BinaryIO, *, name: str, media_type: str) -> ObjectRef:
        data = source.read()
        sha256 = hashlib.sha256(data).hexdigest()
        self.files[sha256] = data
        return ObjectRef(sha256, "", len(data), media_type, name)

    def open(self, sha256: str) -> BinaryIO:
        return io.BytesIO(self.files[sha256])


@dataclass
class FakeWorkbooks:
    """Hands out sheets that a test holds, whatever the path."""

    book: Mapping[str, Sequence[Sequence[object]]]

    def sheets(self, path: str) -> Iterable[tuple[str, Iterable[Sequence[object]]]]:
        return ((name, iter(rows)) for name, rows in self.book.items())


@dataclass
class Meanwhile:
    """A register in which somebody else comes first: ``other`` acts once, before the next writing transaction.

    What was looked at before is then no longer so; only what is asked again in the transaction counts.
    """

    register: Any
    other: Callable[[], object]
    came: bool = False

    def read(self) -> Any:
        return self.register.read()

    def work(self) -> Any:
        if not self.came:
            self.came = True
            self.other()
        return self.register.work()
