"""A changed rule base on its way into use: proposed by one person with its plan, put into use by another.

The plan is made again when the rules are put into use: the second person signs what would happen now, not what the
first one saw. Going back is the same way with an earlier snapshot. That they are two the rules say (the approval that
applies to rules); at the server the operator alone may start a workspace that nobody can sign in to yet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from typing import Any, cast

from compliance.core.accounts import BY_PASSWORD, BY_RECOVERY, SignedIn, User
from compliance.core.acts import Act, Actor, ObjectRef
from compliance.core.cases import SignatureRefused
from compliance.core.planning import Plan, lengthened, may_be_used
from compliance.core.ports import Vault
from compliance.core.proposals.kept import (
    OPEN,
    USED,
    WITHDRAWN,
    Planned,
    Proposal,
    ProposalReads,
    ProposalRegister,
    ProposalWork,
)
from compliance.core.proposals.refusals import (
    AlreadyProposed,
    NeedsReason,
    NoPlanYet,
    NoSuchProposal,
    NotForTheGroup,
    NothingChanges,
    OwnProposal,
    PlanIsStale,
    TwoPersons,
)
from compliance.core.proposals.unfit import insist_on_templates
from compliance.core.proposals.who import Able, able_of, same_person
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
    """A proposal as a person looks at it. ``plan``: None before it is made.

    ``refused``: why not, by step; ``others``: who may put it into use.
    """

    proposal: Proposal
    plan: Mapping[str, Any] | None
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
        with self.putting_forward(after, person, reason) as why:
            plan = self.plan_of(after)
            made = self.added(after, person, why, plan)
        return made, plan

    @contextmanager
    def putting_forward(self, after: RuleBase, person: SignedIn, reason: str) -> Iterator[str]:
        """Propose in here, for the reason that it yields; raises where the person or the rule base may not."""
        if not reason.strip():
            raise NeedsReason
        if after.digest == self.before.digest:
            raise NothingChanges
        with self.refusing(person, after.digest):
            with self.register.read() as reads:
                self.insist(reads, person)
                not_waiting(reads, after.digest)
            may_be_used(self.before, after, self.today())
            yield reason.strip()

    def added(self, after: RuleBase, person: SignedIn, reason: str, plan: Plan | None) -> Proposal:
        """Keep a proposal; without a plan, that comes later."""
        self.shelf.keep(after)
        file = self.keep(plan) if plan else None
        made = self._proposal(after, plan, file, person.user, reason)
        with self.register.work() as work:
            self.insist(work, person)
            not_waiting(work, after.digest)
            made = replace(made, id=work.add_proposal(made))
            work.record(self.act(PROPOSE, person.actor(), made, plan, file), None)
        return made

    def activate(
        self, after: RuleBase, person: SignedIn, *, seen: str, method: str = BY_PASSWORD
    ) -> tuple[Proposal, Planned]:
        """Put a proposed rule base into use, signed by another person who has seen the plan of that digest.

        ``method``: how the person proved who signs; empty if they did not. Who may, what is in use and that no plant
        has changed since it was planned are asked again in the transaction.
        """
        with self.refusing(person, after.digest):
            with self.register.read() as reads:
                found = self._standing(reads, after, person)
                ground = _ground(reads)
            if method in ("", BY_RECOVERY):
                raise SignatureRefused
            may_be_used(self.before, after, self.today())
            plan = self.plan_to_sign(after, found)
            if plan.digest != seen:
                raise PlanIsStale(plan=plan.digest)
            insist_on_templates(cast("Sequence[Mapping[str, Any]]", plan.shape.get("templates", ())))
            file = self.keep(plan)
            with self.register.work() as work:
                found = self._standing(work, after, person)
                if _ground(work) != ground or work.active_rules() != found.before:
                    raise PlanIsStale(plan=plan.digest)
                work.activate_rules(after.digest)
                used = self._decide(work, found, USED, person)
                work.forget_plan_parts(found)
                _lengthen(work, after)
                work.record(self.act(ACTIVATE, person.actor(), found, plan, file, method), None)
        self.shelf.note(after.digest)
        return used, plan

    def replan(self, after: RuleBase, person: SignedIn) -> tuple[Proposal, Plan]:
        """Plan an open proposal anew beside the rules now in use, for whoever will sign that; the same plan leaves all.

        The plan of yesterday's register is not the one of today's.
        """
        with self.still_open(after, person) as found:
            plan = self.plan_of(after)
            if (plan.digest, self.before.digest) == (found.plan, found.before):
                return found, plan
            file = self.keep(plan)
            with self.register.work() as work:
                self.insist(work, person)
                anew = self.planned_anew(work, open_proposal(work, after.digest), plan, file, person.actor())
        return anew, plan

    @contextmanager
    def still_open(self, after: RuleBase, person: SignedIn) -> Iterator[Proposal]:
        """Plan an open proposal in here; raises where the person may not, or the rules may not be used any more."""
        with self.refusing(person, after.digest):
            with self.register.read() as reads:
                self.insist(reads, person)
                found = open_proposal(reads, after.digest)
            may_be_used(self.before, after, self.today())
            yield found

    def planned_anew(
        self, work: ProposalWork, found: Proposal, plan: Planned, file: ObjectRef, actor: Actor
    ) -> Proposal:
        """Note a plan of a proposal, with its leaf."""
        anew = replace(found, before=self.before.digest, plan=plan.digest, file=file.sha256)
        work.replan_proposal(found, anew.before, anew.plan, anew.file)
        work.record(self.act(REPLAN, actor, anew, plan, file), None)
        return anew

    def withdraw(self, digest: str, person: SignedIn, reason: str) -> Proposal:
        """Take a proposal back."""
        if not reason.strip():
            raise NeedsReason
        with self.refusing(person, digest), self.register.work() as work:
            self.insist(work, person)
            found = open_proposal(work, digest)
            work.forget_plan_parts(found)
            withdrawn = self._decide(work, found, WITHDRAWN, person)
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
        return withdrawn

    def _decide(self, work: ProposalWork, found: Proposal, state: str, person: SignedIn) -> Proposal:
        """End a proposal; as it is then."""
        user, moment = person.user, self.moment()
        work.decide_proposal(found, state, user.login, user.name, moment)
        return replace(found, state=state, decided_by=user.login, decided_name=user.name, decided_at=moment)

    def plan_to_sign(self, after: RuleBase, found: Proposal) -> Planned:  # noqa: ARG002 - a plan that is kept asks it
        """The plan of an open proposal as of this moment."""
        return self.plan_of(after)

    # --- who

    def look(self, number: int, person: SignedIn) -> Looked | None:
        """A proposal with what this person may do about it, and who may put it into use."""
        with self.register.read() as reads:
            found = reads.numbered_proposal(number)
            if found is None:
                return None
            able = able_of(reads)
        others = tuple(u for u in able.users if not (self._apart and same_person(found, u)))
        refused: dict[str, Refused] = {}
        if found.state == OPEN:
            refused = {verb: why for verb in STEPS if (why := self._why_not(able, found, person, verb))}
        return Looked(found, kept_plan(self.vault, found), refused, others, self.named)

    def may_propose(self, reads: ProposalReads, person: SignedIn) -> Refused | None:
        """Why a person may not propose rules; None if they may."""
        return self._for_the_group(able_of(reads), person)

    def only_operator(self, reads: ProposalReads) -> None:
        """Raise :class:`TwoPersons` where two persons could change the rules: then the operator alone does not."""
        logins = sorted(user.login for user in able_of(reads).users)
        if len(logins) > 1:
            raise TwoPersons(logins="、".join(logins))

    def insist(self, reads: ProposalReads, person: SignedIn) -> None:
        """Raise where a person may not change rules."""
        refusal = self._for_the_group(able_of(reads), person)
        if refusal is not None:
            raise refusal

    def _standing(self, reads: ProposalReads, after: RuleBase, person: SignedIn) -> Proposal:
        """The open proposal of a rule base, where this person may put it into use."""
        found = open_proposal(reads, after.digest)
        refusal = self._why_not(able_of(reads), found, person, ACTIVATE)
        if refusal is not None:
            raise refusal
        return found

    def _why_not(self, able: Able, found: Proposal, person: SignedIn, verb: str) -> Refused | None:
        refusal = self._for_the_group(able, person)
        if refusal is None and verb == ACTIVATE:
            if self._apart and same_person(found, person.user):
                return OwnProposal(rule=self.named)
            return None if found.plan else NoPlanYet()
        return refusal

    def _for_the_group(self, able: Able, person: SignedIn) -> Refused | None:
        """Rules hold everywhere: neither a role in one plant suffices, nor a token that is narrowed to one."""
        return None if able.includes(person) else NotForTheGroup(rule=self.named)

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
    def refusing(self, person: SignedIn, digest: str) -> Iterator[None]:
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

    def keep(self, plan: Planned) -> ObjectRef:
        """Keep a plan as a file."""
        name = f"plan-{str(plan.shape['after'])[:12]}.json"
        return self.vault.put(BytesIO(canonical(plan.shape)), name=name, media_type=_JSON)

    def _proposal(
        self, after: RuleBase, plan: Plan | None, file: ObjectRef | None, user: User, reason: str
    ) -> Proposal:
        return Proposal(
            id=0,
            digest=after.digest,
            before=self.before.digest,
            plan=plan.digest if plan else "",
            file=file.sha256 if file else "",
            login=user.login,
            account=user.person,
            name=user.name,
            reason=reason,
            at=self.moment(),
        )

    def act(
        self,
        verb: str,
        actor: Actor,
        proposal: Proposal,
        plan: Planned | None,
        file: ObjectRef | None,
        method: str = "",
    ) -> Act:
        """The leaf of a step."""
        seen = plan.digest if plan else ""
        covers = digest_of([proposal.digest, proposal.before, seen, proposal.reason, verb])
        return Act(
            actor=actor,
            action=f"{RULES}:{verb}",
            object_type=RULES,
            object_id=proposal.digest,
            changes=(
                {"f": "ruleset", "old": proposal.before, "new": proposal.digest},
                *([{"f": "plan", "old": None, "new": seen}] if plan else []),
                {"f": "covers", "old": None, "new": covers},
                *([{"f": "signed", "old": None, "new": method}] if method else []),
            ),
            reason=proposal.reason,
            objects=(file,) if file else (),
            rule={"approval": self.named, "step": verb},
        )


def kept_plan(vault: Vault, proposal: Proposal) -> Mapping[str, Any] | None:
    """The plan of a proposal as it was kept; None before it is made."""
    if not proposal.file:
        return None
    with vault.open(proposal.file) as file:
        plan: Mapping[str, Any] = json.load(file)
    return plan


def open_proposal(reads: ProposalReads, digest: str) -> Proposal:
    """The open proposal of a rule base."""
    found = reads.proposal(digest)
    if found is None or found.state != OPEN:
        raise NoSuchProposal(digest=digest)
    return found


def not_waiting(reads: ProposalReads, digest: str) -> None:
    """Raise where the rule base waits already."""
    found = reads.proposal(digest)
    if found is not None and found.state == OPEN:
        raise AlreadyProposed(name=found.name)


def _ground(reads: ProposalReads) -> tuple[Mapping[str, int], Mapping[str, str]]:
    """What a plan rests on: a plant's log grows with every change of the plant; the group's templates are in none."""
    return dict(reads.versions(reads.plants())), dict(reads.templates_published(None))


def _lengthen(work: ProposalWork, after: RuleBase) -> None:
    """Keep documents as long as the rules now say; nothing is ever kept for less time."""
    for plant in work.plants():
        for longer in lengthened(work, plant, after):
            known = work.document(plant, longer.document)
            if known is not None:
                work.save_document(plant, replace(known[0], retain_until=longer.after))
                work.retain(longer.files, longer.after)
