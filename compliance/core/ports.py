"""What the core asks of the outside world. Adapters implement these; tests use small fakes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import BinaryIO, Protocol

from compliance.core.acts import Act, ObjectRef
from compliance.core.judged import Nonconformity, Occurrence, StoredFinding
from compliance.core.model import AskedVersion, Row
from compliance.core.plants import Plant
from compliance.core.worked import CaseRow

Tables = Mapping[type[Row], Sequence[Row]]


class Reads(Protocol):
    """One consistent, read-only look at the register (deferred transaction, query-only)."""

    def plants(self) -> Sequence[Plant]:
        """All plants, by key."""
        ...

    def plant(self, key: str) -> Plant | None:
        """The plant of a key or short code."""
        ...

    def tables(self, plant: Plant, kinds: Iterable[type[Row]] | None = None) -> Tables:
        """Rows of a plant in the order of their natural keys: one statement a table."""
        ...

    def occurrences(self, plant: Plant) -> Sequence[Occurrence]:
        """Stored occurrences."""
        ...

    def occurrences_in_turn(self, plant: Plant) -> Iterator[Occurrence]:
        """Stored occurrences in turn, for whoever needs no list of them; nothing else is asked meanwhile."""
        ...

    def findings(self, plant: Plant) -> Sequence[StoredFinding]:
        """Stored findings, withdrawn ones included."""
        ...

    def nonconformities(self, plant: Plant) -> Sequence[Nonconformity]:
        """Stored nonconformities."""
        ...

    def accepted(self, plant: Plant, kind: str) -> Mapping[str, tuple[date | None, date]]:
        """Settled cases of a kind by object: the day that counts (None: waived), and the day of the last step."""
        ...

    def accepted_and_asked(
        self, plant: Plant, kind: str, rules: Sequence[str]
    ) -> tuple[Mapping[str, tuple[date | None, date]], Sequence[AskedVersion]]:
        """The same with the versions of documents of these rules that were issued to readers, ended ones included."""
        ...

    def case_rows(self, plant: Plant, kind: str) -> Sequence[CaseRow]:
        """Every case of a kind that has been worked."""
        ...

    def version(self, plant: Plant) -> int:
        """Size of the plant's log: it grows with every change of the plant's data."""
        ...

    def active_rules(self) -> str | None:
        """The digest of the rule base in use."""
        ...

    def activations(self) -> Sequence[tuple[datetime, str]]:
        """When a rule base was put into use, and its digest; the earliest first."""
        ...

    def statements(self) -> int:
        """How many SQL statements this look has issued so far."""
        ...


class Work(Reads, Protocol):
    """One short writing transaction (BEGIN IMMEDIATE): the change and its leaf, or nothing.

    Leaving the context normally commits; an exception rolls everything back.
    """

    def add_plant(self, plant: Plant) -> Plant:
        """Store a new plant (its id is given by the register)."""
        ...

    def update_plant(self, plant: Plant) -> None:
        """Store name, data range and mark of a plant."""
        ...

    def insert_rows(self, plant: Plant, rows: Mapping[type[Row], Sequence[Row]]) -> None:
        """Add rows in bulk."""
        ...

    def update_rows(self, plant: Plant, rows: Mapping[type[Row], Sequence[Row]]) -> None:
        """Replace rows of the same natural keys."""
        ...

    def save_occurrences(self, plant: Plant, put: Sequence[Occurrence], remove: Sequence[Occurrence]) -> None:
        """Insert or replace occurrences by key; remove those that no rule makes any more."""
        ...

    def save_findings(self, plant: Plant, put: Sequence[StoredFinding]) -> None:
        """Insert (id 0) or replace findings."""
        ...

    def save_nonconformities(self, plant: Plant, put: Sequence[Nonconformity]) -> None:
        """Insert or replace nonconformities by number."""
        ...

    def next_number(self, plant: Plant, series: str) -> int:
        """Take the next number of a series; gap-free, as the transaction commits or rolls back with it."""
        ...

    def next_numbers(self, plant: Plant, series: str, count: int) -> range:
        """Take several numbers of a series at once."""
        ...

    def activate_rules(self, digest: str) -> None:
        """Make the rule base of a digest the one in use."""
        ...

    def claim_run(self, job: str, slot: str, worker: str) -> bool:
        """Claim a run of a job; False where another worker has it already. Leaves no leaf: a tick is no act."""
        ...

    def finish_run(self, job: str, slot: str) -> None:
        """Note that a claimed run is done."""
        ...

    def record_import(
        self, plant: Plant, workbook: ObjectRef, manifest: ObjectRef, counts: Mapping[str, object]
    ) -> int:
        """Keep that a workbook was imported; its id."""
        ...

    def record(self, act: Act, plant: Plant | None) -> int:
        """Append the act's leaf to the plant's log (the group's log for None) and return its seq."""
        ...


class Register(Protocol):
    """The register: looks and works."""

    def read(self) -> AbstractContextManager[Reads]:
        """Open a look."""
        ...

    def work(self) -> AbstractContextManager[Work]:
        """Open a writing transaction."""
        ...


class Vault(Protocol):
    """Content-addressed files. A file is durable before any row names it."""

    def put(self, source: BinaryIO, *, name: str, media_type: str) -> ObjectRef:
        """Keep the bytes (idempotent) and return what names them."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Read the bytes after re-hashing them; damaged bytes are never returned."""
        ...


class Workbooks(Protocol):
    """Reads the cells of a workbook file."""

    def sheets(self, path: str) -> Iterable[tuple[str, Iterable[Sequence[object]]]]:
        """Sheet names with their rows of cell values (None, str, bool, int, float, Decimal, date, :class:`BadCell`)."""
        ...


class Progress(Protocol):
    """Told how far long work is."""

    def __call__(self, done: int, of: int, what: str) -> None:
        """Report ``done`` of ``of`` steps."""
        ...
