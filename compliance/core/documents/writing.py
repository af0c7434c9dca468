"""Opening documents that hang on no case, and writing the sections of drafts: by whoever may revise them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from compliance.core.acts import Act, Actor
from compliance.core.cases import document_sides
from compliance.core.controlled import (
    DOCUMENT,
    DRAFT,
    Content,
    DocumentAtHand,
    DocumentVersion,
    DocumentWork,
    open_document,
)
from compliance.core.documents.gathering import Gathering, NoSuchDocument
from compliance.core.documents.sections import content_of
from compliance.core.documents.sets import Subject, meant, record_type
from compliance.core.documents.sets.base import MONTH, MONTH_LONG, PLANT, YEAR, YEAR_LONG, NoSuchSubject, SetReads
from compliance.core.documents.values import IllegalText
from compliance.core.duties import Allowed, Denied, MayNotTake, Person, could_take, refuse
from compliance.core.plants import Plant
from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text, illegal
from compliance.rulebase.casework import opened
from compliance.rulebase.schema import Document, Section, SectionKind

#: The step of the workflow whose standing opens a document and writes it.
_REVISE = "revise"
#: How long a section may be, in characters; and a table, in rows.
LONGEST_SECTION, MOST_ROWS = 20_000, 300
_PERIODS = {YEAR: re.compile(r"[12][0-9]{3}"), MONTH: re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")}


class AlreadyOpened(Refused):
    """There is a document of this kind on the same thing: it is revised, not opened again."""

    code = "already-opened"
    text: ClassVar[Text] = Text(
        zh="已有文件 {number}；请修订它，不要重复建立", en="There is {number} already: revise it instead of another"
    )


class NotWritable(Refused):
    """A section can be written only while its version is a draft."""

    code = "not-writable"
    text: ClassVar[Text] = Text(zh="{name} 不是草稿，不能修改内容", en="{name} is no draft: its sections stand")


class NoSuchSection(WrongUse):
    """The rule of the document has no such section that a person writes."""

    code = "no-such-section"
    text: ClassVar[Text] = Text(
        zh="文件没有可编写的章节“{section}”；有：{sections}", en="There is no section {section!r} to write: {sections}"
    )


class BadContent(Refused):
    """What was written does not fit the section."""

    code = "bad-content"
    text: ClassVar[Text] = Text(zh="“{section}”：{right}", en="{section}: {right}")


@dataclass(frozen=True)
class Writing(Gathering):
    """Opening and writing."""

    def open(self, plant: Plant, person: Person, rule_id: str, about: str) -> DocumentVersion:
        """Open a document of a rule on a period, a record or the plant (nothing given); its leaf names who did it."""
        rule = self.casework.rulebase.get(Document, rule_id, self.casework.today())
        if rule is None:
            raise NoSuchDocument(name=rule_id)
        with self.register.read() as reads:
            if not self.follows(reads, plant)(rule):
                raise NoSuchDocument(name=rule_id)
            subject = self.subject(reads, plant, rule, about)
            now = self.casework.person(reads, plant, person) or replace(person, roles=frozenset())
        may = self.may_write(rule, now)
        if isinstance(may, Denied):
            raise self._refused(plant, person, rule.id, may, _OPENING)
        with self.register.work() as work:
            return self._open(work, plant, now.actor(), rule, subject)

    def open_due(self, plant: Plant, actor: Actor) -> list[str]:
        """Open what obligations want whose occurrences stand open: one document a period, once."""
        today = self.casework.today()
        rules = [
            r for r in self.casework.rulebase.in_force(Document, today) if r.drafted_when and r.drafted_when.obligation
        ]
        if not rules:
            return []
        by_obligation: dict[str, list[Document]] = {}
        for rule in rules:
            by_obligation.setdefault(_obligation(rule), []).append(rule)
        with self.register.read() as reads:
            follows = self.follows(reads, plant)
            opened = reads.opened_on(plant, [rule.id for rule in rules])
            wanted = dict.fromkeys(
                (rule, about)
                for obligation, period in reads.standing_open(plant, by_obligation, plant.onboarded)
                for rule in by_obligation[obligation]
                if follows(rule)
                if (about := asked_about(rule, plant, period)) and (rule.id, about) not in opened
            )
        done = []
        for rule, about in wanted:
            with self.register.work() as work:
                if work.document_about(plant, rule.id, about) is None:
                    done.append(self._open(work, plant, actor, rule, Subject(rule.per, about)).object_id)
        return done

    def write(self, plant: Plant, person: Person, object_id: str, section_id: str, content: Content) -> DocumentVersion:
        """Keep what a section says; the draft that was made before says it no more and is made anew."""
        with self.register.read() as reads:
            about = self.find(reads, plant, object_id)
            now = self.casework.person(reads, plant, person) or replace(person, roles=frozenset())
        rule = self.rule(about.document.rule)
        section = _writable(rule, section_id)
        may = self.may_write(rule, now)
        if isinstance(may, Denied):
            raise self._refused(plant, person, about.version.object_id, may, _WRITING)
        checked = checked_content(section, content)
        with self.register.work() as work:
            about = self.find(work, plant, about.version.object_id)
            if about.version.state != DRAFT:
                raise NotWritable(name=about.version.object_id)
            before = content_of(section, work.written(plant, about.number, about.version.place))
            if before == checked:
                return about.version
            work.write(plant, about.number, about.version.place, section.id, checked)
            version = replace(about.version, draft=None, data=None, template=None)
            work.save_version(plant, version)
            change = {"f": section.id, "old": before, "new": checked}
            work.record(_act(now.actor(), "write", version.object_id, change, rule), plant)
        return version

    def may_write(self, rule: Document, person: Person) -> Allowed | Denied:
        """Whether a person opens and writes documents of a rule: who may revise them."""
        workflow = self.casework.workflow(DOCUMENT)
        step = workflow.step(_REVISE)
        if step is None:
            return Denied((_NO_STEP,), workflow.id)
        return could_take(workflow, opened(workflow, {}), step, person, document_sides(rule))

    def subject(self, reads: SetReads, plant: Plant, rule: Document, about: str) -> Subject:
        """What a document of a rule is on; raises :class:`NoSuchSubject`."""
        about = about.strip()
        if rule.per == PLANT:
            if about not in ("", plant.key):
                raise NoSuchSubject(about=about, right=_THE_PLANT)
            return Subject(PLANT, plant.key)
        if rule.per in _PERIODS:
            if not _PERIODS[rule.per].fullmatch(about):
                raise NoSuchSubject(about=about, right=_A_YEAR if rule.per == YEAR else _A_MONTH)
            return Subject(rule.per, about)
        kind = record_type(rule.per)
        if kind is None:
            raise NoSuchSubject(about=about, right=_BY_CASE)
        if not any(row.key() == (about,) and meant(rule, row) for row in reads.tables(plant, [kind])[kind]):
            raise NoSuchSubject(about=about, right=_A_RECORD)
        return Subject(rule.per, about)

    def _open(
        self, work: DocumentWork, plant: Plant, actor: Actor, rule: Document, subject: Subject
    ) -> DocumentVersion:
        known = work.document_about(plant, rule.id, subject.about)
        if known is not None:
            raise AlreadyOpened(number=known)
        version = open_document(work, plant, rule, subject.per, subject.about, self.casework.today())
        change = {"f": "about", "old": None, "new": subject.about}
        work.record(_act(actor, "open", version.object_id, change, rule), plant)
        return version

    def _refused(self, plant: Plant, person: Person, object_id: str, may: Denied, what: Text) -> MayNotTake:
        """A refusal, and its leaf."""
        step = self.casework.workflow(DOCUMENT).steps[0]
        refusal = refuse(replace(step, title=what), may)
        change = {"f": "step", "old": None, "new": DRAFT}
        with self.register.work() as work:
            act = _act(person.actor(), "refused", object_id, change, None)
            work.record(replace(act, reason=refusal.message.zh), plant)
        return refusal


def written_about(desk: Gathering, plant: Plant, about: DocumentAtHand) -> list[tuple[Section, Content]]:
    """Every section of a version that a person writes, with what it says now."""
    rule = desk.rule(about.document.rule)
    with desk.register.read() as reads:
        written = desk.written(reads, plant, about)
    return [(s, content_of(s, written)) for s in rule.sections if s.kind is not SectionKind.DATA]


def _obligation(rule: Document) -> str:
    return rule.drafted_when.obligation if rule.drafted_when else ""


def asked_about(rule: Document, plant: Plant, period: str) -> str:
    """What a document is on that an obligation's occurrence of this period wants."""
    match rule.per:
        case "year":
            after = rule.drafted_when.years_after if rule.drafted_when else 0
            return str(int(period[:YEAR_LONG]) + after)
        case "month":
            return period[:MONTH_LONG] if len(period) >= MONTH_LONG else ""
        case "plant":
            return plant.key
        case _:
            return ""


