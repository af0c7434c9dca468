"""通知: what a person was told, what of it was read, how it reaches the person, and the calendar feeds."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.core.feeds import calendar_of, make_feed, revoke_feed
from compliance.core.judged import OCCURRENCE
from compliance.core.lists import LARGEST_EXPORT
from compliance.core.notices import PLANT, Category, Choice, Notice, choose
from compliance.core.permissions import Permission
from compliance.kernel.errors import WrongUse
from compliance.web import access, asked, exports, sources
from compliance.web.errors import status_of
from compliance.web.i18n import _, said
from compliance.web.i18n import language as spoken

blueprint = Blueprint("notices", __name__)

_PAGE = 30
_LONGEST = 200


@blueprint.get("/p/<plant>/notices")
def listing() -> ResponseReturnValue:
    """The person's notices, newest first."""
    person = access.person().person
    lists, plant = access.services().lists, access.card().plant
    page = lists.notices_of(plant, person, asked.word("after"), _PAGE) if person else None
    return render_template("notices.html", page=page, person=person, late=is_late)


@blueprint.get("/p/<plant>/notices.xlsx")
def export() -> ResponseReturnValue:
    """The person's own notices as a workbook."""
    person, bundle, plant = access.person().person, access.services(), access.card().plant
    page = bundle.lists.notices_of(plant, person, "", LARGEST_EXPORT) if person else None
    headings = (_("日期"), _("通知"), _("全文"), _("已读"))
    rows = ((n.told, said(n.notice.title), said(n.notice.body), n.seen_at) for n in (page.rows if page else ()))
    name = f"notices-{access.ref(access.card())}-{bundle.clock.today():%Y%m%d}.xlsx"
    return exports.workbook(name, _("通知"), headings, rows)


@blueprint.get("/p/<plant>/notices/<int:number>")
def lead(number: int) -> ResponseReturnValue:
    """To the page of what a notice is about: the address that mail carries. Looking marks nothing as read."""
    person = access.person().person
    found = access.services().lists.notice(access.card().plant, person, number) if person else None
    if found is None:
        abort(404)
    return redirect(_address(found.notice))


@blueprint.post("/p/<plant>/notices/seen")
def seen() -> ResponseReturnValue:
    """Note that notices were read: one, or all up to the newest that the page showed. No act, so no leaf."""
    person, bundle, plant = access.person().person, access.services(), access.card().plant
    one, newest = _number("notice"), _number("newest")
    if person and (one or newest):
        with bundle.telling.work() as work:
            if one:
                work.see_notices(plant, person, [one], bundle.clock.now())
            else:
                work.see_all_notices(plant, person, newest, bundle.clock.now())
    if request.form.get("open") and one:
        return redirect(url_for("notices.lead", number=one), 303)
    return redirect(url_for("notices.listing"), 303)


@blueprint.get("/p/<plant>/notices/choices")
def choices() -> ResponseReturnValue:
    """Where mail goes, when it waits, what comes without it; and the person's calendar feeds."""
    return _choices()


@blueprint.post("/p/<plant>/notices/choices")
def chosen() -> ResponseReturnValue:
    """Keep what was chosen, or show the form again with the reason."""
    choice = _choice()
    try:
        choose(access.services().telling, access.card().plant, choice, access.actor())
    except WrongUse as refused:
        return _choices(choice, said(refused.message)), status_of(refused)
    flash(_("已保存通知设置。"))
    return redirect(url_for("notices.choices"), 303)


@blueprint.post("/p/<plant>/notices/feeds")
def make() -> ResponseReturnValue:
    """Make a feed of one's own duties. Its address is shown in this answer and never again."""
    return _choices(feed=_made(_person()))


@blueprint.post("/p/<plant>/notices/plant-feeds")
@access.needs(Permission.ADMINISTRATOR)
def make_for_plant() -> ResponseReturnValue:
    """Make a feed of every duty of the plant; it outlives whoever made it, so administrators alone may."""
    return _choices(feed=_made(None))


