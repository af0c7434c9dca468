"""Giving people accounts and roles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from compliance.core.accounts.governing import governing, insist_on_administrator
from compliance.core.accounts.kept import Membership, Role, User, account_act, given
from compliance.core.accounts.ports import AccountReads, AccountRegister, Passwords
from compliance.core.accounts.signing_in import LONGEST_PASSWORD
from compliance.core.accounts.tries import LONGEST_LOGIN
from compliance.core.acts import Actor
from compliance.core.plants import NoSuchPlant
from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text

SHORTEST_PASSWORD = 8
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,8}", re.ASCII)


class LoginTaken(Refused):
    """The login exists already."""

    code = "login-taken"
    text: ClassVar[Text] = Text(zh="账号“{login}”已存在", en="The login {login!r} exists already")


class BadLogin(WrongUse):
    """The login is empty, too long, or holds blanks or invisible characters."""

    code = "bad-login"
    text: ClassVar[Text] = Text(
        zh="账号须为 1 至 {most} 个可见字符，不含空白", en="A login has 1 to {most} visible characters and no blank"
    )


class WeakPassword(WrongUse):
    """The password is too short or too long."""

    code = "weak-password"
    text: ClassVar[Text] = Text(
        zh="密码须有 {least} 至 {most} 个字符", en="A password has {least} to {most} characters"
    )


class NoSuchUser(WrongUse):
    """No account of that login."""

    code = "no-such-user"
    text: ClassVar[Text] = Text(zh="没有账号“{login}”", en="There is no login {login!r}")


class BadMail(WrongUse):
    """The text is no mail address."""

    code = "bad-mail"
    text: ClassVar[Text] = Text(zh="“{mail}”不是邮件地址", en="{mail!r} is no mail address")


@dataclass(frozen=True, slots=True)
class NewUser:
    """What a new account is made of; ``plant`` None gives the role in the whole group."""

    login: str
    name: str
    person: str | None
    plant: str | None
    role: Role
    password: str = field(repr=False)
    mail: str | None = None


def add_user(register: AccountRegister, passwords: Passwords, new: NewUser, *, actor: Actor, now: datetime) -> User:
    """Make an account with one role; ``BadLogin``, ``WeakPassword``, ``LoginTaken``, ``NoSuchPlant`` or ``MayNot``."""
    _check_login(new.login)
    check_password(new.password)
    mail = check_mail(new.mail or "")
    hashed = passwords.hash(new.password)
    with governing(register, actor, new.login) as work:
        membership = membership_of(work, new.plant, new.role)
        insist_on_administrator(work, actor, {membership.plant})
        if work.find_user(new.login):
            raise LoginTaken(login=new.login)
        user = work.add_user(User(0, new.login, new.person, new.name, mail=mail), hashed, now)
        work.add_membership(user.id, membership)
        changes = (
            given("person", new.person),
            given("name", new.name),
            *_granted(membership),
            *((given("mail", mail),) if mail else ()),
        )
        work.record(account_act(actor, "user:add", user, changes), None)
    return user


def grant(
    register: AccountRegister, login: str, *, plant: str | None, role: Role, actor: Actor, now: datetime
) -> Membership:
    """Give an account a further role, which ends its sessions; giving one that it has changes nothing. ``MayNot``."""
    with governing(register, actor, login) as work:
        user = work.find_user(login)
        if user is None:
            raise NoSuchUser(login=login)
        membership = membership_of(work, plant, role)
        insist_on_administrator(work, actor, {membership.plant})
        if membership not in work.memberships(user.id):
            work.add_membership(user.id, membership)
            work.revoke_sessions(user.id, now)
            work.record(account_act(actor, "user:grant", user, _granted(membership)), None)
    return membership


def _check_login(login: str) -> None:
    if not (0 < len(login) <= LONGEST_LOGIN and login.isprintable() and " " not in login):
        raise BadLogin(most=LONGEST_LOGIN)


def check_password(password: str) -> None:
    """Raise ``WeakPassword`` for one that is too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise WeakPassword(least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD)


def check_mail(mail: str) -> str | None:
    """The address, None for an empty one, or ``BadMail``."""
    plain = mail.strip()
    if plain and not _ADDRESS.fullmatch(plain):
        raise BadMail(mail=plain[:100])
    return plain or None


def membership_of(look: AccountReads, plant: str | None, role: Role) -> Membership:
    """The role in a plant (None: in the group), or ``NoSuchPlant``."""
    if plant is None:
        return Membership(None, role)
    found = look.plant(plant)
    if found is None:
        raise NoSuchPlant(plant=plant)
    return Membership(found.key, role)


def _granted(membership: Membership) -> tuple[dict[str, object], ...]:
    return given("plant", membership.plant), given("role", membership.role.value)
