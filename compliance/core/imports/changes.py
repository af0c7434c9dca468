"""What an import would change: the file's rows against the stored ones, by natural key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from compliance.core.imports.cells import as_text
from compliance.core.imports.examine import Examined
from compliance.core.imports.problems import DataProblem
from compliance.core.model import Cell, Column, Row
from compliance.core.ports import Tables
from compliance.kernel.quantity import from_micro


class Correction(NamedTuple):
    """A stored row and what the file says instead; ``number`` is the row of the file."""

    number: int
    old: Row
    new: Row


@dataclass(frozen=True, slots=True)
class SheetCount:
    """How the rows of one sheet compare with what was stored."""

    rows: int
    added: int
    changed: int

    @property
    def unchanged(self) -> int:
        """Rows that are stored just so already."""
        return self.rows - self.added - self.changed

    def as_json(self) -> dict[str, int]:
        """The shape of the command line's answer."""
        return {"rows": self.rows, "added": self.added, "changed": self.changed, "unchanged": self.unchanged}


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows to add and rows to correct, by type; a key that is not in the file stays as it is."""

    added: Mapping[type[Row], Sequence[Row]]
    changed: Mapping[type[Row], Sequence[Correction]]
    counts: Mapping[str, SheetCount]

    def __bool__(self) -> bool:
        """Whether anything would be written."""
        return bool(self.added or self.changed)

    def corrections(self) -> Iterator[DataProblem]:
        """Every cell that would be corrected, old → new, with its place in the file."""
        for kind, pairs in self.changed.items():
            for pair in pairs:
                yield from _cells(kind, pair)


def compare(examined: Examined, stored: Tables) -> Changes:
    """Compare the rows of a file with the stored ones."""
    added: dict[type[Row], Sequence[Row]] = {}
    changed: dict[type[Row], Sequence[Correction]] = {}
    counts: dict[str, SheetCount] = {}
    for kind, rows in examined.rows.items():
        new, other = _compare(rows, examined.numbers[kind], stored.get(kind, ()))
        if new:
            added[kind] = new
        if other:
            changed[kind] = other
        counts[kind.SHEET.heading] = SheetCount(len(rows), len(new), len(other))
    return Changes(added, changed, counts)


def _compare(rows: Sequence[Row], numbers: Sequence[int], stored: Sequence[Row]) -> tuple[list[Row], list[Correction]]:
    known = {row.key(): row for row in stored}
    if not known:
        return list(rows), []
    new: list[Row] = []
    other: list[Correction] = []
    for row, number in zip(rows, numbers, strict=True):
        old = known.get(row.key())
        if old is None:
            new.append(row)
        elif old != row:
            other.append(Correction(number, old, row))
    return new, other


def _cells(kind: type[Row], pair: Correction) -> Iterator[DataProblem]:
    for column in kind.SHEET.columns:
        old, new = getattr(pair.old, column.name), getattr(pair.new, column.name)
        if old != new:
            given = f"{_shown(column, old)} → {_shown(column, new)}"
            yield DataProblem(kind.SHEET.heading, pair.number, column.heading, "correction", given)


def _shown(column: Column, value: object) -> str:
    if value is None:
        return "（空）"
    if column.cell in (Cell.QUANTITY, Cell.SIGNED) and isinstance(value, int):
        return format(from_micro(value), "f")
    return as_text(value)
