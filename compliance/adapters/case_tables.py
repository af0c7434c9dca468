"""The tables of cases: one row a case for lists, its steps, which are never changed, and uploads that wait."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from compliance.adapters.tables import Moment, Word, metadata, of_plant, surrogate

work_case = Table(
    "work_case",
    metadata,
    surrogate(),
    of_plant(),
    Column("kind", Word, nullable=False),
    Column("object_id", Word, nullable=False),
    Column("state", Word, nullable=False),
    Column("fields", Text, nullable=False),
    Column("owner", Word),
    Column("due", Date),
    Column("done_on", Date),
    Column("settled", Date),
    UniqueConstraint("plant_id", "kind", "object_id"),
    Index(None, "plant_id", "kind", "state", "id"),
    Index(None, "plant_id", "owner", "due"),
    Index(None, "plant_id", "kind", "due", "state"),
)

pending_file = Table(
    "pending_file",
    metadata,
    surrogate(),
    of_plant(),
    Column("login", Word, nullable=False),
    Column("kind", Word, nullable=False),
    Column("object_id", Word, nullable=False),
    Column("sha256", Word, nullable=False),
    Column("sm3", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("plant_id", "login", "kind", "object_id", "sha256"),
    Index(None, "at"),
    Index(None, "sha256"),
)

case_step = Table(
    "case_step",
    metadata,
    of_plant(),
    Column("kind", Word, nullable=False),
    Column("object_id", Word, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("step", Word, nullable=False),
    Column("state", Word, nullable=False),
    Column("login", Word, nullable=False),
    Column("account", Word, nullable=False),
    Column("name", Text, nullable=False),
    Column("posts", Text, nullable=False),
    Column("at", Word, nullable=False),
    Column("given", Text, nullable=False),
    Column("files", Text, nullable=False),
    Column("meaning_zh", Text),
    Column("meaning_en", Text),
    Column("covers", Text),
    Column("method", Text),
    Column("digest", Word, nullable=False),
    Column("acted_for", Word),
    PrimaryKeyConstraint("plant_id", "kind", "object_id", "seq"),
    Index(None, "plant_id", "at"),
)
