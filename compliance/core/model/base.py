"""How a sheet, its row type and its table are declared once.

A row type is a frozen dataclass whose fields are made by :func:`column`. From it follow the sheet of the workbook
(headings, types, admitted words, references), the table of the register and the typed rows that derivations read.
Standard-given words never stand here: a column names the vocabulary of ``rules/`` that admits its words.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from itertools import repeat
from typing import Any, TypeVar


class Cell(StrEnum):
    """What a column holds."""

    TEXT = "text"  # normalised text: full-width digits and letters folded
    FREE = "free"  # free text, kept as written
    DAY = "day"
    QUANTITY = "quantity"  # integer of 10⁻⁶ units, never negative
    SIGNED = "signed"  # the same, may be negative
    MONTH = "month"  # YYYY-MM
    YEAR = "year"  # YYYY
    PERIOD = "period"  # YYYY-MM or YYYY, by the obligation's cadence
    ANY = "any"  # content of the key/value sheet


class Refers(StrEnum):
    """What the words of a column must exist as."""

    NOTHING = ""
    ACCOUNT = "account"
    ACCOUNTS = "accounts"  # several, joined by 、
    LINE = "line"  # a production line
    LINE_OR_PLANT = "line-or-plant"  # a line or the whole plant
    INSTRUMENT = "instrument"
    LABORATORY = "laboratory"
    TRADE = "trade"
    DEPARTMENT = "department"  # by name


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet. ``ends`` names the field whose day this column's day may not precede."""

    name: str
    heading: str
    cell: Cell
    refers: Refers = Refers.NOTHING
    vocabulary: str = ""
    ends: str = ""


@dataclass(frozen=True, slots=True)
class Emptied:
    """As of D a day after D in ``by`` counts as empty, together with ``also``.

    ``state`` is then the id of the word that the sheet's ``state`` column reads (the first emptied column decides).
    """

    by: str
    also: tuple[str, ...] = ()
    state: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of the workbook and its table. ``decides``: fields whose first given day decides if a row is there.

    ``earliest``: the deciding day is the earliest of the fields given, instead of the first named. ``optional``: a
    workbook may lack it.
    """

    heading: str
    table: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    decides: tuple[str, ...] = ()
    earliest: bool = False
    empties: tuple[Emptied, ...] = ()
    optional: bool = False

    def column(self, name: str) -> Column:
        """The column of a field."""
        return next(c for c in self.columns if c.name == name)


class Row:
    """Base of the row types; ``SHEET`` is filled by :func:`sheet`."""

    __slots__ = ()
    SHEET: Sheet

    def key(self) -> tuple[Any, ...]:
        """The natural key of the row within its plant."""
        return tuple(getattr(self, name) for name in type(self).SHEET.key)


R = TypeVar("R", bound=Row)


def rows_of(kind: type[R], count: int, columns: Iterable[Iterable[Any]]) -> list[R]:
    """So many rows of a type from its columns in their order: what its constructor makes, a column at a time."""
    rows = list(map(object.__new__, repeat(kind, count)))
    for column_, values in zip(kind.SHEET.columns, columns, strict=count > 0):
        deque(map(getattr(kind, column_.name).__set__, rows, values), maxlen=0)
    return rows


#: Every row type in the order of the workbook.
SHEETS: list[type[Row]] = []


def column(
    heading: str,
    cell: Cell = Cell.TEXT,
    *,
    refers: Refers = Refers.NOTHING,
    words: str = "",
    ends: str = "",
) -> Any:  # noqa: ANN401 - a dataclass field takes the type of its annotation
    """Declare the column of a field."""
    return field(metadata={"heading": heading, "cell": cell, "refers": refers, "words": words, "ends": ends})


def day(heading: str, *, ends: str = "") -> Any:  # noqa: ANN401 - as above
    """Declare a column of days."""
    return column(heading, Cell.DAY, ends=ends)


def quantity(heading: str) -> Any:  # noqa: ANN401 - as above
    """Declare a column of quantities that are never negative, in 10⁻⁶ units."""
    return column(heading, Cell.QUANTITY)


def account(heading: str) -> Any:  # noqa: ANN401 - as above
    """Declare a column that names a person by account."""
    return column(heading, refers=Refers.ACCOUNT)


def sheet(
    heading: str,
    table: str,
    key: tuple[str, ...],
    *,
    decides: tuple[str, ...] = (),
    earliest: bool = False,
    empties: tuple[Emptied, ...] = (),
    optional: bool = False,
) -> Callable[[type[R]], type[R]]:
    """Make a row class the declaration of a sheet."""

    def declare(cls: type[R]) -> type[R]:
        columns = tuple(
            Column(f.name, m["heading"], m["cell"], m["refers"], m["words"], m["ends"])
            for f in fields(cls)  # type: ignore[arg-type] # every row type is a dataclass
            if (m := f.metadata)
        )
        cls.SHEET = Sheet(heading, table, key, columns, decides, earliest, empties, optional)
        SHEETS.append(cls)
        return cls

    return declare
