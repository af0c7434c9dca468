"""文件模板: templates of a plant and of the group, their samples as pages, and publishing one as a second person.

The group's have the same pages under every plant: they fill the documents of each plant that has none of its own.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from compliance.core.acts import ObjectRef
from compliance.core.controlled import DocumentAtHand
from compliance.core.documents import MEDIA_TYPE, NoSuchDocument, TemplateProblem, TemplateRefused
from compliance.core.permissions import Permission
from compliance.core.plants import Plant
from compliance.core.templates import (
    OPEN,
    PUBLISHED,
    Looked,
    NoSuchTemplate,
    Origin,
    Templates,
    TemplateVersion,
    origins,
)
from compliance.kernel.errors import ComplianceError
from compliance.web import access, batches
from compliance.web.errors import status_of
from compliance.web.files import clean_name, deliver
from compliance.web.i18n import _, said
from compliance.web.proposals import rule_named
from compliance.web.proving import proves
from compliance.web.security import FILE_POLICY

blueprint = Blueprint("templates", __name__)
#: The same views on the group's templates.
group = Blueprint("group_templates", __name__)
#: What stands in the names of routes and operations on the group's.
GROUP = "group_template"

_LONGEST_REASON = 1000
_TYPES = {"template": MEDIA_TYPE, "sample": MEDIA_TYPE, "pdf": "application/pdf"}


@blueprint.get("/p/<plant>/templates")
@group.get("/p/<plant>/group-templates")
def listing() -> ResponseReturnValue:
    """Every type of document with the template in use, and what waits."""
    return _listing()


@blueprint.post("/p/<plant>/templates")
@group.post("/p/<plant>/group-templates")
@access.needs(Permission.TEMPLATES)
def propose() -> ResponseReturnValue:
    """Propose an uploaded template."""
    file = request.files.get("template")
    if file is None or not file.filename:
        abort(400)
    name, data = clean_name(file.filename), file.stream.read()
    try:
        rule = _doing().type_named(request.form.get("type", ""))
        made = _doing().propose(owner(), access.signed_in(), rule, data, name=name, reason=_reason())
    except TemplateRefused as error:
        return _listing(_("模板不可用，没有保存"), error.problems), status_of(error)
    except ComplianceError as error:
        return _listing(said(error.message)), status_of(error)
    flash(_("已提出；须由另一人查看样张后发布"))
    return redirect(url_for(f"{request.blueprint}.page", rule=rule.id, place=made.number), 303)


@blueprint.post("/p/<plant>/templates/<rule>/return")
@group.post("/p/<plant>/group-templates/<rule>/return")
@access.needs(Permission.TEMPLATES)
def go_back(rule: str) -> ResponseReturnValue:
    """Propose an earlier template again, or the shipped one."""
    asked = request.form.get("number", "")
    number = int(asked) if asked.isascii() and asked.isdigit() else None
    try:
        known = _doing().type_named(rule)
        made = _doing().go_back(owner(), access.signed_in(), known, number, _reason())
    except ComplianceError as error:
        return _listing(said(error.message)), status_of(error)
    flash(_("已提出；须由另一人查看样张后发布"))
    return redirect(url_for(f"{request.blueprint}.page", rule=rule, place=made.number), 303)


@blueprint.get("/p/<plant>/templates/<rule>/shipped.docx")
def shipped(rule: str) -> ResponseReturnValue:
    """The template that comes with the program, to be changed and proposed."""
    return shipped_file(rule)


@blueprint.get("/p/<plant>/templates/<rule>/<int:place>")
@group.get("/p/<plant>/group-templates/<rule>/<int:place>")
def page(rule: str, place: int) -> ResponseReturnValue:
    """One template: sample, pages, who did what, and what may follow."""
    return _page(rule, place)


@blueprint.post("/p/<plant>/templates/<rule>/<int:place>/publish")
@group.post("/p/<plant>/group-templates/<rule>/<int:place>/publish")
@access.needs(Permission.TEMPLATES)
def publish(rule: str, place: int) -> ResponseReturnValue:
    """Put the template into use, signed by whoever has seen its file."""
    found = look(rule, place)

    def act() -> str:
        # No password is tried for what would be refused anyway.
        offered = found.refused is None and found.template.state == OPEN
        method = proves(request.form) if offered else ""
        seen = request.form.get("seen", "")
        _doing().publish(owner(), access.signed_in(), rule, place, seen=seen, method=method)
        return _("模板已发布；此后起草的文件使用它")

    return _acted(rule, place, act)


@blueprint.post("/p/<plant>/templates/<rule>/<int:place>/reject")
@group.post("/p/<plant>/group-templates/<rule>/<int:place>/reject")
@access.needs(Permission.TEMPLATES)
def reject(rule: str, place: int) -> ResponseReturnValue:
    """Send the template back; its author takes it back so."""
    look(rule, place)

    def act() -> str:
        _doing().reject(owner(), access.signed_in(), rule, place, _reason())
        return _("模板已退回或撤回")

    return _acted(rule, place, act)


@blueprint.get("/p/<plant>/templates/<rule>/<int:place>/files/<kind>")
@group.get("/p/<plant>/group-templates/<rule>/<int:place>/files/<kind>")
def file(rule: str, place: int, kind: str) -> ResponseReturnValue:
    """The template, its sample, or the sample's pages."""
    return file_of(look(rule, place), kind)


