"""Wrong use is told apart from everything else, in both languages, before anything is touched."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.cli import output
from compliance.cli.main import main, parser
from compliance.core import lookback
from compliance.kernel.errors import CannotDecide, Refused, WrongUse
from tests.cli.conftest import Cli
from tests.conftest import ROOT


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["rules"],
        ["user"],
        ["import"],
        ["explain"],
        ["occurrences", "--from", "2026-01-01"],
        ["occurrences", "--to", "2026-01-01"],
        ["findings", "extra"],
        ["reconcile", "--asof", "2026-01-01", "--nonsense"],
        ["user", "add", "li", "--role", "king"],
        ["user", "add", "li"],
        ["serve", "--port", "many"],
        ["init", "--json"],
    ],
)
def test_wrong_arguments_exit_2_and_touch_nothing(fresh: Cli, arguments: list[str]) -> None:
    answer = fresh(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert "usage: compliance" in answer.err
    assert not fresh.folder.exists()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("command", ["findings", "occurrences", "figures", "reconcile"])
def test_no_day_is_judged_that_means_nothing(fresh: Cli, command: str, day: str) -> None:
    span = ("--from", "2026-01-01", "--to", "2026-02-01") if command == "occurrences" else ()
    answer = fresh(command, *span, "--as-of", day)
    assert (answer.code, answer.out) == (2, "")
    assert f"{day}" in answer.err
    assert "2200" in answer.err


@pytest.mark.parametrize(
    "day",
    ["2026-02-30", "2026-13-01", "20260101", "2026-W01-1", "2026-1-1", "01.02.2026", "today", "", "２０２６-01-01"],
)
@pytest.mark.parametrize(
    "command", [["findings", "--as-of"], ["occurrences", "--from"], ["reconcile", "--as-of"], ["serve", "--today"]]
)
def test_a_day_is_written_in_one_way(fresh: Cli, command: list[str], day: str) -> None:
    answer = fresh(*command, day)
    assert (answer.code, answer.out) == (2, "")
    assert f"“{day}”不是日期，应写作 YYYY-MM-DD" in answer.err
    assert f"{day!r} is no day: write YYYY-MM-DD" in answer.err


COMMANDS = [
    ["findings"],
    ["facts"],
    ["occurrences", "--from", "2026-01-01", "--to", "2026-12-31"],
    ["explain", "x"],
    ["reconcile"],
    ["import", "x.xlsx"],
    ["fsck"],
    ["user", "list"],
    ["rules", "activate"],
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_folder_that_is_no_workspace_is_wrong_use(fresh: Cli, arguments: list[str]) -> None:
    answer = fresh(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert "不是工作区" in answer.err
    assert "is no workspace" in answer.err
    assert not fresh.folder.exists()


@pytest.mark.slow
@pytest.mark.parametrize("arguments", COMMANDS[:5], ids=" ".join)
@pytest.mark.parametrize("plant", ["nobody", ""])
def test_an_unknown_plant_is_wrong_use(cli: Cli, arguments: list[str], plant: str) -> None:
    answer = cli(*arguments, "--plant", plant)
    assert (answer.code, answer.out) == (2, "")
    assert f"没有编号为“{plant}”的企业" in answer.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "code"), [(WrongUse, 2), (Refused, 2), (CannotDecide, 3)], ids=lambda k: getattr(k, "__name__", k)
)
def test_each_kind_of_error_has_its_exit_code(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, kind: type[Exception], code: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise kind

    monkeypatch.setattr(lookback, "judge_as_of", fail)
    answer = cli("findings", "--json")
    assert (answer.code, answer.out) == (code, "")
    assert " / " in answer.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "said"), [(PermissionError(13, "Permission denied"), "无法读写"), (ZeroDivisionError("x"), "Traceback")]
)
def test_what_nobody_foresaw_never_reads_as_done(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(lookback, "judge_as_of", fail)
    answer = cli("findings", "--json")
    assert (answer.code, answer.out) == (3, "")
    assert said in answer.err


def test_a_reader_that_left_early_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr("compliance.cli.keeping.print_json", leave)
    assert main(["rules", "check", "--json"]) == 0
    sys.stdout.close()


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["latin-1", "gbk"])
def test_json_is_utf8_whatever_the_locale(tmp_path: Path, encoding: str) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "compliance", "--rules", str(rules), "rules", "check", "--json"],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "没有规则文件" in json.loads(done.stdout.decode("utf-8"))["problems"][0]["message"]


def test_a_table_aligns_chinese_as_two_columns(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(("编号", "x"), [("a", None), ("甲乙丙", "y")])
    assert capsys.readouterr().out == "编号    x\na\n甲乙丙  y\n"


def _commands(top: ArgumentParser, path: str = "compliance") -> Iterator[str]:
    subs = [action for action in top._actions if isinstance(action, _SubParsersAction)]
    if not subs:
        yield path
    for name, below in (item for sub in subs for item in sub.choices.items()):
        yield from _commands(below, f"{path} {name}")


def test_every_command_has_a_section_of_the_manual_and_every_option_stands_there() -> None:
    text = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    heads = re.findall(r"^### `(.*)`$", text, re.MULTILINE)
    names = [re.match(r"compliance(?: [a-z][a-z-]*)+", head) for head in heads]
    assert sorted(match.group() for match in names if match) == sorted(_commands(parser()))
    options = {o for head in heads for o in re.findall(r"--[a-z-]+", head)}
    assert options == set(_options(parser())) - {"--help", "--data", "--rules"}


def _options(top: ArgumentParser) -> Iterator[str]:
    for action in top._actions:
        yield from (option for option in action.option_strings if option.startswith("--"))
        if isinstance(action, _SubParsersAction):
            for below in action.choices.values():
                yield from _options(below)


def test_the_examples_of_the_manual_are_json() -> None:
    text = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    blocks = re.findall(r"(?ms)^```json\n(.*?)^```", text)
    assert len(blocks) >= 10
    for block in blocks:
        decoder, rest = json.JSONDecoder(), block.strip()
        while rest:
            _, end = decoder.raw_decode(rest)
            rest = rest[end:].strip()
