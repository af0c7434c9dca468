"""How long the conclusions of a plant's last pulse stand; occurrences that open on a day are found along an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A new table and an index; no row changes."""
    op.create_table(
        "outlook",
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("ruleset", sa.Text(), nullable=False),
        sa.Column("program", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("wakes_on", sa.Date(), nullable=False),
        sa.Column("told", sa.Date(), nullable=True),
        sa.Column("tells_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_outlook_plant_id"),
        sa.PrimaryKeyConstraint("plant_id", name="pk_outlook"),
    )
    op.create_index("ix_occurrence_plant_id_state_opens", "occurrence", ["plant_id", "state", "opens"])
