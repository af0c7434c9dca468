"""Examines a whole workbook before anything is written: all that is wrong at once, or the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from compliance.core.imports.cells import as_text
from compliance.core.imports.company import Company, PlantFacts
from compliance.core.imports.problems import DataProblem, Problems
from compliance.core.imports.references import examine_references
from compliance.core.imports.tables import Table, Vocabularies, read_table
from compliance.core.model import SHEETS, Cell, CompanyItem, Row
from compliance.core.ports import Progress

#: A step for each sheet; then compare, file and write.
STEPS = len(SHEETS) + 3

Sheets = Iterable[tuple[str, Iterable[Sequence[object]]]]


@dataclass(frozen=True, slots=True)
class Examined:
    """What a workbook holds: rows and their numbers in the file by type, or problems and nothing else.

    ``more`` counts problems beyond those kept.
    """

    rows: Mapping[type[Row], Sequence[Row]]
    numbers: Mapping[type[Row], Sequence[int]]
    problems: tuple[DataProblem, ...]
    facts: PlantFacts | None
    more: int = 0


def examine(sheets: Sheets, vocabularies: Vocabularies, progress: Progress) -> Examined:
    """Read every sheet and examine every cell; nothing is guessed, and nothing is used that has an error."""
    problems = Problems()
    tables, names = _read(sheets, vocabularies, problems, progress)
    company = Company(tables.get(CompanyItem), vocabularies)
    facts = company.facts()
    examine_references(tables, vocabularies, facts.data_end if facts else company.data_end())
    if problems:
        return Examined({}, {}, _in_order(problems, names), None, problems.more)
    rows = {kind: _rows(table) for kind, table in tables.items()}
    numbers = {kind: [line.number for line in table.lines] for kind, table in tables.items()}
    return Examined(rows, numbers, (), facts)


def _read(
    sheets: Sheets, vocabularies: Vocabularies, problems: Problems, progress: Progress
) -> tuple[dict[type[Row], Table], list[str]]:
    """The tables of the file, and the names of its sheets in their order."""
    names: list[str] = []
    kinds = {kind.SHEET.heading: kind for kind in SHEETS}
    found: dict[type[Row], Table] = {}
    for name, rows in sheets:
        names.append(name)
        kind = kinds.get(name)
        if kind is None or kind in found:
            problems.add(DataProblem(name, None, None, "sheet-unknown"))
            continue
        tick = partial(_tick, progress, len(found), name)
        tick(0)
        found[kind] = read_table(kind, rows, vocabularies, problems, tick)
    for kind in SHEETS:
        if kind not in found and not kind.SHEET.optional:
            problems.add(DataProblem(kind.SHEET.heading, None, None, "sheet-absent"))
    return found, names


def _tick(progress: Progress, done: int, name: str, rows: int) -> None:
    progress(done, STEPS, f"{name} {rows:,}" if rows else name)


def _rows(table: Table) -> list[Row]:
    columns = table.sheet.columns
    names = [c.name for c in columns]
    anything = [i for i, c in enumerate(columns) if c.cell is Cell.ANY]
    made = []
    for line in table.lines:
        for i in anything:
            if line.values[i] is not None:
                line.values[i] = as_text(line.values[i])
        made.append(table.kind(**dict(zip(names, line.values, strict=True))))
    return made


def _in_order(problems: Problems, names: Sequence[str]) -> tuple[DataProblem, ...]:
    """As a person goes through the file: sheet by sheet, row by row, column by column; absent sheets last."""
    sheets = {name: i for i, name in enumerate(names)}
    columns = {(k.SHEET.heading, c.heading): i for k in SHEETS for i, c in enumerate(k.SHEET.columns)}

    def place(problem: DataProblem) -> tuple[int, int, int]:
        column = columns.get((problem.sheet, problem.column or ""), -1)
        return sheets.get(problem.sheet, len(sheets)), problem.row or 0, column

    return tuple(sorted(problems, key=place))
