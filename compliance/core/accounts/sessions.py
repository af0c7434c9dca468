"""Ending sessions: this one, one of them, all the others."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from compliance.core.accounts.kept import Limits, Session, SignedIn, account_act, given
from compliance.core.accounts.ports import AccountRegister
from compliance.core.acts import Actor
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text


class NoSuchSession(WrongUse):
    """The person has no such session, or it has ended."""

    code = "no-such-session"
    text: ClassVar[Text] = Text(zh="没有这个会话，或它已结束", en="There is no such session, or it has ended")


def sign_out(register: AccountRegister, signed_in: SignedIn, now: datetime) -> None:
    """End the session at once: a copy of its cookie is worth nothing from now on."""
    with register.work() as work:
        work.revoke_session(signed_in.session.id_hash, now)
        work.record(account_act(signed_in.actor(), "session:sign-out", signed_in.user), None)


def my_sessions(register: AccountRegister, user_id: int, now: datetime, limits: Limits) -> list[Session]:
    """The living sessions of a person, the newest first."""
    with register.read() as look:
        return [s for s in look.living_sessions(user_id, now) if s.live(now, limits.idle)]


def end_session(register: AccountRegister, signed_in: SignedIn, ref: str, now: datetime) -> None:
    """End one session of one's own, by its short name. ``NoSuchSession``."""
    with register.work() as work:
        found = next((s for s in work.living_sessions(signed_in.user.id, now) if s.ref == ref), None)
        if found is None:
            raise NoSuchSession
        work.revoke_session(found.id_hash, now)
        work.record(account_act(signed_in.actor(), "session:end", signed_in.user, (given("session", ref),)), None)


def end_other_sessions(register: AccountRegister, user_id: int, keep: str, actor: Actor, now: datetime) -> int:
    """End every living session of a person but one (by its hash); how many there were."""
    with register.read() as look:
        user = look.user(user_id)
        others = [s for s in look.living_sessions(user_id, now) if s.id_hash != keep]
    if user is None or not others:
        return 0
    with register.work() as work:
        for session in others:
            work.revoke_session(session.id_hash, now)
        work.record(account_act(actor, "session:end-others", user, (given("sessions", str(len(others))),)), None)
    return len(others)
