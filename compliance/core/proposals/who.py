"""Who may change what holds everywhere, rules or the group's templates: a role in one plant does not suffice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from compliance.core.accounts import Membership, SignedIn, User
from compliance.core.permissions import SETS, Permission
from compliance.core.plants import Plant


class AbleReads(Protocol):
    """What is asked of a look."""

    def plants(self) -> Sequence[Plant]:
        """All plants by key."""
        ...

    def users(self) -> Sequence[tuple[User, Sequence[Membership]]]:
        """All accounts by login, with their roles."""
        ...


@dataclass(frozen=True, slots=True)
class Able:
    """The sign-ins that hold a permission in each of some plants, or in the group."""

    plants: frozenset[str]
    act: Permission
    users: tuple[User, ...] = ()

    def holds(self, memberships: Iterable[Membership]) -> bool:
        """Whether these roles suffice."""
        held = {m.plant for m in memberships if self.act in SETS.get(m.role, frozenset())}
        return None in held or (bool(self.plants) and self.plants <= held)

    def includes(self, person: SignedIn) -> bool:
        """Whether a person is one of them now, and speaks as such: a token may be narrowed to one plant."""
        return any(user.id == person.user.id for user in self.users) and self.holds(person.memberships)


def able_of(reads: AbleReads, act: Permission = Permission.CHANGE_RULES, plants: Iterable[Plant] | None = None) -> Able:
    """Who may now, in each of these plants; without them in every plant."""
    able = Able(frozenset(plant.key for plant in (reads.plants() if plants is None else plants)), act)
    users = (user for user, memberships in reads.users() if user.active and able.holds(memberships))
    return replace(able, users=tuple(users))


class Proposed(Protocol):
    """What somebody has proposed: their sign-in, and their account where they have one."""

    @property
    def login(self) -> str:
        """The sign-in."""
        ...

    @property
    def account(self) -> str | None:
        """The person of the plant's list."""
        ...


def same_person(found: Proposed, user: User) -> bool:
    """Whether somebody proposed it, by this sign-in or another one of the same person."""
    return found.login == user.login or (found.account is not None and found.account == user.person)
