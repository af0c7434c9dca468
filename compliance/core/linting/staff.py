"""Who can act in a plant on a day: posts held or borrowed, permissions of sign-ins; who is away cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from compliance.core.applicability import Profile, excluding, item_words, meets
from compliance.core.duties import person_of
from compliance.core.people import People
from compliance.core.roster import Member
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Obligation, Rule


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who can act: by which posts (own and borrowed) and permissions; ``here``: a person of the plant."""

    name: str
    posts: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    here: bool = True


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody who can act, by account; names of those who are away."""

    hands: Mapping[str, Hand]
    away: tuple[str, ...] = ()

    def holders(self, post: str) -> frozenset[str]:
        """Who holds a post."""
        return frozenset(account for account, hand in self.hands.items() if post in hand.posts)

    def with_role(self, role: str) -> frozenset[str]:
        """Whose sign-in has a permission set."""
        return frozenset(account for account, hand in self.hands.items() if role in hand.roles)

    @property
    def persons(self) -> frozenset[str]:
        """The persons of the plant."""
        return frozenset(account for account, hand in self.hands.items() if hand.here)

    def names(self, accounts: Iterable[str]) -> tuple[str, ...]:
        """Names of accounts, in the order of accounts."""
        return tuple(self.hands[account].name for account in sorted(accounts))


def staff_of(members: Iterable[Member], base: RuleBase, on: date) -> Staff:
    """The staff of a day from the persons of a plant and its sign-ins."""
    everybody = list(members)
    absences = {absence for member in everybody for absence in (*member.absences, *member.stands_in)}
    people = People((period for member in everybody for period in member.periods), absences)
    hands: dict[str, Hand] = {}
    away = []
    for member in everybody:
        if member.away(on):
            away.append(member.name)
        elif not member.periods or people.here(member.account, on):
            hands[member.account] = _hand(member, people, base, on)
    return Staff(hands, tuple(away))


def _hand(member: Member, people: People, base: RuleBase, on: date) -> Hand:
    roles = frozenset(m.role.value for sign_in in member.sign_ins if sign_in.user.active for m in sign_in.memberships)
    if not member.periods:
        return Hand(member.name, roles=roles, here=False)
    person = person_of("", member.account, member.name, roles, people, base, on)
    return Hand(member.name, person.posts | {b.post for b in person.borrowed}, roles)


@dataclass(frozen=True, slots=True)
class PlantSetting:
    """What the checks of a plant look at."""

    base: RuleBase
    day: date
    staff: Staff
    profile: Profile = field(default_factory=dict)

    def applying(self) -> Callable[[Rule], bool]:
        """Whether a rule asks anything of the plant: its document binds it, and its conditions are met."""
        outside = {rule.source.document for rule in excluding(self.profile, self.base, self.day)}
        words = item_words(self.base, self.day)

        def applies(rule: Rule) -> bool:
            conditions = rule.applies_if if isinstance(rule, Obligation) else {}
            return rule.source.document not in outside and meets(conditions, self.profile, words)

        return applies
