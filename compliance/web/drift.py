"""Documents that are not what would be drawn up now: why, the next version of one, and what fresh data would change."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from compliance.core.controlled import DRAFT, ISSUED, DocumentAtHand
from compliance.core.distribution import InForce
from compliance.core.documents import Drift, at_place
from compliance.core.duties import Allowed, Person
from compliance.kernel.errors import ComplianceError
from compliance.rulebase.schema import Document
from compliance.web import access, writing
from compliance.web.i18n import _, said

blueprint = Blueprint("drift", __name__)


@blueprint.post("/p/<plant>/documents/<number>/next")
def draft_next(number: str) -> ResponseReturnValue:
    """Open the next version of a stale document, with the reasons as its note, and draft it with today's data."""
    about = writing.latest(number)
    try:
        version = access.services().watch().draft_next(access.card().plant, writing.writer(), about.number)
    except ComplianceError as error:
        flash(said(error.message), "bad")
        return redirect(url_for("documents.page", number=number), 303)
    flash(_("已打开修订稿 %(label)s 并按现行数据起草", label=version.label))
    return redirect(url_for("documents.page", number=number, place=version.place), 303)


@blueprint.get("/p/<plant>/documents/<number>/<int:place>/fresh")
def fresh(number: str, place: int) -> ResponseReturnValue:
    """What a draft would say otherwise with the data of today, before they are taken over."""
    about = at_place(writing.latest(number), place)
    if about is None or about.version.state != DRAFT or about.version.data is None:
        abort(404)
    found = access.services().watch().fresh_data(access.card().plant, about)
    return render_template("document_fresh.html", d=about.document, version=about.version, found=found)


def stale(about: DocumentAtHand) -> Drift | None:
    """Why the version in force that a page shows is not what would be drawn up now; None where it is, or is unknown."""
    if not about.version.in_force:
        return None
    found = access.services().watch().kept(access.card().plant, about.number)
    return found if found is not None and found.stale and found.place == about.version.place else None


def to_revise(papers: Sequence[InForce], person: Person, most: int) -> list[InForce]:
    """The stale ones of the documents in force that nobody revises yet and that the person may."""
    bundle = access.services()
    desk, base, today = bundle.desk(), bundle.rules(), bundle.clock.today()
    found = sorted((p for p in papers if p.stale and p.state == ISSUED), key=lambda p: (p.stale or today, p.number))
    rules = [(paper, base.nearest(Document, paper.rule, today)) for paper in found]
    return [p for p, rule in rules if rule and isinstance(desk.may_write(rule, person), Allowed)][:most]


def to_decide(papers: Sequence[InForce], person: Person, most: int) -> list[InForce]:
    """The documents in force of which a change is asked and that the person may revise."""
    bundle = access.services()
    desk, base, today = bundle.desk(), bundle.rules(), bundle.clock.today()
    rules = [(paper, base.nearest(Document, paper.rule, today)) for paper in papers if paper.requests]
    return [p for p, rule in rules if rule and isinstance(desk.may_write(rule, person), Allowed)][:most]
