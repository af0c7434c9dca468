"""The search index against SQLite FTS5 with the same units, in one run: filling, size, memory, questions, one change.

``--quick``: 1,000 and 20,000 documents; without it 100,000 too. Each index is filled and asked in a process of its own,
so that its memory is its own. ``--check`` fails where the 95th percentile of the questions at 20,000 documents is more
than five times that of FTS5, where more documents take more memory to fill in than a few do, or where the two name
different documents.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import partial
from hashlib import blake2b
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite

from compliance.adapters.search_whoosh import WhooshIndex
from compliance.core.searching import Entry, Key, Kind, Question, question, units
from compliance.core.searching.finding import BATCH, LOOKED_AT
from compliance.kernel.text import Text

SIZES, QUICK, JUDGED = (1_000, 20_000, 100_000), 2, 20_000
#: Times that of FTS5 at the 95th percentile; times the memory of filling in the first size.
MOST, MOST_MEMORY = 5.0, 2.0
ENGINES = ("fts5", "whoosh")
_WORDS, _WORDS_OF_A_TEXT, _QUESTIONS, _LONE, _CHANGES, _SEED = 4_000, 450, 60, 4, 20, 11


@dataclass(frozen=True)
class Figures:
    """What one index took."""

    rate: float
    size: int
    median: float
    p95: float
    change: float
    peak: int
    answers: str


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
    """One word of every frequency, two words, beginnings, and lone characters."""
    of = random.Random(_SEED)
    words = [word.strip(" ，") for word in _vocabulary(of)]
    singles = [words[place * len(words) // _QUESTIONS] for place in range(_QUESTIONS)]
    pairs = [f"{one} {words[place]}" for place, one in enumerate(singles[::3])]
    lone = [word[0] for word in singles[:: _QUESTIONS // _LONE]]
    return [question(asked) for asked in (*singles, *pairs, *lone)]


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
) -> Figures:
    """Fill, ask and change one index."""
    taken = 0.0
    batch: list[Entry] = []
    for number, entry in enumerate(entries(count), 1):
        batch.append(entry)
        if len(batch) == BATCH or number == count:
            taken += _timed(partial(update, batch))
            batch = []
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    asked = questions()
    answers = blake2b(repr([ask(one) for one in asked]).encode()).hexdigest()
    times = sorted(min(_timed(partial(ask, one)) for _ in range(3)) for one in asked)
    changed = list(entries(_CHANGES))
    change = statistics.median(_timed(partial(update, [one])) for one in changed)
    p95 = times[int(len(times) * 0.95)]
    return Figures(count / taken, size, statistics.median(times), p95, change, peak, answers)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> int:
    """Measure each size; print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--one", nargs=2, metavar=("ENGINE", "COUNT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    say = sys.stdout.write
    if given.one:
        say(json.dumps(asdict(_one(given.one[0], int(given.one[1])))))
        return 0
    broken, little = [], 0
    say("documents  engine  docs/s  MB  p50 ms  p95 ms  one change ms  peak MB\n")
    for count in SIZES[:QUICK] if given.quick else SIZES:
        found = {engine: _apart(engine, count) for engine in ENGINES}
        for engine, f in found.items():
            say(
                f"{count:9,}  {engine:6}  {f.rate:6.0f}  {f.size / 1e6:.1f}  {f.median * 1e3:.2f}  {f.p95 * 1e3:.2f}"
                f"  {f.change * 1e3:.1f}  {f.peak / 1e6:.0f}\n"
            )
        fts, whoosh = (found[engine] for engine in ENGINES)
        little = little or whoosh.peak
        ratio, memory = whoosh.p95 / fts.p95, whoosh.peak / little
        say(f"{count:9,}  p95 {ratio:.1f} ×, memory {memory:.2f} ×\n")
        broken += ["the two engines answer differently"] if fts.answers != whoosh.answers else []
        broken += [f"p95 at {count:,}: above {MOST} ×"] if count == JUDGED and ratio > MOST else []
        broken += [f"memory at {count:,}: above {MOST_MEMORY} ×"] if memory > MOST_MEMORY else []
    say("".join(f"{line}\n" for line in broken))
    return 1 if broken and given.check else 0


def _apart(engine: str, count: int) -> Figures:
    """Measure one index in a process of its own."""
    command = [sys.executable, __file__, "--one", engine, str(count)]
    return Figures(**json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout))


def _one(engine: str, count: int) -> Figures:
    folder = Path(tempfile.mkdtemp(prefix="search-"))
    try:
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
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    raise SystemExit(main())
