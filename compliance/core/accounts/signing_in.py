"""Signing in and out, and proving again who one is.

The password comes first. Where a person uses one-time codes, a right password alone opens no session: it leaves a
half-done sign-in without any right, which a right code finishes. A code is taken once.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from compliance.core.accounts.kept import (
    BY_CODE,
    BY_PASSWORD,
    BY_RECOVERY,
    BY_SESSION,
    Half,
    Limits,
    Session,
    SignedIn,
    User,
    account_act,
    given,
    signing_method,
)
from compliance.core.accounts.ports import AccountRegister, AccountWork, Door
from compliance.core.accounts.tries import LONGEST_LOGIN, Origin, Try, count_try, hash_of, note_refusal
from compliance.core.acts import Actor
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text

#: How often a session's last use is written.
TOUCH_EVERY = timedelta(minutes=1)
LONGEST_PASSWORD = 1024
#: How long a sign-in waits for its code.
PATIENCE = timedelta(minutes=10)
_LONGEST_CODE = 64


class SignInRefused(Refused):
    """Login or password is wrong; the answer does not tell which."""

    code = "sign-in-refused"
    text: ClassVar[Text] = Text(zh="账号或密码不正确", en="The login or the password is wrong")


class CodeRefused(Refused):
    """The one-time code is wrong, or was used before."""

    code = "code-refused"
    text: ClassVar[Text] = Text(
        zh="验证码不正确或已用过，请等下一个验证码", en="The code is wrong or was used already; wait for the next one"
    )


class HalfEnded(Refused):
    """The sign-in waited too long for its code, or there is none that waits."""

    code = "sign-in-ended"
    text: ClassVar[Text] = Text(zh="登录已超时，请重新输入密码", en="This sign-in has ended; give the password again")


@dataclass(frozen=True, slots=True)
class Entered:
    """A person came in: the session's token for the browser, the device's, and how they proved who they are."""

    signed_in: SignedIn
    token: str
    device: str
    method: str


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """The password was right and a one-time code is still needed; ``token`` opens nothing but that question."""

    token: str


def sign_in(
    door: Door, *, login: str, password: str, origin: Origin, now: datetime, code: str = ""
) -> Entered | CodeNeeded:
    """Begin a session, or ask for the code. ``SignInRefused``, ``CodeRefused`` or ``TooManyTries``."""
    login = login[:LONGEST_LOGIN]
    tried = count_try(door.register, login, origin, now)
    with door.register.read() as look:
        user = look.find_user(login)
        kept = look.password_hash(user.id) if user and user.active else None
    right = door.passwords.check(kept, password[:LONGEST_PASSWORD])
    if user is None or not right:
        note_refusal(door.register, user, tried)
        raise SignInRefused
    if user.codes and not code:
        return _half(door, user, now)
    return _enter(door, user, tried, origin, code, now)


def finish(door: Door, half: str, *, code: str, origin: Origin, now: datetime) -> Entered:
    """Finish a half-done sign-in by a code. ``HalfEnded``, ``CodeRefused`` or ``TooManyTries``."""
    with door.register.read() as look:
        found = look.half(hash_of(half))
        user = look.user(found.user_id) if found else None
    if found is None or user is None or not user.active or now >= found.until:
        raise HalfEnded
    tried = count_try(door.register, user.login, origin, now)
    return _enter(door, user, tried, origin, code, now, hash_of(half))


def proves(
    door: Door,
    user: User,
    *,
    password: str,
    origin: Origin,
    now: datetime,
    code: str = "",
    recovery: bool = False,
    session: Session | None = None,
) -> str:
    """How a person who is signed in proves again who they are, empty if they do not; counted as a try.

    Password alone where no codes are asked for, else password and code; a password that was set by another's link
    names who made it. ``recovery`` admits a recovery code, which signs nothing. ``session``: the signature is given in
    it, and needs no code while signing goes on there (21 CFR 11.200 (a)(1)(i)). ``TooManyTries``.
    """
    tried = count_try(door.register, user.login, origin, now)
    with door.register.read() as look:
        known = look.user(user.id)
        kept = look.password_hash(user.id) if known and known.active else None
    if not door.passwords.check(kept, password[:LONGEST_PASSWORD]) or known is None:
        return ""
    with door.register.work() as work:
        method = _goes_on(door, work, known, session, code, now) or use_code(
            door, work, known, code, now, recovery=recovery
        )
        if session is not None and method in {BY_CODE, BY_SESSION}:
            work.note_signing(session.id_hash, now)
        if method:
            work.clear_tries(user.login, tried.place)
            if method == BY_RECOVERY:
                actor = Actor(known.login, known.name, "", BY_RECOVERY)
                work.record(account_act(actor, "codes:recovery-used", known), None)
    return signing_method(known, method)


def _goes_on(door: Door, work: AccountWork, user: User, session: Session | None, code: str, now: datetime) -> str:
    """That a code was shown in this session shortly before; empty where it was not, or one is given again."""
    if not user.codes or code.strip() or session is None:
        return ""
    kept = work.find_session(session.id_hash)  # as it is now: it may have ended
    return BY_SESSION if kept is not None and kept.signing_goes_on(now, door.limits) else ""


def use_code(door: Door, work: AccountWork, user: User, code: str, now: datetime, *, recovery: bool) -> str:
    """Use up a code where the person uses codes: how the person proved who they are, empty for a wrong code."""
    if not user.codes:
        return BY_PASSWORD
    typed = "".join(code[:_LONGEST_CODE].split())
    secret = work.code_secret(user.id)
    step = door.codes.step(secret, typed, now) if secret else None
    if step is not None and work.take_step(user.id, step):
        return BY_CODE
    if recovery and work.take_recovery_code(user.id, recovery_hash(user.id, typed), now):
        return BY_RECOVERY
    return ""


def recovery_hash(user_id: int, code: str) -> str:
    """What the register keeps of a recovery code."""
    plain = code.replace("-", "").lower()
    return hashlib.sha256(f"{user_id} {plain}".encode("utf-8", "surrogatepass")).hexdigest()


def current(register: AccountRegister, token: str, now: datetime, limits: Limits | None = None) -> SignedIn | None:
    """The person of a token, if the session lives; its last use is written at most once a minute."""
    with register.read() as look:
        found = look.signed_in(hash_of(token))
    idle = (limits or Limits()).idle
    if found is None or not found.session.live(now, idle) or not found.user.active:
        return None
    if now - found.session.last_seen >= TOUCH_EVERY:
        with register.work() as work:
            work.touch_session(found.session.id_hash, now)
    return found


def new_session(door: Door, work: AccountWork, user: User, address: str, now: datetime) -> tuple[SignedIn, str]:
    """Begin a session with a token that nobody had before; the caller records why."""
    token = secrets.token_urlsafe(32)
    session = Session(hash_of(token), user.id, now, now, now + door.limits.absolute, None, address)
    work.add_session(session)
    return SignedIn(user, tuple(work.memberships(user.id)), session), token


def _half(door: Door, user: User, now: datetime) -> CodeNeeded:
    token = secrets.token_urlsafe(32)
    with door.register.work() as work:
        work.add_half(hash_of(token), Half(user.id, now + PATIENCE))
    return CodeNeeded(token)


def _enter(
    door: Door, user: User, tried: Try, origin: Origin, code: str, now: datetime, half: str | None = None
) -> Entered:
    with door.register.work() as work:
        # The account may have been switched off, or asks for codes, since it was looked at.
        again = work.user(user.id)
        if again is None or not again.active or (half is not None and work.half(half) is None):
            raise HalfEnded
        method = use_code(door, work, again, code, now, recovery=True)
        if method:
            return _begin(door, work, again, tried, origin, method, now)
    note_refusal(door.register, user, tried, "code")
    raise CodeRefused


def _begin(
    door: Door, work: AccountWork, user: User, tried: Try, origin: Origin, method: str, now: datetime
) -> Entered:
    work.remove_halves(user.id)
    work.clear_tries(user.login, tried.place)
    # A cookie that no sign-in of ours gave out is not taken over.
    known = bool(origin.device) and work.knows_device(hash_of(origin.device))
    device = origin.device if known else secrets.token_urlsafe(32)
    work.know_device(hash_of(device), user.id, now)
    signed_in, token = new_session(door, work, user, origin.address, now)
    left = (given("recovery_codes_left", work.recovery_codes(user.id)),) if method == BY_RECOVERY else ()
    actor = replace(signed_in.actor(), auth="session" if method == BY_PASSWORD else method)
    act = account_act(actor, "session:sign-in", user, (given("address", origin.address), *left))
    work.record(act, None)
    return Entered(signed_in, token, device, signing_method(user, method))
