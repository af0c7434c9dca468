"""Who may take a step: permission and post of that day, and what the person did before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from compliance.core.cases import workflow_of
from compliance.core.duties import Allowed, Denied, Person, Sides, could_take, may_take, person_of, refuse
from compliance.core.facts import CATALOGUE
from compliance.core.judged import NONCONFORMITY, OCCURRENCE
from compliance.core.model import PersonPeriod
from compliance.core.obligations import READERS
from compliance.core.people import People
from compliance.rulebase.casework import Taken, Values, fold
from compliance.rulebase.loader import load
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import CaseStep, Workflow
from tests.conftest import ROOT

START, END = date(2025, 1, 1), date(2026, 3, 31)
TODAY = date(2026, 6, 15)
REPORT = Sides("carbon-department", "management-representative")


@pytest.fixture(scope="module")
def rulebase() -> RuleBase:
    base, problems = load(ROOT / "rules", CATALOGUE, READERS)
    assert base is not None, problems
    return base


@pytest.fixture
def occurrence(rulebase: RuleBase) -> Workflow:
    return workflow_of(rulebase, OCCURRENCE, TODAY)


@pytest.fixture
def handling(rulebase: RuleBase) -> Workflow:
    return workflow_of(rulebase, NONCONFORMITY, TODAY)


def period(account: str, posts: str, since: date = START, until: date | None = None) -> PersonPeriod:
    return PersonPeriod(account=account, name=account, department="碳管理部", posts=posts, since=since, until=until)


def person(account: str = "U1", *posts: str, roles: Sequence[str] = ("department",)) -> Person:
    return Person(account.lower(), account, account, frozenset(roles), frozenset(posts))


def step_of(workflow: Workflow, name: str) -> CaseStep:
    step = workflow.step(name)
    assert step is not None
    return step


def answer(
    workflow: Workflow, name: str, who: Person, taken: Sequence[Taken] = (), sides: Sides = REPORT, **given: str | bool
) -> str:
    """``yes``, or the English reasons."""
    opens: Values = {"has_approver": True, "waivable": False, "from_audit": False, **given}
    view = fold(workflow, opens, taken)
    decision = could_take(workflow, view, step_of(workflow, name), who, sides)
    return "yes" if isinstance(decision, Allowed) else "; ".join(r.en for r in decision.reasons)


NOT_YOURS = "Your posts and permissions do not take this step"
SUBMITTED = Taken("submit", "U1", {"evidence": ("a",), "evidence_day": "2026-06-01"})


# --- who somebody is on a day ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "held"),
    [
        (date(2024, 12, 31), set()),
        (START, {"carbon-department", "internal-auditor"}),
        (END, {"carbon-department", "internal-auditor"}),
        (date(2026, 4, 1), {"metrology"}),
    ],
)
def test_a_post_is_held_from_its_first_day_to_its_last(rulebase: RuleBase, on: date, held: set[str]) -> None:
    people = People([period("U1", "碳管理员、内审员", until=END), period("U1", "计量管理员", date(2026, 4, 1))])
    assert person_of("li", "U1", "李", frozenset({"department"}), people, rulebase, on).posts == held


def test_a_post_that_has_ended_entitles_nobody(rulebase: RuleBase, occurrence: Workflow) -> None:
    people = People([period("U1", "碳管理员", until=END)])
    before, after = (
        person_of("li", "U1", "李", frozenset({"records"}), people, rulebase, on) for on in (END, date(2026, 4, 1))
    )
    assert answer(occurrence, "submit", before) == "yes"
    assert answer(occurrence, "submit", after) == NOT_YOURS


def test_a_login_without_an_account_is_itself_and_holds_no_post(rulebase: RuleBase, occurrence: Workflow) -> None:
    people = People([period("U1", "碳管理员"), period("login:li", "碳管理员")])
    alone = person_of("li", None, "李", frozenset({"records"}), people, rulebase, TODAY)
    assert (alone.account, alone.posts, alone.words) == ("login:li", frozenset(), "")
    assert answer(occurrence, "submit", alone) == NOT_YOURS
    officer = replace(alone, roles=frozenset({"compliance-officer"}))
    assert answer(occurrence, "submit", officer) == "yes"
    handed_in = [replace(SUBMITTED, person=officer.account)]
    assert "another person" in answer(occurrence, "check", officer, handed_in)


def test_persons_of_one_name_are_told_apart_by_account(rulebase: RuleBase) -> None:
    people = People([period("U1", "碳管理员"), replace(period("U2", "校核员"), name="U1")])
    assert person_of("b", "U2", "U1", frozenset(), people, rulebase, TODAY).posts == {"checker"}


def test_a_role_nowhere_is_no_permission_whatever_the_post(occurrence: Workflow) -> None:
    stranger = person("U1", "carbon-department", "management-representative", roles=())
    assert answer(occurrence, "submit", stranger) == NOT_YOURS


# --- by: post, role, the rule's sides, a field's person --------------------------------------------------------------


@pytest.mark.parametrize(
    ("posts", "roles", "may"),
    [
        (("carbon-department",), ("records",), True),
        ((), ("department",), True),
        ((), ("compliance-officer",), True),
        ((), ("auditor",), False),
        (("internal-auditor",), ("verifier",), False),
        ((), ("administrator",), False),
    ],
)
def test_the_owners_post_or_a_role_hands_evidence_in(
    occurrence: Workflow, posts: tuple[str, ...], roles: tuple[str, ...], *, may: bool
) -> None:
    assert (answer(occurrence, "submit", person("U1", *posts, roles=roles)) == "yes") is may


def test_who_approves_is_what_the_obligations_rule_says(occurrence: Workflow) -> None:
    taken = [SUBMITTED, Taken("check", "U2")]
    chief, top = person("U3", "management-representative"), person("U4", "top-management")
    assert answer(occurrence, "approve", chief, taken) == "yes"
    assert answer(occurrence, "approve", top, taken) == NOT_YOURS
    review = Sides("top-management", "top-management")
    assert answer(occurrence, "approve", chief, taken, review) == NOT_YOURS
    assert answer(occurrence, "approve", top, taken, review) == "yes"


def test_an_obligation_without_approver_is_approved_by_nobody(occurrence: Workflow) -> None:
    taken = [SUBMITTED, Taken("check", "U2")]
    nobody = Sides("carbon-department")
    assert answer(occurrence, "approve", person("U3", "management-representative"), taken, nobody) == NOT_YOURS


PLANNED = [
    Taken("grade", "U1"),
    Taken("contain", "U1"),
    Taken("analyse", "U1"),
    Taken("plan", "U1", {"owner": "U7"}),
]


def test_the_person_of_a_field_acts_and_is_barred(handling: Workflow) -> None:
    owner, head = person("U7", "management-representative"), person("U2", "department-head")
    approved = [*PLANNED, Taken("approve-plan", "U3")]
    assert answer(handling, "start", owner, approved) == "yes"
    assert answer(handling, "start", head, approved) == NOT_YOURS
    assert answer(handling, "approve-plan", owner, PLANNED) == "You are its owner and may not do this"
    assert answer(handling, "approve-plan", person("U3", "management-representative"), PLANNED) == "yes"


def test_a_field_that_names_nobody_names_no_login_either(handling: Workflow) -> None:
    nameless = [replace(t, values={}) for t in PLANNED]
    assert answer(handling, "start", person(""), [*nameless, Taken("approve-plan", "U3")]) == NOT_YOURS


# --- separation of duties --------------------------------------------------------------------------------------------


def test_separation_follows_the_person_through_a_change_of_post(rulebase: RuleBase, occurrence: Workflow) -> None:
    people = People([period("U1", "碳管理员", until=END), period("U1", "管理者代表", date(2026, 4, 1))])
    then = person_of("li", "U1", "李", frozenset({"department"}), people, rulebase, END)
    now = person_of("li2", "U1", "李", frozenset({"department"}), people, rulebase, date(2026, 4, 1))
    assert answer(occurrence, "submit", then) == "yes"
    taken = [replace(SUBMITTED, person=then.account), Taken("check", "U2")]
    assert answer(occurrence, "approve", now, taken) == "You did “Hand in evidence”; another person must do this"


def test_returning_and_handing_in_anew_frees_nobody(occurrence: Workflow) -> None:
    taken = [SUBMITTED, Taken("return", "U2", {"reason": "x"}), replace(SUBMITTED, person="U3"), Taken("check", "U4")]
    everything = ("management-representative", "carbon-department")
    assert "Hand in" in answer(occurrence, "approve", person("U1", *everything), taken)
    assert "Check" in answer(occurrence, "approve", person("U4", *everything), taken)
    assert answer(occurrence, "approve", person("U2", *everything), taken) == "yes"


def test_what_an_audit_found_only_the_audit_team_verifies(handling: Workflow) -> None:
    done = [*PLANNED, Taken("approve-plan", "U3"), Taken("start", "U7"), Taken("complete", "U7")]
    officer, auditor = person("U9", roles=("compliance-officer",)), person("U8", "internal-auditor")
    assert answer(handling, "verify", officer, done, from_audit=False) == "yes"
    assert answer(handling, "verify-audit", officer, done, from_audit=True) == NOT_YOURS
    assert answer(handling, "verify-audit", auditor, done, from_audit=True) == "yes"


# --- a refusal -------------------------------------------------------------------------------------------------------


def test_a_refusal_gives_every_reason_and_the_rule(occurrence: Workflow) -> None:
    view = fold(occurrence, {"has_approver": True}, [SUBMITTED])
    step = step_of(occurrence, "return")
    denied = may_take(occurrence, view, step, person("U1", roles=("records",)), REPORT, {})
    assert isinstance(denied, Denied)
    assert [r.en for r in denied.reasons] == [
        NOT_YOURS,
        "You did “Hand in evidence”; another person must do this",
        "a reason is missing",
    ]
    message = refuse(step, denied).message
    assert "“退回”" in message.zh
    assert all(r.zh in message.zh for r in denied.reasons)
    assert "rule occurrence" in message.en


def test_what_a_page_offers_and_what_an_act_checks_agree_on_persons(occurrence: Workflow) -> None:
    view = fold(occurrence, {"has_approver": True}, [SUBMITTED])
    for who in (person("U1", "checker"), person("U2", "checker"), person("U3", roles=("records",))):
        step = step_of(occurrence, "check")
        offered = could_take(occurrence, view, step, who, REPORT)
        assert type(offered) is type(may_take(occurrence, view, step, who, REPORT, {}))
