"""Switching accounts off and on, and taking roles away. Whatever it is, the sessions of the account end with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

from compliance.core.accounts.giving import NoSuchUser, membership_of
from compliance.core.accounts.governing import governing, insist_on_administrator, places_of
from compliance.core.accounts.kept import Membership, Role, User, account_act, changed
from compliance.core.accounts.ports import AccountReads, AccountRegister, AccountWork
from compliance.core.acts import Actor
from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text

#: Longest reason that is kept.
LONGEST_REASON = 1000


class NoReason(WrongUse):
    """The act on an account came without a reason, or with one that is too long."""

    code = "no-reason"
    text: ClassVar[Text] = Text(
        zh="必须说明理由（最多 {most} 字）", en="A reason must be given, of at most {most} characters"
    )


class LastAdministrator(Refused):
    """Nobody would be left who administers the plant, or the group."""

    code = "last-administrator"
    text: ClassVar[Text] = Text(
        zh="“{login}”是最后一名启用的系统管理员，不能停用，也不能撤销其管理员角色；请先为他人设置该角色",
        en="{login!r} is the last active administrator: give another person the role first",
    )


class NoSuchRole(WrongUse):
    """The account does not have the role there."""

    code = "no-such-role"
    text: ClassVar[Text] = Text(zh="“{login}”在该处没有角色 {role}", en="{login!r} does not have the role {role} there")


def deactivate(register: AccountRegister, login: str, actor: Actor, now: datetime, reason: str) -> User:
    """Switch an account off; its sessions end at once. ``NoSuchUser``, ``NoReason``, ``MayNot``, ``LastAdministrator``.

    An account that is off already stays so, and nothing is recorded.
    """

    def switch(work: AccountWork, user: User, why: str) -> None:
        insist_on_administrator(work, actor, places_of(work, user.id))
        if not user.active:
            return
        _keep_an_administrator(work, user, ())
        work.set_active(user.id, active=False)
        work.revoke_sessions(user.id, now)
        work.record(account_act(actor, "user:deactivate", user, (changed("active", old=True, new=False),), why), None)

    return _acted(register, login, actor, reason, switch)


def activate(register: AccountRegister, login: str, actor: Actor, now: datetime, reason: str) -> User:
    """Switch an account on again; sessions that had ended stay ended. ``NoSuchUser``, ``NoReason`` or ``MayNot``."""

    def switch(work: AccountWork, user: User, why: str) -> None:
        insist_on_administrator(work, actor, places_of(work, user.id))
        if user.active:
            return
        work.set_active(user.id, active=True)
        work.revoke_sessions(user.id, now)
        work.record(account_act(actor, "user:activate", user, (changed("active", old=False, new=True),), why), None)

    return _acted(register, login, actor, reason, switch)


def revoke(
    register: AccountRegister,
    login: str,
    *,
    plant: str | None,
    role: Role,
    actor: Actor,
    now: datetime,
    reason: str,
) -> User:
    """Take a role of an account in a plant (None: in the group); its sessions end. ``NoSuchRole`` and as above."""

    def take(work: AccountWork, user: User, why: str) -> None:
        gone, held = membership_of(work, plant, role), work.memberships(user.id)
        insist_on_administrator(work, actor, {gone.plant})
        if gone not in held:
            raise NoSuchRole(login=login, role=role.value)
        if user.active:
            _keep_an_administrator(work, user, [m for m in held if m != gone])
        work.remove_membership(user.id, gone)
        work.revoke_sessions(user.id, now)
        lost = (changed("plant", gone.plant, None), changed("role", role.value, None))
        work.record(account_act(actor, "user:revoke", user, lost, why), None)

    return _acted(register, login, actor, reason, take)


def _acted(
    register: AccountRegister,
    login: str,
    actor: Actor,
    reason: str,
    do: Callable[[AccountWork, User, str], None],
) -> User:
    """Do it in one transaction; the account as it is afterwards. What is refused leaves a leaf and nothing else."""
    why = " ".join(reason.split())
    if not 0 < len(why) <= LONGEST_REASON or not why.isprintable():
        raise NoReason(most=LONGEST_REASON)
    with governing(register, actor, login) as work:
        do(work, found(work, login), why)
        return found(work, login)


def found(look: AccountReads, login: str) -> User:
    """The account of a login, or ``NoSuchUser``."""
    user = look.find_user(login)
    if user is None:
        raise NoSuchUser(login=login)
    return user


def _keep_an_administrator(work: AccountWork, user: User, left: Sequence[Membership]) -> None:
    """Refuse what leaves a place without the active administrator that it has now; ``left``: what the person keeps."""
    others = [m for one, held in work.users() if one.active and one.id != user.id for m in held]
    places = {m.plant for m in (*left, *others) if m.role is Role.ADMINISTRATOR}
    had = {m.plant for m in work.memberships(user.id) if m.role is Role.ADMINISTRATOR}
    if any(place not in places and None not in places for place in had):
        raise LastAdministrator(login=user.login)
