"""Issuing one document of every type as people who may: for a workspace of examples, where nobody waits for anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from compliance.core.acts import Actor
from compliance.core.cases import CaseKey, Wish
from compliance.core.controlled import DOCUMENT, DRAFT, EFFECTIVE, ISSUED, DocumentVersion
from compliance.core.documents.bulk import latest_of_each
from compliance.core.documents.control import SIGNERS
from compliance.core.documents.desk import Desk
from compliance.core.documents.handling import NobodyMay, take_to
from compliance.core.documents.sections import Written, missing, written_of
from compliance.core.documents.sets import Subject
from compliance.core.duties import Allowed, Person
from compliance.core.judged import NONCONFORMITY
from compliance.core.plants import Plant
from compliance.core.ports import Progress
from compliance.kernel.errors import CannotDecide, ComplianceError
from compliance.kernel.text import Text
from compliance.rulebase.casework import next_steps
from compliance.rulebase.schema import Document

#: The steps from a draft to what is in force.
_WAY = (*SIGNERS.values(), "issue")


class NothingYet(CannotDecide):
    """The plant has nothing that a document of the rule could be on."""

    code = "nothing-yet"
    text = Text(zh="企业尚无可据以编制该文件的记录", en="The plant has no record yet that this document could be on")


@dataclass(frozen=True, slots=True)
class Issued:
    """A document and where it stands now, or why it went no further; of ``NothingYet`` nothing went wrong."""

    rule: Document
    subject: Subject
    number: str = ""
    state: str = ""
    error: ComplianceError | None = None


@dataclass(frozen=True)
class _Hands:
    """The desk of a plant, the people who act there, and what they would write."""

    desk: Desk
    plant: Plant
    people: Sequence[Person]
    sample: Callable[[Document], Written]
    answers: Callable[[Document], Mapping[str, str]]


def _nothing(_rule: Document) -> Written:
    return {}


def _no_answers(_rule: Document) -> Mapping[str, str]:
    return {}


def issue_all(
    desk: Desk,
    plant: Plant,
    people: Sequence[Person],
    year: str,
    progress: Progress,
    *,
    sample: Callable[[Document], Written] = _nothing,
    answers: Callable[[Document], Mapping[str, str]] = _no_answers,
) -> Iterator[Issued]:
    """Of every type the latest of a year: opened, written, drafted, signed by whoever may, issued from today on.

    A year without a record of the type is passed over for the one before it; a type without any is told as such.
    A report on a case is drawn up at its end: where none has ended, the latest is taken there first.
    ``sample`` is what an author writes where the rule proposes nothing, ``answers`` what the fields of a case say.
    """
    hands = _Hands(desk, plant, people, sample, answers)
    wanted = latest_of_each(desk, plant, year, issuable=True)
    for n, (rule, subject) in enumerate(wanted, 1):
        yield _issued(hands, rule, subject)
        progress(n, len(wanted), rule.title.zh)


def _issued(hands: _Hands, rule: Document, subject: Subject) -> Issued:
    number = ""
    try:
        subject = subject if subject.about else _handled(hands, rule, subject)
        version = _opened(hands, rule, subject)
        number = version.number
        for step in _WAY:
            version = _taken(hands.desk, hands.plant, hands.people, version, step)
    except ComplianceError as error:
        return Issued(rule, subject, number, error=error)
    return Issued(rule, subject, number, version.state)


def _handled(hands: _Hands, rule: Document, subject: Subject) -> Subject:
    """The latest case whose report the rule draws up, taken to where it does; raises :class:`NothingYet`."""
    when = rule.drafted_when
    with hands.desk.register.read() as reads:
        cases = reads.nonconformities(hands.plant) if subject.per == NONCONFORMITY else ()
    if not cases or when is None:
        raise NothingYet
    latest = max(cases, key=lambda case: (case.opened, case.number)).number
    key = CaseKey(NONCONFORMITY, latest)
    take_to(hands.desk, hands.plant, hands.people, key, when.state, hands.answers(rule))
    return replace(subject, about=latest)


def _opened(hands: _Hands, rule: Document, subject: Subject) -> DocumentVersion:
    desk, plant = hands.desk, hands.plant
    with desk.register.read() as reads:
        number = reads.document_about(plant, rule.id, subject.about)
        known = desk.find(reads, plant, number).version if number else None
    person = next((p for p in hands.people if isinstance(desk.may_write(rule, p), Allowed)), None)
    if known is None:
        if person is None:
            raise NobodyMay(step="open")
        known = desk.open(plant, person, rule.id, subject.about)
    if person is not None and known.state == DRAFT:
        known = _written(hands, rule, known, person)
    return desk.draft(plant, known.object_id, _drafter(hands.people)) if known.draft is None else known


def _written(hands: _Hands, rule: Document, version: DocumentVersion, person: Person) -> DocumentVersion:
    """Write what the sample says into every section that nobody wrote and for which the rule proposes too little."""
    with hands.desk.register.read() as reads:
        about = hands.desk.find(reads, hands.plant, version.object_id)
        said = hands.desk.written(reads, hands.plant, about)
    sample = hands.sample(rule)
    for section in missing(rule, written_of(rule, said)):
        if section.id in sample and section.id not in said:
            version = hands.desk.write(hands.plant, person, version.object_id, section.id, sample[section.id])
    return version


def _drafter(people: Sequence[Person]) -> Actor:
    return people[0].actor()


def _taken(desk: Desk, plant: Plant, people: Sequence[Person], version: DocumentVersion, step: str) -> DocumentVersion:
    """Take a step as the first person who may; one that is behind already, or is not wanted here, is passed over."""
    key = CaseKey(DOCUMENT, version.object_id)
    with desk.register.read() as reads:
        looked = desk.casework.look(reads, plant, key)
    known = looked.thing.workflow.step(step)
    if known is None or known not in next_steps(looked.thing.workflow, looked.view):
        return version
    may = next((p for p in people for s, d in looked.offers(p) if s.id == step and isinstance(d, Allowed)), None)
    if may is None:
        raise NobodyMay(step=step)
    values = {EFFECTIVE: desk.casework.today().isoformat()} if known.to == ISSUED else {}
    desk.take(plant, may, Wish(key, step, values), signed=True)
    with desk.register.read() as reads:
        return desk.find(reads, plant, version.object_id).version
