"""Indexes for what lists are filtered by, for the values that filters offer, and for what is counted."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

_WALKS = (
    ("occurrence", ("plant_id", "code", "due", "id")),
    ("occurrence", ("plant_id", "subject", "due", "id")),
    ("finding", ("plant_id", "situation", "first_seen", "id")),
    ("finding", ("plant_id", "grade", "first_seen", "id")),
    ("finding", ("plant_id", "category", "first_seen", "id")),
    ("finding", ("plant_id", "withdrawn", "situation", "rule", "grade")),
)


def upgrade() -> None:
    """Only indexes: no row changes."""
    for table, columns in _WALKS:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
