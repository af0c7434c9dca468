"""The things that are worked: how each kind opens as a case, and what a step changes outside the case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from compliance.core.cases.kept import CaseReads, CaseWork
from compliance.core.controlled import (
    COUNTERSIGNED,
    DOCUMENT,
    DRAFT_FILE,
    DRAFTED,
    REVISION,
    UNSHARED,
    DocumentAtHand,
    at_hand,
)
from compliance.core.duties import Sides
from compliance.core.judged import NONCONFORMITY, OCCURRENCE, Nonconformity, Occurrence, OccurrenceState
from compliance.core.plants import Plant
from compliance.core.worked import CaseKey, CaseRow
from compliance.kernel.errors import CannotDecide, WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.casework import CaseView, Values
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Obligation, Workflow


class NoSuchCase(WrongUse):
    """There is no such thing to work, or not for this person (the same answer for both)."""

    code = "no-such-case"
    text: ClassVar[Text] = Text(zh="没有“{name}”", en="There is no {name!r}")


@dataclass(frozen=True, slots=True)
class Thing:
    """What a case is about: its workflow, the fields with which it opens, and the posts of its rule.

    ``past``: the rules make it no more; it is shown as it was worked, and nothing leads on.
    """

    key: CaseKey
    title: Text
    workflow: Workflow
    opens: Values
    sides: Sides
    about: Occurrence | Nonconformity | DocumentAtHand
    past: bool = False


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
    past = found is None
    found = found or _worked_once(reads, plant, key, rulebase, on)
    if found is None:
        raise NoSuchCase(name=key.object_id)
    if isinstance(found, Nonconformity):
        opens: Values = {"fact": found.title.zh, "grade": found.grade, "from_audit": found.origin == AUDIT}
        return Thing(key, found.title, workflow, opens, Sides(), found)
    if isinstance(found, DocumentAtHand):
        return _document(found, key, rulebase, workflow, on)
    rule = rulebase.nearest(Obligation, found.obligation, found.anchor)
    waivable = rule is not None and rule.waivable
    opens = opening(found.approver, waivable=waivable)
    return Thing(key, found.title, workflow, opens, Sides(found.owner, found.approver), found, past)


def opening(approver: str | None, *, waivable: bool) -> Values:
    """The fields with which the case of an occurrence opens."""
    return {"has_approver": approver is not None, "waivable": waivable}


#: The state of an occurrence whose evidence counts, and the field that says on which day the duty was met.
ACCEPTED, EVIDENCE_DAY = "accepted", "evidence_day"
#: Where the leaf of a last step names the day of the site on which it was taken.
SETTLED = "settled"
#: Origin of a nonconformity that an audit found.
AUDIT = "audit"


def _document(found: DocumentAtHand, key: CaseKey, rulebase: RuleBase, workflow: Workflow, on: date) -> Thing:
    """A version of a document: its posts are those of its rule, its signatures name its draft."""
    rule = rulebase.nearest(Document, found.document.rule, on)
    version = found.version
    opens: Values = {
        **(drawing_up(rule) if rule else {}),
        DRAFT_FILE: version.draft or "",
        DRAFTED: version.draft is not None,
        REVISION: version.place > 0,
    }
    sides = document_sides(rule) if rule else Sides()
    return Thing(CaseKey(key.kind, found.version.object_id), found.document.title, workflow, opens, sides, found)


def document_sides(rule: Document) -> Sides:
    """The posts that sign a document of a rule."""
    return Sides(author=rule.author, reviewer=rule.reviewer, countersigner=rule.countersigner, approver=rule.approver)


def drawing_up(rule: Document) -> Values:
    """The fields by which the case of a document knows whether a post signs between review and approval.

    Where none does, nothing is missing from the beginning.
    """
    return {UNSHARED: rule.countersigner is None, COUNTERSIGNED: rule.countersigner is None}


def _about(reads: CaseReads, plant: Plant, key: CaseKey) -> Occurrence | Nonconformity | DocumentAtHand | None:
    if key.kind == NONCONFORMITY:
        return reads.nonconformity(plant, key.object_id)
    if key.kind == DOCUMENT:
        return at_hand(reads, plant, key.object_id)
    parts = _parts(key)
    return reads.occurrence(plant, *parts) if parts else None


def _parts(key: CaseKey) -> tuple[str, str, str] | None:
    """Obligation, subject and period of an occurrence's case."""
    obligation, slash, rest = key.object_id.partition("/")
    subject, second, period = rest.rpartition("/")
    return (obligation, subject, period) if slash and second else None


def _worked_once(reads: CaseReads, plant: Plant, key: CaseKey, rulebase: RuleBase, on: date) -> Occurrence | None:
    """An occurrence that was worked and that the register holds no more: what its steps and its rule tell of it."""
    parts = _parts(key) if key.kind == OCCURRENCE else None
    row = next((r for r in reads.case_rows(plant, key.kind) if r.key == key), None) if parts else None
    if parts is None or row is None:
        return None
    obligation, subject, period = parts
    rule = rulebase.nearest(Obligation, obligation, on)
    day = row.settled or on
    return Occurrence(
        obligation=obligation,
        code=rule.code if rule else obligation,
        title=rule.title if rule else Text(obligation, obligation),
        clause=rule.source.clause if rule else "",
        strength=rule.source.strength if rule else "",
        subject=subject,
        period=period,
        opens=day,
        due=day,
        effective_workday=day,
        provisional=True,
        state=_stood(row, day),
        done_on=row.done_on,
        derivation=Text("现行规则已不产生此期", "the rules make this occurrence no more"),
        owner=rule.owner if rule else "",
        approver=rule.approver if rule else None,
        rule_digest=rule.digest if rule else "",
        anchor=day,
    )


def past(occurrence: Occurrence, row: CaseRow) -> Occurrence:
    """An occurrence that no rule makes any more, as its case left it."""
    return replace(occurrence, state=_stood(row, occurrence.due), done_on=row.done_on)


def _stood(row: CaseRow, due: date) -> OccurrenceState:
    if row.done_on is not None:
        return OccurrenceState.DONE if row.done_on <= due else OccurrenceState.DONE_LATE
    return OccurrenceState.WAIVED if row.settled is not None else OccurrenceState.NOT_APPLICABLE


def carry_over(work: CaseWork, plant: Plant, thing: Thing, view: CaseView) -> None:
    """What a step changes outside its case: a nonconformity shows state and grade in its own row."""
    if isinstance(thing.about, Nonconformity):
        grade = str(view.fields.get("grade") or thing.about.grade)
        work.save_nonconformities(plant, [replace(thing.about, state=view.state, grade=grade)])
