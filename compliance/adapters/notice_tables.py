"""The tables of notices: the outbox, what persons have chosen, and the tokens of calendar feeds."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from compliance.adapters.tables import Moment, Word, metadata, of_plant, surrogate

notice = Table(
    "notice",
    metadata,
    surrogate(),
    of_plant(),
    Column("person", Word, nullable=False),
    Column("kind", Word, nullable=False),
    Column("object_id", Word, nullable=False),
    Column("rung", Word, nullable=False),
    Column("about", Date, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("body_zh", Text, nullable=False),
    Column("body_en", Text, nullable=False),
    Column("told", Date, nullable=False),
    Column("seen_at", Moment),
    Column("mail", Word, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", Moment),
    Column("claimed_by", Word),
    Column("claimed_at", Moment),
    Column("message_id", Word),
    Column("sent_at", Moment),
    Column("error", Text),
    UniqueConstraint("plant_id", "person", "kind", "object_id", "rung", "about", name="uq_notice_told_once"),
    Index(None, "plant_id", "person", "id"),
    Index(None, "plant_id", "person", "seen_at"),
    Index(None, "mail", "next_try", "id"),
)

notice_choice = Table(
    "notice_choice",
    metadata,
    of_plant(),
    Column("person", Word, nullable=False),
    Column("mail", Word),
    Column("weekly", Boolean, nullable=False),
    Column("quiet_from", Word),
    Column("quiet_until", Word),
    Column("muted", Word),
    PrimaryKeyConstraint("plant_id", "person"),
)

feed_token = Table(
    "feed_token",
    metadata,
    Column("id_hash", Word, primary_key=True),
    of_plant(),
    Column("person", Word),
    Column("made_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Index(None, "plant_id", "person"),
)
