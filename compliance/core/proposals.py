"""A changed rule base on its way into use: proposed by one person with its plan, put into use by another.

The plan is made again when the rules are put into use: the second person signs what would happen now, not what the
first one saw. Going back is the same way with an earlier snapshot. That they are two the rules say (the approval that
applies to rules); at the server the operator alone may start a workspace that nobody can sign in to yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from typing import ClassVar, Protocol

from compliance.core.accounts import AccountReads, SignedIn, User
from compliance.core.acts import Act, ObjectRef
from compliance.core.controlled import ControlledDocument, DocumentVersion
from compliance.core.permissions import SETS, Permission
from compliance.core.planning import Plan, PlanReads, may_be_used, told
from compliance.core.plants import Plant
from compliance.core.ports import Vault
from compliance.core.rulebooks import Shelf
from compliance.kernel.canonical import canonical, digest_of
from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Approval

#: What the approval applies to that says which steps different persons take, and its two steps.
RULES, PROPOSE, ACTIVATE = "rules", "propose", "activate"
OPEN, USED, WITHDRAWN = "open", "used", "withdrawn"
_JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposed rule base. ``plan`` is the digest of the plan that its author saw, ``file`` the plan in the vault."""

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

    def proposal(self, digest: str) -> Proposal | None:
        """The newest proposal of a rule base."""
        ...


class ProposalWork(ProposalReads, Protocol):
    """What proposals ask of a writing transaction."""

    def add_proposal(self, proposal: Proposal) -> int:
        """Keep a new proposal; its id."""
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


class NotForTheGroup(Refused):
    """The person may not change rules everywhere that they hold."""

    code = "not-for-the-group"
    text: ClassVar[Text] = Text(
        zh="规则对所有企业生效：须在每个企业（或集团）具有“合规专员”或“文件管理员”权限（规则 {rule}）",
        en="The rules hold for every plant: this needs the role compliance officer or document controller in each of "
        "them, or in the group (rule {rule})",
    )


class OwnProposal(Refused):
    """Nobody puts rules into use that they proposed."""

    code = "own-proposal"
    text: ClassVar[Text] = Text(
        zh="提出人与启用人须为不同的人（规则 {rule}）",
        en="Whoever proposed the rules does not put them into use (rule {rule})",
    )


class NoSuchProposal(WrongUse):
    """No rule base of that digest waits."""

    code = "no-such-proposal"
    text: ClassVar[Text] = Text(zh="没有待启用的规则库 {digest}", en="No proposed rule base {digest!r} waits")


class PlanIsStale(Refused):
    """What would happen is no longer what was shown."""

    code = "plan-is-stale"
    text: ClassVar[Text] = Text(
        zh="情况已变化，计划与提出时不同：请查看新计划 {plan} 后再启用",
        en="The plan is no longer the one that was shown: look at the new one, {plan}, and sign that",
    )


class NeedsReason(WrongUse):
    """A proposal says why."""

    code = "needs-reason"
    text: ClassVar[Text] = Text(zh="须说明理由", en="Say why")


class NothingChanges(WrongUse):
    """The rule base is the one in use."""

    code = "nothing-changes"
    text: ClassVar[Text] = Text(zh="与使用中的规则库相同", en="This is the rule base in use")


