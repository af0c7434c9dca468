"""Uploads that wait for their step; steps by time, for the files that a plant keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WORDS = ("login", "kind", "object_id", "sha256")


def upgrade() -> None:
    """A table of its own, and an index of steps by time."""
    op.create_table(
        "pending_file",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=False),
        *(sa.Column(name, WORD, nullable=False) for name in _WORDS),
        sa.Column("sm3", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", WORD, nullable=False),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_pending_file_plant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_pending_file"),
        sa.UniqueConstraint("plant_id", *_WORDS, name="uq_pending_file_plant_id_login_kind_object_id_sha256"),
    )
    op.create_index("ix_pending_file_at", "pending_file", ["at"])
    op.create_index("ix_pending_file_sha256", "pending_file", ["sha256"])
    op.create_index("ix_case_step_plant_id_at", "case_step", ["plant_id", "at"])
