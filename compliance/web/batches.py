"""成套文件: the documents of a month or a year made as a job, watched, ended, led on and handed over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.core.documents.batches import EVERYWHERE, KIND, PAGES, PERIOD, files_of, zip_of
from compliance.core.jobs import Job, JobItem
from compliance.core.lists import LARGEST_EXPORT, PAGE
from compliance.core.permissions import Denied, Permission, may
from compliance.core.plants import Plant
from compliance.kernel.errors import ComplianceError
from compliance.web import access, asked, exports, labels
from compliance.web.book import book
from compliance.web.errors import status_of
from compliance.web.i18n import _, said
from compliance.web.security import FILE_POLICY

blueprint = Blueprint("batches", __name__)

DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Shown:
    """A job as a person sees it from a plant: of several plants, only those that they may look at."""

    job: Job
    items: Sequence[JobItem]
    names: dict[str, str]
    mine: bool
    may_cancel: bool

    @property
    def files(self) -> bool:
        """Whether there is something to hand over."""
        return any(item.result.get("file") for item in self.items)


@blueprint.get("/p/<plant>/documents/sets")
def listing() -> ResponseReturnValue:
    """The jobs, newest first, and the form that asks for one."""
    return _listing()


@blueprint.post("/p/<plant>/documents/sets")
def start() -> ResponseReturnValue:
    """Ask for a set."""
    form = request.form
    period = form.get("month", "").strip() or form.get("year", "").strip()
    try:
        job = ask(period, pages=form.get("pages") == "yes", everywhere=form.get("scope") == EVERYWHERE)
    except ComplianceError as error:
        return _listing(said(error.message)), status_of(error)
    return redirect(url_for("batches.page", number=job.id), 303)


@blueprint.get("/p/<plant>/documents/sets.xlsx")
def export() -> ResponseReturnValue:
    """The jobs as a workbook."""
    bundle, plant = access.services(), access.card().plant
    with bundle.batches().jobs.register.read() as reads:
        page = reads.jobs(plant, "", LARGEST_EXPORT, KIND)
    headings = (
        _("编号"),
        _("期间"),
        _("范围"),
        _("提出人"),
        _("状态"),
        _("完成"),
        _("未成"),
        _("共"),
        _("提出"),
        _("结束"),
    )
    rows = (
        (
            job.id, job.parameters.get(PERIOD, ""), scope_of(job), job.name, state_of(job.state), job.done, job.failed,
            job.of, job.asked, job.ended or "",
        )
        for job in page.rows
    )  # fmt: skip
    name = f"document-sets-{access.ref(access.card())}-{bundle.clock.today():%Y%m%d}.xlsx"
    return exports.workbook(name, _("成套文件"), headings, rows)


@blueprint.get("/p/<plant>/documents/sets/<int:number>")
def page(number: int) -> ResponseReturnValue:
    """One job with its items."""
    return _page(number)


@blueprint.get("/p/<plant>/documents/sets/<int:number>/progress")
def progress(number: int) -> ResponseReturnValue:
    """How far it is, for the page that shows it."""
    return told_progress(look(number, KIND).job)


@blueprint.post("/p/<plant>/documents/sets/<int:number>/cancel")
def cancel(number: int) -> ResponseReturnValue:
    """End it before its next item."""
    found = look(number, KIND)
    return _acted(number, lambda: access.services().batches().jobs.cancel(
        access.actor(), number, anyones=found.may_cancel
    ), _("已取消；正在办理的一项完成后停止"))  # fmt: skip


@blueprint.post("/p/<plant>/documents/sets/<int:number>/resume")
def resume(number: int) -> ResponseReturnValue:
    """Let what is left of it be done."""
    look(number, KIND)
    return _acted(number, lambda: access.services().batches().jobs.resume(access.actor(), number), _("已继续"))


@blueprint.get("/p/<plant>/documents/sets/<int:number>/files.zip")
def files(number: int) -> ResponseReturnValue:
    """What is done, as an archive; each file's name says what it is not."""
    found = look(number, KIND)
    packed = files_of(found.items, _state_zh)
    if not packed:
        abort(404)
    desk = access.services().desk()
    answer = Response(zip_of(packed, desk.read), mimetype="application/zip")
    name = f"{found.job.parameters.get(PERIOD, KIND)}-{_('草稿')}-{number}.zip"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer


