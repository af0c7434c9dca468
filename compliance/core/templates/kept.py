"""Templates of plants and of the group as the register keeps them, and what publishing asks of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from compliance.core.accounts import AccountReads
from compliance.core.acts import Act
from compliance.core.documents.sets.base import SetReads
from compliance.core.plants import Plant

#: What may be of a template.
OPEN, PUBLISHED, SUPERSEDED, REJECTED, WITHDRAWN = "open", "published", "superseded", "rejected", "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVersion:
    """A template of a plant, or of the group, for the rule of a document, numbered from 1.

    ``file`` None: it goes back to what holds without one of its own, for a plant the group's or else the shipped one.

    ``sample`` is a document that was made with it, ``pdf`` that document's pages; ``lacks`` are the advised sections
    that it leaves out.
    """

    document: str
    number: int
    file: str | None
    file_name: str
    login: str
    account: str | None
    name: str
    reason: str
    at: str
    sample: str | None = None
    pdf: str | None = None
    lacks: str = ""
    state: str = OPEN
    decided_login: str | None = None
    decided_account: str | None = None
    decided_name: str | None = None
    decided_at: str | None = None
    decided_why: str = ""

    @property
    def object_id(self) -> str:
        """What the trail calls it."""
        return f"{self.document}/{self.number}"

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that it names."""
        return tuple(name for name in (self.file, self.sample, self.pdf) if name)


class TemplateReads(AccountReads, SetReads, Protocol):
    """What templates ask of a look."""

    def plants(self) -> Sequence[Plant]:
        """All plants by key."""
        ...

    def templates(self, plant: Plant | None, document: str = "") -> Sequence[TemplateVersion]:
        """The templates of a plant, or the group's (for one document), by document, newest first."""
        ...

    def with_own_template(self, document: str) -> frozenset[int]:
        """The ids of the plants that have a template of their own in use for a rule's documents."""
        ...

    def templates_near(
        self, plant: Plant, document: str
    ) -> tuple[Sequence[TemplateVersion], Sequence[TemplateVersion]]:
        """The templates of a plant and those of the group for one document, each newest first: one statement."""
        ...

    def made_with(self, plant: Plant, file: str) -> Sequence[str]:
        """The names of the versions of the plant's documents that a template made, the newest 50."""
        ...


class TemplateWork(TemplateReads, Protocol):
    """What templates ask of a writing transaction."""

    def add_template(self, plant: Plant | None, template: TemplateVersion) -> None:
        """Keep a new template of a plant, or of the group."""
        ...

    def decide_template(self, plant: Plant | None, template: TemplateVersion) -> None:
        """Note what came of a template: state, by whom, when and why."""
        ...

    def record(self, act: Act, plant: Plant | None) -> int:
        """Append the act's leaf."""
        ...


class TemplateRegister(Protocol):
    """The register as templates need it."""

    def read(self) -> AbstractContextManager[TemplateReads]:
        """Open a look."""
        ...

    def work(self) -> AbstractContextManager[TemplateWork]:
        """Open a writing transaction."""
        ...
