"""The search index against SQLite FTS5 with the same units, in one run: filling, size, questions, one change.

``--quick``: 1,000 and 20,000 documents; without it 100,000 too. ``--check`` fails where the 95th percentile of the
questions at 20,000 documents is more than five times that of FTS5.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite

from compliance.adapters.search_whoosh import WhooshIndex
from compliance.core.searching import Entry, Key, Kind, Question, question, units
from compliance.core.searching.finding import BATCH, LOOKED_AT
from compliance.kernel.text import Text

SIZES, QUICK, JUDGED = (1_000, 20_000, 100_000), 2, 20_000
MOST = 5.0
_WORDS, _WORDS_OF_A_TEXT, _QUESTIONS, _CHANGES, _SEED = 4_000, 450, 60, 10, 11


@dataclass(frozen=True)
class Figures:
    """What one index took."""

    rate: float
    size: int
    median: float
    p95: float
    change: float


def entries(count: int) -> Iterator[Entry]:
    """Documents of about 2 KB: two- to four-character words, common ones often, an eighth of them Latin."""
    of = random.Random(_SEED)
    words = _vocabulary(of)
    weights = [1 / (place + 3) for place in range(len(words))]
    for number in range(count):
        text = "".join(of.choices(words, weights, k=_WORDS_OF_A_TEXT))
        key = Key(1 + number % 3, Kind.DOCUMENT, f"D-{number:06}")
        yield Entry(key, Text(text[:12], text[:12]), text, date(2026, 1, 1) + timedelta(days=number % 900))


def _vocabulary(of: random.Random) -> list[str]:
    han = [chr(code) for code in range(0x4E00, 0x4E00 + 2_500)]
    latin = "abcdefghijklmnopqrstuvwxyz"

    def word() -> str:
        if of.random() < 1 / 8:
            return " " + "".join(of.choices(latin, k=of.randint(3, 9))) + " "
        return "".join(of.choices(han, k=of.choice((2, 2, 2, 3, 4)))) + of.choice(("", "", "", "，"))

    return [word() for _ in range(_WORDS)]


def questions() -> list[Question]:
    """One word of every frequency, two words, and beginnings."""
    of = random.Random(_SEED)
    words = [word.strip(" ，") for word in _vocabulary(of)]
    singles = [words[place * len(words) // _QUESTIONS] for place in range(_QUESTIONS)]
    pairs = [f"{one} {words[place]}" for place, one in enumerate(singles[::3])]
    return [question(asked) for asked in (*singles, *pairs)]


class Fts5:
    """FTS5 with the same units, the same order and the same limit."""

    def __init__(self, folder: Path) -> None:
        """Keep the index in a folder."""
        self._db = sqlite.connect(str(folder / "fts.sqlite3"), isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE entry (id INTEGER PRIMARY KEY, key TEXT UNIQUE, plant INTEGER, place TEXT);"
            "CREATE VIRTUAL TABLE found USING fts5(units, content='', contentless_delete=1, detail=none);"
        )

    def update(self, put: Sequence[Entry]) -> None:
        """Add or replace entries in one transaction."""
        self._db.execute("BEGIN IMMEDIATE")
        for entry in put:
            key = str(entry.key)
            for (old,) in self._db.execute("SELECT id FROM entry WHERE key = ?", [key]).fetchall():
                self._db.execute("DELETE FROM entry WHERE id = ?", [old])
                self._db.execute("DELETE FROM found WHERE rowid = ?", [old])
            row = self._db.execute(
                "INSERT INTO entry (key, plant, place) VALUES (?, ?, ?)", [key, entry.key.plant, entry.place]
            )
            self._db.execute(
                "INSERT INTO found (rowid, units) VALUES (?, ?)", [row.lastrowid, " ".join(units(entry.whole))]
            )
        self._db.execute("COMMIT")

    def candidates(self, asked: Question) -> list[str]:
        """Places, the highest first."""
        match = " AND ".join(f'"{u.text}"' + ("*" if u.begins else "") for u in asked.units())
        rows = self._db.execute(
            "SELECT place FROM found JOIN entry ON entry.id = found.rowid WHERE found MATCH ? AND plant IN (1, 2)"
            " ORDER BY place DESC LIMIT ?",
            [match, LOOKED_AT],
        )
        return [place for (place,) in rows]


def measure(
    folder: Path, count: int, update: Callable[[Sequence[Entry]], None], ask: Callable[[Question], Sequence[str]]
) -> tuple[Figures, list[Sequence[str]]]:
    """Fill, ask and change one index."""
    taken = 0.0
    batch: list[Entry] = []
    for number, entry in enumerate(entries(count), 1):
        batch.append(entry)
        if len(batch) == BATCH or number == count:
            taken += _timed(partial(update, batch))
            batch = []
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    asked = questions()
    answers = [ask(one) for one in asked]
    times = sorted(min(_timed(partial(ask, one)) for _ in range(3)) for one in asked)
    changed = list(entries(_CHANGES))
    change = statistics.median(_timed(partial(update, [one])) for one in changed)
    p95 = times[int(len(times) * 0.95)]
    return Figures(count / taken, size, statistics.median(times), p95, change), answers


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> int:
    """Measure each size; print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    ok = True
    say = sys.stdout.write
    say("documents  engine  docs/s  MB  p50 ms  p95 ms  one change ms  peak MB\n")
    for count in SIZES[:QUICK] if given.quick else SIZES:
        found, answers = {}, []
        for engine in ("fts5", "whoosh"):
            folder = Path(tempfile.mkdtemp(prefix="search-"))
            try:
                found[engine], named = _one(engine, folder, count)
            finally:
                shutil.rmtree(folder)
            answers.append(named)
            f, peak = found[engine], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            say(
                f"{count:9,}  {engine:6}  {f.rate:6.0f}  {f.size / 1e6:.1f}  {f.median * 1e3:.2f}  {f.p95 * 1e3:.2f}"
                f"  {f.change * 1e3:.1f}  {peak:.0f}\n"
            )
        if answers[0] != answers[1]:
            say("the two engines answer differently\n")
            ok = False
        ratio = found["whoosh"].p95 / found["fts5"].p95
        say(f"{count:9,}  p95 {ratio:.1f} ×\n")
        ok = ok and (count != JUDGED or ratio <= MOST)
    return 0 if ok or not given.check else 1


def _one(engine: str, folder: Path, count: int) -> tuple[Figures, list[Sequence[str]]]:
    if engine == "fts5":
        fts = Fts5(folder)
        return measure(folder, count, fts.update, fts.candidates)
    index = WhooshIndex(folder, b"s" * 32)
    return measure(
        folder,
        count,
        lambda put: index.update(put, (), {1: "1"}),
        lambda asked: index.candidates(asked, [1, 2], (), "", LOOKED_AT),
    )


if __name__ == "__main__":
    raise SystemExit(main())
