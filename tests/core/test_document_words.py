"""The words of an issued document: of the rules, or texts in both languages; none is written down in a module alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from compliance.core.documents.sets import DATA_SETS, Asked
from compliance.core.judged import OccurrenceState
from compliance.core.model import Instrument, InstrumentCheck, Row
from compliance.kernel.text import Text
from compliance.rulebase.schema import Strength, Vocabulary
from tests.conftest import ROOT
from tests.core.world import row, shipped

ON = date(2026, 7, 20)
PACKAGE = ROOT / "compliance" / "core" / "documents"
HAN = re.compile(r"[一-鿿]+")
#: How a day is written; no words.
DAYS = {"年", "月", "日"}


def alone(source: str) -> Iterator[str]:
    """Chinese words of a module that stand neither in a text of both languages nor in what describes the module."""
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text":
            told |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield from set(HAN.findall(node.value)) - DAYS


def test_no_word_of_a_document_stands_in_a_module_alone() -> None:
    found = {path.name: list(alone(path.read_text(encoding="utf-8"))) for path in PACKAGE.rglob("*.py")}
    assert {name: words for name, words in found.items() if words} == {}
    assert len(found) > 30


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('a = "已逾期"', ["已逾期"]),
        ('a = f"共 {n} 项"', ["共", "项"]),
        ('a = Text("已逾期", "overdue")', []),
        ('a = Text(f"共 {n} 项", f"{n} in all")', []),
        ('"""已逾期"""', []),
        ('a = f"{y}年{m}月"', []),
    ],
)
def test_the_search_would_notice(source: str, words: list[str]) -> None:
    assert sorted(alone(source)) == sorted(words)


def word(vocabulary: str, word_id: str) -> str:
    """The word of the rules; an id without one raises."""
    (found,) = (w.zh for v in shipped().wordings(Vocabulary, vocabulary) for w in v.words if w.id == word_id)
    return found


def gathered(name: str, *rows: Row, **given: Any) -> Any:
    data = SimpleNamespace(rows=lambda kind: [one for one in rows if isinstance(one, kind)])
    cells = {"row": lambda one: {"number": one.number}}
    asked = SimpleNamespace(data=data, day=ON, plant=None, word=word, rulebase=shipped(), **cells, **given)
    return DATA_SETS[name].gather(cast("Asked", asked))[name]


def test_a_duty_stands_as_the_words_of_the_rules_say() -> None:
    said = {"code": "X", "title": Text("月报", "report"), "clause": "1", "subject": "", "owner": "", "done_on": None}
    due = [
        SimpleNamespace(**said, period="2026-02", opens=ON, due=date(2026, 3, n), key=n, state=state)
        for n, state in enumerate(OccurrenceState, 1)
    ]
    made = gathered("duties", period="2026-03", reads=SimpleNamespace(occurrences=lambda _plant: due))
    assert [row["state"] for row in made] == [word("duty-state", state) for state in OccurrenceState]
    assert len({row["state"] for row in made}) == len(OccurrenceState)


def test_every_statement_is_shown_with_its_strength_and_whether_it_is_met() -> None:
    made = gathered("coverage")
    assert {row["strength"] for row in made} <= {word("strength", one) for one in Strength}
    assert {row["state"] for row in made} <= {word("met-state", "met"), word("met-state", "gap")}
    assert len({row["strength"] for row in made}) > 1


def test_an_instrument_is_in_service_with_a_certificate_or_without_one_or_not() -> None:
    used = {"commissioned": date(2025, 1, 1)}
    rows = (
        row(Instrument, number="A", **used),
        row(Instrument, number="B", **used),
        row(Instrument, number="C", commissioned=date(2030, 1, 1)),
        row(InstrumentCheck, instrument="A", type=word("check-type", "verification"), on=date(2026, 1, 1),
            result=word("check-result", "pass"), valid_until=date(2027, 1, 1)),
    )  # fmt: skip
    assert [(one["number"], one["state"]) for one in gathered("instruments", *rows)] == [
        ("A", word("instrument-state", "certified")),
        ("B", word("instrument-state", "uncertified")),
        ("C", word("instrument-state", "out")),
    ]
