"""Requests to change a document in force: who asks says why and what follows, another person decides.

Whoever has access to the plant asks; who may revise the document decides, never the one who asked. Accepting takes the
step that opens the next version, or joins the one that is being drafted; the request is closed once that is issued.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol, cast

from compliance.core.acts import Act
from compliance.core.cases import CaseKey, CaseWork, Wish
from compliance.core.controlled import DOCUMENT, DocumentAtHand
from compliance.core.documents.sets import SetReads
from compliance.core.documents.writing import Writing
from compliance.core.duties import Allowed, Denied, MayNotTake, Person, refuse
from compliance.core.lists import PAGE, Page
from compliance.core.permissions import Denied as NotPermitted
from compliance.core.permissions import Permission, may
from compliance.core.plants import Plant
from compliance.kernel.errors import CannotDecide, Refused, WrongUse
from compliance.kernel.text import Text, illegal
from compliance.rulebase.schema import CaseStep, Document, Obligation, Post

CHANGE_REQUEST = "change-request"
#: How a request stands.
STATES = OPEN, ACCEPTED, REJECTED, CLOSED = "open", "accepted", "rejected", "closed"
#: How long reason, impact and decision are, in characters.
LONGEST_TEXT = 2000
_REVISE = "revise"


class NoSuchRequest(WrongUse):
    """The plant has no request of this number."""

    code = "no-such-request"
    text: ClassVar[Text] = Text(zh="没有变更申请“{number}”", en="There is no change request {number!r}")


class NotInForce(Refused):
    """Only a document in force is asked to be changed; a draft is simply written."""

    code = "not-in-force"
    text: ClassVar[Text] = Text(
        zh="{number} 没有有效版本，不能申请变更", en="{number} has no version in force: nothing to ask a change of"
    )


class BadRequestText(WrongUse):
    """Reason, impact or decision is missing, too long, or holds what a page cannot show."""

    code = "bad-request-text"
    text: ClassVar[Text] = Text(
        zh="“{field}”须为 1 至 {most} 字的文字", en="{field} is a text of 1 to {most} characters"
    )


class AlreadyDecided(Refused):
    """Somebody decided it."""

    code = "already-decided"
    text: ClassVar[Text] = Text(zh="{number} 已有决定", en="{number} was decided already")


@dataclass(frozen=True, slots=True)
class Use:
    """Where a document is used: the kind of thing, its name, and what people call it."""

    kind: str
    what: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """A request. Persons are accounts or ``login:…``; ``uses`` is where the document was used when it was asked.

    ``place``: the version in force that it is about; ``version``: the place of the one that answers it, None until
    accepted; ``issued``: whether that was issued.
    """

    number: str
    series: str
    serial: int
    document: str
    place: int
    reason: str
    impact: str
    uses: tuple[Use, ...]
    asked_by: str
    asked_name: str
    asked_at: str
    accepted: bool | None = None
    decided_by: str = ""
    decided_name: str = ""
    decided_at: str = ""
    decision: str = ""
    version: int | None = None
    issued: bool = False

    @property
    def state(self) -> str:
        """How it stands."""
        if self.accepted is None:
            return OPEN
        if not self.accepted:
            return REJECTED
        return CLOSED if self.issued else ACCEPTED


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestQuery:
    """Which requests, newest first; ``state`` and ``document`` empty: all."""

    state: str = ""
    document: str = ""
    after: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request with the title and the rule of its document."""

    request: ChangeRequest
    title: Text
    rule: str


class RequestLists(Protocol):
    """Answers what requests there are."""

    def requests(self, plant: Plant, query: RequestQuery) -> Page[RequestRow]:
        """A page of requests: one statement."""
        ...


class RequestReads(Protocol):
    """What requests ask of a look."""

    def request(self, plant: Plant, number: str) -> ChangeRequest | None:
        """One request."""
        ...

    def naming_documents(self, plant: Plant, text: str) -> Sequence[str]:
        """The numbers of documents into which authors wrote a text."""
        ...

    def held(self, plant: Plant) -> Sequence[DocumentAtHand]:
        """Every document with the version of it that is in force."""
        ...


class RequestWork(CaseWork, RequestReads, Protocol):
    """What requests ask of a writing transaction."""

    def add_request(self, plant: Plant, request: ChangeRequest) -> None:
        """Store a new request."""
        ...

    def decide_request(self, plant: Plant, request: ChangeRequest) -> None:
        """Store what was decided of a request that was open; nothing else of it ever changes."""
        ...


