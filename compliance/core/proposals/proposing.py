"""A changed rule base on its way into use: proposed by one person with its plan, put into use by another.

The plan is made again when the rules are put into use: the second person signs what would happen now, not what the
first one saw. Going back is the same way with an earlier snapshot. That they are two the rules say (the approval that
applies to rules); at the server the operator alone may start a workspace that nobody can sign in to yet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from typing import Any

from compliance.core.accounts import BY_PASSWORD, BY_RECOVERY, Membership, SignedIn, User
from compliance.core.acts import Act, ObjectRef
from compliance.core.cases import SignatureRefused
from compliance.core.permissions import SETS, Permission
from compliance.core.planning import Plan, may_be_used
from compliance.core.ports import Vault
from compliance.core.proposals.kept import (
    OPEN,
    USED,
    WITHDRAWN,
    Proposal,
    ProposalReads,
    ProposalRegister,
    ProposalWork,
)
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
from compliance.core.rulebooks import Shelf
from compliance.kernel.canonical import canonical, digest_of
from compliance.kernel.errors import Refused
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Approval

#: What the approval applies to that says which steps different persons take, and its two steps.
RULES, PROPOSE, ACTIVATE = "rules", "propose", "activate"
#: What else may become of a proposal: taken back; planned anew, as what would happen changes with the plants.
WITHDRAW, REPLAN = "withdraw", "replan"
STEPS = (REPLAN, ACTIVATE, WITHDRAW)
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Looked:
    """A proposal as a person looks at it. ``refused``: why not, by step; ``others``: who may put it into use."""

    proposal: Proposal
    plan: Mapping[str, Any]
    refused: Mapping[str, Refused]
    others: tuple[User, ...]
    rule: str

    def offers(self, step: str) -> bool:
        """Whether the person may take a step now."""
        return self.proposal.state == OPEN and step not in self.refused


@dataclass(frozen=True)
class Proposals:
    """Proposing rule bases and putting them into use. ``plan_of`` plans a rule base beside the one in use."""

    register: ProposalRegister
    shelf: Shelf
    vault: Vault
    before: RuleBase
    today: Callable[[], date]
    moment: Callable[[], str]
    plan_of: Callable[[RuleBase], Plan]

    def propose(self, after: RuleBase, person: SignedIn, reason: str) -> tuple[Proposal, Plan]:
        """Keep a rule base with its plan for somebody else to put into use; refused where records would go earlier."""
        if not reason.strip():
            raise NeedsReason
        if after.digest == self.before.digest:
            raise NothingChanges
        with self._refusing(person, after.digest):
            with self.register.read() as reads:
                self._insist(reads, person)
                _not_waiting(reads, after.digest)
            may_be_used(self.before, after, self.today())
            plan = self.plan_of(after)
            self.shelf.keep(after)
            file = self._keep(plan)
            made = self._proposal(after, plan, file, person.user, reason.strip())
            with self.register.work() as work:
                self._insist(work, person)
                _not_waiting(work, after.digest)
                made = replace(made, id=work.add_proposal(made))
                work.record(self._act(PROPOSE, person, made, plan, file), None)
        return made, plan

    def activate(
        self, after: RuleBase, person: SignedIn, *, seen: str, method: str = BY_PASSWORD
    ) -> tuple[Proposal, Plan]:
        """Put a proposed rule base into use, signed by another person who has seen the plan of that digest.

        ``method``: how the person proved who signs; empty if they did not. Who may, what is in use and that no plant
        has changed since it was planned are asked again in the transaction.
        """
        with self._refusing(person, after.digest):
            with self.register.read() as reads:
                self._standing(reads, after, person)
                sizes = _sizes(reads)
            if method in ("", BY_RECOVERY):
                raise SignatureRefused
            may_be_used(self.before, after, self.today())
            plan = self.plan_of(after)
            if plan.digest != seen:
                raise PlanIsStale(plan=plan.digest)
            file = self._keep(plan)
            with self.register.work() as work:
                found = self._standing(work, after, person)
                if _sizes(work) != sizes or work.active_rules() != found.before:
                    raise PlanIsStale(plan=plan.digest)
                work.activate_rules(after.digest)
                work.decide_proposal(found, USED, person.user.login, person.user.name, self.moment())
                _lengthen(work, plan)
                work.record(self._act(ACTIVATE, person, found, plan, file, method), None)
        self.shelf.note(after.digest)
        return found, plan

    def replan(self, after: RuleBase, person: SignedIn) -> tuple[Proposal, Plan]:
        """Plan an open proposal anew beside the rules now in use, for whoever will sign that; the same plan leaves all.

        The plan of yesterday's register is not the one of today's.
        """
        with self._refusing(person, after.digest):
            with self.register.read() as reads:
                self._insist(reads, person)
                found = _open_proposal(reads, after.digest)
            may_be_used(self.before, after, self.today())
            plan = self.plan_of(after)
            if (plan.digest, self.before.digest) == (found.plan, found.before):
                return found, plan
            file = self._keep(plan)
            with self.register.work() as work:
                self._insist(work, person)
                found = _open_proposal(work, after.digest)
                anew = replace(found, before=self.before.digest, plan=plan.digest, file=file.sha256)
                work.replan_proposal(found, anew.before, anew.plan, anew.file)
                work.record(self._act(REPLAN, person, anew, plan, file), None)
        return anew, plan

    def withdraw(self, digest: str, person: SignedIn, reason: str) -> Proposal:
        """Take a proposal back."""
        if not reason.strip():
            raise NeedsReason
        with self._refusing(person, digest), self.register.work() as work:
            self._insist(work, person)
            found = _open_proposal(work, digest)
            work.decide_proposal(found, WITHDRAWN, person.user.login, person.user.name, self.moment())
            work.record(
                Act(
                    actor=person.actor(),
                    action=f"{RULES}:{WITHDRAW}",
                    object_type=RULES,
                    object_id=digest,
                    changes=({"f": "state", "old": OPEN, "new": WITHDRAWN},),
                    reason=reason.strip(),
                ),
                None,
            )
        return found

    # --- who

    def look(self, number: int, person: SignedIn) -> Looked | None:
        """A proposal with what this person may do about it, and who may put it into use."""
        with self.register.read() as reads:
            found = reads.numbered_proposal(number)
            if found is None:
                return None
            able = _able(reads)
        others = tuple(u for u in able.users if not (self._apart and _same(found, u)))
        refused: dict[str, Refused] = {}
        if found.state == OPEN:
            refused = {verb: why for verb in STEPS if (why := self._why_not(able, found, person, verb))}
        return Looked(found, kept_plan(self.vault, found), refused, others, self.named)

    def may_propose(self, reads: ProposalReads, person: SignedIn) -> Refused | None:
        """Why a person may not propose rules; None if they may."""
        return self._for_the_group(_able(reads), person)

    def only_operator(self, reads: ProposalReads) -> None:
        """Raise :class:`TwoPersons` where two persons could change the rules: then the operator alone does not."""
        logins = sorted(user.login for user in _able(reads).users)
        if len(logins) > 1:
            raise TwoPersons(logins="、".join(logins))

    def _insist(self, reads: ProposalReads, person: SignedIn) -> None:
        refusal = self._for_the_group(_able(reads), person)
        if refusal is not None:
            raise refusal

    def _standing(self, reads: ProposalReads, after: RuleBase, person: SignedIn) -> Proposal:
        """The open proposal of a rule base, where this person may put it into use."""
        found = _open_proposal(reads, after.digest)
        refusal = self._why_not(_able(reads), found, person, ACTIVATE)
        if refusal is not None:
            raise refusal
        return found

    def _why_not(self, able: _Able, found: Proposal, person: SignedIn, verb: str) -> Refused | None:
        refusal = self._for_the_group(able, person)
        if refusal is None and verb == ACTIVATE and self._apart and _same(found, person.user):
            return OwnProposal(rule=self.named)
        return refusal

    def _for_the_group(self, able: _Able, person: SignedIn) -> Refused | None:
        """Rules hold everywhere: neither a role in one plant suffices, nor a token that is narrowed to one."""
        known = any(user.id == person.user.id for user in able.users)
        return None if known and able.holds(person.memberships) else NotForTheGroup(rule=self.named)

    @property
    def _apart(self) -> bool:
        """Whether the rules want different persons for the two steps; they do where no rule says anything."""
        rule = self._rule
        return rule is None or any({PROPOSE, ACTIVATE} <= set(group) for group in rule.distinct)

    @property
    def _rule(self) -> Approval | None:
        return next((r for r in self.before.in_force(Approval, self.today()) if RULES in r.applies_to), None)

    @property
    def named(self) -> str:
        """The rule that says who takes which step; the word of the approval where none does."""
        rule = self._rule
        return f"{rule.kind}.{rule.id}" if rule else RULES

    @contextmanager
    def _refusing(self, person: SignedIn, digest: str) -> Iterator[None]:
        """A refusal of a known person leaves one leaf, and nothing else."""
        try:
            yield
        except Refused as refusal:
            with self.register.work() as work:
                work.record(
                    Act(
                        actor=person.actor(),
                        action=f"{RULES}:refused",
                        object_type=RULES,
                        object_id=digest,
                        reason=refusal.message.zh,
                    ),
                    None,
                )
            raise

    # --- what is kept

    def _keep(self, plan: Plan) -> ObjectRef:
        shape = plan.shape
        return self.vault.put(BytesIO(canonical(shape)), name=f"plan-{plan.after[:12]}.json", media_type=_JSON)

    def _proposal(self, after: RuleBase, plan: Plan, file: ObjectRef, user: User, reason: str) -> Proposal:
        return Proposal(
            id=0,
            digest=after.digest,
            before=self.before.digest,
            plan=plan.digest,
            file=file.sha256,
            login=user.login,
            account=user.person,
            name=user.name,
            reason=reason,
            at=self.moment(),
        )

    def _act(
        self, verb: str, person: SignedIn, proposal: Proposal, plan: Plan, file: ObjectRef, method: str = ""
    ) -> Act:
        covers = digest_of([proposal.digest, proposal.before, plan.digest, proposal.reason, verb])
        return Act(
            actor=person.actor(),
            action=f"{RULES}:{verb}",
            object_type=RULES,
            object_id=proposal.digest,
            changes=(
                {"f": "ruleset", "old": proposal.before, "new": proposal.digest},
                {"f": "plan", "old": None, "new": plan.digest},
                {"f": "covers", "old": None, "new": covers},
                *([{"f": "signed", "old": None, "new": method}] if method else []),
            ),
            reason=proposal.reason,
            objects=(file,),
            rule={"approval": self.named, "step": verb},
        )


def kept_plan(vault: Vault, proposal: Proposal) -> Mapping[str, Any]:
    """The plan of a proposal as it was kept."""
    with vault.open(proposal.file) as file:
        plan: Mapping[str, Any] = json.load(file)
    return plan


def _open_proposal(reads: ProposalReads, digest: str) -> Proposal:
    found = reads.proposal(digest)
    if found is None or found.state != OPEN:
        raise NoSuchProposal(digest=digest)
    return found


def _not_waiting(reads: ProposalReads, digest: str) -> None:
    found = reads.proposal(digest)
    if found is not None and found.state == OPEN:
        raise AlreadyProposed(name=found.name)


def _sizes(reads: ProposalReads) -> dict[str, int]:
    """How long each plant's log is: it grows with every change of what a plan rests on."""
    return {plant.key: reads.version(plant) for plant in reads.plants()}


