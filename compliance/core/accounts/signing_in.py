"""Signing in and out. Tries are counted before the password is looked at: guesses in parallel cannot pass the limit."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from compliance.core.accounts.kept import ABSOLUTE, Session, SignedIn, User, account_act, actor_of, given
from compliance.core.accounts.ports import AccountRegister, Passwords
from compliance.core.acts import Actor
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text

#: Failed tries of one account from one address within the window; the next one is refused unseen.
TRIES = 10
TRY_WINDOW = timedelta(minutes=15)
#: How often a session's last use is written.
TOUCH_EVERY = timedelta(minutes=1)
LONGEST_PASSWORD = 1024
LONGEST_LOGIN = 120


class SignInRefused(Refused):
    """Login or password is wrong; the answer does not tell which."""

    code = "sign-in-refused"
    text: ClassVar[Text] = Text(zh="账号或密码不正确", en="The login or the password is wrong")


class TooManyTries(Refused):
    """The account was tried too often from this address."""

    code = "too-many-tries"
    text: ClassVar[Text] = Text(
        zh="尝试次数过多，请 {minutes} 分钟后再试", en="Too many tries; try again in {minutes} minutes"
    )


def sign_in(
    register: AccountRegister,
    passwords: Passwords,
    *,
    login: str,
    password: str,
    address: str,
    now: datetime,
) -> tuple[SignedIn, str]:
    """Start a session; return the person and the token for the browser. ``SignInRefused`` or ``TooManyTries``."""
    login = login[:LONGEST_LOGIN]
    _count_try(register, login, address, now)
    with register.read() as look:
        user = look.find_user(login)
        kept = look.password_hash(user.id) if user and user.active else None
    right = passwords.check(kept, password[:LONGEST_PASSWORD])
    if user is None or not right:
        if user is not None:
            _record_refusal(register, user, address)
        raise SignInRefused
    return _start_session(register, user, address, now)


def proves(
    register: AccountRegister, passwords: Passwords, user: User, *, password: str, address: str, now: datetime
) -> bool:
    """Whether a person who is signed in gives the right password again; counted as a try. ``TooManyTries``."""
    _count_try(register, user.login, address, now)
    with register.read() as look:
        kept = look.password_hash(user.id)
    right = passwords.check(kept, password[:LONGEST_PASSWORD])
    if right:
        with register.work() as work:
            work.clear_failures(user.login, address)
    return right


def current(register: AccountRegister, token: str, now: datetime) -> SignedIn | None:
    """The person of a token, if the session lives; its last use is written at most once a minute."""
    with register.read() as look:
        found = look.signed_in(hash_of(token))
    if found is None or not found.session.live(now) or not found.user.active:
        return None
    if now - found.session.last_seen >= TOUCH_EVERY:
        with register.work() as work:
            work.touch_session(found.session.id_hash, now)
    return found


def sign_out(register: AccountRegister, signed_in: SignedIn, now: datetime) -> None:
    """End the session at once: a copy of its cookie is worth nothing from now on."""
    with register.work() as work:
        work.revoke_session(signed_in.session.id_hash, now)
        work.record(account_act(signed_in.actor(), "session:sign-out", signed_in.user), None)


def end_other_sessions(register: AccountRegister, user_id: int, keep: str, actor: Actor, now: datetime) -> int:
    """End every living session of a person but one (by its hash); how many there were."""
    with register.read() as look:
        user = look.user(user_id)
        others = [s for s in look.sessions(user_id) if s.live(now) and s.id_hash != keep]
    if user is None or not others:
        return 0
    with register.work() as work:
        for session in others:
            work.revoke_session(session.id_hash, now)
        work.record(account_act(actor, "session:end-others", user, (given("sessions", str(len(others))),)), None)
    return len(others)


def hash_of(token: str) -> str:
    """What the register keeps of a session's token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _count_try(register: AccountRegister, login: str, address: str, now: datetime) -> None:
    """Count the try before the password is looked at: guesses in parallel cannot all be the tenth."""
    with register.work() as work:
        tries = sorted(work.failures(login, address, now - TRY_WINDOW))
        if len(tries) >= TRIES:
            wait = tries[-TRIES] + TRY_WINDOW - now
            raise TooManyTries(minutes=max(1, -(-int(wait.total_seconds()) // 60)))
        work.note_failure(login, address, now)


def _record_refusal(register: AccountRegister, user: User, address: str) -> None:
    with register.work() as work:
        act = account_act(actor_of(user, "", "password"), "session:refused", user, (given("address", address),))
        work.record(act, None)


def _start_session(register: AccountRegister, user: User, address: str, now: datetime) -> tuple[SignedIn, str]:
    token = secrets.token_urlsafe(32)
    session = Session(hash_of(token), user.id, now, now, now + ABSOLUTE)
    with register.work() as work:
        work.clear_failures(user.login, address)
        work.add_session(session)
        signed_in = SignedIn(user, tuple(work.memberships(user.id)), session)
        changes = (given("address", address),)
        work.record(account_act(signed_in.actor(), "session:sign-in", user, changes), None)
    return signed_in, token
