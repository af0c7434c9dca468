"""Takes the steps with Alembic, inside one transaction that the caller has begun."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text


class DatabaseTooNew(CannotDecide):
    """A newer program has changed the database's form; this one could only damage it."""

    code = "database-too-new"
    text: ClassVar[Text] = Text(
        zh="数据库版本（{found}）比程序所知的（{known}）新，请使用更新的程序",
        en="The database (step {found}) is newer than this program (step {known}); use the newer program",
    )


def take(connection: Connection, found: str | None, head: str) -> None:
    """Take every step after the one found; ``DatabaseTooNew`` if that one is unknown."""
    config = configuration(connection)
    if found is not None and found not in _steps(config):
        raise DatabaseTooNew(found=found, known=head)
    command.upgrade(config, head)


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for one open transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _steps(config: Config) -> frozenset[str]:
    return frozenset(step.revision for step in ScriptDirectory.from_config(config).walk_revisions())
