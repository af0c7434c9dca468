"""Signing in and out, the profile, and the choice of the language."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from compliance.core import accounts
from compliance.core.accounts import TooManyTries
from compliance.kernel.errors import Refused
from compliance.web import access
from compliance.web.i18n import COOKIE, LANGUAGES, said
from compliance.web.security import safe_next, session_cookie

blueprint = Blueprint("identity", __name__)

_YEAR = 365 * 24 * 3600


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The form."""
    if current_user.is_authenticated:
        return redirect("/")
    return _form(safe_next(request.args.get("next")))


@blueprint.post("/sign-in")
def enter() -> ResponseReturnValue:
    """Open a session, or show the form again with the reason."""
    bundle = access.services()
    target = safe_next(request.form.get("next"))
    login = request.form.get("login", "").strip()
    try:
        _person, token = accounts.sign_in(
            bundle.register,
            bundle.passwords,
            login=login,
            password=request.form.get("password", ""),
            address=request.remote_addr or "",
            now=bundle.clock.now(),
        )
    except Refused as refused:
        status = 429 if isinstance(refused, TooManyTries) else 401
        return _form(target, login=login, problem=said(refused.message)), status
    session.clear()  # a form of before the sign-in proves nothing after it
    response = make_response(redirect(target))
    response.set_cookie(
        session_cookie(bundle.site), token, httponly=True, secure=bundle.site.https, samesite="Lax", path="/"
    )
    return response


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session on the server; the cookie is worth nothing from then on."""
    bundle = access.services()
    name = session_cookie(bundle.site)
    accounts.sign_out(bundle.register, access.signed_in(), bundle.clock.now())
    session.clear()
    response = make_response(redirect(url_for("identity.sign_in")))
    response.delete_cookie(name, path="/", secure=bundle.site.https, httponly=True, samesite="Lax")
    return response


@blueprint.get("/profile")
def profile() -> ResponseReturnValue:
    """Who I am, where I am signed in, in which language I read."""
    bundle = access.services()
    plants = bundle.lists.plants(access.person().id)
    return render_template("profile.html", session=access.signed_in().session, plants=plants)


@blueprint.post("/language")
def choose_language() -> ResponseReturnValue:
    """Keep the language that a person wants to read."""
    bundle = access.services()
    chosen = request.form.get("language", "")
    response = make_response(redirect(safe_next(request.form.get("next"))))
    if chosen in LANGUAGES:
        response.set_cookie(
            COOKIE, chosen, max_age=_YEAR, httponly=True, secure=bundle.site.https, samesite="Lax", path="/"
        )
    return response


def _form(target: str, *, login: str = "", problem: str = "") -> str:
    return render_template("sign_in.html", target=target, login=login, problem=problem)
