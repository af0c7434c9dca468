"""Jobs in the register: one row a job, one row an item."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Select,
    Table,
    Text,
    and_,
    case,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy import Row as SqlRow

from compliance.adapters.connected import Changing, Connected
from compliance.adapters.positions import Position, pack, unpack
from compliance.adapters.tables import Moment, Surrogate, Word, metadata, of_plant, plant, surrogate
from compliance.core.jobs import DONE, FAILED, OPEN, REFUSED, RUNNING, WAITING, Job, JobItem
from compliance.core.lists import LARGEST_PAGE, Page
from compliance.core.plants import Plant
from compliance.kernel.text import Text as Said

job = Table(
    "job",
    metadata,
    surrogate(),
    of_plant(optional=True),
    Column("kind", Word, nullable=False),
    Column("login", Word, nullable=False),
    Column("name", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("state", Word, nullable=False),
    Column("of", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("asked", Moment, nullable=False),
    Column("started", Moment),
    Column("ended", Moment),
    Column("heartbeat", Moment),
    Column("worker", Word),
    Index(None, "state", "heartbeat"),
)

job_item = Table(
    "job_item",
    metadata,
    Column("job_id", Surrogate, ForeignKey("job.id"), nullable=False),
    Column("place", Integer, nullable=False),
    of_plant(),
    Column("name", Word, nullable=False),
    Column("about", Word, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("state", Word, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("result", Text, nullable=False),
    Column("why_zh", Text),
    Column("why_en", Text),
    PrimaryKeyConstraint("job_id", "place"),
    Index(None, "plant_id", "job_id"),
    Index(None, "job_id", "state", "place"),
)


class SqlJobReads(Connected):
    """Implements ``core.jobs.JobReads``."""

    def job(self, number: int) -> Job | None:
        """The job of a number."""
        row = self._execute(_jobs().where(job.c.id == number)).first()
        return _job(row) if row else None

    def jobs(self, plant: Plant, after: str, limit: int, kind: str = "") -> Page[Job]:
        """A page of the jobs (``kind``: of that kind alone) that have an item in a plant, newest first."""
        limit = max(1, min(limit, LARGEST_PAGE))
        here = select(job_item.c.job_id).where(job_item.c.plant_id == plant.id, job_item.c.job_id == job.c.id)
        asked = _jobs().where(here.exists(), *([job.c.kind == kind] if kind else []))
        if after:
            asked = asked.where(job.c.id < Position.number(unpack(after, 1)[0]))
        rows = self._execute(asked.order_by(job.c.id.desc()).limit(limit + 1)).all()
        return Page(tuple(map(_job, rows[:limit])), pack(rows[limit - 1].id) if len(rows) > limit else "")

    def every_job(self, limit: int) -> Sequence[Job]:
        """The newest jobs of all plants."""
        return [_job(row) for row in self._execute(_jobs().order_by(job.c.id.desc()).limit(limit))]

    def job_items(self, number: int) -> Sequence[JobItem]:
        """The items of a job in their order."""
        return [_item(row) for row in self._execute(_items(number))]

    def newest_job(self, kind: str, parameters: Mapping[str, str]) -> Job | None:
        """The job of a kind that was asked for last with these parameters."""
        same = (job.c.kind == kind, job.c.parameters == _written(parameters))
        row = self._execute(_jobs().where(*same).order_by(job.c.id.desc()).limit(1)).first()
        return _job(row) if row else None

    def open_jobs(self) -> Sequence[Job]:
        """Jobs that are not over; the one that was looked at longest ago first."""
        beat = func.coalesce(job.c.heartbeat, "")
        return [_job(row) for row in self._execute(_jobs().where(job.c.state.in_(OPEN)).order_by(beat, job.c.id))]


class SqlJobChanges(SqlJobReads, Changing):
    """Implements ``core.jobs.JobWork``: what persons ask leaves leaves, what workers note of themselves does not."""

    def add_job(self, new: Job, items: Sequence[JobItem]) -> int:
        """Keep a new job with its items; its number."""
        plants = {row.key: row.id for row in self._execute(select(plant.c.key, plant.c.id))}
        values = {
            "plant_id": plants[new.plant] if new.plant else None, "kind": new.kind, "login": new.login,
            "name": new.name, "parameters": _written(new.parameters),
            "state": new.state, "of": len(items), "done": 0, "failed": 0, "asked": new.asked,
        }  # fmt: skip
        number: int = self._change(insert(job).values(values).returning(job.c.id)).scalar_one()
        rows = [
            {
                "job_id": number, "place": item.place, "plant_id": plants[item.plant], "name": item.name,
                "about": item.about, "title_zh": item.title.zh, "title_en": item.title.en, "state": item.state,
                "attempts": 0, "result": "{}",
            }
            for item in items
        ]  # fmt: skip
        self._connection.execute(insert(job_item), rows)
        return number

    def claim_job(self, number: int, worker: str, now: str, stale: str) -> bool:
        """Take a job up, or keep it; False where another worker has it and was heard of since ``stale``."""
        c = job.c
        free = or_(c.worker.is_(None), c.worker == worker, c.heartbeat.is_(None), c.heartbeat < stale)
        values = {
            "worker": worker, "heartbeat": now, "started": func.coalesce(c.started, now),
            "state": case((c.state == WAITING, RUNNING), else_=c.state),
        }  # fmt: skip
        claim = update(job).where(c.id == number, c.state.in_(OPEN), free).values(values).returning(c.id)
        return self._execute(claim).first() is not None

    def next_item(self, number: int) -> JobItem | None:
        """The first item that waits."""
        row = self._execute(_items(number).where(job_item.c.state == WAITING).limit(1)).first()
        return _item(row) if row else None

    def begin_item(self, number: int, place: int) -> None:
        """Count an attempt."""
        c = job_item.c
        self._execute(update(job_item).where(c.job_id == number, c.place == place).values({"attempts": c.attempts + 1}))

    def end_item(self, number: int, item: JobItem) -> None:
        """Note what came of an item, and count anew."""
        c = job_item.c
        values = {
            "state": item.state, "result": _written(item.result),
            "why_zh": item.why.zh if item.why else None, "why_en": item.why.en if item.why else None,
        }  # fmt: skip
        self._execute(update(job_item).where(c.job_id == number, c.place == item.place).values(values))
        self._execute(update(job).where(job.c.id == number).values({"done": _count(DONE), "failed": _bad()}))

    def change_job(self, number: int, state: str, *, ended: str | None) -> None:
        """Another state of a job; its leaf is the caller's."""
        self._change(update(job).where(job.c.id == number).values({"state": state, "ended": ended}))

    def release_job(self, number: int) -> None:
        """Let another worker have it at once."""
        self._execute(update(job).where(job.c.id == number).values({"worker": None}))

    def wait_again(self, number: int) -> None:
        """Let every item that was not done wait anew."""
        c = job_item.c
        values = {"state": WAITING, "attempts": 0, "why_zh": None, "why_en": None}
        self._change(update(job_item).where(c.job_id == number, c.state != DONE).values(values))
        self._change(update(job).where(job.c.id == number).values({"failed": 0}))


