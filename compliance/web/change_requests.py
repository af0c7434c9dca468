"""Requests to change documents in force: the list, one request with where its document is used, asking and deciding."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.core.documents import ChangeRequest, RequestQuery
from compliance.core.documents.change_requests import ACCEPTED, CLOSED, LONGEST_TEXT, OPEN, REJECTED, STATES
from compliance.core.duties import Allowed
from compliance.core.lists import LARGEST_EXPORT
from compliance.kernel.errors import ComplianceError
from compliance.web import access, asked, exports, writing
from compliance.web.errors import status_of
from compliance.web.i18n import _, said

blueprint = Blueprint("change_requests", __name__)


@blueprint.get("/p/<plant>/change-requests")
def listing() -> ResponseReturnValue:
    """The requests, newest first."""
    query = _query()
    return render_template(
        "change_requests.html",
        query=query,
        page=access.services().asking.requests(access.card().plant, query),
        states=STATES,
        state_name=state_name,
        active=sum(bool(part) for part in (query.state, query.document)),
    )


@blueprint.get("/p/<plant>/change-requests.xlsx")
def export() -> ResponseReturnValue:
    """The same rows as a workbook, all pages."""
    bundle, plant = access.services(), access.card().plant
    page = bundle.asking.requests(plant, replace(_query(), after="", limit=LARGEST_EXPORT))
    headings = (
        _("编号"), _("文件"), _("标题"), _("状态"), _("理由"), _("影响"), _("申请人"), _("申请时间"), _("决定人"),
        _("决定时间"), _("决定理由"),
    )  # fmt: skip
    rows = (
        (
            r.number, r.document, said(row.title), state_name(r.state), r.reason, r.impact, r.asked_name, r.asked_at,
            r.decided_name, r.decided_at, r.decision,
        )
        for row in page.rows for r in (row.request,)
    )  # fmt: skip
    name = f"change-requests-{access.ref(access.card())}-{bundle.clock.today():%Y%m%d}.xlsx"
    return exports.workbook(name, _("变更申请清单"), headings, rows)


@blueprint.get("/p/<plant>/change-requests/<number>")
def page(number: str) -> ResponseReturnValue:
    """One request."""
    return _page(number)


@blueprint.post("/p/<plant>/change-requests/<number>/<verb>")
def decide(number: str, verb: str) -> ResponseReturnValue:
    """Accept or reject a request, with a reason."""
    if verb not in ("accept", "reject"):
        abort(404)
    _found(number)
    plant, why = access.card().plant, request.form.get("why", "")
    try:
        done = access.services().requests().decide(plant, writing.writer(), number, accept=verb == "accept", why=why)
    except ComplianceError as error:
        return _page(number, said(error.message)), status_of(error)
    flash(_("已决定：%(state)s", state=state_name(done.state)))
    return redirect(url_for("change_requests.page", number=number), 303)


@blueprint.route("/p/<plant>/documents/<number>/change", methods=["GET", "POST"])
def ask(number: str) -> ResponseReturnValue:
    """Ask for a change of a document: why, and what it touches; where the document is used stands beside it."""
    about, problem, status = writing.latest(number), "", 200
    given = {name: request.form.get(name, "") for name in ("reason", "impact")}
    bundle, plant = access.services(), access.card().plant
    if request.method == "POST":
        try:
            made = bundle.requests().ask(plant, writing.writer(), about.number, given["reason"], given["impact"])
        except ComplianceError as error:
            problem, status = said(error.message), status_of(error)
        else:
            flash(_("已提交变更申请 %(number)s", number=made.number))
            return redirect(url_for("change_requests.page", number=made.number), 303)
    with bundle.desk().register.read() as reads:
        uses = bundle.requests().where_used(reads, plant, about)
    return render_template(
        "change_ask.html", d=about.document, given=given, uses=uses, kinds=kind_name, most=LONGEST_TEXT, problem=problem
    ), status


def state_name(state: str) -> str:
    """What people call how a request stands."""
    return {OPEN: _("待决定"), ACCEPTED: _("已接受，修订中"), REJECTED: _("已拒绝"), CLOSED: _("已完成")}.get(
        state, state
    )


def kind_name(kind: str) -> str:
    """What people call a kind of use."""
    names = {
        "requirement": _("条款要求"), "obligation": _("义务"), "occurrence": _("未完成的期次"), "document": _("文件"),
        "post": _("岗位"), "readers": _("发放范围"), "version": _("修订稿"),
    }  # fmt: skip
    return names.get(kind, kind)


def _page(number: str, problem: str = "") -> str:
    found = _found(number)
    about, person = writing.latest(found.document), writing.writer()
    bundle = access.services()
    rule = bundle.desk().rule(about.document.rule)
    decides = found.state == OPEN and isinstance(bundle.requests().may_decide(rule, person, found.asked_by), Allowed)
    return render_template(
        "change_request.html",
        r=found,
        d=about.document,
        versions=about.versions,
        decides=decides,
        kinds=kind_name,
        state=state_name(found.state),
        most=LONGEST_TEXT,
        problem=problem,
    )


def _found(number: str) -> ChangeRequest:
    bundle = access.services()
    with bundle.desk().register.read() as reads:
        found = bundle.requests().look(reads, access.card().plant, number)
    return abort(404) if found is None else found


def _query() -> RequestQuery:
    state = asked.word("state")
    return RequestQuery(
        state=state if state in STATES else "", document=asked.word("document"), after=asked.word("after")
    )
