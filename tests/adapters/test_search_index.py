"""One contract for every search index: what it names, in which order, and that losing it loses nothing."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from compliance.adapters.database import open_database
from compliance.adapters.search_postgres import PostgresIndex
from compliance.adapters.search_whoosh import WhooshIndex
from compliance.core.searching import (
    ANY_DAY,
    Changed,
    Days,
    Entry,
    Key,
    Kind,
    Question,
    Search,
    SearchIndex,
    key_at,
    question,
)
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
        connection.exec_driver_sql("DROP TABLE IF EXISTS search_entry_3, search_cursor_3")
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
    assert named(index, "校准", []) == []  # who sees no plant finds nothing


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
    #: What each leaf names; None where nobody follows it.
    log: list[Key] | None = None
    asked: list[tuple[int, str, str]] = field(default_factory=list)
    compared: int = 0

    def positions(self) -> Mapping[int, str]:
        return {key.plant: str(self.at) for key in self.of}

    def entries(self, plant: int) -> Sequence[Entry]:
        self.compared += 1
        return [e for e in self.of.values() if e.key.plant == plant]

    def since(self, plant: int, since: str, until: str) -> Changed | None:
        self.asked.append((plant, since, until))
        named = None if self.log is None else self.log[int(since) : int(until)]
        return None if named is None else Changed(tuple(self.of[key] for key in dict.fromkeys(named)))

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


def test_a_search_follows_the_log_and_compares_the_plant_only_where_it_cannot(index: SearchIndex) -> None:
    search, kept = searching(index, *(entry(str(i), "校准", day=i) for i in range(5)))
    search.refresh()
    assert (kept.compared, kept.asked) == (1, [])  # the index had nothing of the plant
    kept.log = [Key(1, Kind.DOCUMENT, name) for name in ("0", "1", "1", "4")]
    kept.of[kept.log[1]] = entry("1", "检定", day=1)
    kept.of[kept.log[3]] = entry("4", "质量", day=4)
    kept.at = 3  # the last leaf is not yet to be looked at
    search.refresh()
    assert (kept.compared, kept.asked) == (1, [(1, "1", "3")])
    assert named(index, "校准") == ["4", "3", "2", "0"]
    assert named(index, "检定") == ["1"]
    kept.at = 4
    assert search.refresh(1)
    assert kept.compared == 1
    assert named(index, "质量") == ["4"]
    assert index.cursors()[1] == "4"
    kept.log += [Key(1, Kind.DOCUMENT, str(i)) for i in range(5)]
    kept.of |= {key: replace(e, text="都变了") for key, e in kept.of.items()}
    kept.at = 9
    assert not search.refresh(2)  # more than one look may bring in: as far as it may, by comparing
    assert kept.compared == 2
    assert named(index, "都变了") == ["4", "3"]
    kept.log = None
    search.refresh()
    assert kept.compared == 3
    assert len(named(index, "都变了")) == 5


def test_days_are_told_apart(index: SearchIndex) -> None:
    index.update([entry(str(i), "校准", day=i) for i in range(4)] + [replace(entry("x", "校准"), day=None)], (), {})

    def asked(first: int | None, last: int | None) -> list[str]:
        ends = (None if day is None else date(2026, 1, 1) + timedelta(days=day) for day in (first, last))
        return [key_at(p).id for p in index.candidates(question("校准"), [1], [], "", 100, Days(*ends))]

    assert asked(None, None) == ["3", "2", "1", "0", "x"]
    assert asked(1, 2) == ["2", "1"]
    assert asked(None, 1) == ["1", "0"]
    assert asked(2, None) == ["3", "2"]


def test_states_are_told_apart_and_followed(index: SearchIndex) -> None:
    of = [replace(entry(str(i), "校准", day=i), is_open=state) for i, state in enumerate((None, True, False, True))]
    index.update(of, (), {})

    def asked(*, is_open: bool | None) -> list[str]:
        return [key_at(p).id for p in index.candidates(question("校准"), [1], [], "", 100, is_open=is_open)]

    assert [asked(is_open=state) for state in (None, True, False)] == [["3", "2", "1", "0"], ["3", "1"], ["2"]]
    settled = replace(of[3], is_open=False)
    assert settled.digest != of[3].digest  # comparing a plant sees it, though it is called the same
    index.update([settled], (), {})
    assert [asked(is_open=state) for state in (None, True, False)] == [["3", "2", "1", "0"], ["1"], ["3", "2"]]


def test_a_page_of_one_state_is_full_however_much_of_the_other_stands_before_it(index: SearchIndex) -> None:
    settled = [replace(entry(f"s{i}", "校准", day=1_000 + i), is_open=False) for i in range(LOOKED_AT * 2)]
    still = [replace(entry(f"o{i}", "校准", day=i), is_open=True) for i in range(PAGE + 5)]
    search, kept = searching(index, *settled, *still, entry("x", "校准", day=5_000))
    search.refresh()
    page = search.find(question("校准"), [1], is_open=True)
    assert [hit.key for hit in page.rows] == [e.key for e in reversed(still)][:PAGE]
    page = search.find(question("校准"), [1], after=page.next, is_open=True)
    assert ([hit.key for hit in page.rows], page.next) == ([e.key for e in reversed(still)][PAGE:], "")
    kept.of[still[0].key] = replace(still[0], is_open=False)  # the register decides, whatever the index still has

    assert len(search.find(question("校准"), [1], after=still[5].place, is_open=True).rows) == 4


def test_random_texts_are_found_by_every_two_characters_as_a_scan_finds_them(index: SearchIndex) -> None:
    of = random.Random(7)

    def text() -> str:
        return "".join(of.choices("水泥熟料校准证书检定 ，\nCO2-k", k=of.randint(0, 30)))

    entries = [
        replace(entry(str(n), text(), of.randint(1, 2), of.choice(list(Kind)[:4]), of.randint(0, 9)), text=text())
        for n in range(120)
    ]
    search, kept = searching(index, *entries)
    search.refresh()
    for n in range(0, 120, 3):  # and the log tells of what has changed since
        kept.of[entries[n].key] = replace(entries[n], text=text())
    kept.log, kept.at = [entries[n].key for n in range(0, 120, 3)], 41
    kept.log.insert(0, entries[0].key)
    search.refresh()
    assert kept.compared == 2
    han = sorted({e.whole[i : i + 2] for e in kept.of.values() for i in range(len(e.whole) - 1)})
    asked = [pair for pair in han if pair.isalnum()]
    for words in (
        *of.sample(asked, 40),
        *(f"{a} {b}" for a, b in pairwise(of.sample(asked, 10))),
        "水",
        '"校准证书"',
        "co*",
    ):
        wanted = question(words)
        for plants, kinds in (([1], []), ([1, 2], list(Kind)[:2])):
            there = {
                e.key
                for e in kept.of.values()
                if e.key.plant in plants and (not kinds or e.key.kind in kinds) and wanted.answered_by(e.whole)
            }
            page = search.find(wanted, plants, kinds)
            seen = list(page.rows)
            while page.next:
                page = search.find(wanted, plants, kinds, page.next)
                seen += page.rows
            assert {hit.key for hit in seen} == there, words
            assert len(seen) == len(there)


# --- an index that lies


@dataclass
class Lying:
    """An index that names every place it was told, whatever is asked."""

    places: list[str]

    def cursors(self) -> Mapping[int, str]:
        return {}

    def digests(self, plant: int) -> Mapping[Key, str]:
        return {Key(plant, Kind.DOCUMENT, "1"): ""}

    def update(self, put: Sequence[Entry], remove: Collection[Key], cursors: Mapping[int, str]) -> None:
        """Forget it."""

    def candidates(
        self,
        question: Question,
        plants: Collection[int],
        kinds: Collection[Kind],
        after: str,
        limit: int,
        days: Days = ANY_DAY,
        *,
        is_open: bool | None = None,
    ) -> Sequence[str]:
        return self.places[:limit]

    def clear(self) -> None:
        """Forget everything."""


def test_an_index_that_lies_shows_and_counts_nothing_that_the_register_does_not() -> None:
    mine, theirs = entry("1", "校准", 1), entry("2", "校准", 2)
    other, closed = entry("3", "检定", 1), replace(entry("4", "校准", 1), is_open=False)
    places = [e.place for e in (theirs, other, mine, closed)]
    lies = ["", "x", "9", "9 2026-01-01 x", "9 2026-01-01 1:nokind:1", "9 2026-01-01 1:document:gone"]
    # The register's words, kinds, days and plants count; another plant's place never leads to a thing of this one.
    lies += [mine.place.replace(" 1:", " 2:"), f"9 2026-01-01 {mine.key}"]
    lies += [theirs.place] * (LOOKED_AT - len(lies) - 4)  # the last place that is looked at is another plant's
    search = Search(Lying([*places, *lies, *places]), Kept({e.key: e for e in (mine, theirs, other, closed)}), shipped)
    for plants, kinds, days, is_open, right in (
        ([1], [], Days(), None, {"1", "4"}),
        ([2], [], Days(), None, {"2"}),
        ([3], [], Days(), None, set()),
        ([], [], Days(), None, set()),
        ([1], [Kind.FINDING], Days(), None, set()),
        ([1], [], Days(date(2027, 1, 1)), None, set()),
        ([1], [], Days(), False, {"4"}),
        ([1], [], Days(), True, set()),
    ):
        page = search.find(question("校准"), plants, kinds, "", days, is_open=is_open)
        assert {hit.key.id for hit in page.rows} == right
        assert len(page.rows) == len(right)
        assert not page.next or key_at(page.next).plant in plants
        assert all("校准" in "".join(p.text for p in hit.snippet()) for hit in page.rows)


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
