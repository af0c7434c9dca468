"""The tables of the API: tokens by their hashes, and answers that are given once."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text

from compliance.adapters.tables import Moment, Surrogate, Word, metadata, of_plant


def _of_user() -> Column[int]:
    return Column("user_id", Surrogate, ForeignKey("user_account.id"), nullable=False)


api_token = Table(
    "api_token",
    metadata,
    Column("id_hash", Word, primary_key=True),
    _of_user(),
    Column("name", Text, nullable=False),
    of_plant(optional=True),
    Column("read_only", Boolean, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("last_used", Moment),
    Index(None, "user_id"),
)

api_answer = Table(
    "api_answer",
    metadata,
    _of_user(),
    Column("key", Word, nullable=False),
    Column("mark", Word, nullable=False),
    Column("at", Moment, nullable=False),
    Column("status", Integer),
    Column("body", Text),
    Column("etag", Text),
    PrimaryKeyConstraint("user_id", "key"),
    Index(None, "at"),
)
