"""The things that are worked: how each kind opens as a case, and what a step changes outside the case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from compliance.core.cases.kept import CaseKey, CaseReads, CaseWork
from compliance.core.duties import Sides
from compliance.core.judged import NONCONFORMITY, OCCURRENCE, Nonconformity, Occurrence
from compliance.core.plants import Plant
from compliance.kernel.errors import CannotDecide, WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.casework import CaseView, Values
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Obligation, Workflow

#: Separates obligation, subject and period in the name of an occurrence's case.
_PARTS = 3


class NoSuchCase(WrongUse):
    """There is no such thing to work, or not for this person (the same answer for both)."""

    code = "no-such-case"
    text: ClassVar[Text] = Text(zh="没有“{name}”", en="There is no {name!r}")


@dataclass(frozen=True, slots=True)
class Thing:
    """What a case is about: its workflow, the fields with which it opens, and the posts of its rule."""

    key: CaseKey
    title: Text
    workflow: Workflow
    opens: Values
    sides: Sides
    about: Occurrence | Nonconformity


def occurrence_key(occurrence: Occurrence) -> CaseKey:
    """The case of an occurrence."""
    return CaseKey(OCCURRENCE, "/".join(occurrence.key))


class NoWorkflow(CannotDecide):
    """The rule base in use does not say how a kind of thing is worked."""

    code = "no-workflow"
    text: ClassVar[Text] = Text(
        zh="使用中的规则库没有“{kind}”的流程；请核对后运行 compliance rules activate",
        en="The rule base in use has no workflow for {kind!r}; compare it and run compliance rules activate",
    )


def workflow_of(rulebase: RuleBase, kind: str, on: date) -> Workflow:
    """The workflow of a kind of case in the wording of a day; raises :class:`NoWorkflow`."""
    found = next((w for w in rulebase.in_force(Workflow, on) if w.applies_to == kind), None)
    if found is None:
        raise NoWorkflow(kind=kind)
    return found


def thing_of(reads: CaseReads, plant: Plant, key: CaseKey, rulebase: RuleBase, on: date) -> Thing:
    """What a key names; raises :class:`NoSuchCase`."""
    workflow = workflow_of(rulebase, key.kind, on)
    found = _about(reads, plant, key)
    if found is None:
        raise NoSuchCase(name=key.object_id)
    if isinstance(found, Nonconformity):
        opens: Values = {"fact": found.title.zh, "grade": found.grade, "from_audit": found.origin == AUDIT}
        return Thing(key, found.title, workflow, opens, Sides(), found)
    rule = rulebase.nearest(Obligation, found.obligation, found.anchor)
    waivable = rule is not None and rule.waivable
    opens = {"has_approver": found.approver is not None, "waivable": waivable}
    return Thing(key, found.title, workflow, opens, Sides(found.owner, found.approver), found)


#: The state of an occurrence whose evidence counts, and the field that says on which day the duty was met.
ACCEPTED, EVIDENCE_DAY = "accepted", "evidence_day"
#: Where the leaf of a last step names the day of the site on which it was taken.
SETTLED = "settled"
#: Origin of a nonconformity that an audit found.
AUDIT = "audit"


def _about(reads: CaseReads, plant: Plant, key: CaseKey) -> Occurrence | Nonconformity | None:
    if key.kind == NONCONFORMITY:
        return reads.nonconformity(plant, key.object_id)
    parts = key.object_id.split("/", 1)
    rest = parts[-1].rsplit("/", 1)
    if len(parts) + len(rest) != _PARTS + 1:
        return None
    return reads.occurrence(plant, parts[0], rest[0], rest[1])


def carry_over(work: CaseWork, plant: Plant, thing: Thing, view: CaseView) -> None:
    """What a step changes outside its case: a nonconformity shows state and grade in its own row."""
    if isinstance(thing.about, Nonconformity):
        grade = str(view.fields.get("grade") or thing.about.grade)
        work.save_nonconformities(plant, [replace(thing.about, state=view.state, grade=grade)])
