"""Who is told what: never twice, never after done, never of what was due before onboarding, nobody who left."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.core.cases import CaseKey, occurrence_key
from compliance.core.facts import CATALOGUE
from compliance.core.judged import NONCONFORMITY, OCCURRENCE, Nonconformity, Occurrence, OccurrenceState
from compliance.core.model import PersonPeriod
from compliance.core.notices import Holders, Notice, OpenCase, Situation, message_id, notices_of
from compliance.core.notices.ladder import Key
from compliance.core.obligations import READERS
from compliance.core.people import Absence
from compliance.core.plants import Plant
from compliance.kernel.text import Text
from compliance.rulebase.loader import load
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Obligation
from tests.conftest import ROOT

ONBOARDED = date(2026, 3, 1)
PLANT = Plant(1, "91110000600001234A", None, "示例水泥", date(2025, 1, 1), ONBOARDED, ONBOARDED)
REPORT = "monthly-report"  # owner: carbon-department; 5 and 1 days before; late 1 → representative, 5 → top
S = OccurrenceState


@pytest.fixture(scope="module")
def rulebase() -> RuleBase:
    base, problems = load(ROOT / "rules", CATALOGUE, READERS)
    assert base is not None, problems
    return base


def period(account: str, posts: str, since: date = date(2025, 1, 1), until: date | None = None) -> PersonPeriod:
    return PersonPeriod(account=account, name=account, department=None, posts=posts, since=since, until=until)


PEOPLE = [period("U1", "碳管理员"), period("U2", "管理者代表"), period("U3", "最高管理者"), period("U4", "化验员")]


def occurrence(rulebase: RuleBase, due: date, state: S = S.OPEN, obligation: str = REPORT) -> Occurrence:
    rule = rulebase.nearest(Obligation, obligation, due)
    assert rule is not None
    return Occurrence(
        obligation=obligation, code=rule.code, title=rule.title, clause=rule.source.clause, strength="shall",
        subject=PLANT.key, period=f"{due:%Y-%m}", opens=due - timedelta(9), due=due, effective_workday=due,
        provisional=False, state=state, done_on=None, derivation=Text("推导", "derivation"), owner=rule.owner,
        approver=rule.approver, rule_digest="", anchor=due,
    )  # fmt: skip


def told(
    rulebase: RuleBase, day: date, *occurrences: Occurrence, people: list[PersonPeriod] | None = None, **more: object
) -> list[Notice]:
    situation = Situation(plant=PLANT, day=day, occurrences=occurrences, **more)  # type: ignore[arg-type] # shorthand
    return notices_of(situation, rulebase, Holders(people or PEOPLE, rulebase, day))


def said(notices: list[Notice]) -> list[tuple[str, str]]:
    return [(n.person, n.rung) for n in notices]


DUE = date(2026, 6, 10)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-6, []),
        (-5, [("U1", "before-5")]),
        (-2, [("U1", "before-5")]),
        (-1, [("U1", "before-1")]),
        (0, [("U1", "before-1")]),
        (1, [("U1", "late-1"), ("U2", "late-1")]),
        (4, [("U1", "late-1"), ("U2", "late-1")]),
        (5, [("U1", "late-5"), ("U2", "late-1"), ("U3", "late-5")]),
        (90, [("U1", "late-5"), ("U2", "late-1"), ("U3", "late-5")]),
    ],
)
def test_the_ladder_of_the_rule_is_climbed(rulebase: RuleBase, days: int, expected: list[tuple[str, str]]) -> None:
    state = S.OVERDUE if days > 0 else S.OPEN
    assert said(told(rulebase, DUE + timedelta(days), occurrence(rulebase, DUE, state))) == expected


def test_a_notice_says_what_by_when_why_and_names_the_object(rulebase: RuleBase) -> None:
    one = occurrence(rulebase, DUE)
    (notice,) = told(rulebase, DUE - timedelta(5), one)
    for text in (notice.title.zh, notice.body.zh):
        assert one.title.zh in text
        assert "2026-06-10" in text
    for part in (one.clause, PLANT.name, "/".join(one.key)):
        assert part in notice.body.zh
        assert part in notice.body.en
    assert one.derivation.en in notice.body.en
    assert one.title.en in notice.title.en


@pytest.mark.parametrize("state", [S.DONE, S.DONE_LATE, S.NOT_RECORDED, S.NOT_APPLICABLE])
def test_nothing_is_told_of_what_is_done_or_does_not_apply(rulebase: RuleBase, state: S) -> None:
    assert told(rulebase, DUE + timedelta(30), occurrence(rulebase, DUE, state), weekly={"U1"}) == []


def test_nothing_is_told_of_what_was_waived(rulebase: RuleBase) -> None:
    one = occurrence(rulebase, DUE, S.OVERDUE)
    assert told(rulebase, DUE + timedelta(3), one)
    assert told(rulebase, DUE + timedelta(3), one, settled={occurrence_key(one)}) == []


def test_the_backlog_of_onboarding_is_one_digest(rulebase: RuleBase) -> None:
    old = [occurrence(rulebase, ONBOARDED - timedelta(30 * n), S.OVERDUE) for n in range(1, 5)]
    found = told(rulebase, ONBOARDED + timedelta(10), *old)
    assert said(found) == [("U1", "backlog")]
    assert "4 项" in found[0].title.zh
    assert all(one.due.isoformat() in found[0].body.en for one in old)
    assert found[0].about == ONBOARDED  # whenever it is told, it is the same one


def test_what_falls_due_on_the_day_of_onboarding_belongs_to_the_backlog(rulebase: RuleBase) -> None:
    assert said(told(rulebase, ONBOARDED, occurrence(rulebase, ONBOARDED))) == [("U1", "backlog")]


def test_rungs_from_before_onboarding_are_not_told(rulebase: RuleBase) -> None:
    one = occurrence(rulebase, ONBOARDED + timedelta(3))
    assert told(rulebase, ONBOARDED, one) == []
    assert said(told(rulebase, ONBOARDED + timedelta(2), one)) == [("U1", "before-1")]


def test_escalation_goes_to_the_holder_of_that_day(rulebase: RuleBase) -> None:
    change = DUE + timedelta(2)
    people = [
        period("U1", "碳管理员"),
        period("OLD", "管理者代表", until=change - timedelta(1)),
        period("NEW", "管理者代表、内审员", since=change),
    ]
    one = occurrence(rulebase, DUE, S.OVERDUE)
    assert said(told(rulebase, DUE + timedelta(1), one, people=people)) == [("OLD", "late-1"), ("U1", "late-1")]
    assert said(told(rulebase, change, one, people=people)) == [("NEW", "late-1"), ("U1", "late-1")]


def test_a_vacant_post_leaves_the_reminder_to_whoever_approves(rulebase: RuleBase) -> None:
    people = [period("U2", "管理者代表")]
    found = told(rulebase, DUE - timedelta(1), occurrence(rulebase, DUE), people=people)
    assert said(found) == [("U2", "before-1")]


# --- cases -----------------------------------------------------------------------------------------------------------

TICKET = Nonconformity(
    number="NC-2026-0001", rule="", group="NC-2026-0001", title=Text("月报迟交", "Late report"), category="A",
    grade="major", state="in-progress", opened=ONBOARDED, origin="person",
)  # fmt: skip


def action(state: str = "in-progress", *steps: tuple[str, str], due: date = DUE) -> OpenCase:
    return OpenCase(
        key=CaseKey(NONCONFORMITY, TICKET.number),
        state=state,
        owner="U4",
        due=due,
        steps=steps or (("start", "U4"),),
        last=due - timedelta(20),
    )


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-6, []),
        (-5, [("U4", "before-5")]),
        (0, [("U4", "before-1")]),
        (1, [("U2", "late-1"), ("U4", "late-1")]),
        (5, [("U2", "late-1"), ("U3", "late-5"), ("U4", "late-5")]),
    ],
)
def test_an_overdue_action_is_told_to_its_owner_and_escalates(
    rulebase: RuleBase, days: int, expected: list[tuple[str, str]]
) -> None:
    found = told(rulebase, DUE + timedelta(days), cases=[action()], tickets={TICKET.number: TICKET})
    assert said(found) == expected
    assert all(TICKET.number in n.title.zh and TICKET.title.en in n.title.en for n in found)


@pytest.mark.parametrize("state", ["planned", "awaiting-verification", "verified"])
def test_an_action_that_waits_for_others_is_not_its_owners_delay(rulebase: RuleBase, state: str) -> None:
    assert told(rulebase, DUE + timedelta(9), cases=[action(state)]) == []


def test_what_is_returned_is_told_to_whoever_handed_it_in(rulebase: RuleBase) -> None:
    key = occurrence_key(one := occurrence(rulebase, DUE))
    steps = (("submit", "U4"), ("return", "U2"), ("submit", "U1"), ("return", "U2"))
    case = OpenCase(key=key, state="returned", owner=None, due=None, steps=steps, last=DUE - timedelta(8))
    found = told(rulebase, DUE - timedelta(8), one, cases=[case])
    assert [(n.person, n.rung, n.kind, n.about) for n in found] == [
        ("U1", "returned-4", OCCURRENCE, DUE - timedelta(8))
    ]
    again = replace(case, state="submitted", steps=(*steps, ("submit", "U1")))
    assert told(rulebase, DUE - timedelta(7), one, cases=[again]) == []


def test_asking_with_a_reason_returns_nothing(rulebase: RuleBase) -> None:
    asked = action("extension-requested", ("start", "U4"), ("ask-extension", "U4"))
    assert told(rulebase, DUE - timedelta(9), cases=[asked]) == []
    refused = action("in-progress", ("start", "U4"), ("ask-extension", "U4"), ("refuse-extension", "U2"))
    assert said(told(rulebase, DUE - timedelta(9), cases=[refused])) == [("U4", "returned-3")]


def test_who_has_left_is_told_nothing_of_returns(rulebase: RuleBase) -> None:
    refused = action("in-progress", ("ask-extension", "U4"), ("refuse-extension", "U2"))
    assert told(rulebase, DUE - timedelta(9), cases=[refused], people=PEOPLE[:3]) == []


def test_a_weekly_digest_comes_to_those_who_asked_once_a_week(rulebase: RuleBase) -> None:
    one = occurrence(rulebase, DUE)
    keys = set()
    for n in range(3, 6):  # Wednesday 2026-06-10 is due; the days from Friday 2026-06-05 see rung 5
        found = [n for n in told(rulebase, DUE - timedelta(n), one, weekly={"U1", "U4"}) if n.rung == "weekly"]
        assert {n.person for n in found} == {"U1"}
        keys |= {n.key for n in found}
    assert {key[-1] for key in keys} == {date(2026, 6, 1)}
    assert len(keys) == 1


# --- any history -----------------------------------------------------------------------------------------------------


@given(
    dues=st.lists(st.integers(-60, 120), min_size=1, max_size=6, unique=True),
    done=st.lists(st.none() | st.integers(-10, 140), min_size=6, max_size=6),
    pulses=st.sets(st.integers(0, 140), min_size=1, max_size=60),
)
def test_any_history_tells_each_rung_once_in_time_and_never_after_done(
    rulebase: RuleBase, dues: list[int], done: list[int | None], pulses: set[int]
) -> None:
    stored: dict[Key, tuple[Notice, date]] = {}
    for day in (ONBOARDED + timedelta(n) for n in sorted(pulses)):
        seen = []
        for offset, met in zip(dues, done, strict=False):
            due, met_on = ONBOARDED + timedelta(offset), None if met is None else ONBOARDED + timedelta(met)
            finished = met_on is not None and met_on <= day
            state = S.DONE if finished else S.OVERDUE if day > due else S.OPEN
            seen.append(replace(occurrence(rulebase, due, state), period=str(offset)))
        found = [n for n in told(rulebase, day, *seen) if n.key not in stored]
        by_key = {n.key: n for n in found}
        assert len(by_key) == len(found)
        assert len({(n.person, n.object_id) for n in found}) == len(found)  # a pulse tells of a thing once
        for notice in found:
            stored[notice.key] = (notice, day)
            if notice.kind != OCCURRENCE:
                assert notice.rung == "backlog"
                continue
            here = next(o for o in seen if "/".join(o.key) == notice.object_id)
            assert here.state is not S.DONE
            assert here.due > ONBOARDED
            assert (day > here.due) == notice.rung.startswith("late-")
    assert len([n for n, _ in stored.values() if n.rung == "backlog"]) <= 1


def test_the_message_id_is_the_notices_own(rulebase: RuleBase) -> None:
    first, second = told(rulebase, DUE + timedelta(1), occurrence(rulebase, DUE, S.OVERDUE))
    names = {message_id(PLANT.key, n, "example.org") for n in (first, second, first)}
    assert len(names) == 2
    assert all(name.endswith("@example.org>") for name in names)


def test_a_deputy_is_told_as_well_while_the_holder_is_away(rulebase: RuleBase) -> None:
    due = date(2026, 6, 10)
    away = Absence(
        id=1, absent="U1", deputy="U4", since=due - timedelta(6), until=due - timedelta(3), reason="年假", set_by="x",
        set_at="2026-06-01T00:00:00Z",
    )  # fmt: skip
    situation = Situation(plant=PLANT, day=due - timedelta(5), occurrences=[occurrence(rulebase, due)])
    during = notices_of(situation, rulebase, Holders(PEOPLE, rulebase, situation.day, [away]))
    assert sorted(n.person for n in during) == ["U1", "U4"]
    later = replace(situation, day=due - timedelta(1))
    assert [n.person for n in notices_of(later, rulebase, Holders(PEOPLE, rulebase, later.day, [away]))] == ["U1"]
    ended = replace(away, ended_on=situation.day)
    assert [n.person for n in notices_of(situation, rulebase, Holders(PEOPLE, rulebase, situation.day, [ended]))] == [
        "U1"
    ]


def test_the_deputy_of_an_absent_owner_is_told_of_the_action(rulebase: RuleBase) -> None:
    away = Absence(
        id=1, absent="U1", deputy="U4", since=ONBOARDED, until=date(2027, 1, 1), reason="", set_by="x", set_at="",
    )  # fmt: skip
    holders = Holders(PEOPLE, rulebase, date(2026, 6, 1), [away])
    assert holders.told(("U1", "U2")) == ("U1", "U2", "U4")
    assert holders.told(("U2",)) == ("U2",)
