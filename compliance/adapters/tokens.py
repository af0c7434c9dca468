"""Tokens of the API in the register, and the answers that are given once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row as SqlRow
from sqlalchemy import and_, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from compliance.adapters.connected import Changing, Connected
from compliance.adapters.tables import membership, plant, user_account
from compliance.adapters.token_tables import api_answer, api_token
from compliance.adapters.trail import moment
from compliance.core.accounts import Membership, Role, User
from compliance.core.answers import Answer, Claim
from compliance.core.tokens import ApiToken

_OWN = plant.alias("own_plant")
_TOKEN = (*api_token.c, _OWN.c.key.label("plant_key"))


class SqlTokenReads(Connected):
    """The looks of ``core.tokens.TokenReads``."""

    def api_tokens(self, user_id: int) -> Sequence[ApiToken]:
        """The tokens of a person that were not revoked, the newest first."""
        query = select(*_TOKEN).outerjoin(_OWN, _OWN.c.id == api_token.c.plant_id)
        query = query.where(api_token.c.user_id == user_id).order_by(api_token.c.made_at.desc(), api_token.c.id_hash)
        return [_token(row) for row in self._execute(query)]

    def bearer(self, id_hash: str) -> tuple[ApiToken, User, Sequence[Membership]] | None:
        """The token of a hash with its person and their roles: one statement, as every request asks it."""
        rows = self._connection.execute(_BEARER, {"asked": id_hash}).all()
        if not rows:
            return None
        one = rows[0]
        user = User(one.user_id, one.login, one.person, one.person_name, one.active, one.mail, one.codes)
        given = [Membership(row.role_plant, Role(row.role)) for row in rows if row.role is not None]
        return _token(one), user, given


class SqlTokenChanges(SqlTokenReads, Changing):
    """The changes of ``core.tokens.TokenWork`` and ``core.answers.AnswerWork``."""

    def add_api_token(self, token: ApiToken) -> None:
        """Keep a new token by its hash."""
        of_key = select(plant.c.id).where(plant.c.key == token.plant).scalar_subquery()
        values = {
            "id_hash": token.id_hash,
            "user_id": token.user_id,
            "name": token.name,
            "plant_id": of_key if token.plant else None,
            "read_only": token.read_only,
            "made_at": _moment(token.made_at),
            "until": _moment(token.until),
        }
        self._change(insert(api_token).values(values))

    def touch_api_token(self, id_hash: str, now: datetime) -> None:
        """Note the last use of a token; no act, so no leaf."""
        self._execute(update(api_token).where(api_token.c.id_hash == id_hash).values(last_used=_moment(now)))

    def remove_api_token(self, id_hash: str) -> None:
        """Forget a token."""
        self._change(delete(api_token).where(api_token.c.id_hash == id_hash))

    def claim_answer(self, user_id: int, key: str, mark: str, now: datetime, forget: datetime) -> Claim | None:
        """Claim a key, and forget those from before a moment; the claim that was there, None if it is new."""
        self._execute(delete(api_answer).where(api_answer.c.at <= _moment(forget)))
        made = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        new = made(api_answer).values(user_id=user_id, key=key, mark=mark, at=_moment(now))
        if self._execute(new.on_conflict_do_nothing().returning(api_answer.c.key)).first():
            return None
        row = self._execute(select(api_answer).where(_claimed(user_id, key))).one()
        return Claim(row.mark, None if row.status is None else Answer(row.status, row.body, row.etag))

    def keep_answer(self, user_id: int, key: str, answer: Answer) -> None:
        """Keep the answer of a claimed key."""
        values = {"status": answer.status, "body": answer.body, "etag": answer.etag}
        self._execute(update(api_answer).where(_claimed(user_id, key)).values(values))

    def drop_claim(self, user_id: int, key: str) -> None:
        """Forget a claim: its request did nothing."""
        self._execute(delete(api_answer).where(_claimed(user_id, key)))


def _claimed(user_id: int, key: str) -> Any:  # noqa: ANN401 - a boolean expression
    return and_(api_answer.c.user_id == user_id, api_answer.c.key == key)


def _bearer() -> Any:  # noqa: ANN401 - a select of a row a role
    theirs = plant.alias("role_plant")
    columns = (
        user_account.c.login,
        user_account.c.person,
        user_account.c.name.label("person_name"),
        user_account.c.active,
        user_account.c.mail,
        user_account.c.code_since.is_not(None).label("codes"),
        theirs.c.key.label("role_plant"),
        membership.c.role,
    )
    return (
        select(*_TOKEN, *columns)
        .join(user_account, user_account.c.id == api_token.c.user_id)
        .outerjoin(_OWN, _OWN.c.id == api_token.c.plant_id)
        .outerjoin(membership, membership.c.user_id == user_account.c.id)
        .outerjoin(theirs, theirs.c.id == membership.c.plant_id)
        .where(api_token.c.id_hash == bindparam("asked"))
        .order_by(membership.c.id)
    )


_BEARER = _bearer()


def _token(row: SqlRow[Any]) -> ApiToken:
    return ApiToken(
        id_hash=row.id_hash,
        user_id=row.user_id,
        name=row.name,
        made_at=_read(row.made_at),
        until=_read(row.until),
        read_only=bool(row.read_only),
        plant=row.plant_key,
        last_used=_read(row.last_used) if row.last_used else None,
    )


def _moment(value: datetime) -> str:
    return moment(value.astimezone(UTC))


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
