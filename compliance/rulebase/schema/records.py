"""Retention, documents, calendars, factors, parameters, vocabularies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from compliance.kernel.text import Text
from compliance.rulebase.schema.common import Number, Rule, Value


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
    """A document is drafted on a case once that reaches a state of its workflow."""

    workflow: str
    state: str


@dataclass(frozen=True, slots=True)
class Versions:
    """How versions are labelled: ``form`` with ``{edition}`` and ``{revision}``, so many revisions to an edition."""

    form: str
    editions: str
    revisions: int

    def label(self, place: int) -> str:
        """The label of the version at a place, counted from 0; raises :class:`IndexError` past the last."""
        return self.form.format(edition=self.editions[place // self.revisions], revision=place % self.revisions)


@dataclass(frozen=True, kw_only=True)
class Document(Rule):
    """A controlled document: template, data set, number series, posts, review cycle, retention class."""

    template: str
    data: str
    number: str
    author: str
    reviewer: str | None
    approver: str
    review_months: Number | None
    retention: str
    drafted_when: DraftedWhen | None = None
    versions: Versions | None = None
    sections: tuple[Mapping[str, Value], ...] = ()


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
    standard gives the number and a plant may only be stricter, "" when it is the plant's choice.
    """

    code: str | None
    default: Decimal
    unit: str
    demanded: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """One admitted word of a vocabulary: permanent id, the word of the workbook, its English."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Vocabulary(Rule):
    """The words that a column or a classification admits.

    ``widens``: words that people may enter beside those of that vocabulary, and that workbooks do not hold.
    """

    words: tuple[Word, ...]
    widens: str | None = None
