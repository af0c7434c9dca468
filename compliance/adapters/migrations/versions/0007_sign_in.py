"""One-time codes, links that set a password anew, devices, and where links are sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """New columns that may be empty, and new tables."""
    op.add_column("user_account", sa.Column("mail", sa.Text(), nullable=True))
    op.add_column("user_account", sa.Column("code_secret", sa.Text(), nullable=True))
    op.add_column("user_account", sa.Column("code_since", WORD, nullable=True))
    op.add_column("user_account", sa.Column("code_step", sa.BigInteger(), nullable=True))
    op.add_column("session", sa.Column("address", sa.Text(), nullable=True))
    _recovery_code()
    _password_link()
    _half_sign_in()
    _known_device()


def _recovery_code() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("code_hash", WORD, nullable=False),
        sa.Column("used_at", WORD, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_recovery_code_user_id"),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name="pk_recovery_code"),
    )


def _password_link() -> None:
    op.create_table(
        "password_link",
        sa.Column("id_hash", WORD, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("made_at", WORD, nullable=False),
        sa.Column("until", WORD, nullable=False),
        sa.Column("ended_at", WORD, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_password_link_user_id"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_password_link"),
    )
    op.create_index("ix_password_link_user_id", "password_link", ["user_id"])


def _half_sign_in() -> None:
    op.create_table(
        "half_sign_in",
        sa.Column("id_hash", WORD, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("until", WORD, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_half_sign_in_user_id"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_half_sign_in"),
    )
    op.create_index("ix_half_sign_in_user_id", "half_sign_in", ["user_id"])


def _known_device() -> None:
    op.create_table(
        "known_device",
        sa.Column("id_hash", WORD, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("made_at", WORD, nullable=False),
        sa.Column("seen_at", WORD, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_known_device_user_id"),
        sa.PrimaryKeyConstraint("id_hash", "user_id", name="pk_known_device"),
    )
    op.create_index("ix_known_device_user_id", "known_device", ["user_id"])
