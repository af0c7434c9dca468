"""What a changed rule base would do to a plant: the pulse of the plant's own day, tried without writing.

The same comparison that the pulse makes with what is stored says what the next pulse would put, move and take back.
What the rules now in use would change anyway is left out, so that only the change itself is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from compliance.core.absences import AbsenceReads
from compliance.core.cases import workflow_of
from compliance.core.changes import Changes, changes_of
from compliance.core.controlled import ControlledDocument, DocumentVersion, keep_until
from compliance.core.facts.documents import documents_asked
from compliance.core.judged import NONCONFORMITY, OCCURRENCE, Found, Occurrence, StoredFinding
from compliance.core.judgement import Engine
from compliance.core.linting.plant_checks import PlantRemark
from compliance.core.linting.plants import stuck_by
from compliance.core.looking import judge_as_of
from compliance.core.plants import Plant
from compliance.core.ports import Reads
from compliance.core.resting import stored_until
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase


class PlanReads(Reads, AbsenceReads, Protocol):
    """What planning asks of a look."""

    def kept_documents(self, plant: Plant) -> Sequence[tuple[ControlledDocument, Sequence[DocumentVersion]]]:
        """Every document with its versions."""
        ...


@dataclass(frozen=True, slots=True)
class Moved:
    """An occurrence before and after."""

    before: Occurrence
    after: Occurrence


@dataclass(frozen=True, slots=True)
class Changed:
    """A standing finding before and after."""

    before: Found
    after: Found


@dataclass(frozen=True, slots=True)
class Longer:
    """A document whose files are kept longer."""

    document: str
    before: date | None
    after: date
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unfit:
    """A template in use, a plant's own or the group's, that the rules would not admit: where, and what is wrong."""

    document: str
    file: str
    problems: tuple[tuple[str, Text], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantPlan:
    """What a changed rule base would do to a plant as of a day.

    ``moved``: another due day or state; ``reworded``: the same days by another wording. ``left``: occurrences that no
    rule makes any more but that were worked: they stay as their case left them. ``tickets``: findings that open a
    nonconformity, one a group. ``lengthened``: documents that are kept longer. ``templates``: the plant's own ones that
    the rules would not admit. ``stuck``: what the plant's persons could not do of what is asked then.
    """

    plant: Plant
    day: date
    added: tuple[Occurrence, ...] = ()
    removed: tuple[Occurrence, ...] = ()
    moved: tuple[Moved, ...] = ()
    reworded: tuple[Moved, ...] = ()
    left: tuple[Occurrence, ...] = ()
    raised: tuple[Found, ...] = ()
    withdrawn: tuple[Found, ...] = ()
    changed: tuple[Changed, ...] = ()
    tickets: tuple[Found, ...] = ()
    lengthened: tuple[Longer, ...] = ()
    templates: tuple[Unfit, ...] = ()
    stuck: tuple[PlantRemark, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing changes but wordings."""
        found = (self.added, self.removed, self.moved, self.left, self.raised, self.withdrawn, self.changed)
        return not any((*found, self.tickets, self.lengthened))

    def within(self, since: date | None, until: date | None) -> PlantPlan:
        """The same, of occurrences only those that fall due within two days, before or after."""

        def inside(*some: Occurrence) -> bool:
            return any((since is None or o.due >= since) and (until is None or o.due <= until) for o in some)

        return replace(
            self,
            added=tuple(o for o in self.added if inside(o)),
            removed=tuple(o for o in self.removed if inside(o)),
            left=tuple(o for o in self.left if inside(o)),
            moved=tuple(m for m in self.moved if inside(m.before, m.after)),
            reworded=tuple(m for m in self.reworded if inside(m.before, m.after)),
        )


