"""我的待办: what a person's plant must do, by when and why; and the overview in pictures."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from compliance.core.judged import NONCONFORMITY
from compliance.core.lists import TO_DO, FindingQuery
from compliance.core.permissions import Permission
from compliance.web import access, charts, daily, drift, labels, readers
from compliance.web.book import book
from compliance.web.mine import mine

blueprint = Blueprint("work", __name__)

#: How many rows of each bucket the queue shows before it links to the list.
_SHOWN = 12
_OVERVIEW_MONTHS = 12
_DAY = timedelta(days=1)


@blueprint.get("/")
def front() -> ResponseReturnValue:
    """To the queue of the only plant, or to the group."""
    cards = access.services().lists.plants(access.person().id)
    if len(cards) == 1:
        return redirect(url_for("work.queue", plant=access.ref(cards[0])))
    return redirect(url_for("system.group"))


@blueprint.get("/p/<plant>/work")
def queue() -> ResponseReturnValue:
    """What is overdue, what falls due within a week and a month, and the findings to look at."""
    bundle, plant = access.services(), access.card().plant
    today = bundle.clock.today()
    week, horizon = today + timedelta(days=labels.PRESSING), today + timedelta(days=labels.SOON)
    stretches = ((date.min, today - _DAY), (today, week), (week + _DAY, horizon))
    own = mine(stretches, _SHOWN)
    rows = [r for r in own.duties if r.occurrence.state in TO_DO]
    papers = bundle.papers.in_force(plant)
    to_read, reviews = readers.waiting(papers, own.person, own.periods)
    counts = bundle.lists.counts(plant, today, book().settled(NONCONFORMITY))
    return render_template(
        "work.html",
        counts=counts,
        buckets=[
            (name, number, [r for r in rows if first <= r.occurrence.due <= last])
            for name, number, (first, last) in zip(
                ("overdue", "week", "month"),
                (counts.overdue, counts.within_week, counts.within_month - counts.within_week),
                stretches,
                strict=True,
            )
        ],
        own_=own,
        stale=drift.to_revise(papers, own.person, _SHOWN),
        to_decide=drift.to_decide(papers, own.person, _SHOWN),
        to_read=to_read,
        reviews=reviews,
        shown=_SHOWN,
        findings=bundle.lists.findings(plant, FindingQuery(limit=_SHOWN)),
        week=week,
        horizon=horizon,
        missed=daily.missed_on(today - _DAY) if access.allowed(Permission.ENTER) else [],
        missed_on=today - _DAY,
        book=book(),
    )


@blueprint.get("/p/<plant>/overview")
def overview() -> ResponseReturnValue:
    """Deadlines kept and late, findings by situation and grade, validity of instruments: as pictures."""
    bundle, plant = access.services(), access.card().plant
    today = bundle.clock.today()
    first = _months_back(today, _OVERVIEW_MONTHS - 3)
    last = _months_back(today, -2)
    papers = readers.lines()
    data = bundle.lists.dashboard(plant, f"{first:%Y-%m}", f"{last:%Y-%m}")
    return render_template(
        "overview.html",
        data=data,
        reading=readers.total(papers),
        reviews_late=sum(line.review is not None and line.review.late(today) for line in papers),
        counts=bundle.lists.counts(plant, today, book().settled(NONCONFORMITY)),
        months=charts.deadlines(data.months, first, _OVERVIEW_MONTHS, today),
        findings=charts.findings(data.findings, book()),
        instruments=charts.validity(data.instruments, today),
        book=book(),
    )


def _months_back(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 - months
    return date(total // 12, total % 12 + 1, 1)
