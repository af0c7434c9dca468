"""Who is in the plant, and who may take which step."""

from __future__ import annotations

from typing import Any

from flask import abort

from compliance.core.cases import NONCONFORMITY, OCCURRENCE
from compliance.core.controlled import DOCUMENT
from compliance.core.duties import Allowed, Denied, Person, Sides, could_take, people_of, person_of
from compliance.core.model import PersonPeriod
from compliance.core.people import SEPARATOR
from compliance.core.permissions import Permission
from compliance.core.roster import Member, roster
from compliance.kernel.text import Text
from compliance.rulebase.casework import CaseView
from compliance.rulebase.schema import CaseStep, Obligation, Workflow
from compliance.web import access
from compliance.web.api.operations import Asked, Operation, Query, operation
from compliance.web.api.shapes import NAME, SAID, Day, ListOf, Maybe, Record, Truth, Whole, Word
from compliance.web.api.telling import day, said
from compliance.web.book import book

_KINDS = (OCCURRENCE, NONCONFORMITY, DOCUMENT)
_PERIOD = Record("Period", {"posts": ListOf(NAME), "department": Maybe(NAME), "since": Day(), "until": Maybe(Day())})
_ABSENCE = Record("Absence", {"number": Whole(), "deputy": NAME, "since": Day(), "until": Day()})
_PERSON = Record(
    "Person",
    {
        "account": NAME,
        "name": NAME,
        "posts": ListOf(NAME),
        "periods": ListOf(_PERIOD),
        "sign_ins": ListOf(Record("SignIn", {"login": NAME, "active": Truth(), "roles": ListOf(NAME)})),
        "absences": ListOf(_ABSENCE),
        "open_actions": ListOf(NAME),
    },
)
_RIGHT = Record(
    "Right",
    {
        "step": NAME,
        "title": SAID,
        "from": ListOf(NAME),
        "to": NAME,
        "by": ListOf(NAME),
        "not_by": ListOf(NAME),
        "signed": Truth(),
        "may": Maybe(Truth()),
        "reasons": ListOf(SAID),
    },
)


@operation(
    Operation(
        name="people",
        method="GET",
        path="/plants/{plant}/people",
        title=Text("人员及其任职、账号、离岗", "persons with posts, sign-ins and absences"),
        parts={"plant": NAME},
        answer=Record("People", {"rows": ListOf(_PERSON)}),
    )
)
def people(_asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Everybody of the plant."""
    bundle, plant = access.services(), access.card().plant
    with bundle.deputies().register.read() as reads:
        members = roster(reads, plant, bundle.rules(), bundle.clock.today())
    return {"rows": [_member(m) for m in members]}


@operation(
    Operation(
        name="rights",
        method="GET",
        path="/plants/{plant}/rights",
        title=Text("谁可办理哪一步", "who may take which step"),
        parts={"plant": NAME},
        query={
            "kind": Query(Word(words=_KINDS), Text("哪类事项，默认义务", "the kind of case; occurrences unless said")),
            "person": Query(NAME, Text("某人的账号：给出能否及原因", "an account: may that person, and why not")),
            "duty": Query(NAME, Text("某义务：按其责任与批准岗位", "an obligation: by its owner and approver")),
        },
        answer=Record("Rights", {"workflow": NAME, "title": SAID, "rows": ListOf(_RIGHT)}),
        permission=Permission.RULES,
    )
)
def rights(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Every step of a workflow by who may take it; for a person, with every reason against."""
    workflow = book().workflow(asked.query.get("kind", OCCURRENCE)) or abort(404)
    duty = book().wording(asked.query.get("duty", ""))
    sides = Sides(duty.owner, duty.approver) if isinstance(duty, Obligation) else Sides()
    account = asked.query.get("person")
    person = _person(account) if account else None
    return {
        "workflow": workflow.id,
        "title": said(workflow.title),
        "rows": [_right(workflow, step, person, sides) for step in workflow.steps],
    }


def _person(account: str) -> Person:
    """The person of an account, with the permissions of the sign-in that belongs to it."""
    bundle, plant = access.services(), access.card().plant
    with bundle.deputies().register.read() as reads:
        periods = [p for p in reads.tables(plant, [PersonPeriod])[PersonPeriod] if isinstance(p, PersonPeriod)]
        name = next((p.name for p in periods if p.account == account), None)
        if name is None:
            abort(404)
        own = [s for s in reads.sign_ins(plant) if s.user.person == account and s.user.active]
        roles = frozenset(m.role.value for s in own for m in s.memberships if m.plant in {None, plant.key})
        known = people_of(reads, plant)
    login = own[0].user.login if own else ""
    return person_of(login, account, name, roles, known, bundle.rules(), bundle.clock.today())


def _right(workflow: Workflow, step: CaseStep, person: Person | None, sides: Sides) -> dict[str, Any]:
    may = could_take(workflow, CaseView(step.from_[0], {}, ()), step, person, sides) if person else None
    return {
        "step": step.id,
        "title": said(step.title),
        "from": list(step.from_),
        "to": step.to,
        "by": list(step.by),
        "not_by": list(step.not_by),
        "signed": step.sign is not None,
        "may": None if may is None else isinstance(may, Allowed),
        "reasons": [said(reason) for reason in may.reasons] if isinstance(may, Denied) else [],
    }


def _member(member: Member) -> dict[str, Any]:
    today = access.services().clock.today()
    return {
        "account": member.account,
        "name": member.name,
        "posts": list(member.posts(today)),
        "periods": [_period(p) for p in member.periods],
        "sign_ins": [
            {"login": s.user.login, "active": s.user.active, "roles": sorted(m.role.value for m in s.memberships)}
            for s in member.sign_ins
        ],
        "absences": [
            {"number": a.id, "deputy": a.deputy, "since": day(a.since), "until": day(a.until)}
            for a in member.absences
            if a.stands(today)
        ],
        "open_actions": [key.object_id for key in member.actions],
    }


def _period(period: PersonPeriod) -> dict[str, Any]:
    posts = [p for p in (period.posts or "").split(SEPARATOR) if p]
    return {
        "posts": posts,
        "department": period.department,
        "since": day(period.since),
        "until": day(period.until),
    }
