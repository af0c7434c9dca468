"""Opening a document on a period, a record or the plant, and writing the sections of its draft."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.core.applicability import following
from compliance.core.controlled import DRAFT, Content, DocumentAtHand, at_hand
from compliance.core.documents import record_type, written_about
from compliance.core.documents.sets.base import MONTH, PLANT, SUBJECTS, YEAR
from compliance.core.duties import Allowed, Person
from compliance.kernel.errors import ComplianceError
from compliance.rulebase.schema import Document, Section, SectionKind
from compliance.web import access, cases
from compliance.web.errors import status_of
from compliance.web.i18n import _, said

blueprint = Blueprint("writing", __name__)

#: Empty rows at the end of a table that is written.
_SPARE = 2
_BY_SCRIPT = "X-Autosave"
_NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class Part:
    """A section as its form shows it; ``lacks``: the present draft says nothing in it."""

    section: Section
    content: Content
    lacks: bool

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The rows of a table, with empty ones to write in."""
        given = [] if isinstance(self.content, str) else list(self.content)
        return [*given, *([("",) * len(self.section.columns)] * _SPARE)]


@blueprint.route("/p/<plant>/documents/open", methods=["GET", "POST"])
def open_one() -> ResponseReturnValue:
    """Open a document: its kind, and what it is on."""
    rule, about = request.values.get("rule", ""), request.values.get("about", "")
    if request.method == "GET":
        return _form(rule, about)
    try:
        version = access.services().desk().open(access.card().plant, writer(), rule, about)
    except ComplianceError as error:
        return _form(rule, about, said(error.message)), status_of(error)
    flash(_("已建立文件 %(number)s", number=version.number))
    return redirect(url_for("documents.page", number=version.number, place=version.place), 303)


@blueprint.post("/p/<plant>/documents/<number>/<int:place>/sections/<section>")
def write(number: str, place: int, section: str) -> ResponseReturnValue:
    """Keep what a section says; a script gets no page, and a refusal as a line of text."""
    about = _about(number, place)
    by_script = request.headers.get(_BY_SCRIPT) is not None
    back = url_for("documents.page", number=number, place=place, _anchor=f"s-{section}")
    try:
        content = _content(about, section)
        access.services().desk().write(access.card().plant, writer(), about.version.object_id, section, content)
    except ComplianceError as error:
        if by_script:
            return said(error.message), status_of(error), {"Content-Type": "text/plain; charset=utf-8"}
        flash(said(error.message), "bad")
        return redirect(back, 303)
    if by_script:
        return "", _NO_CONTENT
    flash(_("已保存"))
    return redirect(back, 303)


def parts_of(about: DocumentAtHand) -> list[Part]:
    """The sections of a draft that a person writes; none of what is no draft."""
    if about.version.state != DRAFT:
        return []
    lacks = about.version.lacks
    found = written_about(access.services().desk(), access.card().plant, about)
    return [Part(section, content, section.id in lacks) for section, content in found]


def may_write(about: DocumentAtHand, person: Person) -> bool:
    """Whether the person at the browser writes this document."""
    desk = access.services().desk()
    return isinstance(desk.may_write(desk.rule(about.document.rule), person), Allowed)


def _content(about: DocumentAtHand, section_id: str) -> Content:
    """What the form says: a text, or the cells of a table row by row."""
    rule = access.services().desk().rule(about.document.rule)
    section = rule.section(section_id)
    if section is None or section.kind is not SectionKind.TABLE:
        return request.form.get("text", "")
    cells, width = request.form.getlist("cell"), len(section.columns)
    return tuple(tuple(cells[n : n + width]) for n in range(0, len(cells), width))


def _form(rule: str, about: str, problem: str = "") -> str:
    today = access.services().clock.today()
    base = access.services().rules()
    follows = following(access.card().profile, base, today)
    rules = [r for r in base.in_force(Document, today) if follows(r) and (r.per in SUBJECTS or record_type(r.per))]
    person = writer()
    desk = access.services().desk()
    shown = [r for r in rules if isinstance(desk.may_write(r, person), Allowed)]
    return render_template(
        "document_open.html",
        rules=sorted(shown, key=lambda r: (r.code, r.id)),
        rule=rule,
        about=about,
        problem=problem,
        wanted={PLANT: _("整个企业：留空"), YEAR: _("年度，如 2026"), MONTH: _("月份，如 2026-06")},
    )


def writer() -> Person:
    """The person who asks, as one who acts in the plant."""
    with access.services().casework().register.read() as reads:
        people = cases.periods(reads, access.card().plant)
    return cases.acting(people)


def latest(number: str) -> DocumentAtHand:
    """The document of a number, its latest version at hand; 404 where there is none."""
    with access.services().casework().register.read() as reads:
        found = at_hand(reads, access.card().plant, number)
    return abort(404) if found is None or "/" in number else found


def _about(number: str, place: int) -> DocumentAtHand:
    with access.services().casework().register.read() as reads:
        found = at_hand(reads, access.card().plant, number)
    version = next((v for v in found.versions if v.place == place), None) if found else None
    if found is None or version is None or "/" in number:
        abort(404)
    return replace(found, version=version)
