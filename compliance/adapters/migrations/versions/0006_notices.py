"""Notices, what persons choose about them, and tokens of calendar feeds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """New tables alone."""
    _notice()
    _choice()
    _feed_token()


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("person", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("object_id", WORD, nullable=False),
        sa.Column("rung", WORD, nullable=False),
        sa.Column("about", sa.Date(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("body_zh", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.Column("told", sa.Date(), nullable=False),
        sa.Column("seen_at", WORD, nullable=True),
        sa.Column("mail", WORD, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", WORD, nullable=True),
        sa.Column("claimed_by", WORD, nullable=True),
        sa.Column("claimed_at", WORD, nullable=True),
        sa.Column("message_id", WORD, nullable=True),
        sa.Column("sent_at", WORD, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_notice_plant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.UniqueConstraint("plant_id", "person", "kind", "object_id", "rung", "about", name="uq_notice_told_once"),
    )
    op.create_index("ix_notice_plant_id_person_id", "notice", ["plant_id", "person", "id"])
    op.create_index("ix_notice_mail_next_try_id", "notice", ["mail", "next_try", "id"])


def _choice() -> None:
    op.create_table(
        "notice_choice",
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("person", WORD, nullable=False),
        sa.Column("mail", WORD, nullable=True),
        sa.Column("weekly", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_notice_choice_plant_id"),
        sa.PrimaryKeyConstraint("plant_id", "person", name="pk_notice_choice"),
    )


def _feed_token() -> None:
    op.create_table(
        "feed_token",
        sa.Column("id_hash", WORD, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("person", WORD, nullable=True),
        sa.Column("made_at", WORD, nullable=False),
        sa.Column("revoked_at", WORD, nullable=True),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_feed_token_plant_id"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_feed_token"),
    )
    op.create_index("ix_feed_token_plant_id_person", "feed_token", ["plant_id", "person"])
