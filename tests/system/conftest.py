"""A demo workspace, made once a session and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from compliance.adapters.example import example_plant, write
from compliance.bootstrap.installation import OPERATOR, Installation, build, make_workspace
from compliance.bootstrap.usecases import import_file
from compliance.core.imports import ImportReport

#: The day on which the workspace of these tests lives.
TODAY = date(2026, 6, 15)


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("system") / "workspace"
    make_workspace(folder, demo=True)
    path = folder.with_name("example.xlsx")
    write(example_plant(TODAY), path)
    installation = build(folder, None, TODAY)
    try:
        report = import_file(installation, path, OPERATOR, None, lambda *_: None)
    finally:
        installation.close()
    assert isinstance(report, ImportReport), report
    return folder


@pytest.fixture
def installation(_made: Path, tmp_path: Path) -> Iterator[Installation]:
    """An installation with the example plant imported and not judged yet, living on TODAY."""
    folder = tmp_path / "workspace"
    shutil.copytree(_made, folder)
    opened = build(folder, None, TODAY)
    yield opened
    opened.close()
