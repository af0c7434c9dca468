"""Who made the link by which a password was set."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """New columns that may be empty."""
    op.add_column("password_link", sa.Column("made_by", WORD, nullable=True))
    op.add_column("user_account", sa.Column("password_by", WORD, nullable=True))
