"""The tables of controlled documents: one row a document, one a version; neither is ever deleted."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from compliance.adapters.tables import Moment, Word, metadata, of_plant, surrogate


def file_column(name: str) -> Column[str]:
    """A reference to a file that is checked at commit: its row is written with the act's leaf."""
    return Column(name, Word, ForeignKey("object.sha256", deferrable=True, initially="DEFERRED"))


document = Table(
    "document",
    metadata,
    surrogate(),
    of_plant(),
    Column("number", Word, nullable=False),
    Column("rule", Word, nullable=False),
    Column("kind", Word, nullable=False),
    Column("about", Word, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("series", Word, nullable=False),
    Column("place", Integer, nullable=False),
    Column("retention", Word, nullable=False),
    Column("opened", Date, nullable=False),
    Column("retain_until", Date),
    UniqueConstraint("plant_id", "number"),
    UniqueConstraint("plant_id", "rule", "about"),
    UniqueConstraint("plant_id", "series", "place"),
    Index(None, "plant_id", "id"),
    Index(None, "plant_id", "kind", "about"),
)

document_version = Table(
    "document_version",
    metadata,
    of_plant(),
    Column("number", Word, nullable=False),
    Column("place", Integer, nullable=False),
    Column("label", Word, nullable=False),
    Column("state", Word, nullable=False),
    Column("opened", Date, nullable=False),
    Column("why", Text, nullable=False),
    Column("rule_digest", Word, nullable=False),
    file_column("draft"),
    file_column("data"),
    file_column("template"),
    file_column("issued"),
    file_column("issued_data"),
    file_column("pdf"),
    Column("effective", Date),
    Column("issued_at", Moment),
    Column("ended_at", Moment),
    Column("ended_why", Text, nullable=False),
    Column("superseded_by", Word),
    Column("missing", Text, nullable=False, server_default=""),
    Column("review_due", Date),
    PrimaryKeyConstraint("plant_id", "number", "place"),
    UniqueConstraint("plant_id", "number", "label"),
    Index(None, "plant_id", "state", "number"),
)

#: What authors wrote: one row a section and version, as canonical JSON (a text, or rows of cells).
document_text = Table(
    "document_text",
    metadata,
    of_plant(),
    Column("number", Word, nullable=False),
    Column("place", Integer, nullable=False),
    Column("section", Word, nullable=False),
    Column("content", Text, nullable=False),
    PrimaryKeyConstraint("plant_id", "number", "place", "section"),
)

#: Who reads a version: its parties as canonical JSON.
document_distribution = Table(
    "document_distribution",
    metadata,
    of_plant(),
    Column("number", Word, nullable=False),
    Column("place", Integer, nullable=False),
    Column("parties", Text, nullable=False),
    Column("days", Integer, nullable=False),
    Column("deputies", Boolean, nullable=False),
    Column("asked", Date),
    PrimaryKeyConstraint("plant_id", "number", "place"),
)

#: Who has confirmed a version; never changed.
document_reading = Table(
    "document_reading",
    metadata,
    of_plant(),
    Column("number", Word, nullable=False),
    Column("place", Integer, nullable=False),
    Column("account", Word, nullable=False),
    Column("name", Text, nullable=False),
    Column("posts", Text, nullable=False),
    Column("login", Word, nullable=False),
    Column("at", Moment, nullable=False),
    file_column("read"),
    Column("acted_by", Word, nullable=False),
    PrimaryKeyConstraint("plant_id", "number", "place", "account"),
)

#: Controlled copies on paper: one row a copy, numbered within its document, never deleted.
document_copy = Table(
    "document_copy",
    metadata,
    of_plant(),
    Column("number", Word, nullable=False),
    Column("copy", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("label", Word, nullable=False),
    Column("holder", Text, nullable=False),
    Column("kept_at", Text, nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("issued_by", Word, nullable=False),
    Column("issued_name", Text, nullable=False),
    Column("outcome", Word, nullable=False),
    Column("why", Text, nullable=False),
    Column("ended_at", Moment),
    Column("ended_by", Word, nullable=False),
    Column("ended_name", Text, nullable=False),
    Column("two", Boolean, nullable=False),
    Column("second_at", Moment),
    Column("second_by", Word, nullable=False),
    Column("second_name", Text, nullable=False),
    PrimaryKeyConstraint("plant_id", "number", "copy"),
)
