"""Who takes which step with templates: of one plant, or of the group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import cast

from compliance.core.accounts import SignedIn, User
from compliance.core.cases import Casework
from compliance.core.permissions import SETS, Denied, MayNot, Permission, may
from compliance.core.plants import Plant
from compliance.core.proposals.who import able_of, same_person
from compliance.core.templates.kept import TemplateReads, TemplateVersion
from compliance.core.templates.refusals import NotGroupTemplates, OwnTemplate
from compliance.kernel.errors import Refused
from compliance.rulebase.schema import Approval

#: What the approval applies to that says which steps different persons take; its steps, and the way out.
TEMPLATES, PROPOSE, PUBLISH, REJECT, WITHDRAW = "templates", "propose", "publish", "reject", "withdraw"


@dataclass(frozen=True, slots=True)
class Who:
    """What the rules in force say of the steps, and which persons hold the permission."""

    casework: Casework

    @property
    def named(self) -> str:
        """The rule that says who takes which step; the word of the approval where none does."""
        rule = self._rule
        return f"{rule.kind}.{rule.id}" if rule else TEMPLATES

    @property
    def apart(self) -> bool:
        """Whether the rules want different persons for the two steps; they do where no rule says anything."""
        rule = self._rule
        return rule is None or any({PROPOSE, PUBLISH} <= set(group) for group in rule.distinct)

    @property
    def _rule(self) -> Approval | None:
        rules = self.casework.rulebase.in_force(Approval, self.casework.today())
        return next((rule for rule in rules if TEMPLATES in rule.applies_to), None)

    @staticmethod
    def asked_once(reads: TemplateReads) -> TemplateReads:
        """The look, of which several answers about the same people are wanted at one moment."""
        return cast("TemplateReads", _Once(reads))

    def others(self, reads: TemplateReads, plant: Plant | None, found: TemplateVersion) -> tuple[User, ...]:
        """The sign-ins that may publish a template."""
        return tuple(u for u in able(reads, plant) if not (self.apart and same_person(found, u)))

    def why_not(self, reads: TemplateReads, plant: Plant | None, person: SignedIn) -> Refused | None:
        """Why a person neither proposes nor publishes nor sends back; None if they do."""
        if plant is None:
            known = able_of(reads, Permission.TEMPLATES).includes(person)
            return None if known else NotGroupTemplates(rule=self.named)
        denied = may(person.roles_in(plant.key), Permission.TEMPLATES)
        return MayNot(reason=denied.reason) if isinstance(denied, Denied) else None

    def why_not_publish(
        self, reads: TemplateReads, plant: Plant | None, found: TemplateVersion, person: SignedIn
    ) -> Refused | None:
        """Why a person does not publish a template; None if they do."""
        if (refusal := self.why_not(reads, plant, person)) is not None:
            return refusal
        return OwnTemplate(rule=self.named) if self.apart and same_person(found, person.user) else None

    def insist_on_publisher(
        self, reads: TemplateReads, plant: Plant | None, found: TemplateVersion, person: SignedIn
    ) -> None:
        """Raise where a person does not publish a template now; a right may have been taken away meanwhile."""
        if (refusal := self.why_not_publish(reads, plant, found, person)) is not None:
            raise refusal
        if all(user.id != person.user.id for user in able(reads, plant)):
            denied = may((), Permission.TEMPLATES)
            raise MayNot(reason=denied.reason) if isinstance(denied, Denied) else NotGroupTemplates(rule=self.named)


def not_reached(reads: TemplateReads, person: SignedIn, document: str) -> tuple[Plant, ...]:
    """The person's plants that have a template of their own in use, so that the group's is not for them."""
    own = reads.with_own_template(document)
    return tuple(plant for plant in reads.plants() if plant.id in own and person.roles_in(plant.key))


def able(reads: TemplateReads, plant: Plant | None) -> tuple[User, ...]:
    """The sign-ins that may publish templates of the plant, or of the group."""
    if plant is None:
        return able_of(reads, Permission.TEMPLATES).users

    def holds(role: str) -> bool:
        return Permission.TEMPLATES in SETS.get(role, frozenset())

    return tuple(
        user
        for user, memberships in reads.users()
        if user.active and any(m.plant in (None, plant.key) and holds(m.role) for m in memberships)
    )


class _Once:
    """A look that asks once which plants and sign-ins there are."""

    def __init__(self, reads: TemplateReads) -> None:
        self._reads = reads
        self.plants, self.users = cache(reads.plants), cache(reads.users)

    def __getattr__(self, name: str) -> object:
        return getattr(self._reads, name)
