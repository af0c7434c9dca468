"""The desk where documents are drafted, issued and copied.

Rendering is done outside transactions, in another process; what it yields is kept by a short transaction that looks
again. Whatever is interrupted in between is simply done anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar

from compliance.core.acts import Act, Actor, ObjectRef
from compliance.core.cases import CaseKey, CaseRow, CaseWork, Looked, Wish
from compliance.core.cases.papers import too_early
from compliance.core.controlled import (
    DOCUMENT,
    DRAFT,
    EFFECTIVE,
    ISSUED,
    ISSUED_FILE,
    DocumentAtHand,
    DocumentVersion,
    at_hand,
    keep_until,
)
from compliance.core.documents.basis import Basis, basis_of
from compliance.core.documents.control import UNCONTROLLED, finished, marked
from compliance.core.documents.gathering import NotIssued, frozen, plain
from compliance.core.documents.ports import NotRendered
from compliance.core.documents.rendering import MEDIA_TYPE, render_checked
from compliance.core.documents.sections import missing
from compliance.core.documents.standing import mark_of_waiting
from compliance.core.documents.writing import Writing
from compliance.core.duties import Allowed, Denied, MayNotTake, Person, could_take, refuse
from compliance.core.plants import Plant
from compliance.kernel.canonical import canonical
from compliance.kernel.errors import ComplianceError, Refused
from compliance.kernel.text import Text
from compliance.rulebase.schema import CaseStep, Document

_JSON, _PDF = "application/json", "application/pdf"
_BODY = "word/document.xml"


class WrittenMeanwhile(Refused):
    """Somebody wrote into the document while it was drafted: the draft would not say it, and is made anew."""

    code = "written-meanwhile"
    text: ClassVar[Text] = Text(
        zh="{name} 在起草期间又有修改，请重新起草", en="{name} was written to while it was drafted: draft it again"
    )


#: What is kept in the transaction that keeps a draft.
Along = Callable[[CaseWork, DocumentVersion], None]


@dataclass(frozen=True, slots=True)
class Drafts:
    """What drafting everything that is missing came to: versions drafted, and why others could not be."""

    done: tuple[str, ...] = ()
    failed: Mapping[str, ComplianceError] = field(default_factory=dict)


@dataclass(frozen=True)
class Desk(Writing):
    """Drafting, issuing and copying."""

    # --- drafting

    def draft_missing(self, plant: Plant, actor: Actor) -> Drafts:
        """Draft every version that has no draft yet: what the closing of a case opened."""
        with self.register.read() as reads:
            waiting = [f"{number}/{label}" for number, label in reads.undrafted(plant)]
        done, failed = [], {}
        for name in waiting:
            try:
                self.draft(plant, name, actor)
            except ComplianceError as error:
                failed[name] = error
            else:
                done.append(name)
        return Drafts(tuple(done), failed)

    def redraft(self, plant: Plant, object_id: str, person: Person, *, along: Along | None = None) -> DocumentVersion:
        """Draft a version anew on behalf of a person who may hand it in or write it; a refusal leaves a leaf.

        ``along`` is kept in the same transaction.
        """
        with self.register.read() as reads:
            looked = self.casework.look(reads, plant, CaseKey(DOCUMENT, object_id))
            now = self.casework.person(reads, plant, person) or replace(person, roles=frozenset())
        workflow, view = looked.thing.workflow, looked.view
        first = next(s for s in workflow.steps if workflow.start in s.from_)
        may = could_take(workflow, view, first, now, looked.thing.sides)
        rule = self.rule(looked.thing.about.document.rule) if isinstance(looked.thing.about, DocumentAtHand) else None
        writes = rule is not None and isinstance(self.may_write(rule, now), Allowed)
        if isinstance(may, Denied) and not writes:
            refusal = refuse(replace(first, title=_DRAFTING), may)
            self._record_refusal(plant, person, looked, refusal)
            raise refusal
        return self.draft(plant, looked.thing.key.object_id, now.actor(), again=True, along=along)

    def draft(
        self, plant: Plant, object_id: str, actor: Actor, *, again: bool = False, along: Along | None = None
    ) -> DocumentVersion:
        """Render a version's draft from the data as they stand, and keep file, data and template with one leaf."""
        with self.register.read() as reads:
            about = self.find(reads, plant, object_id)
            rule = self.rule(about.document.rule)
            self.only_draft(about, again=again)
            template = self.template_of(reads, plant, rule)
            asked = self.asked(reads, plant, about.document.about, rule, about)
            written = self.written(reads, plant, about)
            context = frozen(self.filled(rule, asked, written))
            basis = basis_of(asked, rule)
        lacks = " ".join(section.id for section in missing(rule, context))
        made = render_checked(self.renderer, template, context, self.names(rule))
        name = f"{about.number}-{plain(about.version.label)}"
        file = self.keep(made, f"{name}.docx", MEDIA_TYPE)
        data = self.keep(canonical(context), f"{name}.json", _JSON)
        kept = self.keep(template, rule.template, MEDIA_TYPE)
        with self.register.work() as work:
            about = self.find(work, plant, about.version.object_id)
            if about.version.draft is not None and not again:
                return about.version  # somebody else was faster
            self.only_draft(about, again=again)
            if work.written(plant, about.number, about.version.place) != written:
                raise WrittenMeanwhile(name=about.version.object_id)
            before = about.version
            version = replace(
                before,
                draft=file.sha256,
                data=data.sha256,
                template=kept.sha256,
                rule_digest=rule.digest,
                missing=lacks,
            )
            work.save_version(plant, version)
            work.keep_basis(plant, version.number, version.place, basis)
            work.record(_drafted(actor, version, before, rule, basis, (file, data, kept)), plant)
            if along is not None:
                along(work, version)
        return version

    def preview(self, plant: Plant, rule: Document, about: str) -> tuple[str, bytes]:
        """A document on a case as it stands, kept nowhere; always marked. Its number, if it has one, and the file."""
        with self.register.read() as reads:
            number = reads.document_about(plant, rule.id, about)
            known = at_hand(reads, plant, number) if number else None
            context = self.context(reads, plant, about, rule, known)
            template = self.template_of(reads, plant, rule)
        return number or "", render_checked(self.renderer, template, context, self.names(rule))

    # --- acting

    def take(self, plant: Plant, person: Person, wish: Wish, *, signed: bool) -> CaseRow:
        """Take a step of a document; where it is issued, the file is rendered first and comes with the step."""
        with self.register.read() as reads:
            looked = self.casework.look(reads, plant, wish.key)
            now = self.casework.person(reads, plant, person)
        step = looked.thing.workflow.step(wish.step)
        wish = replace(
            wish,
            key=looked.thing.key,
            seen=looked.view.state if wish.seen is None else wish.seen,
            seen_steps=len(looked.steps) if wish.seen_steps is None else wish.seen_steps,
        )
        if step is not None and signed and now is not None and self._issues(looked, step, now):
            wish = self._with_file(looked, wish)
        return self.casework.take(plant, person, wish, signed=signed)

    def _issues(self, looked: Looked, step: CaseStep, person: Person) -> bool:
        """Whether the step issues the version, and nothing stands against it before the file is made."""
        thing, view = looked.thing, looked.view
        fits = step.to == ISSUED and view.state in step.from_ and isinstance(thing.about, DocumentAtHand)
        unissued = isinstance(thing.about, DocumentAtHand) and thing.about.version.issued is None
        may = could_take(thing.workflow, view, step, person, thing.sides)
        return fits and unissued and isinstance(may, Allowed)

    def _with_file(self, looked: Looked, wish: Wish) -> Wish:
        about, day = looked.thing.about, str(wish.values.get(EFFECTIVE, "")).strip()
        try:
            effective = date.fromisoformat(day)
        except ValueError:
            return wish  # the step itself says what is wrong with the day
        if not isinstance(about, DocumentAtHand) or too_early(effective, self.casework.today()):
            return wish
        version = about.version
        workflow = looked.thing.workflow
        data = self.data(version.data)
        context = frozen(finished(data, about, looked.steps, workflow, effective, self.zone))
        made = self.render_kept(about, context)
        name = f"{about.number}-{plain(version.label)}"
        files = (
            self.keep(made, f"{name}.docx", MEDIA_TYPE),
            self.keep(canonical(context), f"{name}.json", _JSON),
        )
        return replace(wish, files=files, added={ISSUED_FILE: tuple(f.sha256 for f in files)})

    # --- copies

    def make_pages(self, plant: Plant, object_id: str, actor: Actor) -> DocumentVersion:
        """The pages of an issued version as PDF, made once and kept with one leaf; raises :class:`NotRendered`.

        They say on every page that a print of them is not controlled.
        """
        with self.register.read() as reads:
            about = self.find(reads, plant, object_id)
        version = about.version
        if version.issued is None:
            raise NotIssued(name=version.object_id)
        if version.pdf is not None:
            return version
        if self.pages is None:
            raise NotRendered(reason=NO_PAGES)
        made = self.pages(self.render_kept(about, marked(self.data(version.issued_data), UNCONTROLLED.zh)))
        file = self.keep(made, f"{about.number}-{plain(version.label)}.pdf", _PDF)
        with self.register.work() as work:
            about = self.find(work, plant, version.object_id)
            if about.version.pdf is not None:
                return about.version
            version = replace(about.version, pdf=file.sha256)
            work.save_version(plant, version)
            if until := keep_until(self.casework.rulebase, about.document.retention, self.casework.today()):
                work.retain([file.sha256], until)
            work.record(_act(actor, "pdf", version, (file,), changes=(_change("pdf", None, file.sha256),)), plant)
        return version

    def pages_missing(self, plant: Plant, actor: Actor) -> Drafts:
        """Make the pages of every version in force that has none."""
        if self.pages is None:
            return Drafts()
        with self.register.read() as reads:
            waiting = [f"{number}/{label}" for number, label in reads.without_pages(plant)]
        done, failed = [], {}
        for name in waiting:
            try:
                self.make_pages(plant, name, actor)
            except ComplianceError as error:
                failed[name] = error
            else:
                done.append(name)
        return Drafts(tuple(done), failed)

    def marked_copy(self, about: DocumentAtHand) -> bytes:
        """A copy of a version that does not hold (any more, or yet) which says so on every page; what is kept stays."""
        return self.render_kept(about, marked(self.data(about.version.issued_data), self.mark_of(about)))

    def mark_of(self, about: DocumentAtHand) -> str:
        """What such a copy says on every page."""
        if about.version.waits(self.casework.today()):
            return mark_of_waiting(about.version)
        state = self.casework.workflow(DOCUMENT).state(about.version.state)
        return state.title.zh if state else about.version.state

    def marked_pages(self, about: DocumentAtHand) -> bytes:
        """The pages of such a copy as PDF, made anew and kept nowhere; raises :class:`NotRendered`.

        It takes seconds: where a request waits, :class:`compliance.core.documents.marking.Marking` makes them once.
        """
        if self.pages is None:
            raise NotRendered(reason=NO_PAGES)
        return self.pages(self.marked_copy(about))

    def text(self, version: DocumentVersion) -> str:
        """The text of a version's file, the issued one where there is one."""
        file = version.issued or version.draft
        return self.renderer.read(self.read(file), [_BODY])[_BODY] if file else ""

    def _record_refusal(self, plant: Plant, person: Person, looked: Looked, refusal: MayNotTake) -> None:
        with self.register.work() as work:
            work.record(
                Act(
                    actor=person.actor(),
                    action=f"{DOCUMENT}:refused",
                    object_type=DOCUMENT,
                    object_id=looked.thing.key.object_id,
                    changes=({"f": "step", "old": None, "new": DRAFT},),
                    reason=refusal.message.zh,
                ),
                plant,
            )


