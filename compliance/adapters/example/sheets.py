"""A workbook in memory: sheets of cells, made from the row types of the model, and written as .xlsx."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from compliance.adapters.example.days import add_months, month_end
from compliance.adapters.example.words import layout
from compliance.core.model import SHEETS, Row
from compliance.core.model import Sheet as Declared

Cell = str | int | float | date | None
#: Row 0 holds the headings.
Sheet = list[list[Cell]]
Workbook = dict[str, Sheet]
#: The cells of one row by field name.
Cells = dict[str, Cell]


@dataclass
class Book:
    """Rows under construction, as they stand on ``today``: what happens later is left out or emptied."""

    today: date
    rows: dict[type[Row], list[Cells]] = field(default_factory=lambda: {kind: [] for kind in SHEETS})

    def add(self, kind: type[Row], **cells: Cell) -> None:
        """Add a row, unless its deciding day is after today."""
        row = dict.fromkeys(c.name for c in kind.SHEET.columns) | cells
        if len(row) > len(kind.SHEET.columns):
            raise KeyError(kind.__name__, sorted(cells))
        if self._is_there(kind.SHEET, row):
            self._empty_later(kind.SHEET, row)
            self.rows[kind].append(row)

    def of(self, kind: type[Row], **equal: Cell) -> Iterator[Cells]:
        """The rows of a type whose cells equal those given."""
        return (row for row in self.rows[kind] if all(row[k] == v for k, v in equal.items()))

    def _is_there(self, sheet: Declared, row: Cells) -> bool:
        days = [d for name in sheet.decides if (d := _day(row[name])) is not None]
        if not days:
            return True
        return (min(days) if sheet.earliest else days[0]) <= self.today

    def _empty_later(self, sheet: Declared, row: Cells) -> None:
        for emptied in sheet.empties:
            day = row[emptied.by]
            if isinstance(day, date) and day > self.today:
                row.update(dict.fromkeys((emptied.by, *emptied.also)))

    def workbook(self) -> Workbook:
        """The sheets in the order in which they are read."""
        kinds = {kind.__name__: kind for kind in SHEETS}
        return {kinds[name].SHEET.heading: self._sheet(kinds[name]) for name in layout()["order"]}

    def _sheet(self, kind: type[Row]) -> Sheet:
        columns = kind.SHEET.columns
        heads: list[Cell] = [column.heading for column in columns]
        return [heads, *([row[column.name] for column in columns] for row in self.rows[kind])]


def _day(cell: Cell) -> date | None:
    """The day of a cell; a month or a year counts as its last day."""
    if isinstance(cell, date):
        return cell
    if not isinstance(cell, str):
        return None
    year, _, month = cell.partition("-")
    return month_end(add_months(date(int(year), 1, 1), int(month or 12) - 1))


def write(workbook: Workbook, path: Path) -> None:
    """Write a real .xlsx: days as dates of Excel, numbers as numbers, the headings in row 1."""
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False}) as book:
        day, head = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"bold": True})
        # A fixed day of making: the same workbook gives the same bytes.
        book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001 - a format without zones
        for name, rows in workbook.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(rows[0]), 13)
            sheet.write_row(0, 0, rows[0], head)
            for number, row in enumerate(rows[1:], 1):
                for place, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(number, place, cell, day)
                    elif isinstance(cell, str):
                        sheet.write_string(number, place, cell)
                    elif cell is not None:
                        sheet.write_number(number, place, cell)
