"""Obligations as they come due: the list with its filters and export, the calendars, and one occurrence explained."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.core.cases import occurrence_key
from compliance.core.documents.reviews import Review, reviews_of
from compliance.core.documents.writing import asked_about
from compliance.core.judged import OccurrenceState
from compliance.core.lists import LARGEST_EXPORT, LARGEST_PAGE, OccurrenceQuery, OccurrenceRow
from compliance.rulebase.schema import Obligation
from compliance.web import (
    access,
    asked,
    calendars,
    cases,
    derivations,
    exports,
    labels,
    lookback,
    replays,
    scope,
    sources,
)
from compliance.web.book import book
from compliance.web.i18n import _, said
from compliance.web.stepforms import case_page

blueprint = Blueprint("obligations", __name__)


@blueprint.get("/p/<plant>/obligations")
def listing() -> ResponseReturnValue:
    """The list, filtered as the address says."""
    bundle, plant = access.services(), access.card().plant
    query = _query()
    then = lookback.then_asked()
    of = lookback.concluded(then) if then else None
    return render_template(
        "obligations.html",
        query=query,
        of=of,
        standard=asked.word("standard"),
        page=lookback.occurrences(of, query) if of else bundle.lists.occurrences(plant, query),
        choices=of.choices if of else bundle.lists.choices(plant),
        states=tuple(OccurrenceState),
        active=_active(query),
        book=book(),
    )


@blueprint.get("/p/<plant>/obligations.xlsx")
def export() -> ResponseReturnValue:
    """The same rows as a workbook, all pages."""
    bundle, plant = access.services(), access.card().plant
    query, then = replace(_query(), after="", limit=LARGEST_EXPORT), lookback.then_asked()
    kept = bundle.lists.occurrences
    page = lookback.occurrences(lookback.concluded(then), query) if then else kept(plant, query)
    rules = book()
    several = len(scope.followed()) > 1
    days = (then.as_of, then.known_on) if then else ()
    headings = (
        _("编号"), _("义务"), _("对象"), _("所属期"), _("开始日"), _("到期日"), _("工作日提示"), _("状态"),
        _("完成日"), _("责任岗位"), _("条款"), _("推导"),
        *((_("标准"),) if several else ()), *((_("截至日"), _("获知日")) if then else ()),
    )  # fmt: skip
    rows = (
        (
            o.code, said(o.title), o.subject, o.period, o.opens, o.due, o.effective_workday,
            labels.state_chip(o.state).text, o.done_on, rules.post(o.owner), o.clause, said(o.derivation),
            *((scope.code_of(o.obligation, o.rule_digest),) if several else ()), *days,
        )
        for o in (row.occurrence for row in page.rows)
    )  # fmt: skip
    return exports.workbook(lookback.file_name("obligations", then), _("义务清单"), headings, rows)


@blueprint.get("/p/<plant>/obligations/calendar")
def month() -> ResponseReturnValue:
    """One month, from Monday to Sunday."""
    bundle, plant = access.services(), access.card().plant
    today = bundle.clock.today()
    first = asked.month("month", today)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    query = OccurrenceQuery(due_from=first, due_until=last, code=asked.word("code"), limit=LARGEST_EXPORT)
    rows = bundle.lists.occurrences(plant, query).rows
    return render_template(
        "calendar.html",
        first=first,
        weeks=calendars.weeks(first, rows, today),
        rows=rows,
        reviews=_reviews(first, last),
        before=_shift(first, -1),
        after=_shift(first, 1),
        book=book(),
    )


def _reviews(first: date, last: date) -> dict[date, list[Review]]:
    """The reviews of documents that are due from a day to a day: one statement."""
    bundle = access.services()
    papers = bundle.papers.in_force(access.card().plant)
    found: dict[date, list[Review]] = {}
    for review in reviews_of(papers, bundle.rules(), bundle.clock.today()):
        if first <= review.due <= last:
            found.setdefault(review.due, []).append(review)
    return found


@blueprint.get("/p/<plant>/obligations/year")
def year() -> ResponseReturnValue:
    """One year: rows are duties, cells are months."""
    bundle, plant = access.services(), access.card().plant
    wanted = asked.year("year", bundle.clock.today().year)
    lines = calendars.lines(bundle.lists.heat(plant, wanted), wanted)
    return render_template(
        "year.html", year=wanted, lines=lines, this_month=f"{bundle.clock.today():%Y-%m}", book=book()
    )


@blueprint.get("/p/<plant>/obligations/<int:number>")
def occurrence(number: int) -> ResponseReturnValue:
    """One occurrence: by when, why, what completes it, and how it is worked."""
    return _page(_row(number))


@blueprint.route("/p/<plant>/obligations/<int:number>/steps/<step>", methods=["GET", "POST"])
def step(number: int, step: str) -> ResponseReturnValue:
    """Take a step of the occurrence's case."""
    row = _row(number)
    case = _case(row)
    back = url_for("obligations.occurrence", number=number)
    return cases.act(case, step, lambda attempt: _page(row, attempt), back)


@blueprint.get("/p/<plant>/obligations/<int:number>/files/<sha256>")
def file(number: int, sha256: str) -> ResponseReturnValue:
    """A file that was handed in for the occurrence."""
    return cases.file_of(_case(_row(number)), sha256)


def _row(number: int) -> OccurrenceRow:
    row = access.services().lists.occurrence(access.card().plant, number)
    if row is None:
        abort(404)
    return row


def _case(row: OccurrenceRow) -> cases.Opened:
    return cases.opened(occurrence_key(row.occurrence), row.occurrence)


def _page(row: OccurrenceRow, attempt: cases.Attempt | None = None) -> str:
    found = row.occurrence
    judged = replays.of_occurrence(found)
    rule = judged.rule
    why = derivations.of(found)
    return render_template(
        "occurrence.html",
        row=row,
        o=found,
        rule=rule,
        judged=judged,
        source=sources.address(rule.for_each, found.subject) if isinstance(rule, Obligation) else "",
        papers=[(r, asked_about(r, access.card().plant, found.period)) for r in book().documents_of(found.obligation)],
        why=why,
        ruler=derivations.ruler(why) if why else None,
        c=case_page(_case(row), attempt),
        to_step=lambda name: url_for("obligations.step", number=row.id, step=name),
        to_file=lambda sha256: url_for("obligations.file", number=row.id, sha256=sha256),
        book=book(),
    )


def _query() -> OccurrenceQuery:
    return OccurrenceQuery(
        states=asked.states(),
        code=asked.word("code"),
        subject=asked.word("subject"),
        period=asked.word("period"),
        due_from=asked.day("from"),
        due_until=asked.day("until"),
        of=scope.asked_rules(asked.word("standard")),
        newest=request.args.get("order") == "newest",
        after=asked.word("after"),
        limit=LARGEST_PAGE if request.args.get("rows") == str(LARGEST_PAGE) else OccurrenceQuery().limit,
    )


def _active(query: OccurrenceQuery) -> int:
    parts = (query.states, query.code, query.subject, query.period, query.due_from, query.due_until, query.of)
    return sum(bool(part) for part in parts)


def _shift(first: date, months: int) -> date:
    total = first.year * 12 + first.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)
