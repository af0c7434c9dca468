"""Giving out numbered copies of a version, calling them back, and the marks that every other copy carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

from compliance.core.acts import Act
from compliance.core.cases import CaseWork, NoSuchCase
from compliance.core.cases.taking import ENDED
from compliance.core.controlled import DOCUMENT, DocumentAtHand
from compliance.core.copies import ControlledCopy, Outcome
from compliance.core.documents.control import UNCONTROLLED, marked
from compliance.core.documents.gathering import Gathering, NotIssued
from compliance.core.documents.readers import Readers
from compliance.core.duties import Allowed, Denied, MayNotTake, Person, Sides, could_take, refuse
from compliance.core.plants import Plant
from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text, illegal
from compliance.rulebase.casework import opened
from compliance.rulebase.schema import Document, Retention

#: How long a holder, a place and a reason may be.
LONGEST = 200
_SERIES = "copy/"


class BadCopy(WrongUse):
    """What was given of a copy does not do."""

    code = "bad-copy"
    text: ClassVar[Text] = Text(zh="受控副本有误：{problem}", en="The copy does not hold: {problem}")


class CopyOver(Refused):
    """The copy has ended already, or is not one that waits for a second person."""

    code = "copy-over"
    text: ClassVar[Text] = Text(
        zh="第 {copy} 号受控副本的状态不允许此操作", en="Copy {copy} does not stand where this can be done"
    )


class SameHand(Refused):
    """Whoever recorded the destruction witnesses it."""

    code = "same-hand"
    text: ClassVar[Text] = Text(
        zh="销毁须由另一人见证", en="Another person than the one who destroyed the copy witnesses it"
    )


class CopyReads(Protocol):
    """What finding a copy asks of a look."""

    def copies(self, plant: Plant, number: str) -> Sequence[ControlledCopy]:
        """The controlled copies of a document by their numbers."""
        ...


@dataclass(frozen=True, slots=True)
class Copies:
    """Numbered copies on paper of the versions of a document."""

    desk: Gathering

    # --- files

    def uncontrolled(self, about: DocumentAtHand) -> bytes:
        """A copy of the issued file with the mark of what is printed without a number; what is kept stays."""
        return self._with(about, UNCONTROLLED.zh)

    def file(self, about: DocumentAtHand, copy: ControlledCopy) -> bytes:
        """The issued file with the number and holder of the copy on every page."""
        return self._with(about, _NUMBERED.fill(number=copy.copy, holder=copy.holder).zh)

    def held(self, reads: CopyReads, plant: Plant, about: DocumentAtHand, copy: int) -> ControlledCopy:
        """A copy of a document that has not ended; raises :class:`NoSuchCase` or :class:`CopyOver`."""
        found = self._copy(reads, plant, about, copy)
        if found.ended_at is not None:
            raise CopyOver(copy=copy)
        return found

    def _with(self, about: DocumentAtHand, mark: str) -> bytes:
        if about.version.issued_data is None:
            raise NotIssued(name=about.version.object_id)
        return self.desk.render_kept(about, marked(self.desk.data(about.version.issued_data), mark))

    # --- acts

    def give(self, plant: Plant, person: Person, object_id: str, holder: str, kept_at: str) -> ControlledCopy:
        """Give out the next numbered copy of a version in force: to whom, and where it is kept."""
        holder, kept_at = _text(holder, _HOLDER), _text(kept_at, _PLACE)
        try:
            with self.desk.register.work() as work:
                about = self.desk.find(work, plant, object_id)
                now = self._allowed(work, plant, person, about, _GIVING)
                version = about.version
                if not version.in_force:
                    raise NotIssued(name=version.object_id)
                copy = ControlledCopy(
                    number=about.number,
                    copy=work.next_number(plant, _SERIES + about.number),
                    place=version.place,
                    label=version.label,
                    holder=holder,
                    kept_at=kept_at,
                    issued_at=self._moment(),
                    issued_by=now.account,
                    issued_name=now.name,
                    two=False,
                )
                work.save_copy(plant, copy)
                work.record(_act(now, "copy-give", version.object_id, copy, ("holder", "kept_at")), plant)
                return copy
        except MayNotTake as refusal:
            self._record_refusal(plant, person, object_id, refusal)
            raise

    def end(self, plant: Plant, person: Person, number: str, copy: int, outcome: str, why: str) -> ControlledCopy:
        """Say what became of a copy; destroyed ones need a second person where the rules say so of disposal."""
        if outcome not in set(Outcome):
            raise BadCopy(problem=_OUTCOME)
        why = _text(why, _REASON)
        try:
            with self.desk.register.work() as work:
                about = self.desk.find(work, plant, number)
                now = self._allowed(work, plant, person, about, _ENDING)
                before = self._copy(work, plant, about, copy)
                if before.ended_at is not None:
                    raise CopyOver(copy=copy)
                two = outcome == Outcome.DESTROYED and self._by_two(about)
                ended = replace(
                    before, outcome=outcome, why=why, ended_at=self._moment(), ended_by=now.account,
                    ended_name=now.name, two=two,
                )  # fmt: skip
                work.save_copy(plant, ended)
                act = _act(now, "copy-end", f"{number}/{ended.label}", ended, ("outcome", "two"))
                work.record(replace(act, reason=why), plant)
                return ended
        except MayNotTake as refusal:
            self._record_refusal(plant, person, number, refusal)
            raise

    def witness(self, plant: Plant, person: Person, number: str, copy: int) -> ControlledCopy:
        """Witness as a second person that a copy was destroyed."""
        try:
            with self.desk.register.work() as work:
                return self._witness(work, plant, person, number, copy)
        except (MayNotTake, SameHand) as refusal:
            self._record_refusal(plant, person, number, refusal)
            raise

    def may(self, rule: Document, person: Person, *, witness: bool = False) -> Allowed | Denied:
        """Whether a person gives out and ends copies: who may issue; who signs the document witnesses too."""
        decision = Readers(self.desk).may_name(rule, person)
        if isinstance(decision, Allowed) or not witness:
            return decision
        workflow = self.desk.casework.workflow(DOCUMENT)
        sides = Sides(author=rule.author, reviewer=rule.reviewer, approver=rule.approver)
        view = opened(workflow, {})
        may = [could_take(workflow, view, step, person, sides) for step in workflow.steps if step.sign]
        return next((one for one in may if isinstance(one, Allowed)), decision)

    def _witness(self, work: CaseWork, plant: Plant, person: Person, number: str, copy: int) -> ControlledCopy:
        about = self.desk.find(work, plant, number)
        now = self._allowed(work, plant, person, about, _WITNESSING, witness=True)
        before = self._copy(work, plant, about, copy)
        if before.ended_at is None or before.over:
            raise CopyOver(copy=copy)
        if before.ended_by == now.account:
            raise SameHand
        seen = replace(before, second_at=self._moment(), second_by=now.account, second_name=now.name)
        work.save_copy(plant, seen)
        work.record(_act(now, "copy-witness", f"{number}/{seen.label}", seen, ("second_by",)), plant)
        return seen

    def _by_two(self, about: DocumentAtHand) -> bool:
        """Whether the rule of the document's class of records wants an approval of disposal."""
        casework = self.desk.casework
        rule = casework.rulebase.nearest(Retention, about.document.retention, casework.today())
        return rule is not None and rule.disposal_approval is not None

    def _allowed(
        self, work: CaseWork, plant: Plant, person: Person, about: DocumentAtHand, what: Text, *, witness: bool = False
    ) -> Person:
        now = self.desk.casework.person(work, plant, person)
        rule = self.desk.rule(about.document.rule)
        may = self.may(rule, now, witness=witness) if now else Denied((ENDED,), DOCUMENT)
        if now is None or isinstance(may, Denied):
            denied = may if isinstance(may, Denied) else Denied((ENDED,), DOCUMENT)
            raise refuse(replace(self.desk.casework.workflow(DOCUMENT).steps[0], title=what), denied)
        return now

    def _copy(self, reads: CopyReads, plant: Plant, about: DocumentAtHand, copy: int) -> ControlledCopy:
        found = next((c for c in reads.copies(plant, about.number) if c.copy == copy), None)
        if found is None:
            raise NoSuchCase(name=f"{about.number} {copy}")
        return found

    def _record_refusal(self, plant: Plant, person: Person, object_id: str, refusal: Refused) -> None:
        act = Act(
            actor=person.actor(),
            action=f"{DOCUMENT}:refused",
            object_type=DOCUMENT,
            object_id=object_id,
            changes=({"f": "copy", "old": None, "new": person.account},),
            reason=refusal.message.zh,
        )
        with self.desk.register.work() as work:
            work.record(act, plant)

    def _moment(self) -> str:
        return self.desk.casework.now().isoformat(timespec="milliseconds")


