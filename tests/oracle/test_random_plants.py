"""The random plants are importable, repeatable, and reach every situation in scope."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from tests.oracle.oracle import IN_SCOPE, judge
from tests.oracle.random_plants import random_case, random_plant
from tests.workbooks.sound import problems

_SEEDS = 300


@pytest.mark.slow
def test_every_situation_is_found_in_many_plants() -> None:
    found: Counter[str] = Counter()
    for seed in range(_SEEDS):
        found.update({situation for situation, _, _ in judge(*random_case(seed))})

    assert {situation: found[situation] for situation in IN_SCOPE if found[situation] < 10} == {}


@pytest.mark.slow
def test_an_import_would_take_every_plant() -> None:
    for seed in range(0, _SEEDS, 3):
        assert problems(random_plant(seed)) == [], seed


def test_the_same_seed_gives_the_same_plant_and_day() -> None:
    assert random_case(7) == random_case(7)
    assert random_case(7) != random_case(8)


def test_a_random_plant_is_judged_quickly() -> None:
    workbook, as_of = random_case(11)
    begun = time.process_time()
    judge(workbook, as_of)

    assert time.process_time() - begun < 0.3
