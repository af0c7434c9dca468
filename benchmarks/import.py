"""How long an import takes against a bare pass of openpyxl over the same file, in one process.

``python benchmarks/import.py [--check] [--months 24] [--lines 2] [--rounds 3] [FILE]``: prints both times and their
ratio; ``--check`` ends with 1 if the import takes more than three times the pass. The best of the rounds counts, as
the noise of a shared machine only ever adds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl

from compliance.adapters.example import generate, write
from compliance.adapters.register import open_register
from compliance.adapters.vault import FileVault
from compliance.adapters.workbook import XlsxWorkbooks
from compliance.bootstrap.installation import read_rules
from compliance.bootstrap.usecases import vocabularies
from compliance.core.acts import PULSE
from compliance.core.imports import Admission, ImportReport, RowGuard, import_workbook
from compliance.kernel.clock import Clock

TODAY = date(2026, 3, 2)
MOST = 3.0
RULES = Path(__file__).resolve().parent.parent / "rules"


def bare_pass(path: Path) -> int:
    """Touch every cell as openpyxl hands them out."""
    book = openpyxl.load_workbook(path, read_only=True)
    return sum(len(row) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True))


def whole_import(path: Path, admits: Admission) -> float:
    """Seconds that an import into a fresh register takes, from the file to the committed transaction."""
    with tempfile.TemporaryDirectory() as folder:
        records = Path(folder)
        register, vault = open_register(records, None, Clock()), FileVault(records)
        try:
            started = time.perf_counter()
            report = import_workbook(
                path,
                register=register,
                vault=vault,
                workbooks=XlsxWorkbooks(),
                admits=admits,
                actor=PULSE,
                today=TODAY,
                progress=lambda *_: None,
            )
            taken = time.perf_counter() - started
        finally:
            register.close()
    if not isinstance(report, ImportReport):
        sys.exit(f"not imported: {report.problems[:5]}")
    return taken


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--lines", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    rules = read_rules(RULES)
    admits = Admission(vocabularies(rules), RowGuard(rules, TODAY))
    with tempfile.TemporaryDirectory() as folder:
        path: Path = args.file or Path(folder) / "plant.xlsx"
        if args.file is None:
            write(generate(TODAY, months=args.months, lines=args.lines), path)
        cells = bare_pass(path)
        rounds = [(timed(lambda: bare_pass(path)), whole_import(path, admits)) for _ in range(args.rounds)]
    bare, ours = (min(times) for times in zip(*rounds, strict=True))
    print(f"cells {cells:,}  openpyxl pass {bare:.2f} s  import {ours:.2f} s  ratio {ours / bare:.2f} (at most {MOST})")
    return int(args.check and ours > MOST * bare)


if __name__ == "__main__":
    sys.exit(main())
