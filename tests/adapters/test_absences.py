"""Absences, deputies and hand-overs on each kind of database: who acts is asked anew inside the writing transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from compliance.adapters.register import SqlRegister
from compliance.adapters.tables import membership, user_account
from compliance.core.absences import (
    BadAbsence,
    Deputies,
    MayNotSetAbsence,
    NoSuchAbsence,
    Wanted,
)
from compliance.core.acts import Act, Actor
from compliance.core.cases import MayNotRaise, Raised, digest_of_step, raise_nonconformity
from compliance.core.duties import MayNotTake, Person, people_of, person_of
from compliance.core.handover import hand_over
from compliance.core.model import PersonPeriod
from compliance.core.people import Absence
from compliance.kernel.errors import Refused
from tests.adapters import test_cases
from tests.adapters.conftest import START, add_plant
from tests.adapters.test_cases import (
    OFFICER,
    POSTS,
    TICKET,
    TO_PLAN,
    TODAY,
    World,
    walk,
    words,
)
from tests.sign_ins import sign_in

#: The fixtures of the cases.
rules, world = test_cases.rules, test_cases.world
WEEK = timedelta(days=7)


def deputies(world: World, day: date = TODAY) -> Deputies:
    return Deputies(world.register, world.rules, lambda: START, lambda: day)


def away(
    world: World, absent: str, deputy: str, since: date = TODAY, until: date = TODAY + WEEK, by: str = "U2"
) -> Absence:
    return deputies(world).set(world.plant, world.person(by), Wanted(absent, deputy, since, until, "年休假"))


def refused(world: World, absent: str, deputy: str, **more: Any) -> str:
    """The refusal's message, once it is certain that it left one leaf and no absence."""
    world.person(more.get("by", "U2"))
    before = world.counts()["audit_entry"]
    with world.register.read() as reads:
        stood = reads.absences(world.plant)
    with pytest.raises(Refused) as refusal:
        away(world, absent, deputy, **more)
    with world.register.read() as reads:
        assert reads.absences(world.plant) == stood
    assert world.counts()["audit_entry"] == before + 1
    assert world.last_leaf().action == "absence:refused"
    return str(refusal.value.message.en)


def period(world: World, account: str, posts: str | None, since: date, until: date | None = None) -> None:
    row = PersonPeriod(account=account, name=account, department=None, posts=posts, since=since, until=until)
    with world.register.work() as work:
        work.insert_rows(world.plant, {PersonPeriod: [row]})
        work.record(Act(actor=Actor("t", "t", "", ""), action="t:t", object_type="t", object_id="t"), world.plant)


def between(world: World, person: Person, step: str, change: Callable[[], None]) -> str:
    """A person looks, something changes, and the person acts upon the look."""
    wish = world.wish(world.report, step)
    change()
    with pytest.raises(MayNotTake) as refusal:
        world.casework.take(world.plant, person, wish, signed=True)
    assert world.last_leaf().action == "occurrence:refused"
    return str(refusal.value.message.en)


def execute(world: World, statement: Any) -> None:
    with world.register.database.work() as connection:
        connection.execute(statement)


# --- a change between the look and the act ---------------------------------------------------------------------------


def test_a_sign_in_that_was_ended_between_look_and_act_takes_nothing(world: World) -> None:
    ended = update(user_account).values(active=False)
    message = between(world, world.person("U3"), "submit", lambda: execute(world, ended))
    assert "Your sign-in has been ended" in message
    assert world.steps(world.report) == []


def test_roles_that_were_taken_between_look_and_act_take_nothing(world: World) -> None:
    message = between(world, world.person("U3"), "submit", lambda: execute(world, delete(membership)))
    assert "do not take this step" in message


def test_a_post_that_ended_between_look_and_act_takes_nothing(world: World) -> None:
    walk(world, world.report, [("submit", "U3")])
    checker = world.person("U5")

    def end() -> None:
        with world.register.work() as work:
            rows = work.tables(world.plant, [PersonPeriod])[PersonPeriod]
            (mine,) = [r for r in rows if isinstance(r, PersonPeriod) and r.account == "U5"]
            work.update_rows(world.plant, {PersonPeriod: [replace(mine, until=TODAY - timedelta(days=1))]})
            work.record(Act(actor=checker.actor(), action="t:t", object_type="t", object_id="t"), world.plant)

    assert "do not take this step" in between(world, checker, "check", end)


