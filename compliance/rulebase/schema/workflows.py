"""Workflows: states, fields and steps of a case, and who may take a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from compliance.kernel.text import Text
from compliance.rulebase.schema.common import Rule, Scalar
from compliance.rulebase.schema.obligations import Reminders

#: The day on which a step is taken, where a field's day is held against it.
TODAY = "today"


class FieldType(StrEnum):
    """What a field of a case holds."""

    TEXT = "text"
    DAY = "day"
    PERSON = "person"
    CHOICE = "choice"
    FILES = "files"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class CaseField:
    """A field of a case; ``vocabulary`` names the words of a choice.

    A day stands beside others (``today`` or day fields): ``not_after``, ``not_before``, ``later_than``.
    """

    id: str
    title: Text
    type: FieldType
    vocabulary: str = ""
    not_after: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()
    later_than: tuple[str, ...] = ()

    @property
    def beside(self) -> tuple[str, ...]:
        """The days that the field's own is held against."""
        return (*self.not_after, *self.not_before, *self.later_than)


@dataclass(frozen=True, slots=True)
class CaseState:
    """A state of a case; ``final``: no step leads on."""

    id: str
    title: Text
    final: bool = False


@dataclass(frozen=True, slots=True)
class CaseStep:
    """One step. ``by``: alternatives of who may take it; ``not_by``: steps and fields whose persons may not.

    ``not_for``: steps and fields whose persons the step's own fields may not name.

    ``when``: values that fields must have; ``sign``: meaning of the signature, None if the step is not signed;
    ``copies``: fields that take the value of another field once the step is taken.
    """

    id: str
    title: Text
    from_: tuple[str, ...]
    to: str
    by: tuple[str, ...]
    not_by: tuple[str, ...] = ()
    not_for: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    when: Mapping[str, Scalar] = field(default_factory=dict)
    copies: Mapping[str, str] = field(default_factory=dict)
    sign: Text | None = None
    reason: bool = False


@dataclass(frozen=True, slots=True)
class ActionReminders:
    """In which states a case's owner works towards its due day, and who is told before and after it."""

    states: tuple[str, ...] = ()
    ladder: Reminders = field(default_factory=Reminders)


@dataclass(frozen=True, slots=True)
class Timed:
    """Within how many days something beside the cases themselves is settled, and who is told before and after."""

    days: int
    ladder: Reminders


@dataclass(frozen=True, kw_only=True)
class Workflow(Rule):
    """How one kind of thing is worked, from its first state to a final one.

    ``requests``: by when requests to change such a thing are decided; ``recalls``: by when copies of one that has
    ended are called back. None: nobody is told of them.
    """

    applies_to: str
    start: str
    states: tuple[CaseState, ...]
    fields: tuple[CaseField, ...]
    steps: tuple[CaseStep, ...]
    reminders: ActionReminders = ActionReminders()
    requests: Timed | None = None
    recalls: Timed | None = None

    @property
    def finals(self) -> frozenset[str]:
        """Ids of the final states."""
        return frozenset(s.id for s in self.states if s.final)

    def state(self, name: str) -> CaseState | None:
        """The state of an id."""
        return next((s for s in self.states if s.id == name), None)

    def field(self, name: str) -> CaseField | None:
        """The field of an id."""
        return next((f for f in self.fields if f.id == name), None)

    def step(self, name: str) -> CaseStep | None:
        """The step of an id."""
        return next((s for s in self.steps if s.id == name), None)
