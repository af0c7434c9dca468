"""Lists of documents that screens need, and the port that answers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from compliance.core.controlled import ControlledDocument, DocumentVersion
from compliance.core.copies import CopyRow
from compliance.core.distribution import InForce
from compliance.core.documents.drift import Reason
from compliance.core.lists import PAGE, Page
from compliance.core.plants import Plant


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentQuery:
    """Which documents, newest first; ``state`` is that of the latest version, ``about`` the object it is on.

    ``stale``: those alone whose version in force is not what would be drawn up now.
    ``on``: the day on which what holds is asked; a version that waits for a later day does not hold yet.
    """

    state: str = ""
    rule: str = ""
    about: str = ""
    stale: bool = False
    after: str = ""
    limit: int = PAGE
    on: date = date.max


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document with its latest version, and the label of the one in force (empty if there is none).

    ``stale``: since when the one in force is not what would be drawn up now, and why.
    """

    document: ControlledDocument
    version: DocumentVersion
    in_force: str
    stale: date | None = None
    reasons: tuple[Reason, ...] = ()


class DocumentLists(Protocol):
    """Answers what documents there are."""

    def documents(self, plant: Plant, query: DocumentQuery) -> Page[DocumentRow]:
        """A page of documents."""
        ...

    def in_force(self, plant: Plant, numbers: Sequence[str] | None = None) -> Sequence[InForce]:
        """The issued versions that have not ended, with their readers: of these documents alone, or of all."""
        ...

    def copies(self, plant: Plant) -> Sequence[CopyRow]:
        """Every controlled copy of a plant, by document and number."""
        ...

    def numbers_about(self, plant: Plant, kind: str, about: str) -> list[str]:
        """The numbers of the documents on a case."""
        ...
