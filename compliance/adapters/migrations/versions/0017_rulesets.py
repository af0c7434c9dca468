"""The rule base that made an occurrence or finding, and the numbers that an occurrence was reckoned by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """New columns; empty for what was stored before them."""
    op.add_column("occurrence", sa.Column("ruleset", sa.Text(), nullable=True))
    op.add_column("occurrence", sa.Column("numbers", sa.Text(), nullable=True))
    op.add_column("finding", sa.Column("ruleset", sa.Text(), nullable=True))
