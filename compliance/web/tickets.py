"""Nonconformities: the list, each one worked to its end, and raising a new one from whatever it was found on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.core.cases import BadValue, Raised, case_of, raise_nonconformity
from compliance.core.judged import NONCONFORMITY, OCCURRENCE
from compliance.core.lists import LARGEST_EXPORT, FindingQuery, NonconformityQuery, NonconformityRow
from compliance.kernel.errors import ComplianceError
from compliance.web import access, asked, cases, exports, sources
from compliance.web.book import CATEGORY_MEANING, Book, book
from compliance.web.errors import status_of
from compliance.web.i18n import _, said
from compliance.web.stepforms import case_page

blueprint = Blueprint("tickets", __name__)

_FINDING = "finding"
_LONGEST_TITLE = 200


@blueprint.get("/p/<plant>/nonconformities")
def listing() -> ResponseReturnValue:
    """The tickets, newest first."""
    bundle, plant = access.services(), access.card().plant
    query = _query()
    rules, names = book(), cases.names(plant)
    workflow = rules.workflow(NONCONFORMITY)
    parts = (query.state, query.category, query.grade, query.owner, query.late_on)
    return render_template(
        "nonconformities.html",
        query=query,
        page=bundle.lists.nonconformities(plant, query),
        names=names,
        owners=sorted(names),
        owner_name=lambda account: f"{names[account]} · {account}",
        categories=rules.vocabularies.get(CATEGORY_MEANING, ()),
        states=[s.id for s in workflow.states] if workflow else [],
        settled=rules.settled(NONCONFORMITY),
        active=sum(bool(part) for part in parts),
        book=rules,
    )


@blueprint.get("/p/<plant>/nonconformities.xlsx")
def export() -> ResponseReturnValue:
    """The same rows as a workbook, all pages."""
    bundle, plant = access.services(), access.card().plant
    today, rules = bundle.clock.today(), book()
    settled = rules.settled(NONCONFORMITY)
    page = bundle.lists.nonconformities(plant, replace(_query(), after="", limit=LARGEST_EXPORT))
    names = cases.names(plant)
    headings = (
        _("编号"), _("标题"), _("分级"), _("类别"), _("状态"), _("责任人"), _("责任人账号"), _("完成时限"),
        _("是否超期"), _("登记日期"), _("未关闭天数"), _("未消除的发现"), _("全部发现"), _("来源"), _("规则"),
    )  # fmt: skip
    rows = (
        (
            n.number, said(n.title), rules.grade(n.grade), rules.meaning(n.category), rules.state(n.state),
            names.get(row.owner or "", row.owner), row.owner, row.due,
            _("已超期") if n.state not in settled and row.due and row.due < today else "", n.opened,
            None if n.state in settled else (today - n.opened).days, row.standing, row.findings, _origin(n.origin),
            n.rule,
        )
        for row in page.rows for n in (row.nonconformity,)
    )  # fmt: skip
    name = f"nonconformities-{access.ref(access.card())}-{today:%Y%m%d}.xlsx"
    return exports.workbook(name, _("不符合项清单"), headings, rows)


@blueprint.get("/p/<plant>/nonconformities/<number>")
def page(number: str) -> ResponseReturnValue:
    """One ticket: its findings, what blocks its next step, and everything that was done."""
    return _page(_row(number))


@blueprint.route("/p/<plant>/nonconformities/<number>/steps/<step>", methods=["GET", "POST"])
def step(number: str, step: str) -> ResponseReturnValue:
    """Take a step of the ticket's case."""
    row = _row(number)
    back = url_for("tickets.page", number=number)
    return cases.act(_case(row), step, lambda attempt: _page(_row(number), attempt), back)


@blueprint.get("/p/<plant>/nonconformities/<number>/files/<sha256>")
def file(number: str, sha256: str) -> ResponseReturnValue:
    """A file that was handed in for the ticket."""
    return cases.file_of(_case(_row(number)), sha256)


@blueprint.get("/p/<plant>/nonconformities/new")
def raising() -> ResponseReturnValue:
    """The form, filled in from the page that it was opened from."""
    about = about_of(asked.word("about"))
    said_so = Raised(about.title if about else "", about.category if about else "", about.grade if about else "")
    return _form(said_so, about)


