"""The installation: engines and checks, the group of plants, and the answer to monitoring."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from compliance.web import access, grouped

blueprint = Blueprint("system", __name__)


@blueprint.get("/p/<plant>/system")
def health() -> ResponseReturnValue:
    """Engines, register, vault, rules: whether each is well, and how to mend it."""
    bundle = access.services()
    base = bundle.rules()
    return render_template("system.html", checks=bundle.health(), digest=base.digest, counts=base.counts())


@blueprint.get("/group")
def group() -> ResponseReturnValue:
    """Every plant that the person may see, with what is to do there."""
    return grouped.page()


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """For monitoring: whether this program can decide. It names no plant and no person."""
    checks = access.services().health()
    ok = all(check.ok is not False for check in checks)
    return jsonify(ok=ok, checks=[{"check": c.check, "ok": c.ok} for c in checks]), 200 if ok else 503
