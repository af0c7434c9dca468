"""search: what is found on the demo plant is what its register says, whatever becomes of the index."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from compliance.adapters.register import FILE
from compliance.adapters.search_texts import SqlSearchTexts
from compliance.bootstrap.installation import opened
from compliance.bootstrap.searching import keep_index, search_of
from compliance.core.searching import NO_PLANT, Entry, Kind, question
from compliance.core.searching.entries import entries_of_rules
from tests.cli.conftest import TODAY, Cli
from tests.cli.test_acting import PASSWORD, key, open_occurrence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

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


def test_following_the_log_ends_where_comparing_everything_would(
    own: Cli, demo_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = json.loads((demo_workspace.parent / "demo.json").read_text("utf-8"))
    passwords = {account["login"]: account["password"] for account in made["accounts"]}
    meter = ("user", "add", "meter", "--role", "department", "--plant", key(own), "--password-stdin")
    assert own(*meter, stdin=PASSWORD).code == 0
    number = own("findings", "--json").json[0]["nonconformity"]
    proof = own.folder.parent / "复验记录.pdf"
    proof.write_bytes(b"%PDF-1.7 certificate")
    compared: list[int] = []
    entries = SqlSearchTexts.entries

    def counted(texts: SqlSearchTexts, plant: int) -> Sequence[Entry]:
        compared.append(plant)
        return entries(texts, plant)

    monkeypatch.setattr(SqlSearchTexts, "entries", counted)

    def followed(words: str, kind: Kind) -> None:
        """Everything is in the index as it is, the words too, and nothing was compared for it."""
        with opened(own.folder) as installation:
            search = search_of(installation)
            compared.clear()
            search.refresh()
            assert not compared
            with installation.register.read() as reads:
                (plant,) = reads.plants()
            there = {entry.key: entry for entry in search._texts.entries(plant.id)}
            assert search._index.digests(plant.id) == {key: entry.digest for key, entry in there.items()}
            assert kind in {hit.key.kind for hit in search.find(question(words), [plant.id]).rows}

    found(own, "校准")
    proven = ("--password-stdin", "--json")
    for who, step, field in (("officer", "grade", "extent=磨机衬板龟裂"), ("head", "contain", "containment=停磨检修")):
        taken = ("act", "nonconformity", number, step, "--field", field, "--as", who, *proven)
        assert own(*taken, stdin=passwords[who]).code == 0
        followed(field.partition("=")[2], Kind.NONCONFORMITY)
    keeper = ("user", "add", "keeper", "--role", "compliance-officer", "--plant", key(own), "--person", "U004")
    assert own(*keeper, "--password-stdin", stdin=PASSWORD).code == 0
    act = ("act", "occurrence", open_occurrence(own), "submit", "--file", f"{proof}@{TODAY}", "--as", "keeper")
    assert own(*act, *proven, stdin=PASSWORD).code == 0
    followed("复验记录", Kind.FILE)
    ((instrument,),) = rows(own, "SELECT number FROM instrument ORDER BY id LIMIT 1")
    given = ["number=XY-9001", f"instrument={instrument}", "type=月度校验", f"on={TODAY}", "result=合格"]
    fields = [part for field in given for part in ("--field", field)]
    entered = own("enter", "instrument_check", "--as", "meter", *proven, *fields, stdin=PASSWORD)
    assert entered.code == 0, entered.err
    followed("XY-9001", Kind.RECORD)
    assert own("reconcile", "--as-of", TODAY + timedelta(days=1)).code == 0
    followed("校准", Kind.OCCURRENCE)


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


def test_days_and_states_narrow_a_search(own: Cli) -> None:
    every = found(own, "校准", "--kind", "finding")
    parts = [found(own, "校准", "--kind", "finding", "--state", state) for state in ("open", "settled")]
    assert {h["id"] for h in every} == {h["id"] for part in parts for h in part}
    days = sorted({h["day"] for h in every})
    first = found(own, "校准", "--kind", "finding", "--until", days[0])
    assert [h for h in every if h["day"] == days[0]] == first
    assert found(own, "校准", "--from", "2099-01-01") == []
    assert own("search", "校准", "--from", "2026-13-01").code == 2


def test_no_such_plant(own: Cli) -> None:
    assert own("search", "校准", "--plant", "nowhere").code == 2


def test_looking_for_nothing_that_is_there(own: Cli) -> None:
    assert own("search", "不存在的词语组合").code == 0
    assert "没有找到" in own("search", "不存在的词语组合").err
    assert own("search").code == 2
