"""Who is in a plant: its persons with posts, sign-ins, absences and open actions, in four questions at any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from compliance.core.absences import AbsenceReads, SignIn
from compliance.core.accounts import Membership, Role
from compliance.core.model import PersonPeriod
from compliance.core.people import Absence, People, listed
from compliance.core.plants import Plant
from compliance.core.worked import CaseKey
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Workflow

#: How a sign-in is named that belongs to no person of the plant.
LOGIN = "login:"


class NotYours(Refused):
    """A sign-in that also works elsewhere is governed by whoever administers all of it."""

    code = "sign-in-of-others"
    text: ClassVar[Text] = Text(
        zh="账号“{login}”在其他企业或集团也有角色，须由集团的系统管理员办理",
        en="{login!r} has roles in other plants or the group; an administrator of the group must do this",
    )


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a plant, or a sign-in that belongs to none of its persons (``account`` is ``login:…``)."""

    account: str
    name: str
    periods: tuple[PersonPeriod, ...] = ()
    sign_ins: tuple[SignIn, ...] = ()
    absences: tuple[Absence, ...] = ()
    stands_in: tuple[Absence, ...] = ()
    actions: tuple[CaseKey, ...] = ()

    def current(self, on: date) -> PersonPeriod | None:
        """The period of a day."""
        return next((p for p in self.periods if p.since <= on and (p.until is None or on <= p.until)), None)

    def posts(self, on: date) -> tuple[str, ...]:
        """The plant's words for the posts of a day."""
        found = self.current(on)
        return listed(found.posts) if found else ()

    def away(self, on: date) -> Absence | None:
        """The absence of a day."""
        return next((a for a in self.absences if a.runs(on)), None)

    def ahead(self, on: date) -> Absence | None:
        """The next absence after a day."""
        return next((a for a in self.absences if a.stands(on) and a.since > on), None)


def roster(reads: AbsenceReads, plant: Plant, rulebase: RuleBase, on: date) -> list[Member]:
    """Everybody: persons who are here first, by account; then those who have left; then other sign-ins."""
    rows = reads.tables(plant, [PersonPeriod])[PersonPeriod]
    periods = [p for p in rows if isinstance(p, PersonPeriod)]
    people, found = People(periods), _persons(periods)
    for one in reads.sign_ins(plant):
        account = one.user.person if one.user.person in found else f"{LOGIN}{one.user.login}"
        before = found.get(account) or Member(account, one.user.name)
        found[account] = replace(before, sign_ins=(*before.sign_ins, one))
    absences = reads.absences(plant)
    actions: Mapping[str, Sequence[CaseKey]] = reads.open_actions(plant, _working(rulebase, on))
    members = [
        replace(
            member,
            absences=tuple(a for a in absences if a.absent == account),
            stands_in=tuple(a for a in absences if a.deputy == account),
            actions=tuple(actions.get(account, ())),
        )
        for account, member in found.items()
    ]
    return sorted(members, key=lambda m: (not m.periods, bool(m.periods) and not people.here(m.account, on), m.account))


def _persons(periods: Sequence[PersonPeriod]) -> dict[str, Member]:
    by_account: dict[str, list[PersonPeriod]] = {}
    for period in sorted(periods, key=lambda p: p.since, reverse=True):
        by_account.setdefault(period.account, []).append(period)
    people = People(periods)
    return {account: Member(account, people.name(account), tuple(own)) for account, own in by_account.items()}


def _working(rulebase: RuleBase, on: date) -> list[str]:
    """The states in which somebody works on an action of theirs."""
    return sorted({s for w in rulebase.in_force(Workflow, on) for s in w.reminders.states})


def govern(mine: Sequence[Membership], theirs: Sequence[Membership], login: str) -> None:
    """Refuse to end or reset a sign-in of which a part lies where one does not administer; :class:`NotYours`."""
    held = {m.plant for m in mine if m.role is Role.ADMINISTRATOR}
    if None not in held and not {m.plant for m in theirs} <= held:
        raise NotYours(login=login)
