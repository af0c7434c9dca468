"""权限与职责: who may take which step of which case, as the rules say; and for one person, what and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from compliance.core.duties import Allowed, Person, Sides, could_take, person_of
from compliance.core.judged import NONCONFORMITY, OCCURRENCE
from compliance.core.model import PersonPeriod
from compliance.core.permissions import Permission
from compliance.kernel.text import Text
from compliance.rulebase.casework import FIELD, CaseView
from compliance.rulebase.schema import CaseStep, Obligation, Workflow
from compliance.web import access, asked, cases
from compliance.web.book import book
from compliance.web.i18n import _, said
from compliance.web.stepforms import party

blueprint = Blueprint("rights", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """A step: who may take it (in the order of the columns), who may not any more, and what the person may."""

    step: CaseStep
    from_: Sequence[str]
    cells: Sequence[bool]
    not_by: Sequence[str]
    may: bool | None
    as_: str
    reasons: Sequence[Text]


@blueprint.get("/p/<plant>/rights")
@access.needs(Permission.RULES)
def matrix() -> ResponseReturnValue:
    """Steps by posts and permission sets; for a chosen person, every step with the reasons against it."""
    rules, plant = book(), access.card().plant
    kind = NONCONFORMITY if asked.word("kind") == NONCONFORMITY else OCCURRENCE
    workflow = rules.workflow(kind)
    casework = access.services().casework()
    with casework.register.read() as reads:
        people = cases.periods(reads, plant)
    person = _person(asked.word("person"), people)
    duty = rules.wording(asked.word("duty"))
    sides = Sides(duty.owner, duty.approver) if isinstance(duty, Obligation) else Sides()
    parties = list(dict.fromkeys(who for s in workflow.steps for who in s.by)) if workflow else []
    return render_template(
        "rights.html",
        kind=kind,
        workflow=workflow,
        heads=[party(workflow, who, sides) for who in parties] if workflow else [],
        lines=[_line(workflow, s, parties, person, sides) for s in workflow.steps] if workflow else [],
        person=person,
        persons=cases.present(people),
        duty=duty,
        duties=[(r.id, f"{r.code} {said(r.title)}") for r in rules.codes.values()],
        book=rules,
    )


def _line(workflow: Workflow, step: CaseStep, parties: Sequence[str], person: Person | None, sides: Sides) -> Line:
    states = (workflow.state(name) for name in step.from_)
    decision = could_take(workflow, CaseView(step.from_[0], {}, ()), step, person, sides) if person else None
    return Line(
        step,
        [said(s.title) for s in states if s],
        [who in step.by for who in parties],
        [_excluded(workflow, name) for name in step.not_by],
        None if decision is None else isinstance(decision, Allowed),
        decision.posts(person) if person and isinstance(decision, Allowed) and decision.by else "",
        () if decision is None or isinstance(decision, Allowed) else decision.reasons,
    )


def _excluded(workflow: Workflow, name: str) -> str:
    """One whom ``not_by`` bars, in words."""
    if name.startswith(FIELD):
        field = workflow.field(name.removeprefix(FIELD))
        return _("本件的“%(field)s”", field=said(field.title) if field else name)
    step = workflow.step(name)
    return _("办理“%(step)s”的人", step=said(step.title) if step else name)


def _person(account: str, periods: Sequence[PersonPeriod]) -> Person | None:
    """The chosen person of this plant, with the permissions of the sign-in that belongs to the account."""
    name = next((p.name for p in periods if p.account == account), None)
    if name is None:
        return None
    bundle, plant = access.services(), access.card().plant
    with bundle.register.read() as look:
        mine = [(u, held) for u, held in look.users() if u.person == account and u.active]
    roles = frozenset(m.role.value for _user, held in mine for m in held if m.plant in (None, plant.key))
    login = mine[0][0].login if mine else ""
    people = bundle.deputies().people(plant, account, periods)
    return person_of(login, account, name, roles, people, bundle.rules(), bundle.clock.today())
