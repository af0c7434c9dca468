"""Retention, documents, calendars, factors, parameters, vocabularies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from compliance.kernel.text import Text
from compliance.rulebase.schema.common import Number, Rule, Strength


@dataclass(frozen=True, slots=True)
class Word:
    """One admitted word of a vocabulary: permanent id, the word of the workbook, its English."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Retention(Rule):
    """How long a class of records is kept: ``keep = { years = 5, from = "year-end" }`` (a floor, never a command)."""

    applies_to: tuple[str, ...]
    years: int
    months: int
    starts: str
    disposal_approval: str | None = None


@dataclass(frozen=True, slots=True)
class DraftedWhen:
    """A document is opened once a case reaches a state of its workflow, or once an obligation's occurrence opens.

    With ``obligation`` the occurrence's period is the document's (a month, or a year, ``years_after`` later: what this
    year's duty plans is next year's plan), else its workflow's case is.
    """

    workflow: str = ""
    state: str = ""
    obligation: str = ""
    years_after: int = 0


@dataclass(frozen=True, slots=True)
class Only:
    """Of a table's records only those are meant whose column says a word."""

    column: str
    word: str


class SectionKind(StrEnum):
    """How a section is filled: from the register, by the author's words or table, or by one of several words."""

    DATA = "data"
    FREE = "free"
    TABLE = "table"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section that a document must or should have, and what a new document proposes in it.

    ``needs``: names of the data without which a data section is missing; ``default``: one paragraph a line;
    ``columns`` and ``rows``: the heads of an author's table and the rows that it begins with; ``words``: the choices;
    ``must``: columns that no row may leave empty; ``figures``: those that must say a number; ``drawn``: how a text is
    also drawn ("flow", "cycle", or not at all).
    """

    id: str
    title: Text
    kind: SectionKind
    strength: Strength
    requirements: tuple[str, ...] = ()
    hint: Text | None = None
    default: str = ""
    needs: tuple[str, ...] = ()
    columns: tuple[Word, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    must: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    words: tuple[Word, ...] = ()
    drawn: str = ""


@dataclass(frozen=True, slots=True)
class Versions:
    """How versions are labelled: ``form`` with ``{edition}`` and ``{revision}``, so many revisions to an edition."""

    form: str
    editions: str
    revisions: int

    def label(self, place: int) -> str:
        """The label of the version at a place, counted from 0; raises :class:`IndexError` past the last."""
        return self.form.format(edition=self.editions[place // self.revisions], revision=place % self.revisions)


@dataclass(frozen=True, slots=True)
class FindingsShown:
    """Which findings a document lists: those of a category of nonconformities, and those of a chapter or clause."""

    categories: tuple[str, ...] = ()
    chapters: tuple[str, ...] = ()

    def __contains__(self, found: tuple[str, str]) -> bool:
        """Whether a finding of a category and a clause is listed."""
        category, clause = found
        inside = (clause.removeprefix(chapter) for chapter in self.chapters if clause.startswith(chapter))
        return category in self.categories or any(not rest[:1].isdigit() for rest in inside)


@dataclass(frozen=True, kw_only=True)
class Document(Rule):
    """A controlled document: template, data sets, number series, posts, review cycle, retention class, sections.

    ``per``: one document for the ``plant``, each ``year``, ``month``, or each record of a table or case of a kind;
    ``only``: which records of the table. ``readers``: who confirms each version, within ``read_days`` of being asked:
    ``everyone``, ``post:…``, ``department:…`` or ``person:…``; ``deputies_read``: deputies confirm for who is away.
    ``countersigner``: the post that signs between review and approval, if any. ``findings``: those that it lists, where
    not all.
    """

    template: str
    data: tuple[str, ...]
    number: str
    author: str
    reviewer: str | None
    approver: str
    review_months: Number | None
    retention: str
    drafted_when: DraftedWhen | None = None
    versions: Versions | None = None
    sections: tuple[Section, ...] = ()
    code: str = ""
    per: str = "plant"
    only: Only | None = None
    aliases: tuple[Text, ...] = ()
    distribution: Text | None = None
    readers: tuple[str, ...] = ()
    read_days: Number | None = None
    deputies_read: bool = False
    countersigner: str | None = None
    findings: FindingsShown | None = None

    def section(self, id_: str) -> Section | None:
        """The section of an id."""
        return next((s for s in self.sections if s.id == id_), None)


@dataclass(frozen=True, slots=True)
class Holiday:
    """A named run of days off, both ends included; weekends inside it belong to it."""

    name: Text
    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.start <= day <= self.end


@dataclass(frozen=True, kw_only=True)
class Calendar(Rule):
    """Days off and make-up working days of one year; ``published`` false = computed ahead of the official notice.

    ``holidays`` names the runs of ``off``; ``checked`` says against what the days were compared (None: not yet).
    """

    year: int
    published: bool
    off: tuple[date, ...]
    work: tuple[date, ...]
    holidays: tuple[Holiday, ...] = ()
    checked: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Factor(Rule):
    """An emission factor or accounting default, with unit and who verified it."""

    code: str
    value: Decimal
    unit: str
    verified_by: str | None = None
    verified_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Parameter(Rule):
    """A number that the standard leaves to the plant ([cfg]) or demands at least/at most.

    ``code`` is its code in the plant's factor sheet (None = set only here). ``demanded``: "at-most"/"at-least" when the
    standard gives the number and a plant may only be stricter, "" when it is the plant's choice. ``least``/``most``:
    what means anything at all (None: no end).
    """

    code: str | None
    default: Decimal
    unit: str
    demanded: str = ""
    least: int | None = None
    most: int | None = None

    def admits(self, value: Decimal) -> bool:
        """Whether a value means anything."""
        return (self.least is None or self.least <= value) and (self.most is None or value <= self.most)

    @property
    def bounds(self) -> str:
        """The least and the most as a message names them; a side without an end stays empty."""
        return "…".join("" if end is None else str(end) for end in (self.least, self.most))


@dataclass(frozen=True, kw_only=True)
class Vocabulary(Rule):
    """The words that a column or a classification admits.

    ``widens``: words that people may enter beside those of that vocabulary, and that workbooks do not hold.
    """

    words: tuple[Word, ...]
    widens: str | None = None
