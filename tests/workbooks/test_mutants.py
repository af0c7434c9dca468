"""The oracle finds what each mutant was made for, and nothing of it in its twin."""

from __future__ import annotations

import pytest

from tests.oracle.oracle import IN_SCOPE, SITUATIONS, judge
from tests.workbooks.cases import CASES
from tests.workbooks.mutate import Mutant, base
from tests.workbooks.sound import problems


def test_every_situation_in_scope_has_a_mutant() -> None:
    assert {case.situation for case in CASES} == set(IN_SCOPE)


def test_the_plant_that_mutants_come_from_is_clean() -> None:
    assert judge(base(), None, SITUATIONS) == set()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.situation}-{case.name}")
def test_the_mutant_fires_and_its_twin_does_not(case: Mutant) -> None:
    assert judge(*case.firing(), (case.situation,))
    assert not judge(*case.missing(), (case.situation,))


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.situation}-{case.name}")
def test_the_twins_differ_in_one_cell_or_one_day(case: Mutant) -> None:
    one, one_day = case.firing()
    other, other_day = case.missing()
    changed = [
        (name, row)
        for name, sheet in one.items()
        for row, twin in zip(sheet, other[name], strict=True)
        if row != twin and sum(a != b for a, b in zip(row, twin, strict=True)) == 1
    ]

    assert len(changed) + (one_day != other_day) == 1


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.situation}-{case.name}")
def test_an_import_would_take_both(case: Mutant) -> None:
    assert problems(case.firing()[0]) == []
    assert problems(case.missing()[0]) == []
