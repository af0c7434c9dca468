"""A person's own tokens, made and ended on the profile; a token is shown in the answer that makes it, never again."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.core.accounts.enrolling import insist
from compliance.core.tokens import LONGEST_LIFE, ApiToken, NewToken, make_token, my_tokens, revoke_token
from compliance.kernel.errors import ComplianceError
from compliance.web import access
from compliance.web.errors import status_of
from compliance.web.i18n import _, said
from compliance.web.security import origin

blueprint = Blueprint("tokens", __name__)

_LONGEST = 200


def install(app: Flask) -> None:
    """Let templates list the tokens of whoever looks."""
    app.jinja_env.globals.update(my_tokens=_mine, token_days=_days, longest_token=LONGEST_LIFE)


@blueprint.get("/profile/tokens")
def listing() -> ResponseReturnValue:
    """My tokens."""
    return _page()


@blueprint.post("/profile/tokens")
def make() -> ResponseReturnValue:
    """Make a token, by the password: it outlives the session that makes it."""
    bundle, form, person = access.services(), request.form, access.signed_in()
    given = form.get("days", "").strip()
    days = int(given) if given.isascii() and given.isdigit() and len(given) < len(str(_LONGEST_NUMBER)) else 0
    wanted = NewToken(
        form.get("name", "")[:_LONGEST], days, bool(form.get("read_only")), form.get("plant", "")[:_LONGEST] or None
    )
    try:
        insist(
            bundle.door,
            person,
            password=form.get("password", ""),
            code=form.get("code", ""),
            origin=origin(),
            now=bundle.clock.now(),
        )
        made = make_token(bundle.api, person.user.login, wanted, person.actor(), bundle.clock.now())
    except ComplianceError as error:
        return _page(problem=said(error.message)), status_of(error)
    return _page(secret=made.secret)


@blueprint.post("/profile/tokens/<ref>/revoke")
def revoke(ref: str) -> ResponseReturnValue:
    """End one of my tokens at once."""
    bundle, person = access.services(), access.signed_in()
    try:
        ended = revoke_token(bundle.api, person.user.login, ref, person.actor(), bundle.clock.now())
    except ComplianceError as error:
        return _page(problem=said(error.message)), status_of(error)
    flash(_("令牌“%(name)s”已撤销", name=ended.name))
    return redirect(url_for("tokens.listing"), 303)


def _page(*, problem: str = "", secret: str = "") -> str:
    plants = access.services().lists.plants(access.person().id)
    return render_template("tokens.html", problem=problem, secret=secret, typed=request.form, plants=plants)


def _mine() -> list[ApiToken]:
    return my_tokens(access.services().api, access.person().id, access.services().clock.now())


def _days() -> int:
    return access.services().site.token_days


_LONGEST_NUMBER = 10_000
