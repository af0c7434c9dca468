"""What judging one day of the example plant costs, at a small and a large history, against reading its tables.

``python benchmarks/reconcile.py [--check] [--months 3,24] [--rounds 3]``: imports a generated plant of each length,
judges a day and the day after it, and prints the statements of a day, its time as a multiple of a pure read of the
same tables in the same run, the time a fact, and the share of the engines. ``--check`` ends with 1 if the statements
of a day grow with the history or are more than 80. The best of the rounds counts.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from compliance.adapters.example import generate, write
from compliance.bootstrap.installation import OPERATOR, Installation, build, make_workspace
from compliance.bootstrap.usecases import import_file
from compliance.core.imports import ImportReport
from compliance.core.judgement import Engine, EngineHealth
from compliance.core.plants import Plant
from compliance.core.reconcile import Pulse
from compliance.rulebase.evaluator import Conclusion, Fact, JudgingRule, evaluate

TODAY = date(2026, 6, 15)
MOST_STATEMENTS = 80


class Watched:
    """An engine that notes how many facts it was given and how long it took."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.facts, self.other, self.plain = 0, 0.0, 0.0

    def evaluate(self, rules: Sequence[JudgingRule], facts: Sequence[Fact]) -> list[Conclusion]:
        self.facts = len(facts)
        self.plain = timed(lambda: evaluate(rules, facts))
        started = time.perf_counter()
        found = self._engine.evaluate(rules, facts)
        self.other = time.perf_counter() - started
        return found

    def health(self) -> EngineHealth:
        return self._engine.health()


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a plant: seconds of judging and of a pure read; seconds of each engine; facts; statements."""

    judged: float
    read: float
    plain: float
    other: float
    facts: int
    statements: int


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _plant(installation: Installation) -> Plant:
    with installation.register.read() as reads:
        return reads.plants()[0]


def _read(installation: Installation) -> None:
    plant = _plant(installation)
    with installation.register.read() as reads:
        reads.tables(plant)
        reads.occurrences(plant)
        reads.findings(plant)


def measure(months: int, rounds: int) -> Day:
    """Judge the days after the import of a plant with a history of some months."""
    with tempfile.TemporaryDirectory() as folder:
        workspace, book = Path(folder) / "workspace", Path(folder) / "plant.xlsx"
        make_workspace(workspace, demo=True)
        write(generate(TODAY, months=months, lines=2), book)
        installation = build(workspace, None, TODAY)
        try:
            report = import_file(installation, book, OPERATOR, None, lambda *_: None)
            if not isinstance(report, ImportReport):
                sys.exit(f"not imported: {report.problems[:5]}")
            return min((_day(installation, n) for n in range(rounds + 1)), key=lambda day: day.judged)
        finally:
            installation.close()


def _day(installation: Installation, after: int) -> Day:
    engine = Watched(installation.engine)
    pulse = Pulse(installation.register, installation.vault, installation.rulebase, (engine,))
    plant = _plant(installation)
    started = time.perf_counter()
    done = pulse.reconcile(plant, TODAY + timedelta(days=after))
    judged = time.perf_counter() - started - engine.plain  # the watcher ran the plain evaluator once more
    read = min(timed(lambda: _read(installation)) for _ in range(3))
    return Day(judged, read, engine.plain, engine.other, engine.facts, done.statements)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", default="3,24", type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    print("months     facts  statements  day/read  µs a fact  plain engine  other engine")
    days = {months: measure(months, args.rounds) for months in args.months}
    for months, day in days.items():
        shares = f"{day.plain / day.judged:>13.0%}{day.other / day.judged:>14.0%}"
        figures = f"{day.judged / day.read:>9.1f}×{day.judged / max(1, day.facts) * 1e6:>11.0f}"
        print(f"{months:>6}{day.facts:>10,}{day.statements:>12}{figures}{shares}")
    statements = {day.statements for day in days.values()}
    return int(args.check and (len(statements) > 1 or max(statements) > MOST_STATEMENTS))


if __name__ == "__main__":
    sys.exit(main())