def _writable(rule: Document, section_id: str) -> Section:
    section = rule.section(section_id)
    if section is None or section.kind is SectionKind.DATA:
        known = "、".join(s.id for s in rule.sections if s.kind is not SectionKind.DATA)
        raise NoSuchSection(section=section_id, sections=known)
    return section


def checked_content(section: Section, content: Content) -> Content:
    """What was written into a section as it is kept; raises :class:`BadContent` or :class:`IllegalText`."""
    if isinstance(content, str) is (section.kind is SectionKind.TABLE):
        raise BadContent(section=section.title, right=_OTHER_KIND)
    for text in [content] if isinstance(content, str) else [cell for cells in content for cell in cells]:
        clean = text.replace("\r\n", "\n")
        if bad := illegal(clean):
            raise IllegalText(place=section.title.zh, character=f"U+{ord(bad):04X}")
    if isinstance(content, str):
        if len(content) > LONGEST_SECTION:
            raise BadContent(section=section.title, right=_TOO_LONG)
        if section.kind is SectionKind.CHOICE and content not in {"", *(w.id for w in section.words)}:
            raise BadContent(section=section.title, right=_NO_WORD)
        return content.replace("\r\n", "\n").strip()
    return _cells(section, content)


def _cells(section: Section, content: tuple[tuple[str, ...], ...]) -> Content:
    rows = tuple(tuple(cell.replace("\r\n", "\n").strip() for cell in cells) for cells in content)
    rows = tuple(cells for cells in rows if any(cells))
    if any(len(cells) != len(section.columns) for cells in rows):
        raise BadContent(section=section.title, right=_WIDTH)
    if len(rows) > MOST_ROWS or sum(len(cell) for cells in rows for cell in cells) > LONGEST_SECTION:
        raise BadContent(section=section.title, right=_TOO_LONG)
    return rows


