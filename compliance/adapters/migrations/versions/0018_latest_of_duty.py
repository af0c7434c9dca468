"""The latest occurrence of an obligation in a state is found along an index."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """An index; no row changes."""
    columns = ["plant_id", "obligation", "state", "due", "id"]
    op.create_index("ix_occurrence_plant_id_obligation_state_due_id", "occurrence", columns)
