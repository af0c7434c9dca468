"""Sets of documents as jobs, for programs: asked for, looked at, ended, led on, fetched."""

from __future__ import annotations

from typing import Any

from compliance.core.documents.batches import EVERYWHERE, PAGES, PERIOD
from compliance.core.documents.sets.base import MONTH_LONG, YEAR_LONG
from compliance.core.jobs import Job, JobItem
from compliance.core.lists import PAGE
from compliance.kernel.text import Text
from compliance.web import access, batches
from compliance.web.api.operations import Asked, Operation, operation
from compliance.web.api.shapes import NAME, SAID, ListOf, Maybe, Moment, Record, Truth, Whole, Word, page_of
from compliance.web.api.telling import PAGING, here, moment, page, said

_PARTS = {"plant": NAME, "number": Whole()}
_NOTHING = Record("Nothing", {})
_JOB = {
    "number": Whole(),
    "kind": NAME,
    "period": Word(),
    "everywhere": Truth(),
    "pages": Truth(),
    "login": NAME,
    "name": NAME,
    "state": NAME,
    "of": Whole(),
    "done": Whole(),
    "failed": Whole(),
    "asked": Moment(),
    "started": Maybe(Moment()),
    "ended": Maybe(Moment()),
    "href": Word(1000, like="/api/v1/…"),
}
_ITEM = Record(
    "JobItem",
    {
        "plant": NAME,
        "document": NAME,
        "about": Word(),
        "title": SAID,
        "state": NAME,
        "number": Maybe(NAME),
        "why": Maybe(SAID),
    },
)
JOB_ROW = Record("Job", _JOB)
_DETAIL = Record("JobDetail", {**_JOB, "items": ListOf(_ITEM)})
_WANTED = Record(
    "DocumentSet",
    {
        "period": Word(MONTH_LONG, YEAR_LONG, pattern="[12][0-9]{3}(-(0[1-9]|1[0-2]))?", like="2026-05"),
        "pages": Truth(),
        "everywhere": Truth(),
    },
    frozenset({"pages", "everywhere"}),
)


@operation(
    Operation(
        name="jobs",
        method="GET",
        path="/plants/{plant}/jobs",
        title=Text("任务，新的在前", "jobs, newest first"),
        parts={"plant": NAME},
        query=dict(PAGING),
        answer=page_of("Jobs", JOB_ROW),
    )
)
def listing(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """A page of jobs."""
    with access.services().batches().jobs.register.read() as reads:
        found = reads.jobs(access.card().plant, asked.query.get("after", ""), asked.query.get("limit", PAGE))
    return page(found, job_row)


@operation(
    Operation(
        name="documents_set",
        method="POST",
        path="/plants/{plant}/jobs",
        title=Text("起草一个月或一年的成套文件", "draft the documents of a month or a year"),
        parts={"plant": NAME},
        body=_WANTED,
        answer=_DETAIL,
        status=201,
    )
)
def start(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Ask for a set."""
    given = asked.body
    job = batches.ask(given["period"], pages=given.get("pages", False), everywhere=given.get("everywhere", False))
    return _detail(batches.look(job.id))


@operation(
    Operation(
        name="job",
        method="GET",
        path="/plants/{plant}/jobs/{number}",
        title=Text("一项任务及其进度", "one job, and how far it is"),
        parts=_PARTS,
        answer=_DETAIL,
    )
)
def job(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """One job."""
    return _detail(batches.look(asked.path["number"]))


@operation(
    Operation(
        name="job_cancel",
        method="POST",
        path="/plants/{plant}/jobs/{number}/cancel",
        title=Text("取消任务", "cancel a job"),
        parts=_PARTS,
        body=_NOTHING,
        answer=_DETAIL,
    )
)
def cancel(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """End it before its next item."""
    found = batches.look(asked.path["number"])
    access.services().batches().jobs.cancel(access.actor(), found.job.id, anyones=found.may_cancel)
    return job(asked)


@operation(
    Operation(
        name="job_resume",
        method="POST",
        path="/plants/{plant}/jobs/{number}/resume",
        title=Text("继续未完成的", "let what is left of a job be done"),
        parts=_PARTS,
        body=_NOTHING,
        answer=_DETAIL,
    )
)
def resume(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Lead it on."""
    found = batches.look(asked.path["number"])
    access.services().batches().jobs.resume(access.actor(), found.job.id)
    return job(asked)


@operation(
    Operation(
        name="job_file",
        method="GET",
        path="/plants/{plant}/jobs/{number}/files",
        title=Text("已成的文件，.zip", "what is done, as a .zip"),
        parts=_PARTS,
    )
)
def files(asked: Asked) -> Any:  # noqa: ANN401 - a file
    """The archive."""
    return batches.files(asked.path["number"])


def job_row(one: Job) -> dict[str, Any]:
    """A job as programs are told of it."""
    return {
        "number": one.id,
        "kind": one.kind,
        "period": one.parameters.get(PERIOD, ""),
        "everywhere": one.parameters.get("scope") == EVERYWHERE,
        "pages": bool(one.parameters.get(PAGES)),
        "login": one.login,
        "name": one.name,
        "state": one.state,
        "of": one.of,
        "done": one.done,
        "failed": one.failed,
        "asked": moment(one.asked),
        "started": moment(one.started) if one.started else None,
        "ended": moment(one.ended) if one.ended else None,
        "href": here("jobs", one.id),
    }


def _detail(found: batches.Shown) -> dict[str, Any]:
    return {**job_row(found.job), "items": [_item(one) for one in found.items]}


def _item(one: JobItem) -> dict[str, Any]:
    return {
        "plant": one.plant,
        "document": one.name,
        "about": one.about,
        "title": said(one.title),
        "state": one.state,
        "number": one.result.get("object", "").partition("/")[0] or None,
        "why": said(one.why) if one.why else None,
    }
