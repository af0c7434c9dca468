"""One sheet read cell by cell: headings found, rows cleaned, and what is wrong with each cell on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from compliance.core.imports.cells import (
    ERRONEOUS,
    BadCell,
    Reader,
    Wrong,
    as_text,
    folded,
    is_blank,
    period,
    quoted,
    reader_of,
)
from compliance.core.imports.problems import DataProblem, Problems
from compliance.core.model import FILING_OBLIGATION, Cell, Column, Row, Sheet
from compliance.rulebase.schema import Vocabulary

#: The words of an obligation column whose periods are years.
_YEARLY = "yearly-filing-obligation"
#: Rows between two reports of progress.
_STEP = 5_000

Vocabularies = Mapping[str, Vocabulary]


class Line(NamedTuple):
    """A row of the file: its number, and its values in the order of the sheet's columns."""

    number: int
    values: list[object]


@dataclass(slots=True)
class Table:
    """A sheet that was read; ``present`` are the fields whose columns the file has."""

    kind: type[Row]
    problems: Problems
    present: frozenset[str] = frozenset()
    lines: list[Line] = field(default_factory=list)

    @property
    def sheet(self) -> Sheet:
        """The declaration of the sheet."""
        return self.kind.SHEET

    def place(self, name: str) -> int:
        """Where a field stands in the values of a line."""
        return next(i for i, c in enumerate(self.sheet.columns) if c.name == name)

    def wrong(self, line: Line, place: int, code: str, given: object = "", admitted: str = "") -> None:
        """Report a cell and take its value away from every later examination."""
        heading = self.sheet.columns[place].heading
        shown = given if isinstance(given, str) else as_text(given)
        self.problems.add(DataProblem(self.sheet.heading, line.number, heading, code, quoted(shown), admitted=admitted))
        line.values[place] = ERRONEOUS

    def given(self, name: str) -> Iterator[object]:
        """The values of a field that are there and right."""
        place = self.place(name)
        for line in self.lines:
            value = line.values[place]
            if value is not None and value is not ERRONEOUS:
                yield value


class _Place(NamedTuple):
    """A column of the file: where it stands in the row, where its field stands, and how it is read."""

    at: int
    position: int
    read: Reader


def read_table(
    kind: type[Row],
    rows: Iterable[Sequence[object]],
    vocabularies: Vocabularies,
    problems: Problems,
    tick: Callable[[int], None],
) -> Table:
    """Read a sheet; ``tick`` is told the number of rows from time to time."""
    lines = iter(rows)
    table = Table(kind, problems)
    places, others = _headings(table, next(lines, ()), vocabularies)
    table.present = frozenset(kind.SHEET.columns[p.position].name for p in places)
    for number, row in enumerate(lines, 2):
        if row:
            _read_row(table, number, row, places)
            _without_heading(table, row, others)
        if number % _STEP == 0:
            tick(number)
    _keys_filled(table)
    _periods(table, vocabularies)
    return table


def _headings(table: Table, row: Sequence[object], vocabularies: Vocabularies) -> tuple[list[_Place], set[int]]:
    """The columns of the file, and the columns that have a heading or were reported."""
    positions = {c.heading: i for i, c in enumerate(table.sheet.columns)}
    found: dict[str, _Place] = {}
    seen: set[int] = set()
    for index, raw in enumerate(row):
        if is_blank(raw):
            continue
        seen.add(index)
        heading = folded(raw) if isinstance(raw, str) else None
        if heading is None or heading not in positions:
            shown = column_letters(index) if isinstance(raw, BadCell) else quoted(raw)
            _column_problem(table, shown, "column-unknown")
        elif heading in found:
            _column_problem(table, heading, "column-twice")
        else:
            column = table.sheet.columns[positions[heading]]
            found[heading] = _Place(index, positions[heading], _reader(column, vocabularies))
    for heading in positions:
        if heading not in found:
            _column_problem(table, heading, "column-absent")
    return list(found.values()), seen


def _reader(column: Column, vocabularies: Vocabularies) -> Reader:
    return reader_of(column, vocabularies[column.vocabulary] if column.vocabulary else None)


def _column_problem(table: Table, heading: str, code: str) -> None:
    table.problems.add(DataProblem(table.sheet.heading, 1, heading, code))


def _read_row(table: Table, number: int, row: Sequence[object], places: list[_Place]) -> None:
    values: list[object] = [None] * len(table.sheet.columns)
    width = len(row)
    bad: list[tuple[int, Wrong]] = []
    empty = True
    for index, position, read in places:
        if index >= width:
            continue
        value = read(row[index])
        if value is None:
            continue
        empty = False
        if type(value) is Wrong:
            bad.append((position, value))
        values[position] = value
    if empty and all(is_blank(v) for v in row):
        return
    line = Line(number, values)
    table.lines.append(line)
    for position, wrong in bad:
        table.wrong(line, position, wrong.code, wrong.given, wrong.admitted)


def _without_heading(table: Table, row: Sequence[object], seen: set[int]) -> None:
    """Data under no heading would be dropped silently: the column is unknown, by its letter."""
    if len(row) <= len(seen):
        return
    for index, raw in enumerate(row):
        if index not in seen and not is_blank(raw):
            seen.add(index)
            _column_problem(table, column_letters(index), "column-unknown")


def column_letters(index: int) -> str:
    """The letters of a column as a spreadsheet shows them, from 0."""
    text = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _keys_filled(table: Table) -> None:
    places = [table.place(name) for name in table.sheet.key if name in table.present]
    for line in table.lines:
        for place in places:
            if line.values[place] is None:
                table.wrong(line, place, "key-empty")


def _periods(table: Table, vocabularies: Vocabularies) -> None:
    """Periods are years or months by the obligation of their row."""
    columns = table.sheet.columns
    periods = [i for i, c in enumerate(columns) if c.cell is Cell.PERIOD]
    if not periods:
        return
    obligation = next(i for i, c in enumerate(columns) if c.vocabulary == FILING_OBLIGATION)
    years = {w.zh for w in vocabularies[_YEARLY].words}
    for line in table.lines:
        owner = line.values[obligation]
        yearly = owner in years if isinstance(owner, str) else None
        for place in periods:
            value = line.values[place]
            if isinstance(value, str) and (wrong := period(value, yearly=yearly)):
                table.wrong(line, place, wrong.code, wrong.given)
