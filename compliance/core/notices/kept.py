"""What the register keeps of notices, and what telling people asks of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from compliance.core.acts import Act
from compliance.core.cases import CaseKey
from compliance.core.copies import CopyRow
from compliance.core.distribution import InForce
from compliance.core.documents.change_requests import RequestRow
from compliance.core.judged import Nonconformity
from compliance.core.model import Row
from compliance.core.notices.ladder import Key, Notice, OpenCase
from compliance.core.people import Absence
from compliance.core.plants import Plant


class MailState(StrEnum):
    """How far the mail of a notice is. ``NONE``: the person has no address, the notice stays in the program."""

    NONE = "none"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class Category(StrEnum):
    """Notices that a person may read in the program alone, without mail. What escalates is none of them."""

    AHEAD = "before"
    RETURNED = "returned"
    BACKLOG = "backlog"

    def has(self, rung: str) -> bool:
        """Whether a rung belongs to it."""
        return rung.partition("-")[0] == self.value


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person has chosen: the address for mail (None: no mail), and whether a digest comes every week.

    ``quiet``: from when to when (``HH:MM``, the plant's time, perhaps over midnight) mail waits. ``muted``: what comes
    without mail. Whatever is chosen, every notice stands in the program.
    """

    person: str
    mail: str | None
    weekly: bool = False
    quiet: tuple[str, str] | None = None
    muted: tuple[Category, ...] = ()

    def mails(self, rung: str) -> bool:
        """Whether a notice of this rung comes by mail."""
        return self.mail is not None and not any(category.has(rung) for category in self.muted)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNotice:
    """A notice in the register. ``told``: the day of the pulse; moments are ISO text in UTC."""

    id: int
    notice: Notice
    told: date
    seen_at: str | None
    mail: MailState
    attempts: int
    next_try: str | None
    message_id: str | None
    sent_at: str | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A claimed mail. ``attempt`` counts from 1; ``message_id`` stays the same for every attempt."""

    id: int
    to: str
    subject: str
    text: str
    message_id: str
    attempt: int
    plant: str = ""


class NoticeReads(Protocol):
    """What telling asks of a look."""

    def tables(self, plant: Plant, kinds: Sequence[type[Row]] | None = None) -> Mapping[type[Row], Sequence[Row]]:
        """Rows of a plant."""
        ...

    def absences(self, plant: Plant) -> Sequence[Absence]:
        """Who is away, and who stands in."""
        ...

    def nonconformities(self, plant: Plant) -> Sequence[Nonconformity]:
        """Stored nonconformities."""
        ...

    def open_cases(self, plant: Plant, settled: Mapping[str, Sequence[str]]) -> Sequence[OpenCase]:
        """Cases outside the settled states of their kind, with their steps."""
        ...

    def settled_cases(self, plant: Plant, settled: Mapping[str, Sequence[str]]) -> Collection[CaseKey]:
        """Keys of the cases in a settled state of their kind."""
        ...

    def in_force(self, plant: Plant) -> Sequence[InForce]:
        """Every issued version of a document that has not ended, with its readers."""
        ...

    def day_of(self, moment: str) -> date:
        """The plant's day of a moment as it is kept."""
        ...

    def requests_told(self, plant: Plant, since: date) -> Sequence[RequestRow]:
        """The requests to change documents that are open, and those decided on or after a day."""
        ...

    def copies_due(self, plant: Plant) -> Sequence[CopyRow]:
        """Controlled copies to be called back, and those whose destruction waits for a witness."""
        ...

    def notice_keys(self, plant: Plant) -> Iterator[Key]:
        """What was told already, in turn; nothing else is asked meanwhile."""
        ...

    def choices(self, plant: Plant) -> Sequence[Choice]:
        """What the persons of a plant have chosen."""
        ...

    def notices(self, plant: Plant, person: str | None = None) -> Sequence[StoredNotice]:
        """The notices of a plant or of one person, newest first."""
        ...


class NoticeWork(NoticeReads, Protocol):
    """What telling asks of a writing transaction."""

    def add_notices(self, plant: Plant, new: Sequence[Notice], told: date) -> int:
        """Store what was not told yet; how many notices that is. A person with an address gets mail queued."""
        ...

    def see_notices(self, plant: Plant, person: str, ids: Sequence[int], at: datetime) -> None:
        """Note that a person has read own notices. Reading changes nothing of the plant: no leaf."""
        ...

    def save_choice(self, plant: Plant, choice: Choice) -> None:
        """Keep what a person has chosen."""
        ...

    def see_all_notices(self, plant: Plant, person: str, newest: int, at: datetime) -> None:
        """Note that a person has read every own notice up to a number; no leaf either."""
        ...

    def claim_mail(self, worker: str, domain: str, now: datetime, lost: datetime, clock: str = "") -> Mail | None:
        """Take the next mail that is due, or one whose worker took it before ``lost`` and has died.

        ``clock`` is the plant's time of day (``HH:MM``): mail to persons whose quiet hours it falls into waits.
        """
        ...

    def settle_mail(self, mail: Mail, state: MailState, now: datetime, retry: datetime | None, error: str) -> None:
        """Note what became of a claimed mail."""
        ...

    def record(self, act: Act, plant: Plant | None) -> int:
        """Append the act's leaf."""
        ...


class NoticeRegister(Protocol):
    """The register as notices need it."""

    def read(self) -> AbstractContextManager[NoticeReads]:
        """Open a look."""
        ...

    def work(self) -> AbstractContextManager[NoticeWork]:
        """Open a writing transaction."""
        ...
