"""Controlled copies on paper at pages: given out by number, called back, ended; and what is printed without one."""

from __future__ import annotations

import io
from collections.abc import Callable

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from compliance.core.cases import CaseKey
from compliance.core.controlled import DOCUMENT, DocumentAtHand
from compliance.core.copies import ControlledCopy, CopyState, Outcome
from compliance.core.documents import MEDIA_TYPE
from compliance.core.documents.control import UNCONTROLLED
from compliance.core.documents.copies import LONGEST, Copies
from compliance.core.duties import Allowed, Person
from compliance.kernel.errors import ComplianceError
from compliance.kernel.text import Text
from compliance.web import access, cases, exports
from compliance.web.errors import status_of
from compliance.web.i18n import _, said
from compliance.web.security import FILE_POLICY
from compliance.web.versions import about_version

blueprint = Blueprint("copies", __name__)


@blueprint.get("/p/<plant>/documents/copies")
def register() -> ResponseReturnValue:
    """Every controlled copy of the plant, those to be called back first."""
    order = [CopyState.RECALLED, CopyState.WITNESS, CopyState.HELD, CopyState.ENDED]
    rows = sorted(access.services().papers.copies(access.card().plant), key=lambda row: order.index(row.state))
    return render_template("copies.html", rows=rows, state=state, outcome=outcome)


@blueprint.get("/p/<plant>/documents/copies.xlsx")
def export() -> ResponseReturnValue:
    """The register of controlled copies as a workbook."""
    headings = (
        _("编号"), _("标题"), _("版本"), _("副本号"), _("持有人"), _("存放处"), _("发放时间"), _("发放人"), _("状态"),
        _("去向"), _("理由"), _("注销时间"), _("注销人"), _("见证人"),
    )  # fmt: skip
    rows = (
        (
            c.number, said(row.title), c.label, c.copy, c.holder, c.kept_at, c.issued_at, c.issued_name,
            state(row.state), outcome(c), c.why, c.ended_at, c.ended_name, c.second_name,
        )
        for row in access.services().papers.copies(access.card().plant) for c in (row.copy,)
    )  # fmt: skip
    name = f"copies-{access.ref(access.card())}-{access.services().clock.today():%Y%m%d}.xlsx"
    return exports.workbook(name, _("受控副本登记"), headings, rows)


@blueprint.get("/p/<plant>/documents/<number>/copies")
def page(number: str) -> ResponseReturnValue:
    """The controlled copies of one document."""
    return _page(about_version(number, None))


@blueprint.post("/p/<plant>/documents/<number>/copies")
def give(number: str) -> ResponseReturnValue:
    """Give out the next numbered copy of the version in force."""
    about = about_version(number, None)
    holding = about.holding(access.services().clock.today())
    if holding is None:
        abort(404)
    form, plant = request.form, access.card().plant
    given = (form.get("holder", ""), form.get("kept_at", ""))
    return _done(about, lambda person: _use().give(plant, person, holding.object_id, *given), _GIVEN)


@blueprint.post("/p/<plant>/documents/<number>/copies/<int:copy>/end")
def end(number: str, copy: int) -> ResponseReturnValue:
    """Say what became of a copy."""
    about, form, plant = about_version(number, None), request.form, access.card().plant
    given = (form.get("outcome", ""), form.get("why", ""))
    return _done(about, lambda person: _use().end(plant, person, number, copy, *given), _ENDED)


@blueprint.post("/p/<plant>/documents/<number>/copies/<int:copy>/witness")
def witness(number: str, copy: int) -> ResponseReturnValue:
    """Witness as a second person that a copy was destroyed."""
    about, plant = about_version(number, None), access.card().plant
    return _done(about, lambda person: _use().witness(plant, person, number, copy), _SEEN)


@blueprint.get("/p/<plant>/documents/<number>/copies/<int:copy>/file")
def file(number: str, copy: int) -> ResponseReturnValue:
    """The file of a copy that is held, with its number and holder on every page."""
    about = about_version(number, None)
    found = next((c for c in _copies(about) if c.copy == copy and c.ended_at is None), None)
    if found is None:
        abort(404)
    about = about_version(number, found.place)
    return _sent(_use().file(about, found), f"{number}-{found.label.replace('/', '-')}-{copy:03d}.docx")


@blueprint.get("/p/<plant>/documents/<number>/<int:place>/print")
def printed(number: str, place: int) -> ResponseReturnValue:
    """A copy of a version in force that says on every page that it is not controlled once printed."""
    about = about_version(number, place)
    if not about.version.in_force or about.version.waits(access.services().clock.today()):
        abort(404)
    name = f"{number}-{about.version.label.replace('/', '-')}-{UNCONTROLLED.zh}.docx"
    return _sent(_use().uncontrolled(about), name)


# --- for other pages -------------------------------------------------------------------------------


def state(of: CopyState) -> str:
    """Where a copy stands, in words."""
    return {
        CopyState.HELD: _("在用"),
        CopyState.RECALLED: _("待收回"),
        CopyState.WITNESS: _("待见证"),
        CopyState.ENDED: _("已注销"),
    }[of]


def outcome(copy: ControlledCopy) -> str:
    """What became of a copy, in words."""
    return _outcomes()[Outcome(copy.outcome)] if copy.outcome else ""


# --- parts -----------------------------------------------------------------------------------------


def _use() -> Copies:
    return Copies(access.services().desk())


def _copies(about: DocumentAtHand) -> list[ControlledCopy]:
    with _use().desk.register.read() as look:
        return list(look.copies(access.card().plant, about.number))


def _person(about: DocumentAtHand) -> Person:
    return cases.opened(CaseKey(DOCUMENT, about.version.object_id), about).person


def _done(about: DocumentAtHand, do: Callable[[Person], ControlledCopy], told: Text) -> ResponseReturnValue:
    try:
        copy = do(_person(about))
    except ComplianceError as error:
        return _page(about, said(error.message)), status_of(error)
    flash(said(told.fill(copy=copy.copy)))
    return redirect(url_for("copies.page", number=about.number), 303)


def _page(about: DocumentAtHand, problem: str = "") -> str:
    use, person, today = _use(), _person(about), access.services().clock.today()
    rule = use.desk.rule(about.document.rule)
    ended = {v.place: v.ended_at is not None for v in about.versions}
    return render_template(
        "document_copies.html",
        about=about,
        d=about.document,
        holding=about.holding(today),
        rows=[(copy, copy.state(version_ended=ended.get(copy.place, True))) for copy in _copies(about)],
        may_give=isinstance(use.may(rule, person), Allowed),
        may_witness=isinstance(use.may(rule, person, witness=True), Allowed),
        account=person.account,
        outcomes=[(one.value, word) for one, word in _outcomes().items()],
        state=state,
        outcome=outcome,
        longest=LONGEST,
        typed=request.form,
        problem=problem,
    )


def _outcomes() -> dict[Outcome, str]:
    return {Outcome.RETURNED: _("已收回"), Outcome.DESTROYED: _("已销毁"), Outcome.LOST: _("遗失")}


def _sent(made: bytes, name: str) -> Response:
    answer = send_file(io.BytesIO(made), mimetype=MEDIA_TYPE, as_attachment=True, download_name=name, etag=False)
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer


_GIVEN = Text("已发放第 {copy} 号受控副本", "Copy {copy} is given out")
_ENDED = Text("已登记第 {copy} 号受控副本的去向", "What became of copy {copy} is kept")
_SEEN = Text("已见证第 {copy} 号受控副本的销毁", "You have witnessed that copy {copy} was destroyed")
