"""Every value that a plant's factor has had; those of now count as known since the plant was taken on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A table of its own, with the present values."""
    op.create_table(
        "factor_version",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("known", WORD, nullable=False),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_factor_version_plant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_factor_version"),
    )
    op.create_index("ix_factor_version_plant_id_id", "factor_version", ["plant_id", "id"])
    day = "CAST(plant.onboarded AS TEXT) || 'T00:00:00.000Z'"
    op.execute(
        "INSERT INTO factor_version (plant_id, code, name, value, unit, origin, known) "  # noqa: S608 - no value of others
        f"SELECT f.plant_id, f.code, f.name, f.value, f.unit, f.origin, {day} "
        "FROM plant_factor AS f JOIN plant ON plant.id = f.plant_id ORDER BY f.id"
    )
