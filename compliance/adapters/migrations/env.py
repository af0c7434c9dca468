"""What Alembic runs: the steps, inside the transaction that ``migrate`` has begun."""

from __future__ import annotations

from alembic import context

from compliance.adapters.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
