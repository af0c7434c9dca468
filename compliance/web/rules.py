"""The rule base as people read it: by kind, each rule with its clause, its days in force, examples and text."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from compliance.core.permissions import Permission
from compliance.rulebase.rulebase import KINDS
from compliance.web import access, asked
from compliance.web.book import book

blueprint = Blueprint("rules", __name__)


@blueprint.get("/p/<plant>/rules")
@access.needs(Permission.RULES)
def listing() -> ResponseReturnValue:
    """Every rule of one kind."""
    base = access.services().rules()
    counts = base.counts()
    wanted = asked.word("kind")
    kind = wanted if wanted in KINDS else "obligation"
    return render_template(
        "rules.html",
        kind=kind,
        kinds=[(k, counts[k]) for k in KINDS if counts[k]],
        rules=base.of(KINDS[kind]),
        digest=base.digest,
        words=asked.word("q"),
        book=book(),
    )


@blueprint.get("/p/<plant>/rules/<kind>/<rule>")
@access.needs(Permission.RULES)
def rule(kind: str, rule: str) -> ResponseReturnValue:
    """One rule with all its wordings."""
    if kind not in KINDS:
        abort(404)
    wordings = access.services().rules().written(KINDS[kind], rule)
    if not wordings:
        abort(404)
    return render_template("rule.html", kind=kind, wordings=wordings, latest=wordings[-1], book=book())
