"""The documents of a month or a year, for one plant or several, as a job: opened where missing, drafted anew.

Which they are follows from what the rules say that a document is on: a month's are those on the month; a year's are
those on the plant, on the year and on its months. Documents on records and cases open with these and are not in a set.
What was handed in or issued already stays as it is.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, cast
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from compliance.core.acts import Actor
from compliance.core.cases import CaseWork
from compliance.core.controlled import DRAFT, DocumentVersion
from compliance.core.documents.bulk import subjects_of
from compliance.core.documents.desk import Desk
from compliance.core.documents.gathering import NoSuchDocument
from compliance.core.documents.made_pages import NoLongerHere, NoPagesHere, pages_leaf
from compliance.core.documents.sets.base import SUBJECTS, Subject
from compliance.core.documents.writing import AlreadyOpened
from compliance.core.duties import Allowed, Person, person_now
from compliance.core.jobs import Job, JobItem, Jobs, JobWork, Keep
from compliance.core.looking import look
from compliance.core.plants import Plant
from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.schema import Document

#: The kind of jobs, and what is asked of one.
KIND: Final = "documents"
PERIOD, PAGES, SCOPE = "period", "pages", "scope"
EVERYWHERE: Final = "group"
_PERIOD = re.compile(r"[12][0-9]{3}(-(0[1-9]|1[0-2]))?")
_PDF = "application/pdf"


class NoSuchPeriod(WrongUse):
    """A set is of a month or a year."""

    code = "no-such-period"
    text: ClassVar[Text] = Text(
        zh="“{period}”不是年度 YYYY 或月份 YYYY-MM", en="{period!r} is neither a year YYYY nor a month YYYY-MM"
    )


class NothingInSet(Refused):
    """No document of the rules is on that period in these plants."""

    code = "nothing-in-set"
    text: ClassVar[Text] = Text(
        zh="{period} 没有可成套的文件（规则未定，或没有当期数据）",
        en="There are no documents of {period}: no rule wants any, or there are no data of it",
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document of a set, made already or not."""

    plant: Plant
    rule: Document
    subject: Subject


