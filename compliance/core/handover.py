"""Handing over the open actions of a person: one step a case, as the workflow's own rules allow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compliance.core.acts import Act
from compliance.core.cases import CaseKey, Casework, Wish
from compliance.core.cases.raising import only_looks
from compliance.core.cases.taking import Looked
from compliance.core.duties import Allowed, MayNotTake, Person
from compliance.core.judged import NONCONFORMITY
from compliance.core.permissions import MayNot
from compliance.core.plants import Plant
from compliance.kernel.text import Text
from compliance.rulebase.casework import next_steps
from compliance.rulebase.schema import CaseStep

#: The field that names whoever works on an action.
OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Kept:
    """A case that was not handed over, and why."""

    key: CaseKey
    why: MayNotTake


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What was handed over, and what was not."""

    done: tuple[CaseKey, ...]
    kept: tuple[Kept, ...]


def hand_over(casework: Casework, plant: Plant, person: Person, *, old: str, new: str, reason: str) -> HandedOver:
    """Hand every open action of one account to another; raises the refusal if nothing could be handed over.

    A case that this person may not hand over is left alone and named; a refusal of all leaves one leaf.
    """
    if only_looks(person.roles):
        raise _refused(casework, plant, person, old)
    done: list[CaseKey] = []
    kept: list[Kept] = []
    for looked in _open(casework, plant, old):
        step = handing_over(looked)
        if step is None:
            continue
        wish = Wish(looked.thing.key, step.id, {OWNER: new, "reason": reason}, (), looked.view.state, len(looked.steps))
        try:
            casework.take(plant, person, wish, signed=False)
        except MayNotTake as refusal:
            kept.append(Kept(looked.thing.key, refusal))
            if not done and not _any_offered(casework, plant, old, person):
                raise
            continue
        done.append(looked.thing.key)
    return HandedOver(tuple(done), tuple(kept))


def handing_over(looked: Looked) -> CaseStep | None:
    """The step that leaves the case where it is and names another owner, if the rules have one here."""
    steps = next_steps(looked.thing.workflow, looked.view)
    return next((s for s in steps if s.to == looked.view.state and OWNER in s.needs), None)


def _open(casework: Casework, plant: Plant, owner: str) -> Sequence[Looked]:
    with casework.register.read() as reads:
        rows = [row for row in reads.case_rows(plant, NONCONFORMITY) if row.owner == owner]
        return [casework.look(reads, plant, row.key) for row in rows]


def _refused(casework: Casework, plant: Plant, person: Person, old: str) -> MayNot:
    """Record that somebody who only looks wanted to hand over, whether or not anything is open."""
    refusal = MayNot(reason=_ONLY_LOOKS)
    act = Act(
        actor=person.actor(),
        action=f"{NONCONFORMITY}:refused",
        object_type="person",
        object_id=old,
        reason=refusal.message.zh,
    )
    with casework.register.work() as work:
        work.record(act, plant)
    return refusal


def _any_offered(casework: Casework, plant: Plant, owner: str, person: Person) -> bool:
    """Whether the person may hand over any of them at all; else one refusal says it for all."""
    return any(
        step.to == looked.view.state and OWNER in step.needs and isinstance(decision, Allowed)
        for looked in _open(casework, plant, owner)
        for step, decision in looked.offers(person)
    )


_ONLY_LOOKS = Text("您只有查阅权限，不能移交措施", "You may look here, but hand over nothing")
