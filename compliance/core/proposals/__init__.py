"""Rule bases on their way into use: proposed with a plan, put into use by another person, gone back the same way."""

from __future__ import annotations

from compliance.core.proposals.kept import (
    OPEN,
    USED,
    WITHDRAWN,
    Made,
    Planned,
    PlanPart,
    Proposal,
    ProposalReads,
    ProposalRegister,
    ProposalWork,
)
from compliance.core.proposals.planned import AT_ONCE, PLANNING, PlannedProposals, ToldPlan
from compliance.core.proposals.proposing import ACTIVATE, PROPOSE, REPLAN, STEPS, WITHDRAW, Looked, Proposals, kept_plan
from compliance.core.proposals.refusals import (
    AlreadyProposed,
    NeedsReason,
    NoPlanYet,
    NoSuchProposal,
    NotForTheGroup,
    NothingChanges,
    OwnProposal,
    PlanIncomplete,
    PlanIsOld,
    PlanIsStale,
    TemplatesDoNotFit,
    TwoPersons,
)
from compliance.core.proposals.unfit import insist_on_templates
from compliance.core.proposals.who import same_person

__all__ = [
    "ACTIVATE",
    "AT_ONCE",
    "OPEN",
    "PLANNING",
    "PROPOSE",
    "REPLAN",
    "STEPS",
    "USED",
    "WITHDRAW",
    "WITHDRAWN",
    "AlreadyProposed",
    "Looked",
    "Made",
    "NeedsReason",
    "NoPlanYet",
    "NoSuchProposal",
    "NotForTheGroup",
    "NothingChanges",
    "OwnProposal",
    "PlanIncomplete",
    "PlanIsOld",
    "PlanIsStale",
    "PlanPart",
    "Planned",
    "PlannedProposals",
    "Proposal",
    "ProposalReads",
    "ProposalRegister",
    "ProposalWork",
    "Proposals",
    "TemplatesDoNotFit",
    "ToldPlan",
    "TwoPersons",
    "insist_on_templates",
    "kept_plan",
    "same_person",
]
