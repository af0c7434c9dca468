"""What a page's address asks for: days, words and positions, read without trust."""

from __future__ import annotations

import re
from datetime import date

from flask import request

from compliance.core.judged import OccurrenceState
from compliance.kernel.clock import FIRST_YEAR, LAST_YEAR

_LONGEST = 200
_MONTH = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")


def word(name: str) -> str:
    """A short text; control characters and excess are dropped."""
    value = request.args.get(name, "")[:_LONGEST]
    return "".join(c for c in value if c.isprintable()).strip()


def day(name: str) -> date | None:
    """An ISO day within reason, else nothing."""
    try:
        value = date.fromisoformat(word(name))
    except ValueError:
        return None
    return value if FIRST_YEAR <= value.year <= LAST_YEAR else None


def month(name: str, default: date) -> date:
    """First day of an asked month (``YYYY-MM``), else of the default's month."""
    found = _MONTH.match(word(name))
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return default.replace(day=1)
    return date(int(found[1]), int(found[2]), 1)


def year(name: str, default: int) -> int:
    """An asked year within reason, else the default."""
    value = word(name)
    if not re.fullmatch(r"\d{4}", value) or not FIRST_YEAR <= int(value) <= LAST_YEAR:
        return default
    return int(value)


def states(name: str = "state") -> tuple[OccurrenceState, ...]:
    """The asked states that exist."""
    known = {s.value: s for s in OccurrenceState}
    return tuple(dict.fromkeys(known[v] for v in request.args.getlist(name) if v in known))
