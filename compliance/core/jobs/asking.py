"""Asking for a job, cancelling and resuming it: acts of persons, each with its leaf."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from compliance.core.acts import Act, Actor
from compliance.core.jobs.kept import (
    CANCELLED,
    CANCELLING,
    REFUSED,
    WAITING,
    Job,
    JobItem,
    JobOver,
    JobReads,
    JobRegister,
    JobWork,
    NoSuchJob,
    NotResumable,
    NotYourJob,
)
from compliance.kernel.canonical import canonical

if TYPE_CHECKING:
    from compliance.core.plants import Plant

JOB = "job"
ASK, CANCEL, RESUME, END = "ask", "cancel", "resume", "end"


@dataclass(frozen=True)
class Jobs:
    """The jobs of an installation. ``moment`` says the present one as the register keeps it."""

    register: JobRegister
    moment: Callable[[], str]

    def ask(
        self, actor: Actor, kind: str, plant: Plant | None, parameters: Mapping[str, str], items: Sequence[JobItem]
    ) -> Job:
        """Keep a new job; the same one, while it is open still, is not asked for twice."""
        new = Job(
            id=0, kind=kind, plant=plant.key if plant else None, login=actor.id, name=actor.name,
            parameters=dict(parameters), of=len(items), asked=self.moment(),
        )  # fmt: skip
        with self.register.work() as work:
            same = next((one for one in work.open_jobs() if _alike(one, new)), None)
            if same is not None:
                return same
            job = replace(new, id=work.add_job(new, items))
            asked = {"f": "parameters", "old": None, "new": canonical(dict(parameters)).decode()}
            many = {"f": "items", "old": None, "new": str(len(items))}
            work.record(_act(actor, ASK, job, ({"f": "kind", "old": None, "new": kind}, asked, many)), plant)
        return job

    def newest(self, kind: str, parameters: Mapping[str, str]) -> tuple[Job, JobItem] | None:
        """The job of one item that was asked for last with these parameters, and what came of it."""
        with self.register.read() as reads:
            job = reads.newest_job(kind, parameters)
            return (job, reads.job_items(job.id)[0]) if job else None

    def cancel(self, actor: Actor, number: int, *, anyones: bool = False) -> Job:
        """End a job before its next item. ``anyones``: the person may end what others asked for."""
        self._insist(actor, number, anyones=anyones)
        with self.register.work() as work:
            job = _found(work, number)
            if job.state == CANCELLING:
                return job
            if not job.open:
                raise JobOver(number=number)
            to = CANCELLED if job.state == WAITING else CANCELLING
            self._change(work, actor, CANCEL, job, to)
        return replace(job, state=to)

    def resume(self, actor: Actor, number: int, *, anyones: bool = False) -> Job:
        """Let what is not done of a job that is over wait anew; it acts by the rights of whoever asked for it.

        ``anyones``: the operator at the server may.
        """
        self._insist(actor, number, anyones=anyones)
        with self.register.work() as work:
            job = _found(work, number)
            if not job.resumable:
                raise NotResumable(number=number)
            work.wait_again(number)
            self._change(work, actor, RESUME, job, WAITING)
        return replace(job, state=WAITING, failed=0)

    def _insist(self, actor: Actor, number: int, *, anyones: bool) -> None:
        """Refuse, with a leaf, whoever did not ask for the job; that never changes."""
        with self.register.read() as reads:
            job = _found(reads, number)
        if job.login == actor.id or anyones:
            return
        refusal = NotYourJob(number=number, name=job.name)
        with self.register.work() as work:
            act = replace(_act(actor, REFUSED, job, ()), reason=refusal.message.zh)
            work.record(act, work.plant(job.plant) if job.plant else None)
        raise refusal

    def _change(self, work: JobWork, actor: Actor, verb: str, job: Job, to: str) -> None:
        change_state(work, actor, verb, job, to, self.moment())


def change_state(work: JobWork, actor: Actor, verb: str, job: Job, to: str, moment: str) -> None:
    """Another state of a job, with its leaf."""
    open_still = to in (WAITING, CANCELLING)
    work.change_job(job.id, to, ended=None if open_still else moment)
    if to != CANCELLING:
        work.release_job(job.id)
    changes: tuple[Mapping[str, object], ...] = ({"f": "state", "old": job.state, "new": to},)
    if verb == END:
        counts = (("done", job.done), ("failed", job.failed), ("of", job.of))
        changes += tuple({"f": name, "old": None, "new": str(count)} for name, count in counts)
    work.record(_act(actor, verb, job, changes), work.plant(job.plant) if job.plant else None)


def _found(work: JobReads, number: int) -> Job:
    job = work.job(number)
    if job is None:
        raise NoSuchJob(number=number)
    return job


def _alike(one: Job, other: Job) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in ("kind", "plant", "login", "parameters"))


def _act(actor: Actor, verb: str, job: Job, changes: tuple[Mapping[str, object], ...]) -> Act:
    return Act(actor=actor, action=f"{JOB}:{verb}", object_type=JOB, object_id=str(job.id), changes=changes)
