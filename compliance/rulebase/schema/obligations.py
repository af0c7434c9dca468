"""Obligations: cadence, due day, evidence, reminders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from compliance.kernel.text import Text
from compliance.rulebase.schema.common import Number, Rule, Value


class Every(StrEnum):
    """Length of a calendar period."""

    DAY = "day"
    WEEK = "week"
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
class TradingDaysAfter:
    """``due = { kind = "trading-days-after", days = 5 }``: days after the anchor on which markets trade."""

    days: Number


@dataclass(frozen=True, slots=True)
class DateOfYear:
    """``due = { kind = "date-of-year", month = 3, day = 31, years_after = 1 }``."""

    month: Number
    day: Number
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


Due = DayOfMonth | DaysAfter | TradingDaysAfter | DateOfYear | PeriodEnd | AfterLast | OfRecord | MonthEndOfRecord


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


#: What of an obligation the source may leave open, so that it is the plant's choice.
CHOICES = ("cadence", "due", "owner", "approver")


@dataclass(frozen=True, kw_only=True)
class Obligation(Rule):
    """A duty that comes due; ``code`` is its code in the catalogue.

    ``owner``/``approver`` are ids of posts or departments' posts; ``for_each`` = "plant" or a subject of the catalogue
    (``instrument``), filtered by ``where``; ``waivable`` says whether a person may waive an occurrence. ``choices``:
    what of it the source leaves open, so that the value here is a default of the plant's choice.
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
    choices: tuple[str, ...] = ()
