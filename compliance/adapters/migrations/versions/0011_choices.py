"""More that persons choose about mail; indexes for the count of unread notices and for the view over plants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Columns that earlier choices leave empty, and indexes."""
    for name in ("quiet_from", "quiet_until", "muted"):
        op.add_column("notice_choice", sa.Column(name, WORD, nullable=True))
    op.create_index("ix_notice_plant_id_person_seen_at", "notice", ["plant_id", "person", "seen_at"])
    op.create_index("ix_nonconformity_plant_id_state_grade", "nonconformity", ["plant_id", "state", "grade"])
    op.create_index("ix_work_case_plant_id_kind_due_state", "work_case", ["plant_id", "kind", "due", "state"])