def _drafted(
    actor: Actor,
    version: DocumentVersion,
    before: DocumentVersion,
    rule: Document,
    basis: Basis,
    files: tuple[ObjectRef, ...],
) -> Act:
    changes = tuple(
        _change(name, getattr(before, name), getattr(version, name)) for name in ("draft", "data", "template")
    )
    named = {"document": rule.id, "rule": rule.digest, "ruleset": basis.ruleset, "basis": basis.digest}
    return _act(actor, "draft", version, files, changes=changes, rule=named)


def _act(
    actor: Actor,
    verb: str,
    version: DocumentVersion,
    files: tuple[ObjectRef, ...],
    *,
    changes: tuple[Mapping[str, object], ...],
    rule: Mapping[str, object] | None = None,
) -> Act:
    return Act(
        actor=actor,
        action=f"{DOCUMENT}:{verb}",
        object_type=DOCUMENT,
        object_id=version.object_id,
        changes=changes,
        objects=files,
        rule=rule or {},
    )


def _change(name: str, old: object, new: object) -> Mapping[str, object]:
    return {"f": name, "old": old, "new": new}


_DRAFTING = Text("起草", "Draft")
NO_PAGES = Text("本机未安装 LibreOffice，不能生成 PDF", "LibreOffice is not installed here: no PDF can be made")
