"""Readers of documents: naming who reads a version, and each of them confirming for himself or herself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from compliance.core.acts import Act
from compliance.core.cases import CaseWork
from compliance.core.cases.papers import READERS
from compliance.core.cases.program import ByProgram
from compliance.core.cases.taking import ENDED
from compliance.core.controlled import DOCUMENT, ISSUED, DocumentAtHand, DocumentVersion
from compliance.core.distribution import Distribution, Reader, Reading, by_rule, readers_of
from compliance.core.documents.gathering import Gathering
from compliance.core.documents.sets import SetReads
from compliance.core.duties import Allowed, Denied, MayNotTake, Person, Sides, could_take, refuse
from compliance.core.model import PersonPeriod
from compliance.core.people import People
from compliance.core.plants import Plant
from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text, illegal
from compliance.rulebase.casework import opened
from compliance.rulebase.parties import DEPARTMENT, EVERYONE, PERSON, POST, is_party
from compliance.rulebase.schema import CaseStep, Document, Post

#: How long the reason for another distribution may be.
LONGEST_REASON = 500
#: The most parties of one version.
MOST_PARTIES = 100
#: Within how many days a distribution may ask for confirmation.
SHORTEST_DAYS, LONGEST_DAYS = 1, 366


class NotToRead(Refused):
    """Nobody confirms what is not issued, or has ended."""

    code = "not-to-read"
    text: ClassVar[Text] = Text(
        zh="{name} 未发布或已终止，不能确认阅读", en="{name} is not issued or has ended: nobody confirms it"
    )


class NotAsked(Refused):
    """The person does not belong to the readers of the version, or somebody else would confirm for a reader."""

    code = "not-asked"
    text: ClassVar[Text] = Text(
        zh="您不在 {name} 的阅读人之列；阅读确认须由本人办理",
        en="You are no reader of {name}; each reader confirms in person",
    )


class BadParties(WrongUse):
    """A distribution names somebody whom nobody knows, or too many."""

    code = "bad-readers"
    text: ClassVar[Text] = Text(zh="阅读范围有误：{problem}", en="The readers do not hold: {problem}")


class NoReason(WrongUse):
    """Another distribution than that of the rule needs a reason."""

    code = "no-reason"
    text: ClassVar[Text] = Text(zh="请说明理由（至多 {most} 字）", en="Say why (at most {most} characters)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Other readers than the rule's, and why."""

    parties: tuple[str, ...]
    reason: str
    days: int | None


@dataclass(frozen=True, slots=True)
class Asking:
    """The readers of a version on a day; ``by_rule``: nobody has named others than the rule does."""

    distribution: Distribution | None
    readers: tuple[Reader, ...]
    by_rule: bool


