"""The profile: password, one-time codes, mail address, and where one is signed in."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from compliance.core import accounts
from compliance.core.accounts import SHORTEST_PASSWORD, Renewed
from compliance.kernel.errors import ComplianceError
from compliance.web import access
from compliance.web.errors import status_of
from compliance.web.i18n import _, said
from compliance.web.identity import keep
from compliance.web.security import origin, session_cookie

blueprint = Blueprint("credentials", __name__)


@blueprint.get("/profile")
def profile() -> ResponseReturnValue:
    """Who I am, how I prove it, where I am signed in, in which language I read."""
    return _page()


@blueprint.post("/profile/password")
def password() -> ResponseReturnValue:
    """Set another password."""
    form, bundle = request.form, access.services()

    def change() -> Response:
        renewed = accounts.change_password(
            bundle.door,
            access.signed_in(),
            old=form.get("password", ""),
            new=form.get("new", ""),
            origin=origin(),
            now=bundle.clock.now(),
        )
        flash(_("密码已修改，其他会话已结束"))
        return _renewed(_back(), renewed)

    if form.get("new", "") != form.get("again", ""):
        return _page("password", _("两次输入的新密码不一致，未作改动"), 400)
    return _tried("password", change)


@blueprint.post("/profile/mail")
def mail() -> ResponseReturnValue:
    """Keep where a link that sets the password is sent."""

    def change() -> Response:
        bundle = access.services()
        accounts.change_mail(
            bundle.door,
            access.signed_in(),
            request.form.get("mail", ""),
            password=request.form.get("password", ""),
            origin=origin(),
            now=bundle.clock.now(),
        )
        flash(_("邮件地址已保存"))
        return _back()

    return _tried("mail", change)


@blueprint.post("/profile/codes/begin")
def begin_codes() -> ResponseReturnValue:
    """Make the secret that the next page shows."""

    def begin() -> Response:
        accounts.begin_codes(access.services().door, access.signed_in())
        return make_response(redirect(url_for("credentials.codes"), 303))

    return _tried("codes", begin)


@blueprint.get("/profile/codes")
def codes() -> ResponseReturnValue:
    """The secret as a picture and as text, until it is confirmed."""
    return _enrolment()


@blueprint.post("/profile/codes/confirm")
def confirm_codes() -> ResponseReturnValue:
    """Switch one-time codes on, and show the recovery codes this once."""
    bundle = access.services()
    try:
        renewed = accounts.switch_on(
            bundle.door,
            access.signed_in(),
            password=request.form.get("password", ""),
            code=request.form.get("code", ""),
            origin=origin(),
            now=bundle.clock.now(),
        )
    except accounts.CodesAlready:
        return _back()
    except ComplianceError as error:
        return _enrolment(said(error.message), status_of(error))
    session.clear()
    return _renewed(make_response(render_template("recovery_codes.html", recovery=renewed.recovery)), renewed)


@blueprint.post("/profile/codes/off")
def codes_off() -> ResponseReturnValue:
    """Switch one-time codes off."""

    def switch() -> Response:
        bundle = access.services()
        renewed = accounts.switch_off(
            bundle.door,
            access.signed_in(),
            password=request.form.get("password", ""),
            code=request.form.get("code", ""),
            origin=origin(),
            now=bundle.clock.now(),
        )
        flash(_("一次性验证码已停用，其他会话已结束"))
        return _renewed(_back(), renewed)

    return _tried("codes", switch)


@blueprint.post("/profile/sessions/end")
def end_session() -> ResponseReturnValue:
    """End one session."""

    def end() -> Response:
        bundle = access.services()
        named = request.form.get("session", "")
        accounts.end_session(bundle.register, access.signed_in(), named, bundle.clock.now())
        flash(_("会话已结束"))
        return _back()

    return _tried("sessions", end)


@blueprint.post("/profile/sessions/end-others")
def end_other_sessions() -> ResponseReturnValue:
    """End every session but this one."""
    bundle, mine = access.services(), access.signed_in()
    count = accounts.end_other_sessions(
        bundle.register, mine.user.id, mine.session.id_hash, mine.actor(), bundle.clock.now()
    )
    flash(_("已结束其他会话：%(count)s 个", count=count))
    return _back()


def _page(part: str = "", problem: str = "", status: int = 200) -> ResponseReturnValue:
    bundle, mine = access.services(), access.signed_in()
    with bundle.register.read() as look:
        left = look.recovery_codes(mine.user.id) if mine.user.codes else 0
    shown = render_template(
        "profile.html",
        user=mine.user,
        this=mine.session,
        sessions=accounts.my_sessions(bundle.register, mine.user.id, bundle.clock.now(), bundle.limits),
        plants=bundle.lists.plants(mine.user.id),
        recovery_left=left,
        links=bundle.forgot is not None,
        least=SHORTEST_PASSWORD,
        part=part,
        problem=problem,
    )
    return shown, status


def _tried(part: str, do: Callable[[], Response]) -> ResponseReturnValue:
    """Do it, or show the profile with the reason beside the form that was refused."""
    try:
        return do()
    except ComplianceError as error:
        return _page(part, said(error.message), status_of(error))


def _enrolment(problem: str = "", status: int = 200) -> ResponseReturnValue:
    bundle = access.services()
    user = access.person()
    secret = accounts.proposed(bundle.door, user)
    if secret is None:
        return _back()
    picture = bundle.codes.picture(secret, user.login, bundle.site.name)
    spaced = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return render_template("codes.html", picture=picture, secret=spaced, problem=problem), status


def _back() -> Response:
    return make_response(redirect(url_for("credentials.profile")))


def _renewed(response: Response, renewed: Renewed) -> Response:
    """The session of before has ended: the browser goes on in a new one."""
    keep(response, session_cookie(access.services().site), renewed.token)
    return response
