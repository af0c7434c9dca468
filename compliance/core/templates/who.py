"""Who takes which step with templates: of one plant, or of the group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from compliance.core.accounts import SignedIn, User
from compliance.core.cases import Casework
from compliance.core.permissions import Denied, MayNot, Permission, may
from compliance.core.plants import Plant
from compliance.core.proposals.who import Able, able_of, same_person
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

    def others(self, able: Able, found: TemplateVersion) -> tuple[User, ...]:
        """The sign-ins that may publish a template."""
        return tuple(user for user in able.users if not (self.apart and same_person(found, user)))

    def why_not(self, reads: TemplateReads, plant: Plant | None, person: SignedIn) -> Refused | None:
        """Why a person neither proposes nor publishes nor sends back; None if they do."""
        return _denied(plant, person) if plant else self._not_of_group(able_in(reads, None), person)

    def why_not_publish(
        self, able: Able, plant: Plant | None, found: TemplateVersion, person: SignedIn
    ) -> Refused | None:
        """Why a person does not publish a template; None if they do."""
        refusal = _denied(plant, person) if plant else self._not_of_group(able, person)
        return refusal or (OwnTemplate(rule=self.named) if self.apart and same_person(found, person.user) else None)

    def insist_on_publisher(
        self, reads: TemplateReads, plant: Plant | None, found: TemplateVersion, person: SignedIn
    ) -> None:
        """Raise where a person does not publish a template now; a right may have been taken away meanwhile."""
        able = able_in(reads, (plant,) if plant else None)
        if (refusal := self.why_not_publish(able, plant, found, person)) is not None:
            raise refusal
        if all(user.id != person.user.id for user in able.users):
            denied = may((), Permission.TEMPLATES)
            raise MayNot(reason=denied.reason) if isinstance(denied, Denied) else NotGroupTemplates(rule=self.named)

    def _not_of_group(self, able: Able, person: SignedIn) -> Refused | None:
        return None if able.includes(person) else NotGroupTemplates(rule=self.named)


def able_in(reads: TemplateReads, plants: Iterable[Plant] | None) -> Able:
    """The sign-ins that may publish templates in these plants; without them in every plant, so those of the group."""
    return able_of(reads, Permission.TEMPLATES, plants)


def not_reached(reads: TemplateReads, plants: Iterable[Plant], person: SignedIn, document: str) -> tuple[Plant, ...]:
    """The person's plants that have a template of their own in use, so that the group's is not for them."""
    own = reads.with_own_template(document)
    return tuple(plant for plant in plants if plant.id in own and person.roles_in(plant.key))


def _denied(plant: Plant, person: SignedIn) -> Refused | None:
    denied = may(person.roles_in(plant.key), Permission.TEMPLATES)
    return MayNot(reason=denied.reason) if isinstance(denied, Denied) else None
