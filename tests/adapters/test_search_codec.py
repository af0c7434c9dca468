"""Segments of the Whoosh index: terms and numbers come back as written, and whatever is done to it, a scan agrees."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.adapters import search_codec
from compliance.adapters.search_codec import LARGEST, PlacesWriter, Terms, TermsWriter, packed, taken_in, unpacked
from compliance.adapters.search_whoosh import WhooshIndex
from compliance.core.searching import Entry, Key, Kind, question, units
from compliance.kernel.text import Text
from tests.adapters.test_search_index import SECRET, entry, named

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NUMBERS = st.lists(st.integers(0, 2**31), min_size=1, max_size=40, unique=True).map(sorted)
TERMS = st.dictionaries(
    st.text("abc校准证书\U00020000", min_size=1, max_size=4).map(lambda t: t.encode()), NUMBERS, max_size=300
)


class Kept(BytesIO):
    """A file whose content stays when it is closed."""

    content = b""

    def close(self) -> None:
        self.content = self.getvalue()


@given(NUMBERS)
def test_numbers_come_back(numbers: list[int]) -> None:
    assert list(unpacked(packed(numbers))) == numbers


@given(TERMS, st.sampled_from([b"", b"a", b"ab", "校".encode(), b"\xff"]))
def test_terms_come_back(written: dict[bytes, list[int]], start: bytes) -> None:
    file = Kept()
    writer = TermsWriter(file)
    for term in sorted(written):
        writer.add(term, written[term])
    writer.close()
    terms = Terms(memoryview(file.content))
    assert [(term, list(unpacked(kept))) for term, kept in terms.all()] == sorted(written.items())
    assert [list(unpacked(kept)) for kept in terms.beginning(start)] == [
        written[term] for term in sorted(written) if term.startswith(start)
    ]
    for term in (*written, b"", b"zz"):
        assert list(unpacked(kept) if (kept := terms.numbers(term)) else ()) == written.get(term, [])


def test_segments_stay_few_and_no_entry_is_written_often() -> None:
    segments, written = list[tuple[int, int]](), 0
    for count in range(1, 3001):
        taken = taken_in(segments, 1)
        size = 1 + sum(segments[place][0] for place in taken)
        written += size
        segments = [s for place, s in enumerate(segments) if place not in taken] + [(size, 0)]
        assert len(segments) <= 7 * 4
        assert sum(live for live, _gone in segments) == count
    assert written / 3000 < 6
    assert taken_in([(LARGEST, 0)] * 20, 10) == set()
    assert taken_in([(LARGEST // 2, 0)] * 7, 10) == set()
    assert taken_in([(4, 5), (400, 399)], 1) == {0}


# --- random histories, beside a scan

WORDS = ("校准", "准证", "证书", "书", "calibration", "calib", "NCR", "2026", "０１")
TEXTS = st.lists(st.sampled_from(WORDS), max_size=5).map("，".join)
#: Which entry, of which plant and kind, what it says; a text of None takes it out.
CHANGES = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(1, 3), st.sampled_from(list(Kind)[:2]), st.none() | TEXTS, st.integers(0, 9)
    ),
    max_size=6,
)
ASKED = st.lists(st.sampled_from((*WORDS, "校", "证", "cal*")), min_size=1, max_size=3).map(" ".join)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(CHANGES, max_size=12),
    st.lists(ASKED, min_size=1, max_size=4),
    st.integers(1, 9),
    st.sampled_from([2, 4, 9]),
)
def test_whatever_is_put_and_taken_out_a_scan_agrees(
    tmp_path_factory: pytest.TempPathFactory,
    history: list[list[tuple[int, int, Kind, str | None, int]]],
    asked: list[str],
    limit: int,
    fan: int,
) -> None:
    index = WhooshIndex(tmp_path_factory.mktemp("search"), SECRET)
    there: dict[Key, Entry] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_codec, "FAN", fan)
        patch.setattr(search_codec, "LARGEST", 12)
        for changes in history:
            put, gone = dict[Key, Entry](), set[Key]()
            for name, plant, kind, text, day in changes:
                key = Key(plant, kind, str(name))
                if text is None:
                    gone.add(key)
                    put.pop(key, None)
                else:
                    put[key] = Entry(key, Text(text, text), text, date(2026, 1, 1) + timedelta(days=day))
            index.update(list(put.values()), gone, {1: "1"})
            there = {key: e for key, e in there.items() if key not in gone} | put
    for plant in (1, 2, 3):
        assert index.digests(plant) == {key: e.digest for key, e in there.items() if key.plant == plant}
    for words in asked:
        for plants, kinds in (([1], []), ([1, 3], list(Kind)[:1]), ([1, 2, 3], [])):
            seen, page = list[str](), list[str]()
            while page := list(index.candidates(question(words), plants, kinds, seen[-1] if seen else "", limit)):
                seen += page
            assert seen == scanned(there, words, plants, kinds)


def scanned(there: dict[Key, Entry], words: str, plants: Sequence[int], kinds: Sequence[Kind]) -> list[str]:
    """Return the places of the entries that have every unit, by looking at each."""
    wanted = question(words).units()

    def answers(e: Entry) -> bool:
        have = units(e.whole)
        if e.key.plant not in plants or (kinds and e.key.kind not in kinds):
            return False
        return all(any(h.startswith(u.text) for h in have) if u.begins else u.text in have for u in wanted)

    return sorted((e.place for e in there.values() if answers(e)), reverse=True)


# --- while another writes


def test_readers_see_what_was_there_until_a_commit_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = (WhooshIndex(tmp_path / "search", SECRET) for _ in range(2))
    writer.update([entry("1", "校准")], (), {1: "1"})
    seen = []
    other = WhooshIndex(tmp_path / "search", SECRET)
    assert named(reader, "校准") == ["1"]
    commit = PlacesWriter.commit

    def committed(self: PlacesWriter, **how: object) -> None:
        commit(self, **how)
        seen.append((named(reader, "校准"), named(other, "校准"), reader.cursors()))

    monkeypatch.setattr(PlacesWriter, "commit", committed)
    writer.update([entry("2", "校准", day=1)], [Key(1, Kind.DOCUMENT, "1")], {1: "2"})
    assert seen == [(["1"], ["1"], {1: "1"})]
    assert named(reader, "校准") == ["2"]


def test_what_a_killed_writer_left_behind_is_no_part_of_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "search"
    index = WhooshIndex(folder, SECRET)
    index.update([entry("1", "校准")], (), {1: "1"})
    with monkeypatch.context() as patch:
        patch.setattr(PlacesWriter, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            index.update([entry("2", "校准")], (), {1: "2"})
    for one in (index, WhooshIndex(folder, SECRET)):
        assert named(one, "校准") == ["1"]
        assert one.cursors() == {1: "1"}
    index.update([entry("3", "校准", day=1)], (), {1: "3"})
    assert named(index, "校准") == ["3", "1"]
    assert len(list((folder / "index").glob("*.seg"))) == 2


def killed(_self: PlacesWriter) -> None:
    raise KeyboardInterrupt
