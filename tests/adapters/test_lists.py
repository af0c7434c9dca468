"""Lists on both databases: pages neither skip nor repeat, filters filter, counts count, plants stay apart."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from compliance.adapters.lists import SqlLists
from compliance.core.judged import OccurrenceState
from compliance.core.lists import FindingQuery, LeafQuery, NonconformityQuery, OccurrenceQuery
from tests.web.world import STAFF, TODAY, MovableClock, fill, furnish, rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.adapters.register import SqlRegister
    from compliance.core.lists import Page
    from compliance.core.plants import Plant
    from compliance.rulebase.rulebase import RuleBase
    from tests.web.world import World

SETTLED = ("closed", "withdrawn")


@cache
def _rules() -> RuleBase:
    return rules()


@pytest.fixture
def world(register: SqlRegister) -> World:
    made = furnish(register, MovableClock(), _rules())
    fill(made, made.plants[0], 20)
    fill(made, made.plants[1], 5)
    return made


@pytest.fixture
def lists(world: World) -> SqlLists:
    return SqlLists(world.register.database)


@pytest.fixture
def east(world: World) -> Plant:
    return world.plants[0]


def _walk(ask: Callable[[str], Page[Any]]) -> list[Any]:
    rows: list[Any] = []
    after = ""
    while True:
        page = ask(after)
        rows += page.rows
        if not page.next:
            return rows
        after = page.next


@pytest.mark.parametrize("limit", [1, 3, 7, 20, 50])
@pytest.mark.parametrize("newest", [False, True])
def test_pages_of_occurrences_neither_skip_nor_repeat(
    lists: SqlLists, east: Plant, limit: int, *, newest: bool
) -> None:
    whole = lists.occurrences(east, OccurrenceQuery(limit=1000, newest=newest)).rows
    rows = _walk(lambda after: lists.occurrences(east, OccurrenceQuery(after=after, limit=limit, newest=newest)))
    assert [r.id for r in rows] == [r.id for r in whole]
    assert len(rows) == 20
    due = [r.occurrence.due for r in rows]
    assert due == sorted(due, reverse=newest)


def test_pages_of_findings_tickets_and_leaves_neither_skip_nor_repeat(lists: SqlLists, east: Plant) -> None:
    findings = _walk(lambda a: lists.findings(east, FindingQuery(standing=None, after=a, limit=3)))
    tickets = _walk(lambda a: lists.nonconformities(east, NonconformityQuery(after=a, limit=3)))
    leaves = _walk(lambda a: lists.trail(east, LeafQuery(after=a, limit=3)))
    assert len({f.id for f in findings}) == len(findings) == 20
    assert len({t.nonconformity.number for t in tickets}) == len(tickets) == 4
    assert [x.seq for x in leaves] == list(range(leaves[0].seq, -1, -1))
    assert leaves[0].seq > 20


@pytest.mark.parametrize("newest", [False, True])
def test_pages_of_several_states_are_those_of_the_whole_list(lists: SqlLists, east: Plant, *, newest: bool) -> None:
    states = (OccurrenceState.OVERDUE, OccurrenceState.DONE, OccurrenceState.OPEN)
    whole = lists.occurrences(east, OccurrenceQuery(limit=1000, newest=newest)).rows
    wanted = [r.id for r in whole if r.occurrence.state in states]
    rows = _walk(
        lambda after: lists.occurrences(east, OccurrenceQuery(states=states, after=after, limit=3, newest=newest))
    )
    assert [r.id for r in rows] == wanted
    assert len(wanted) == 12


def test_filters_filter(lists: SqlLists, east: Plant) -> None:
    def occurrences(**asked: Any) -> list[Any]:
        return [r.occurrence for r in lists.occurrences(east, OccurrenceQuery(**asked)).rows]

    assert {o.state for o in occurrences(states=(OccurrenceState.OVERDUE,))} == {OccurrenceState.OVERDUE}
    assert len(occurrences(code="OB-M10")) >= 1
    assert {o.subject for o in occurrences(subject="JL-000")} == {"JL-000"}
    assert {o.period for o in occurrences(period="2000-03")} == {"2000-03"}
    soon = occurrences(due_from=TODAY, due_until=TODAY + timedelta(days=7))
    assert soon
    assert all(TODAY <= o.due <= TODAY + timedelta(days=7) for o in soon)
    standing = lists.findings(east, FindingQuery()).rows
    assert all(f.withdrawn is None for f in standing)
    gone = lists.findings(east, FindingQuery(standing=False)).rows
    assert len(standing) + len(gone) == 20
    assert {f.found.grade for f in lists.findings(east, FindingQuery(grade="major")).rows} == {"major"}


def test_counts_are_those_of_the_lists(lists: SqlLists, east: Plant) -> None:
    todo = (OccurrenceState.OPEN, OccurrenceState.OVERDUE, OccurrenceState.UPCOMING)
    counts = lists.counts(east, TODAY, SETTLED)

    def due(first: int | None, last: int) -> int:
        query = OccurrenceQuery(
            states=todo,
            due_from=None if first is None else TODAY + timedelta(days=first),
            due_until=TODAY + timedelta(days=last),
            limit=1000,
        )
        return len(lists.occurrences(east, query).rows)

    assert counts.overdue == due(None, -1) > 0
    assert counts.within_week == due(0, 7) > 0
    assert counts.within_month == due(0, 30) > counts.within_week
    assert counts.findings == len(lists.findings(east, FindingQuery(limit=1000)).rows)
    assert counts.nonconformities == 4


def test_a_plant_without_anything_counts_nothing(lists: SqlLists, world: World) -> None:
    from dataclasses import replace

    nowhere = replace(world.plants[0], id=4711)
    assert lists.counts(nowhere, TODAY, SETTLED).overdue == 0


def test_a_person_sees_the_plants_of_their_memberships(lists: SqlLists, world: World) -> None:
    with world.register.read() as reads:
        users = {u.login: u.id for u, _ in reads.users()}
    seen = {login: [c.plant.short for c in lists.plants(i)] for login, i in users.items()}
    assert {seen.pop(login)[0] for login in STAFF} == {"east"}
    assert {tuple(seen.pop(login)) for login in list(seen) if login.endswith("@west")} == {("west",)}
    assert seen == {"officer": ["east"], "auditor": ["east"], "west": ["west"], "chief": ["east", "west"]}
    assert lists.plant(users["officer"], "west") is None
    auditor = lists.plant(users["auditor"], "91110000600001234A")
    assert auditor is not None
    assert auditor.roles == {"auditor", "verifier"}
    group = lists.group(users["chief"], TODAY, SETTLED)
    assert [c.counts for c in group] == [lists.counts(p, TODAY, SETTLED) for p in world.plants]


def test_pictures_count_every_occurrence_once(lists: SqlLists, east: Plant) -> None:
    heat = lists.heat(east, 2026)
    assert sum(n for h in heat for n in h.states.values()) == 20
    data = lists.dashboard(east, "2026-01", "2026-12")
    assert sum(m.kept + m.late + m.overdue + m.ahead for m in data.months) == 20
    assert sum(g.count for g in data.findings) == len(lists.findings(east, FindingQuery()).rows)
    assert [(v.instrument, v.until is None) for v in data.instruments][-1] == ("JL-005", True)


def test_a_months_last_day_belongs_to_it_and_the_next_first_does_not(lists: SqlLists, east: Plant) -> None:
    every = [r.occurrence for r in lists.occurrences(east, OccurrenceQuery(limit=1000)).rows]
    for month in sorted({f"{o.due:%Y-%m}" for o in every}):
        counted = lists.dashboard(east, month, month).months
        there = sum(f"{o.due:%Y-%m}" == month for o in every)
        assert sum(m.kept + m.late + m.overdue + m.ahead for m in counted) == there


def test_tickets_know_how_many_findings_they_gather(lists: SqlLists, east: Plant) -> None:
    for row in lists.nonconformities(east, NonconformityQuery()).rows:
        number = row.nonconformity.number
        gathered = lists.findings(east, FindingQuery(standing=None, nonconformity=number)).rows
        assert row.findings == len(gathered)
        assert row.standing == sum(f.withdrawn is None for f in gathered)
