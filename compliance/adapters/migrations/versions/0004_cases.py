"""Cases and their steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Cases, and steps that are kept as they were written."""
    _work_case()
    _case_step()
    _forbid("update", "a step is kept as it was written")
    _forbid("delete", "a case keeps its steps")


def _work_case() -> None:
    op.create_table(
        "work_case",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("object_id", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("owner", WORD, nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("settled", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_work_case_plant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_work_case"),
        sa.UniqueConstraint("plant_id", "kind", "object_id", name="uq_work_case_plant_id_kind_object_id"),
    )
    op.create_index("ix_work_case_plant_id_kind_state_id", "work_case", ["plant_id", "kind", "state", "id"])
    op.create_index("ix_work_case_plant_id_owner_due", "work_case", ["plant_id", "owner", "due"])


def _case_step() -> None:
    op.create_table(
        "case_step",
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("object_id", WORD, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("step", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("login", WORD, nullable=False),
        sa.Column("account", WORD, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("posts", sa.Text(), nullable=False),
        sa.Column("at", WORD, nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("meaning_zh", sa.Text(), nullable=True),
        sa.Column("meaning_en", sa.Text(), nullable=True),
        sa.Column("covers", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("digest", WORD, nullable=False),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_case_step_plant_id"),
        sa.PrimaryKeyConstraint("plant_id", "kind", "object_id", "seq", name="pk_case_step"),
    )


def _forbid(event: str, why: str) -> None:
    trigger = f"keep_case_step_{event}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {trigger} BEFORE {event} ON case_step BEGIN SELECT RAISE(ABORT, '{why}'); END")
        return
    op.execute(
        f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{why}'; END $$"
    )
    op.execute(f"CREATE TRIGGER {trigger} BEFORE {event} ON case_step FOR EACH ROW EXECUTE FUNCTION {trigger}()")
