"""The register: looks and works on one database, brought to the program's form when it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from compliance.adapters.database import Database, open_database
from compliance.adapters.migrations import migrate
from compliance.adapters.reads import SqlReads
from compliance.adapters.work import SqlWork
from compliance.kernel.clock import Clock

#: The embedded database below the records' folder.
FILE = "register.sqlite3"


class SqlRegister:
    """Implements ``core.ports.Register`` and ``core.accounts.AccountRegister``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep the register in a database; the clock dates what is recorded."""
        self.database = database
        self._clock = clock

    @contextmanager
    def read(self) -> Iterator[SqlReads]:
        """Open a look: one snapshot that cannot write."""
        with self.database.read() as connection:
            yield SqlReads(connection, self._clock.zone)

    @contextmanager
    def work(self) -> Iterator[SqlWork]:
        """Open a writing transaction; its leaves are written last, then all of it commits or nothing."""
        with self.database.work() as connection:
            work = SqlWork(connection, self._clock.now, self._clock.zone)
            yield work
            work.finish()

    def close(self) -> None:
        """Close every connection."""
        self.database.close()


def open_register(records: Path, url: str | None, clock: Clock) -> SqlRegister:
    """Open the register of a URL, or the embedded one below a folder; make or upgrade its tables."""
    database = open_database(url or records / FILE)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return SqlRegister(database, clock)
