"""rules coverage: the matrix without a workspace, and where a plant stands as of a day."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.cli.test_acting import key
from tests.conftest import ROOT

pytestmark = pytest.mark.slow  # each command opens an installation


def test_a_plant_stands_somewhere_with_every_statement(own: Cli) -> None:
    answer = own("rules", "coverage", "--plant", key(own), "--json")
    rows = {row["requirement"]: row for row in answer.json["requirements"]}
    assert sum(answer.json["by_standing"].values()) == len(rows)
    filing = rows["R-C.3-e2"]
    assert {o["code"] for o in filing["occurrences"]} == {"OB-M10"}
    assert filing["standing"] in {"late", "met", "open"}
    (plan,) = [m for m in rows["R-5.1.4-a"]["met_by"] if m["kind"] == "obligation"]
    assert [choice["en"] for choice in plan["plants_choice"]] == ["the due day", "the approver"]


def test_without_a_plant_nothing_stands(own: Cli) -> None:
    rows = own("rules", "coverage", "--json").json["requirements"]
    assert not any("standing" in row for row in rows)


def test_a_question_alone_is_a_gap_unless_the_register_says_that_the_audit_judges(fresh: Cli, tmp_path: Path) -> None:
    rules = shutil.copytree(ROOT / "rules", tmp_path / "rules")
    path = rules / "requirements" / "chapter-4.toml"
    path.write_text(path.read_text("utf-8").replace("organisational = true\n", ""), "utf-8")
    answer = fresh("rules", "coverage", rules=rules)
    assert answer.code == 1
    assert [line.split()[0] for line in answer.out.splitlines() if "— 缺 gap" in line] == ["R-4.2-b"]