def _act(actor: Actor, verb: str, object_id: str, change: Mapping[str, object], rule: Document | None) -> Act:
    return Act(
        actor=actor,
        action=f"{DOCUMENT}:{verb}",
        object_type=DOCUMENT,
        object_id=object_id,
        changes=(change,),
        rule={"document": rule.id, "rule": rule.digest} if rule else {},
    )


_OPENING, _WRITING = Text("建立文件", "Open a document"), Text("编写内容", "Write a section")
_NO_STEP = Text("使用中的规则库没有“修订”步骤", "the rule base in use has no step “revise”")
_THE_PLANT = Text("本企业（留空）", "the plant (leave it out)")
_A_YEAR, _A_MONTH = Text("年度 YYYY", "a year YYYY"), Text("月份 YYYY-MM", "a month YYYY-MM")
_A_RECORD = Text("已登记的记录编号", "the number of a record that there is")
_BY_CASE = Text("此文件随办理自动打开", "it opens with its case")
_OTHER_KIND = Text("内容的形式不符", "it is of another form")
_TOO_LONG = Text(
    f"至多 {LONGEST_SECTION} 字、{MOST_ROWS} 行", f"at most {LONGEST_SECTION} characters and {MOST_ROWS} rows"
)
_NO_WORD = Text("不是可选的一项", "it is none of the choices")
_WIDTH = Text("每行格数应与表头相同", "every row needs as many cells as the head")
