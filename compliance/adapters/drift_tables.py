"""The tables of drift: what drafts rest on, and what comparing documents in force with today came to last."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text

from compliance.adapters.tables import Word, metadata, of_plant

#: One row a version, written with its draft; a version that is no draft any more keeps it as it is.
document_basis = Table(
    "document_basis",
    metadata,
    of_plant(),
    Column("number", Word, nullable=False),
    Column("place", Integer, nullable=False),
    Column("ruleset", Word, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("day", Date, nullable=False),
    Column("factors", Text, nullable=False),
    PrimaryKeyConstraint("plant_id", "number", "place"),
)
#: One row a document that is or was in force; ``since`` is null where it is not stale. It can be made anew at any time.
document_drift = Table(
    "document_drift",
    metadata,
    of_plant(),
    Column("number", Word, nullable=False),
    Column("place", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("ruleset", Word, nullable=False),
    Column("template", Word, nullable=False),
    Column("day", Date, nullable=False),
    Column("since", Date),
    Column("reasons", Text, nullable=False),
    PrimaryKeyConstraint("plant_id", "number"),
    Index(None, "plant_id", "since", "number"),
)
