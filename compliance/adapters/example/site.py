"""The plant under construction, as all parts of the generator see it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from compliance.adapters.example.days import add_days, month_starts
from compliance.adapters.example.sheets import Book
from compliance.adapters.example.words import layout

#: Plants of at least so many months have a change of the deputy, a stop of the kiln and missing data.
LONG = 6


@dataclass
class Site:
    """One plant: its days, its lines, its chance and its rows."""

    today: date
    start: date
    lines: list[str]
    rng: random.Random
    book: Book
    #: The first day of the second deputy; None where the deputy never changes.
    handover: date | None
    persons: dict[str, str] = field(default_factory=lambda: {p["key"]: p["account"] for p in layout()["person"]})

    @property
    def last(self) -> date:
        """The last day with data."""
        return add_days(self.today, -1)

    @property
    def years(self) -> range:
        """The calendar years of the data."""
        return range(self.start.year, self.today.year + 1)

    def months(self) -> Iterator[date]:
        """The first days of the months of the data."""
        return month_starts(self.start, self.today)

    def person(self, key: str, on: date | None = None) -> str:
        """The account of the person who plays a part; the deputy's part changes hands."""
        if key == "deputy" and on is not None and self.handover is not None and on >= self.handover:
            key = "next_deputy"
        return self.persons[key]

    def day_at(self, thousandths: int) -> date:
        """A day so far on the way from the first to the last day of the data."""
        return add_days(self.start, (self.today - self.start).days * thousandths // 1000)
