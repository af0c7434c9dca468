"""Accounts, roles and sessions in the register, and the slow hash of passwords."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from threading import BoundedSemaphore
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row as SqlRow
from sqlalchemy import Select, and_, bindparam, delete, insert, select, update

from compliance.adapters.connected import Changing, Connected
from compliance.adapters.sign_in import SqlSignInChanges, SqlSignInReads
from compliance.adapters.sign_in_tables import half_sign_in
from compliance.adapters.tables import membership, plant, session, user_account
from compliance.adapters.token_tables import api_token
from compliance.adapters.trail import moment
from compliance.core.accounts import Membership, Role, Session, SignedIn, User

__all__ = ["AT_ONCE", "Argon2", "Changing", "Connected", "SqlAccountChanges", "SqlAccountReads"]

_USER = (
    user_account.c.id,
    user_account.c.login,
    user_account.c.person,
    user_account.c.name,
    user_account.c.active,
    user_account.c.mail,
    user_account.c.code_since.is_not(None).label("codes"),
    user_account.c.password_by,
)
_MEMORY_KIB = 19 * 1024
#: Hashes at once in one process: each takes its memory and a core.
AT_ONCE = 4
_FREE = BoundedSemaphore(AT_ONCE)


class Argon2:
    """Argon2id with 19 MiB, two passes, one lane."""

    def __init__(self, memory_kib: int = _MEMORY_KIB) -> None:
        """Prepare the hash that a login without account is compared with."""
        self._hasher = PasswordHasher(time_cost=2, memory_cost=memory_kib, parallelism=1)
        self._nobody = self._hasher.hash("nobody")

    def hash(self, password: str) -> str:
        """The hash to keep."""
        with _FREE:
            return self._hasher.hash(_bytes(password))

    def check(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one of the hash; None costs the same time and is never right."""
        try:
            with _FREE:
                self._hasher.verify(kept or self._nobody, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


class SqlAccountReads(SqlSignInReads):
    """Implements ``core.accounts.AccountReads``."""

    def find_user(self, login: str) -> User | None:
        """The account of a login."""
        return _user(self._execute(select(*_USER).where(user_account.c.login == login)).first())

    def user(self, user_id: int) -> User | None:
        """The account of an id."""
        return _user(self._execute(select(*_USER).where(user_account.c.id == user_id)).first())

    def users(self) -> Sequence[tuple[User, Sequence[Membership]]]:
        """All accounts by login, with their roles."""
        roles = defaultdict(list)
        for row in self._execute(_memberships()):
            roles[row.user_id].append(_membership(row))
        found = self._execute(select(*_USER).order_by(user_account.c.login))
        return [(_account(row), roles[row.id]) for row in found]

    def password_hash(self, user_id: int) -> str | None:
        """The hash of an account's password."""
        query = select(user_account.c.password_hash).where(user_account.c.id == user_id)
        kept: str | None = self._execute(query).scalar()
        return kept

    def memberships(self, user_id: int) -> Sequence[Membership]:
        """The roles of an account."""
        query = _memberships().where(membership.c.user_id == user_id)
        return [_membership(row) for row in self._execute(query)]

    def find_session(self, id_hash: str) -> Session | None:
        """The session of a token's hash."""
        row = self._execute(select(session).where(session.c.id_hash == id_hash)).first()
        return _session(row) if row else None

    def signed_in(self, id_hash: str) -> SignedIn | None:
        """The session of a token's hash with its person and their roles."""
        rows = self._connection.execute(_signed_in(), {"asked": id_hash}).all()
        if not rows:
            return None
        one = rows[0]
        return SignedIn(_account(one), tuple(_membership(row) for row in rows if row.role is not None), _session(one))

    def sessions(self, user_id: int) -> Sequence[Session]:
        """Sessions of a person, the newest first, ended ones included."""
        query = select(session).where(session.c.user_id == user_id).order_by(session.c.created_at.desc())
        return [_session(row) for row in self._execute(query)]

    def living_sessions(self, user_id: int, now: datetime) -> Sequence[Session]:
        """Sessions of a person that were not ended and are not past their end, the newest first."""
        living = and_(session.c.revoked_at.is_(None), session.c.absolute_until > moment(now))
        query = select(session).where(session.c.user_id == user_id, living).order_by(session.c.created_at.desc())
        return [_session(row) for row in self._execute(query)]


class SqlAccountChanges(SqlSignInChanges):
    """The changes of ``core.accounts.AccountWork``; the work adds the trail."""

    def add_user(self, user: User, password_hash: str, created: datetime) -> User:
        """Store a new account (its id is given by the register)."""
        new = insert(user_account).values(
            login=user.login,
            person=user.person,
            name=user.name,
            password_hash=password_hash,
            active=user.active,
            created=moment(created),
            mail=user.mail,
        )
        given: int = self._change(new.returning(user_account.c.id)).scalar_one()
        return replace(user, id=given)

    def add_membership(self, user_id: int, given: Membership) -> None:
        """Give an account a role."""
        of_key = select(plant.c.id).where(plant.c.key == given.plant).scalar_subquery()
        values = {"user_id": user_id, "plant_id": of_key if given.plant else None}
        self._change(insert(membership).values(role=given.role.value, **values))

    def remove_membership(self, user_id: int, gone: Membership) -> None:
        """Take a role of an account."""
        of_key = select(plant.c.id).where(plant.c.key == gone.plant).scalar_subquery()
        place = membership.c.plant_id == of_key if gone.plant else membership.c.plant_id.is_(None)
        theirs = and_(membership.c.user_id == user_id, place, membership.c.role == gone.role.value)
        self._change(delete(membership).where(theirs))

    def set_active(self, user_id: int, *, active: bool) -> None:
        """Switch an account on or off; its tokens end with it."""
        self._of_user(user_id, active=active)
        self._end_tokens(user_id)

    def add_session(self, new: Session) -> None:
        """Store a new session."""
        values = {
            "id_hash": new.id_hash,
            "user_id": new.user_id,
            "created_at": moment(new.created_at),
            "last_seen": moment(new.last_seen),
            "absolute_until": moment(new.absolute_until),
            "address": new.address,
        }
        self._change(insert(session).values(values))

    def touch_session(self, id_hash: str, now: datetime) -> None:
        """Note the last use of a session; no act, so no leaf."""
        self._execute(update(session).where(session.c.id_hash == id_hash).values(last_seen=moment(now)))

    def note_signing(self, id_hash: str, now: datetime) -> None:
        """Note that a session's person has signed in it."""
        self._execute(update(session).where(session.c.id_hash == id_hash).values(signed_at=moment(now)))

    def revoke_session(self, id_hash: str, now: datetime) -> None:
        """End a session."""
        self._revoke(session.c.id_hash == id_hash, now)

    def revoke_sessions(self, user_id: int, now: datetime) -> None:
        """End every session of an account, and what is half of one."""
        self._revoke(session.c.user_id == user_id, now)
        self._execute(delete(half_sign_in).where(half_sign_in.c.user_id == user_id))

    def set_password(self, user_id: int, password_hash: str, by: str | None = None) -> None:
        """Keep another password, and who else made its link; tokens that were made under the old one end."""
        self._of_user(user_id, password_hash=password_hash, password_by=by)
        self._end_tokens(user_id)

    def set_mail(self, user_id: int, mail: str | None) -> None:
        """Keep another mail address."""
        self._of_user(user_id, mail=mail)

    def _end_tokens(self, user_id: int) -> None:
        self._change(delete(api_token).where(api_token.c.user_id == user_id))

    def _of_user(self, user_id: int, **values: object) -> None:
        self._change(update(user_account).where(user_account.c.id == user_id).values(**values))

    def _revoke(self, which: Any, now: datetime) -> None:  # noqa: ANN401 - a boolean expression
        living = and_(which, session.c.revoked_at.is_(None))
        self._change(update(session).where(living).values(revoked_at=moment(now)))


def _memberships() -> Any:  # noqa: ANN401 - a select of three columns
    return (
        select(membership.c.user_id, plant.c.key, membership.c.role)
        .outerjoin(plant, plant.c.id == membership.c.plant_id)
        .order_by(membership.c.user_id, membership.c.id)
    )


@cache
def _signed_in() -> Select[Any]:
    """A row a role, in the order of :func:`_memberships`; made once, as every page asks it."""
    theirs = membership.c.user_id == user_account.c.id
    return (
        select(session, *_USER, plant.c.key, membership.c.role)
        .join(user_account, user_account.c.id == session.c.user_id)
        .outerjoin(membership, theirs)
        .outerjoin(plant, plant.c.id == membership.c.plant_id)
        .where(session.c.id_hash == bindparam("asked"))
        .order_by(membership.c.id)
    )


def _membership(row: SqlRow[Any]) -> Membership:
    return Membership(row.key, Role(row.role))


def _user(row: SqlRow[Any] | None) -> User | None:
    return _account(row) if row is not None else None


def _account(row: SqlRow[Any]) -> User:
    return User(row.id, row.login, row.person, row.name, row.active, row.mail, bool(row.codes), row.password_by)


def _session(row: SqlRow[Any]) -> Session:
    return Session(
        row.id_hash,
        row.user_id,
        _read(row.created_at),
        _read(row.last_seen),
        _read(row.absolute_until),
        _read(row.revoked_at) if row.revoked_at else None,
        row.address or "",
        _read(row.signed_at) if row.signed_at else None,
    )


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
