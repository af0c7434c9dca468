"""Controlled copies on paper: numbered, handed to a holder, called back once their version has ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from compliance.kernel.text import Text

#: The kind of thing that a copy is to whoever is told of it; its id is that of the document and the copy's number.
COPY = "copy"


class Outcome(StrEnum):
    """What became of a copy."""

    RETURNED = "returned"
    DESTROYED = "destroyed"
    LOST = "lost"


class CopyState(StrEnum):
    """Where a copy stands: with its holder, to be called back, to be witnessed by a second person, over."""

    HELD = "held"
    RECALLED = "recalled"
    WITNESS = "witness"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlledCopy:
    """A copy of a version by its number within the document; who gave it out and who ended it stand as text.

    ``two``: whether a second person has to witness its end; ``second_by`` and ``second_at``: who did, and when.
    """

    number: str
    copy: int
    place: int
    label: str
    holder: str
    kept_at: str
    issued_at: str
    issued_by: str
    issued_name: str
    outcome: str = ""
    why: str = ""
    ended_at: str | None = None
    ended_by: str = ""
    ended_name: str = ""
    two: bool = False
    second_at: str | None = None
    second_by: str = ""
    second_name: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more is to be done about it."""
        return self.ended_at is not None and (self.second_at is not None or not self.two)

    def state(self, *, version_ended: bool) -> CopyState:
        """Where it stands; a version that has ended calls its copies back."""
        if self.over:
            return CopyState.ENDED
        if self.ended_at is not None:
            return CopyState.WITNESS
        return CopyState.RECALLED if version_ended else CopyState.HELD


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A copy as a list shows it: with its document's title and rule, where it stands, when its version ended."""

    copy: ControlledCopy
    rule: str
    title: Text
    state: CopyState
    version_ended: str | None = None
