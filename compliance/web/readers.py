"""Documents in force at pages: which holds, who reads it and who has confirmed, and until when it is reviewed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.core.cases import CaseKey
from compliance.core.controlled import DOCUMENT, DocumentAtHand, DocumentVersion
from compliance.core.distribution import Coverage, InForce, Reader, coverage_of
from compliance.core.documents.readers import LONGEST_DAYS, LONGEST_REASON, SHORTEST_DAYS, Readers
from compliance.core.documents.reviews import Review, reviews_of
from compliance.core.documents.standing import WAITS
from compliance.core.duties import Allowed, Person
from compliance.core.model import PersonPeriod
from compliance.kernel.errors import ComplianceError
from compliance.rulebase.parties import DEPARTMENT, EVERYONE, PERSON, POST
from compliance.rulebase.schema import Post
from compliance.web import access, cases, exports
from compliance.web.book import book
from compliance.web.errors import status_of
from compliance.web.i18n import _, said
from compliance.web.versions import about_version

blueprint = Blueprint("readers", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """A version in force with its readers counted and the review that it asks for."""

    paper: InForce
    readers: Sequence[Reader]
    covered: Coverage
    review: Review | None


@dataclass(frozen=True, slots=True)
class ToRead:
    """A version that the person at the browser has not confirmed yet."""

    paper: InForce
    due: date


@dataclass(frozen=True, slots=True)
class Life:
    """What a document's page shows of a version beside its case."""

    covered: Coverage
    mine: Reader | None
    review: Review | None


@blueprint.get("/p/<plant>/documents/reading")
def listing() -> ResponseReturnValue:
    """Every document in force: how many of its readers have confirmed, who is late, and the next review."""
    shown = lines()
    return render_template("reading.html", lines=shown, total=total(shown), book=book(), waits=WAITS)


@blueprint.get("/p/<plant>/documents/reading.xlsx")
def export() -> ResponseReturnValue:
    """A row for each reader of each document in force."""
    today = access.services().clock.today()
    rows = (
        (
            line.paper.number, said(line.paper.title), line.paper.label, line.paper.effective, r.account, r.name,
            r.department, r.posts, r.since, r.due, _told(r, today), line.review.due if line.review else None,
        )
        for line in lines() for r in line.readers
    )  # fmt: skip
    return _book(_("文件阅读确认"), [_("编号"), _("标题"), _("版本"), _("生效日期"), *_headings(), _("评审期限")], rows)


@blueprint.get("/p/<plant>/documents/<number>/<int:place>/readers")
def page(number: str, place: int) -> ResponseReturnValue:
    """The readers of one version."""
    return _page(number, place)


@blueprint.get("/p/<plant>/documents/<number>/<int:place>/readers.xlsx")
def export_one(number: str, place: int) -> ResponseReturnValue:
    """The readers of one version as a workbook."""
    about = about_version(number, place)
    today = access.services().clock.today()
    rows = ((r.account, r.name, r.department, r.posts, r.since, r.due, _told(r, today)) for r in _readers(about))
    return _book(_("文件阅读确认"), _headings(), rows)


@blueprint.post("/p/<plant>/documents/<number>/<int:place>/readers")
def name(number: str, place: int) -> ResponseReturnValue:
    """Name who reads the version, with a reason."""
    about, form = about_version(number, place), request.form
    days = form.get("days", "").strip()
    try:
        _use().name(
            access.card().plant,
            cases.opened(CaseKey(DOCUMENT, about.version.object_id), about).person,
            about.version.object_id,
            form.get("parties", "").splitlines(),
            form.get("reason", "").replace("\r\n", "\n"),
            int(days) if days.isascii() and days.isdigit() else (None if not days else 0),
        )
    except ComplianceError as error:
        return _page(number, place, said(error.message)), status_of(error)
    flash(_("阅读范围已保存"))
    return redirect(url_for("readers.page", number=number, place=place), 303)


@blueprint.post("/p/<plant>/documents/<number>/<int:place>/read")
def confirm(number: str, place: int) -> ResponseReturnValue:
    """Confirm having read the version."""
    about = about_version(number, place)
    person = cases.opened(CaseKey(DOCUMENT, about.version.object_id), about).person
    try:
        _use().confirm(access.card().plant, person, about.version.object_id, request.form.get("for", ""))
    except ComplianceError as error:
        return _page(number, place, said(error.message)), status_of(error)
    flash(_("已确认阅读 %(name)s", name=about.version.object_id))
    return redirect(url_for("documents.page", number=number, place=place), 303)


# --- for other pages -------------------------------------------------------------------------------


def lines(numbers: Sequence[str] | None = None, people: Sequence[PersonPeriod] | None = None) -> list[Line]:
    """The versions in force of these documents, or of all: two statements, one where the people are known."""
    bundle, plant = access.services(), access.card().plant
    today, rules = bundle.clock.today(), bundle.rules()
    papers = bundle.papers.in_force(plant, numbers)
    reviews = {r.paper.object_id: r for r in reviews_of(papers, rules, today)}
    if people is None:
        with bundle.casework().register.read() as reads:
            people = cases.periods(reads, plant)
    found = [(paper, paper.readers(people, rules, today)) for paper in papers]
    return [Line(p, r, coverage_of(r, today), reviews.get(p.object_id)) for p, r in found]


