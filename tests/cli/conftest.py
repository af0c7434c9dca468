"""The command line in this process, on one demo workspace a session, living on a day of its own."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from compliance.adapters.example import generate, write
from compliance.adapters.register import FILE
from compliance.cli.main import main
from compliance.kernel.clock import Clock

TODAY = date(2026, 6, 15)
MOMENT = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which is JSON alone."""
        return json.loads(self.out)


class Cli:
    """Runs commands on one workspace."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._capsys, self._patch = capsys, patch

    def __call__(self, *arguments: object, rules: Path | None = None, stdin: str = "") -> Answer:
        """Run one command; ``SystemExit`` of wrong arguments becomes its code."""
        judged_by = ("--rules", str(rules)) if rules else ()
        self._patch.setattr(sys, "stdin", io.StringIO(stdin))
        self._capsys.readouterr()
        try:
            code = main(["--data", str(self.folder), *judged_by, *map(str, arguments)])
        except SystemExit as ended:
            code = int(str(ended.code))
        said = self._capsys.readouterr()
        return Answer(code, said.out, said.err)

    def dump(self) -> list[tuple[Any, ...]]:
        """Every row of every table, and the size of every file beside the register."""
        with closing(self._register()) as connection:
            tables = [
                t for (t,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
            ]
            rows = [(t, *row) for t in tables for row in connection.execute(f'SELECT * FROM "{t}"')]
        files = (p for p in self.folder.rglob("*") if p.is_file() and not p.name.startswith(FILE))
        return rows + sorted((str(p), p.stat().st_size) for p in files)

    def count(self, table: str) -> int:
        """How many rows a table holds."""
        with closing(self._register()) as connection:
            found: int = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
        return found

    def _register(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self.folder / 'records' / FILE}?mode=ro", uri=True)


def live_on(patch: pytest.MonkeyPatch, day: date) -> None:
    """Let the one caller of the wall clock see a fixed day."""
    patch.setattr(Clock, "today", lambda self: self.pinned or day)
    patch.setattr(Clock, "now", lambda _: MOMENT.replace(year=day.year, month=day.month, day=day.day))


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    live_on(monkeypatch, TODAY)


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo workspace, judged up to TODAY; never written to."""
    folder = tmp_path_factory.mktemp("cli") / "workspace"
    with pytest.MonkeyPatch.context() as patch:
        live_on(patch, TODAY)
        patch.setattr(sys, "stdout", said := io.StringIO())
        assert main(["--data", str(folder), "demo", "--json"]) == 0
    (folder.parent / "demo.json").write_text(said.getvalue(), "utf-8")
    return folder


@pytest.fixture
def cli(demo_workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Commands that only look, on the shared demo workspace."""
    return Cli(demo_workspace, capsys, monkeypatch)


@pytest.fixture
def own(
    demo_workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Cli:
    """Commands that may write, on a copy of the demo workspace."""
    folder = tmp_path / "workspace"
    shutil.copytree(demo_workspace, folder)
    return Cli(folder, capsys, monkeypatch)


#: Prepares the workspace of a module's tests.
Once = Callable[[Cli, Callable[[Cli], None]], Cli]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """What a module's tests all begin with: done by the first of them, and copied for the others."""
    kept = tmp_path_factory.mktemp("once") / "workspace"

    def prepared(cli: Cli, work: Callable[[Cli], None]) -> Cli:
        if kept.exists():
            shutil.rmtree(cli.folder)
            shutil.copytree(kept, cli.folder)
        else:
            work(cli)
            shutil.copytree(cli.folder, kept)
        return cli

    return prepared


@pytest.fixture
def fresh(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Commands on a folder that is no workspace yet."""
    return Cli(tmp_path / "fresh", capsys, monkeypatch)


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Write a clean plant's workbook; arguments as of ``generate``."""

    def make(months: int = 2, **given: Any) -> Path:
        path = tmp_path / f"plant-{months}-{given.get('seed', 1)}.xlsx"
        write(generate(TODAY, months=months, **given), path)
        return path

    return make
