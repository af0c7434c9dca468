"""Bringing a database to the form that this program needs: numbered steps, from the first table on."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from compliance.adapters.database import Database
from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text

#: The newest step.
HEAD = "0003"


class DatabaseTooNew(CannotDecide):
    """A newer program has changed the database's form; this one could only damage it."""

    code = "database-too-new"
    text: ClassVar[Text] = Text(
        zh="数据库版本（{found}）比程序所知的（{known}）新，请使用更新的程序",
        en="The database (step {found}) is newer than this program (step {known}); use the newer program",
    )


def migrate(database: Database) -> None:
    """Take the steps that are missing, all of them or none; ``DatabaseTooNew`` if there are unknown ones."""
    with database.read() as connection:
        if version_of(connection) == HEAD:
            return
    with database.work() as connection:  # a second process that starts now waits here and finds it done
        found = version_of(connection)
        if found == HEAD:
            return
        config = configuration(connection)
        if found is not None and found not in _steps(config):
            raise DatabaseTooNew(found=found, known=HEAD)
        command.upgrade(config, HEAD)


def version_of(connection: Connection) -> str | None:
    """The step that the database has reached; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for one open transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _steps(config: Config) -> frozenset[str]:
    return frozenset(step.revision for step in ScriptDirectory.from_config(config).walk_revisions())