@blueprint.get("/p/<plant>/templates/<rule>/<int:place>/pages/<int:seq>.png")
@group.get("/p/<plant>/group-templates/<rule>/<int:place>/pages/<int:seq>.png")
def picture(rule: str, place: int, seq: int) -> ResponseReturnValue:
    """A picture of a page of the sample."""
    found = _doing().picture(look(rule, place).template, seq) or abort(404)
    answer = send_file(io.BytesIO(found), mimetype="image/png", etag=False)
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer


@blueprint.post("/p/<plant>/templates/<rule>/<int:place>/pages")
@group.post("/p/<plant>/group-templates/<rule>/<int:place>/pages")
@access.needs(Permission.TEMPLATES)
def make_pages(rule: str, place: int) -> ResponseReturnValue:
    """Ask for the sample's pages and pictures of them, where they are made later."""
    found, later = look(rule, place), _doing().later
    if later is None:
        abort(404)

    def act() -> str:
        known = access.services().desk().rule(rule)
        if later.made(found.template) is None:
            later.ask(owner(), access.card().plant, found.template, known, access.actor())
        return _("正在生成样张页面")

    return _acted(rule, place, act)


@blueprint.get("/p/<plant>/templates/<rule>/<int:place>/progress")
@group.get("/p/<plant>/group-templates/<rule>/<int:place>/progress")
def progress(rule: str, place: int) -> ResponseReturnValue:
    """How far the sample's pages are, for the page that shows it."""
    later = _doing().later
    asked = later.asked(look(rule, place).template) if later else None
    return batches.told_progress(asked[0]) if asked else abort(404)


def shipped_file(rule: str) -> Response:
    """The shipped template of a type; 404 where there is no such type."""
    try:
        known = _doing().type_named(rule)
    except NoSuchDocument:
        abort(404)
    made = io.BytesIO(_doing().desk.shipped_template(known))
    answer = send_file(made, mimetype=MEDIA_TYPE, as_attachment=True, download_name=known.template, etag=False)
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer


def owner() -> Plant | None:
    """Whose templates the address is about: the plant's, or (None) the group's."""
    return None if GROUP in (request.endpoint or "") else access.card().plant


def look(rule: str, place: int) -> Looked:
    """A template of the plant, or of the group; 404 where there is none."""
    try:
        return _doing().look(owner(), access.signed_in(), rule, place, access.card().plant)
    except NoSuchTemplate:
        abort(404)


def file_of(found: Looked, kind: str) -> Response:
    """A file of a template; 404 where there is none."""
    one = found.template
    sha256 = {"template": one.file, "sample": one.sample, "pdf": _doing().pdf_of(one)}.get(kind) or abort(404)
    with access.services().vault.open(sha256) as kept:
        size = kept.seek(0, 2)
    name = one.file_name if kind == "template" else f"{one.document}-{one.number}.{'pdf' if kind == 'pdf' else 'docx'}"
    return deliver(ObjectRef(sha256, "", size, _TYPES[kind], name))


def origins_of(about: DocumentAtHand) -> Mapping[int, Origin]:
    """By which template each version of a document was made, by the places of the versions."""
    doing = _doing()
    return origins(doing.register, doing.desk, access.card().plant, about)


def _doing() -> Templates:
    return access.services().templates()


def _reason() -> str:
    return request.form.get("reason", "").strip()[:_LONGEST_REASON]


def _acted(rule: str, place: int, act: Callable[[], str]) -> ResponseReturnValue:
    """Take a step and go back to the page; the page with the reason where it is refused."""
    try:
        flash(act())
    except ComplianceError as error:
        return _page(rule, place, said(error.message)), status_of(error)
    return redirect(url_for(f"{request.blueprint}.page", rule=rule, place=place), 303)


def _listing(problem: str = "", bad: tuple[TemplateProblem, ...] = ()) -> str:
    doing, whose = _doing(), owner()
    with doing.register.read() as reads:
        known = reads.templates(whose)
        of_group = reads.templates(None) if whose else known
    return render_template(
        "own_templates.html",
        at=request.blueprint,
        types=doing.types(whose),
        used=used_of(known),
        group_used=used_of(of_group),
        waiting={one.document: one for one in known if one.state == OPEN},
        known=known,
        why_not=doing.why_not(whose, access.signed_in()),
        rule=rule_named(doing.named),
        problem=problem,
        bad=bad,
        chosen=request.form.get("type", request.args.get("type", "")),
    )


def used_of(known: Sequence[TemplateVersion]) -> dict[str, TemplateVersion]:
    """Those in use, by the rules of their documents; who has gone back uses none."""
    return {one.document: one for one in known if one.state == PUBLISHED and one.file}


def _page(rule: str, place: int, problem: str = "") -> str:
    found = look(rule, place)
    known = access.services().desk().rule(rule)
    lacks = [s for id_ in found.template.lacks.split() if (s := known.section(id_))]
    doing = _doing()
    asked = doing.later.asked(found.template) if doing.later else None
    return render_template(
        "own_template.html",
        at=request.blueprint,
        why_not=doing.why_not(owner(), access.signed_in()),
        it=found,
        t=found.template,
        type=known,
        lacks=lacks,
        pdf=doing.pdf_of(found.template),
        pages=doing.page_count(found.template),
        later=doing.later,
        may_ask=access.allowed(Permission.TEMPLATES),
        made=doing.later.made(found.template) if doing.later else None,
        job=asked[0] if asked else None,
        item=asked[1] if asked else None,
        progress_of=batches.progress_of,
        pictured=doing.pictured,
        rule=rule_named(found.rule),
        problem=problem,
        states={"open": OPEN, "published": PUBLISHED},
    )
