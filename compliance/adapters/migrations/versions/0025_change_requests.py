"""Requests to change documents in force."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A table of its own."""
    op.create_table(
        "change_request",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=False),
        *(sa.Column(name, WORD, nullable=False) for name in ("number", "series")),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("document", WORD, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("reason", "impact", "uses")),
        sa.Column("asked_by", WORD, nullable=False),
        sa.Column("asked_name", sa.Text(), nullable=False),
        sa.Column("asked_at", WORD, nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("decided_by", WORD, nullable=False),
        sa.Column("decided_name", sa.Text(), nullable=False),
        sa.Column("decided_at", WORD, nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_change_request_plant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_change_request"),
        sa.UniqueConstraint("plant_id", "number", name="uq_change_request_plant_id_number"),
        sa.UniqueConstraint("plant_id", "series", "serial", name="uq_change_request_plant_id_series_serial"),
    )
    op.create_index("ix_change_request_plant_id_accepted_id", "change_request", ["plant_id", "accepted", "id"])
    op.create_index("ix_change_request_plant_id_document_id", "change_request", ["plant_id", "document", "id"])
