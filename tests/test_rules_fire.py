"""Every shipped finding fires on facts that satisfy it and on none that miss by one field, by both engines alike."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from compliance.adapters.engine import DurableEngine
from compliance.core.facts import CATALOGUE, fact_types
from compliance.core.judgement import judge
from compliance.core.obligations import READERS
from compliance.rulebase.evaluator import Conclusion, JudgingRule, judging_rule
from compliance.rulebase.loader import load
from compliance.rulebase.schema import Finding, Op, Pattern, PropOf, PropType, Term
from tests.firing import Situation, situations

ROOT = Path(__file__).resolve().parent.parent
EACH = 100


@cache
def shipped() -> tuple[tuple[Finding, ...], Mapping[str, Mapping[str, PropType]]]:
    base, problems = load(ROOT / "rules", CATALOGUE, READERS)
    assert base is not None, "\n".join(f"{each.file}:{each.line} {each.rule} {each.message}" for each in problems)
    return base.of(Finding), fact_types(base)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "finding" in metafunc.fixturenames:
        try:
            findings = shipped()[0]
        except AssertionError:  # the test below says why
            findings = ()
        metafunc.parametrize("finding", findings, ids=[judging_rule(each).name for each in findings])


@pytest.fixture(scope="module")
def durable() -> Iterator[DurableEngine]:
    pytest.importorskip("durable_rules_engine", exc_type=ImportError)
    with DurableEngine() as engine:
        assert engine.health().available
        yield engine


def check(rule: JudgingRule, types: Mapping[str, Mapping[str, PropType]], engine: DurableEngine, seed: int) -> None:
    """Judge situations by both engines: together where a rule looks at single facts, else one by one."""
    found = situations(rule, types, seed, EACH)
    assert sum(each.fires for each in found) >= EACH
    assert sum(not each.fires for each in found) >= EACH
    chance = random.Random(seed)
    groups = [found] if len(rule.patterns) == 1 else [[each] for each in found]
    for group in groups:
        chance.shuffle(group)
        _check(rule, types, engine, group, chance)


def _check(
    rule: JudgingRule,
    types: Mapping[str, Mapping[str, PropType]],
    engine: DurableEngine,
    group: list[Situation],
    chance: random.Random,
) -> None:
    numbered = [(each, place) for each in group for place in range(len(each.facts))]
    chance.shuffle(numbered)
    facts: list[Mapping[str, Any]] = [each.facts[place] for each, place in numbered]
    where = {(id(each), place): number for number, (each, place) in enumerate(numbered)}
    judgement = judge([rule], facts, types, [engine])
    assert not judgement.single
    concluded = set(judgement.conclusions)
    for each in group:
        expected = Conclusion(rule.name, tuple(where[id(each), place] for place in range(len(each.facts))))
        assert (expected in concluded) == each.fires, (each.changed, each.facts)
    if not any(each.fires for each in group):
        assert not concluded
    if len(rule.patterns) == 1:
        assert len(concluded) == sum(each.fires for each in group)


def test_the_shipped_rules_load() -> None:
    assert shipped()[0]


def test_each_finding_fires_and_is_missed_by_one_field(finding: Finding, durable: DurableEngine) -> None:
    check(judging_rule(finding), shipped()[1], durable, seed=1)


TYPES = {
    "k": {"n": PropType.NUMBER, "t": PropType.TEXT, "d": PropType.DAY, "e": PropType.DAY, "f": PropType.FLAG},
    "l": {"n": PropType.NUMBER, "t": PropType.TEXT, "d": PropType.DAY},
}
DAY = date(2026, 1, 1)
JOINED = JudgingRule(
    "joined@2026-01-01",
    (
        Pattern(
            "k",
            "a",
            (
                Term("n", Op.GT, 40),
                Term("n", Op.LTE, 45),
                Term("d", Op.GT, PropOf("", "e")),
                Term("f", Op.EQ, False),
                Term("t", Op.GIVEN, True),
            ),
        ),
        Pattern("l", "b", (Term("t", Op.EQ, PropOf("a", "t")), Term("d", Op.LT, PropOf("a", "d")))),
        Pattern("l", "c", (Term("n", Op.GIVEN, False), Term("t", Op.NE, PropOf("b", "t")))),
    ),
    DAY,
    date(2026, 6, 30),
)


def test_the_generator_reaches_joins_ranges_and_absence(durable: DurableEngine) -> None:
    check(JOINED, TYPES, durable, seed=1)
    changed = {each.changed for each in situations(JOINED, TYPES, 1) if each.changed}
    assert changed == {(0, "n"), (0, "d"), (0, "f"), (0, "t"), (1, "t"), (1, "d"), (2, "n"), (2, "t"), (0, "on")}


def test_the_generator_would_notice_a_rule_that_means_something_else(durable: DurableEngine) -> None:
    other = JudgingRule(JOINED.name, (*JOINED.patterns[:1],), JOINED.start, JOINED.until)
    loosened = Pattern("k", "a", (Term("n", Op.GTE, 40), *other.patterns[0].terms[1:]))
    wrong = JudgingRule(JOINED.name, (loosened,), other.start, other.until)
    found = situations(other, TYPES, 1)
    with pytest.raises(AssertionError):
        _check(wrong, TYPES, durable, found, random.Random(1))


def test_a_rule_that_cannot_fire_is_found() -> None:
    never = JudgingRule("never", (Pattern("k", "a", (Term("n", Op.GT, 5), Term("n", Op.LT, 5))),), DAY)
    with pytest.raises(AssertionError, match="found no facts"):
        situations(never, TYPES, 1)