def _jobs() -> Select[Any]:
    return select(job, plant.c.key.label("plant_key")).select_from(job.outerjoin(plant, plant.c.id == job.c.plant_id))


def _items(number: int) -> Select[Any]:
    joined = job_item.join(plant, plant.c.id == job_item.c.plant_id)
    asked = select(job_item, plant.c.key.label("plant_key")).select_from(joined)
    return asked.where(job_item.c.job_id == number).order_by(job_item.c.place)


def _count(*states: str) -> Any:  # noqa: ANN401 - a scalar subquery
    c = job_item.c
    counted = select(func.count()).select_from(job_item)
    return counted.where(and_(c.job_id == job.c.id, c.state.in_(states))).scalar_subquery()


def _bad() -> Any:  # noqa: ANN401 - the same
    return _count(FAILED, REFUSED)


def _job(row: SqlRow[Any]) -> Job:
    return Job(
        id=row.id, kind=row.kind, plant=row.plant_key, login=row.login, name=row.name,
        parameters=_plain(row.parameters), state=row.state, of=row.of, done=row.done, failed=row.failed,
        asked=row.asked, started=row.started, ended=row.ended, heartbeat=row.heartbeat, worker=row.worker,
    )  # fmt: skip


def _item(row: SqlRow[Any]) -> JobItem:
    return JobItem(
        place=row.place, plant=row.plant_key, name=row.name, about=row.about, title=Said(row.title_zh, row.title_en),
        state=row.state, attempts=row.attempts, result=_plain(row.result),
        why=Said(row.why_zh, row.why_en) if row.why_zh is not None else None,
    )  # fmt: skip


def _written(words: Mapping[str, str]) -> str:
    return json.dumps(dict(words), ensure_ascii=False, sort_keys=True)


def _plain(text: str) -> Mapping[str, str]:
    found: Mapping[str, str] = json.loads(text)
    return found
