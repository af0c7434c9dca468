"""Judging a workbook in memory, the way the program does: examined cells, rows, both engines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from compliance.adapters.example import Workbook
from compliance.bootstrap.installation import read_rules
from compliance.core.findings import Judged
from compliance.core.imports.examine import examine
from compliance.core.judgement import Engine
from compliance.core.looking import judge_as_of
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Vocabulary

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "rules"


@cache
def shipped() -> RuleBase:
    """The shipped rule base."""
    return read_rules(RULES)


def taken(workbook: Workbook) -> tuple[Plant, Tables]:
    """The plant and rows of a workbook without errors."""
    cells = ((name, iter(rows)) for name, rows in workbook.items())
    examined = examine(cells, {v.id: v for v in shipped().of(Vocabulary)}, lambda *_: None)
    assert not examined.problems, [(p.sheet, p.row, p.column, str(p.message)) for p in examined.problems[:5]]
    assert examined.facts is not None
    facts = examined.facts
    return Plant(1, facts.key, None, facts.name, facts.data_start, facts.data_end, facts.data_end), examined.rows


def judged(
    workbook: Workbook, day: date | None = None, rulebase: RuleBase | None = None, engines: Sequence[Engine] = ()
) -> Judged:
    """Judge a workbook as of a day (its own last day of data unless given)."""
    plant, tables = taken(workbook)
    return judge_as_of(plant, tables, rulebase or shipped(), engines, day or plant.data_end)


def triples(found: Judged) -> set[tuple[str, str, str]]:
    """Situation, subject and period of every finding."""
    return {one.key for one in found.findings}
