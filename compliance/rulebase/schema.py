"""The rule language as frozen types: read this and you have read the language.

Every rule is one TOML block ``[kind.id]`` (or ``[[kind.id]]``, once for each wording that followed another). The id is
permanent. All kinds share the members of :class:`Rule`; the loader refuses any key that stands nowhere here.
Days are inclusive calendar days in the plant's time zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from compliance.kernel.text import Text

Scalar = str | int | bool
#: What a parameter of a derivation may be after loading.
Value = Scalar | date | Decimal | tuple["Value", ...] | Mapping[str, "Value"]


class Strength(StrEnum):
    """How strongly a clause speaks: 应, 宜, 可, informative annex, stated fact."""

    SHALL = "shall"
    SHOULD = "should"
    MAY = "may"
    INFORMATIVE = "informative"
    FACT = "fact"


class PropType(StrEnum):
    """Type of a property of a fact. Days are compared as days, never as text."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    DAY = "day"


class Op(StrEnum):
    """Comparison of a property; a missing value satisfies none but ``given = false``."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    GIVEN = "given"


class Ticket(StrEnum):
    """How findings of a rule are gathered into nonconformities."""

    EACH = "each"
    MONTH = "month"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the rule base: where, which rule, what, and what would be right."""

    file: str
    line: int
    rule: str
    message: Text


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from."""

    document: str
    clause: str
    strength: Strength
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InForce:
    """The days on which a wording holds; ``until`` is its last day."""

    start: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the wording holds on a day."""
        return self.start <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Members that every kind has. ``known_from``: since when we knew it (second time axis; None = always).

    ``digest`` is the SHA-256 of the canonical JSON of the block; ``text`` the block as it stands in the file.
    """

    kind: str
    id: str
    title: Text
    source: Source
    in_force: InForce
    known_from: date | None = None
    examples: tuple[Mapping[str, Value], ...] = ()
    file: str = ""
    line: int = 0
    digest: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """A parameter of the plant: its own value in force, else the default in rules/."""

    parameter: str


#: A number that stands in the rule or is a parameter of the plant.
Number = int | Ref


# --- obligations -----------------------------------------------------------------------------------------------------


class Every(StrEnum):
    """Length of a calendar period."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Periodic:
    """One occurrence a calendar period: ``cadence = { every = "month" }``."""

    every: Every


@dataclass(frozen=True, slots=True)
class Rolling:
    """Next due a number of months after the last completion: ``cadence = { within_months = 12 }``.

    The first completion is the baseline; with none, the first day of data is.
    """

    within_months: Number


@dataclass(frozen=True, slots=True)
class PerRecord:
    """One occurrence a record of the evidence source: ``cadence = { each = "record" }`` (surrender, certificate)."""


@dataclass(frozen=True, slots=True)
class OnEvent:
    """One occurrence an event of the types: ``cadence = { on_event = ["…"] }``."""

    types: tuple[str, ...]


Cadence = Periodic | Rolling | PerRecord | OnEvent


@dataclass(frozen=True, slots=True)
class DayOfMonth:
    """``due = { kind = "day-of-month", day = 10, months_after = 1 }``: day of a month after the period's last month."""

    day: Number
    months_after: int


@dataclass(frozen=True, slots=True)
class DaysAfter:
    """``due = { kind = "days-after", days = 40 }``: natural days after the anchor (period end, event day)."""

    days: Number


@dataclass(frozen=True, slots=True)
class DateOfYear:
    """``due = { kind = "date-of-year", month = 3, day = 31, years_after = 1 }``."""

    month: int
    day: int
    years_after: int


@dataclass(frozen=True, slots=True)
class PeriodEnd:
    """``due = { kind = "period-end" }``: last day of the period."""


@dataclass(frozen=True, slots=True)
class AfterLast:
    """``due = { kind = "after-last" }``: the cadence's months after the last completion (rolling only)."""


@dataclass(frozen=True, slots=True)
class OfRecord:
    """``due = { kind = "of-record" }``: the day that the record itself names (deadline, end of validity)."""


@dataclass(frozen=True, slots=True)
class MonthEndOfRecord:
    """``due = { kind = "month-end-of-record" }``: last day of the month of the record's day."""


Due = DayOfMonth | DaysAfter | DateOfYear | PeriodEnd | AfterLast | OfRecord | MonthEndOfRecord


class Roll(StrEnum):
    """What a holiday does to a due date; the legal date is not moved unless a rule says so."""

    NONE = "none"
    FOLLOWING = "following"
    PRECEDING = "preceding"


