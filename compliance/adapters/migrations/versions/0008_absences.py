"""Absences and who stands in; a step of a case says for whom a deputy took it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A new table, and one column that earlier steps leave empty."""
    op.create_table(
        "absence",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("absent", WORD, nullable=False),
        sa.Column("deputy", WORD, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", WORD, nullable=False),
        sa.Column("set_at", WORD, nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by", WORD, nullable=True),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_absence_plant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_absence"),
    )
    op.create_index("ix_absence_plant_id_since_id", "absence", ["plant_id", "since", "id"])
    op.add_column("case_step", sa.Column("acted_for", WORD, nullable=True))