@blueprint.post("/p/<plant>/notices/plant-feeds/<name>/revoke")
@access.needs(Permission.ADMINISTRATOR)
def revoke_of_plant(name: str) -> ResponseReturnValue:
    """End any feed of the plant."""
    bundle = access.services()
    revoke_feed(bundle.telling, access.card().plant, name, access.actor(), bundle.clock.now())
    flash(_("订阅已撤销，原地址从现在起打不开。"))
    return redirect(url_for("notices.choices"), 303)


@blueprint.get("/p/<plant>/notices/calendar.ics")
def download() -> ResponseReturnValue:
    """The calendar as a file: of the whole plant, or of one's own posts (``of=mine``)."""
    bundle, card = access.services(), access.card()
    whole = asked.word("of") != "mine"
    person = None if whole else _person()
    with bundle.telling.read() as look:
        text = calendar_of(look, card.plant, person, bundle.rules(), bundle.clock.today(), spoken())
    answer = Response(text.encode(), content_type="text/calendar; charset=utf-8")
    name = f"duties-{access.ref(card)}{'' if whole else '-mine'}.ics"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@blueprint.post("/p/<plant>/notices/feeds/<name>/revoke")
def revoke(name: str) -> ResponseReturnValue:
    """End one of one's own feeds."""
    bundle = access.services()
    now = bundle.clock.now()
    revoke_feed(bundle.telling, access.card().plant, name, access.actor(), now, _person())
    flash(_("订阅已撤销，原地址从现在起打不开。"))
    return redirect(url_for("notices.choices"), 303)


def is_late(notice: Notice) -> bool:
    """Whether a notice escalates: it is shown so."""
    return notice.rung.startswith("late")


def _made(person: str | None) -> str:
    """The address of a new feed."""
    bundle = access.services()
    token = make_feed(bundle.telling, access.card().plant, person, access.actor(), bundle.clock.now())
    language = None if spoken() == bundle.site.language else spoken()
    path = url_for("feed.calendar", token=token, lang=language)
    return (bundle.site.address or request.host_url.rstrip("/")) + path


def _choices(choice: Choice | None = None, problem: str = "", feed: str = "") -> str:
    person, plant = access.person().person, access.card().plant
    with access.services().telling.read() as look:
        kept = next((c for c in look.choices(plant) if c.person == person), None)
        living = [t for t in look.feed_tokens(plant) if t.revoked_at is None]
    return render_template(
        "notice_choices.html",
        person=person,
        choice=choice or kept or Choice(person or "", None),
        problem=problem,
        feed=feed,
        feeds=[t for t in living if person and t.person == person],
        plant_feeds=[t for t in living if t.person is None],
        categories=[(c, _category(c)) for c in Category],
    )


def _category(category: Category) -> str:
    match category:
        case Category.AHEAD:
            return _("到期提醒")
        case Category.RETURNED:
            return _("退回的事项")
        case Category.BACKLOG:
            return _("启用前的待补办汇总")


def _choice() -> Choice:
    form = request.form
    quiet = (form.get("quiet_from", "").strip()[:_LONGEST], form.get("quiet_until", "").strip()[:_LONGEST])
    muted = tuple(c for c in Category if c.value in form.getlist("muted"))
    mail = form.get("mail", "").strip()[:_LONGEST] or None
    return Choice(_person(), mail, bool(form.get("weekly")), quiet if any(quiet) else None, muted)


def _person() -> str:
    """The account that the sign-in belongs to; nobody is told anything who has none."""
    person = access.person().person
    if not person:
        abort(404)
    return person


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("1000000000000000000") else 0


def _address(notice: Notice) -> str:
    if notice.kind == PLANT:
        return url_for("work.queue")
    if notice.kind == OCCURRENCE:
        parts = notice.object_id.split("/", 1)
        subject, _slash, period = parts[-1].rpartition("/")
        number = access.services().lists.occurrence_number(access.card().plant, (parts[0], subject, period))
        return url_for("obligations.occurrence", number=number) if number else url_for("work.queue")
    return sources.case_address(notice.kind, notice.object_id) or url_for("work.queue")
