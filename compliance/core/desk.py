"""What the pages of daily work ask: rows as they were entered, words that references admit, notices, the group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from compliance.core.lists import Page
from compliance.core.model import Refers, Row
from compliance.core.notices import StoredNotice
from compliance.core.plants import Plant
from compliance.core.recording import DailyReads


@dataclass(frozen=True, slots=True)
class Word:
    """A value that a reference admits, and what people call it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantView:
    """How a plant of the group stands on a day. ``worst``: the earliest due day that was missed.

    ``grades``: open nonconformities by grade; ``late_actions``: actions after their day; ``unsigned``: months with a
    ledger that nobody approved; ``recorded``: the last day with a reading.
    """

    plant: Plant
    worst: date | None = None
    overdue: int = 0
    within_week: int = 0
    findings: int = 0
    late_actions: int = 0
    unsigned: int = 0
    recorded: date | None = None
    grades: Mapping[str, int] = field(default_factory=dict)

    @property
    def nonconformities(self) -> int:
        """Open nonconformities of every grade."""
        return sum(self.grades.values())


class DeskLists(DailyReads, Protocol):
    """Answers the pages of daily work; each question is one statement unless it says more."""

    def last_rows(self, plant: Plant, kind: type[Row], limit: int) -> Sequence[Row]:
        """The rows that were stored last, newest first."""
        ...

    def words(self, plant: Plant, refers: Sequence[Refers]) -> Mapping[Refers, Sequence[Word]]:
        """The values that references of these kinds admit; lines and items carry the names of the plant."""
        ...

    def notices_of(self, plant: Plant, person: str, after: str, limit: int) -> Page[StoredNotice]:
        """A page of a person's notices, newest first."""
        ...

    def notice(self, plant: Plant, person: str, number: int) -> StoredNotice | None:
        """One notice of a person."""
        ...

    def group_view(self, user: int, today: date, settled: Sequence[str]) -> Sequence[PlantView]:
        """Every plant that a person may see: two statements. ``settled``: states of nonconformities that are over."""
        ...