def test_an_absence_that_ended_between_look_and_act_takes_nothing(world: World) -> None:
    absence = away(world, "U2", "U1")
    walk(world, world.report, [("submit", "U3"), ("check", "U5")])
    deputy = world.person("U1")
    assert [b.post for b in deputy.borrowed] == ["management-representative"]

    def back() -> None:
        deputies(world).end(world.plant, world.person("U2"), absence.id, "返岗")

    said = between(world, deputy, "approve", back)
    assert "do not take this step" in said


def test_who_may_not_raise_any_more_raises_nothing(world: World) -> None:
    seen = world.person("U3", OFFICER)
    execute(world, update(user_account).values(active=False))
    before = world.counts()
    with pytest.raises(MayNotRaise):
        raise_nonconformity(world.casework, world.plant, seen, Raised("事实", *words(world)))
    assert world.counts() == {**before, "audit_entry": before["audit_entry"] + 1}


# --- standing in -----------------------------------------------------------------------------------------------------


def test_a_deputy_takes_a_step_for_the_absent_person_and_the_record_says_so(world: World) -> None:
    away(world, "U2", "U1")
    walk(world, world.report, [("submit", "U3"), ("check", "U5"), ("approve", "U1")])
    step = world.steps(world.report)[-1]
    assert (step.account, step.posts, step.acted_for) == ("U1", "管理者代表（代 U2）", "U2")
    assert '"for":"U2"' in world.last_leaf().leaf.decode().replace(" ", "")
    before = world.steps(world.report)[-2].digest
    assert digest_of_step(world.report, before, step) == step.digest
    assert digest_of_step(world.report, before, replace(step, acted_for="U5")) != step.digest


def test_nobody_borrows_before_the_first_day_or_after_the_last(world: World) -> None:
    away(world, "U2", "U1", TODAY + timedelta(days=1), TODAY + timedelta(days=2))
    borrowed = []
    for days in range(4):
        day = TODAY + timedelta(days=days)
        with world.register.read() as reads:
            who = person_of(
                "u1", "U1", "U1", frozenset({"department"}), people_of(reads, world.plant), world.rules, day
            )
        borrowed.append(len(who.borrowed))
    assert borrowed == [0, 1, 1, 0]


def test_own_posts_come_first(world: World) -> None:
    away(world, "U3", "U4")
    walk(world, world.report, [("submit", "U4")])
    step = world.steps(world.report)[-1]
    assert (step.posts, step.acted_for) == (POSTS["U4"], "")


def test_a_deputy_is_barred_where_the_absent_person_is(world: World) -> None:
    walk(world, world.report, [("submit", "U2"), ("check", "U5")])
    away(world, "U2", "U1")
    message = world.refused("U1", world.wish(world.report, "approve"))
    assert "U2, for whom you stand in: You did “Hand in evidence”" in message


def test_what_a_deputy_did_counts_as_the_absent_persons_too(world: World) -> None:
    # U9 hands in with the post of U3, who is also entitled to check by a role: back again, U3 may not.
    absence = away(world, "U3", "U9")
    world.take("U9", world.wish(world.report, "submit"), role="records")
    assert world.steps(world.report)[-1].acted_for == "U3"
    deputies(world).end(world.plant, world.person("U3"), absence.id, "返岗")
    message = world.refused("U3", world.wish(world.report, "check"), role=OFFICER)
    assert "You did “Hand in evidence”" in message


def test_a_deputy_is_barred_where_the_absent_person_is_the_owner(world: World) -> None:
    walk(world, TICKET, TO_PLAN[:3])
    world.take("U7", world.wish(TICKET, "plan", owner="U2"))
    away(world, "U2", "U1")
    message = world.refused("U1", world.wish(TICKET, "approve-plan"))
    assert "U2, for whom you stand in: You are its owner" in message


# --- who may not stand in --------------------------------------------------------------------------------------------


