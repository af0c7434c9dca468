"""Checks of factors: the value that was looked at, against what, by whom, and who confirmed it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A new table."""
    op.create_table(
        "factor_check",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("code", WORD, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("checked_by", WORD, nullable=False),
        sa.Column("checked_name", WORD, nullable=False),
        sa.Column("checked_at", WORD, nullable=False),
        sa.Column("confirmed_by", WORD, nullable=True),
        sa.Column("confirmed_name", WORD, nullable=True),
        sa.Column("confirmed_at", WORD, nullable=True),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_factor_check_plant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_factor_check"),
    )
    op.create_index("ix_factor_check_plant_id_code_id", "factor_check", ["plant_id", "code", "id"])
