"""Commands about jobs: which there are, how far one is, ending it, and letting what is left of it be done."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from compliance.bootstrap.installation import OPERATOR, opened
from compliance.bootstrap.usecases import jobs_of
from compliance.cli.output import DONE, print_json, print_table, say
from compliance.core.jobs import Job, JobItem, NoSuchJob
from compliance.kernel.text import Text

_MOST = 200


def listing(args: Namespace) -> int:
    """The newest jobs."""
    with opened(args.data) as installation, installation.register.read() as reads:
        found = reads.every_job(_MOST)
    if args.json:
        print_json([_told(job) for job in found])
    else:
        heading = (
            "编号 number",
            "种类 kind",
            "参数 parameters",
            "提出人 by",
            "状态 state",
            "进度 done/of",
            "未成 failed",
        )
        print_table(heading, (_row(job) for job in found))
    return DONE


def show(args: Namespace) -> int:
    """One job with its items."""
    with opened(args.data) as installation, installation.register.read() as reads:
        job, items = reads.job(args.number), reads.job_items(args.number)
    if job is None:
        raise NoSuchJob(number=args.number)
    if args.json:
        print_json({**_told(job), "items": [_item(one) for one in items]})
    else:
        print_table(("编号 number", "种类 kind", "参数", "提出人 by", "状态 state", "进度", "未成 failed"), [_row(job)])
        heading = ("企业 plant", "项 item", "对象 about", "状态 state", "结果 result", "原因 why")
        print_table(
            heading, ((i.plant, i.title, i.about, i.state, i.result.get("object", ""), i.why or "") for i in items)
        )
    return DONE


def cancel(args: Namespace) -> int:
    """End a job before its next item."""
    with opened(args.data) as installation:
        return _changed(args, jobs_of(installation).cancel(OPERATOR, args.number, anyones=True))


def resume(args: Namespace) -> int:
    """Let what is left of a job be done, by the rights of whoever asked for it."""
    with opened(args.data) as installation:
        return _changed(args, jobs_of(installation).resume(OPERATOR, args.number, anyones=True))


def _changed(args: Namespace, job: Job) -> int:
    if args.json:
        print_json(_told(job))
    else:
        say(Text(f"任务 {job.id}：{job.state}", f"job {job.id}: {job.state}"))
    return DONE


def _row(job: Job) -> tuple[Any, ...]:
    given = " ".join(f"{name}={value}" for name, value in sorted(job.parameters.items()) if value)
    return job.id, job.kind, given, job.login, job.state, f"{job.done}/{job.of}", job.failed


def _told(job: Job) -> dict[str, Any]:
    names = ("kind", "plant", "login", "state", "of", "done", "failed", "asked", "started", "ended", "heartbeat")
    return {"number": job.id, **{n: getattr(job, n) for n in names}, "parameters": dict(job.parameters)}


def _item(item: JobItem) -> dict[str, Any]:
    return {
        "plant": item.plant,
        "name": item.name,
        "about": item.about,
        "title": item.title,
        "state": item.state,
        "attempts": item.attempts,
        "result": dict(item.result),
        "why": item.why,
    }