def test_posts_that_never_join_are_not_borrowed_on_any_day_of_the_span(world: World) -> None:
    later = TODAY + timedelta(days=3)
    period(world, "A1", "碳交易操作人", TODAY - WEEK)
    period(world, "A2", "财务经办", TODAY - WEEK, later - timedelta(days=1))
    period(world, "A2", "财务审核", later)
    message = refused(world, "A1", "A2")
    assert f"Finance reviewer and Trading operator are never held by one person ({later})" in message
    assert away(world, "A1", "A2", until=later - timedelta(days=1)).id


def test_borrowed_posts_never_join_others_that_are_borrowed(world: World) -> None:
    period(world, "A1", "碳交易操作人", TODAY - WEEK)
    period(world, "A2", "碳交易监护人", TODAY - WEEK)
    away(world, "A1", "U9")
    assert "never held by one person" in refused(world, "A2", "U9")


def test_a_post_that_came_later_keeps_the_borrowed_one_away(world: World) -> None:
    period(world, "A1", "碳交易操作人", TODAY - WEEK)
    away(world, "A1", "U9")
    assert [b.post for b in world.person("U9").borrowed] == ["trade-operator"]
    period(world, "U9", "账户责任人", TODAY)
    assert world.person("U9").borrowed == ()


def test_nobody_stands_in_for_themselves_for_strangers_or_in_a_chain(world: World) -> None:
    assert "themselves" in refused(world, "U2", "U2")
    assert "not a person of the plant" in refused(world, "U2", "nobody")
    assert "not a person of the plant" in refused(world, "nobody", "U2")
    away(world, "U2", "U1")
    assert "is away already" in refused(world, "U2", "U9")
    assert "is away themselves" in refused(world, "U3", "U2")
    assert "stands in for U2" in refused(world, "U1", "U9")
    # Another span is free.
    assert away(world, "U2", "U9", TODAY + 2 * WEEK, TODAY + 3 * WEEK).deputy == "U9"


def test_who_leaves_the_plant_within_the_span_does_not_stand_in(world: World) -> None:
    period(world, "A1", None, TODAY - WEEK, TODAY + timedelta(days=2))
    assert f"not a person of the plant on {TODAY + timedelta(days=3)}" in refused(world, "U2", "A1")


# --- who sets and ends -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("by", "role"), [("U3", "department"), ("U2", "department"), ("U9", "administrator")])
def test_the_person_the_post_of_the_rule_and_administrators_set_an_absence(world: World, by: str, role: str) -> None:
    wanted = Wanted("U3", "U4", TODAY, TODAY + WEEK, "出差")
    made = deputies(world).set(world.plant, world.person(by, role), wanted)
    assert (made.set_by, made.reason) == (f"{by}.{role}".lower(), "出差")
    leaf = world.last_leaf()
    assert leaf.action == "absence:set"


def test_nobody_else_sets_or_ends_one(world: World) -> None:
    assert "Only the person" in refused(world, "U3", "U4", by="U5")
    absence = away(world, "U3", "U4")
    before = world.counts()["audit_entry"]
    stranger = world.person("U4")
    with pytest.raises(MayNotSetAbsence):
        deputies(world).end(world.plant, stranger, absence.id, "返岗")
    assert world.counts()["audit_entry"] == before + 1


def test_an_absence_ends_once_and_its_row_stays(world: World) -> None:
    absence = away(world, "U3", "U4")
    deputies(world).end(world.plant, world.person("U2"), absence.id, "返岗")
    with world.register.read() as reads:
        (kept,) = reads.absences(world.plant)
    assert kept == replace(absence, ended_on=TODAY, ended_by="u2.department")
    assert not kept.runs(TODAY)
    assert world.last_leaf().action == "absence:end"
    for number in (absence.id, 99):
        with pytest.raises(NoSuchAbsence):
            deputies(world).end(world.plant, world.person("U2"), number, "返岗")
    # The days are free again.
    assert away(world, "U3", "U4").id != absence.id


@pytest.mark.parametrize(
    ("since", "until", "reason"),
    [(TODAY, TODAY - timedelta(days=1), "x"), (TODAY - WEEK, TODAY - timedelta(days=1), "x"), (TODAY, TODAY, " ")],
)
def test_a_span_that_is_none_or_an_empty_reason_is_bad_input(
    world: World, since: date, until: date, reason: str
) -> None:
    person = world.person("U2")
    before = world.counts()
    with pytest.raises(BadAbsence):
        deputies(world).set(world.plant, person, Wanted("U3", "U4", since, until, reason))
    assert world.counts() == before


