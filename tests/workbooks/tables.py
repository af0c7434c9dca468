"""A workbook as rows that tests may change."""

from __future__ import annotations

from datetime import date, timedelta

from compliance.adapters.example import Cell, Workbook

Row = dict[str, Cell]


class Tables:
    """The sheets of a workbook as lists of rows by heading."""

    def __init__(self, workbook: Workbook) -> None:
        self._heads = {name: [str(head) for head in sheet[0]] for name, sheet in workbook.items()}
        self._rows = {
            name: [dict(zip(self._heads[name], cells, strict=True)) for cells in sheet[1:]]
            for name, sheet in workbook.items()
        }

    def workbook(self) -> Workbook:
        """The workbook as it is now."""
        out: Workbook = {}
        for name, rows in self._rows.items():
            heads: list[Cell] = list(self._heads[name])
            out[name] = [heads, *([row[head] for head in self._heads[name]] for row in rows)]
        return out

    def rows(self, sheet: str, **equal: Cell) -> list[Row]:
        """The rows whose cells equal those given."""
        return [row for row in self._rows[sheet] if all(row[k] == v for k, v in equal.items())]

    def one(self, sheet: str, **equal: Cell) -> Row:
        """The first such row."""
        return self.rows(sheet, **equal)[0]

    def last(self, sheet: str, **equal: Cell) -> Row:
        """The last such row."""
        return self.rows(sheet, **equal)[-1]

    def add(self, sheet: str, like: Row | None = None, **cells: Cell) -> Row:
        """Add a row, like another one but for the cells given."""
        row = dict.fromkeys(self._heads[sheet]) | (like or {}) | cells
        assert len(row) == len(self._heads[sheet]), cells
        self._rows[sheet].append(row)
        return row

    def drop(self, sheet: str, **equal: Cell) -> None:
        """Remove the rows whose cells equal those given."""
        gone = {id(row) for row in self.rows(sheet, **equal)}
        self._rows[sheet] = [row for row in self._rows[sheet] if id(row) not in gone]

    def keep_only(self, sheet: str, rows: list[Row]) -> None:
        """Keep only some rows of a sheet."""
        self._rows[sheet] = rows


def day(row: Row, column: str) -> date:
    """The day in a cell that is known to hold one."""
    cell = row[column]
    assert isinstance(cell, date), (column, cell)
    return cell


def after(start: date, days: int) -> date:
    """The day so many days later (or earlier)."""
    return start + timedelta(days=days)
