"""Bringing a database to the form that this program needs: numbered steps, from the first table on."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from compliance.adapters.database import Database

#: The newest step.
HEAD = "0030"


def migrate(database: Database) -> None:
    """Take the steps that are missing, all of them or none; ``DatabaseTooNew`` if there are unknown ones."""
    with database.read() as connection:
        if version_of(connection) == HEAD:
            return
    # Alembic takes longer to load than most commands to run, and is needed once an upgrade.
    from compliance.adapters.migrations.steps import take  # noqa: PLC0415 - see above

    with database.work() as connection:  # a second process that starts now waits here and finds it done
        found = version_of(connection)
        if found != HEAD:
            take(connection, found, HEAD)


def version_of(connection: Connection) -> str | None:
    """The step that the database has reached; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found
