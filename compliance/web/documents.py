"""Controlled documents: the list, and each version with what it is made of, who signed, and what may follow."""

from __future__ import annotations

import io
from dataclasses import replace

from flask import Blueprint, Response, abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from compliance.core.acts import ObjectRef
from compliance.core.cases import CaseKey
from compliance.core.controlled import DOCUMENT, DRAFT, DocumentAtHand, DocumentVersion
from compliance.core.documents import MEDIA_TYPE, SIGNERS, DocumentQuery, before
from compliance.core.documents.standing import WAITS
from compliance.core.duties import Allowed, could_take
from compliance.core.lists import LARGEST_EXPORT
from compliance.kernel.errors import ComplianceError
from compliance.rulebase.schema import Section, Strength
from compliance.web import access, asked, cases, drift, exports, files, marking, own_templates, readers, writing
from compliance.web.book import book
from compliance.web.errors import status_of
from compliance.web.i18n import _, said
from compliance.web.security import FILE_POLICY
from compliance.web.stepforms import case_page
from compliance.web.versions import about_version

blueprint = Blueprint("documents", __name__)

_TYPES = {"docx": MEDIA_TYPE, "pdf": "application/pdf", "json": "application/json"}
#: Copies that say on every page that they do not hold, made when asked for.
_MARKED = {"copy": "docx", "pages": "pdf"}


@blueprint.get("/p/<plant>/documents")
def listing() -> ResponseReturnValue:
    """The documents, newest first."""
    query, rules = _query(), book()
    workflow = rules.workflow(DOCUMENT)
    page = access.services().papers.documents(access.card().plant, query)
    lives = readers.lines([row.document.number for row in page.rows])
    return render_template(
        "documents.html",
        query=query,
        page=page,
        lives={(line.paper.number, line.paper.label): line for line in lives},
        states=[s.id for s in workflow.states] if workflow else [],
        standing=readers.state_of,
        state_name=_state,
        tone=readers.tone,
        active=sum(bool(part) for part in (query.state, query.about, query.stale)),
    )


@blueprint.get("/p/<plant>/documents.xlsx")
def export() -> ResponseReturnValue:
    """The same rows as a workbook, all pages."""
    bundle, plant = access.services(), access.card().plant
    page = bundle.papers.documents(plant, replace(_query(), after="", limit=LARGEST_EXPORT))
    lives = {(x.paper.number, x.paper.label): x for x in readers.lines()}
    headings = (
        _("编号"), _("标题"), _("最新版本"), _("状态"), _("有效版本"), _("所据对象"), _("生效日期"), _("保存至"),
        _("打开日期"), _("过时自"), _("过时原因"), _("阅读覆盖率（%）"), _("逾期未确认"), _("评审期限"),
    )  # fmt: skip
    rows = (
        (
            d.number, said(d.title), v.label, readers.state_of(v, bundle.clock.today()), row.in_force, d.about,
            v.effective, d.retain_until, d.opened, row.stale, "；".join(said(reason.text) for reason in row.reasons),
            *readers.figures(lives.get((d.number, row.in_force or v.label))),
        )
        for row in page.rows for d, v in ((row.document, row.version),)
    )  # fmt: skip
    name = f"documents-{access.ref(access.card())}-{bundle.clock.today():%Y%m%d}.xlsx"
    return exports.workbook(name, _("受控文件清单"), headings, rows)


@blueprint.get("/p/<plant>/documents/<number>")
@blueprint.get("/p/<plant>/documents/<number>/<int:place>")
def page(number: str, place: int | None = None) -> ResponseReturnValue:
    """One version; without a place, the latest."""
    return _page(about_version(number, place))


@blueprint.route("/p/<plant>/documents/<number>/<int:place>/steps/<step>", methods=["GET", "POST"])
def step(number: str, place: int, step: str) -> ResponseReturnValue:
    """Take a step of the version; issuing renders its file first."""
    about = about_version(number, place)
    back = url_for("documents.page", number=number, place=place)
    return cases.act(_case(about), step, lambda attempt: _page(about_version(number, place), attempt), back)


@blueprint.post("/p/<plant>/documents/<number>/<int:place>/draft")
def draft(number: str, place: int) -> ResponseReturnValue:
    """Draft the version anew from the data as they stand."""
    about = about_version(number, place)
    try:
        access.services().desk().redraft(access.card().plant, about.version.object_id, _case(about).person)
    except ComplianceError as error:
        return _page(about, None, said(error.message)), status_of(error)
    flash(_("已重新起草"))
    return redirect(url_for("documents.page", number=number, place=place), 303)


@blueprint.get("/p/<plant>/documents/<number>/<int:place>/text")
def text(number: str, place: int) -> ResponseReturnValue:
    """The text of the version's file, without downloading it."""
    about = about_version(number, place)
    shown = access.services().desk().text(about.version)
    return render_template("document_text.html", about=about, version=about.version, shown=shown, notice=_notice(about))


@blueprint.get("/p/<plant>/documents/<number>/<int:place>/files/<kind>")
def file(number: str, place: int, kind: str) -> ResponseReturnValue:
    """A file of the version: draft, issued, pdf; ``copy`` and ``pages`` are an ended version marked on every page."""
    return file_of_version(about_version(number, place), kind)


