"""Which version of a document holds on a day: what was issued for a later day comes into force without an act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from compliance.core.acts import Act, Actor
from compliance.core.cases import CaseWork
from compliance.core.cases.program import ByProgram
from compliance.core.controlled import DOCUMENT, NEXT_REVIEW, DocumentVersion
from compliance.core.documents.gathering import Gathering
from compliance.core.plants import Plant
from compliance.kernel.text import Text
from compliance.rulebase.schema import Document

#: What a version is called that was issued and does not hold yet.
WAITS = Text("待生效", "not yet effective")
_HOLDS_FROM = Text("{waits}（自 {day} 起生效）", "{waits} (holds from {day})")


def mark_of_waiting(version: DocumentVersion) -> str:
    """The mark on copies of a version that does not hold yet."""
    return _HOLDS_FROM.fill(waits=WAITS, day=version.effective).zh


def come_into_force(desk: Gathering, plant: Plant, actor: Actor) -> list[str]:
    """End what later versions have replaced by today, and give a day of review to what has none; each with its leaf.

    A page tells by the day alone which version holds; this makes the register say so too.
    """
    today = desk.casework.today()
    with desk.register.read() as reads:
        replaced = reads.replaced(plant, today)
        undated = reads.unreviewed(plant, _reviewed(desk, today))
    done = [name for number in replaced if (name := _replaced(desk, plant, number, today))]
    return done + [name for name in undated if _dated(desk, plant, name, actor)]


def _replaced(desk: Gathering, plant: Plant, number: str, today: date) -> str:
    with desk.register.work() as work:
        about = desk.find(work, plant, number)
        holding = about.holding(today)
        earlier = [v for v in about.versions if v.in_force and holding and v.place < holding.place]
        if holding is None or not earlier:
            return ""
        program = _program(desk, work, plant, today)
        for version in earlier:
            program.supersede(about.document, version, holding)
        for act in program.acts:
            work.record(act, plant)
    return holding.object_id


def _dated(desk: Gathering, plant: Plant, object_id: str, actor: Actor) -> bool:
    today = desk.casework.today()
    with desk.register.work() as work:
        about = desk.find(work, plant, object_id)
        version = about.version
        if not version.in_force or version.review_due is not None or version.effective is None:
            return False
        day = _program(desk, work, plant, today).review_day(desk.rule(about.document.rule), version.effective)
        if day is None:
            return False
        work.save_version(plant, replace(version, review_due=day))
        change = {"f": NEXT_REVIEW, "old": None, "new": day.isoformat()}
        act = Act(
            actor=actor,
            action=f"{DOCUMENT}:review-day",
            object_type=DOCUMENT,
            object_id=version.object_id,
            changes=(change,),
        )
        work.record(act, plant)
    return True


def _program(desk: Gathering, work: CaseWork, plant: Plant, today: date) -> ByProgram:
    casework = desk.casework
    at = casework.now().isoformat(timespec="milliseconds")
    return ByProgram(work, plant, casework.workflow(DOCUMENT), casework.rulebase, today, at)


def _reviewed(desk: Gathering, today: date) -> Sequence[str]:
    """The ids of the rules with a cycle of review."""
    return [r.id for r in desk.casework.rulebase.in_force(Document, today) if r.review_months is not None]
