"""The program and the brute-force oracle come to the same findings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from compliance.adapters.engine import DurableEngine
from compliance.adapters.example import example_plant, generate
from compliance.rulebase.schema import Finding
from tests.judging import judged, shipped, triples
from tests.oracle.oracle import IN_SCOPE, judge
from tests.oracle.random_plants import random_case
from tests.workbooks.cases import CASES
from tests.workbooks.mutate import Mutant

_SEEDS, _SHARE = 300, 25


@pytest.fixture(scope="module")
def engine() -> Iterator[DurableEngine]:
    with DurableEngine() as one:
        yield one


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, _SEEDS, _SHARE))
def test_random_plants_are_judged_alike(first: int, engine: DurableEngine) -> None:
    for seed in range(first, first + _SHARE):
        workbook, day = random_case(seed)
        assert triples(judged(workbook, day, engines=(engine,))) == judge(workbook, day), (seed, day)


@pytest.mark.parametrize("today", [date(2026, 3, 1), date(2026, 4, 1), date(2026, 12, 31), date(2028, 2, 29)])
def test_the_example_plant_is_judged_alike(today: date) -> None:
    workbook = example_plant(today)
    assert triples(judged(workbook)) == judge(workbook, None)


def test_a_clean_plant_is_clean() -> None:
    assert judged(generate(date(2026, 6, 18), months=14, lines=2)).findings == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.situation}-{case.name}")
def test_every_firing_and_missing_workbook_is_judged_alike(case: Mutant) -> None:
    for workbook, day in (case.firing(), case.missing()):
        assert triples(judged(workbook, day)) == judge(workbook, day)


def test_the_program_judges_every_situation_of_the_oracle() -> None:
    assert {rule.situation for rule in shipped().of(Finding)} == set(IN_SCOPE)
