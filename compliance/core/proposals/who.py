"""Who may change rules: they hold everywhere, so a role in one plant does not suffice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from compliance.core.accounts import Membership, User
from compliance.core.permissions import SETS, Permission
from compliance.core.proposals.kept import Proposal, ProposalReads


@dataclass(frozen=True, slots=True)
class Able:
    """The sign-ins that may change rules in every plant, or in the group."""

    plants: frozenset[str]
    users: tuple[User, ...] = ()

    def holds(self, memberships: Iterable[Membership]) -> bool:
        """Whether these roles suffice."""
        held = {m.plant for m in memberships if Permission.CHANGE_RULES in SETS.get(m.role, frozenset())}
        return None in held or (bool(self.plants) and self.plants <= held)


def able_of(reads: ProposalReads) -> Able:
    """Who may change rules now."""
    able = Able(frozenset(plant.key for plant in reads.plants()))
    users = (user for user, memberships in reads.users() if user.active and able.holds(memberships))
    return replace(able, users=tuple(users))


def same_person(found: Proposal, user: User) -> bool:
    """Whether somebody proposed it, by this sign-in or another one of the same person."""
    return found.login == user.login or (found.account is not None and found.account == user.person)
