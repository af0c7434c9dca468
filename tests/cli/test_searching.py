"""search: what is found on the demo plant is what its register says, whatever becomes of the index."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from compliance.adapters.register import FILE
from compliance.bootstrap.installation import opened
from compliance.bootstrap.searching import keep_index, search_of
from compliance.core.searching import NO_PLANT, Kind, question
from compliance.core.searching.entries import entries_of_rules
from tests.cli.conftest import Cli
from tests.cli.test_acting import key

pytestmark = pytest.mark.slow  # each command opens an installation


def rows(cli: Cli, query: str) -> list[Any]:
    with closing(sqlite3.connect(cli.folder / "records" / FILE)) as connection, connection:
        return connection.execute(query).fetchall()


def found(cli: Cli, *arguments: object) -> list[dict[str, Any]]:
    answer = cli("search", *arguments, "--json")
    assert answer.code == 0, answer.err
    hits: list[dict[str, Any]] = answer.json["hits"]
    return hits


def test_everything_that_has_the_word_is_found_and_nothing_else(own: Cli) -> None:
    # A scan of the register, beside the index: the same plant, kinds and words.
    with opened(own.folder) as installation:
        search = search_of(installation)
        search.refresh()
        with installation.register.read() as reads:
            (plant,) = reads.plants()
        texts = [*search._texts.entries(plant.id), *entries_of_rules(installation.rulebase).values()]
        for words in (
            "校准",
            "证书",
            "排放",
            "监测计划",
            "calibrat",
            "第三方",
            "审核 计划",
            '"carbon emission"',
            "NC-2026",
        ):
            asked = question(words)
            there = {entry.key for entry in texts if asked.answered_by(entry.whole)}
            page = search.find(asked, [plant.id, NO_PLANT])
            seen = {hit.key for hit in page.rows}
            while page.next:
                page = search.find(asked, [plant.id, NO_PLANT], after=page.next)
                seen |= {hit.key for hit in page.rows}
            assert seen == there, words
        assert {entry.key.kind for entry in texts} >= set(Kind) - {Kind.FILE, Kind.DOCUMENT}


def test_a_nonconformity_is_found_by_its_number_and_title(own: Cli) -> None:
    ((number, title),) = rows(own, "SELECT number, title_zh FROM nonconformity ORDER BY number LIMIT 1")
    hit = next(h for h in found(own, number) if h["kind"] == "nonconformity")
    assert (hit["id"], hit["plant"]) == (number, key(own))
    assert number in {h["id"] for h in found(own, title, "--kind", "nonconformity", "--plant", key(own))}
    assert {h["kind"] for h in found(own, title, "--kind", "nonconformity")} == {"nonconformity"}


def test_an_act_is_found_at_once_and_the_worker_keeps_the_index(own: Cli) -> None:
    assert not found(own, "磨机衬板龟裂")
    rows(own, "UPDATE nonconformity SET title_zh = '磨机衬板龟裂' WHERE id = 1")
    assert not found(own, "磨机衬板龟裂"), "a change without a leaf is no act"
    rows(own, "UPDATE log_head SET size = size + 1")
    assert len(found(own, "磨机衬板龟裂")) == 1
    rows(own, "UPDATE nonconformity SET title_zh = '回转窑' WHERE id = 1")
    assert not found(own, "磨机衬板龟裂"), "what the register no longer says does not show"
    with opened(own.folder) as installation:
        keep_index(installation)


def test_the_index_can_be_made_anew_or_lost(own: Cli) -> None:
    before = found(own, "校准")
    assert before
    assert own("search", "--rebuild", "--json").json["entries"] > len(before)
    assert found(own, "校准") == before
    (own.folder / "records" / "search" / "list.json").write_bytes(b"{")
    assert found(own, "校准") == before


@pytest.mark.parametrize("words", ["***", "\x00", "校" * 201, "\ud800"])
def test_a_bad_question_is_refused(own: Cli, words: str) -> None:
    answer = own("search", words)
    assert (answer.code, answer.out) == (2, "")
    assert " / " in answer.err


def test_no_such_plant(own: Cli) -> None:
    assert own("search", "校准", "--plant", "nowhere").code == 2


def test_looking_for_nothing_that_is_there(own: Cli) -> None:
    assert own("search", "不存在的词语组合").code == 0
    assert "没有找到" in own("search", "不存在的词语组合").err
    assert own("search").code == 2
