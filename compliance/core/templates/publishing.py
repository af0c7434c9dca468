"""A template for a type of document, a plant's own or the group's: proposed by one person, published by another.

Published, it fills what is drafted from then on; what was drafted or issued before keeps the template that made it.
Going back, to an earlier template or to none of its own, is proposed and published the same way. The group's is for the
plants that have none of their own in use; without it they have the shipped one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from compliance.core.accounts import BY_PASSWORD, BY_RECOVERY, SignedIn, User
from compliance.core.acts import Act, Actor, ObjectRef
from compliance.core.cases import SignatureRefused
from compliance.core.denials import deny
from compliance.core.documents import MEDIA_TYPE, Desk, NoSuchDocument, NotRendered, TemplateProblem, TemplateRefused
from compliance.core.permissions import Denied, Permission, may
from compliance.core.plants import Plant
from compliance.core.proposals import NeedsReason, same_person
from compliance.core.templates.checking import Checked, check_template
from compliance.core.templates.kept import (
    OPEN,
    PUBLISHED,
    REJECTED,
    SUPERSEDED,
    WITHDRAWN,
    TemplateReads,
    TemplateRegister,
    TemplateVersion,
    TemplateWork,
)
from compliance.core.templates.pages import SamplePages, count_of
from compliance.core.templates.refusals import NoSuchTemplate, OtherFile, SameTemplate, TemplateWaits
from compliance.core.templates.who import PROPOSE, PUBLISH, REJECT, WITHDRAW, Who, not_reached
from compliance.kernel.canonical import digest, digest_of
from compliance.kernel.errors import Refused
from compliance.rulebase.schema import Document

_PDF = "application/pdf"
#: How the trail names a plant's template, and one of the group, whose leaves stand in the group's log.
_OF_PLANT, _OF_GROUP = "template", "group-template"
#: The longest name of a file that is kept.
_LONGEST_NAME = 200
_LONGEST_REFUSAL = 1000


@dataclass(frozen=True, slots=True)
class Looked:
    """A template as a person looks at it. ``refused``: why they may not publish it; ``others``: who may.

    ``apart``: the plants of the person that a template of the group does not reach, as they have one of their own.
    """

    template: TemplateVersion
    all: tuple[TemplateVersion, ...]
    refused: Refused | None
    others: tuple[User, ...]
    rule: str
    made: tuple[str, ...] = ()
    apart: tuple[Plant, ...] = ()


@dataclass(frozen=True)
class Templates:
    """Proposing and publishing templates of plants, and (where ``plant`` is None) of the group."""

    register: TemplateRegister
    desk: Desk
    moment: Callable[[], str]
    #: Makes a picture of a page of a PDF (counted from 1), where that can be done.
    draw: Callable[[bytes, int], bytes] | None = None
    #: Makes pages and pictures as jobs; None: they are made on the spot.
    later: SamplePages | None = None

    # --- looking

    @property
    def pictured(self) -> bool:
        """Whether pages can be shown as pictures."""
        return self.draw is not None

    def page_count(self, template: TemplateVersion) -> int:
        """How many pages the sample of a template has; 0 where none were made."""
        pdf = self.pdf_of(template)
        return count_of(self.desk.read(pdf)) if pdf else 0

    def pdf_of(self, template: TemplateVersion) -> str | None:
        """The SHA-256 of the pages of a template's sample; None where none were made."""
        made = self.later.made(template) if self.later else None
        return template.pdf or (made.pdf if made else None)

    def picture(self, template: TemplateVersion, page: int) -> bytes | None:
        """A picture of a page of the sample; None where there is none, or it is not made yet."""
        if self.later is not None:
            made = self.later.made(template)
            return self.desk.read(made.pictures[page - 1]) if made and 1 <= page <= len(made.pictures) else None
        if self.draw is None or template.pdf is None or not 1 <= page <= self.page_count(template):
            return None
        with suppress(NotRendered):
            return self.draw(self.desk.read(template.pdf), page)
        return None

    def types(self, plant: Plant | None) -> Sequence[Document]:
        """The types of documents in force, by their codes: those that the plant has, or all of them for the group."""
        today = self.desk.casework.today()
        rules = sorted(self.desk.casework.rulebase.in_force(Document, today), key=lambda r: (r.code, r.id))
        if plant is None:
            return rules
        with self.desk.register.read() as reads:
            follows = self.desk.follows(reads, plant)
        return [rule for rule in rules if follows(rule)]

    def type_named(self, name: str) -> Document:
        """The type of an id, or of a code that one type has alone; raises :class:`NoSuchDocument`."""
        today = self.desk.casework.today()
        rules = self.desk.casework.rulebase.in_force(Document, today)
        found = [r for r in rules if r.id == name] or [r for r in rules if r.code == name]
        if len(found) != 1:
            raise NoSuchDocument(name=name)
        return found[0]

    def look(
        self, plant: Plant | None, person: SignedIn, document: str, number: int, at: Plant | None = None
    ) -> Looked:
        """A template with what the person may do about it; raises :class:`NoSuchTemplate`.

        ``at``: the plant whose documents are named that it made; the plant's own template made no others.
        """
        with self.register.read() as given:
            reads, at = self.who.asked_once(given), plant or at
            known = tuple(reads.templates(plant, document))
            found = _numbered(known, document, number)
            return Looked(
                found,
                known,
                self.who.why_not_publish(reads, plant, found, person),
                self.who.others(reads, plant, found),
                self.named,
                tuple(reads.made_with(at, found.file)) if at and found.file else (),
                not_reached(reads, person, document) if plant is None else (),
            )

    def check(self, plant: Plant | None, rule: Document, data: bytes) -> Checked:
        """What is wrong with a template, or a document made with it; keeps nothing."""
        return check_template(self.desk, plant, rule, data)

    def pages(self, document: bytes) -> bytes | None:
        """A document's pages as PDF, where they can be made."""
        with suppress(NotRendered):
            return self.desk.pages(document) if self.desk.pages else None
        return None

    # --- acting

    def propose(
        self, plant: Plant | None, person: SignedIn, rule: Document, data: bytes, *, name: str, reason: str
    ) -> TemplateVersion:
        """Keep a checked template with its sample for somebody else to publish; raises :class:`TemplateRefused`."""
        with self._acting(plant, person, rule.id, reason):
            with self.register.read() as reads:
                self._stands(reads, plant, rule, digest(data))
            checked = self.check(plant, rule, data)
            if checked.problems:
                raise TemplateRefused(checked.problems)
            kept = (self.desk.keep(data, name[:_LONGEST_NAME], MEDIA_TYPE), *self._sample(rule, checked))
            files = [file.sha256 for file in kept] + [None]
            lacks = " ".join(section.id for section in checked.lacks)
            made = self._made(person, rule, files[0], name[:_LONGEST_NAME], reason)
            return self._kept(plant, person, rule, replace(made, sample=files[1], pdf=files[2], lacks=lacks), kept)

    def go_back(
        self, plant: Plant | None, person: SignedIn, rule: Document, number: int | None, reason: str
    ) -> TemplateVersion:
        """Propose an earlier template again, or (without a number) to have none of its own any more."""
        if number is not None:
            with self.register.read() as reads:
                found = _numbered(reads.templates(plant, rule.id), rule.id, number)
            if found.file is not None:
                data = self.desk.read(found.file)
                return self.propose(plant, person, rule, data, name=found.file_name, reason=reason)
        with self._acting(plant, person, rule.id, reason):
            with self.register.read() as reads:
                self._stands(reads, plant, rule, None)
            made = self._made(person, rule, None, rule.template, reason)
            return self._kept(plant, person, rule, made, ())

    def publish(
        self, plant: Plant | None, person: SignedIn, document: str, number: int, *, seen: str, method: str = BY_PASSWORD
    ) -> TemplateVersion:
        """Put a template into use, signed by another person who has seen the file of that digest (empty: the shipped).

        ``method``: how the person proved who signs; empty if they did not. The names that it uses are looked at again:
        the rules may have changed since.
        """
        with self._acting(plant, person, f"{document}/{number}"):
            rule = self.type_named(document)
            with self.register.read() as reads:
                found = self._standing(reads, plant, person, document, number)
            if method in ("", BY_RECOVERY):
                raise SignatureRefused
            if seen != (found.file or ""):
                raise OtherFile(digest=found.file or rule.template)
            if found.file is not None and (problems := self._problems(plant, rule, found.file)):
                raise TemplateRefused(problems)
            with self.register.work() as work:
                found = self._standing(work, plant, person, document, number)
                before = _used(work.templates(plant, document))
                if before is not None:
                    work.decide_template(plant, replace(before, state=SUPERSEDED))
                return self._decided(work, plant, person, rule, replace(found, state=PUBLISHED), before, method)

    def reject(self, plant: Plant | None, person: SignedIn, document: str, number: int, reason: str) -> TemplateVersion:
        """Send a template back, with the reason; its author withdraws it so."""
        with self._acting(plant, person, f"{document}/{number}", reason):
            rule = self.type_named(document)
            with self.register.work() as work:
                found = _open(work.templates(plant, document), document, number)
                state = WITHDRAWN if same_person(found, person.user) else REJECTED
                settled = replace(found, state=state, decided_why=reason.strip())
                return self._decided(work, plant, person, rule, settled, None, "")

    # --- who

    @property
    def named(self) -> str:
        """The rule that says who takes which step; the word of the approval where none does."""
        return self.who.named

    @property
    def who(self) -> Who:
        """Who takes which step, by the rules in use."""
        return Who(self.desk.casework)

    def why_not(self, plant: Plant | None, person: SignedIn) -> Refused | None:
        """Why a person proposes no template of the plant, or of the group; None if they may."""
        with self.register.read() as reads:
            return self.who.why_not(reads, plant, person)

    def _standing(
        self, reads: TemplateReads, plant: Plant | None, person: SignedIn, document: str, number: int
    ) -> TemplateVersion:
        found = _open(reads.templates(plant, document), document, number)
        self.who.insist_on_publisher(reads, plant, found, person)
        return found

    def _stands(self, reads: TemplateReads, plant: Plant | None, rule: Document, file: str | None) -> None:
        """Raise where a template of the type waits, or the file is in use already."""
        known = reads.templates(plant, rule.id)
        waiting = next((one for one in known if one.state == OPEN), None)
        if waiting is not None:
            raise TemplateWaits(name=waiting.object_id)
        used = _used(known)
        own = used.file if used else None
        if file == (own or (self._default(reads, plant, rule) if file else None)):
            raise SameTemplate

    def _default(self, reads: TemplateReads, plant: Plant | None, rule: Document) -> str:
        """The digest of the template there is without one of its own: for a plant the group's, else the shipped one."""
        group = reads.template_in_use(plant, rule.id) if plant else None
        return group or digest(self.desk.shipped_template(rule))

    @contextmanager
    def _acting(self, plant: Plant | None, person: SignedIn, about: str, reason: str | None = None) -> Iterator[None]:
        """An act of somebody who may; a refusal leaves one leaf, and nothing else."""
        actor, kind = _actor(plant, person), _kind(plant)
        if plant is not None and isinstance(denied := may(person.roles_in(plant.key), Permission.TEMPLATES), Denied):
            raise deny(self.register, plant, actor, Permission.TEMPLATES, denied)
        if reason is not None and not reason.strip():
            raise NeedsReason
        try:
            if (refused := self.why_not(plant, person)) is not None:
                raise refused
            yield
        except Refused as refusal:
            with self.register.work() as work:
                act = Act(
                    actor=actor,
                    action=f"{kind}:refused",
                    object_type=kind,
                    object_id=about,
                    reason=refusal.message.zh[:_LONGEST_REFUSAL],
                )
                work.record(act, plant)
            raise

    # --- what is kept

    def _sample(self, rule: Document, checked: Checked) -> Iterator[ObjectRef]:
        stem = rule.template.removesuffix(".docx")
        yield self.desk.keep(checked.sample, f"{stem}-sample.docx", MEDIA_TYPE)
        pages = None if self.later else self.pages(checked.sample)
        if pages is not None:
            yield self.desk.keep(pages, f"{stem}-sample.pdf", _PDF)

    def _made(self, person: SignedIn, rule: Document, file: str | None, name: str, reason: str) -> TemplateVersion:
        user = person.user
        return TemplateVersion(
            document=rule.id,
            number=0,
            file=file,
            file_name=name,
            login=user.login,
            account=user.person,
            name=user.name,
            reason=reason.strip(),
            at=self.moment(),
        )

    def _kept(
        self, plant: Plant | None, person: SignedIn, rule: Document, made: TemplateVersion, files: tuple[ObjectRef, ...]
    ) -> TemplateVersion:
        with self.register.work() as work:
            self._stands(work, plant, rule, made.file)
            known = work.templates(plant, rule.id)
            made = replace(made, number=max((one.number for one in known), default=0) + 1)
            work.add_template(plant, made)
            work.record(self._act(PROPOSE, person, plant, rule, made, _used(known), files), plant)
        return made

    def _decided(
        self,
        work: TemplateWork,
        plant: Plant | None,
        person: SignedIn,
        rule: Document,
        settled: TemplateVersion,
        before: TemplateVersion | None,
        method: str,
    ) -> TemplateVersion:
        user = person.user
        settled = replace(
            settled,
            decided_login=user.login,
            decided_account=user.person,
            decided_name=user.name,
            decided_at=self.moment(),
        )
        work.decide_template(plant, settled)
        verb = {PUBLISHED: PUBLISH, REJECTED: REJECT, WITHDRAWN: WITHDRAW}[settled.state]
        work.record(self._act(verb, person, plant, rule, settled, before, (), method), plant)
        return settled

    def _problems(self, plant: Plant | None, rule: Document, file: str) -> tuple[TemplateProblem, ...]:
        return self.check(plant, rule, self.desk.read(file)).problems

    def _act(
        self,
        verb: str,
        person: SignedIn,
        plant: Plant | None,
        rule: Document,
        one: TemplateVersion,
        before: TemplateVersion | None,
        files: tuple[ObjectRef, ...],
        method: str = "",
    ) -> Act:
        covers = digest_of([one.object_id, one.file or rule.template, one.reason, verb])
        return Act(
            actor=_actor(plant, person),
            action=f"{_kind(plant)}:{verb}",
            object_type=_kind(plant),
            object_id=one.object_id,
            changes=(
                {"f": "template", "old": before.file if before else None, "new": one.file},
                {"f": "state", "old": None if verb == PROPOSE else OPEN, "new": one.state},
                {"f": "covers", "old": None, "new": covers},
                *([{"f": "signed", "old": None, "new": method}] if method else []),
            ),
            reason=one.decided_why or one.reason,
            objects=files,
            rule={"document": rule.id, "rule": rule.digest, "approval": self.named, "step": verb},
        )


def _kind(plant: Plant | None) -> str:
    return _OF_PLANT if plant else _OF_GROUP


def _actor(plant: Plant | None, person: SignedIn) -> Actor:
    return person.actor(plant.key if plant else None)


def _used(known: Sequence[TemplateVersion]) -> TemplateVersion | None:
    return next((one for one in known if one.state == PUBLISHED), None)


def _numbered(known: Sequence[TemplateVersion], document: str, number: int) -> TemplateVersion:
    found = next((one for one in known if one.number == number), None)
    if found is None:
        raise NoSuchTemplate(name=f"{document}/{number}")
    return found


def _open(known: Sequence[TemplateVersion], document: str, number: int) -> TemplateVersion:
    found = _numbered(known, document, number)
    if found.state != OPEN:
        raise NoSuchTemplate(name=found.object_id)
    return found
