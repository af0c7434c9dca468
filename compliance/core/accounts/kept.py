"""What is kept of sign-ins: accounts, their roles, their sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from compliance.core.acts import Act, Actor
from compliance.kernel.text import Text

#: A session ends after this long without use, and after this long in any case.
IDLE = timedelta(minutes=60)
ABSOLUTE = timedelta(hours=12)
#: How long a link that sets a password works.
LINK = timedelta(minutes=60)
#: How long after a signature in the same session the next one asks for the password alone.
SIGNING = timedelta(minutes=15)
#: How a person proved who they are, as signatures and leaves name it.
BY_PASSWORD, BY_CODE, BY_RECOVERY = "password", "password+totp", "password+recovery"
#: By the password, in a session whose signature shortly before was given with a one-time code.
BY_SESSION = "password+session"


_PASSWORD, _BY_LINK = Text("密码", "Password"), Text("（密码由重置链接设定）", " (password set by a reset link)")
_BESIDE = {
    BY_CODE: Text("一次性验证码", "One-time code"),
    BY_SESSION: Text("本会话此前已验的验证码", "a one-time code given earlier in the session"),
    BY_RECOVERY: Text("恢复码", "Recovery code"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long sessions live, unused and in any case, how long a link works, and how long signing goes on."""

    idle: timedelta = IDLE
    absolute: timedelta = ABSOLUTE
    link: timedelta = LINK
    signing: timedelta = SIGNING


class Role(StrEnum):
    """A set of permissions that an account has in a plant, or in the whole group."""

    COMPLIANCE_OFFICER = "compliance-officer"
    AUDITOR = "auditor"
    DOCUMENT_CONTROLLER = "document-controller"
    DEPARTMENT = "department"
    VERIFIER = "verifier"
    RECORDS = "records"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class User:
    """An account. ``person`` is the 账号 of the person in the plants' data, where there is one.

    ``mail`` is where a link that sets the password is sent; ``codes``: a one-time code is asked beside the password;
    ``password_by``: who else made the link by which the password was set, until its owner changes it.
    """

    id: int
    login: str
    person: str | None
    name: str
    active: bool = True
    mail: str | None = None
    codes: bool = False
    password_by: str | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """A role of an account in a plant (``plant`` is its key), or in the group (None)."""

    plant: str | None
    role: Role


@dataclass(frozen=True, slots=True)
class Session:
    """A session by the hash of its token; ``address`` is where it was opened from.

    ``signed_at``: when its person signed last in it, having shown a one-time code; None before.
    """

    id_hash: str
    user_id: int
    created_at: datetime
    last_seen: datetime
    absolute_until: datetime
    revoked_at: datetime | None = None
    address: str = ""
    signed_at: datetime | None = None

    @property
    def ref(self) -> str:
        """What names the session to people and in leaves; it opens nothing."""
        return self.id_hash[:16]

    def live(self, now: datetime, idle: timedelta = IDLE) -> bool:
        """Whether the session may be used at a moment."""
        return self.revoked_at is None and now < self.absolute_until and now < self.last_seen + idle

    def signing_goes_on(self, now: datetime, limits: Limits) -> bool:
        """Whether the next signature needs no one-time code: it follows another one in unbroken use."""
        return (
            self.signed_at is not None
            and self.signed_at <= now < self.signed_at + limits.signing
            and self.live(now, limits.idle)
        )


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person with a live session, and the roles at this moment."""

    user: User
    memberships: tuple[Membership, ...]
    session: Session

    def roles_in(self, plant: str) -> frozenset[Role]:
        """The roles in a plant, those in the group included."""
        return frozenset(m.role for m in self.memberships if m.plant in (None, plant))

    def actor(self, plant: str | None = None) -> Actor:
        """The person as the trail names them when they act in a plant (or in the group)."""
        roles = {m.role for m in self.memberships if m.plant in (None, plant)}
        return actor_of(self.user, "、".join(sorted(roles)), "session", self.session.ref)


@dataclass(frozen=True, slots=True)
class Link:
    """A link that sets a password, by the hash of its token; ``made_by``: by whom, if not at its owner's own wish."""

    user_id: int
    until: datetime
    used: bool = False
    made_by: str | None = None


@dataclass(frozen=True, slots=True)
class Half:
    """A sign-in that still needs its one-time code: who, and how long it may be finished. It has no rights."""

    user_id: int
    until: datetime


def signing_method(user: User, method: str) -> str:
    """How a signature names its proof: whoever made the link of the password could know it, so it names them."""
    if not user.password_by or method not in {BY_PASSWORD, BY_CODE, BY_SESSION}:
        return method
    return f"{BY_PASSWORD}(link:{user.password_by}){method.removeprefix(BY_PASSWORD)}"


def shown_with(method: str, between: str) -> Text:
    """With what somebody showed, when signing, that it was them, in people's words."""
    means = [_PASSWORD, *(word for way, word in _BESIDE.items() if way.removeprefix(BY_PASSWORD) in method)]
    note = _BY_LINK if "(link:" in method else Text("", "")
    return Text(between.join(m.zh for m in means) + note.zh, between.join(m.en for m in means) + note.en)


def given(name: str, new: object) -> dict[str, object]:
    """A change of a leaf: a value where there was none."""
    return {"f": name, "old": None, "new": new}


def actor_of(user: User, role: str, auth: str, session: str = "") -> Actor:
    """The person as a leaf names them."""
    return Actor(user.login, user.name, role, auth, session)


def changed(name: str, old: object, new: object) -> dict[str, object]:
    """A change of a leaf: another value than before."""
    return {"f": name, "old": old, "new": new}


def account_act(
    actor: Actor, action: str, user: User, changes: tuple[dict[str, object], ...] = (), reason: str = ""
) -> Act:
    """An act on an account."""
    return Act(actor=actor, action=action, object_type="user", object_id=user.login, changes=changes, reason=reason)
