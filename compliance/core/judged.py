"""What judging yields and the register keeps: occurrences, findings, nonconformities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from compliance.kernel.text import Text
from compliance.rulebase.evaluator import FactValue

#: Kinds of things that are worked as cases.
OCCURRENCE = "occurrence"
NONCONFORMITY = "nonconformity"


class OccurrenceState(StrEnum):
    """Where an occurrence stands on a day."""

    UPCOMING = "upcoming"
    OPEN = "open"
    DONE = "done"
    DONE_LATE = "done-late"
    OVERDUE = "overdue"
    WAIVED = "waived"
    NOT_RECORDED = "not-recorded"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One dated instance of an obligation. ``due`` is the last good day; ``subject`` the plant's key or an object's.

    ``rule_digest`` names the wording that made it, ``ruleset`` the rule base that first made it so, ``numbers`` the
    parameters as they were resolved for the plant.
    """

    obligation: str
    code: str
    title: Text
    clause: str
    strength: str
    subject: str
    period: str
    opens: date
    due: date
    effective_workday: date
    provisional: bool
    state: OccurrenceState
    done_on: date | None
    derivation: Text
    owner: str
    approver: str | None
    rule_digest: str
    anchor: date
    ruleset: str = ""
    numbers: tuple[tuple[str, int], ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """Obligation, subject, period: unique within a plant."""
        return self.obligation, self.subject, self.period


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something wrong, as the engines conclude it. ``ticket`` is the key of the nonconformity that gathers it.

    ``rule_digest`` names the wording that judged, ``ruleset`` the rule base that first concluded it so.
    """

    situation: str
    rule: str
    title: Text
    clause: str
    strength: str
    subject: str
    period: str
    note: str
    category: str
    grade: str
    message: Text
    remedy: Text
    facts: tuple[Mapping[str, FactValue], ...]
    ticket: str
    rule_digest: str
    ruleset: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Situation, subject, period: unique within a plant."""
        return self.situation, self.subject, self.period


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFinding:
    """A finding in the register: when a pulse first saw it, and when it ceased to hold."""

    id: int
    found: Found
    first_seen: date
    withdrawn: date | None
    nonconformity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nonconformity:
    """A ticket: one for each group of findings. ``number`` is the plant's own series."""

    number: str
    rule: str
    group: str
    title: Text
    category: str
    grade: str
    state: str
    opened: date
    origin: str

    @property
    def first_group(self) -> str:
        """The group of findings, also of a ticket that was opened anew after an earlier one had been closed."""
        return self.group.removesuffix(f"#{self.number}")
