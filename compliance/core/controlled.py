"""Controlled documents as the register keeps them: number, versions, and how a document opens."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Protocol

from compliance.core.acts import Act
from compliance.core.copies import ControlledCopy
from compliance.core.distribution import Distribution, Reading
from compliance.core.plants import Plant
from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text
from compliance.rulebase.calendar import disposable_from
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Retention

#: The kind of case that a version of a document is.
DOCUMENT = "document"
#: States that the program itself acts on; the workflow of the rules must have them.
DRAFT, ISSUED, REVISING, SUPERSEDED, WITHDRAWN = "draft", "issued", "revising", "superseded", "withdrawn"
#: States in which a draft stands signed on its way to being issued.
SIGNED_ON = ("submitted", "reviewed", "countersigned", "approved", ISSUED)
#: The step by which the program marks the version before.
SUPERSEDE = "supersede"
#: The steps by which the program says of a version in force whether a later one is being drafted still.
RESUME, REVISE_ON = "resume", "revise-on"
#: Fields of the workflow that the program fills.
DRAFT_FILE, DRAFTED, COVERS, EFFECTIVE, ISSUED_FILE = "draft", "drafted", "covers", "effective", "issued"
REVISION = "revision"
#: Until when a version is to be reviewed: what issuing and each verdict of a review set.
NEXT_REVIEW = "next_review"
#: The steps that give the verdict of a periodic review, and that verdict.
VERDICTS: Mapping[str, str] = {"review-keep": "keep", "review-revise": "revise", "review-withdraw": "withdraw"}
#: Whether no post signs between review and approval, and whether nobody is left to sign there.
UNSHARED, COUNTERSIGNED = "unshared", "countersigned"
#: What a written section says: paragraphs one a line (of a choice: the id of a word), or rows of cells.
Content = str | tuple[tuple[str, ...], ...]
#: States that every workflow of documents must have.
STATES_NEEDED = (DRAFT, ISSUED, REVISING, SUPERSEDED, WITHDRAWN)


class VersionsExhausted(CannotDecide):
    """The rule's labels are used up."""

    code = "versions-exhausted"
    text: ClassVar[Text] = Text(
        zh="文件 {number} 的版本号已用完，请在规则中扩展 versions",
        en="The labels of the versions of {number} are used up: extend versions in the rule",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlledDocument:
    """A document: ``kind`` and ``about`` name the case that it is on, ``series`` and ``place`` give its number."""

    number: str
    rule: str
    kind: str
    about: str
    title: Text
    series: str
    place: int
    retention: str
    opened: date
    retain_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVersion:
    """A version. Its files are named by SHA-256; ``data`` and ``issued_data`` are the frozen texts of both files.

    ``why``: why this version was begun; ``ended_why``: why it ended.
    """

    number: str
    place: int
    label: str
    state: str
    opened: date
    why: str = ""
    rule_digest: str = ""
    draft: str | None = None
    data: str | None = None
    template: str | None = None
    issued: str | None = None
    issued_data: str | None = None
    pdf: str | None = None
    effective: date | None = None
    issued_at: str | None = None
    ended_at: str | None = None
    ended_why: str = ""
    superseded_by: str | None = None
    missing: str = ""
    review_due: date | None = None

    @property
    def lacks(self) -> tuple[str, ...]:
        """The ids of the sections that say nothing in the present draft."""
        return tuple(self.missing.split())

    @property
    def object_id(self) -> str:
        """What its case is called."""
        return f"{self.number}/{self.label}"

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that the version names."""
        named = (self.draft, self.data, self.template, self.issued, self.issued_data, self.pdf)
        return tuple(dict.fromkeys(name for name in named if name))

    @property
    def open(self) -> bool:
        """Whether it is being drafted."""
        return self.issued is None and self.ended_at is None

    @property
    def in_force(self) -> bool:
        """Whether it was issued and has not ended; from its effective day on it is the one that holds."""
        return self.issued is not None and self.ended_at is None

    def waits(self, on: date) -> bool:
        """Whether it was issued and does not hold yet on a day."""
        return self.in_force and self.effective is not None and on < self.effective

    def marked(self, on: date) -> bool:
        """Whether its pages carry a mark on a day: it was issued, and has ended or does not hold yet."""
        return self.issued is not None and (self.ended_at is not None or self.waits(on))

    def review_late(self, on: date) -> bool:
        """Whether its periodic review should have been done before a day."""
        return self.in_force and not self.waits(on) and self.review_due is not None and self.review_due < on


@dataclass(frozen=True, slots=True)
class DocumentAtHand:
    """One version of a document, with the document and all its versions in their order."""

    document: ControlledDocument
    version: DocumentVersion
    versions: tuple[DocumentVersion, ...]

    @property
    def number(self) -> str:
        """The number of the document."""
        return self.document.number

    @property
    def current(self) -> DocumentVersion | None:
        """The latest version that was issued and has not ended, whether it holds already or not."""
        return next((v for v in reversed(self.versions) if v.in_force), None)

    def holding(self, on: date) -> DocumentVersion | None:
        """The version that holds on a day: an issued one that waits leaves the one before in force."""
        return next((v for v in reversed(self.versions) if v.in_force and not v.waits(on)), None)


class DocumentLook(Protocol):
    """What looking at one document asks."""

    def document(self, plant: Plant, number: str) -> tuple[ControlledDocument, Sequence[DocumentVersion]] | None:
        """A document with its versions in their order."""
        ...


class DocumentReads(DocumentLook, Protocol):
    """What documents ask of a look."""

    def document_about(self, plant: Plant, rule: str, about: str) -> str | None:
        """The number of the document of a rule on an object."""
        ...

    def opened_on(self, plant: Plant, rules: Sequence[str]) -> Collection[tuple[str, str]]:
        """The rule of each document of these rules, and what it is on."""
        ...

    def standing_open(self, plant: Plant, obligations: Collection[str], since: date) -> Sequence[tuple[str, str]]:
        """Obligation and period of the occurrences that stand open and fall due no earlier than a day."""
        ...

    def written(self, plant: Plant, number: str, place: int) -> Mapping[str, Content]:
        """What was last written into each section up to the version at a place."""
        ...

    def distribution(self, plant: Plant, number: str, place: int) -> Distribution | None:
        """Who reads a version; None where nobody is named."""
        ...

    def readings(self, plant: Plant, number: str, place: int) -> Sequence[Reading]:
        """Who has confirmed a version."""
        ...

    def undrafted(self, plant: Plant) -> Sequence[tuple[str, str]]:
        """Number and label of versions that no draft was made of yet."""
        ...

    def copies(self, plant: Plant, number: str) -> Sequence[ControlledCopy]:
        """The controlled copies of a document by their numbers."""
        ...

    def replaced(self, plant: Plant, on: date) -> Sequence[str]:
        """The numbers of documents of which a later version holds on a day and an earlier one has not ended."""
        ...

    def unreviewed(self, plant: Plant, rules: Sequence[str]) -> Sequence[str]:
        """Versions of these rules that were issued, have not ended and have no day of review, as number/label."""
        ...

    def without_pages(self, plant: Plant) -> Sequence[tuple[str, str]]:
        """Number and label of issued versions in force of which no PDF is kept."""
        ...


class DocumentWork(DocumentReads, Protocol):
    """What documents ask of a writing transaction."""

    def next_number(self, plant: Plant, series: str) -> int:
        """Take the next number of a series."""
        ...

    def save_document(self, plant: Plant, document: ControlledDocument) -> None:
        """Insert or replace a document by number."""
        ...

    def save_version(self, plant: Plant, version: DocumentVersion) -> None:
        """Insert or replace a version by number and place."""
        ...

    def write(self, plant: Plant, number: str, place: int, section: str, content: Content) -> None:
        """Keep what a section of a version says."""
        ...

    def save_copy(self, plant: Plant, copy: ControlledCopy) -> None:
        """Insert or replace a controlled copy by document and number."""
        ...

    def save_distribution(self, plant: Plant, distribution: Distribution) -> None:
        """Insert or replace who reads a version."""
        ...

    def add_reading(self, plant: Plant, reading: Reading) -> None:
        """Keep that a reader has confirmed a version; never changed."""
        ...

    def retain(self, files: Sequence[str], until: date) -> None:
        """Keep files at least until a day; what is to be kept longer stays so."""
        ...

    def record(self, act: Act, plant: Plant | None) -> int:
        """Append the act's leaf."""
        ...


def at_hand(reads: DocumentLook, plant: Plant, object_id: str) -> DocumentAtHand | None:
    """The version that ``number/label`` names; the number alone names the latest one."""
    number, _slash, label = object_id.partition("/")
    found = reads.document(plant, number)
    if found is None or not found[1]:
        return None
    document, versions = found
    version = next((v for v in versions if v.label == label), None) if label else versions[-1]
    return DocumentAtHand(document, version, tuple(versions)) if version else None


def label_of(rule: Document, number: str, place: int) -> str:
    """The label of the version at a place; raises :class:`VersionsExhausted`."""
    if rule.versions is None:
        return str(place + 1)
    try:
        return rule.versions.label(place)
    except IndexError as error:
        raise VersionsExhausted(number=number) from error


def series_of(rule: Document, year: int) -> str:
    """The series that the numbers of a year are taken from."""
    return f"{DOCUMENT}/{rule.id}/{year}"


def open_documents(
    work: DocumentWork, plant: Plant, rulebase: RuleBase, kind: str, state: str, about: str, today: date
) -> list[DocumentVersion]:
    """Open the documents that rules want once a case reaches a state: number and first version, no file yet."""
    opened = []
    for rule in rulebase.in_force(Document, today):
        when = rule.drafted_when
        if when is None or (when.workflow, when.state) != (kind, state):
            continue
        if work.document_about(plant, rule.id, about) is None:
            opened.append(open_document(work, plant, rule, kind, about, today))
    return opened


def open_document(
    work: DocumentWork, plant: Plant, rule: Document, kind: str, about: str, today: date
) -> DocumentVersion:
    """Open one document: its number of the series of the year, and its first version without a file."""
    series = series_of(rule, today.year)
    place = work.next_number(plant, series)
    number = rule.number.format(year=today.year, seq=place)
    work.save_document(
        plant,
        ControlledDocument(
            number=number,
            rule=rule.id,
            kind=kind,
            about=about,
            title=rule.title,
            series=series,
            place=place,
            retention=rule.retention,
            opened=today,
        ),
    )
    version = DocumentVersion(
        number=number, place=0, label=label_of(rule, number, 0), state=DRAFT, opened=today, rule_digest=rule.digest
    )
    work.save_version(plant, version)
    return version


def keep_until(rulebase: RuleBase, retention: str, day: date) -> date | None:
    """The last day on which records of a class are kept; None where the class is gone."""
    rule = rulebase.nearest(Retention, retention, day)
    return date.fromordinal(disposable_from(rule, day).toordinal() - 1) if rule else None