def plan_plant(
    reads: PlanReads, plant: Plant, before: RuleBase, after: RuleBase, engines: Sequence[Engine], today: date
) -> PlantPlan:
    """Try the next pulse with another rule base, as of the plant's mark (today, if it was never judged)."""
    day = plant.mark or today
    own, other = _tried(reads, plant, before, engines, day), _tried(reads, plant, after, engines, day)
    stored = {o.key: o for o in reads.occurrences(plant)}
    standing = {f.found.key: f for f in reads.findings(plant) if f.withdrawn is None}
    put = [o for o in other.occurrences if o not in own.occurrences and o.key in _made(other)]
    moves = [Moved(stored[o.key], o) for o in put if o.key in stored]
    gone = [o for o in other.gone if o not in own.gone]
    left = [o for o in other.left if o not in own.left]
    return PlantPlan(
        plant=plant,
        day=day,
        added=tuple(o for o in put if o.key not in stored),
        removed=tuple(gone),
        left=tuple(left),
        moved=tuple(m for m in moves if (m.before.due, m.before.state) != (m.after.due, m.after.state)),
        reworded=tuple(m for m in moves if (m.before.due, m.before.state) == (m.after.due, m.after.state)),
        lengthened=lengthened(reads, plant, after),
        stuck=stuck_by(reads, plant, before, after, day),
        **_findings(own, other, standing),  # type: ignore[arg-type] # members by name
    )


def _made(changes: Changes) -> frozenset[tuple[str, str, str]]:
    return frozenset(o.key for o in changes.occurrences) - frozenset(o.key for o in changes.left)


def _findings(own: Changes, other: Changes, standing: dict[tuple[str, str, str], StoredFinding]) -> dict[str, object]:
    known = {_plainly(f) for f in own.findings}
    new = [f for f in other.findings if _plainly(f) not in known]
    ended = [f.found for f in new if f.withdrawn is not None]
    open_ = [f.found for f in new if f.withdrawn is None]
    changed = [Changed(standing[f.key].found, f) for f in open_ if f.key in standing]
    return {
        "raised": tuple(f for f in open_ if f.key not in standing),
        "withdrawn": tuple(ended),
        "changed": tuple(c for c in changed if _worded(c.before) != _worded(c.after)),
        "tickets": tuple(f for group, f in other.new_tickets.items() if group not in own.new_tickets),
    }


def _plainly(it: StoredFinding) -> tuple[object, ...]:
    found = it.found
    return (*found.key, it.withdrawn is None, *_worded(found), found.rule_digest)


def _worded(found: Found) -> tuple[object, ...]:
    """What people see of a finding."""
    return found.rule, found.title, found.clause, found.category, found.grade, found.message, found.remedy, found.ticket


def _tried(reads: PlanReads, plant: Plant, rulebase: RuleBase, engines: Sequence[Engine], day: date) -> Changes:
    tables = reads.tables(plant)
    accepted, asked = reads.accepted_and_asked(plant, OCCURRENCE, documents_asked(rulebase))
    judged = judge_as_of(plant, tables, rulebase, engines, day, stored_until(day), accepted, asked)
    return changes_of(reads, plant, judged, day, workflow_of(rulebase, NONCONFORMITY, day).finals)


def lengthened(reads: PlanReads, plant: Plant, after: RuleBase) -> tuple[Longer, ...]:
    """Documents whose files another rule base keeps longer, counted from the same days as before."""
    found = []
    for document, versions in reads.kept_documents(plant):
        until = [day for v in versions if (day := _until(after, document, v)) is not None]
        longest = max(until, default=None)
        if longest is not None and (document.retain_until is None or longest > document.retain_until):
            files = dict.fromkeys(f for v in versions if v.issued_at or v.ended_at for f in v.files)
            found.append(Longer(document.number, document.retain_until, longest, tuple(files)))
    return tuple(found)


def _until(after: RuleBase, document: ControlledDocument, version: DocumentVersion) -> date | None:
    """Until when a version is kept: counted from its issue, and again from its end."""
    days = [date.fromisoformat(at[:10]) for at in (version.issued_at, version.ended_at) if at]
    kept = [day for d in days if (day := keep_until(after, document.retention, d)) is not None]
    return max(kept, default=None)
