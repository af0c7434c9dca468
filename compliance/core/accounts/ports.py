"""What accounts ask of the outside world."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from compliance.core.accounts.kept import Membership, Session, SignedIn, User
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
