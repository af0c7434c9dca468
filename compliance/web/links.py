"""A forgotten password: asking for a link by mail, and setting a password by a link."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from compliance.core import accounts
from compliance.core.accounts import SHORTEST_PASSWORD
from compliance.kernel.errors import WrongUse
from compliance.web import access
from compliance.web.i18n import _, said

blueprint = Blueprint("links", __name__)


@blueprint.get("/forgot")
def forgot() -> ResponseReturnValue:
    """The form, where mail is sent."""
    if access.services().forgot is None:
        abort(404)
    return render_template("forgot.html", done=False)


@blueprint.post("/forgot")
def ask() -> ResponseReturnValue:
    """Have a link mailed, if there is somebody to mail it to; the answer is the same whoever was named."""
    send = access.services().forgot
    if send is None:
        abort(404)
    send(request.form.get("login", "").strip()[: accounts.LONGEST_LOGIN], request.remote_addr or "")
    return render_template("forgot.html", done=True)


@blueprint.get("/reset/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """The form for a new password; looking at it uses nothing up."""
    bundle = access.services()
    if accounts.owner_of(bundle.register, token, bundle.clock.now()) is None:
        return _ended()
    return _form(token)


@blueprint.post("/reset/<token>")
def use(token: str) -> ResponseReturnValue:
    """Set the password. Nobody is signed in by it."""
    bundle, form = access.services(), request.form
    if form.get("new", "") != form.get("again", ""):
        return _form(token, _("两次输入的新密码不一致，未作改动")), 400
    try:
        accounts.use_link(
            bundle.door,
            token,
            form.get("new", ""),
            address=request.remote_addr or "",
            now=bundle.clock.now(),
            signed_in=access.signed_in() if current_user.is_authenticated else None,
        )
    except accounts.LinkOfAnother as refused:
        return _form(token, said(refused.message)), 403
    except accounts.LinkEnded:
        return _ended()
    except WrongUse as error:
        return _form(token, said(error.message)), 400
    return redirect(url_for("identity.sign_in", said="reset"))


def _form(token: str, problem: str = "") -> str:
    return render_template("reset.html", token=token, problem=problem, least=SHORTEST_PASSWORD)


def _ended() -> ResponseReturnValue:
    return redirect(url_for("identity.sign_in", said="link-ended"))