@dataclass(frozen=True)
class Requests:
    """Asking for changes of documents, and deciding."""

    desk: Writing

    def ask(self, plant: Plant, person: Person, number: str, reason: str, impact: str) -> ChangeRequest:
        """Ask for a change of a document in force; its leaf names who asked, why, and what it touches."""
        said = {_REASON: _checked(_REASON, reason), _IMPACT: _checked(_IMPACT, impact)}
        with self.desk.register.read() as reads:
            now = self._who(reads, plant, person)
            about = self.desk.find(reads, plant, number)
            current = about.current
            allowed = may(now.roles, Permission.VIEW)
            uses = tuple(self.where_used(reads, plant, about)) if current else ()
        if isinstance(allowed, NotPermitted):
            raise self._refused(plant, person, about.number, _ASKING, Denied((allowed.reason,), CHANGE_REQUEST))
        if current is None:
            raise NotInForce(number=about.number)
        with self.desk.register.work() as given:
            work = _work(given)
            year = self.desk.casework.today().year
            series = f"{CHANGE_REQUEST}/{year}"
            serial = work.next_number(plant, series)
            made = ChangeRequest(
                number=f"DCR-{year}-{serial:03d}",
                series=series,
                serial=serial,
                document=about.number,
                place=current.place,
                reason=said[_REASON],
                impact=said[_IMPACT],
                uses=uses,
                asked_by=now.account,
                asked_name=now.name,
                asked_at=self._now(),
            )
            work.add_request(plant, made)
            told = {"document": current.object_id, "reason": made.reason, "impact": made.impact, "uses": len(uses)}
            work.record(_act(now, "ask", made.number, told), plant)
        return made

    def decide(self, plant: Plant, person: Person, number: str, *, accept: bool, why: str) -> ChangeRequest:
        """Accept a request (the next version opens, or the one being drafted answers it) or reject it."""
        why = _checked(_WHY, why)
        with self.desk.register.read() as given:
            request = self.found(given, plant, number)
        try:
            with self.desk.register.work() as given:
                return self._decide(_work(given), plant, person, request.number, accept=accept, why=why)
        except MayNotTake as refusal:
            self._record_refusal(plant, person, request.number, refusal)
            raise

    def may_decide(self, rule: Document, person: Person, asked_by: str) -> Allowed | Denied:
        """Whether a person decides a request: who may revise the document and has not asked."""
        allowed = self.desk.may_write(rule, person)
        if isinstance(allowed, Denied):
            return allowed
        return Denied((_OWN,), allowed_by(rule)) if person.account == asked_by else allowed

    def look(self, reads: object, plant: Plant, number: str) -> ChangeRequest | None:
        """A request, if there is one."""
        return cast("RequestReads", reads).request(plant, number)

    def found(self, reads: object, plant: Plant, number: str) -> ChangeRequest:
        """A request; raises :class:`NoSuchRequest`."""
        found = self.look(reads, plant, number)
        if found is None:
            raise NoSuchRequest(number=number[:80])
        return found

    def where_used(self, reads: SetReads, plant: Plant, about: DocumentAtHand) -> list[Use]:
        """What leads to a document: demands, duties and what is open of them, other documents, posts, open versions."""
        rule = self.desk.rule(about.document.rule)
        own = cast("RequestReads", reads)
        found = [Use("requirement", code, Text(code, code)) for code in _requirements(rule)]
        found += self._duties(reads, plant, rule, about)
        named = dict.fromkeys(own.naming_documents(plant, about.number))
        named |= {a.number: None for a in own.held(plant) if self._names(a, about.number)}
        found += [Use(DOCUMENT, n, Text(f"文件 {n}", f"document {n}")) for n in sorted(named) if n != about.number]
        found += self._posts(rule)
        found += [
            Use("version", v.object_id, Text(f"修订稿 {v.label}", f"draft {v.label}")) for v in about.versions if v.open
        ]
        return found

    # --- inside

    def _decide(
        self, work: RequestWork, plant: Plant, person: Person, number: str, *, accept: bool, why: str
    ) -> ChangeRequest:
        request = self.found(work, plant, number)
        if request.accepted is not None:
            raise AlreadyDecided(number=number)
        now = self._who(work, plant, person)
        about = self.desk.find(work, plant, request.document)
        allowed = self.may_decide(self.desk.rule(about.document.rule), now, request.asked_by)
        if isinstance(allowed, Denied):
            raise refuse(self._step(), allowed)
        version = self._opened(work, plant, now, about, f"{number}：{why}") if accept else None
        decided = replace(
            request,
            accepted=accept,
            decided_by=now.account,
            decided_name=now.name,
            decided_at=self._now(),
            decision=why,
            version=version,
        )
        work.decide_request(plant, decided)
        told = {"state": decided.state, "decision": why, "version": version}
        work.record(_act(now, "accept" if accept else "reject", number, told), plant)
        return decided

    def _opened(self, work: RequestWork, plant: Plant, person: Person, about: DocumentAtHand, why: str) -> int:
        """The place of the version that answers a request: the one being drafted, else the next one, opened now."""
        drafted = next((v for v in about.versions if v.open), None)
        if drafted is not None:
            return drafted.place
        if about.current is None:
            raise NotInForce(number=about.number)
        key = CaseKey(DOCUMENT, about.current.object_id)
        self.desk.casework.take_within(work, plant, person, Wish(key, _REVISE, {"reason": why}), signed=False)
        return len(about.versions)

    def _duties(self, reads: SetReads, plant: Plant, rule: Document, about: DocumentAtHand) -> list[Use]:
        rulebase, today = self.desk.casework.rulebase, self.desk.casework.today()
        drafted = rule.drafted_when.obligation if rule.drafted_when else ""
        duties = {o.id: o for o in rulebase.in_force(Obligation, today) if o.document == rule.id or o.id == drafted}
        found = [Use("obligation", o.code or o.id, o.title) for o in duties.values()]
        waiting = [o for o in reads.occurrences(plant) if o.obligation in duties and o.done_on is None]
        return (
            found
            + [
                Use("occurrence", "/".join(o.key), Text(f"{o.title.zh} {o.period}", f"{o.title.en} {o.period}"))
                for o in waiting
                if o.due >= about.document.opened
            ][:_MOST_OCCURRENCES]
        )

    def _posts(self, rule: Document) -> list[Use]:
        today = self.desk.casework.today()
        found = [
            self.desk.casework.rulebase.nearest(Post, p, today)
            for p in (rule.author, rule.reviewer, rule.approver)
            if p
        ]
        uses = [Use("post", post.id, post.title) for post in found if post]
        return uses + ([Use("readers", rule.id, rule.distribution)] if rule.distribution else [])

    def _names(self, about: DocumentAtHand, number: str) -> bool:
        return about.version.issued_data is not None and number.encode() in self.desk.read(about.version.issued_data)

    def _who(self, reads: object, plant: Plant, person: Person) -> Person:
        found = self.desk.casework.person(cast("SetReads", reads), plant, person)
        return found or replace(person, roles=frozenset(), posts=frozenset(), borrowed=())

    def _step(self) -> CaseStep:
        step = self.desk.casework.workflow(DOCUMENT).step(_REVISE)
        if step is None:
            raise CannotDecideHere
        return replace(step, title=_DECIDING)

    def _refused(self, plant: Plant, person: Person, number: str, title: Text, why: Denied) -> MayNotTake:
        refusal = refuse(replace(self._step(), title=title), why)
        self._record_refusal(plant, person, number, refusal)
        return refusal

    def _record_refusal(self, plant: Plant, person: Person, number: str, refusal: Refused) -> None:
        with self.desk.register.work() as work:
            act = _act(person, "refused", number, {})
            work.record(replace(act, reason=refusal.message.zh), plant)

    def _now(self) -> str:
        return self.desk.casework.now().isoformat(timespec="milliseconds")


