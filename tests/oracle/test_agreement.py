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


#: What no workbook shows: it is refused before it is done (tests/system/test_locks.py, tests/core/test_refusing.py).
AT_THE_ACT = {"L-18", "L-39", "L-40", "L-41"}
#: What is told by sheets that workbooks need not have (tests/system/test_locks.py).
OF_OWN_SHEETS = {"L-34", "L-35a", "L-35b", "L-36", "L-37"}


def test_a_clean_plant_is_clean() -> None:
    assert judged(generate(date(2026, 6, 18), months=14, lines=2)).findings == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.situation}-{case.name}")
def test_every_firing_and_missing_workbook_is_judged_alike(case: Mutant) -> None:
    for workbook, day in (case.firing(), case.missing()):
        assert triples(judged(workbook, day)) == judge(workbook, day)


def test_the_program_judges_every_situation_of_the_oracle() -> None:
    shown = {rule.situation for rule in shipped().of(Finding)} - AT_THE_ACT - OF_OWN_SHEETS
    assert shown == set(IN_SCOPE)
