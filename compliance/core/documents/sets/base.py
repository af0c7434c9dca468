"""What a data set is, and what it is gathered from: one plant's rows as they stand on the document's day."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import ClassVar, Protocol

from compliance.core.cases import CaseReads, Casework
from compliance.core.controlled import DocumentReads
from compliance.core.documents.control import EMPTY, Frame
from compliance.core.documents.report import duty_titles
from compliance.core.documents.values import Names, Value
from compliance.core.duties import Standing
from compliance.core.factors import FactorCheck
from compliance.core.figures import Computed, figures_of
from compliance.core.judged import Nonconformity, Occurrence, StoredFinding
from compliance.core.looking import own_values
from compliance.core.model import FILING_OBLIGATION, SHEETS, Cell, Column, PersonPeriod, PlantData, Refers, Row
from compliance.core.people import People, listed
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.kernel.errors import Refused
from compliance.kernel.quantity import from_micro
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document

#: What a document may be on besides a record: the plant, or a period of it.
PLANT, YEAR, MONTH = "plant", "year", "month"
SUBJECTS = (PLANT, YEAR, MONTH)
#: Lengths of an ISO year and month.
YEAR_LONG, MONTH_LONG = len("2026"), len("2026-01")


class NoSuchSubject(Refused):
    """A document cannot be on this."""

    code = "no-such-subject"
    text: ClassVar[Text] = Text(
        zh="“{about}”不能作为此文件的对象：应为{right}", en="A document cannot be on {about!r}: {right}"
    )


class SetReads(CaseReads, DocumentReads, Standing, Protocol):
    """What gathering the data of a document asks of a look."""

    def findings(self, plant: Plant) -> Sequence[StoredFinding]:
        """Stored findings, withdrawn ones included."""
        ...

    def occurrences(self, plant: Plant) -> Sequence[Occurrence]:
        """Stored occurrences."""
        ...

    def nonconformities(self, plant: Plant) -> Sequence[Nonconformity]:
        """Stored nonconformities."""
        ...

    def factor_checks(self, plant: Plant) -> Sequence[FactorCheck]:
        """Every check of a plant's factors, the oldest first."""
        ...

    def version(self, plant: Plant) -> int:
        """Size of the plant's log."""
        ...

    def template_in_use(self, plant: Plant, document: str) -> str | None:
        """The file of the template for a rule's documents: the plant's own, else the group's; None: the shipped one."""
        ...

    def templates_in_use(self, plant: Plant) -> Mapping[str, str]:
        """The files of templates in use beside the shipped ones, by rule: the plant's own, else the group's."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """What a document is on: ``per`` is the kind, ``about`` the period, the record's number, or the plant's key.

    An empty ``about`` of a record is a blank form.
    """

    per: str
    about: str

    @property
    def period(self) -> str:
        """The month or year; empty where the document is on something else."""
        return self.about if self.per in (YEAR, MONTH) else ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Rows of a plant that several documents are compared with: read once, looked at and computed once a day."""

    tables: Tables
    data: dict[date, PlantData] = field(default_factory=dict)
    computed: dict[date, Computed] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What data are gathered from; everything is read at most once."""

    plant: Plant
    data: PlantData
    rulebase: RuleBase
    casework: Casework
    frame: Frame
    subject: Subject
    reads: SetReads
    shelf: Shelf | None = None

    @property
    def day(self) -> date:
        """The day as of which everything is read."""
        return self.data.as_of

    @property
    def year(self) -> str:
        """The year that the document speaks of: its own, else that of its day."""
        return (self.period or self.day.isoformat())[:YEAR_LONG]

    @cached_property
    def record(self) -> Row | None:
        """The record that the document is on, if it is on one."""
        kind = record_type(self.subject.per)
        rows = self.data.rows(kind) if kind else ()
        return next((row for row in rows if row.key() == (self.subject.about,)), None)

    @cached_property
    def period(self) -> str:
        """The month or year that the document speaks of; on a record, the year that this was made in; else empty."""
        return self.subject.period or (made_in(self.record)[:YEAR_LONG] if self.record else "")

    @cached_property
    def people(self) -> People:
        """Who held which post."""
        return People(self.data.rows(PersonPeriod))

    @cached_property
    def duties(self) -> Mapping[str, str]:
        """The titles of obligations by the codes that the register names them by."""
        return duty_titles(self.rulebase)

    @cached_property
    def computed(self) -> Computed:
        """Every figure of the plant."""
        known = self.shelf.computed if self.shelf else {}
        if self.day not in known:
            known[self.day] = figures_of(self.data, self.rulebase, own_values(self.data))
        return known[self.day]

    def word(self, vocabulary: str, word_id: str) -> str:
        """The plant's word of a vocabulary's id."""
        found = self.rulebase.word(vocabulary, word_id, self.day)
        return found.zh if found else word_id

    def shown(self, column: Column, value: object) -> str:
        """A cell as documents show it: persons by name, obligations by title, quantities with their thousands apart."""
        if value is None or value == "":
            return EMPTY
        if isinstance(value, int):
            return money(value) if column.name in _MONEY else quantity(value)
        if isinstance(value, date):
            return value.isoformat()
        if column.refers is Refers.ACCOUNT:
            return self.people.name(str(value))
        if column.refers is Refers.ACCOUNTS:
            return "、".join(self.people.name(account) for account in listed(str(value)))
        return self.duties.get(str(value), str(value)) if column.vocabulary == FILING_OBLIGATION else str(value)

    def row(self, row: Row) -> dict[str, Value]:
        """Every cell of a row by the name of its column."""
        return {c.name: self.shown(c, getattr(row, c.name)) for c in row.SHEET.columns}


class Speaks(StrEnum):
    """Of what a set of data speaks, and so what makes a document that was filled with it stale.

    ``STANDING``: how the plant is set up; it counts as long as the document's time runs. ``RECORDS``: what was recorded
    up to the document's day; a row that is corrected, or entered late, counts. ``MOMENT``: how work stood at the moment
    of drawing; nothing that happens afterwards makes that wrong.
    """

    STANDING = "standing"
    RECORDS = "records"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class DataSet:
    """One set of data: the names it adds to a document, and how they are gathered.

    ``kinds``: the tables that it reads. ``per``: the only kind of subject that it can speak of (empty: any).
    ``words``: the words of vocabularies that it speaks, which a rule base must have.
    """

    names: Callable[[RuleBase, str], Names]
    gather: Callable[[Asked], Mapping[str, Value]]
    kinds: tuple[type[Row], ...] = ()
    per: str = ""
    speaks: Speaks = Speaks.RECORDS
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def quantity(micro: int) -> str:
    """A stored quantity as documents show it."""
    return f"{from_micro(micro):,f}"


def money(micro: int) -> str:
    """An amount of money or a price as vouchers write it: to the cent at least."""
    return padded(quantity(micro), _CENTS)


#: Columns that hold money, and the decimals of it.
_MONEY = frozenset(("money", "approved_money", "price", "lowest_price", "highest_price", "year_money_cap"))
_CENTS = 2


def padded(shown: str, decimals: int) -> str:
    """A number with at least so many decimals, so that those of a column stand one below the other; nothing is cut."""
    whole, _, part = shown.partition(".")
    return shown if shown == EMPTY else f"{whole}.{part:0<{decimals}}"


def unit(word: str) -> str:
    """A unit as documents write it, with its small figure below the line."""
    return word.replace("CO2", "CO₂")


def numbered(rows: Iterable[Mapping[str, Value]]) -> list[Mapping[str, Value]]:
    """Rows with their number in the list as ``no``."""
    return [{"no": str(n), **row} for n, row in enumerate(rows, 1)]


def texts(*names: str) -> dict[str, None]:
    """Names of texts."""
    return dict.fromkeys(names)


def within(value: object, period: str) -> bool:
    """Whether a day, month or year lies in a period or holds it; everything lies in no period."""
    text = value.isoformat() if isinstance(value, date) else str(value or "")
    return not period or (bool(text) and (text.startswith(period) or period.startswith(text)))


def last_day(per: str, about: str) -> date:
    """The last day of the time that a document is on; what is on a record or a case has none that runs on."""
    if per == PLANT:
        return date.max
    if per == YEAR:
        return date(int(about) + 1, 1, 1) - timedelta(days=1)
    if per == MONTH:
        first = date.fromisoformat(f"{about}-01")
        return first.replace(day=monthrange(first.year, first.month)[1])
    return date.min


def record_type(per: str) -> type[Row] | None:
    """The table whose records a document may be on: one whose key is one column."""
    return next((kind for kind in SHEETS if kind.SHEET.table == per and len(kind.SHEET.key) == 1), None)


def made_in(row: Row) -> str:
    """When a record was made: the first of the columns that decide it which says something."""
    values = (getattr(row, name) for name in row.SHEET.decides)
    return next((str(value) for value in values if value), "")


def meant(rule: Document, row: Row) -> bool:
    """Whether a document of a rule may be on a record."""
    return rule.only is None or getattr(row, rule.only.column) == rule.only.word


def has_period(column: Column) -> bool:
    """Whether a column says when something was."""
    return column.cell in (Cell.DAY, Cell.MONTH, Cell.YEAR, Cell.PERIOD)
