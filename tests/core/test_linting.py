"""The checks with everything that the program knows, and the shipped rules under them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from compliance.core.facts import CATALOGUE as CATALOGUE_OF_FACTS
from compliance.core.facts import facts_of
from compliance.core.linting import CHECKS, Check, lint_rules, open_remarks
from compliance.core.linting.plants import PLANT_CHECKS
from compliance.core.looking import look, own_values
from compliance.rulebase.evaluator import FactValue
from compliance.rulebase.linting.base import Setting, remarks_of
from compliance.rulebase.linting.examples import CATALOGUE
from compliance.rulebase.schema import FactRule, Finding, Vocabulary
from tests.conftest import ROOT
from tests.judging import shipped, taken
from tests.rule_texts import unchecked
from tests.workbooks.cases import CASES


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_speaks_in_its_firing_examples_alone(check: Check) -> None:
    assert all(remarks_of(check, Setting(unchecked(text), CATALOGUE)) for text in check.firing)
    assert not any(remarks_of(check, Setting(unchecked(text), CATALOGUE)) for text in check.silent)
    assert check.firing
    assert check.silent


def test_the_shipped_rules_are_clean_and_every_exception_is_explained() -> None:
    found = lint_rules(shipped())
    assert [(r.check, r.rule, r.message.en) for r in open_remarks(found)] == []
    assert all(r.reason and len(r.reason.en.split()) >= 8 for r in found if r.excused_by)


@pytest.mark.parametrize(
    ("rule", "prop", "value"),
    [
        ("reading-unsigned", "signatures", 0),
        ("source-outside-management", "state", "失效了"),
        ("day-missing", "amounts", 0),
    ],
)
def test_a_number_or_word_that_no_fact_has_is_noticed(rule: str, prop: str, value: int | str) -> None:
    """What derivations say of their properties is reasoned with: less than no signature, a word of no vocabulary."""
    base = shipped()
    found = base.wordings(Finding, rule)[-1]
    pattern = found.when[0]
    terms = tuple(replace(t, value=value) if t.prop == prop else t for t in pattern.terms)
    assert terms != pattern.terms
    changed = replace(found, when=(replace(pattern, terms=terms),))
    after = replace(base, rules=tuple(changed if r is found else r for r in base.rules))
    assert ("condition-impossible", f"finding.{rule}") in {(r.check, r.rule) for r in open_remarks(lint_rules(after))}


@pytest.mark.slow
def test_facts_are_what_their_derivations_say_of_them() -> None:
    """No count is below zero and every word is of its vocabulary, in plants with something wrong each."""
    base, seen = shipped(), set[str]()
    for case in CASES[::6]:
        workbook, day = case.missing()
        plant, tables = taken(workbook)
        data = look(plant, tables, base, day or plant.data_end)
        for fact in facts_of(data, base, (), own_values(data)):
            type_ = CATALOGUE_OF_FACTS[base.wordings(FactRule, str(fact["kind"]))[-1].derivation]
            for name in (n for n in (*type_.least, *type_.words) if fact.get(n) is not None):
                seen.add(name)
                assert _declared(fact[name], type_.least.get(name), type_.words.get(name)), (name, fact)
    assert {"missing_cells", "signatures", "state", "effect"} <= seen


def _declared(value: FactValue, least: int | None, vocabulary: str | None) -> bool:
    if least is not None:
        return isinstance(value, int) and value >= least
    rules = [v for v in shipped().of(Vocabulary) if vocabulary in (v.id, v.widens)]
    return value in {word.zh for rule in rules for word in rule.words}


def test_every_check_is_explained_in_the_documentation() -> None:
    text = (ROOT / "docs" / "lint.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)
    assert sorted(set(explained)) == sorted(
        {check.id for check in CHECKS} | {check.id for check in PLANT_CHECKS} | {"exception-unused", "exception-twice"}
    )
