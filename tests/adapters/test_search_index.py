"""One contract for every search index: what it names, in which order, and that losing it loses nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from compliance.adapters.database import open_database
from compliance.adapters.search_postgres import PostgresIndex
from compliance.adapters.search_whoosh import WhooshIndex
from compliance.core.searching import Entry, Key, Kind, Search, SearchIndex, key_at, question
from compliance.core.searching.finding import LOOKED_AT, PAGE
from compliance.kernel.text import Text
from tests.core.world import shipped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

SECRET = b"s" * 32


@pytest.fixture(params=["whoosh", "postgres"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    """Return an empty index of each kind."""
    if request.param == "whoosh":
        yield WhooshIndex(tmp_path / "search", SECRET)
        return
    database = open_database(request.getfixturevalue("postgres_url"))
    yield PostgresIndex(database)
    with database.writer.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS search_entry_1, search_cursor_1")
    database.close()


def entry(name: str, words: str, plant: int = 1, kind: Kind = Kind.DOCUMENT, day: int = 0) -> Entry:
    key = Key(plant, kind, name)
    return Entry(key, Text(words, words), f"text of {words}", date(2026, 1, 1) + timedelta(days=day))


def named(index: SearchIndex, asked: str, plants: Collection[int] = (1,), kinds: Collection[Kind] = ()) -> list[str]:
    return [key_at(place).id for place in index.candidates(question(asked), plants, kinds, "", 100)]


def test_an_empty_index_names_nothing(index: SearchIndex) -> None:
    assert named(index, "校准") == []
    assert index.digests(1) == {}
    assert index.cursors() == {}


def test_entries_are_added_replaced_and_taken_out(index: SearchIndex) -> None:
    one, two = entry("1", "校准证书"), entry("2", "检定证书", day=1)
    index.update([one, two], (), {1: "5"})
    assert named(index, "证书") == ["2", "1"]
    assert index.digests(1) == {one.key: one.digest, two.key: two.digest}
    index.update([replace(one, title=Text("质量计划", "plan"), text="")], [two.key], {1: "6", 2: "1"})
    assert named(index, "证书") == []
    assert named(index, "质量") == ["1"]
    assert index.cursors() == {1: "6", 2: "1"}


def test_plants_and_kinds_are_told_apart(index: SearchIndex) -> None:
    index.update([entry("1", "校准", 1), entry("2", "校准", 2), entry("3", "校准", 1, Kind.FINDING)], (), {})
    assert named(index, "校准", [1]) == ["1", "3"]
    assert named(index, "校准", [2]) == ["2"]
    assert named(index, "校准", [1, 2], [Kind.FINDING]) == ["3"]
    assert named(index, "校准", [12]) == []


def test_beginnings_and_lone_characters(index: SearchIndex) -> None:
    index.update([entry("1", "化验室"), entry("2", "室内"), entry("3", "calibration of CO2")], (), {})
    assert sorted(named(index, "室")) == ["1", "2"]
    assert named(index, "calibrat") == ["3"]
    assert named(index, "calibrat of") == []
    assert named(index, "100%_\\' calibrat") == []


def test_places_go_on_where_the_page_before_ended(index: SearchIndex) -> None:
    index.update([entry(str(i), "校准", day=i // 2) for i in range(30)], (), {})
    seen: list[str] = []
    while page := index.candidates(question("校准"), [1], [], seen[-1] if seen else "", 7):
        seen += page
    assert len(seen) == len(set(seen)) == 30
    assert seen == sorted(seen, reverse=True)


def test_cleared_it_is_empty(index: SearchIndex) -> None:
    index.update([entry("1", "校准")], (), {1: "1"})
    index.clear()
    assert named(index, "校准") == []
    assert index.cursors() == {}


# --- the search over it


@dataclass
class Kept:
    """Texts of a register that lies in memory."""

    of: dict[Key, Entry]
    at: int = 1

    def positions(self) -> Mapping[int, str]:
        return {key.plant: str(self.at) for key in self.of}

    def entries(self, plant: int) -> Sequence[Entry]:
        return [e for e in self.of.values() if e.key.plant == plant]

    def named(self, keys: Collection[Key]) -> Mapping[Key, Entry]:
        return {key: self.of[key] for key in keys if key in self.of}


def searching(index: SearchIndex, *entries: Entry) -> tuple[Search, Kept]:
    kept = Kept({e.key: e for e in entries})
    return Search(index, kept, shipped), kept


def test_what_no_longer_is_or_no_longer_matches_never_shows(index: SearchIndex) -> None:
    search, kept = searching(index, entry("1", "校准"), entry("2", "校准"), entry("3", "校准"))
    assert search.refresh()
    del kept.of[Key(1, Kind.DOCUMENT, "1")]
    kept.of[Key(1, Kind.DOCUMENT, "2")] = entry("2", "检定")
    assert [hit.key.id for hit in search.find(question("校准"), [1]).rows] == ["3"]
    kept.at += 1
    search.refresh()
    assert named(index, "校准") == ["3"]


def test_pages_show_everything_once_though_the_index_names_too_much(index: SearchIndex) -> None:
    right = [entry(f"r{i}", "校准证书", day=i) for i in range(PAGE * 2 + 3)]
    wrong = [entry(f"w{i}", "校准与准证的证书", day=i) for i in range(LOOKED_AT + 50)]  # each pair, never the word
    search, _kept = searching(index, *right, *wrong)
    search.refresh()
    page = search.find(question("校准证书"), [1])
    seen = list(page.rows)
    while page.next:
        page = search.find(question("校准证书"), [1], after=page.next)
        assert len(page.rows) <= PAGE
        seen += page.rows
    assert [hit.key.id for hit in seen] == [e.key.id for e in reversed(right)]


def test_a_search_may_bring_in_a_little_at_a_time(index: SearchIndex) -> None:
    search, _kept = searching(index, *(entry(str(i), "校准", day=i) for i in range(25)))
    assert not search.refresh(10)
    assert named(index, "校准") == [str(i) for i in range(24, 14, -1)]
    assert not search.refresh(10)
    assert 1 not in index.cursors()
    assert not search.refresh(10)  # the plant is whole, its rules are not
    assert index.cursors() == {1: "1"}
    assert len(named(index, "校准")) == 25
    assert search.refresh()


def test_units_are_kept_as_they_are(index: SearchIndex) -> None:
    index.update([entry("1", "it's 5\\6 CO2/SO₂ 校'准 the"), entry("2", "ſtraße " + "x" * 100)], (), {})
    for words in ("it's", "5\\6", "co2", "so2", "校", "准", "the", '"the"'):
        assert named(index, words) == ["1"], words
    assert named(index, "STRASSE " + "x" * 100) == ["2"]


# --- Whoosh alone


def garble(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(bytes(content))


@pytest.mark.parametrize("how", ["list", "toc", "segment", "secret", "gone", "more"])
def test_an_index_that_is_not_as_it_was_written_is_empty_and_filled_again(tmp_path: Path, how: str) -> None:
    folder, secret = tmp_path / "search", SECRET
    search, kept = searching(WhooshIndex(folder, secret), entry("1", "校准"))
    search.refresh()
    match how:
        case "list":
            garble(folder / "list.json")
        case "toc":
            garble(next((folder / "index").glob("*.toc")))
        case "segment":
            garble(next((folder / "index").glob("*.seg")))
        case "secret":
            secret = b"t" * 32
        case "gone":
            next((folder / "index").glob("*.seg")).unlink()
        case _:
            (folder / "index" / "_MAIN_99.toc").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    index = WhooshIndex(folder, secret)
    assert index.cursors() == {}
    assert named(index, "校准") == []
    Search(index, kept, shipped).refresh()
    assert named(index, "校准") == ["1"]
    assert named(WhooshIndex(folder, secret), "校准") == ["1"]


def test_the_index_keeps_no_text(tmp_path: Path) -> None:
    index = WhooshIndex(tmp_path / "search", SECRET)
    index.update([entry("1", "校准证书有效期")], (), {1: "1"})
    kept = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert "校准证书".encode() not in kept
