"""Who held which post on which day, in which department a person was, and who stood in for whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from compliance.core.model import PersonPeriod

#: What joins several values in one cell of the workbook.
SEPARATOR = "、"


def listed(cell: str | None) -> tuple[str, ...]:
    """The values that a cell joins, blanks and empty ones left out."""
    return tuple(word for part in (cell or "").split(SEPARATOR) if (word := part.strip()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Somebody is away from ``since`` to ``until`` (both included), and the deputy holds the posts in the meantime.

    ``set_by`` and ``ended_by`` are sign-ins. An absence that was ended does not run from ``ended_on`` on.
    """

    id: int
    absent: str
    deputy: str
    since: date
    until: date
    reason: str
    set_by: str
    set_at: str
    ended_on: date | None = None
    ended_by: str | None = None

    def runs(self, on: date) -> bool:
        """Whether the deputy stands in on a day."""
        return self.since <= on <= self.until and (self.ended_on is None or on < self.ended_on)

    def stands(self, on: date) -> bool:
        """Whether it runs on a day or will run later."""
        return self.ended_on is None and on <= self.until

    def overlaps(self, since: date, until: date) -> bool:
        """Whether it stands on a day of a span."""
        return self.ended_on is None and self.since <= until and since <= self.until


class People:
    """The periods of every account of a plant, and the absences of its persons."""

    def __init__(self, periods: Iterable[PersonPeriod], absences: Iterable[Absence] = ()) -> None:
        """Group the periods by account; two persons may share a name, never an account."""
        self._periods: dict[str, list[PersonPeriod]] = defaultdict(list)
        for period in periods:
            self._periods[period.account].append(period)
        self._absences = tuple(absences)

    def standing_in(self, deputy: str, on: date) -> list[Absence]:
        """The absences in which an account is the deputy on a day."""
        return [a for a in self._absences if a.deputy == deputy and a.runs(on)]

    def absence(self, account: str, on: date) -> Absence | None:
        """The absence of an account on a day."""
        return next((a for a in self._absences if a.absent == account and a.runs(on)), None)

    def name(self, account: str) -> str:
        """The latest name of an account; the account itself where there is none."""
        periods = sorted(self._periods.get(account, ()), key=lambda p: p.since, reverse=True)
        return next((p.name for p in periods if p.name), account)

    def turns(self, account: str) -> set[date]:
        """The days on which something about an account's posts may change."""
        return {day for p in self._periods.get(account, ()) for day in (p.since, p.until) if day is not None}

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