def file_of_version(about: DocumentAtHand, kind: str) -> Response:
    """The file of a kind of a version; 404 where there is none."""
    version = about.version
    if kind in _MARKED and version.marked(access.services().clock.today()):
        ending = _MARKED[kind]
        if ending == "pdf":
            return marking.file_of(about, _name(version, ending))
        made = access.services().desk().marked_copy(about)
        answer = send_file(
            io.BytesIO(made),
            mimetype=_TYPES[ending],
            as_attachment=True,
            download_name=_name(version, ending),
            etag=False,
        )
        answer.headers["Content-Security-Policy"] = FILE_POLICY
        return answer
    named = {"draft": version.draft, "issued": version.issued, "pdf": version.pdf, "data": version.issued_data}
    kept = named.get(kind)
    return _deliver(version, kept, {"pdf": "pdf", "data": "json"}.get(kind, "docx")) if kept else abort(404)


def _deliver(version: DocumentVersion, sha256: str, ending: str) -> Response:
    with access.services().vault.open(sha256) as kept:
        size = kept.seek(0, 2)
    return files.deliver(ObjectRef(sha256, "", size, _TYPES[ending], _name(version, ending)))


def _name(version: DocumentVersion, ending: str) -> str:
    """The name of a download says what the file is not: in force."""
    plain = f"{version.number}-{version.label.replace('/', '-')}"
    if version.waits(access.services().clock.today()):
        return f"{plain}-{WAITS.zh}.{ending}"
    return f"{plain}.{ending}" if version.in_force else f"{plain}-{_state_zh(version)}.{ending}"


def _state_zh(version: DocumentVersion) -> str:
    workflow = book().workflow(DOCUMENT)
    state = workflow.state(version.state if version.issued or version.ended_at else DRAFT) if workflow else None
    return state.title.zh if state else version.state


def _state(state: str) -> str:
    return book().state(state, DOCUMENT)


def _query() -> DocumentQuery:
    words, today = {name: asked.word(name) for name in ("state", "about", "after")}, access.services().clock.today()
    stale = asked.word("stale") == "1"
    return DocumentQuery(state=words["state"], about=words["about"], stale=stale, after=words["after"], on=today)


def _case(about: DocumentAtHand) -> cases.Opened:
    return cases.opened(CaseKey(DOCUMENT, about.version.object_id), about)


def _page(about: DocumentAtHand, attempt: cases.Attempt | None = None, problem: str = "") -> str:
    number, version = about.number, about.version
    case = _case(about)
    rule = book().wording(about.document.rule)
    return render_template(
        "document.html",
        about=about,
        d=about.document,
        version=version,
        notice=_notice(about),
        stale=drift.stale(about),
        before=before(about),
        problem=problem,
        rule=rule,
        state_name=lambda v: readers.state_of(v, access.services().clock.today()),
        tone=lambda v: readers.tone(v, access.services().clock.today()),
        life=readers.life_of(about, case),
        may_draft=version.state == DRAFT and (_may_hand_in(case) or writing.may_write(about, case.person)),
        pages=access.services().desk().pages is not None,
        c=case_page(case, attempt),
        to_step=lambda name: url_for("documents.step", number=number, place=version.place, step=name),
        to_file=lambda sha256: url_for(
            "documents.file", number=number, place=version.place, kind="issued" if sha256 == version.issued else "data"
        ),
        posts={name: book().post(post) for name in SIGNERS if (post := getattr(rule, name))},
        parts=writing.parts_of(about),
        may_write=writing.may_write(about, case.person),
        lacking=_lacking(about),
        origins=own_templates.origins_of(about),
        book=book(),
    )


def _lacking(about: DocumentAtHand) -> list[Section]:
    """Sections that the standard demands or advises and that the present draft says nothing in."""
    rule = access.services().desk().rule(about.document.rule)
    found = [rule.section(id_) for id_ in about.version.lacks if about.version.open]
    return [s for s in found if s is not None and s.strength in (Strength.SHALL, Strength.SHOULD)]


def _may_hand_in(case: cases.Opened) -> bool:
    """Who may hand the draft in may have it drafted anew; the desk decides it again."""
    thing, step = case.looked.thing, case.step(SIGNERS["author"])
    decision = could_take(thing.workflow, case.looked.view, step, case.person, thing.sides) if step else None
    return isinstance(decision, Allowed)


def _notice(about: DocumentAtHand) -> str:
    """What stands above a version that is not the one in force."""
    today = access.services().clock.today()
    version, current = about.version, about.holding(today)
    if version == current:
        return ""
    if version.waits(today):
        text = _("您正在阅读 %(label)s（待生效）；自 %(day)s 起生效。", label=version.label, day=version.effective)
        return text + (_("此前有效版本为 %(current)s。", current=current.label) if current else "")
    shown = _state(version.state if version.issued or version.ended_at else DRAFT)
    if current is None:
        return _("您正在阅读 %(label)s（%(state)s）；本文件目前没有有效版本。", label=version.label, state=shown)
    return _(
        "您正在阅读 %(label)s（%(state)s）；现行有效版本为 %(current)s。",
        label=version.label, state=shown, current=current.label,
    )  # fmt: skip
