"""Rule bases on their way into use: proposed with a plan, put into use by another person, gone back the same way."""

from __future__ import annotations

from compliance.core.proposals.kept import (
    OPEN,
    USED,
    WITHDRAWN,
    Proposal,
    ProposalReads,
    ProposalRegister,
    ProposalWork,
)
from compliance.core.proposals.proposing import ACTIVATE, PROPOSE, REPLAN, STEPS, WITHDRAW, Looked, Proposals, kept_plan
from compliance.core.proposals.refusals import (
    AlreadyProposed,
    NeedsReason,
    NoSuchProposal,
    NotForTheGroup,
    NothingChanges,
    OwnProposal,
    PlanIsStale,
    TwoPersons,
)

__all__ = [
    "ACTIVATE",
    "OPEN",
    "PROPOSE",
    "REPLAN",
    "STEPS",
    "USED",
    "WITHDRAW",
    "WITHDRAWN",
    "AlreadyProposed",
    "Looked",
    "NeedsReason",
    "NoSuchProposal",
    "NotForTheGroup",
    "NothingChanges",
    "OwnProposal",
    "PlanIsStale",
    "Proposal",
    "ProposalReads",
    "ProposalRegister",
    "ProposalWork",
    "Proposals",
    "TwoPersons",
    "kept_plan",
]
