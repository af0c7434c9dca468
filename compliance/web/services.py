"""What the pages call: one frozen bundle that bootstrap fills. The web layer builds none of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO, Protocol
from zoneinfo import ZoneInfo

from compliance.core.absences import Deputies
from compliance.core.accounts import AccountRegister, Codes, Door, Limits, Passwords
from compliance.core.acts import Actor
from compliance.core.answers import AnswerWork
from compliance.core.cases import Casework
from compliance.core.documents import Desk, DocumentLists, RequestLists, Requests, Watch
from compliance.core.documents.batches import Batches
from compliance.core.factors import FactorWork
from compliance.core.feeds import FeedReads, FeedWork
from compliance.core.figures.showing import FigureReads
from compliance.core.imports import Entries, Entry
from compliance.core.ledgers import Ledgers
from compliance.core.lookback import Lookback
from compliance.core.notices import NoticeReads, NoticeWork
from compliance.core.people import Absence
from compliance.core.plants import Plant
from compliance.core.ports import Progress, Vault
from compliance.core.proposals import PlannedProposals
from compliance.core.replaying import Snapshots
from compliance.core.searching import Search
from compliance.core.templates import Templates
from compliance.core.tokens import TokenReads, TokenWork
from compliance.core.waiting import ScreenLists
from compliance.kernel.clock import Clock
from compliance.kernel.text import Language, Text
from compliance.rulebase.rulebase import RuleBase

#: How much an upload may weigh as a whole, and one file of evidence.
LARGEST_UPLOAD = 50 * 1024 * 1024
LARGEST_FILE = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """How this installation presents itself. ``hosts``: admitted Host headers (empty = every host).

    ``address``: where the pages are reached, for what leaves them. ``plain_http_warning`` puts a banner on every page;
    ``secret`` signs the anti-forgery cookie.
    """

    name: str
    secret: bytes
    zone: ZoneInfo = ZoneInfo("Asia/Shanghai")
    language: Language = "zh"
    https: bool = False
    hosts: tuple[str, ...] = ()
    plain_http_warning: bool = False
    largest_upload: int = LARGEST_UPLOAD
    largest_file: int = LARGEST_FILE
    version: str = ""
    address: str = ""
    token_days: int = 90


@dataclass(frozen=True, slots=True)
class SheetCount:
    """What an import did to one sheet."""

    sheet: str
    rows: int
    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A bad place of a workbook; ``row`` and ``column`` are None for a sheet as a whole."""

    sheet: str
    row: int | None
    column: str | None
    message: Text


@dataclass(frozen=True, slots=True)
class Imported:
    """The answer to an upload: counts by sheet, or every problem."""

    plant: str
    sheets: tuple[SheetCount, ...] = ()
    problems: tuple[CellProblem, ...] = ()


class Importer(Protocol):
    """Imports a workbook on behalf of a person, all or nothing."""

    def __call__(
        self, path: Path, *, name: str, plant: Plant, actor: Actor, reason: str, progress: Progress
    ) -> Imported:
        """Import; raise a ComplianceError when the act as a whole is refused."""
        ...


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a pulse did."""

    start: date | None
    end: date
    opened: int
    closed: int
    statements: int


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with an entered row: ``row`` counts from 0, ``heading`` is the field's (None: the row as such)."""

    row: int
    heading: str | None
    message: Text


@dataclass(frozen=True, slots=True)
class Corrected:
    """One cell that an entry would correct."""

    row: int
    heading: str
    given: str


@dataclass(frozen=True, slots=True)
class Entered:
    """The answer to rows of a form: counts, or every problem, or the corrections that ask for a reason.

    ``settled`` and ``raised``: what the judgement right after it took back, and what it newly found. ``judged`` is
    False where it could not be decided; the rows are stored all the same.
    """

    added: int = 0
    changed: int = 0
    problems: tuple[RowProblem, ...] = ()
    corrections: tuple[Corrected, ...] = ()
    settled: tuple[Text, ...] = ()
    raised: tuple[Text, ...] = ()
    judged: bool = True


