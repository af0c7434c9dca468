"""One-time codes: switched on with a right code and the password, off with both; recovery codes are shown once."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from compliance.core.accounts.kept import SignedIn, User, account_act, changed
from compliance.core.accounts.ports import Door
from compliance.core.accounts.signing_in import CodeRefused, new_session, proves, recovery_hash
from compliance.core.accounts.tries import Origin
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text

RECOVERY_CODES = 10
_RECOVERY_BYTES, _GROUP = 10, 4


class ProofRefused(Refused):
    """The password, or the code where one is asked for, is wrong: nothing was changed."""

    code = "proof-refused"
    text: ClassVar[Text] = Text(
        zh="密码或验证码不正确，未作改动", en="The password or the code is wrong; nothing was changed"
    )


class CodesAlready(Refused):
    """One-time codes are on already, or off already, or were not begun."""

    code = "codes-already"
    text: ClassVar[Text] = Text(
        zh="一次性验证码的状态已变化，请刷新后再办", en="The state of the one-time codes has changed; look again"
    )


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a browser gets in place of the session that ended; ``recovery`` is shown once."""

    token: str = field(repr=False)
    recovery: tuple[str, ...] = field(default=(), repr=False)


def begin_codes(door: Door, signed_in: SignedIn) -> None:
    """Keep a new secret that asks for nothing until it is confirmed. ``CodesAlready``."""
    with door.register.work() as work:
        user = work.user(signed_in.user.id)
        if user is None or user.codes:
            raise CodesAlready
        work.propose_secret(user.id, door.codes.new_secret())


def proposed(door: Door, user: User) -> str | None:
    """The secret that is to be confirmed; None where codes are on or none was begun."""
    with door.register.read() as look:
        known = look.user(user.id)
        return look.code_secret(user.id) if known and not known.codes else None


def switch_on(door: Door, signed_in: SignedIn, *, password: str, code: str, origin: Origin, now: datetime) -> Renewed:
    """Ask this person for codes from now on; every session ends, this browser gets a new one.

    ``ProofRefused``, ``CodeRefused``, ``CodesAlready`` or ``TooManyTries``.
    """
    insist(door, signed_in, password=password, origin=origin, now=now, on_codes=False)
    recovery = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
    with door.register.work() as work:
        user = work.user(signed_in.user.id)
        secret = work.code_secret(user.id) if user and not user.codes else None
        if user is None or secret is None:
            raise CodesAlready
        step = door.codes.step(secret, "".join(code.split()), now)
        if step is not None and work.take_step(user.id, step):
            work.switch_codes(user.id, now, [recovery_hash(user.id, one) for one in recovery])
            work.revoke_sessions(user.id, now)
            _, token = new_session(door, work, replace(user, codes=True), origin.address, now)
            act = account_act(signed_in.actor(), "codes:on", user, (changed("codes", old=False, new=True),))
            work.record(act, None)
            return Renewed(token, recovery)
    _refused(door, signed_in)
    raise CodeRefused


def switch_off(door: Door, signed_in: SignedIn, *, password: str, code: str, origin: Origin, now: datetime) -> Renewed:
    """Ask this person for no codes any more, by password and code; a recovery code will do.

    ``ProofRefused``, ``CodesAlready`` or ``TooManyTries``.
    """
    insist(door, signed_in, password=password, code=code, origin=origin, now=now, on_codes=True)
    with door.register.work() as work:
        user = work.user(signed_in.user.id)
        if user is None or not user.codes:
            raise CodesAlready
        work.switch_codes(user.id, None, ())
        work.revoke_sessions(user.id, now)
        _, token = new_session(door, work, replace(user, codes=False), origin.address, now)
        act = account_act(signed_in.actor(), "codes:off", user, (changed("codes", old=True, new=False),))
        work.record(act, None)
    return Renewed(token)


def insist(
    door: Door,
    signed_in: SignedIn,
    *,
    password: str,
    origin: Origin,
    now: datetime,
    code: str = "",
    on_codes: bool | None = None,
) -> None:
    """Go on only if the person proves again who they are; what is refused leaves a leaf. ``ProofRefused``."""
    if on_codes is not None:
        with door.register.read() as look:
            user = look.user(signed_in.user.id)
        if user is None or user.codes is not on_codes:
            raise CodesAlready
    if not proves(door, signed_in.user, password=password, code=code, origin=origin, now=now, recovery=True):
        _refused(door, signed_in)
        raise ProofRefused


def _refused(door: Door, signed_in: SignedIn) -> None:
    with door.register.work() as work:
        work.record(account_act(signed_in.actor(), "user:proof-refused", signed_in.user), None)


def _recovery_code() -> str:
    plain = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode("ascii").lower()
    return "-".join(plain[i : i + _GROUP] for i in range(0, len(plain), _GROUP))
