"""Random posts, absences and histories: nobody takes a step that they, or those they stand in for, are barred from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.core.absences import Wanted, objections
from compliance.core.cases import workflow_of
from compliance.core.duties import Allowed, Person, Sides, may_take, person_of
from compliance.core.facts import CATALOGUE
from compliance.core.judged import NONCONFORMITY, OCCURRENCE
from compliance.core.model import PersonPeriod
from compliance.core.obligations import READERS
from compliance.core.people import Absence, People
from compliance.rulebase.casework import CaseView, FieldValue, Taken, after, next_steps, opened
from compliance.rulebase.loader import load
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import CaseStep, FieldType, Workflow
from tests.conftest import ROOT

FIRST = date(2026, 6, 1)
DAYS = 10
ACCOUNTS = [f"U{n}" for n in range(4)]
SIDES = Sides("carbon-department", "management-representative")
FLOWS = tomllib.loads((ROOT / "rules" / "workflows.toml").read_text("utf-8"))["workflow"]
POSTS = tomllib.loads((ROOT / "rules" / "posts.toml").read_text("utf-8"))["post"]
#: Posts that the two workflows name, and two that are kept apart: enough for posts to meet.
ASKED = {who.partition(":")[2] for flow in FLOWS.values() for step in flow["steps"] for who in step["by"]}
WORDS = sorted(POSTS[name]["words"][0] for name in POSTS if name in ASKED or name.startswith("trade-"))
APART = {frozenset({name, other}) for name, post in POSTS.items() for other in post.get("never_with", [])}


@pytest.fixture(scope="module")
def rulebase() -> RuleBase:
    base, problems = load(ROOT / "rules", CATALOGUE, READERS)
    assert base is not None, problems
    return base


days = st.integers(0, DAYS - 1).map(lambda n: FIRST + timedelta(days=n))
spans = st.tuples(days, days).map(lambda pair: (min(pair), max(pair)))


@st.composite
def crowds(draw: st.DrawFn) -> tuple[list[PersonPeriod], list[Wanted], dict[str, frozenset[str]]]:
    """Persons with posts that change once, wishes for absences, and roles."""
    periods = []
    for account in ACCOUNTS:
        turn = draw(days)
        for since, until in ((FIRST, turn), (turn + timedelta(days=1), None)):
            held = draw(st.lists(st.sampled_from(WORDS), max_size=2, unique=True))
            periods.append(_period(account, "、".join(held), since, until))
    one = st.permutations(ACCOUNTS).flatmap(lambda who: st.tuples(st.just(who[0]), st.just(who[1]), spans))
    wanted = [Wanted(a, d, since, until, "x") for a, d, (since, until) in draw(st.lists(one, max_size=8))]
    roles = st.sampled_from([frozenset({"records"})] * 4 + [frozenset({"department"}), frozenset()])
    return periods, wanted, {account: draw(roles) for account in ACCOUNTS}


def _period(account: str, posts: str, since: date, until: date | None) -> PersonPeriod:
    return PersonPeriod(account=account, name=account, department=None, posts=posts, since=since, until=until)


@dataclass
class Record:
    """What happened, as plain facts: step, who did it, and for whom."""

    flow: Mapping[str, Any]
    fields: dict[str, Any] = field(default_factory=dict)
    history: list[tuple[str, str, str]] = field(default_factory=list)

    def bars(self, step: str, account: str) -> bool:
        """Whether the text of the rule bars an account: by what it did, or was done in its post, or by what it is."""
        found = next(s for s in self.flow["steps"] if s["id"] == step)
        did = {name for name, by, acted_for in self.history if account in {by, acted_for}}
        named = {f"field:{name}" for name, value in self.fields.items() if value == account}
        return not (did | named).isdisjoint(found.get("not_by", []))


def held_on(periods: list[PersonPeriod], account: str, day: date) -> set[str]:
    """Posts of an account on a day, from the text of the rules alone."""
    words = {
        word
        for p in periods
        if p.account == account and p.since <= day and (p.until is None or day <= p.until)
        for word in (p.posts or "").split("、")
    }
    return {name for name, post in POSTS.items() if words & set(post["words"])}


def admitted(rulebase: RuleBase, periods: list[PersonPeriod], wanted: list[Wanted]) -> list[Absence]:
    """The absences that are not refused, one after the other."""
    found: list[Absence] = []
    for number, one in enumerate(wanted):
        if list(objections(People(periods, found), found, one, rulebase)):
            continue
        found.append(
            Absence(
                id=number,
                absent=one.absent,
                deputy=one.deputy,
                since=one.since,
                until=one.until,
                reason="x",
                set_by="x",
                set_at="x",
            )
        )
    return found


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(crowd=crowds(), data=st.data(), kind=st.sampled_from([OCCURRENCE, NONCONFORMITY]))
def test_nobody_takes_what_they_or_the_absent_person_are_barred_from(
    rulebase: RuleBase, crowd: tuple[list[PersonPeriod], list[Wanted], dict[str, frozenset[str]]], data: Any, kind: str
) -> None:
    periods, wanted, roles = crowd
    absences = admitted(rulebase, periods, wanted)
    check_absences(periods, absences)
    people, workflow = People(periods, absences), workflow_of(rulebase, kind, FIRST)
    opens: dict[str, FieldValue] = {f.id: data.draw(st.booleans()) for f in workflow.fields if f.type is FieldType.FLAG}
    record = Record(next(f for f in FLOWS.values() if f["applies_to"] == kind), dict(opens))
    view = opened(workflow, opens)
    for day in (FIRST + timedelta(days=n) for n in range(DAYS)):
        crowd_now = [person_of(a, a, a, roles[a], people, rulebase, day) for a in ACCOUNTS]
        for _ in range(4):
            steps = next_steps(workflow, view)
            if not steps:
                return
            step, who = data.draw(st.sampled_from(steps)), data.draw(st.sampled_from(crowd_now))
            view = _try(workflow, view, step, who, record, periods, day, data)


def _try(
    workflow: Workflow, view: CaseView, step: CaseStep, who: Person, record: Record, periods: list[PersonPeriod],
    day: date, data: Any,
) -> CaseView:  # fmt: skip
    values: dict[str, FieldValue] = dict.fromkeys(step.needs, "2026-06-01")
    values |= {n: data.draw(st.sampled_from(ACCOUNTS)) for n in step.needs if n == "owner"} | {"reason": "x"}
    own = held_on(periods, who.account, day)
    assert who.posts == own
    assert not any(frozenset({b.post, other}) in APART for b in who.borrowed for other in own)
    assert all(b.post in held_on(periods, b.account, day) for b in who.borrowed)
    decision = may_take(workflow, view, step, who, SIDES, values)
    if not isinstance(decision, Allowed):
        return view
    assert not record.bars(step.id, who.account)
    assert not (decision.acts_for and record.bars(step.id, decision.acts_for))
    entitled = {f"post:{p}" for p in own} | {f"role:{r}" for r in who.roles}
    entitled |= {f"rule:{side}" for side in ("owner", "approver") if getattr(SIDES, side) in own}
    entitled |= {f"field:{n}" for n, v in view.fields.items() if v == who.account}
    # By a borrowed post only where nothing of one's own entitles.
    assert bool(decision.acts_for) is entitled.isdisjoint(step.by)
    record.history.append((step.id, who.account, decision.acts_for))
    view = after(workflow, view, Taken(step.id, who.account, values, decision.acts_for))
    record.fields = dict(view.fields)
    return view


def check_absences(periods: list[PersonPeriod], absences: list[Absence]) -> None:
    """No chain, nobody away who stands in, no posts joined that are kept apart; by the days themselves."""
    for day in (FIRST + timedelta(days=n) for n in range(DAYS)):
        running = [a for a in absences if a.since <= day <= a.until]
        away = [a.absent for a in running]
        assert len(away) == len(set(away))
        assert not set(away) & {a.deputy for a in running}
        for account in ACCOUNTS:
            borrowed = [held_on(periods, a.absent, day) for a in running if a.deputy == account]
            own = held_on(periods, account, day)
            for n, posts in enumerate(borrowed):
                others = own.union(*borrowed[:n], *borrowed[n + 1 :])
                assert not any(frozenset({one, other}) in APART for one in posts for other in others)