class CannotDecideHere(CannotDecide):
    """The rules have no step that opens a revision."""

    code = "no-revision"
    text: ClassVar[Text] = Text(zh="使用中的规则库没有“修订”步骤", en="The rule base in use has no step that revises")


def allowed_by(rule: Document) -> str:
    """What a refusal names as its rule."""
    return rule.id


def _requirements(rule: Document) -> list[str]:
    codes = [*rule.source.requirements, *(code for section in rule.sections for code in section.requirements)]
    return list(dict.fromkeys(codes))


def _checked(field: Text, said: str) -> str:
    text = said.replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST_TEXT or illegal(text):
        raise BadRequestText(field=field, most=LONGEST_TEXT)
    return text


def _act(person: Person, verb: str, number: str, told: Mapping[str, object]) -> Act:
    return Act(
        actor=person.actor(),
        action=f"{CHANGE_REQUEST}:{verb}",
        object_type=CHANGE_REQUEST,
        object_id=number,
        changes=tuple({"f": name, "old": None, "new": value} for name, value in told.items() if value is not None),
    )


def _work(work: object) -> RequestWork:
    return cast("RequestWork", work)


_MOST_OCCURRENCES = 20
_REASON, _IMPACT, _WHY = Text("变更理由", "Reason"), Text("影响", "Impact"), Text("决定理由", "Why")
_ASKING, _DECIDING = Text("申请变更", "Ask for a change"), Text("决定变更申请", "Decide a change request")
_OWN = Text("申请人不得自行决定", "who asked does not decide")
