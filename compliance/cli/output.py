"""What commands print: JSON alone on stdout, words for people otherwise, messages on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from enum import Enum
from io import TextIOWrapper
from unicodedata import east_asian_width

from compliance.kernel.text import Text

#: Exit codes of the contract.
DONE, PROBLEMS, WRONG_USE, CANNOT = 0, 1, 2, 3


def _plain(value: object) -> object:
    match value:
        case Text():
            return {"zh": value.zh, "en": value.en}
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case _:
            return str(value)


def use_utf8() -> None:
    """Speak UTF-8 whatever the locale: JSON is UTF-8 by the contract, and messages are Chinese first."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace" if stream is sys.stderr else "strict")


def print_json(value: object) -> None:
    """Print one JSON value, UTF-8."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=_plain) + "\n")


def say(text: Text | str) -> None:
    """Tell a person something on stderr."""
    sys.stderr.write(f"{text}\n")


def progress(done: int, of: int, what: str) -> None:
    """Show how far long work is, where somebody looks."""
    if sys.stderr.isatty():
        filled = 30 * done // max(of, 1)
        sys.stderr.write(f"\r[{'█' * filled}{'░' * (30 - filled)}] {done}/{of} {what:<24.24}")
        if done >= of:
            sys.stderr.write("\n")


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print an aligned table; Chinese counts two columns a character."""
    cells = [tuple(headings), *(tuple("" if c is None else str(_shown(c)) for c in row) for row in rows)]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(headings))]
    for row in cells:
        line = "  ".join(cell + " " * (w - _width(cell)) for cell, w in zip(row, widths, strict=True))
        sys.stdout.write(line.rstrip() + "\n")


def _shown(value: object) -> object:
    return value.zh if isinstance(value, Text) else value.value if isinstance(value, Enum) else value


def _width(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)