@dataclass(frozen=True, slots=True)
class Readers:
    """Naming readers, asking them, and their confirmations."""

    desk: Gathering

    def asking(self, reads: SetReads | CaseWork, plant: Plant, version: DocumentVersion, rule: Document) -> Asking:
        """Who is asked today to read a version, and who has confirmed; before its issue whom the rule will ask."""
        people = [p for p in reads.tables(plant, [PersonPeriod])[PersonPeriod] if isinstance(p, PersonPeriod)]
        return self.asked_among(reads, plant, version, rule, people)

    def asked_among(
        self,
        reads: SetReads | CaseWork,
        plant: Plant,
        version: DocumentVersion,
        rule: Document,
        people: Sequence[PersonPeriod],
    ) -> Asking:
        """The same among persons that were read already."""
        kept = reads.distribution(plant, version.number, version.place)
        given = kept or (by_rule(rule, version, 0) if version.open and rule.readers else None)
        readings = reads.readings(plant, version.number, version.place) if version.issued else ()
        asked = replace(given, asked=self._today) if given and version.open else given
        done = {reading.account: reading for reading in readings}
        readers = readers_of(asked, people, done, self.desk.casework.rulebase, self._today)
        return Asking(given, tuple(readers), kept is None or kept.parties == rule.readers)

    def confirm(self, plant: Plant, person: Person, object_id: str, account: str = "") -> Reading:
        """Confirm having read a version; again changes nothing. ``account``: the absent reader stood in for.

        Raises :class:`NotToRead` or :class:`NotAsked`; a refusal leaves a leaf.
        """
        try:
            with self.desk.register.work() as work:
                return self._confirm(work, plant, person, object_id, account)
        except NotAsked as refusal:
            self._record_refusal(plant, person, object_id, refusal)
            raise

    def name(
        self,
        plant: Plant,
        person: Person,
        object_id: str,
        parties: Sequence[str],
        reason: str,
        days: int | None = None,
    ) -> Distribution:
        """Name who reads a version in place of whom the rule names, before it is issued or after.

        ``days``: within how many of being asked; where none are given, those of the rule.
        """
        parties = tuple(dict.fromkeys(word.strip() for word in parties if word.strip()))
        reason = reason.strip()
        if not reason or len(reason) > LONGEST_REASON or illegal(reason):
            raise NoReason(most=LONGEST_REASON)
        try:
            with self.desk.register.work() as work:
                return self._name(work, plant, person, object_id, Wanted(parties, reason, days))
        except MayNotTake as refusal:
            self._record_refusal(plant, person, object_id, refusal)
            raise

    def may_name(self, rule: Document, person: Person) -> Allowed | Denied:
        """Whether a person names the readers of documents of a rule: who may issue them."""
        workflow = self.desk.casework.workflow(DOCUMENT)
        sides = Sides(author=rule.author, reviewer=rule.reviewer, approver=rule.approver)
        return could_take(workflow, opened(workflow, {}), self._issuing(), person, sides)

    # --- in the transaction

    def _confirm(self, work: CaseWork, plant: Plant, person: Person, object_id: str, account: str) -> Reading:
        about = self.desk.find(work, plant, object_id)
        version = about.version
        if not version.in_force or version.issued is None:
            raise NotToRead(name=version.object_id)
        now = self.desk.casework.person(work, plant, person)
        asking = self.asking(work, plant, version, self.desk.rule(about.document.rule))
        account = account or (now.account if now else "")
        reader = next((r for r in asking.readers if r.account == account), None)
        if now is None or reader is None or not _may_confirm(now, account, asking.distribution):
            raise NotAsked(name=version.object_id)
        if reader.reading is not None:
            return reader.reading
        reading = Reading(
            number=version.number,
            place=version.place,
            account=account,
            name=now.name,
            posts=now.words,
            login=now.login,
            at=self.desk.casework.now().isoformat(timespec="milliseconds"),
            read=version.issued,
            acted_by=now.account if now.account != account else "",
        )
        work.add_reading(plant, reading)
        changes = (
            {"f": "reader", "old": None, "new": account},
            {"f": "read", "old": None, "new": version.issued},
            *([{"f": "acted_by", "old": None, "new": reading.acted_by}] if reading.acted_by else ()),
        )
        work.record(_act(now, "read", version, changes), plant)
        return reading

    def _name(self, work: CaseWork, plant: Plant, person: Person, object_id: str, wanted: Wanted) -> Distribution:
        about = self.desk.find(work, plant, object_id)
        rule = self.desk.rule(about.document.rule)
        now = self.desk.casework.person(work, plant, person)
        may = self.may_name(rule, now) if now else Denied((ENDED,), DOCUMENT)
        if now is None or isinstance(may, Denied):
            raise refuse(replace(self._issuing(), title=_NAMING), may if isinstance(may, Denied) else Denied((), ""))
        if about.version.ended_at is not None:
            raise NotToRead(name=about.version.object_id)
        self._known(work, plant, wanted.parties)
        before = work.distribution(plant, about.number, about.version.place)
        first = before or self._first(work, plant, about, rule)
        named = replace(first, parties=wanted.parties, days=first.days if wanted.days is None else wanted.days)
        if not SHORTEST_DAYS <= named.days <= LONGEST_DAYS:
            raise BadParties(problem=_DAYS)
        if before == named:
            return before
        work.save_distribution(plant, named)
        changes: tuple[Mapping[str, object], ...] = (
            {"f": READERS, "old": list(before.parties) if before else None, "new": list(named.parties)},
            {"f": "days", "old": before.days if before else None, "new": named.days},
        )
        work.record(replace(_act(now, READERS, about.version, changes), reason=wanted.reason), plant)
        return named

    def _first(self, work: CaseWork, plant: Plant, about: DocumentAtHand, rule: Document) -> Distribution:
        """A distribution where there was none; of what is issued its readers are asked from today on."""
        casework = self.desk.casework
        program = ByProgram(work, plant, casework.workflow(DOCUMENT), casework.rulebase, self._today, "")
        days = program.number(rule.read_days) if rule.read_days is not None else 0
        return by_rule(rule, about.version, days, self._today if about.version.issued else None)

    def _known(self, work: CaseWork, plant: Plant, parties: Collection[str]) -> None:
        """Raise :class:`BadParties` for a word that means nobody in this plant."""
        if len(parties) > MOST_PARTIES:
            raise BadParties(problem=_TOO_MANY)
        people = [p for p in work.tables(plant, [PersonPeriod])[PersonPeriod] if isinstance(p, PersonPeriod)]
        posts = {post.id for post in self.desk.casework.rulebase.in_force(Post, self._today)}
        known = {EVERYONE, *(POST + post for post in posts), *(f"{DEPARTMENT}{p.department}" for p in people)}
        here = People(people)
        known |= {PERSON + p.account for p in people if here.here(p.account, self._today)}
        for word in parties:
            if not is_party(word) or word not in known:
                raise BadParties(problem=_NOBODY.fill(word=word))

    def _record_refusal(self, plant: Plant, person: Person, object_id: str, refusal: Refused) -> None:
        act = Act(
            actor=person.actor(),
            action=f"{DOCUMENT}:refused",
            object_type=DOCUMENT,
            object_id=object_id,
            changes=({"f": READERS, "old": None, "new": person.account},),
            reason=refusal.message.zh,
        )
        with self.desk.register.work() as work:
            work.record(act, plant)

    def _issuing(self) -> CaseStep:
        """The step whose standing names readers."""
        workflow = self.desk.casework.workflow(DOCUMENT)
        return next((s for s in workflow.steps if s.to == ISSUED and s.sign), workflow.steps[0])

    @property
    def _today(self) -> date:
        return self.desk.casework.today()


def _may_confirm(person: Person, account: str, distribution: Distribution | None) -> bool:
    """Oneself; or, where the rule says so, an absent reader for whom the person stands in."""
    if not person.roles:
        return False
    if person.account == account:
        return True
    lent = {b.account for b in person.borrowed}
    return distribution is not None and distribution.deputies and account in lent


def _act(person: Person, verb: str, version: DocumentVersion, changes: tuple[Mapping[str, object], ...]) -> Act:
    return Act(
        actor=person.actor(),
        action=f"{DOCUMENT}:{verb}",
        object_type=DOCUMENT,
        object_id=version.object_id,
        changes=changes,
    )


_NAMING = Text("确定阅读范围", "Name the readers")
_TOO_MANY = Text(f"至多 {MOST_PARTIES} 项", f"at most {MOST_PARTIES} of them")
_DAYS = Text(f"期限应为 {SHORTEST_DAYS} 至 {LONGEST_DAYS} 天", f"give {SHORTEST_DAYS} to {LONGEST_DAYS} days")
_NOBODY = Text("没有“{word}”", "there is no {word!r}")
