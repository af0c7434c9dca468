"""What waits for a person, on both databases: cases at hand with their steps, and duties with those of cases."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

import pytest

from compliance.adapters.lists import SqlLists
from compliance.core.judged import NONCONFORMITY, OCCURRENCE
from compliance.core.lists import TO_DO, NonconformityQuery
from tests.web.world import TODAY, MovableClock, fill, furnish, rules

if TYPE_CHECKING:
    from compliance.adapters.register import SqlRegister
    from compliance.rulebase.rulebase import RuleBase
    from tests.web.world import World

STATES = {
    OCCURRENCE: ("submitted", "checked", "returned", "waiver-requested"),
    NONCONFORMITY: ("opened", "graded", "in-progress"),
}


@cache
def _rules() -> RuleBase:
    return rules()


@pytest.fixture
def world(register: SqlRegister) -> World:
    made = furnish(register, MovableClock(), _rules())
    fill(made, made.plants[0], 20)
    fill(made, made.plants[1], 5)
    return made


def test_cases_at_hand_come_with_their_steps_and_the_persons_own_periods(world: World) -> None:
    found = SqlLists(world.register.database).at_hand(world.plants[0], "P04", STATES)
    assert [p.account for p in found.periods] == ["P04"]
    by_id = {c.object_id: c for c in found.cases}
    assert len(by_id) == len(found.cases) == 5
    own = by_id["NC-2026-0001"]
    assert (own.owner, str(own.due), own.state) == ("P04", "2026-12-15", "in-progress")
    assert [t.step for t in own.taken] == [
        "grade", "contain", "analyse", "plan", "approve-plan", "start", "report-progress",
    ]  # fmt: skip
    assert {t.person for t in own.taken} == {"P05", "P04", "P03"}
    assert by_id["NC-2026-0002"].taken == ()
    assert by_id["NC-2026-0002"].ticket is not None
    handed = next(c for c in found.cases if c.kind == OCCURRENCE)
    assert (handed.state, handed.ticket, [t.step for t in handed.taken]) == ("submitted", None, ["submit"])


def test_settled_cases_and_other_plants_cases_are_not_at_hand(world: World) -> None:
    lists = SqlLists(world.register.database)
    none = {OCCURRENCE: ("accepted", "waived"), NONCONFORMITY: ("closed", "withdrawn")}
    assert lists.at_hand(world.plants[0], "P04", none).cases == ()
    west = lists.at_hand(world.plants[1], "nobody", STATES)
    assert (west.periods, len(west.cases)) == ((), 2)


def test_duties_are_the_first_of_each_stretch_of_days_and_those_of_the_keys(world: World) -> None:
    lists, east = SqlLists(world.register.database), world.plants[0]
    until = TODAY + timedelta(days=30)
    due = lists.duties(east, [(date.min, until)], 99, ())
    assert {row.occurrence.state for row in due} <= set(TO_DO)
    assert [r.occurrence.due for r in due] == sorted(r.occurrence.due for r in due)
    with world.register.read() as reads:
        done = next(o for o in reads.occurrences(east) if o.state not in TO_DO)
    more = lists.duties(east, [(date.min, until)], 99, [done.key, due[0].occurrence.key])
    assert {r.id for r in more} - {r.id for r in due} == {lists.occurrence_number(east, done.key)}
    assert len(more) == len(due) + 1
    middle = due[len(due) // 2].occurrence.due
    first = [r for r in due if r.occurrence.due < middle][:2]
    second = [r for r in due if r.occurrence.due >= middle][:2]
    stretches = [(date.min, middle - timedelta(days=1)), (middle, until)]
    assert lists.duties(east, stretches, 2, ()) == [*first, *second]


def test_nonconformities_are_found_by_owner_and_lateness(world: World) -> None:
    lists, east = SqlLists(world.register.database), world.plants[0]

    def numbers(query: NonconformityQuery) -> list[str]:
        return [r.nonconformity.number for r in lists.nonconformities(east, query).rows]

    late = TODAY + timedelta(days=60)
    assert numbers(NonconformityQuery(owner="P04")) == ["NC-2026-0001"]
    assert numbers(NonconformityQuery(late_on=late, settled=("closed",))) == ["NC-2026-0001"]
    assert numbers(NonconformityQuery(late_on=TODAY, settled=("closed",))) == []
    assert numbers(NonconformityQuery(late_on=late, settled=("in-progress",))) == []
