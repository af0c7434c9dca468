"""rules lint: remarks with their place, explained exceptions, exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from compliance.cli.main import main
from tests.cli.conftest import Cli
from tests.cli.test_acting import key
from tests.conftest import ROOT


def lint(capsys: pytest.CaptureFixture[str], rules: Path, *more: str) -> tuple[int, str, str]:
    code = main(["--rules", str(rules), "rules", "lint", *more])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", folder)
    return folder


def test_the_shipped_rules_are_clean(capsys: pytest.CaptureFixture[str], rules: Path) -> None:
    code, out, err = lint(capsys, rules, "--json")
    answer = json.loads(out)
    assert (code, answer["remarks"], err) == (0, [], "")
    assert all(one["exception"] and one["reason"]["en"] for one in answer["excused"])
    assert answer["excused"]


def test_a_contradiction_is_told_with_file_and_line(capsys: pytest.CaptureFixture[str], rules: Path) -> None:
    path = rules / "retention.toml"
    block = path.read_text(encoding="utf-8").split("[retention.records]")[1].split("\n[")[0]
    longer = block.replace("years = 5", "years = 6").replace("2031-01-01", "2032-01-01")
    longer = longer.replace("disposable_from = 2032-01-01 },\n]", "disposable_from = 2033-01-01 },\n]")
    path.write_text(path.read_text(encoding="utf-8") + "\n[retention.again]" + longer, encoding="utf-8")
    code, out, err = lint(capsys, rules, "--json")
    assert code == 1, err
    (found, *_) = json.loads(out)["remarks"]
    assert (found["check"], found["severity"], found["file"]) == ("contradiction-retention", "error", "retention.toml")
    assert {found["rule"], found["beside"]} == {"retention.records", "retention.again"}
    code, out, err = lint(capsys, rules)
    assert code == 1
    assert f"retention.toml:{found['line']}: error contradiction-retention" in out


def test_an_exception_that_is_needed_no_more_is_told(capsys: pytest.CaptureFixture[str], rules: Path) -> None:
    path = rules / "exceptions.toml"
    text = path.read_text(encoding="utf-8").replace('check  = "rule-unnamed"', 'check  = "fact-unasked"', 1)
    path.write_text(text, encoding="utf-8")
    code, out, _ = lint(capsys, rules, "--json")
    assert code == 1
    assert {one["check"] for one in json.loads(out)["remarks"]} == {"exception-unused", "rule-unnamed"}


def test_a_rule_base_with_problems_is_not_read(capsys: pytest.CaptureFixture[str], rules: Path) -> None:
    (rules / "more.toml").write_text("schema = 1\n[post.x]\n", encoding="utf-8")
    code, out, err = lint(capsys, rules, "--json")
    assert (code, out) == (3, "")
    assert "bad-rules" in err


@pytest.mark.slow  # opens an installation
def test_a_plant_is_told_what_its_persons_cannot_do(own: Cli) -> None:
    answer = own("rules", "lint", "--plant", key(own), "--as-of", "2026-03-01", "--json")
    assert answer.code == 1
    told = answer.json["plant"]
    assert (told["key"], told["as_of"]) == (key(own), "2026-03-01")
    assert answer.json["remarks"] == []
    assert all(one["rules"] and one["message"]["zh"] and one["duties"] for one in told["remarks"])
    # Before anybody was there, nobody did anything.
    early = own("rules", "lint", "--as-of", "2001-01-01", "--json").json["plant"]["remarks"]
    stuck = {rule for one in early if one["check"] == "approval-stuck" for rule in one["rules"]}
    assert "approval.trade" in stuck
    assert own("rules", "lint", "--plant", "nobody").code == 2
