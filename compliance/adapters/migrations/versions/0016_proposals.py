"""Proposed rule bases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GIVEN, _LATER = ("digest", "before", "plan", "file", "login", "at", "state"), ("account", "decided_by", "decided_at")


def upgrade() -> None:
    """A table of its own."""
    op.create_table(
        "rules_proposal",
        sa.Column("id", NUMBER, nullable=False),
        *(sa.Column(name, WORD, nullable=False) for name in _GIVEN),
        *(sa.Column(name, WORD, nullable=True) for name in _LATER),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_name", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_rules_proposal"),
    )
    op.create_index("ix_rules_proposal_digest_id", "rules_proposal", ["digest", "id"])