@blueprint.post("/p/<plant>/nonconformities/new")
def raised() -> ResponseReturnValue:
    """Open the nonconformity, or show the form again with the reason."""
    plant, casework = access.card().plant, access.services().casework()
    form = request.form
    about = about_of(form.get("about", ""))
    wish = Raised(form.get("title", ""), form.get("category", ""), form.get("grade", ""), about.ref if about else "")
    try:
        with casework.register.read() as reads:
            periods = cases.periods(reads, plant)
        opened = raise_nonconformity(casework, plant, cases.acting(periods), wish)
    except ComplianceError as error:
        return _form(wish, about, error), status_of(error)
    flash(_("已登记不符合项 %(number)s", number=opened.number))
    return redirect(url_for("tickets.page", number=opened.number, raised="yes"), 303)


@dataclass(frozen=True, slots=True)
class About:
    """What a nonconformity was found on: ``ref`` is ``type:id``."""

    ref: str
    shown: str
    title: str
    category: str = ""
    grade: str = ""


def about_of(ref: str) -> About | None:
    """The object that an address or a form names; 404 for one that this plant does not have."""
    kind, _colon, rest = ref.partition(":")
    if not rest:
        return None
    lists, plant = access.services().lists, access.card().plant
    number = int(rest) if rest.isascii() and rest.isdigit() else -1
    if kind == OCCURRENCE and (row := lists.occurrence(plant, number)):
        o = row.occurrence
        return About(f"{kind}:{'/'.join(o.key)}", f"{o.code} · {o.subject} · {o.period}", said(o.title))
    if kind == OCCURRENCE:
        return _by_key(kind, rest)
    if kind == _FINDING and (stored := lists.finding(plant, number)):
        f = stored.found
        return About(ref, f"{f.situation} · {f.subject}", said(f.message)[:_LONGEST_TITLE], f.category, f.grade)
    sheet = sources.find(kind)
    if sheet is None or lists.source(plant, kind, rest.split(sources.SEPARATOR)) is None:
        abort(404)
    return About(ref, f"{sheet.SHEET.heading} · {rest.replace(sources.SEPARATOR, ' · ')}", "")


def _by_key(kind: str, rest: str) -> About:
    obligation, _slash, more = rest.partition("/")
    subject, _slash, period = more.rpartition("/")
    if access.services().lists.occurrence_number(access.card().plant, (obligation, subject, period)) is None:
        abort(404)
    return About(f"{kind}:{rest}", f"{obligation} · {subject} · {period}", "")


def _form(wish: Raised, about: About | None, error: ComplianceError | None = None) -> str:
    rules = book()
    problem = said(error.message) if error else ""
    at = _wrong_part(wish, rules) if isinstance(error, BadValue) else ""
    return render_template(
        "raise.html",
        wish=wish,
        about=about,
        problem=problem,
        at=at,
        categories=rules.vocabularies.get(CATEGORY_MEANING, {}),
        grades=rules.grades,
        book=rules,
    )


def _wrong_part(wish: Raised, rules: Book) -> str:
    """The part of the form that a bad value came from."""
    if wish.title.strip() and wish.category not in rules.vocabularies.get(CATEGORY_MEANING, {}):
        return "category"
    return "grade" if wish.title.strip() and wish.grade not in rules.grades else "title"


def _query() -> NonconformityQuery:
    late = request.args.get("late") == "yes"
    return NonconformityQuery(
        state=asked.word("state"),
        category=asked.word("category"),
        grade=asked.word("grade"),
        owner=asked.word("owner"),
        late_on=access.services().clock.today() if late else None,
        settled=book().settled(NONCONFORMITY),
        after=asked.word("after"),
    )


def _row(number: str) -> NonconformityRow:
    row = access.services().lists.nonconformity(access.card().plant, number)
    if row is None:
        abort(404)
    return row


def _case(row: NonconformityRow) -> cases.Opened:
    return cases.opened(case_of(row.nonconformity), row.nonconformity)


def _page(row: NonconformityRow, attempt: cases.Attempt | None = None) -> str:
    ticket = row.nonconformity
    gathered = FindingQuery(standing=None, nonconformity=ticket.number, after=asked.word("after"))
    return render_template(
        "nonconformity.html",
        row=row,
        n=ticket,
        rule=book().wording(ticket.rule),
        findings=access.services().lists.findings(access.card().plant, gathered),
        fresh=request.args.get("raised") == "yes",
        origin=_origin(ticket.origin),
        papers=access.services().papers.numbers_about(access.card().plant, NONCONFORMITY, ticket.number),
        settled=book().settled(NONCONFORMITY),
        c=case_page(_case(row), attempt),
        to_step=lambda name: url_for("tickets.step", number=ticket.number, step=name),
        to_file=lambda sha256: url_for("tickets.file", number=ticket.number, sha256=sha256),
        book=book(),
    )


def _origin(origin: str) -> str:
    return {"rule": _("规则判断"), "person": _("人员登记"), "audit": _("审核发现")}.get(origin, origin)
