"""A case on its page: where it stands, what may be done next and by whom, and what was done; and taking a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue

from compliance.core.accounts import BY_PASSWORD
from compliance.core.cases import (
    CaseKey,
    CaseReads,
    CaseRow,
    KeptFile,
    Looked,
    NoSuchCase,
    StoredStep,
    Wish,
)
from compliance.core.controlled import DOCUMENT, ControlledDocument, DocumentAtHand, DocumentVersion
from compliance.core.duties import Allowed, Denied, MayNotTake, Person, person_of
from compliance.core.judged import Nonconformity, Occurrence
from compliance.core.model import PersonPeriod
from compliance.core.people import People
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.kernel.errors import ComplianceError
from compliance.rulebase.schema import CaseStep, FieldType
from compliance.web import access, files
from compliance.web.errors import status_of
from compliance.web.i18n import _, said
from compliance.web.proving import proves

_SHORT_DIGEST = 16
_CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Opened:
    """A case, and the person who looks at it."""

    key: CaseKey
    looked: Looked
    person: Person
    people: Sequence[PersonPeriod]

    def step(self, name: str) -> CaseStep | None:
        """The step of an id."""
        return self.looked.thing.workflow.step(name)

    def offered(self, step: CaseStep) -> bool:
        """Whether this person may take the step now, as far as that shows before anything is filled in."""
        return any(s.id == step.id and isinstance(d, Allowed) for s, d in self.looked.offers(self.person))

    def signs_as(self, step: CaseStep) -> str:
        """The posts that the record will name for a step, and for whom."""
        found = next((d for s, d in self.looked.offers(self.person) if s.id == step.id), None)
        return found.posts(self.person) if isinstance(found, Allowed) else self.person.words

    def name(self, account: str) -> str:
        """The name of an account's person; the account where there is none."""
        return next((p.name for p in self.people if p.account == account and p.name), account)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A step that was refused just now: what was typed, and why it was refused."""

    step: str
    values: dict[str, str]
    error: ComplianceError
    existing: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()


def periods(reads: CaseReads, plant: Plant) -> list[PersonPeriod]:
    """The periods of the plant's persons."""
    return [p for p in reads.tables(plant, [PersonPeriod])[PersonPeriod] if isinstance(p, PersonPeriod)]


def present(people: Sequence[PersonPeriod]) -> list[tuple[str, str]]:
    """The persons who are here today, by account; names may repeat, so account and posts stand beside them."""
    today, known = access.services().clock.today(), People(people)
    here = {p.account: p.name for p in people if known.here(p.account, today)}
    return [
        (account, " · ".join(filter(None, (name, account, "、".join(known.posts(account, today))))))
        for account, name in sorted(here.items())
    ]


def names(plant: Plant) -> dict[str, str]:
    """Names of persons by account."""
    with access.services().casework().register.read() as reads:
        return {p.account: p.name for p in periods(reads, plant) if p.name}


def acting(found: Sequence[PersonPeriod]) -> Person:
    """The person at the browser as someone who acts in the page's plant."""
    bundle, signed_in = access.services(), access.signed_in()
    user, plant = signed_in.user, access.card().plant
    roles = frozenset(role.value for role in signed_in.roles_in(plant.key))
    people = bundle.deputies().people(plant, user.person or "", found)
    person = person_of(user.login, user.person, user.name, roles, people, bundle.rules(), bundle.clock.today())
    return replace(person, session=signed_in.session.id_hash[:_SHORT_DIGEST])


def opened(key: CaseKey, about: Occurrence | Nonconformity | DocumentAtHand) -> Opened:
    """A case whose thing the page has read already."""
    plant, casework = access.card().plant, access.services().casework()
    with casework.register.read() as reads:
        people = periods(reads, plant)
        looked = casework.look(Known(reads, about), plant, key)
    return Opened(key, looked, acting(people), people)


def act(case: Opened, name: str, page: Callable[[Attempt], str], back: str) -> ResponseReturnValue:
    """Take the step that a form asks for; the page with the reason and what was typed, where it is refused."""
    step = case.step(name)
    if step is None:
        abort(404)
    if request.method == "GET":  # the address of a form that was refused, asked for again
        return redirect(back)
    try:
        row = _take(case, step)
    except ComplianceError as error:
        typed = {
            k: v for k, v in request.form.items() if k not in {"csrf_token", "password", "code", "existing", "offered"}
        }
        status = _CONFLICT if isinstance(error, MayNotTake) and _moved(case) else status_of(error)
        chosen, shown = (tuple(request.form.getlist(part)) for part in ("existing", "offered"))
        return page(Attempt(name, typed, error, chosen, shown)), status
    state = case.looked.thing.workflow.state(row.state)
    flash(_("已办理“%(step)s”，当前状态：%(state)s", step=said(step.title), state=said(state.title if state else "")))
    return redirect(back, 303)