@dataclass(frozen=True, slots=True)
class Opens:
    """When work can start: ``{ kind = "after-period" | "period-start" | "days-before-due", days = n }``."""

    kind: str
    days: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What completes an occurrence.

    ``completed_by`` names a reader of the catalogue (``core/evidence_readers``); ``with_`` are its parameters;
    ``asks`` are the things a person hands in.
    """

    completed_by: str
    with_: Mapping[str, Value]
    asks: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who is told when an occurrence is this many days late."""

    days_late: int
    to: str


@dataclass(frozen=True, slots=True)
class Reminders:
    """Days before the due date on which the owner is told, and the ladder after it."""

    days_before: tuple[int, ...] = ()
    escalate: tuple[Escalation, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Obligation(Rule):
    """A duty that comes due: ``code`` is the catalogue's OB-…

    ``owner``/``approver`` are ids of posts or departments' posts; ``for_each`` = "plant" or a subject of the catalogue
    (``instrument``), filtered by ``where``; ``waivable`` says whether a person may waive an occurrence.
    """

    code: str
    cadence: Cadence
    due: Due
    opens: Opens
    evidence: Evidence
    owner: str
    approver: str | None = None
    for_each: str = "plant"
    where: Mapping[str, Value] = field(default_factory=dict)
    roll: Roll = Roll.NONE
    applies_if: Mapping[str, Value] = field(default_factory=dict)
    reminders: Reminders = field(default_factory=Reminders)
    waivable: bool = False
    document: str | None = None


# --- facts and findings ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FactType:
    """Signature of a derivation: its typed properties, and the names of the parameters it must be given."""

    derivation: str
    properties: Mapping[str, PropType]
    parameters: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FactRule(Rule):
    """A kind of fact: a derivation of the catalogue with the rule's own classes, posts and numbers.

    ``with_`` values may be ``{ approval = "id" }``, ``{ parameter = "id" }``, ``{ post = "id" }`` references, resolved
    by the loader's checker and handed to the derivation by :mod:`compliance.core.facts`.
    """

    derivation: str
    with_: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class PropOf:
    """Another property on the right of a comparison: ``{ of = "alias.property" }`` (alias empty = the same fact)."""

    alias: str
    prop: str


@dataclass(frozen=True, slots=True)
class Term:
    """``property = value`` (eq) or ``property = { lt = 5 }``; the value is a constant or another property."""

    prop: str
    op: Op
    value: Scalar | date | PropOf


@dataclass(frozen=True, slots=True)
class Pattern:
    """One fact that must be there, with all its terms true. ``fact`` is the id of a fact rule."""

    fact: str
    alias: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a finding leads to: ``raise`` nonconformity | notice, with category and grade (ids of vocabularies)."""

    raise_: str
    category: str
    grade: str


@dataclass(frozen=True, kw_only=True)
class Finding(Rule):
    """Something wrong. ``when``: patterns over facts, all needed. ``subject``/``period``/``note`` name properties of the
    first pattern's fact (``period``/``note`` may be empty). ``message`` may hold ``{property}`` places.

    Facts are judged by the wording in force on the fact's own day.
    """

    situation: str
    when: tuple[Pattern, ...]
    then: Consequence
    ticket: Ticket
    subject: str
    period: str
    message: Text
    remedy: Text
    note: str = ""


# --- people ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Post(Rule):
    """A post that rules name; ``words`` are the workbook's words for it; ``never_with`` posts one person never joins."""

    words: tuple[str, ...]
    never_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an approval: what is done, by which post (None = anyone entitled)."""

    do: str
    post: str | None = None
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Approval(Rule):
    """A chain of steps over one kind of thing, the steps that different persons take, posts never held together."""

    applies_to: tuple[str, ...]
    steps: tuple[Step, ...]
    distinct: tuple[tuple[str, ...], ...] = ()
    never_both: tuple[tuple[str, str], ...] = ()
    limits: Mapping[str, Value] = field(default_factory=dict)

    def post_of(self, step: str) -> str | None:
        """The post that takes a step."""
        return next((s.post for s in self.steps if s.do == step), None)


# --- records, documents, figures, calendar, words --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Retention(Rule):
    """How long a class of records is kept: ``keep = { years = 5, from = "year-end" }`` (a floor, never a command)."""

    applies_to: tuple[str, ...]
    years: int
    months: int
    starts: str
    disposal_approval: str | None = None


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
    sections: tuple[Mapping[str, Value], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Calendar(Rule):
    """Days off and make-up working days of one year; ``published`` false = computed ahead of the official notice."""

    year: int
    published: bool
    off: tuple[date, ...]
    work: tuple[date, ...]


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
    """The words that a column or a classification admits."""

    words: tuple[Word, ...]


RuleKind = (
    Obligation | FactRule | Finding | Post | Approval | Retention | Document | Calendar | Factor | Parameter | Vocabulary
)
