"""Signing in (with a one-time code where the person uses them) and out, and the choice of the language."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response

from compliance.core import accounts
from compliance.core.accounts import CodeNeeded, HalfEnded, TooManyTries
from compliance.kernel.errors import Refused
from compliance.web import access
from compliance.web.i18n import COOKIE, LANGUAGES, _, said
from compliance.web.security import device_cookie, half_cookie, origin, safe_next, session_cookie

blueprint = Blueprint("identity", __name__)

_YEAR = 365 * 24 * 3600


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The form."""
    if current_user.is_authenticated:
        return redirect("/")
    return _form(safe_next(request.args.get("next")), notice=_notice(request.args.get("said", "")))


@blueprint.post("/sign-in")
def enter() -> ResponseReturnValue:
    """Open a session, ask for the code, or show the form again with the reason."""
    bundle = access.services()
    target = safe_next(request.form.get("next"))
    login = request.form.get("login", "").strip()
    try:
        found = accounts.sign_in(
            bundle.door,
            login=login,
            password=request.form.get("password", ""),
            origin=origin(),
            now=bundle.clock.now(),
        )
    except Refused as refused:
        return _form(target, login=login, problem=said(refused.message)), _status(refused)
    if isinstance(found, CodeNeeded):
        response = make_response(redirect(url_for("identity.ask_code", next=target)))
        keep(response, half_cookie(bundle.site), found.token, int(accounts.PATIENCE.total_seconds()))
        return response
    return _let_in(found, target)


@blueprint.get("/sign-in/code")
def ask_code() -> ResponseReturnValue:
    """The second step: the code of a sign-in that is half done."""
    if not request.cookies.get(half_cookie(access.services().site)):
        return redirect(url_for("identity.sign_in"))
    return render_template("sign_in_code.html", target=safe_next(request.args.get("next")), problem="")


@blueprint.post("/sign-in/code")
def give_code() -> ResponseReturnValue:
    """Finish the sign-in, or ask again."""
    bundle = access.services()
    target, half = safe_next(request.form.get("next")), request.cookies.get(half_cookie(bundle.site), "")
    try:
        found = accounts.finish(
            bundle.door, half, code=request.form.get("code", ""), origin=origin(), now=bundle.clock.now()
        )
    except HalfEnded:
        return redirect(url_for("identity.sign_in", next=target, said="ended"))
    except Refused as refused:
        return render_template("sign_in_code.html", target=target, problem=said(refused.message)), _status(refused)
    response = _let_in(found, target)
    drop(response, half_cookie(bundle.site))
    return response


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session on the server; the cookie is worth nothing from then on."""
    bundle = access.services()
    accounts.sign_out(bundle.register, access.signed_in(), bundle.clock.now())
    session.clear()
    response = make_response(redirect(url_for("identity.sign_in")))
    drop(response, session_cookie(bundle.site))
    return response


@blueprint.post("/language")
def choose_language() -> ResponseReturnValue:
    """Keep the language that a person wants to read."""
    chosen = request.form.get("language", "")
    response = make_response(redirect(safe_next(request.form.get("next"))))
    if chosen in LANGUAGES:
        keep(response, COOKIE, chosen, _YEAR)
    return response


def keep(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Give the browser a cookie that no script reads."""
    https = access.services().site.https
    response.set_cookie(name, value, max_age=seconds, httponly=True, secure=https, samesite="Lax", path="/")


def drop(response: Response, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(name, path="/", secure=access.services().site.https, httponly=True, samesite="Lax")


def _let_in(found: accounts.Entered, target: str) -> Response:
    site = access.services().site
    session.clear()  # a form of before the sign-in proves nothing after it
    response = make_response(redirect(target))
    keep(response, session_cookie(site), found.token)
    keep(response, device_cookie(site), found.device, _YEAR)
    return response


def _status(refused: Refused) -> int:
    return 429 if isinstance(refused, TooManyTries) else 401


def _notice(name: str) -> str:
    """What brought the person here."""
    match name:
        case "ended":
            return _("登录已超时，请重新输入密码。")
        case "link-ended":
            return _("链接无效、已用过或已过期，请重新申请。")
        case "reset":
            return _("新密码已生效，请登录。")
        case _other:
            return ""


def _form(target: str, *, login: str = "", problem: str = "", notice: str = "") -> str:
    links = access.services().forgot is not None
    return render_template("sign_in.html", target=target, login=login, problem=problem, notice=notice, links=links)