def file_of(case: Opened, sha256: str) -> ResponseReturnValue:
    """A file that a step of the case handed in."""
    found = next((f for s in case.looked.steps for f in s.files if f.sha256 == sha256), None)
    if found is None:
        abort(404)
    return files.deliver(found)


def _take(case: Opened, step: CaseStep) -> CaseRow:
    bundle, form = access.services(), request.form
    offered = case.offered(step)
    # A refused person's files are not kept, and no password is tried for a step that would be refused anyway.
    refs = files.receive(request.files.getlist(_files_of(case, step))) if offered else ()
    # Whatever comes of the step, what was uploaded waits for the next try.
    bundle.casework().keep_uploads(access.card().plant, case.person.login, case.key, refs)
    known = (*step.needs, *step.offers, "reason")
    seen = form.get("seen_steps", "")
    wish = Wish(
        case.key,
        step.id,
        {name: form[name] for name in known if name in form},
        refs,
        form.get("seen", ""),
        int(seen) if seen.isascii() and seen.isdigit() else -1,
        existing=tuple(form.getlist("existing")) if offered else (),
    )
    asked = step.sign and offered and not _moved(case)
    proved = proves(request.form) if asked else ""
    wish = replace(wish, method=proved or BY_PASSWORD)
    # A document that is issued is rendered first: the desk does both.
    at = bundle.desk() if case.key.kind == DOCUMENT else bundle.casework()
    return at.take(access.card().plant, case.person, wish, signed=bool(proved))


def _files_of(case: Opened, step: CaseStep) -> str:
    """The name of the step's field for files."""
    workflow = case.looked.thing.workflow
    fields = (workflow.field(name) for name in (*step.needs, *step.offers))
    return next((f.id for f in fields if f and f.type is FieldType.FILES), "")


def _moved(case: Opened) -> bool:
    """Whether somebody acted since the form was made."""
    form = request.form
    now = (case.looked.view.state, str(len(case.looked.steps)))
    return (form.get("seen", ""), form.get("seen_steps", "")) != now


@dataclass(frozen=True, slots=True)
class Known:
    """A look that knows the case's thing already, so that a page asks for it once; None looks at nothing else."""

    reads: CaseReads | None
    about: Occurrence | Nonconformity | DocumentAtHand

    def plant(self, key: str) -> Plant | None:
        """The plant of a key."""
        return self._look().plant(key)

    def tables(self, plant: Plant, kinds: Sequence[type] | None = None) -> Tables:
        """Rows of a plant."""
        return self._look().tables(plant, kinds)

    def case_steps(self, plant: Plant, key: CaseKey) -> Sequence[StoredStep]:
        """The steps of a case in their order."""
        return self._look().case_steps(plant, key)

    def case_rows(self, plant: Plant, kind: str) -> Sequence[CaseRow]:
        """Every case of a kind that has been worked."""
        return self._look().case_rows(plant, kind)

    def occurrence(self, plant: Plant, obligation: str, subject: str, period: str) -> Occurrence | None:
        """The occurrence, if it is the one that is known."""
        known = isinstance(self.about, Occurrence) and self.about.key == (obligation, subject, period)
        return (
            self.about
            if known and isinstance(self.about, Occurrence)
            else self._look().occurrence(plant, obligation, subject, period)
        )

    def nonconformity(self, plant: Plant, number: str) -> Nonconformity | None:
        """The nonconformity, if it is the one that is known."""
        known = isinstance(self.about, Nonconformity) and self.about.number == number
        return (
            self.about if known and isinstance(self.about, Nonconformity) else self._look().nonconformity(plant, number)
        )

    def document(self, plant: Plant, number: str) -> tuple[ControlledDocument, Sequence[DocumentVersion]] | None:
        """The document, if it is the one that is known."""
        if isinstance(self.about, DocumentAtHand) and self.about.number == number:
            return self.about.document, self.about.versions
        return self._look().document(plant, number)

    def kept_files(self, plant: Plant, login: str, key: CaseKey, digests: Sequence[str] = ()) -> Sequence[KeptFile]:
        """Files that need no upload."""
        return self._look().kept_files(plant, login, key, digests)

    def _look(self) -> CaseReads:
        if self.reads is None:
            raise NoSuchCase(name="")
        return self.reads


def refusals(case: Opened) -> list[tuple[CaseStep, Denied]]:
    """The steps that lead on and that this person may not take, with every reason."""
    return [(s, d) for s, d in case.looked.offers(case.person) if isinstance(d, Denied)]
