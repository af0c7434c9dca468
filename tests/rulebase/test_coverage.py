"""The register of requirements: nothing is counted as met that no rule meets."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from compliance.bootstrap.installation import read_rules
from compliance.rulebase.coverage import by_chapter, coverage, order
from compliance.rulebase.schema import Requirement, Slip, Strength
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from compliance.rulebase.rulebase import RuleBase
    from tests.rulebase.conftest import Loading

DAY = date(2026, 6, 1)
HEAD = 'schema = 1\n[defaults]\nsource.document = "{}"\nin_force = {{ from = 2020-01-01 }}\n'
REGISTER = """
[requirement.{id}]
code = "{code}"
title = {{ zh = "某要求", en = "Something" }}
source = {{ clause = "2", strength = "shall" }}
"""


@pytest.fixture(scope="module")
def shipped() -> RuleBase:
    return read_rules(ROOT / "rules")


def _register(*blocks: tuple[str, str], document: str = "House rules") -> str:
    return HEAD.format(document) + "".join(REGISTER.format(id=i, code=code) for i, code in blocks)


def _codes(loading: Loading) -> list[tuple[str, str]]:
    """Every code that the small rule base names, as blocks of a register."""
    base, _problems = loading()
    assert base is not None
    codes = sorted({code for rule in base.rules for code in rule.source.requirements})
    return [(f"r{n}", code) for n, code in enumerate(codes)]


def test_a_requirement_is_met_by_the_rules_that_name_it(loading: Loading) -> None:
    blocks = [*_codes(loading), ("lone", "R-99")]
    base, problems = loading(("register.toml", "", _register(*blocks)))
    assert base is not None, problems
    rows = {row.requirement.code: row for row in coverage(base, DAY)}
    assert ("approval", "deal") in [(m.kind, m.id) for m in rows["R-2-b"].met_by]
    assert [code for code, row in rows.items() if row.gap] == ["R-99"]
    assert {row.requirement.code: row.gap for row in coverage(base, date(2019, 1, 1))} == {}


@pytest.mark.parametrize("key", ["holds", "asks"])
def test_the_model_or_the_audit_may_meet_it(loading: Loading, key: str) -> None:
    more = _register(*_codes(loading), ("lone", "R-99")) + f'{key} = {{ zh = "是否？", en = "Is it?" }}\n'
    if key == "asks":
        _base, problems = loading(("register.toml", "", more))
        assert _base is not None, problems
        assert [row.requirement.code for row in coverage(_base, DAY) if row.gap] == ["R-99"]  # a question alone is none
        more += "organisational = true\n"
    base, problems = loading(("register.toml", "", more))
    assert base is not None, problems
    row = next(row for row in coverage(base, DAY) if row.requirement.code == "R-99")
    assert not row.gap
    assert row.organisational is (key == "asks")
    assert row.question.en == ("Is it?" if key == "asks" else "How is this met: “Something”? See the records.")


def test_what_the_audit_alone_judges_needs_a_question(loading: Loading) -> None:
    _base, problems = loading(("register.toml", "", _register(("lone", "R-99")) + "organisational = true\n"))
    assert [p.message.en for p in problems if "needs a question" in p.message.en]


STANDARD = """
[standard.house]
title = {{ zh = "某标准", en = "Some standard" }}
source = {{ clause = "1", strength = "fact" }}
code = "H-1"
edition = {{ zh = "草案", en = "draft" }}
statements = {count}
"""


def test_a_register_that_lost_a_statement_is_refused(loading: Loading) -> None:
    blocks = _codes(loading)
    for count, said in ((len(blocks), []), (len(blocks) + 1, [f"the register holds {len(blocks)}"])):
        text = _register(*blocks) + STANDARD.format(count=count)
        _base, problems = loading(("register.toml", "", text))
        assert [p.message.en.partition(", ")[2] for p in problems if "the register holds" in p.message.en] == said


def test_a_rule_that_names_an_unknown_requirement_is_refused_with_the_nearest(loading: Loading) -> None:
    blocks = [(i, code) for i, code in _codes(loading) if code != "R-2-b"]
    base, problems = loading(("register.toml", "", _register(*blocks, ("near", "R-2-bb"))))
    assert base is None
    assert {p.message.en for p in problems} == {"source: there is no requirement 'R-2-b'; did you mean 'R-2-bb'?"}


def test_a_document_without_a_register_is_free_in_its_codes(loading: Loading) -> None:
    base, problems = loading(("register.toml", "", _register(("lone", "R-99"), document="Another standard")))
    assert base is not None, problems


def test_a_code_belongs_to_one_requirement(loading: Loading) -> None:
    twice = _register(*_codes(loading), ("one", "R-99"), ("two", "R-99"))
    base, problems = loading(("register.toml", "", twice))
    assert base is None
    assert [p.message.en for p in problems] == ["code: 'R-99' belongs to one already"]


def test_a_slip_must_exist(loading: Loading) -> None:
    more = _register(*_codes(loading), ("lone", "R-99")) + 'slips = ["x-9"]\n'
    base, problems = loading(("register.toml", "", more))
    assert base is None
    assert "there is no slip 'x-9'" in problems[0].message.en


def test_codes_run_as_the_document_does() -> None:
    codes = ["R-C.3-e2", "R-5-1", "R-10.1-a", "R-5.1.2-a2", "R-5.1.2-a1", "R-4.2-n", "R-4.2-a", "R-A.1.1", "R-5.1.1-a"]
    assert sorted(codes, key=order) == [
        "R-4.2-a",
        "R-4.2-n",
        "R-5-1",
        "R-5.1.1-a",
        "R-5.1.2-a1",
        "R-5.1.2-a2",
        "R-10.1-a",
        "R-A.1.1",
        "R-C.3-e2",
    ]


def test_chapters_count_every_requirement_once(shipped: RuleBase) -> None:
    rows = coverage(shipped, DAY)
    chapters = by_chapter(rows)
    assert sum(c.total for c in chapters) == len(rows) == len(shipped.of(Requirement))
    assert sum(c.met + c.gaps for c in chapters) == len(rows)
    assert [c.chapter for c in chapters] == ["1", "2", "3", "4", "5", "6", "7", "8", "A", "C"]


_STRENGTHS = {"S": "shall", "S\\*": "shall", "R": "should", "P": "may", "I": "informative", "F": "fact"}


@pytest.mark.shared
def test_the_register_holds_every_statement_with_its_strength(shared: Path, shipped: RuleBase) -> None:
    """Compared with the catalogue row by row; annexes without a column of strength are informative."""
    text = (shared / "standard" / "requirements.md").read_text(encoding="utf-8")
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) > 2 and re.fullmatch(r"R-[0-9A-C].*", cells[0]):
            word = cells[1].split()[0]
            found[cells[0]] = _STRENGTHS.get(word, "informative")
    ours = {r.code: r.source.strength.value for r in shipped.of(Requirement)}
    assert set(ours) == set(found)
    differing = {code: (ours[code], found[code]) for code in ours if ours[code] != found[code]}
    assert differing == {}


@pytest.mark.shared
def test_every_slip_stands_in_the_rules(shared: Path, shipped: RuleBase) -> None:
    text = (shared / "standard" / "requirements.md").read_text(encoding="utf-8")
    assert {s.code for s in shipped.of(Slip)} == set(re.findall(r"^\| (X-\d\d) ", text, re.MULTILINE))


def test_stated_facts_are_held_by_the_model(shipped: RuleBase) -> None:
    facts = [row for row in coverage(shipped, DAY) if row.requirement.source.strength is Strength.FACT]
    assert facts
    assert [row.requirement.code for row in facts if row.gap] == []


def test_every_statement_is_met_by_something(shipped: RuleBase) -> None:
    assert [row.requirement.code for row in coverage(shipped, DAY) if row.gap] == []


#: What people alone judge, each with its question: the catalogue gives no deadline, approver or number.
ORGANISATIONAL = {
    "R-4.1-2", "R-4.1-3", "R-4.2-b", "R-4.3-f1", "R-4.4.3-c", "R-4.4.4-b", "R-6.1.1-0", "R-6.1.3-c", "R-C.1-d",
    "R-C.2-b", "R-C.4-b", "R-C.5-a", "R-C.5-c", "R-C.6-a",
}  # fmt: skip


def test_what_the_audit_alone_judges_is_named_here(shipped: RuleBase) -> None:
    alone = {row.requirement.code for row in coverage(shipped, DAY) if row.organisational}
    assert alone <= ORGANISATIONAL
