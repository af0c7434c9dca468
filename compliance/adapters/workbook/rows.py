"""The rows of a worksheet, streamed from its XML.

A general reader of workbooks hides what an import must know: whether a cell is a formula (also one with a cached
value), and whether a day is a day. It also makes an object of every cell, which costs more than all our checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import isfinite
from typing import IO

from compliance.adapters.workbook.archive import DamagedWorkbook, TooLargeWorkbook
from compliance.adapters.workbook.xml import MAIN, parse, tags
from compliance.core.imports.cells import ERROR_VALUE, FORMULA, UNREADABLE

#: More rows, columns or text than any plant's sheet has; a stray cell in the last corner costs nothing.
MOST_ROWS = 400_000
MOST_COLUMNS = 100
MOST_CHARACTERS = 200_000_000
#: What a spreadsheet program itself admits in one cell.
LONGEST_CELL = 32_767

_TAG = tags(MAIN, ("row", "c", "v", "t", "f", "rPh"))
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DIGITS = "0123456789"
_LETTERS = re.compile(r"[A-Z]{1,3}")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MILLISECONDS = 86_400_000
_LAST_SERIAL = 2_958_465  # 9999-12-31
#: The 1900 system counts a 29 February 1900 that never was.
_PHANTOM = 60


def _letters(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


_COLUMNS = {_letters(n + 1): n for n in range(MOST_COLUMNS)}


def unescaped(text: str) -> str:
    """Resolve ``_xHHHH_`` where it stands for a character that XML admits."""
    return _ESCAPE.sub(_character, text) if "_x" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    legal = code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD  # noqa: PLR2004 - XML 1.0, 2.2
    return chr(code) if legal else match[0]


class Rows:
    """Reads one worksheet: a list of values a row, from the first row on; ``()`` for rows that hold nothing.

    ``strings`` are the shared texts, ``dated`` says of each cell style whether it shows a day.
    """

    def __init__(self, sheet: str, strings: Sequence[str], dated: Sequence[bool], first_day: date) -> None:
        self._sheet = sheet
        self._strings = strings
        self._dated = dated
        self._first_day = first_day
        self._days: dict[str, object] = {}
        self._done: list[Sequence[object]] = []
        self._emitted = self._number = self._characters = self._taken = 0
        self._row_text = ""
        self._cells: list[object] = []
        self._column = -1
        self._kind = "n"
        self._style = self._ref = ""
        self._formula = self._taking = self._phonetic = False
        self._parts: list[str] = []

    def read(self, stream: IO[bytes]) -> Iterator[Sequence[object]]:
        """Yield the rows."""
        for _ in parse(stream, self._start, self._end, self._text):
            yield from self._done
            self._done.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _TAG.get(name)
        if tag == "c":
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._ref = attributes.get("r", "")
            self._formula = False
            self._parts = []
            self._taken = 0
        elif tag == "v" or tag == "t":  # noqa: PLR1714 - twice as fast as a set, for every cell
            self._taking = (tag == "t") == (self._kind == "inlineStr") and not self._phonetic
        elif tag == "row":
            self._open_row(attributes.get("r"))
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._phonetic = True

    def _text(self, data: str) -> None:
        if self._taking:
            self._parts.append(data)
            self._taken += len(data)
            if self._taken > LONGEST_CELL:
                raise self._too_large()

    def _end(self, name: str) -> None:
        tag = _TAG.get(name)
        if tag == "c":
            self._close_cell()
        elif tag == "v" or tag == "t":  # noqa: PLR1714 - as above
            self._taking = False
        elif tag == "row":
            self._close_row()
        elif tag == "rPh":
            self._phonetic = False

    def _open_row(self, number: str | None) -> None:
        following = self._number + 1
        self._number = _whole(number) if number is not None else following
        if self._number < following:
            raise self._damaged()
        self._row_text = str(self._number)
        self._cells = []
        self._column = -1

    def _close_row(self) -> None:
        if not self._cells:
            return
        if self._number > MOST_ROWS:
            raise self._too_large()
        gap = self._number - 1 - self._emitted
        self._done.extend([()] * gap)
        self._done.append(self._cells)
        self._emitted = self._number

    def _close_cell(self) -> None:
        value = FORMULA if self._formula else self._value("".join(self._parts))
        column = self._place(value is not None)
        if value is None:
            return
        cells = self._cells
        if column > len(cells):
            cells.extend([None] * (column - len(cells)))
        cells.append(value)

    def _place(self, filled: bool) -> int:  # noqa: FBT001 - called for every cell
        """The column of the cell, from 0; columns beyond the limit matter only where they are filled."""
        if not self._ref:
            column = self._column + 1
        else:
            letters = self._ref.rstrip(_DIGITS)
            if self._ref[len(letters) :] != self._row_text:
                raise self._damaged()
            column = _COLUMNS.get(letters, MOST_COLUMNS)
            if column == MOST_COLUMNS and not _LETTERS.fullmatch(letters):
                raise self._damaged()
        if column >= MOST_COLUMNS:
            if filled:
                raise self._too_large()
            return column
        if column <= self._column:
            raise self._damaged()
        self._column = column
        return column

    def _value(self, raw: str) -> object:
        if not raw:
            return None
        match self._kind:
            case "s":
                return self._shared(raw)
            case "inlineStr" | "str":
                return self._counted(unescaped(raw))
            case "n":
                style = self._style
                dated = style != "" and self._is_dated(style)
                return self._day(raw) if dated else _number(raw)
            case "b":
                return raw.strip() in ("1", "true")
            case "d":
                return _iso_day(raw)
            case "e":
                return ERROR_VALUE
        raise self._damaged()

    def _shared(self, raw: str) -> str:
        index = _whole(raw)
        if index >= len(self._strings):
            raise self._damaged()
        return self._counted(self._strings[index])

    def _counted(self, text: str) -> str:
        """A few long texts that stand in a million cells are a bomb, too."""
        self._characters += len(text)
        if self._characters > MOST_CHARACTERS or len(text) > LONGEST_CELL:
            raise self._too_large()
        return text

    def _is_dated(self, style: str) -> bool:
        index = _whole(style)
        return index < len(self._dated) and self._dated[index]

    def _day(self, raw: str) -> object:
        known = self._days.get(raw)
        if known is None:
            known = self._days[raw] = _serial_day(raw, self._first_day)
        return known

    def _damaged(self) -> DamagedWorkbook:
        return DamagedWorkbook(part=f"{self._sheet} {self._row_text}")

    def _too_large(self) -> TooLargeWorkbook:
        return TooLargeWorkbook(sheet=self._sheet, rows=MOST_ROWS, columns=MOST_COLUMNS, cell=LONGEST_CELL)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - far beyond any row or style
        raise DamagedWorkbook(part=text[:20])
    return int(text)


def _number(raw: str) -> object:
    """The shortest decimal that the stored double prints as."""
    text = raw.strip()
    if not _NUMBER.fullmatch(text):
        return UNREADABLE
    value = float(text)
    return Decimal(repr(value)) if isfinite(value) else UNREADABLE


def _serial_day(raw: str, first_day: date) -> object:
    """The day of a serial number, its time of day dropped; what is no day stays a number."""
    number = _number(raw)
    if not isinstance(number, Decimal) or not 1 <= number <= _LAST_SERIAL:
        return number
    days = int(number)
    if round((number - days) * _MILLISECONDS) == _MILLISECONDS:
        days += 1  # the last half millisecond of a day is the next day, as spreadsheet programs show it
    if first_day.year == 1899 and days < _PHANTOM:  # noqa: PLR2004 - the 1900 system
        days += 1
    try:
        return first_day + timedelta(days=days)
    except OverflowError:
        return number


def _iso_day(raw: str) -> object:
    try:
        return date.fromisoformat(raw.strip()[:10])
    except ValueError:
        return UNREADABLE
