"""The tables beside accounts: recovery codes, links, half-done sign-ins, devices; tokens are kept as hashes."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Table

from compliance.adapters.tables import Moment, Surrogate, Word, metadata


def _of_user() -> Column[int]:
    return Column("user_id", Surrogate, ForeignKey("user_account.id"), nullable=False)


recovery_code = Table(
    "recovery_code",
    metadata,
    _of_user(),
    Column("code_hash", Word, nullable=False),
    Column("used_at", Moment),
    PrimaryKeyConstraint("user_id", "code_hash"),
)

password_link = Table(
    "password_link",
    metadata,
    Column("id_hash", Word, primary_key=True),
    _of_user(),
    Column("made_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("made_by", Word),
    Index(None, "user_id"),
)

half_sign_in = Table(
    "half_sign_in",
    metadata,
    Column("id_hash", Word, primary_key=True),
    _of_user(),
    Column("until", Moment, nullable=False),
    Index(None, "user_id"),
)

known_device = Table(
    "known_device",
    metadata,
    Column("id_hash", Word, nullable=False),
    _of_user(),
    Column("made_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    PrimaryKeyConstraint("id_hash", "user_id"),
    Index(None, "user_id"),
)
