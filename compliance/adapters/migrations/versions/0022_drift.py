"""What drafts rest on besides their data, and what comparing documents in force with today came to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Two tables of their own."""
    op.create_table(
        "document_basis",
        sa.Column("plant_id", NUMBER, sa.ForeignKey("plant.id"), nullable=False),
        sa.Column("number", WORD, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ruleset", WORD, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("factors", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("plant_id", "number", "place"),
    )
    op.create_table(
        "document_drift",
        sa.Column("plant_id", NUMBER, sa.ForeignKey("plant.id"), nullable=False),
        sa.Column("number", WORD, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("ruleset", WORD, nullable=False),
        sa.Column("template", WORD, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("plant_id", "number"),
    )
    op.create_index("ix_document_drift_plant_id_since_number", "document_drift", ["plant_id", "since", "number"])