def ask(period: str, *, pages: bool, everywhere: bool) -> Job:
    """Ask for a set of this plant, or of every plant in which the person may act."""
    plants = _mine() if everywhere else [access.card().plant]
    return access.services().batches().ask(access.person().login, plants, period, pages=pages, actor=access.actor())


def told_progress(job: Job) -> Response:
    """How far a job is, as pages ask it."""
    return jsonify(
        behind=job.behind, of=job.of, failed=job.failed, open=job.open, state=job.state, said=progress_of(job)
    )


def look(number: int, kind: str = "") -> Shown:
    """A job (``kind``: of that kind alone) as the person may see it from this plant; 404 where it has nothing here."""
    bundle, here = access.services(), access.card()
    with bundle.batches().jobs.register.read() as reads:
        job = reads.job(number)
        items = reads.job_items(number) if job else ()
    if job is None or kind not in ("", job.kind) or not any(item.plant == here.plant.key for item in items):
        abort(404)
    mine = job.login == access.person().login
    seen = {plant.key: plant.name for plant in (_mine() if job.plant is None else [here.plant])}
    shown = [item for item in items if item.plant in seen]
    governs = job.plant is not None and not isinstance(may(here.roles, Permission.ADMINISTRATOR), Denied)
    return Shown(job, shown, seen, mine, mine or governs)


def progress_of(job: Job) -> str:
    """How far a job is, in words."""
    told = _("%(behind)s / %(of)s 项", behind=job.behind, of=job.of)
    failed = _("，其中 %(failed)s 项未成", failed=job.failed) if job.failed else ""
    return f"{state_of(job.state)} · {told}{failed}"


def state_of(state: str) -> str:
    """The word of a state of a job or an item."""
    return labels.job_chip(state).text


def scope_of(job: Job) -> str:
    """What a job is about."""
    return _("多个企业") if job.plant is None else access.card().plant.name


def _mine() -> list[Plant]:
    """The plants in which the person has a role that may look."""
    bundle, person = access.services(), access.signed_in()
    with bundle.batches().jobs.register.read() as reads:
        plants = reads.plants()
    return [p for p in plants if not isinstance(may(person.roles_in(p.key), Permission.VIEW), Denied)]


def _state_zh(state: str) -> str:
    return book().state(state, DOCUMENT)


def _listing(problem: str = "") -> str:
    bundle, plant = access.services(), access.card().plant
    with bundle.batches().jobs.register.read() as reads:
        found = reads.jobs(plant, asked.word("after"), PAGE, KIND)
    today = bundle.clock.today()
    return render_template(
        "batches.html",
        page=found,
        problem=problem,
        scope_of=scope_of,
        progress_of=progress_of,
        period_name=PERIOD,
        several=len({m.plant for m in access.signed_in().memberships}) > 1
        or any(m.plant is None for m in access.signed_in().memberships),
        pages=bundle.desk().pages is not None,
        month=request.form.get("month", f"{today:%Y-%m}" if problem else ""),
        year=request.form.get("year", f"{today:%Y}"),
    )


def _page(number: int, problem: str = "") -> str:
    found = look(number, KIND)
    return render_template(
        "batch.html",
        it=found,
        job=found.job,
        problem=problem,
        scope_of=scope_of,
        progress_of=progress_of,
        period=found.job.parameters.get(PERIOD, ""),
        with_pages=bool(found.job.parameters.get(PAGES)),
        number_of=lambda item: item.result.get("object", "").partition("/")[0],
        kept=lambda item: _state_zh(item.result["kept"]) if item.result.get("kept") else "",
    )


def _acted(number: int, act: Callable[[], Job], told: str) -> ResponseReturnValue:
    try:
        act()
    except ComplianceError as error:
        return _page(number, said(error.message)), status_of(error)
    flash(told)
    return redirect(url_for("batches.page", number=number), 303)
