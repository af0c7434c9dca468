"""What a wheel carries: the program works from any folder, with the rules it was built with."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

SOURCES = (
    "compliance",
    "rules",
    "doc_templates",
    "pyproject.toml",
    "setup.py",
    "README.md",
    "MANIFEST.in",
    "config.toml",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build the wheel from a copy of the sources, without an index."""
    folder = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "-w", str(folder / "out"), "."], cwd=folder, check=True, capture_output=True, timeout=120)
    return zipfile.ZipFile(next((folder / "out").glob("*.whl")))


def carried(folder: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["rules", "doc_templates"])
def test_the_wheel_carries_the_rules_and_templates(wheel: zipfile.ZipFile, folder: str) -> None:
    assert {f"compliance/_data/{name}" for name in carried(folder)} <= set(wheel.namelist())
    assert wheel.read("compliance/_data/config.toml") == (ROOT / "config.toml").read_bytes()


@pytest.mark.slow
def test_the_wheel_carries_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    assert carried("compliance") - set(wheel.namelist()) == set()


def test_a_checkout_holds_no_second_copy_of_the_rules() -> None:
    assert not Path(ROOT, "compliance", "_data").exists()
