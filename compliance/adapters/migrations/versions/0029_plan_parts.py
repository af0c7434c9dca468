"""What each plant was planned of a proposed rule base."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A table of its own."""
    op.create_table(
        "rules_plan_part",
        sa.Column("proposal_id", NUMBER, sa.ForeignKey("rules_proposal.id"), nullable=False),
        sa.Column("plant_id", NUMBER, sa.ForeignKey("plant.id"), nullable=False),
        sa.Column("before", WORD, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", "plant_id"),
    )
