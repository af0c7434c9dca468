"""Sign-ins: accounts, the roles they have in plants, and server-side sessions.

A session's token is known to the browser alone; the register keeps its hash. Tries are counted before the password
is looked at, so parallel guesses cannot pass the limit, and a login that does not exist costs what a wrong password
costs. Every sign-in, refusal of a known account, sign-out and new account leaves a leaf in the group's log.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Protocol

from compliance.core.acts import Act, Actor
from compliance.core.plants import NoSuchPlant, Plant
from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text

#: Failed tries of one account from one address within the window; the next one is refused unseen.
TRIES = 10
TRY_WINDOW = timedelta(minutes=15)
#: A session ends after this long without use, and after this long in any case.
IDLE = timedelta(minutes=60)
ABSOLUTE = timedelta(hours=12)
#: How often a session's last use is written.
TOUCH_EVERY = timedelta(minutes=1)
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1024
LONGEST_LOGIN = 120


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
    """An account. ``person`` is the 账号 of the person in the plants' data, where there is one."""

    id: int
    login: str
    person: str | None
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Membership:
    """A role of an account in a plant (``plant`` is its key), or in the group (None)."""

    plant: str | None
    role: Role


@dataclass(frozen=True, slots=True)
class Session:
    """A session by the hash of its token."""

    id_hash: str
    user_id: int
    created_at: datetime
    last_seen: datetime
    absolute_until: datetime
    revoked_at: datetime | None = None

    def live(self, now: datetime) -> bool:
        """Whether the session may be used at a moment."""
        return self.revoked_at is None and now < self.absolute_until and now < self.last_seen + IDLE


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
        return _actor(self.user, "、".join(sorted(roles)), "session", self.session.id_hash[:16])


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


# --- what accounts ask of the outside world --------------------------------------------------------------------------


