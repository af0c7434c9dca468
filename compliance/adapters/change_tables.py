"""The table of requests to change documents: a row is decided once, and never changed otherwise."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, UniqueConstraint

from compliance.adapters.tables import Moment, Word, metadata, of_plant, surrogate

change_request = Table(
    "change_request",
    metadata,
    surrogate(),
    of_plant(),
    Column("number", Word, nullable=False),
    Column("series", Word, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("document", Word, nullable=False),
    Column("place", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("impact", Text, nullable=False),
    Column("uses", Text, nullable=False),
    Column("asked_by", Word, nullable=False),
    Column("asked_name", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("accepted", Boolean),
    Column("decided_by", Word, nullable=False),
    Column("decided_name", Text, nullable=False),
    Column("decided_at", Word, nullable=False),
    Column("decision", Text, nullable=False),
    Column("version", Integer),
    UniqueConstraint("plant_id", "number"),
    UniqueConstraint("plant_id", "series", "serial"),
    Index(None, "plant_id", "accepted", "id"),
    Index(None, "plant_id", "document", "id"),
)
