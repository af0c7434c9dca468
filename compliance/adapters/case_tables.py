"""The tables of cases: one row a case for lists, and its steps, which are never changed."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from compliance.adapters.tables import Word, metadata, of_plant, surrogate

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
)
