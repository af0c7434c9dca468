"""人员: who is in the plant, with posts, sign-ins, absences and open actions; and what is done about them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.core import accounts
from compliance.core.absences import BadAbsence, Deputies, Wanted
from compliance.core.accounts import NewUser, Role
from compliance.core.duties import Person
from compliance.core.handover import hand_over
from compliance.core.imports import Entry
from compliance.core.linting.plants import lint_plant
from compliance.core.model import PersonPeriod
from compliance.core.people import SEPARATOR
from compliance.core.permissions import Permission
from compliance.core.roster import LOGIN, Member, govern, roster
from compliance.kernel.errors import ComplianceError
from compliance.kernel.text import Text
from compliance.rulebase.schema import Post
from compliance.web import access, cases, exports, labels
from compliance.web.errors import status_of
from compliance.web.i18n import _, said

blueprint = Blueprint("people", __name__)

_DAY = Text("日期", "day")
_AN_ISO_DAY = Text("须为日期，如 2026-01-31", "a day such as 2026-01-31")
#: How many of the rules that a warning is about it names at once.
_RULES_NAMED = 4
#: What a new sign-in's first password is made of.
_PASSWORD_BYTES = 12


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act left to say: a message, and a secret that is shown this once."""

    message: str
    secret: str = ""


@blueprint.get("/p/<plant>/people")
@access.needs(Permission.VIEW)
def listing() -> ResponseReturnValue:
    """Everybody of the plant, and what the rules ask that these persons cannot do."""
    members, _acting = _look()
    bundle = access.services()
    stuck = lint_plant(members, access.card().profile, bundle.rules(), bundle.clock.today())
    return render_template("people.html", members=members, stuck=stuck, most=_RULES_NAMED, **_shown(members))


@blueprint.get("/p/<plant>/people.xlsx")
@access.needs(Permission.VIEW)
def export() -> ResponseReturnValue:
    """The same persons as a workbook: a row a period of a post."""
    today = access.services().clock.today()
    members, _acting = _look()
    headings = (
        _("账号"), _("姓名"), _("所在部门"), _("任职"), _("任职起"), _("任职止"), _("登录账号"), _("权限"),
        _("登录状态"), _("最近活动"), _("离岗起"), _("离岗止"), _("代理人"), _("未完成的纠正措施"),
    )  # fmt: skip
    rows = (
        (
            m.account, m.name, p.department if p else None, p.posts if p else None, p.since if p else None,
            p.until if p else None, SEPARATOR.join(s.user.login for s in m.sign_ins),
            SEPARATOR.join(labels.role(r.role.value) for s in m.sign_ins for r in s.memberships),
            SEPARATOR.join(_("启用中") if s.user.active else _("已停用") for s in m.sign_ins), _last_seen(m),
            a.since if a else None, a.until if a else None, a.deputy if a else None, len(m.actions),
        )
        for m in members for a in (m.away(today) or m.ahead(today),) for p in (m.periods or (None,))
    )  # fmt: skip
    name = f"people-{access.ref(access.card())}-{today:%Y%m%d}.xlsx"
    return exports.workbook(name, _("人员清单"), headings, rows)


@blueprint.get("/p/<plant>/people/<path:account>")
@access.needs(Permission.VIEW)
def page(account: str) -> ResponseReturnValue:
    """One person: history of posts, sign-ins, absences, and what may be done."""
    return _page(account)


@blueprint.post("/p/<plant>/people/<path:account>/acts/<verb>")
@access.needs(Permission.VIEW)
def act(account: str, verb: str) -> ResponseReturnValue:
    """Do one thing about a person; the page again with the reason, where it is refused."""
    do = _VERBS.get(verb)
    members, acting = _look()
    member = next((m for m in members if m.account == account), None)
    if do is None or member is None:
        abort(404)
    try:
        done = do(member, acting)
    except ComplianceError as error:
        return _page(account, problem=said(error.message), verb=verb), status_of(error)
    if done.secret:
        return _page(account, outcome=done)
    flash(done.message)
    return redirect(url_for("people.page", account=account), 303)


# --- absences and open work ------------------------------------------------------------------------------------------


def _set(member: Member, acting: Person) -> Outcome:
    wanted = Wanted(member.account, _said("deputy"), _day("since"), _day("until"), _said("reason"))
    made = _deputies().set(access.card().plant, acting, wanted)
    return Outcome(_("已设定离岗：%(since)s 至 %(until)s", since=made.since.isoformat(), until=made.until.isoformat()))


