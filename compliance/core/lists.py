"""Lists, counts and pages that screens need: typed questions and rows, and the port that answers them.

Every answer is scoped to what a person (``user`` is the id of the sign-in) may see, by membership. Pages are keyset
pages: ``after`` is the opaque position of the last row of the page before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, Protocol, TypeVar

from compliance.core.judged import Nonconformity, Occurrence, OccurrenceState, StoredFinding
from compliance.core.plants import Plant

T = TypeVar("T")
#: Rows of a page unless asked otherwise, and the most that one page gives.
PAGE = 50
LARGEST_PAGE = 200
#: The most rows that one export gives.
LARGEST_EXPORT = 100_000


#: States of what is still to be done: what counts and queues look at.
TO_DO = (OccurrenceState.OVERDUE, OccurrenceState.OPEN, OccurrenceState.UPCOMING)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of rows; ``next`` is the position after its last row, empty at the end."""

    rows: tuple[T, ...]
    next: str = ""


@dataclass(frozen=True, slots=True)
class BadPosition(Exception):
    """``after`` is no position that a page gave."""

    after: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is to do in a plant on a day; ``copies``: controlled copies to be called back or witnessed."""

    overdue: int = 0
    within_week: int = 0
    within_month: int = 0
    findings: int = 0
    nonconformities: int = 0
    copies: int = 0


@dataclass(frozen=True, slots=True)
class PlantCard:
    """A plant that a person may see, with the roles the person has there.

    ``unseen``: notices not yet read; ``profile``: what the plant says of itself, by the word of each item.
    """

    plant: Plant
    roles: frozenset[str]
    counts: Counts = field(default_factory=Counts)
    unseen: int = 0
    profile: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OccurrenceRow:
    """A stored occurrence; ``owner`` and ``approver`` are ids of posts."""

    id: int
    occurrence: Occurrence


@dataclass(frozen=True, slots=True)
class OfRules:
    """Those of some rules, or (not ``inside``) of all others."""

    rules: tuple[str, ...]
    inside: bool = True

    def holds(self, rule: str) -> bool:
        """Whether a rule is one of them."""
        return (rule in self.rules) is self.inside


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrenceQuery:
    """Which occurrences; empty members ask nothing. Ordered by due day, ``newest`` turns the order."""

    states: tuple[OccurrenceState, ...] = ()
    code: str = ""
    subject: str = ""
    period: str = ""
    due_from: date | None = None
    due_until: date | None = None
    of: OfRules | None = None
    newest: bool = False
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingQuery:
    """Which findings; ``standing``: those that hold (True), that ceased to hold (False), or all (None)."""

    standing: bool | None = True
    situation: str = ""
    grade: str = ""
    category: str = ""
    subject: str = ""
    period: str = ""
    nonconformity: str = ""
    of: OfRules | None = None
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class NonconformityQuery:
    """Which nonconformities, newest first. ``late_on``: those due before this day and not in a state of ``settled``."""

    state: str = ""
    category: str = ""
    grade: str = ""
    owner: str = ""
    late_on: date | None = None
    settled: tuple[str, ...] = ()
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class NonconformityRow:
    """A nonconformity with the number of its findings and of those that still hold, its owner's account and due day."""

    nonconformity: Nonconformity
    findings: int
    standing: int
    owner: str | None = None
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Heat:
    """Occurrences of one duty that fall due in one month, by state."""

    obligation: str
    code: str
    month: str
    states: Mapping[OccurrenceState, int]


@dataclass(frozen=True, slots=True)
class MonthKept:
    """Deadlines of one month: kept, met late, still overdue, and not yet due."""

    month: str
    kept: int
    late: int
    overdue: int
    ahead: int


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Standing findings of one situation and grade."""

    situation: str
    rule: str
    grade: str
    count: int


@dataclass(frozen=True, slots=True)
class Validity:
    """The latest certificate that an instrument has: from its day to the end of its validity."""

    instrument: str
    name: str
    key_instrument: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Choices:
    """Values that filters offer, as they occur."""

    codes: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    situations: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One leaf of the trail. ``hash`` in hexadecimal; ``occurred`` in UTC, ISO text."""

    seq: int
    log: str
    hash: str
    occurred: str
    actor: str
    actor_name: str
    role: str
    action: str
    object_type: str
    object_id: str
    reason: str
    changes: Sequence[Mapping[str, object]]
    objects: Sequence[Mapping[str, object]]
    rule: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafQuery:
    """Which leaves of a plant's log, newest first."""

    object_type: str = ""
    object_id: str = ""
    action: str = ""
    actor: str = ""
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What the overview draws."""

    months: tuple[MonthKept, ...]
    findings: tuple[FindingGroup, ...]
    instruments: tuple[Validity, ...]


class Lists(Protocol):
    """Answers screens: few statements, at any size."""

    def plants(self, user: int) -> Sequence[PlantCard]:
        """Plants of a person, by key."""
        ...

    def plant(self, user: int, ref: str) -> PlantCard | None:
        """The plant of a key or short code, if the person may see it."""
        ...

    def group(self, user: int, today: date, settled: Sequence[str]) -> Sequence[PlantCard]:
        """Plants of a person with their counts, by key."""
        ...

    def counts(self, plant: Plant, today: date, settled: Sequence[str]) -> Counts:
        """How much there is to do; ``settled``: the states of nonconformities that ask for nothing any more."""
        ...

    def occurrences(self, plant: Plant, query: OccurrenceQuery) -> Page[OccurrenceRow]:
        """A page of occurrences."""
        ...

    def occurrence(self, plant: Plant, number: int) -> OccurrenceRow | None:
        """One occurrence of the plant."""
        ...

    def occurrence_number(self, plant: Plant, key: Sequence[str]) -> int | None:
        """The id of the occurrence of an obligation, subject and period."""
        ...

    def heat(self, plant: Plant, year: int) -> Sequence[Heat]:
        """Occurrences that fall due in a year, by duty and month."""
        ...

    def findings(self, plant: Plant, query: FindingQuery) -> Page[StoredFinding]:
        """A page of findings."""
        ...

    def finding(self, plant: Plant, number: int) -> StoredFinding | None:
        """One finding of the plant."""
        ...

    def nonconformities(self, plant: Plant, query: NonconformityQuery) -> Page[NonconformityRow]:
        """A page of nonconformities."""
        ...

    def nonconformity(self, plant: Plant, number: str) -> NonconformityRow | None:
        """One nonconformity of the plant."""
        ...

    def choices(self, plant: Plant) -> Choices:
        """Values that filters offer."""
        ...

    def dashboard(self, plant: Plant, first_month: str, last_month: str) -> Dashboard:
        """What the overview draws, for due days of these months."""
        ...

    def trail(self, plant: Plant, query: LeafQuery) -> Page[Leaf]:
        """A page of the plant's log."""
        ...

    def leaf(self, plant: Plant, seq: int) -> Leaf | None:
        """One leaf of the plant's log."""
        ...

    def source(self, plant: Plant, table: str, key: Sequence[str]) -> Mapping[str, object] | None:
        """One row of a sheet's table by its natural key."""
        ...
