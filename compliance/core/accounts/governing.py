"""Who may change accounts: administrators where they administer, and the operator at the server."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from compliance.core.accounts.kept import Role
from compliance.core.accounts.ports import AccountReads, AccountRegister, AccountWork
from compliance.core.acts import Act, Actor
from compliance.core.permissions import Denied, MayNot, Permission, may
from compliance.kernel.errors import Refused

#: How a leaf names whoever types commands on the server: no sign-in, no request and no token acts so.
LOCAL = "local"


@contextmanager
def governing(register: AccountRegister, actor: Actor, login: str) -> Iterator[AccountWork]:
    """One transaction on an account; what is refused leaves a leaf and nothing else."""
    try:
        with register.work() as work:
            yield work
    except Refused as refusal:
        with register.work() as work:
            work.record(_refused(actor, login, refusal), None)
        raise


def insist_on_administrator(look: AccountReads, actor: Actor, places: Collection[str | None]) -> None:
    """Refuse an actor who does not administer every one of the places (None: the group); ``MayNot``.

    The roles are those of this moment, not those that a page was made with.
    """
    if actor.auth == LOCAL:
        return
    user = look.find_user(actor.id)
    held = look.memberships(user.id) if user and user.active else ()
    administered = {m.plant for m in held if m.role is Role.ADMINISTRATOR}
    if None not in administered and not (places and set(places) <= administered):
        match may((), Permission.ADMINISTRATOR):
            case Denied(reason):
                raise MayNot(reason=reason)


def places_of(look: AccountReads, user_id: int) -> set[str | None]:
    """Where an account has roles: whoever ends or resets it must administer all of it."""
    return {m.plant for m in look.memberships(user_id)}


def _refused(actor: Actor, login: str, refusal: Refused) -> Act:
    return Act(actor=actor, action="user:refused", object_type="user", object_id=login, reason=refusal.message.zh)
