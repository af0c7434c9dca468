"""Who held which post on which day, and in which department a person was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from compliance.core.model import PersonPeriod

#: What joins several values in one cell of the workbook.
SEPARATOR = "、"


def listed(cell: str | None) -> tuple[str, ...]:
    """The values that a cell joins, blanks and empty ones left out."""
    return tuple(word for part in (cell or "").split(SEPARATOR) if (word := part.strip()))


class People:
    """The periods of every account of a plant."""

    def __init__(self, periods: Iterable[PersonPeriod]) -> None:
        """Group the periods by account; two persons may share a name, never an account."""
        self._periods: dict[str, list[PersonPeriod]] = defaultdict(list)
        for period in periods:
            self._periods[period.account].append(period)

    def holds(self, account: str, words: Collection[str], on: date) -> bool:
        """Whether the person holds a post, known by any of the words, on a day."""
        return any(not set(words).isdisjoint(listed(p.posts)) for p in self._covering(account, on))

    def posts(self, account: str, on: date) -> tuple[str, ...]:
        """The words for the person's posts on a day."""
        return tuple(dict.fromkeys(word for p in self._covering(account, on) for word in listed(p.posts)))

    def here(self, account: str, on: date) -> bool:
        """Whether the plant has the person on a day."""
        return any(True for _ in self._covering(account, on))

    def department(self, account: str, on: date) -> str | None:
        """The department of the person on a day."""
        return next((p.department for p in self._covering(account, on)), None)

    def _covering(self, account: str, on: date) -> Iterable[PersonPeriod]:
        return (p for p in self._periods.get(account, ()) if p.since <= on and (p.until is None or on <= p.until))
