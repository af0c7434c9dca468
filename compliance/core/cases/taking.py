"""Taking a step of a case: decided and stored in one transaction, with its leaf; a refusal leaves a leaf of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import ClassVar, Protocol

from compliance.core.acts import Act, ObjectRef
from compliance.core.cases.files import chosen
from compliance.core.cases.kept import CaseReads, CaseWork, Signature, StoredStep, digest_of_step
from compliance.core.cases.papers import Consequences, follow
from compliance.core.cases.things import (
    ACCEPTED,
    EVIDENCE_DAY,
    SETTLED,
    NoSuchCase,
    Thing,
    carry_over,
    thing_of,
    workflow_of,
)
from compliance.core.cases.values import REASON, Checking
from compliance.core.duties import (
    Allowed,
    Denied,
    MayNotTake,
    Person,
    Standing,
    could_take,
    may_take,
    person_now,
    refuse,
)
from compliance.core.judged import OCCURRENCE
from compliance.core.plants import Plant
from compliance.core.worked import CaseKey, CaseRow
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text
from compliance.rulebase.casework import CaseView, FieldValue, Taken, after, next_steps
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import CaseStep, Workflow


class SignatureRefused(Refused):
    """The password was wrong: nothing was signed."""

    code = "signature-refused"
    text: ClassVar[Text] = Text(zh="密码不正确，未签署", en="The password is wrong; nothing was signed")


class CaseRegister(Protocol):
    """The register as cases need it."""

    def read(self) -> AbstractContextManager[CaseReads]:
        """Open a look."""
        ...

    def work(self) -> AbstractContextManager[CaseWork]:
        """Open a writing transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to do: a step with values and files (already in the vault)."""

    key: CaseKey
    step: str
    values: Mapping[str, FieldValue] = field(default_factory=dict)
    files: tuple[ObjectRef, ...] = ()
    #: The state that the person saw; another one by now refuses the step.
    seen: str | None = None
    #: How many steps the person saw; a case may have come back to the same state with other content.
    seen_steps: int | None = None
    #: Values that the program itself adds; never what a form or a command says.
    added: Mapping[str, FieldValue] = field(default_factory=dict)
    #: Digests of files that the plant keeps already, or that wait for this person.
    existing: tuple[str, ...] = ()
    #: How the person has just proved who signs.
    method: str = "password"


@dataclass(frozen=True, slots=True)
class Looked:
    """A case as it stands."""

    thing: Thing
    view: CaseView
    steps: tuple[StoredStep, ...]

    def offers(self, person: Person) -> list[tuple[CaseStep, Allowed | Denied]]:
        """The steps that lead on from here, each with whether this person may take it and why not."""
        if self.thing.past:
            return []
        workflow, view = self.thing.workflow, self.view
        return [(s, could_take(workflow, view, s, person, self.thing.sides)) for s in next_steps(workflow, view)]


def _nothing(plant: Plant) -> None:
    """Nothing follows."""
    del plant


@dataclass(frozen=True)
class Casework:
    """Everything that working cases needs."""

    register: CaseRegister
    rulebase: RuleBase
    now: Callable[[], datetime]
    today: Callable[[], date]
    #: Told of the plant once a step has ended a case; whatever follows is no part of the step.
    ended: Callable[[Plant], None] = _nothing

    def workflow(self, kind: str) -> Workflow:
        """The workflow of a kind of case, in the wording of today."""
        return workflow_of(self.rulebase, kind, self.today())

    def look(self, reads: CaseReads, plant: Plant, key: CaseKey) -> Looked:
        """A case as it stands: what it is about, where it stands, and its steps."""
        thing = thing_of(reads, plant, key, self.rulebase, self.today())
        steps = tuple(reads.case_steps(plant, key))
        return Looked(thing, standing(thing, steps), steps)

    def take(self, plant: Plant, person: Person, wish: Wish, *, signed: bool) -> CaseRow:
        """Take a step. ``signed``: the person has just proved the password.

        ``person`` is whom the page saw; who that sign-in is, is asked anew in the transaction.
        Raises :class:`NoSuchCase`, :class:`MayNotTake`, :class:`BadValue` or :class:`SignatureRefused`.
        """
        try:
            with self.register.work() as work:
                row = self._take(work, plant, person, wish, signed=signed)
        except (MayNotTake, SignatureRefused) as refusal:
            self._record_refusal(plant, person, wish, refusal)
            raise
        if row.settled is not None:
            self.ended(plant)
        return row

    def take_within(self, work: CaseWork, plant: Plant, person: Person, wish: Wish, *, signed: bool) -> CaseRow:
        """Take a step in the transaction of an act that it belongs to; whoever acts records what is refused."""
        return self._take(work, plant, person, wish, signed=signed)

    def keep_uploads(self, plant: Plant, login: str, key: CaseKey, files: Sequence[ObjectRef]) -> None:
        """Let files wait for the step that they were handed in for: a refusal does not lose them. No act."""
        if files:
            with self.register.work() as work:
                work.keep_pending(plant, login, key, files, self.now())

    def person(self, reads: Standing, plant: Plant, person: Person) -> Person | None:
        """The person at this moment: roles, posts and absences may have changed since the page was made."""
        return person_now(reads, plant, person.login, self.rulebase, self.today(), person.session)

    def _take(self, work: CaseWork, plant: Plant, person: Person, wish: Wish, *, signed: bool) -> CaseRow:
        thing = thing_of(work, plant, wish.key, self.rulebase, self.today())
        step = thing.workflow.step(wish.step)
        if step is None:
            raise NoSuchCase(name=wish.step)
        steps = work.case_steps(plant, wish.key)
        view = standing(thing, steps)
        if wish.seen not in {None, view.state} or wish.seen_steps not in {None, len(steps)}:
            raise refuse(step, Denied((_MEANWHILE,), thing.workflow.id))
        if thing.past:
            raise refuse(step, Denied((_PAST,), thing.workflow.id))
        now = self.person(work, plant, person)
        if now is None:
            raise refuse(step, Denied((ENDED,), thing.workflow.id))
        existing = chosen(work, plant, now.login, wish.key, wish.existing)
        wish = replace(wish, files=tuple({f.sha256: f for f in (*existing, *wish.files)}.values()))
        values = self._values(work, plant, thing, step, wish, view)
        decision = may_take(thing.workflow, view, step, now, thing.sides, values)
        if isinstance(decision, Denied):
            raise refuse(step, decision)
        if step.sign is not None and not signed:
            raise SignatureRefused
        come = after(thing.workflow, view, Taken(step.id, now.account, values, decision.acts_for))
        # What a step copies is kept with it: the case stays the sum of its steps whatever the rule says later.
        values |= {name: come.fields[name] for name in step.copies if name in come.fields}
        stored = self._stored(wish, step, now, decision, values, come, steps)
        if stored.files:
            work.drop_pending(plant, now.login, wish.key, [f.sha256 for f in stored.files])
        return self._store(work, plant, thing, come, stored, view)

    def _values(
        self, work: CaseWork, plant: Plant, thing: Thing, step: CaseStep, wish: Wish, view: CaseView
    ) -> dict[str, FieldValue]:
        checking = Checking(work, plant, self.rulebase, self.today(), thing.workflow, view.fields)
        return {**checking.taken(step, wish.values, wish.files), **wish.added}

    def _stored(
        self,
        wish: Wish,
        step: CaseStep,
        person: Person,
        by: Allowed,
        values: Mapping[str, FieldValue],
        view: CaseView,
        before: Sequence[StoredStep],
    ) -> StoredStep:
        takes_files = any(isinstance(value, tuple) for value in values.values())
        stored = StoredStep(
            seq=len(before),
            step=step.id,
            state=view.state,
            login=person.login,
            account=person.account,
            name=person.name,
            posts=by.posts(person),
            acted_for=by.acts_for,
            at=self.now().isoformat(timespec="milliseconds"),
            values=values,
            files=wish.files if takes_files else (),
            signature=Signature(step.sign, "", wish.method) if step.sign else None,
        )
        digest = digest_of_step(wish.key, before[-1].digest if before else "", stored)
        signature = replace(stored.signature, covers=digest) if stored.signature else None
        return replace(stored, digest=digest, signature=signature)

    def _store(
        self, work: CaseWork, plant: Plant, thing: Thing, view: CaseView, stored: StoredStep, before: CaseView
    ) -> CaseRow:
        row = self._row(thing, view)
        work.add_step(plant, thing.key, stored)
        work.save_case(plant, row)
        carry_over(work, plant, thing, view)
        brought = follow(work, plant, thing, stored, view, self.rulebase, self.today())
        work.record(_act(thing, stored, before, row.settled, brought), plant)
        for act in brought.acts:
            work.record(act, plant)
        return row

    def _row(self, thing: Thing, view: CaseView) -> CaseRow:
        state = thing.workflow.state(view.state)
        settled = thing.key.kind == OCCURRENCE and state is not None and state.final
        # Evidence that was returned before a waiver was granted meets nothing.
        done = view.fields.get(EVIDENCE_DAY) if view.state == ACCEPTED else None
        owner, due = view.fields.get("owner"), view.fields.get("due")
        return CaseRow(
            key=thing.key,
            state=view.state,
            fields=view.fields,
            owner=str(owner) if owner else None,
            due=date.fromisoformat(str(due)) if due else None,
            done_on=date.fromisoformat(str(done)) if settled and done else None,
            settled=self.today() if settled else None,
        )

    def _record_refusal(self, plant: Plant, person: Person, wish: Wish, refusal: Refused) -> None:
        with self.register.work() as work:
            work.record(
                Act(
                    actor=person.actor(),
                    action=f"{wish.key.kind}:refused",
                    object_type=wish.key.kind,
                    object_id=wish.key.object_id,
                    changes=({"f": "step", "old": None, "new": wish.step},),
                    reason=refusal.message.zh,
                ),
                plant,
            )


def standing(thing: Thing, steps: Sequence[StoredStep]) -> CaseView:
    """Where a case stands: what its steps left, whatever the rule says of them since."""
    fields: dict[str, FieldValue] = dict(thing.opens)
    for step in steps:
        fields |= step.values
    state = steps[-1].state if steps else thing.workflow.start
    return CaseView(state, fields, tuple(s.taken() for s in steps))


#: Why nobody acts with a sign-in that was ended since.
ENDED = Text("您的登录账号已停用", "Your sign-in has been ended")
_PAST = Text("现行规则已不产生此期，只供查阅", "The rules make this occurrence no more; it can only be looked at")
_MEANWHILE = Text("他人已办理，状态已变化，请刷新后再办", "Somebody acted meanwhile and its state changed; look again")


def _plain(value: FieldValue | None) -> object:
    return list(value) if isinstance(value, tuple) else value


def _act(thing: Thing, stored: StoredStep, before: CaseView, settled: date | None, brought: Consequences) -> Act:
    changes: list[Mapping[str, object]] = [
        {"f": name, "old": _plain(before.fields.get(name)), "new": _plain(v)} for name, v in stored.values.items()
    ]
    if settled is not None:
        changes.append({"f": SETTLED, "old": None, "new": settled.isoformat()})
    changes += brought.changes
    person = Person(stored.login, stored.account, stored.name, frozenset(), frozenset(), stored.posts)
    actor = replace(person.actor(), role=stored.posts)
    return Act(
        actor=actor,
        action=f"{thing.key.kind}:{stored.step}",
        object_type=thing.key.kind,
        object_id=thing.key.object_id,
        changes=({"f": "state", "old": before.state, "new": stored.state}, *changes),
        reason=str(stored.values.get(REASON, "")),
        objects=stored.files,
        rule={"workflow": thing.workflow.digest, "digest": stored.digest, **_deputy(stored), **_signed(stored)},
    )


def _deputy(stored: StoredStep) -> dict[str, object]:
    return {"for": stored.acted_for} if stored.acted_for else {}


def _signed(stored: StoredStep) -> dict[str, object]:
    if stored.signature is None:
        return {}
    return {
        "sig": {
            "meaning": stored.signature.meaning.zh,
            "covers": stored.signature.covers,
            "method": stored.signature.method,
        }
    }
