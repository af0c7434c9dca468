"""What waits for a person: cases that the person may lead on, with everything that deciding so needs.

A page asks two questions at any size: the cases at hand with the person's own posts, then the duties that fall due with
those that the cases are about. Who may do what is decided in Python, for these rows only: a page takes no more of them
than it shows, of each state so many that one state does not hide the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from compliance.core.controlled import DocumentAtHand
from compliance.core.covering import CoveringLists
from compliance.core.desk import DeskLists
from compliance.core.judged import Nonconformity
from compliance.core.lists import Lists, OccurrenceRow
from compliance.core.model import PersonPeriod
from compliance.core.plants import Plant
from compliance.rulebase.casework import FieldValue, Taken

#: The most cases of each state, and the most of one's own, that one page looks at.
MOST_CASES = 30
MOST_OWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAtHand:
    """A case that is not settled; ``ticket`` or ``document`` is what it is on, worked or not; else an occurrence."""

    kind: str
    object_id: str
    state: str
    owner: str | None
    due: date | None
    ticket: Nonconformity | None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    taken: tuple[Taken, ...] = ()
    document: DocumentAtHand | None = None


@dataclass(frozen=True, slots=True)
class AtHand:
    """The periods of one person, and the cases to look at."""

    periods: tuple[PersonPeriod, ...]
    cases: tuple[CaseAtHand, ...]


class WaitingLists(Protocol):
    """Answers what waits for a person."""

    def at_hand(self, plant: Plant, account: str, states: Mapping[str, Sequence[str]]) -> AtHand:
        """Cases in these states of their kind, those of others and those of this account; the oldest of each state."""
        ...

    def duties(
        self, plant: Plant, stretches: Sequence[tuple[date, date]], most: int, keys: Sequence[Sequence[str]]
    ) -> Sequence[OccurrenceRow]:
        """Occurrences still to do: of each stretch of days the first ``most``, and those of the keys; by due day."""
        ...


class ScreenLists(Lists, WaitingLists, DeskLists, CoveringLists, Protocol):
    """Everything that screens ask."""
