"""The engines agree on random rules and facts, in any order, and again."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from compliance.adapters.engine import DurableEngine
from compliance.rulebase.admission import check_facts
from compliance.rulebase.evaluator import Conclusion, evaluate
from tests.random_rules import TYPES, random_facts, random_rules

pytest.importorskip("durable_rules_engine", exc_type=ImportError)

SEEDS = 300


@pytest.fixture(scope="module")
def durable() -> Iterator[DurableEngine]:
    with DurableEngine() as engine:
        assert engine.health().available
        yield engine


@pytest.mark.parametrize("tens", range(SEEDS // 10))
def test_random_rules_are_judged_alike(durable: DurableEngine, tens: int) -> None:
    concluded = 0
    for seed in range(tens * 10, tens * 10 + 10):
        chance = random.Random(seed)
        rules = random_rules(chance, chance.randrange(1, 12))
        facts = random_facts(chance, chance.choice([0, 1, 5, 20, 40]))
        check_facts(facts, TYPES)
        plain = evaluate(rules, facts)
        assert durable.evaluate(rules, facts) == plain, seed

        order = chance.sample(range(len(facts)), len(facts))
        shuffled = [facts[place] for place in order]
        found = durable.evaluate(rules, shuffled)
        assert found == evaluate(rules, shuffled), seed
        assert sorted(Conclusion(rule, tuple(order[n] for n in at)) for rule, at in found) == plain
        concluded += len(plain)
    assert concluded  # a test of nothing would also agree


def test_many_batches_of_one_session_and_of_many_are_judged_alike(durable: DurableEngine) -> None:
    chance = random.Random(1)
    rules, facts = random_rules(chance, 8), random_facts(chance, 3500)
    patterns = [len(rule.patterns) for rule in rules]
    light = [rule for rule in rules if len(rule.patterns) == 1 or len(rule.patterns[0].terms) > 1]
    assert {1} < set(patterns)
    plain = evaluate(light, facts)
    assert durable.evaluate(light, facts) == plain
    assert len(plain) > 1000
