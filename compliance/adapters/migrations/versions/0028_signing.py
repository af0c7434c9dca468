"""When a session's person signed in it last, with a one-time code."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Nobody has signed yet: the next signature asks for everything."""
    op.add_column("session", sa.Column("signed_at", WORD, nullable=True))