class Passwords(Protocol):
    """Hashes passwords slowly, and checks them."""

    def hash(self, password: str) -> str:
        """The hash to keep."""
        ...

    def check(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one of the hash; None costs the same time and is never right."""
        ...


class AccountReads(Protocol):
    """A look at accounts."""

    def plant(self, key: str) -> Plant | None:
        """The plant of a key or short code."""
        ...

    def find_user(self, login: str) -> User | None:
        """The account of a login."""
        ...

    def user(self, user_id: int) -> User | None:
        """The account of an id."""
        ...

    def users(self) -> Sequence[tuple[User, Sequence[Membership]]]:
        """All accounts by login, with their roles."""
        ...

    def password_hash(self, user_id: int) -> str | None:
        """The hash of an account's password."""
        ...

    def memberships(self, user_id: int) -> Sequence[Membership]:
        """The roles of an account."""
        ...

    def find_session(self, id_hash: str) -> Session | None:
        """The session of a token's hash."""
        ...

    def failures(self, login: str, address: str, since: datetime) -> Sequence[datetime]:
        """When an account was tried in vain from an address, from a moment on."""
        ...


class AccountWork(AccountReads, Protocol):
    """A writing transaction on accounts."""

    def add_user(self, user: User, password_hash: str, created: datetime) -> User:
        """Store a new account (its id is given by the register)."""
        ...

    def add_membership(self, user_id: int, membership: Membership) -> None:
        """Give an account a role."""
        ...

    def add_session(self, session: Session) -> None:
        """Store a new session."""
        ...

    def touch_session(self, id_hash: str, now: datetime) -> None:
        """Note the last use of a session; no act, so no leaf."""
        ...

    def revoke_session(self, id_hash: str, now: datetime) -> None:
        """End a session."""
        ...

    def revoke_sessions(self, user_id: int, now: datetime) -> None:
        """End every session of an account."""
        ...

    def note_failure(self, login: str, address: str, now: datetime) -> None:
        """Count a try, and forget tries older than the window; no act, so no leaf."""
        ...

    def clear_failures(self, login: str, address: str) -> None:
        """Forget the tries of an account from an address."""
        ...

    def record(self, act: Act, plant: Plant | None) -> int:
        """Append the act's leaf to a log."""
        ...


class AccountRegister(Protocol):
    """The register of accounts."""

    def read(self) -> AbstractContextManager[AccountReads]:
        """Open a look."""
        ...

    def work(self) -> AbstractContextManager[AccountWork]:
        """Open a writing transaction."""
        ...


# --- use cases -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewUser:
    """What a new account is made of; ``plant`` None gives the role in the whole group."""

    login: str
    name: str
    person: str | None
    plant: str | None
    role: Role
    password: str


def add_user(register: AccountRegister, passwords: Passwords, new: NewUser, *, actor: Actor, now: datetime) -> User:
    """Make an account with one role; ``BadLogin``, ``WeakPassword``, ``LoginTaken`` or ``NoSuchPlant``."""
    _check_login(new.login)
    _check_password(new.password)
    hashed = passwords.hash(new.password)
    with register.work() as work:
        if work.find_user(new.login):
            raise LoginTaken(login=new.login)
        membership = _membership(work, new.plant, new.role)
        user = work.add_user(User(0, new.login, new.person, new.name), hashed, now)
        work.add_membership(user.id, membership)
        changes = (_given("person", new.person), _given("name", new.name), *_granted(membership))
        work.record(_account_act(actor, "user:add", user, changes), None)
    return user


def grant(register: AccountRegister, login: str, *, plant: str | None, role: Role, actor: Actor) -> Membership:
    """Give an account a further role; giving one that it has changes nothing."""
    with register.work() as work:
        user = work.find_user(login)
        if user is None:
            raise NoSuchUser(login=login)
        membership = _membership(work, plant, role)
        if membership not in work.memberships(user.id):
            work.add_membership(user.id, membership)
            work.record(_account_act(actor, "user:grant", user, _granted(membership)), None)
    return membership


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


def current(register: AccountRegister, token: str, now: datetime) -> SignedIn | None:
    """The person of a token, if the session lives; its last use is written at most once a minute."""
    with register.read() as look:
        session = look.find_session(hash_of(token))
        user = look.user(session.user_id) if session and session.live(now) else None
        if session is None or user is None or not user.active:
            return None
        memberships = tuple(look.memberships(user.id))
    if now - session.last_seen >= TOUCH_EVERY:
        with register.work() as work:
            work.touch_session(session.id_hash, now)
    return SignedIn(user, memberships, session)


def sign_out(register: AccountRegister, signed_in: SignedIn, now: datetime) -> None:
    """End the session at once: a copy of its cookie is worth nothing from now on."""
    with register.work() as work:
        work.revoke_session(signed_in.session.id_hash, now)
        work.record(_account_act(signed_in.actor(), "session:sign-out", signed_in.user), None)


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
        act = _account_act(_actor(user, "", "password"), "session:refused", user, (_given("address", address),))
        work.record(act, None)


def _start_session(register: AccountRegister, user: User, address: str, now: datetime) -> tuple[SignedIn, str]:
    token = secrets.token_urlsafe(32)
    session = Session(hash_of(token), user.id, now, now, now + ABSOLUTE)
    with register.work() as work:
        work.clear_failures(user.login, address)
        work.add_session(session)
        signed_in = SignedIn(user, tuple(work.memberships(user.id)), session)
        changes = (_given("address", address),)
        work.record(_account_act(signed_in.actor(), "session:sign-in", user, changes), None)
    return signed_in, token


def _check_login(login: str) -> None:
    if not (0 < len(login) <= LONGEST_LOGIN and login.isprintable() and " " not in login):
        raise BadLogin(most=LONGEST_LOGIN)


def _check_password(password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise WeakPassword(least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD)


def _membership(look: AccountReads, plant: str | None, role: Role) -> Membership:
    if plant is None:
        return Membership(None, role)
    found = look.plant(plant)
    if found is None:
        raise NoSuchPlant(plant=plant)
    return Membership(found.key, role)


def _granted(membership: Membership) -> tuple[dict[str, object], ...]:
    return _given("plant", membership.plant), _given("role", membership.role.value)


def _given(name: str, new: object) -> dict[str, object]:
    return {"f": name, "old": None, "new": new}


def _actor(user: User, role: str, auth: str, session: str = "") -> Actor:
    return Actor(user.login, user.name, role, auth, session)


def _account_act(actor: Actor, action: str, user: User, changes: tuple[dict[str, object], ...] = ()) -> Act:
    return Act(actor=actor, action=action, object_type="user", object_id=user.login, changes=changes)