class Enterer(Protocol):
    """Enters rows on behalf of a person as one act, and has the plant judged anew."""

    def __call__(self, entries: Entries, *, plant: Plant, actor: Actor) -> Entered:
        """Enter; raise a ComplianceError when the act as a whole is refused."""
        ...


class TellingRegister(Protocol):
    """The register as the pages of notices and feeds need it."""

    def read(self) -> AbstractContextManager[TellingReads]:
        """Open a look."""
        ...

    def work(self) -> AbstractContextManager[TellingWork]:
        """Open a writing transaction."""
        ...


class TellingReads(FeedReads, NoticeReads, FigureReads, Protocol):
    """A look as those pages need it, those that look ahead, and those of figures and factors."""

    def absences(self, plant: Plant) -> Sequence[Absence]:
        """Every absence that a plant has recorded."""
        ...


class TellingWork(FeedWork, NoticeWork, FactorWork, Protocol):
    """A writing transaction as those pages need it."""


class ApiRegister(Protocol):
    """The register as the API needs it."""

    def read(self) -> AbstractContextManager[TokenReads]:
        """Open a look."""
        ...

    def work(self) -> AbstractContextManager[ApiWork]:
        """Open a writing transaction."""
        ...


class ApiWork(TokenWork, AnswerWork, Protocol):
    """A writing transaction as the API needs it."""


class RuleChanging(Protocol):
    """Changes the rule base on behalf of persons."""

    def proposals(self, progress: Progress | None = None) -> PlannedProposals:
        """Proposing and activating, beside the rules now in use."""
        ...

    def unpacked(self, source: BinaryIO) -> RuleBase:
        """The checked rule base in an archive; raise a ComplianceError (``BadRules`` with every problem)."""
        ...

    def packed(self, rulebase: RuleBase) -> bytes:
        """A rule base as an archive."""
        ...


class PostKeeper(Protocol):
    """Begins or ends a post of a person on behalf of an administrator; raises a ComplianceError where it is refused."""

    def __call__(self, plant: Plant, entry: Entry, actor: Actor) -> None:
        """Enter one period of a person, as a workbook would."""
        ...


class Reconciler(Protocol):
    """Runs the pulse of a plant on behalf of a person."""

    def __call__(self, plant: Plant, *, actor: Actor) -> Reconciled:
        """Move the mark to today."""
        ...


@dataclass(frozen=True, slots=True)
class Health:
    """One thing that the health page shows: ``ok`` None = working with less (the message says what)."""

    check: str
    ok: bool | None
    message: Text
    mend: Text | None = None
    figures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that pages need."""

    site: Site
    clock: Clock
    lists: ScreenLists
    register: AccountRegister
    passwords: Passwords
    codes: Codes
    limits: Limits = field(default_factory=Limits)
    #: Mails a link to whoever forgot the password (login, address); None where no mail is sent.
    forgot: Callable[[str, str], None] | None = None
    rules: Callable[[], RuleBase]
    lookback: Lookback
    snapshots: Snapshots
    changing: RuleChanging
    importer: Importer
    batches: Callable[[], Batches]
    ledgers: Ledgers
    reconciler: Reconciler
    casework: Callable[[], Casework]
    desk: Callable[[], Desk]
    templates: Callable[[], Templates]
    watch: Callable[[], Watch]
    requests: Callable[[], Requests]
    asking: RequestLists
    papers: DocumentLists
    search: Search
    deputies: Callable[[], Deputies]
    posts: PostKeeper
    vault: Vault
    enterer: Enterer
    telling: TellingRegister
    api: ApiRegister
    health: Callable[[], Sequence[Health]]

    @property
    def door(self) -> Door:
        """What signing in works with."""
        return Door(self.register, self.passwords, self.codes, self.limits)