@dataclass(frozen=True)
class Batches:
    """Asking for sets of documents, and making them."""

    desk: Desk
    jobs: Jobs

    def ask(self, login: str, plants: Sequence[Plant], period: str, *, pages: bool, actor: Actor) -> Job:
        """A job that makes the set of a period in plants, of what the person may write; refused where that is nothing.

        The refusal of a person who may write none of it is that of opening the first of it.
        """
        if not _PERIOD.fullmatch(period):
            raise NoSuchPeriod(period=period)
        if pages and self.desk.pages is None:
            raise NoPagesHere
        wanted = [(one, self._person(one.plant, login)) for plant in plants for one in self.wanted(plant, period)]
        if not wanted:
            raise NothingInSet(period=period)
        allowed = [one for one, person in wanted if person and self._may(person, one.rule)]
        if not allowed:
            one, person = wanted[0]
            self.desk.open(one.plant, person or _nobody(actor), one.rule.id, one.subject.about)
        items = [
            JobItem(place=n, plant=one.plant.key, name=one.rule.id, about=one.subject.about, title=one.rule.title)
            for n, one in enumerate(allowed)
        ]
        several = len(plants) > 1
        asked = {PERIOD: period, PAGES: "yes" if pages else "", SCOPE: EVERYWHERE if several else ""}
        return self.jobs.ask(actor, KIND, None if several else plants[0], asked, items)

    def wanted(self, plant: Plant, period: str) -> list[Wanted]:
        """The set of a period in a plant, in the order of codes."""
        today = self.desk.casework.today()
        rules = [r for r in self.desk.casework.rulebase.in_force(Document, today) if r.per in SUBJECTS]
        with self.desk.register.read() as reads:
            follows = self.desk.follows(reads, plant)
        data = look(plant, {}, self.desk.casework.rulebase, today)
        return [
            Wanted(plant, rule, one)
            for rule in sorted(filter(follows, rules), key=lambda r: (r.code, r.id))
            for one in subjects_of(rule, plant, period, data, ())
        ]

    def do(self, job: Job, item: JobItem, keep: Keep) -> Mapping[str, str] | None:
        """Open and draft a document of the set as the person who asked, by the rights that they have now."""
        with self.desk.register.read() as reads:
            plant = reads.plant(item.plant)
        person = self._person(plant, job.login) if plant else None
        if plant is None or person is None or not person.roles:
            raise NoLongerHere(login=job.login)
        version = self._opened(plant, person, item)
        if version.state != DRAFT:
            return {"object": version.object_id, "kept": version.state, "file": version.issued or version.draft or ""}
        pages = self.desk.pages if job.parameters.get(PAGES) else None

        def along(work: CaseWork, made: DocumentVersion) -> None:
            keep(cast("JobWork", work), _result(made))

        made = self.desk.redraft(plant, version.object_id, person, along=None if pages else along)
        if pages is not None:
            self._with_pages(plant, person, made, pages, job, keep)
        return None

    def _with_pages(
        self,
        plant: Plant,
        person: Person,
        made: DocumentVersion,
        pages: Callable[[bytes], bytes],
        job: Job,
        keep: Keep,
    ) -> None:
        """Keep the pages with a leaf of their own: they are made after the draft, and take longer."""
        file = self.desk.keep(pages(self.desk.read(made.draft)), f"{_plain(made.object_id)}.pdf", _PDF)
        with self.desk.register.work() as work:
            work.record(pages_leaf(person.actor(), job, [file], made.object_id), plant)
            keep(cast("JobWork", work), {**_result(made), "pdf": file.sha256})

    def _opened(self, plant: Plant, person: Person, item: JobItem) -> DocumentVersion:
        known = self._known(plant, item)
        if known is not None:
            return known
        try:
            return self.desk.open(plant, person, item.name, item.about)
        except AlreadyOpened:  # somebody was faster
            known = self._known(plant, item)
            if known is None:
                raise
            return known

    def _known(self, plant: Plant, item: JobItem) -> DocumentVersion | None:
        if self.desk.casework.rulebase.get(Document, item.name, self.desk.casework.today()) is None:
            raise NoSuchDocument(name=item.name)
        with self.desk.register.read() as reads:
            number = reads.document_about(plant, item.name, item.about)
            return self.desk.find(reads, plant, number).version if number else None

    def _person(self, plant: Plant, login: str) -> Person | None:
        casework = self.desk.casework
        with self.desk.register.read() as reads:
            return person_now(reads, plant, login, casework.rulebase, casework.today())

    def _may(self, person: Person, rule: Document) -> bool:
        return isinstance(self.desk.may_write(rule, person), Allowed)


@dataclass(frozen=True, slots=True)
class Packed:
    """A file of a set as it is handed over: its name says what it is not."""

    name: str
    sha256: str


def files_of(items: Iterable[JobItem], words: Callable[[str], str]) -> list[Packed]:
    """The files of items that are done; a folder each plant where there are several. ``words``: a state's word."""
    done = [item for item in items if item.result.get("file")]
    several = len({item.plant for item in done}) > 1
    found = []
    for item in done:
        state = words(item.result.get("kept") or DRAFT)
        parts = (item.result["object"], item.title.zh, state)
        name = (f"{item.plant}/" if several else "") + "_".join(_plain(part) for part in parts if part)
        found.append(Packed(f"{name}.docx", item.result["file"]))
        if item.result.get("pdf"):
            found.append(Packed(f"{name}.pdf", item.result["pdf"]))
    return found


def zip_of(files: Sequence[Packed], read: Callable[[str], bytes]) -> Iterator[bytes]:
    """An archive of files in stretches: one file at a time is in memory. Word files and PDF are packed already."""
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_STORED) as archive:
        for file in files:
            archive.writestr(ZipInfo(file.name, _EPOCH), read(file.sha256))
            yield sink.taken()
    yield sink.taken()


_EPOCH = (1980, 1, 1, 0, 0, 0)


class _Sink(io.RawIOBase):
    """Takes what is written and hands it on."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override] # the archive writes bytes alone
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since."""
        said, self._parts = b"".join(self._parts), []
        return said


def _result(made: DocumentVersion) -> dict[str, str]:
    return {"object": made.object_id, "file": made.draft or ""}


def _nobody(actor: Actor) -> Person:
    return Person(actor.id, f"login:{actor.id}", actor.name, frozenset(), frozenset())


def _plain(text: str) -> str:
    return text.replace("/", "-")
