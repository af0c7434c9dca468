"""The command line on the plants of the shared folder: the findings of their keys, the errors of the malformed one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from compliance.cli import main

CASES = [
    ("plant-a", "key.json"),
    ("plant-a", "key-2026-03-20.json"),
    ("plant-full", "key.json"),
    ("plant-clean", "key.json"),
]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys") / "workspace"
    assert main(["--data", str(folder), "init"]) == 0
    return folder


def answered(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    code = main(list(arguments))
    return code, capsys.readouterr().out


@pytest.mark.shared
@pytest.mark.parametrize(("plant", "key"), CASES)
def test_the_findings_are_those_of_the_key(
    plant: str, key: str, workspace: Path, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared / "plants" / plant
    day = json.loads((folder / key).read_text("utf-8"))["as_of"]
    code, out = answered(capsys, "--data", str(workspace), "import", str(folder / "plant.xlsx"), "--json")
    assert code == 0
    code, found = answered(
        capsys, "--data", str(workspace), "findings", "--plant", json.loads(out)["plant"], "--as-of", day, "--json"
    )
    assert code == (1 if json.loads(found) else 0)
    reported = tmp_path / "findings.json"
    reported.write_text(found, "utf-8")
    score = [sys.executable, str(shared / "plants" / "score.py"), str(folder / key), str(reported)]
    done = subprocess.run([*score, "--no-figures"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.shared
@pytest.mark.parametrize(("plant", "key"), CASES)
def test_the_figures_are_those_of_the_key(
    plant: str, key: str, workspace: Path, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = json.loads((shared / "plants" / plant / key).read_text("utf-8"))
    file = str(shared / "plants" / plant / "plant.xlsx")
    code, out = answered(capsys, "--data", str(workspace), "import", file, "--json")
    assert code == 0
    code, found = answered(
        capsys,
        "--data",
        str(workspace),
        "figures",
        "--plant",
        json.loads(out)["plant"],
        "--as-of",
        wanted["as_of"],
        "--json",
    )
    assert code == 0
    assert json.loads(found)["figures"] == wanted["figures"]
    assert json.loads(found)["lacking"] == []


@pytest.mark.shared
def test_the_malformed_workbook_gives_exactly_its_errors(
    workspace: Path, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared / "plants" / "plant-dirty"
    code, out = answered(capsys, "--data", str(workspace), "import", str(folder / "plant.xlsx"), "--json")
    place = lambda p: (p["sheet"], p["row"], p["column"])  # noqa: E731 - one line, used twice
    wanted = json.loads((folder / "errors.json").read_text("utf-8"))
    assert code == 1
    assert sorted(map(place, json.loads(out)["problems"]), key=str) == sorted(map(place, wanted), key=str)