def total(shown: Sequence[Line]) -> Coverage:
    """The readers of all documents counted."""
    parts = [line.covered for line in shown]
    return Coverage(sum(c.asked for c in parts), sum(c.confirmed for c in parts), sum(c.late for c in parts))


def life_of(about: DocumentAtHand, case: cases.Opened) -> Life | None:
    """What the page of an issued version shows of readers and review; None for what is not in force."""
    if not about.version.in_force:
        return None
    line = next((x for x in lines([about.number], case.people) if x.paper.place == about.version.place), None)
    if line is None:
        return None
    mine = next((r for r in line.readers if r.account == case.person.account and not r.confirmed), None)
    return Life(line.covered, mine, line.review)


def waiting(
    papers: Sequence[InForce], person: Person, own: Sequence[PersonPeriod]
) -> tuple[list[ToRead], list[Review]]:
    """What of the documents in force the person has to read, and the open reviews of the person's posts."""
    bundle = access.services()
    today, rules = bundle.clock.today(), bundle.rules()
    reading = [
        ToRead(paper, reader.due)
        for paper in papers
        for reader in paper.readers(own, rules, today)
        if not reader.confirmed
    ]
    posts = person.posts | {lent.post for lent in person.borrowed}
    reviews = [r for r in reviews_of(papers, rules, today) if r.open(today) and r.post in posts]
    return sorted(reading, key=lambda one: (one.due, one.paper.number)), reviews


def figures(line: Line | None) -> tuple[int | None, int | None, date | None]:
    """Coverage, late readers and day of review, for a workbook."""
    return (
        (line.covered.percent, line.covered.late, line.review.due if line.review else None)
        if line
        else (None, None, None)
    )


def party(word: str) -> str:
    """One of those who read, in words."""
    if word == EVERYONE:
        return _("全体人员")
    if word.startswith(POST):
        return book().post(word.removeprefix(POST))
    return word.removeprefix(DEPARTMENT).removeprefix(PERSON)


def state_of(version: DocumentVersion, today: date) -> str:
    """The state of a version as a page says it on a day."""
    return said(WAITS) if version.waits(today) else book().state(version.state, DOCUMENT)


def tone(version: DocumentVersion, today: date) -> str:
    """The colour of a version's state on a day."""
    if version.waits(today):
        return "warn"
    return "good" if version.in_force else "bad" if version.ended_at else "open"


# --- parts -----------------------------------------------------------------------------------------


def _use() -> Readers:
    return Readers(access.services().desk())


def _readers(about: DocumentAtHand) -> Sequence[Reader]:
    use, plant = _use(), access.card().plant
    with use.desk.register.read() as look:
        return use.asking(look, plant, about.version, use.desk.rule(about.document.rule)).readers


def _page(number: str, place: int, problem: str = "") -> str:
    about = about_version(number, place)
    case = cases.opened(CaseKey(DOCUMENT, about.version.object_id), about)
    use, plant, today = _use(), access.card().plant, access.services().clock.today()
    rule = use.desk.rule(about.document.rule)
    with use.desk.register.read() as look:
        asking = use.asked_among(look, plant, about.version, rule, case.people)
    lent = {b.account for b in case.person.borrowed} if asking.distribution and asking.distribution.deputies else set()
    posts = sorted(post.id for post in access.services().rules().in_force(Post, today))
    return render_template(
        "document_readers.html",
        about=about,
        d=about.document,
        version=about.version,
        asking=asking,
        covered=coverage_of(asking.readers, today),
        mine={case.person.account, *lent},
        parties=asking.distribution.parties if asking.distribution else (),
        known=[EVERYONE, *(POST + post for post in posts), *_departments(case.people)],
        party=party,
        may_name=about.version.ended_at is None and isinstance(use.may_name(rule, case.person), Allowed),
        limits=(SHORTEST_DAYS, LONGEST_DAYS, LONGEST_REASON),
        problem=problem,
        typed=request.form,
    )


def _departments(people: Sequence[PersonPeriod]) -> list[str]:
    return sorted({DEPARTMENT + p.department for p in people if p.department and p.until is None})


def _headings() -> list[str]:
    return [_("账号"), _("姓名"), _("所属部门"), _("岗位"), _("起始日期"), _("确认期限"), _("确认情况")]


def _told(reader: Reader, today: date) -> str:
    if reader.confirmed:
        return _("已确认")
    return _("逾期未确认") if reader.late(today) else _("待确认")


def _book(title: str, headings: Sequence[str], rows: Iterator[tuple[exports.Value, ...]]) -> ResponseReturnValue:
    name = f"readers-{access.ref(access.card())}-{access.services().clock.today():%Y%m%d}.xlsx"
    return exports.workbook(name, title, headings, rows)
