"""The marked pages of a version that has ended or waits: handed over where they are, else asked for and watched."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from compliance.core.acts import ObjectRef
from compliance.core.controlled import DocumentAtHand
from compliance.core.documents import NotRendered
from compliance.core.documents.desk import NO_PAGES
from compliance.core.documents.marking import Marking
from compliance.kernel.errors import ComplianceError
from compliance.web import access, batches, files
from compliance.web.errors import status_of
from compliance.web.i18n import said
from compliance.web.versions import about_version

blueprint = Blueprint("marking", __name__)
_PDF = "application/pdf"


@blueprint.get("/p/<plant>/documents/<number>/<int:place>/marked")
def page(number: str, place: int) -> ResponseReturnValue:
    """How far the marked pages are: to be asked for, being made, there, or why not."""
    return _page(_marked(number, place))


@blueprint.post("/p/<plant>/documents/<number>/<int:place>/marked")
def ask(number: str, place: int) -> ResponseReturnValue:
    """Ask for them; asked for already, they are not asked for twice."""
    about = _marked(number, place)
    use, plant = _use(), access.card().plant
    try:
        if use.stored(plant, about) is None:
            use.ask(plant, about, access.actor())
    except ComplianceError as error:
        return _page(about, said(error.message)), status_of(error)
    return redirect(url_for("marking.page", number=number, place=place), 303)


@blueprint.get("/p/<plant>/documents/<number>/<int:place>/marked/progress")
def progress(number: str, place: int) -> ResponseReturnValue:
    """How far they are, for the page that shows it."""
    asked = _use().asked(access.card().plant, _marked(number, place))
    return batches.told_progress(asked[0]) if asked else abort(404)


def file_of(about: DocumentAtHand, name: str) -> Response:
    """The stored pages; where there are none yet, to the page that asks for them. Nothing is made in the request."""
    use = _use()
    stored = use.stored(access.card().plant, about)
    if stored is None:
        if use.desk.pages is None:
            raise NotRendered(reason=NO_PAGES)
        return Response(
            status=302, headers={"Location": url_for("marking.page", number=about.number, place=about.version.place)}
        )
    with use.desk.vault.open(stored) as kept:
        size = kept.seek(0, 2)
    return files.deliver(ObjectRef(stored, "", size, _PDF, name))


def _use() -> Marking:
    sets = access.services().batches()
    return Marking(sets.desk, sets.jobs)


def _marked(number: str, place: int) -> DocumentAtHand:
    """The version at hand; 404 for one that carries no mark."""
    about = about_version(number, place)
    if not about.version.marked(access.services().clock.today()):
        abort(404)
    return about


def _page(about: DocumentAtHand, problem: str = "") -> str:
    use, plant = _use(), access.card().plant
    asked = use.asked(plant, about)
    return render_template(
        "marked.html",
        d=about.document,
        version=about.version,
        job=asked[0] if asked else None,
        item=asked[1] if asked else None,
        stored=use.stored(plant, about) is not None,
        possible=use.desk.pages is not None,
        problem=problem,
        progress_of=batches.progress_of,
    )
