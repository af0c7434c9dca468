"""What a cell of a workbook may hold, and how one is read: forgiving blanks, full width and times of day.

A reader of a column takes the raw value of a cell and gives the value that is stored, ``None`` for an empty cell, or a
:class:`Wrong` with the code of the first rule that the cell breaks. It never guesses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from compliance.core.model import Cell, Column
from compliance.kernel.quantity import to_micro
from compliance.kernel.text import illegal
from compliance.rulebase.schema import Vocabulary


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell whose value cannot be taken: a formula, an error value, or something no reader understands."""

    reason: str


FORMULA = BadCell("formula")
ERROR_VALUE = BadCell("error-value")
UNREADABLE = BadCell("unreadable")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that breaks a rule: the code of the rule, what the message quotes, and what would be admitted."""

    code: str
    given: str = ""
    admitted: str = ""


#: Stands in a row for a cell that has an error: it is not used to examine other cells.
ERRONEOUS = Wrong("erroneous")

Reader = Callable[[object], object]

#: Blanks that people leave before and after a text.
BLANKS = " \t\r\n\u00a0\u3000"
#: Full-width digits and Latin letters, and nothing else of that block.
_FOLD = {
    wide: narrow
    for first, last, start in (("0", "9", 0xFF10), ("A", "Z", 0xFF21), ("a", "z", 0xFF41))
    for wide, narrow in enumerate(range(ord(first), ord(last) + 1), start)
}
_MONTH = re.compile(r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])")
_YEAR = re.compile(r"(?!0000)[0-9]{4}")
#: A message quotes no more of a cell than this.
_QUOTED = 40


def trimmed(text: str) -> str:
    """Drop the blanks around a text; its lines end with a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip(BLANKS)


def folded(text: str) -> str:
    """Drop the blanks around a text and fold full-width digits and letters."""
    text = text.strip(BLANKS)
    return text if text.isascii() else text.translate(_FOLD)


def is_blank(raw: object) -> bool:
    """Whether a cell counts as empty."""
    return raw is None or (isinstance(raw, str) and not trimmed(raw))


def quoted(raw: object) -> str:
    """A cell's value as a message shows it."""
    text = trimmed(raw) if isinstance(raw, str) else as_text(raw)
    return text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"


def some(words: Sequence[str]) -> str:
    """Admitted words as a message names them: the first of them, and that there are more."""
    return "、".join(words[:_NAMED]) + ("…" if len(words) > _NAMED else "")


#: Words that a message names at most.
_NAMED = 12


def as_text(raw: object) -> str:
    """Any value as text: days ISO, numbers in plain decimals, logical values as a sheet shows them."""
    match raw:
        case bool():
            return str(raw).upper()
        case datetime():
            return raw.date().isoformat()
        case date():
            return raw.isoformat()
        case Decimal():
            return _plain(raw)
        case float():
            return _plain(Decimal(str(raw)))
        case _:
            return str(raw)


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def reader_of(column: Column, vocabulary: Vocabulary | None) -> Reader:
    """The reader of a column, with the words that it admits."""
    words = None if vocabulary is None else [w.zh for w in vocabulary.words]
    match column.cell:
        case Cell.DAY:
            return _day
        case Cell.QUANTITY:
            return _quantity
        case Cell.SIGNED:
            return _signed
        case Cell.MONTH:
            return _matching(_MONTH, "not-a-month")
        case Cell.YEAR:
            return _matching(_YEAR, "not-a-year")
        case Cell.ANY:
            return _any
        case Cell.FREE:
            return _texts(trimmed, words)
        case Cell.TEXT | Cell.PERIOD:
            return _texts(folded, words)


def period(text: str, *, yearly: bool | None) -> Wrong | None:
    """What is wrong with a period: a year where the obligation is yearly, else a month (either where unknown)."""
    if yearly is not False and _YEAR.fullmatch(text):
        return None
    if yearly is not True and _MONTH.fullmatch(text):
        return None
    return Wrong("not-a-year" if yearly else "not-a-month", quoted(text))


def _day(raw: object) -> object:
    match raw:
        case datetime():
            return raw.date()
        case date():
            return raw
    return _otherwise(raw, "not-a-day")


def _quantity(raw: object) -> object:
    value = _signed(raw)
    return Wrong("negative", quoted(raw)) if isinstance(value, int) and value < 0 else value


def _signed(raw: object) -> object:
    match raw:
        case Decimal():
            number = raw
        case bool():
            return Wrong("not-a-number", quoted(raw))
        case int() | float():
            number = Decimal(str(raw))
        case _:
            return _otherwise(raw, "not-a-number")
    try:
        return to_micro(number)
    except (ValueError, ArithmeticError):
        return Wrong("too-many-digits", quoted(raw))


def _matching(pattern: re.Pattern[str], code: str) -> Reader:
    def read(raw: object) -> object:
        if not isinstance(raw, str):
            return _otherwise(raw, code)
        text = folded(raw)
        return text if pattern.fullmatch(text) else _otherwise(raw, code)

    return read


def _texts(clean: Callable[[str], str], listed: Sequence[str] | None) -> Reader:
    """A reader of texts; each distinct text is cleaned once, as a column repeats few of them."""
    known: dict[str, object] = {}
    words = None if listed is None else frozenset(listed)

    def read(raw: object) -> object:
        if not isinstance(raw, str):
            return _otherwise(raw, "not-text")
        value = known.get(raw, known)
        if value is known:
            text = clean(raw)
            value = _kept(text)
            if isinstance(value, str) and words is not None and text not in words:
                value = Wrong("not-in-list", quoted(raw), some(listed or ()))
            if len(known) < _REMEMBERED:
                known[raw] = value
        return value

    return read


_REMEMBERED = 10_000


def _any(raw: object) -> object:
    """Anything is kept as it is: the company's days must be real days, which their text no longer shows."""
    if isinstance(raw, BadCell):
        return Wrong(raw.reason)
    return _kept(trimmed(raw)) if isinstance(raw, str) else raw


def _kept(text: str) -> object:
    """A text, nothing for an empty one, an error for one that no database and no document can carry."""
    bad = illegal(text)
    return Wrong("bad-character", f"U+{ord(bad):04X}") if bad else text or None


def _otherwise(raw: object, code: str) -> Wrong | None:
    """A value of the wrong kind: nothing if blank, a bad cell's own reason, else the code."""
    if isinstance(raw, BadCell):
        return Wrong(raw.reason)
    return None if is_blank(raw) else Wrong(code, quoted(raw))