def test_setting_is_judged_by_the_person_of_this_moment(world: World) -> None:
    person = world.person("U9", "administrator")
    execute(world, delete(membership))
    with pytest.raises(MayNotSetAbsence):
        deputies(world).set(world.plant, person, Wanted("U3", "U4", TODAY, TODAY, "x"))


# --- handing over ----------------------------------------------------------------------------------------------------

WORKING = {
    "approved": [*TO_PLAN, ("approve-plan", "U2")],
    "in-progress": [*TO_PLAN, ("approve-plan", "U2"), ("start", "U9")],
    "extension-requested": [*TO_PLAN, ("approve-plan", "U2"), ("start", "U9"), ("ask-extension", "U9")],
}


@pytest.mark.parametrize("state", WORKING)
def test_an_action_is_handed_over_where_an_owner_works(world: World, state: str) -> None:
    walk(world, TICKET, WORKING[state])
    handed = hand_over(world.casework, world.plant, world.person("U3", OFFICER), old="U9", new="U8", reason="离职")
    assert ([k.object_id for k in handed.done], handed.kept) == ([TICKET.object_id], ())
    with world.register.read() as reads:
        (row,) = reads.case_rows(world.plant, TICKET.kind)
    assert (row.state, row.owner) == (state, "U8")
    assert world.steps(TICKET)[-1].values["reason"] == "离职"


def test_an_action_is_not_handed_to_who_approved_it_or_has_it(world: World) -> None:
    walk(world, TICKET, WORKING["in-progress"])
    for new, said in (("U2", "may not become the owner"), ("U9", "is the owner already")):
        officer = world.person("U3", OFFICER)
        handed = hand_over(world.casework, world.plant, officer, old="U9", new=new, reason="调岗")
        assert handed.done == ()
        assert said in str(handed.kept[0].why.message.en)


def test_nor_to_the_absent_person_for_whom_it_was_approved(world: World) -> None:
    away(world, "U2", "U1")
    walk(world, TICKET, [*TO_PLAN, ("approve-plan", "U1")])
    handed = hand_over(world.casework, world.plant, world.person("U3", OFFICER), old="U9", new="U2", reason="调岗")
    assert "This person did “Approve the action”" in str(handed.kept[0].why.message.en)


def test_the_former_owner_who_began_does_not_verify_or_close(world: World) -> None:
    walk(world, TICKET, WORKING["in-progress"])
    hand_over(world.casework, world.plant, world.person("U3", OFFICER), old="U9", new="U8", reason="调岗")
    walk(world, TICKET, [("complete", "U8")])
    assert "You did “Start”" in world.refused("U9", world.wish(TICKET, "verify"), role=OFFICER)
    walk(world, TICKET, [("verify", "U6")])
    assert "You did “Start”" in world.refused("U9", world.wish(TICKET, "close"), role=OFFICER)


def test_who_may_hand_over_nothing_is_refused_once(world: World) -> None:
    walk(world, TICKET, WORKING["in-progress"])
    person = world.person("U5")
    before = world.counts()
    with pytest.raises(MayNotTake):
        hand_over(world.casework, world.plant, person, old="U9", new="U8", reason="调岗")
    assert world.counts() == {**before, "audit_entry": before["audit_entry"] + 1}


# --- who works in the plant ------------------------------------------------------------------------------------------


def test_sign_ins_of_other_plants_are_not_told(world: World, register: SqlRegister) -> None:
    other = add_plant(register, "91110000600009876B")
    sign_in(register, other, "stranger", "U3", "department")
    world.person("U3")
    with world.register.read() as reads:
        found = reads.sign_ins(world.plant)
        assert [s.user.login for s in found] == ["u3.department"]
        assert [s.user.login for s in reads.sign_ins(other)] == ["stranger"]


def test_open_actions_are_counted_by_owner(world: World) -> None:
    walk(world, TICKET, WORKING["in-progress"])
    with world.register.read() as reads:
        assert reads.open_actions(world.plant, ["in-progress"]) == {"U9": [TICKET]}
        assert reads.open_actions(world.plant, ["approved"]) == {}
