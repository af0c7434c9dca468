"""Controlled copies at the command line: handed out, called back with their version, returned, destroyed by two."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from compliance.bootstrap.documents import desk
from compliance.bootstrap.installation import opened
from compliance.bootstrap.usecases import people_here
from compliance.core.documents import issue_all
from compliance.core.looking import choose_plant
from tests.cli.conftest import Answer, Cli

RULE = "carbon-policy"


class Hands:
    """The sign-ins of the demo, and what each of them does with copies."""

    def __init__(self, own: Cli, workspace: Path) -> None:
        told = json.loads((workspace.parent / "demo.json").read_text(encoding="utf-8"))
        self.passwords: dict[str, str] = {a["login"]: a["password"] for a in told["accounts"]}
        self.own = own

    def __call__(self, login: str, *arguments: object) -> Answer:
        who = ("--as", login, "--password-stdin", "--json")
        return self.own("copies", *arguments, *who, stdin=self.passwords[login])

    def who_may(self, *arguments: object) -> str:
        """The first sign-in that may do it."""
        for login in self.passwords:
            if self(login, *arguments).code == 0:
                return login
        raise AssertionError(arguments)


@pytest.fixture
def hands(own: Cli, demo_workspace: Path) -> Hands:
    return Hands(own, demo_workspace)


@pytest.fixture
def policy(own: Cli) -> str:
    """The number of a policy in force."""
    with opened(own.folder) as installation:
        with installation.register.read() as reads:
            plant = choose_plant(reads, None)
        every = issue_all(desk(installation), plant, people_here(installation, plant), "2026", lambda *_: None)
        return next(one.number for one in every if one.rule.id == RULE and one.state == "issued")


def withdrawn(hands: Hands, number: str) -> None:
    """The version in force is withdrawn by two persons."""
    for step, more in (("ask-withdrawal", ["--reason", "不再适用"]), ("withdraw", [])):
        for login, password in hands.passwords.items():
            who = ("--as", login, "--password-stdin")
            if hands.own("document", "act", number, step, *more, *who, "--json", stdin=password).code == 0:
                break
        else:
            raise AssertionError(step)


def acts(own: Cli) -> list[str]:
    """What the trail says was done with copies, refusals among it."""
    kinds = ("document:copy-give", "document:copy-end", "document:refused")
    with closing(sqlite3.connect(own.folder / "records" / "register.sqlite3")) as base:
        told = base.execute("select kind from audit_entry order by log_id, seq").fetchall()
    return [kind for (kind,) in told if kind in kinds]


def states(own: Cli, *more: str) -> dict[int, str]:
    answer = own("copies", "list", *more, "--json")
    assert answer.code == 0
    return {row["copy"]: row["state"] for row in answer.json}


def test_copies_are_handed_out_called_back_and_returned(own: Cli, hands: Hands, policy: str, tmp_path: Path) -> None:
    assert states(own) == {}
    before = len(acts(own))
    giving = ("give", policy, "--holder", "化验室", "--kept-at", "档案柜")
    keeper = hands.who_may(*giving)
    tried = list(hands.passwords).index(keeper)
    assert acts(own)[before:] == ["document:refused"] * tried + ["document:copy-give"]
    done = hands(keeper, *giving)
    assert (done.code, done.json["copy"], done.json["document"]) == (0, 2, f"{policy}/A/0")
    assert acts(own)[before + tried :] == ["document:copy-give"] * 2
    assert states(own, policy) == {1: "held", 2: "held"}
    assert states(own, "NONE-2026-01") == states(own, "--state", "recalled") == {}

    out = tmp_path / "copy.docx"
    assert own("copies", "file", policy, 2, "--out", out, "--json").json["copy"] == 2
    with ZipFile(out) as made:
        assert "【受控副本 第 2 号 化验室】" in made.read("word/document.xml").decode()

    assert own("copies", "recall", "--json").json == []
    withdrawn(hands, policy)
    called = own("copies", "recall", "--json").json
    assert [(row["copy"], row["state"], row["holder"]) for row in called] == [(n, "recalled", "化验室") for n in (1, 2)]
    none = hands(keeper, *giving)
    assert (none.code, none.json["refused"]["code"]) == (1, "not-issued")
    back = hands(keeper, "return", policy, 1, "--reason", "收回")
    assert (back.json["outcome"], back.json["waits_for_witness"]) == ("returned", False)
    again = hands(keeper, "return", policy, 1, "--reason", "收回")
    assert (again.code, again.json["refused"]["code"]) == (1, "copy-over")
    assert own("copies", "file", policy, 1, "--out", tmp_path / "none.docx").code == 2
    assert not (tmp_path / "none.docx").exists()
    lost = hands(keeper, "return", policy, 2, "--outcome", "lost", "--reason", "遗失")
    assert lost.json["outcome"] == "lost"
    assert states(own) == {1: "ended", 2: "ended"}
    assert own("copies", "recall", "--json").json == []
    assert acts(own)[-2:] == ["document:copy-end"] * 2
    assert own("fsck").code == 0


def test_what_is_wrong_is_said_and_changes_nothing(own: Cli, hands: Hands, policy: str) -> None:
    keeper = hands.who_may("give", policy, "--holder", "化验室", "--kept-at", "档案柜")
    kept = acts(own)
    wrong: list[tuple[Any, ...]] = [
        ("give", policy, "--holder", " ", "--kept-at", "档案柜"),
        ("give", "NONE-2026-01", "--holder", "化验室", "--kept-at", "档案柜"),
        ("return", policy, 9, "--reason", "收回"),
        ("return", policy, 1, "--reason", "a\nb"),
        ("return", policy, 1, "--reason", "x", "--outcome", "eaten"),
        ("return", policy, "x", "--reason", "x"),
        ("witness", policy, 1),
    ]
    for arguments in wrong:
        assert hands(keeper, *arguments).code in (1, 2), arguments
    assert acts(own) == kept
    assert states(own) == {1: "held"}
