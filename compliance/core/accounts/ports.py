"""What accounts ask of the outside world."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from compliance.core.accounts.kept import Half, Limits, Link, Membership, Session, SignedIn, User
from compliance.core.acts import Act
from compliance.core.plants import Plant


class Passwords(Protocol):
    """Hashes passwords slowly, and checks them."""

    def hash(self, password: str) -> str:
        """The hash to keep."""
        ...

    def check(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one of the hash; None costs the same time and is never right."""
        ...


class Codes(Protocol):
    """One-time codes by RFC 6238."""

    def new_secret(self) -> str:
        """A secret that nobody has, as an authenticator takes it."""
        ...

    def step(self, secret: str, code: str, now: datetime) -> int | None:
        """The step of time that a code belongs to, one step early or late at most; None for a wrong code."""
        ...

    def picture(self, secret: str, login: str, site: str) -> str:
        """What an authenticator reads with its camera, as a ``data:`` address of an SVG picture."""
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

    def signed_in(self, id_hash: str) -> SignedIn | None:
        """The session of a token's hash with its person and their roles: one statement, as every page asks it."""
        ...

    def sessions(self, user_id: int) -> Sequence[Session]:
        """Sessions of a person, the newest first, ended ones included."""
        ...

    def living_sessions(self, user_id: int, now: datetime) -> Sequence[Session]:
        """Sessions of a person that were not ended and are not past their end, the newest first."""
        ...

    def tries(self, login: str, since: datetime) -> Sequence[tuple[str, datetime]]:
        """From where and when a login was tried in vain, from a moment on."""
        ...

    def knows_device(self, device_hash: str, user_id: int | None = None) -> bool:
        """Whether somebody (this person) has signed in from a device before."""
        ...

    def code_secret(self, user_id: int) -> str | None:
        """The secret of a person's one-time codes, also while it is still to be confirmed."""
        ...

    def recovery_codes(self, user_id: int) -> int:
        """How many recovery codes of a person are left."""
        ...

    def half(self, id_hash: str) -> Half | None:
        """The half-done sign-in of a token's hash."""
        ...

    def link(self, id_hash: str) -> Link | None:
        """The link of a token's hash."""
        ...


class AccountWork(AccountReads, Protocol):
    """A writing transaction on accounts."""

    def add_user(self, user: User, password_hash: str, created: datetime) -> User:
        """Store a new account (its id is given by the register)."""
        ...

    def add_membership(self, user_id: int, membership: Membership) -> None:
        """Give an account a role."""
        ...

    def remove_membership(self, user_id: int, membership: Membership) -> None:
        """Take a role of an account."""
        ...

    def set_active(self, user_id: int, *, active: bool) -> None:
        """Switch an account on or off."""
        ...

    def add_session(self, session: Session) -> None:
        """Store a new session."""
        ...

    def touch_session(self, id_hash: str, now: datetime) -> None:
        """Note the last use of a session; no act, so no leaf."""
        ...

    def note_signing(self, id_hash: str, now: datetime) -> None:
        """Note that a session's person has signed in it; part of an act, so no leaf of its own."""
        ...

    def revoke_session(self, id_hash: str, now: datetime) -> None:
        """End a session."""
        ...

    def revoke_sessions(self, user_id: int, now: datetime) -> None:
        """End every session of an account, and what is half of one."""
        ...

    def note_try(self, login: str, place: str, now: datetime, keep_from: datetime) -> None:
        """Count a try, and forget those before a moment; no act, so no leaf."""
        ...

    def stay_tried(self, login: str, place: str) -> None:
        """Write the tries as they are: a login that nobody has costs the write that a refusal's leaf costs."""
        ...

    def clear_tries(self, login: str, place: str) -> None:
        """Forget the tries of a login from a place."""
        ...

    def know_device(self, device_hash: str, user_id: int, now: datetime) -> None:
        """Keep that a person signed in from a device; no act, so no leaf."""
        ...

    def set_password(self, user_id: int, password_hash: str, by: str | None = None) -> None:
        """Keep another password; ``by``: somebody else made the link by which it was set."""
        ...

    def set_mail(self, user_id: int, mail: str | None) -> None:
        """Keep another mail address."""
        ...

    def propose_secret(self, user_id: int, secret: str) -> None:
        """Keep a secret that is still to be confirmed; no act, so no leaf."""
        ...

    def switch_codes(self, user_id: int, since: datetime | None, recovery_hashes: Sequence[str]) -> None:
        """Ask for one-time codes from now on, with new recovery codes; or (None) no more, and forget the secret."""
        ...

    def take_step(self, user_id: int, step: int) -> bool:
        """Use up a step of time; False if it or a later one was used. Part of an act, so no leaf of its own."""
        ...

    def take_recovery_code(self, user_id: int, code_hash: str, now: datetime) -> bool:
        """Use up a recovery code; False if there is none such left."""
        ...

    def add_half(self, id_hash: str, half: Half) -> None:
        """Keep a half-done sign-in; no act, so no leaf."""
        ...

    def remove_halves(self, user_id: int) -> None:
        """Forget the half-done sign-ins of a person; no act, so no leaf."""
        ...

    def add_link(self, id_hash: str, link: Link, now: datetime) -> None:
        """Keep a new link; earlier ones of the person end."""
        ...

    def end_links(self, user_id: int, now: datetime) -> None:
        """End every link of a person."""
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


@dataclass(frozen=True)
class Door:
    """What signing in works with."""

    register: AccountRegister
    passwords: Passwords
    codes: Codes
    limits: Limits = field(default_factory=Limits)
