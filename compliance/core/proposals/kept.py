"""Proposals of rule bases as the register keeps them, and what they ask of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from compliance.core.accounts import AccountReads
from compliance.core.acts import Act
from compliance.core.controlled import ControlledDocument, DocumentVersion
from compliance.core.lists import Page
from compliance.core.planning import PlanReads
from compliance.core.plants import Plant

#: What may be of a proposal.
OPEN, USED, WITHDRAWN = "open", "used", "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposed rule base. ``plan`` is the digest of the plan that was made last, ``file`` that plan in the vault."""

    id: int
    digest: str
    before: str
    plan: str
    file: str
    login: str
    account: str | None
    name: str
    reason: str
    at: str
    state: str = OPEN
    decided_by: str | None = None
    decided_name: str | None = None
    decided_at: str | None = None


class ProposalReads(AccountReads, PlanReads, Protocol):
    """What proposals ask of a look."""

    def proposals(self, limit: int = 50) -> Sequence[Proposal]:
        """The proposals, newest first."""
        ...

    def proposal_page(self, after: str, limit: int) -> Page[Proposal]:
        """A page of proposals, newest first."""
        ...

    def proposal(self, digest: str) -> Proposal | None:
        """The newest proposal of a rule base."""
        ...

    def numbered_proposal(self, number: int) -> Proposal | None:
        """The proposal of an id."""
        ...


class ProposalWork(ProposalReads, Protocol):
    """What proposals ask of a writing transaction."""

    def add_proposal(self, proposal: Proposal) -> int:
        """Keep a new proposal; its id."""
        ...

    def replan_proposal(self, proposal: Proposal, before: str, plan: str, file: str) -> None:
        """Note another plan of a proposal, beside the rule base then in use."""
        ...

    def decide_proposal(self, proposal: Proposal, state: str, login: str, name: str, at: str) -> None:
        """Note what came of a proposal, by whom and when."""
        ...

    def activate_rules(self, digest: str) -> None:
        """Make the rule base of a digest the one in use."""
        ...

    def retain(self, files: Sequence[str], until: date) -> None:
        """Keep files at least until a day."""
        ...

    def save_document(self, plant: Plant, document: ControlledDocument) -> None:
        """Insert or replace a document by number."""
        ...

    def document(self, plant: Plant, number: str) -> tuple[ControlledDocument, Sequence[DocumentVersion]] | None:
        """A document with its versions."""
        ...

    def record(self, act: Act, plant: Plant | None) -> int:
        """Append the act's leaf."""
        ...


class ProposalRegister(Protocol):
    """The register as proposals need it."""

    def read(self) -> AbstractContextManager[ProposalReads]:
        """Open a look."""
        ...

    def work(self) -> AbstractContextManager[ProposalWork]:
        """Open a writing transaction."""
        ...