class TwoPersons(WrongUse):
    """There are persons who change rules: the operator does not do it for them."""

    code = "two-persons"
    text: ClassVar[Text] = Text(
        zh="规则须由一人提出、另一人启用（可办理：{logins}）：compliance rules propose，再 rules activate --proposal",
        en="Rules are proposed by one person and put into use by another ({logins} may): compliance rules propose, "
        "then rules activate --proposal",
    )


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
            may_be_used(self.before, after, self.today())
            plan = self.plan_of(after)
            self.shelf.keep(after)
            file = self._keep(plan)
            made = self._proposal(after, plan, file, person.user, reason.strip())
            with self.register.work() as work:
                self._insist(work, person)
                made = replace(made, id=work.add_proposal(made))
                work.record(self._act(PROPOSE, person, made, plan, file), None)
        return made, plan

    def activate(self, after: RuleBase, person: SignedIn, *, seen: str) -> tuple[Proposal, Plan]:
        """Put a proposed rule base into use, signed by another person who has seen the plan of that digest.

        Who may, what is in use and that no plant has changed since it was planned are asked again in the transaction.
        """
        with self._refusing(person, after.digest):
            with self.register.read() as reads:
                self._standing(reads, after, person)
                sizes = _sizes(reads)
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
                work.record(self._act(ACTIVATE, person, found, plan, file), None)
        self.shelf.note(after.digest)
        return found, plan

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
                    action="rules:withdraw",
                    object_type=RULES,
                    object_id=digest,
                    changes=({"f": "state", "old": OPEN, "new": WITHDRAWN},),
                    reason=reason.strip(),
                ),
                None,
            )
        return found

    def only_operator(self, reads: ProposalReads) -> None:
        """Raise :class:`TwoPersons` where two persons could change the rules: then the operator alone does not."""
        logins = sorted({user.login for user in _everywhere(reads)})
        if len(logins) > 1:
            raise TwoPersons(logins="、".join(logins))

    # --- who

    def _insist(self, reads: ProposalReads, person: SignedIn) -> None:
        if person.user.id not in {user.id for user in _everywhere(reads)}:
            raise NotForTheGroup(rule=self._named)

    def _standing(self, reads: ProposalReads, after: RuleBase, person: SignedIn) -> Proposal:
        """The open proposal of a rule base, where this person may put it into use."""
        found = _open_proposal(reads, after.digest)
        self._insist(reads, person)
        self._another(found, person.user)
        return found

    def _another(self, found: Proposal, user: User) -> None:
        rule = self._rule
        apart = rule is None or any({PROPOSE, ACTIVATE} <= set(group) for group in rule.distinct)
        same = found.login == user.login or (found.account is not None and found.account == user.person)
        if apart and same:
            raise OwnProposal(rule=self._named)

    @property
    def _rule(self) -> Approval | None:
        return next((r for r in self.before.in_force(Approval, self.today()) if RULES in r.applies_to), None)

    @property
    def _named(self) -> str:
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
                        action="rules:refused",
                        object_type=RULES,
                        object_id=digest,
                        reason=refusal.message.zh,
                    ),
                    None,
                )
            raise

    # --- what is kept

    def _keep(self, plan: Plan) -> ObjectRef:
        shape = told(plan.before, plan.after, plan.rules, plan.refused, plan.plants)
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

    def _act(self, verb: str, person: SignedIn, proposal: Proposal, plan: Plan, file: ObjectRef) -> Act:
        covers = digest_of([proposal.digest, proposal.before, plan.digest, proposal.reason, verb])
        return Act(
            actor=person.actor(),
            action=f"rules:{verb}",
            object_type=RULES,
            object_id=proposal.digest,
            changes=(
                {"f": "ruleset", "old": proposal.before, "new": proposal.digest},
                {"f": "plan", "old": None, "new": plan.digest},
                {"f": "covers", "old": None, "new": covers},
            ),
            reason=proposal.reason,
            objects=(file,),
            rule={"approval": self._named, "step": verb},
        )


def _open_proposal(reads: ProposalReads, digest: str) -> Proposal:
    found = reads.proposal(digest)
    if found is None or found.state != OPEN:
        raise NoSuchProposal(digest=digest)
    return found


def _sizes(reads: ProposalReads) -> dict[str, int]:
    """How long each plant's log is: it grows with every change of what a plan rests on."""
    return {plant.key: reads.version(plant) for plant in reads.plants()}


def _everywhere(reads: ProposalReads) -> Sequence[User]:
    """The sign-ins that may change rules in every plant, or in the group."""
    plants = {plant.key for plant in reads.plants()}
    found = []
    for user, memberships in reads.users():
        held = {m.plant for m in memberships if Permission.CHANGE_RULES in SETS.get(m.role, frozenset())}
        if user.active and (None in held or (plants and plants <= held)):
            found.append(user)
    return found


def _lengthen(work: ProposalWork, plan: Plan) -> None:
    """Keep documents as long as the rules now say; nothing is ever kept for less time."""
    for one in plan.plants:
        for longer in one.lengthened:
            known = work.document(one.plant, longer.document)
            if known is not None:
                work.save_document(one.plant, replace(known[0], retain_until=longer.after))
                work.retain(longer.files, longer.after)
