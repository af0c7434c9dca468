"""What authors write into documents, and which sections of a draft say nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A column that every version has, and a table."""
    op.add_column("document_version", sa.Column("missing", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "document_text",
        sa.Column("plant_id", NUMBER, sa.ForeignKey("plant.id"), nullable=False),
        sa.Column("number", WORD, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("section", WORD, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("plant_id", "number", "place", "section"),
    )
