"""What somebody is about to do, as rules judge it before it is done: corrections, signatures, disposals.

Deeds are no rows: nothing of them is stored. They stand in :attr:`PlantData.deeds` while an act is judged, and nowhere
else, so that facts about them arise at the act alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.core.model.base import Row


@dataclass(frozen=True, slots=True)
class Correction:
    """A stored row that is about to read otherwise."""

    old: Row
    new: Row

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields that change."""
        names = (c.name for c in type(self.old).SHEET.columns)
        return tuple(name for name in names if getattr(self.old, name) != getattr(self.new, name))


@dataclass(frozen=True, slots=True)
class Signing:
    """A version of a document that is about to be signed: the wordings of its rule, then and now (digests)."""

    document: str
    drawn_by: str
    now: str


@dataclass(frozen=True, slots=True)
class Disposal:
    """A record that is about to be deleted or kept shorter: until when it is kept, and until when it would be."""

    record: str
    kept_until: date | None
    until: date


@dataclass(frozen=True, slots=True)
class FigurePart:
    """A part of a total that a rule base is about to define: a figure of a boundary, or an amount of a class."""

    total: str
    boundary: str
    part: str
    part_boundary: str = ""
    item_class: str = ""


Deed = Correction | Signing | Disposal | FigurePart
