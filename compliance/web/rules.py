"""The rule base as people read it: by kind, each rule with its clause, its days in force, examples and text."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from compliance.core.permissions import Permission
from compliance.rulebase.rulebase import KINDS
from compliance.web import access, asked, exports, labels
from compliance.web.book import book
from compliance.web.i18n import _, said

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


@blueprint.get("/p/<plant>/rules.xlsx")
@access.needs(Permission.RULES)
def export() -> ResponseReturnValue:
    """Every rule of every kind as a workbook: its clause, its days in force, where it stands."""
    bundle = access.services()
    base = bundle.rules()
    headings = (
        _("规则种类"), _("编号"), _("规则"), _("条款"), _("强度"), _("生效"), _("失效"), _("出处"), "SHA-256",
    )  # fmt: skip
    rows = (
        (
            labels.kind(kind), r.id, said(r.title), r.source.clause, labels.strength(r.source.strength).text,
            r.in_force.start, r.in_force.until, f"{r.file}:{r.line}", r.digest,
        )
        for kind in KINDS
        for r in base.of(KINDS[kind])
    )  # fmt: skip
    name = f"rules-{base.digest[:12]}-{bundle.clock.today():%Y%m%d}.xlsx"
    return exports.workbook(name, _("规则库"), headings, rows)


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
