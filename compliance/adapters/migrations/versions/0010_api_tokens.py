"""Tokens of programs that speak to the API, and answers that are given once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """New tables alone."""
    op.create_table(
        "api_token",
        sa.Column("id_hash", WORD, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plant_id", NUMBER, nullable=True),
        sa.Column("read_only", sa.Boolean(), nullable=False),
        sa.Column("made_at", WORD, nullable=False),
        sa.Column("until", WORD, nullable=False),
        sa.Column("last_used", WORD, nullable=True),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_api_token_plant_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_api_token_user_id"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_api_token"),
    )
    op.create_index("ix_api_token_user_id", "api_token", ["user_id"])
    op.create_table(
        "api_answer",
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("key", WORD, nullable=False),
        sa.Column("mark", WORD, nullable=False),
        sa.Column("at", WORD, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_api_answer_user_id"),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_api_answer"),
    )
    op.create_index("ix_api_answer_at", "api_answer", ["at"])