def _end(member: Member, acting: Person) -> Outcome:
    number = _said("number")
    if not (number.isascii() and number.isdigit()) or int(number) not in {a.id for a in member.absences}:
        abort(404)
    _deputies().end(access.card().plant, acting, int(number), _said("reason"))
    return Outcome(_("已结束离岗，代理随即停止"))


def _hand_over(member: Member, acting: Person) -> Outcome:
    casework, plant = access.services().casework(), access.card().plant
    handed = hand_over(casework, plant, acting, old=member.account, new=_said("new"), reason=_said("reason"))
    kept = "；".join(f"{k.key.object_id}：{said(k.why.message)}" for k in handed.kept)
    told = _("已移交 %(count)s 项", count=len(handed.done))
    return Outcome(_("%(told)s；未移交：%(kept)s", told=told, kept=kept) if kept else told)


# --- sign-ins, by administrators -------------------------------------------------------------------------------------


def _off(member: Member, acting: Person) -> Outcome:
    bundle, login = access.services(), _login(member, whole=True)
    del acting
    accounts.deactivate(bundle.register, login, access.actor(), bundle.clock.now(), _said("reason"))
    return Outcome(_("已停用账号 %(login)s，其会话已全部结束", login=login))


def _on(member: Member, acting: Person) -> Outcome:
    bundle, login = access.services(), _login(member, whole=True)
    del acting
    accounts.activate(bundle.register, login, access.actor(), bundle.clock.now(), _said("reason"))
    return Outcome(_("已启用账号 %(login)s", login=login))


def _give(member: Member, acting: Person) -> Outcome:
    bundle, login, plant = access.services(), _login(member), access.card().plant
    del acting
    accounts.grant(bundle.register, login, plant=plant.key, role=_role(), actor=access.actor(), now=bundle.clock.now())
    return Outcome(_("已授予 %(login)s 权限：%(role)s", login=login, role=labels.role(_role().value)))


def _take(member: Member, acting: Person) -> Outcome:
    bundle, login, plant = access.services(), _login(member), access.card().plant
    del acting
    accounts.revoke(
        bundle.register,
        login,
        plant=plant.key,
        role=_role(),
        actor=access.actor(),
        now=bundle.clock.now(),
        reason=_said("reason"),
    )
    return Outcome(_("已收回 %(login)s 的权限：%(role)s", login=login, role=labels.role(_role().value)))


def _new(member: Member, acting: Person) -> Outcome:
    bundle, plant = access.services(), access.card().plant
    del acting
    person = None if member.account.startswith(LOGIN) else member.account
    # Nobody learns this password: the person sets their own by the link.
    new = NewUser(_said("login"), member.name, person, plant.key, _role(), secrets.token_urlsafe(_PASSWORD_BYTES))
    accounts.add_user(bundle.register, bundle.passwords, new, actor=access.actor(), now=bundle.clock.now())
    return Outcome(_("已建立登录账号 %(login)s；设定密码的链接只显示这一次", login=new.login), _link(new.login))


def _reset(member: Member, acting: Person) -> Outcome:
    login = _login(member, whole=True)
    del acting
    return Outcome(_("重设 %(login)s 密码的链接，只显示这一次", login=login), _link(login))


def _link(login: str) -> str:
    """A link by which its owner sets a password; once, and for a while."""
    bundle = access.services()
    token = accounts.make_link(bundle.door, login, access.actor(), bundle.clock.now())
    return bundle.site.address + url_for("links.open_link", token=token, _external=not bundle.site.address)


# --- posts, by administrators ----------------------------------------------------------------------------------------


def _begin(member: Member, acting: Person) -> Outcome:
    del acting
    posts = SEPARATOR.join(dict.fromkeys(filter(None, (p.strip() for p in request.form.getlist("posts")))))
    values = {"since": _said("since"), "until": _said("until"), "posts": posts, "department": _said("department")}
    _enter(member, values)
    return Outcome(_("已登记任职"))


def _close(member: Member, acting: Person) -> Outcome:
    del acting
    period = next((p for p in member.periods if p.since.isoformat() == _said("period")), None)
    if period is None:
        abort(404)
    values = {"since": period.since.isoformat(), "until": _said("until"), "posts": period.posts or ""}
    _enter(member, values | {"department": period.department or ""})
    return Outcome(_("已登记任职结束"))


