"""Jobs: work of many items that a worker does in small steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Two new tables."""
    op.create_table(
        "job",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=True),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("login", WORD, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("of", "done", "failed")),
        sa.Column("asked", WORD, nullable=False),
        *(sa.Column(name, WORD, nullable=True) for name in ("started", "ended", "heartbeat", "worker")),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_job_plant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    op.create_index("ix_job_state_heartbeat", "job", ["state", "heartbeat"])
    op.create_table(
        "job_item",
        sa.Column("job_id", NUMBER, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("name", WORD, nullable=False),
        sa.Column("about", WORD, nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("why_zh", sa.Text(), nullable=True),
        sa.Column("why_en", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_job_item_job_id"),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_job_item_plant_id"),
        sa.PrimaryKeyConstraint("job_id", "place", name="pk_job_item"),
    )
    op.create_index("ix_job_item_plant_id_job_id", "job_item", ["plant_id", "job_id"])
    op.create_index("ix_job_item_job_id_state_place", "job_item", ["job_id", "state", "place"])
