"""The tutorial on writing rules is true: its files and its commands, each as printed, one after the other."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from compliance.cli.main import main
from tests.cli.conftest import Cli
from tests.cli.test_acting import PASSWORD, key
from tests.conftest import ROOT

pytestmark = pytest.mark.slow  # each command opens an installation

PAGE = ROOT / "docs" / "writing-rules.md"
#: A file that is to be written with its text, or a command.
STEP = re.compile(r"Write `([^`]+)`:\n\n```toml\n(.*?)^```$|^    (\S[^\n]*)$", re.DOTALL | re.MULTILINE)
PEOPLE = {"AUTHOR": "U004", "SECOND": "U003"}


def test_the_page_adds_rules_that_another_person_puts_into_use(
    own: Cli, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant = key(own)
    for login, person in PEOPLE.items():
        asked = ("--role", "compliance-officer", "--plant", plant, "--person", person, "--password-stdin")
        assert own("user", "add", login.lower(), *asked, stdin=PASSWORD).code == 0
        (tmp_path / f"{login.lower()}.password").write_text(PASSWORD, "utf-8")
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    monkeypatch.chdir(tmp_path)
    said: dict[str, str] = {login: login.lower() for login in PEOPLE}
    done = []
    for file, text, command in STEP.findall(PAGE.read_text("utf-8")):
        if file:
            Path(file).write_text(text, "utf-8")
            continue
        words = [said.get(word, word) for word in shlex.split(command)]
        stdin = ""
        if "<" in words:
            *words, _mark, given = words
            stdin = Path(given).read_text("utf-8") + "\n"
        done.append(command)
        if words[0] == "cp":
            shutil.copytree(words[2], words[3])
            continue
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        code = main(words[1:])
        out = capsys.readouterr()
        assert code == 0, (command, out.out[-600:], out.err[-600:])
        if "propose" in words:
            answer = json.loads(out.out)
            said |= {"DIGEST": answer["digest"], "PLAN": answer["plan"]}
        if "plan" in words:
            assert "QP07-1" in out.out
    assert len(done) == 12
    made = {o["code"]: o for o in json.loads(out.out)}
    assert made["QP07-1"]["due"].endswith("-20")  # the plant's own days
    raised = own("occurrences", "--from", "2026-06-01", "--to", "2026-06-30", "--json").json
    assert [o["due"] for o in raised if o["code"] == "QP07-2"] == ["2026-06-11"]


def test_the_page_shows_every_kind_of_rule_it_promises() -> None:
    kinds = set(re.findall(r"^\[([a-z]+)\.", PAGE.read_text("utf-8"), re.MULTILINE))
    assert kinds == {"parameter", "obligation", "finding", "vocabulary", "retention"}
