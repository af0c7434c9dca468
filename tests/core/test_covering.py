"""Where a plant stands with a statement: the worst that is true, and what it rests on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from compliance.core.covering import Facts, Last, Paper, Standing, Stated, Wrong, counts_of, stated
from compliance.core.judged import OccurrenceState as State
from compliance.rulebase.coverage import SECTION, Covered, MetBy
from compliance.rulebase.schema import Requirement
from tests.core.world import shipped

DUTY, FINDING, DOCUMENT = MetBy("obligation", "duty"), MetBy("finding", "wrong"), MetBy(SECTION, "paper/part")
NOTHING = Facts()
AUDIT = MetBy("audit-question", "R-X")


def last(state: State, obligation: str = "duty", day: int = 1) -> Last:
    due = date(2026, 1, day)
    return Last(obligation=obligation, code="OB", state=state, subject="P", period="2026-01", due=due, done_on=None)


def one(*met: MetBy, facts: Facts = NOTHING, outside: tuple[str, ...] = ()) -> Stated:
    requirement = replace(shipped().of(Requirement)[0], organisational=AUDIT in met)
    (row,) = stated([Covered(requirement, met)], facts, outside)
    return row


def lasts(*states: State) -> Facts:
    return Facts(tuple(last(state) for state in states))


@pytest.mark.parametrize(
    ("met", "facts", "standing"),
    [
        ((), Facts(), Standing.GAP),
        ((AUDIT,), Facts(), Standing.AUDIT),
        ((MetBy("approval", "chain"),), Facts(), Standing.KEPT),
        ((DUTY,), Facts(), Standing.IDLE),
        ((DUTY,), lasts(State.NOT_APPLICABLE), Standing.IDLE),
        ((DUTY,), lasts(State.NOT_RECORDED, State.UPCOMING), Standing.NEVER),
        ((DUTY,), lasts(State.OPEN), Standing.NEVER),
        ((DUTY,), lasts(State.DONE, State.UPCOMING), Standing.MET),
        ((DUTY,), lasts(State.DONE_LATE, State.OPEN), Standing.OPEN),
        ((DUTY,), lasts(State.DONE, State.OPEN, State.OVERDUE), Standing.LATE),
        ((DUTY, FINDING), Facts(), Standing.CLEAR),
        ((DUTY, FINDING), lasts(State.NOT_RECORDED), Standing.NEVER),
        ((DUTY, FINDING), lasts(State.DONE), Standing.MET),
        ((FINDING, DOCUMENT), Facts(), Standing.CLEAR),
        ((FINDING, DOCUMENT), Facts(papers=(Paper("paper", 1, 1),)), Standing.MET),
        ((FINDING,), Facts(wrong=(Wrong("wrong", "L-1", 2),)), Standing.LATE),
        ((FINDING,), Facts(wrong=(Wrong("other", "L-1", 2),)), Standing.CLEAR),
        ((DOCUMENT,), Facts(), Standing.NEVER),
        ((DOCUMENT,), Facts(papers=(Paper("paper", 1, 0),)), Standing.NEVER),
        ((DOCUMENT,), Facts(papers=(Paper("paper", 2, 1),)), Standing.MET),
        ((DUTY,), Facts((last(State.OVERDUE, "another"),)), Standing.IDLE),
    ],
)
def test_the_worst_that_is_true_stands(met: tuple[MetBy, ...], facts: Facts, standing: Standing) -> None:
    assert one(*met, facts=facts).standing is standing


def test_what_it_rests_on_comes_newest_first() -> None:
    row = one(DUTY, facts=Facts((last(State.DONE, day=2), last(State.OVERDUE, day=9), last(State.OPEN, day=5))))
    assert [o.due.day for o in row.lasts] == [9, 5, 2]


def test_outside_the_scope_nothing_is_late() -> None:
    document = shipped().of(Requirement)[0].source.document
    rows = [one(DUTY, facts=lasts(State.OVERDUE), outside=(document,))]
    assert counts_of(rows)[Standing.OUTSIDE] == 1
