"""deputy set, end, list and handover: a person proves themselves each time, and every refusal is told."""

from __future__ import annotations

import pytest

from tests.cli.conftest import TODAY, Answer, Cli
from tests.cli.test_acting import PASSWORD, acting, key

__all__ = ["acting"]
pytestmark = pytest.mark.slow  # each command opens an installation

UNTIL = TODAY.replace(day=TODAY.day + 4)


def do(cli: Cli, who: str, *arguments: object, password: str = PASSWORD) -> Answer:
    return cli(*arguments, "--as", who, "--password-stdin", "--json", stdin=password + "\n")


def away(cli: Cli, who: str, absent: str, deputy: str) -> Answer:
    days = ("--since", TODAY, "--until", UNTIL, "--reason", "年休假")
    return do(cli, who, "deputy", "set", absent, deputy, *days)


def test_an_absence_is_set_listed_and_ended(acting: Cli) -> None:
    made = away(acting, "chief", "U004", "U005")
    assert made.code == 0, made.err
    assert (made.json["absent"], made.json["deputy"], made.json["set_by"]) == ("U004", "U005", "chief")
    assert [a["number"] for a in acting("deputy", "list", "--json").json] == [made.json["number"]]
    assert "U005" in acting("deputy", "list").out
    ended = do(acting, "keeper", "deputy", "end", made.json["number"], "--reason", "返岗")
    assert ended.code == 0, ended.err
    assert acting("deputy", "list", "--json").json == []
    (kept,) = acting("deputy", "list", "--all", "--json").json
    assert (kept["ended_on"], kept["ended_by"]) == (TODAY.isoformat(), "keeper")
    again = do(acting, "keeper", "deputy", "end", made.json["number"], "--reason", "返岗")
    assert (again.code, "no-such-absence" in again.err) == (2, True)
    assert acting("fsck", "--json").json["ok"]


def test_who_may_not_set_it_and_who_may_not_stand_in_is_told(acting: Cli) -> None:
    stranger = away(acting, "looker", "U004", "U005")
    assert (stranger.code, stranger.json["refused"]["code"]) == (1, "may-not-set-absence")
    itself = away(acting, "chief", "U004", "U004")
    assert (itself.code, itself.json["refused"]["code"]) == (1, "deputy-refused")
    wrong = away(acting, "chief", "U004", "U005x")
    assert "U005x" in wrong.json["refused"]["message"]["zh"]
    assert acting("deputy", "list", "--all", "--json").json == []


def test_a_hand_over_of_nothing_hands_over_nothing(acting: Cli) -> None:
    answer = do(acting, "keeper", "handover", "U004", "U005", "--reason", "调岗", "--plant", key(acting))
    assert (answer.code, answer.json) == (0, {"handed_over": [], "kept": []})
