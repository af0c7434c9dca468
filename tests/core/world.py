"""Hand-made rows of one plant, and the program's view of them: small enough to see every row of a test."""

from __future__ import annotations

import shutil
from collections import defaultdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from compliance.core.facts import CATALOGUE, facts_of
from compliance.core.judged import Occurrence
from compliance.core.looking import look, own_values
from compliance.core.model import PlantData, Row
from compliance.core.obligations import READERS, occurrences_of
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.rulebase.evaluator import FactValue
from compliance.rulebase.loader import load
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Obligation
from tests.conftest import ROOT

R = TypeVar("R", bound=Row)
Fact = dict[str, FactValue]
KEY = "91990000770195676B"
START = date(2025, 1, 1)


def loaded(folder: Path) -> RuleBase:
    """The rule base of a folder; built here, so that tests of the core load no database."""
    rulebase, problems = load(folder, CATALOGUE, READERS)
    assert rulebase is not None, problems
    return rulebase


@cache
def shipped() -> RuleBase:
    """The shipped rule base, loaded once."""
    return loaded(ROOT / "rules")


def altered(folder: Path, file: str, *changes: tuple[str, str]) -> RuleBase:
    """The shipped rule base with some places of one file changed; each old text must stand there once."""
    shutil.copytree(ROOT / "rules", folder / "rules")
    path = folder / "rules" / file
    text = path.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, (file, old, text.count(old))
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    return loaded(folder / "rules")


@cache
def _duty(code: str) -> RuleBase:
    """The shipped rule base with the duties of one code alone."""
    base = shipped()
    kept = tuple(r for r in base.rules if not isinstance(r, Obligation) or r.code == code)
    return RuleBase(kept, base.files)


def row(kind: type[R], **cells: Any) -> R:
    """A row of which only the named cells are given."""
    names = [c.name for c in kind.SHEET.columns]
    assert set(cells) <= set(names), set(cells) - set(names)
    return kind(**dict.fromkeys(names) | cells)


def tables(*rows: Row) -> Tables:
    """Rows by type, in the order of their keys."""
    found: dict[type[Row], list[Row]] = defaultdict(list)
    for one in rows:
        found[type(one)].append(one)
    return {kind: sorted(given, key=lambda r: tuple(map(str, r.key()))) for kind, given in found.items()}


def plant(start: date = START, end: date = date(2030, 12, 31)) -> Plant:
    return Plant(1, KEY, "JIA", "甲厂", start, end, end)


def seen(*rows: Row, on: date, start: date = START, rules: RuleBase | None = None) -> PlantData:
    """The rows as they stand on a day."""
    return look(plant(start), tables(*rows), rules or shipped(), on)


def made(
    code: str, *rows: Row, on: date, until: date | None = None, start: date = START, rules: RuleBase | None = None
) -> list[Occurrence]:
    """The occurrences of one code as of a day."""
    base = rules or _duty(code)
    data = seen(*rows, on=on, start=start, rules=base)
    return [o for o in occurrences_of(data, base, own_values(data), until or on) if o.code == code]


def facts(kind: str, *rows: Row, on: date, start: date = START, rules: RuleBase | None = None) -> list[Fact]:
    """The facts of one kind as of a day."""
    base = rules or shipped()
    data = seen(*rows, on=on, start=start, rules=base)
    values = own_values(data)
    occurrences = occurrences_of(data, base, values, on) if kind == "occurrence" else []
    return facts_of(data, base, occurrences, values, frozenset({kind}))


def fact(kind: str, *rows: Row, on: date, rules: RuleBase | None = None) -> Fact:
    """The one fact of a kind."""
    found = facts(kind, *rows, on=on, rules=rules)
    assert len(found) == 1, found
    return found[0]
