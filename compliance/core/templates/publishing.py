"""A template for a type of document, a plant's own or the group's: proposed by one person, published by another.

Published, it fills what is drafted from then on; what was drafted or issued before keeps the template that made it.
Going back, to an earlier template or to none of its own, is proposed and published the same way. The group's is for the
plants that have none of their own in use; without it they have the shipped one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from compliance.core.accounts import BY_PASSWORD, BY_RECOVERY, SignedIn
from compliance.core.acts import Act, Actor, ObjectRef
from compliance.core.cases import SignatureRefused
from compliance.core.denials import deny
from compliance.core.documents import MEDIA_TYPE, TemplateProblem, TemplateRefused
from compliance.core.permissions import Denied, Permission, may
from compliance.core.plants import Plant
from compliance.core.proposals import NeedsReason, same_person
from compliance.core.templates.checking import Checked
from compliance.core.templates.kept import (
    OPEN,
    PUBLISHED,
    REJECTED,
    SUPERSEDED,
    WITHDRAWN,
    TemplateReads,
    TemplateVersion,
    TemplateWork,
)
from compliance.core.templates.looking import Looking, numbered
from compliance.core.templates.refusals import NoSuchTemplate, OtherFile, SameTemplate, TemplateWaits
from compliance.core.templates.who import PROPOSE, PUBLISH, REJECT, WITHDRAW
from compliance.kernel.canonical import digest, digest_of
from compliance.kernel.errors import Refused
from compliance.rulebase.schema import Document

_PDF = "application/pdf"
#: How the trail names a plant's template, and one of the group, whose leaves stand in the group's log.
_OF_PLANT, _OF_GROUP = "template", "group-template"
#: The longest name of a file that is kept.
_LONGEST_NAME = 200
_LONGEST_REFUSAL = 1000


@dataclass(frozen=True)
class Templates(Looking):
    """Proposing and publishing templates of plants, and (where ``plant`` is None) of the group."""

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
                found = numbered(reads.templates(plant, rule.id), rule.id, number)
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

    # --- whether it stands

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


def _open(known: Sequence[TemplateVersion], document: str, number: int) -> TemplateVersion:
    found = numbered(known, document, number)
    if found.state != OPEN:
        raise NoSuchTemplate(name=found.object_id)
    return found
