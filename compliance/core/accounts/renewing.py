"""A password set anew: by its owner on the profile, or by a link. The link works once and opens no session."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from compliance.core.accounts.enrolling import ProofRefused, Renewed
from compliance.core.accounts.giving import check_mail, check_password
from compliance.core.accounts.governing import governing, insist_on_administrator, places_of
from compliance.core.accounts.holding import found
from compliance.core.accounts.kept import Link, SignedIn, User, account_act, actor_of, changed, given
from compliance.core.accounts.ports import AccountRegister, AccountWork, Door
from compliance.core.accounts.signing_in import LONGEST_PASSWORD, new_session
from compliance.core.accounts.tries import Origin, TooManyTries, count_try, hash_of
from compliance.core.acts import Actor
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text

#: Requests for links are counted like tries of logins; no login has a blank, so they never meet.
_ASKING = " link {}"


class LinkOfAnother(Refused):
    """Somebody who is signed in would set another person's password."""

    code = "link-of-another"
    text: ClassVar[Text] = Text(
        zh="此浏览器以其他账号登录：链接只能由本人使用，请先退出登录",
        en="This browser is signed in as somebody else: the link is its owner's alone; sign out first",
    )


class LinkEnded(Refused):
    """The link was used, has run out, or never was."""

    code = "link-ended"
    text: ClassVar[Text] = Text(
        zh="链接无效、已用过或已过期，请重新申请",
        en="The link is not valid, was used, or has run out; ask for a new one",
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """A link to be mailed."""

    mail: str
    token: str = field(repr=False)


def change_password(door: Door, signed_in: SignedIn, *, old: str, new: str, origin: Origin, now: datetime) -> Renewed:
    """Set another password, by the old one; every session ends, this browser gets a new one.

    ``WeakPassword``, ``ProofRefused`` or ``TooManyTries``.
    """
    check_password(new)
    _know_password(door, signed_in, old, origin, now)
    hashed = door.passwords.hash(new)
    with door.register.work() as work:
        user = found(work, signed_in.user.login)
        work.set_password(user.id, hashed)
        work.revoke_sessions(user.id, now)
        work.end_links(user.id, now)
        _, token = new_session(door, work, user, origin.address, now)
        was = (changed("password_by", user.password_by, None),) if user.password_by else ()
        work.record(account_act(signed_in.actor(), "password:change", user, was), None)
    return Renewed(token)


def change_mail(door: Door, signed_in: SignedIn, mail: str, *, password: str, origin: Origin, now: datetime) -> None:
    """Keep where links are sent (empty: nowhere), by the password; links under way end.

    ``BadMail``, ``ProofRefused`` or ``TooManyTries``.
    """
    new = check_mail(mail)
    _know_password(door, signed_in, password, origin, now)
    with door.register.work() as work:
        user = found(work, signed_in.user.login)
        if user.mail == new:
            return
        work.set_mail(user.id, new)
        work.end_links(user.id, now)
        work.record(account_act(signed_in.actor(), "user:mail", user, (changed("mail", user.mail, new),)), None)


def make_link(door: Door, login: str, actor: Actor, now: datetime) -> str:
    """A link by which the account's owner sets a password: its token, to be shown once. ``NoSuchUser`` or ``MayNot``.

    Whoever makes it is named on the trail, and in every signature until the owner changes the password.
    """
    token = secrets.token_urlsafe(32)
    with governing(door.register, actor, login) as work:
        user = found(work, login)
        insist_on_administrator(work, actor, places_of(work, user.id))
        _keep(door, work, user, token, actor, now, by=actor.id if actor.id != user.login else None)
    return token


def forgot(door: Door, login: str, address: str, now: datetime) -> Sent | None:
    """What is to be mailed to somebody who forgot the password; None where nothing is. Nobody is told which."""
    try:
        for counted in (_ASKING.format(login), _ASKING.format("")):
            count_try(door.register, counted, Origin(address), now)
    except TooManyTries:
        return None
    with door.register.work() as work:
        user = work.find_user(login)
        if user is None or not user.active or user.mail is None:
            return None
        token = secrets.token_urlsafe(32)
        _keep(door, work, user, token, actor_of(user, "", "mail"), now)
    return Sent(user.mail, token)


def owner_of(register: AccountRegister, token: str, now: datetime) -> User | None:
    """Whose password a link sets; None where it does not work."""
    with register.read() as look:
        link = look.link(hash_of(token))
        user = look.user(link.user_id) if link and not link.used and now < link.until else None
    return user if user and user.active else None


def use_link(
    door: Door, token: str, new: str, *, address: str, now: datetime, signed_in: SignedIn | None = None
) -> User:
    """Set the password by a link; sessions end, one-time codes stay as they are.

    ``WeakPassword``, ``LinkEnded``, or ``LinkOfAnother`` where the browser is signed in (``signed_in``) as another.
    """
    check_password(new)
    user = owner_of(door.register, token, now)
    if user and signed_in and signed_in.user.id != user.id:
        with door.register.work() as work:
            work.record(account_act(signed_in.actor(), "password:link-refused", user), None)
        raise LinkOfAnother
    hashed = door.passwords.hash(new) if user else ""
    with door.register.work() as work:
        link = work.link(hash_of(token))
        user = work.user(link.user_id) if link else None
        good = link is not None and not link.used and now < link.until and user is not None and user.active
        if good and link is not None and user is not None and hashed:
            work.set_password(user.id, hashed, link.made_by)
            work.revoke_sessions(user.id, now)
            work.end_links(user.id, now)
            changes = (given("address", address), given("link_by", link.made_by or user.login))
            work.record(account_act(actor_of(user, "", "link"), "password:reset", user, changes), None)
            return user
        if user is not None:
            act = account_act(actor_of(user, "", "link"), "password:link-refused", user, (given("address", address),))
            work.record(act, None)
    raise LinkEnded


def _keep(
    door: Door, work: AccountWork, user: User, token: str, actor: Actor, now: datetime, by: str | None = None
) -> None:
    until = now + door.limits.link
    work.add_link(hash_of(token), Link(user.id, until, made_by=by), now)
    changes = (given("until", until.isoformat(timespec="seconds")),)
    work.record(account_act(actor, "password:link-made", user, changes), None)


def _know_password(door: Door, signed_in: SignedIn, password: str, origin: Origin, now: datetime) -> None:
    """The password alone, also where codes are used; a wrong one leaves a leaf. ``ProofRefused``."""
    tried = count_try(door.register, signed_in.user.login, origin, now)
    with door.register.read() as look:
        kept = look.password_hash(signed_in.user.id)
    right = door.passwords.check(kept, password[:LONGEST_PASSWORD])
    with door.register.work() as work:
        if right:
            work.clear_tries(tried.login, tried.place)
        else:
            work.record(account_act(signed_in.actor(), "user:proof-refused", signed_in.user), None)
    if not right:
        raise ProofRefused