def _text(text: str, what: Text) -> str:
    clean = text.strip()
    if not clean or len(clean) > LONGEST or "\n" in clean or illegal(clean):
        raise BadCopy(problem=_LINE.fill(what=what, most=LONGEST))
    return clean


def _act(person: Person, verb: str, object_id: str, copy: ControlledCopy, names: tuple[str, ...]) -> Act:
    changes = (
        {"f": "copy", "old": None, "new": copy.copy},
        *({"f": n, "old": None, "new": getattr(copy, n)} for n in names),
    )
    return Act(
        actor=person.actor(),
        action=f"{DOCUMENT}:{verb}",
        object_type=DOCUMENT,
        object_id=object_id,
        changes=changes,
    )


#: The mark on every page of a copy.
_NUMBERED = Text("受控副本 第 {number} 号 {holder}", "controlled copy {number} {holder}")
_GIVING, _ENDING = Text("发放受控副本", "Give out a controlled copy"), Text("注销受控副本", "End a controlled copy")
_WITNESSING = Text("见证销毁", "Witness the destruction of a copy")
_HOLDER, _PLACE, _REASON = Text("持有人", "holder"), Text("存放处", "place"), Text("理由", "reason")
_LINE = Text("{what}应为 1 至 {most} 字的一行", "{what} is a line of 1 to {most} characters")
_OUTCOME = Text("应为 returned、destroyed 或 lost", "say returned, destroyed or lost")
