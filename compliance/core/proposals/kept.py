"""Proposals of rule bases as the register keeps them, and what they ask of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

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
    """A proposed rule base. ``plan`` is the digest of the plan that was made last, ``file`` that plan in the vault.

    Both are empty until a plan is made.
    """

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


@dataclass(frozen=True, slots=True)
class Made:
    """What a plant was planned from: the rules in use, the length of its log, the day that was judged."""

    before: str
    version: int
    day: date


@dataclass(frozen=True, slots=True)
class PlanPart:
    """What a proposal would do to one plant, as it was told when it was planned."""

    plant: str
    made: Made
    told: Mapping[str, Any]


class Planned(Protocol):
    """A plan as it is kept and signed."""

    @property
    def shape(self) -> Mapping[str, object]:
        """The plan as plain JSON."""
        ...

    @property
    def digest(self) -> str:
        """Names exactly this plan."""
        ...


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

    def plan_parts(self, number: int) -> Sequence[PlanPart]:
        """What plants were planned of the proposal of an id."""
        ...

    def versions(self, plants: Sequence[Plant]) -> Mapping[str, int]:
        """How long each plant's log is, by key."""
        ...

    def templates_published(self, plant: Plant | None) -> Mapping[str, str]:
        """The files of the plant's own templates in use, or of the group's, by the rules of their documents."""
        ...


class ProposalWork(ProposalReads, Protocol):
    """What proposals ask of a writing transaction."""

    def add_proposal(self, proposal: Proposal) -> int:
        """Keep a new proposal; its id."""
        ...

    def replan_proposal(self, proposal: Proposal, before: str, plan: str, file: str) -> None:
        """Note another plan of a proposal, beside the rule base then in use."""
        ...

    def keep_plan_part(self, proposal: Proposal, plant: Plant, part: PlanPart) -> None:
        """Keep what a plant was planned, instead of what was kept before; no act by itself."""
        ...

    def forget_plan_parts(self, proposal: Proposal) -> None:
        """Let them go: the proposal is decided, and its plan is a file of its own."""
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
