"""The database: two engines on one register, reads that cannot write and works that queue.

SQLite: a build that is older than the repair of the WAL-reset fault never runs in WAL mode; a work is
``BEGIN IMMEDIATE``, because the driver's own deferred begin loses updates without an error. PostgreSQL: a
look is one repeatable-read, read-only snapshot; a work takes one advisory lock first, so that writers queue
there as they do on SQLite, and reads what the writer before it left.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text

#: The first SQLite without the WAL-reset fault.
WAL_SAFE = (3, 51, 3)
#: How long a connection waits for another's lock.
BUSY_MS = 15_000
#: Writers of all processes queue at this PostgreSQL lock (a number of our own choosing).
WORK_LOCK = 7_225_062_026
FILE_MODE = 0o640
FOLDER_MODE = 0o750

_NETWORK_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.cephfs", "fuse.rclone", "fuse.s3fs", "davfs"}
)


class NetworkFileSystem(CannotDecide):
    """The embedded register would lie where file locks cannot be trusted."""

    code = "network-file-system"
    text: ClassVar[Text] = Text(
        zh="内置数据库不能放在网络文件系统（{kind}）上：{path}",
        en="The embedded register cannot lie on a network file system ({kind}): {path}",
    )


class RegisterUnavailable(CannotDecide):
    """The database cannot be reached, or another program holds its lock for too long."""

    code = "register-unavailable"
    text: ClassVar[Text] = Text(zh="登记库暂不可用：{reason}", en="The register is not available: {reason}")


class UnknownDatabase(CannotDecide):
    """The URL names a database that this program does not keep registers in."""

    code = "unknown-database"
    text: ClassVar[Text] = Text(
        zh="不支持的数据库：{kind}（可用 sqlite、postgresql）",
        en="The register cannot be kept in {kind} (sqlite or postgresql can)",
    )


@dataclass(frozen=True, slots=True)
class Database:
    """One register's database: ``reader`` for looks, ``writer`` for works."""

    reader: Engine
    writer: Engine
    path: Path | None

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.writer.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot; a statement that writes is refused by the database."""
        with _begun(self.reader) as connection:
            connection.info["statements"] = 0
            yield connection

    @contextmanager
    def work(self) -> Iterator[Connection]:
        """One writing transaction; commits at the end, rolls back on an exception."""
        with _begun(self.writer) as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WORK_LOCK})")
            connection.info["statements"] = 0
            yield connection

    def close(self) -> None:
        """Close every pooled connection."""
        self.reader.dispose()
        self.writer.dispose()


@contextmanager
def _begun(engine: Engine) -> Iterator[Connection]:
    """A transaction of an engine; only what keeps it from beginning counts as the database being unavailable."""
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(engine.begin())
        except (OperationalError, PoolTimeoutError) as error:
            raise RegisterUnavailable(reason=getattr(error, "orig", None) or error) from error
        yield connection


def open_database(where: str | Path) -> Database:
    """Open the database of a URL, or the SQLite file of a path (made with safe modes where missing)."""
    if isinstance(where, Path):
        return _open_sqlite(where)
    url = make_url(where)
    match url.get_backend_name():
        case "sqlite" if url.database:
            return _open_sqlite(Path(url.database))
        case "postgresql":
            return _open_postgresql(where)
        case kind:
            raise UnknownDatabase(kind=kind)


def statements(connection: Connection) -> int:
    """How many statements the look or work of this connection has issued."""
    return int(connection.info.get("statements", 0))


# --- SQLite ---------------------------------------------------------------------------------------


def journal(version: tuple[int, ...]) -> tuple[str, str]:
    """The journal mode and ``synchronous`` that lose nothing with a build of SQLite."""
    return ("WAL", "FULL") if version >= WAL_SAFE else ("DELETE", "EXTRA")


def _open_sqlite(path: Path) -> Database:
    path = path.resolve()
    if kind := network_file_system(path.parent):
        raise NetworkFileSystem(kind=kind, path=path.name)
    _prepare(path)
    url = f"sqlite:///{path}"
    reader = create_engine(url, module=sqlite, pool_size=8, max_overflow=24, poolclass=QueuePool)
    # One writing connection a process: its threads queue here in turn instead of racing for the file's lock.
    writer = create_engine(url, module=sqlite, pool_size=1, max_overflow=0, poolclass=QueuePool)
    event.listen(reader, "connect", _connect_reader)
    event.listen(writer, "connect", _connect)
    event.listen(reader, "begin", _begin_deferred)
    event.listen(writer, "begin", _begin_immediate)
    _count(reader, writer)
    return Database(reader, writer, path)


def _prepare(path: Path) -> None:
    try:
        path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        # SQLite gives its journals the modes of the file, so the file is made here, not by the driver's umask.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, FILE_MODE))
    except OSError as error:
        raise RegisterUnavailable(reason=error) from error


def _connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver has no types
    mode, synchronous = journal(sqlite.sqlite_version_info)
    # The driver must not begin transactions: it would begin them deferred, and only before a write.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_MS}",
        f"journal_mode={mode}",
        f"synchronous={synchronous}",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "cell_size_check=ON",
        "mmap_size=0",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _connect_reader(connection: Any, record: object) -> None:  # noqa: ANN401 - as above
    _connect(connection, record)
    connection.execute("PRAGMA query_only=ON")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def network_file_system(folder: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """The kind of network file system that a folder lies on, or an empty text."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""  # no such table on this system: nothing to detect
    deepest, kind = Path(), ""
    for line in lines:
        left, _, right = line.partition(" - ")
        point = Path(left.split()[4].replace("\\040", " "))
        if folder.is_relative_to(point) and len(point.parts) >= len(deepest.parts):
            deepest, kind = point, right.split()[0]
    return kind if kind in _NETWORK_SYSTEMS else ""


# --- PostgreSQL -----------------------------------------------------------------------------------


def _open_postgresql(url: str) -> Database:
    target = make_url(url).set(drivername="postgresql+psycopg")
    reader = create_engine(target, isolation_level="REPEATABLE READ", pool_size=8, max_overflow=24)
    event.listen(reader, "begin", _begin_read_only)
    # Works queue at their lock and must then see what the work before them left: READ COMMITTED.
    writer = create_engine(target, isolation_level="READ COMMITTED", pool_size=4, max_overflow=4)
    _count(reader, writer)
    return Database(reader, writer, None)


def _begin_read_only(connection: Connection) -> None:
    connection.exec_driver_sql("SET TRANSACTION READ ONLY")


# --- both -----------------------------------------------------------------------------------------


def _count(*engines: Engine) -> None:
    for engine in engines:
        event.listen(engine, "before_cursor_execute", _counted)


def _counted(connection: Connection, *_: object) -> None:
    connection.info["statements"] = connection.info.get("statements", 0) + 1