@dataclass(frozen=True, slots=True)
class _Able:
    """The sign-ins that may change rules in every plant, or in the group."""

    plants: frozenset[str]
    users: tuple[User, ...] = ()

    def holds(self, memberships: Iterable[Membership]) -> bool:
        """Whether these roles suffice."""
        held = {m.plant for m in memberships if Permission.CHANGE_RULES in SETS.get(m.role, frozenset())}
        return None in held or (bool(self.plants) and self.plants <= held)


def _able(reads: ProposalReads) -> _Able:
    able = _Able(frozenset(plant.key for plant in reads.plants()))
    users = (user for user, memberships in reads.users() if user.active and able.holds(memberships))
    return replace(able, users=tuple(users))


def _same(found: Proposal, user: User) -> bool:
    """Whether somebody proposed it, by this sign-in or another one of the same person."""
    return found.login == user.login or (found.account is not None and found.account == user.person)


def _lengthen(work: ProposalWork, plan: Plan) -> None:
    """Keep documents as long as the rules now say; nothing is ever kept for less time."""
    for one in plan.plants:
        for longer in one.lengthened:
            known = work.document(one.plant, longer.document)
            if known is not None:
                work.save_document(one.plant, replace(known[0], retain_until=longer.after))
                work.retain(longer.files, longer.after)