def _enter(member: Member, values: Mapping[str, str]) -> None:
    entry = Entry(PersonPeriod.SHEET.table, {"account": member.account, "name": member.name, **values}, _said("reason"))
    access.services().posts(access.card().plant, entry, access.actor())


# --- what the form says ----------------------------------------------------------------------------------------------


def _administering(do: Callable[[Member, Person], Outcome]) -> Callable[[Member, Person], Outcome]:
    """Only administrators of the plant."""
    return access.needs(Permission.ADMINISTRATOR)(do)


_VERBS: Mapping[str, Callable[[Member, Person], Outcome]] = {
    "absence": _set,
    "back": _end,
    "handover": _hand_over,
    "off": _administering(_off),
    "on": _administering(_on),
    "give": _administering(_give),
    "take": _administering(_take),
    "sign-in": _administering(_new),
    "reset": _administering(_reset),
    "begin": _administering(_begin),
    "end": _administering(_close),
}


def _said(name: str) -> str:
    return request.form.get(name, "").strip()


def _day(name: str) -> date:
    try:
        return date.fromisoformat(_said(name))
    except ValueError as error:
        raise BadAbsence(field=_DAY, right=_AN_ISO_DAY) from error


def _role() -> Role:
    try:
        return Role(_said("role"))
    except ValueError:
        abort(400)


def _login(member: Member, *, whole: bool = False) -> str:
    """A sign-in of the person; ``whole``: one of which no part lies where the actor does not administer."""
    one = next((s for s in member.sign_ins if s.user.login == _said("login")), None)
    if one is None:
        abort(404)
    if whole:
        with access.services().register.read() as look:
            theirs = look.memberships(one.user.id)
        govern(access.signed_in().memberships, theirs, one.user.login)
    return one.user.login


# --- what the pages show ---------------------------------------------------------------------------------------------


def _deputies() -> Deputies:
    return access.services().deputies()


def _look() -> tuple[list[Member], Person]:
    """Everybody, and the person at the browser."""
    bundle, plant = access.services(), access.card().plant
    with _deputies().register.read() as reads:
        members = roster(reads, plant, bundle.rules(), bundle.clock.today())
    acting = cases.acting([p for m in members for p in m.periods])
    return members, acting


def _page(account: str, *, problem: str = "", verb: str = "", outcome: Outcome | None = None) -> str:
    bundle, today = access.services(), access.services().clock.today()
    members, acting = _look()
    member = next((m for m in members if m.account == account), None)
    if member is None:
        abort(404)
    posts = [word for rule in bundle.rules().in_force(Post, today) for word in rule.words]
    others = [m for m in members if m.periods and m.current(today) and m.account != account]
    return render_template(
        "person.html",
        member=member,
        others=[(m.account, _named(m, today)) for m in others],
        departments=sorted({p.department for m in members for p in m.periods if p.department}),
        words=posts,
        role_pairs=[(role.value, labels.role(role.value)) for role in Role],
        login_pairs=[(s.user.login, s.user.login) for s in member.sign_ins],
        period_pairs=[(p.since.isoformat(), f"{p.posts or ''} · {p.since}") for p in member.periods],
        standing_of=[(str(a.id), f"{a.since} — {a.until}") for a in member.absences if a.stands(today)],
        may_set=bool(member.periods) and _deputies().may(acting, member.account),
        problem=problem,
        verb=verb,
        typed=request.form if problem else {},
        outcome=outcome,
        **_shown(members),
    )


def _shown(members: Sequence[Member] = ()) -> dict[str, object]:
    """What both pages need."""
    names = {m.account: m.name for m in members}
    return {
        "administers": access.allowed(Permission.ADMINISTRATOR),
        "names": lambda account: names.get(account, account),
        "is_login": lambda account: account.startswith(LOGIN),
    }


def _named(member: Member, today: date) -> str:
    return " · ".join(filter(None, (member.name, member.account, SEPARATOR.join(member.posts(today)))))


def _last_seen(member: Member) -> str:
    seen = max((s.last_seen for s in member.sign_ins if s.last_seen), default=None)
    return seen.astimezone(access.services().site.zone).isoformat(" ", "minutes") if seen else ""
