"""Doing jobs: one item a step, whichever worker comes; what a worker that died had not kept is simply done again.

A worker holds a job while it is heard of. Whoever was taken for dead and is not finds out in the transaction that was
to keep its item, and keeps nothing: so an item is kept once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from compliance.core.acts import Actor
from compliance.core.jobs.asking import END, change_state
from compliance.core.jobs.kept import (
    CANCELLED,
    CANCELLING,
    DONE,
    FAILED,
    REFUSED,
    Job,
    JobItem,
    JobRegister,
    JobWork,
    LostJob,
)
from compliance.kernel.errors import CannotDecide, ComplianceError, Refused
from compliance.kernel.text import Text

_LOG = logging.getLogger(__name__)
#: How long a worker is believed to be on an item that it began: longer than the longest item may take.
LEASE: Final = timedelta(minutes=5)
#: How often an item is begun before it is taken for one that kills its worker.
MOST_ATTEMPTS: Final = 3
#: Who ends jobs.
WORKER: Final = Actor("worker", "任务程序", "system", "internal")
_KILLED = Text("办理此项时进程多次中止", "the process ended several times while it was at this")
_BROKEN = Text("程序错误，详见服务日志", "an error of the program; see the log of the service")

#: Keeps an item as done with its result, in the transaction that did it.
Keep = Callable[[JobWork, Mapping[str, str]], None]


class Kind(Protocol):
    """A kind of jobs."""

    def do(self, job: Job, item: JobItem, keep: Keep) -> Mapping[str, str] | None:
        """Do an item by the rights that whoever asked has now.

        None where it was kept in the transaction that did it; else the result to keep. Raises a ComplianceError.
        """
        ...


@dataclass(frozen=True)
class Runner:
    """One worker's hands. ``moment`` writes a moment as the register keeps it."""

    register: JobRegister
    kinds: Mapping[str, Kind]
    worker: str
    now: Callable[[], datetime]
    moment: Callable[[datetime], str]

    def step(self) -> bool:
        """One item of the job that was looked at longest ago; False where nothing is to be done by this worker."""
        with self.register.read() as reads:
            waiting = reads.open_jobs()
        return any(self._step_of(job) for job in waiting)

    def release(self) -> None:
        """Let others have at once what this worker holds: it is about to end."""
        with self.register.work() as work:
            for job in work.open_jobs():
                if job.worker == self.worker:
                    work.release_job(job.id)

    def _step_of(self, job: Job) -> bool:
        begun = self._begin(job.id)
        if begun is None:
            return False
        job, item = begun
        if item is not None:
            self._do(job, item)
        elif not job.open:
            _LOG.info("job %s is over: %s", job.id, job.state)
        return True

    def _begin(self, number: int) -> tuple[Job, JobItem | None] | None:
        """Hold a job and begin its next item; None for the item where the job is over; None where others hold it."""
        now = self.now()
        with self.register.work() as work:
            if not work.claim_job(number, self.worker, self.moment(now), self.moment(now - LEASE)):
                return None
            job = work.job(number)
            if job is None:
                return None
            item = None if job.state == CANCELLING else work.next_item(number)
            if item is None or job.kind not in self.kinds:
                to = CANCELLED if job.state == CANCELLING else DONE if item is None else FAILED
                change_state(work, WORKER, END, job, to, self.moment(now))
                return replace(job, state=to), None
            if item.attempts >= MOST_ATTEMPTS:
                work.end_item(number, replace(item, state=FAILED, why=_KILLED))
                return job, None
            work.begin_item(number, item.place)
        return job, item

    def _do(self, job: Job, item: JobItem) -> None:
        def keep(work: JobWork, result: Mapping[str, str]) -> None:
            self._keep(work, job, replace(item, state=DONE, result=result))

        try:
            result = self.kinds[job.kind].do(job, item, keep)
            if result is not None:
                with self.register.work() as work:
                    keep(work, result)
            _LOG.info("job %s, item %s: kept", job.id, item.place)
        except LostJob:
            _LOG.warning("job %s was taken over", job.id)
        except ComplianceError as error:
            _LOG.info("job %s, item %s: %s", job.id, item.place, error)
            state = REFUSED if isinstance(error, Refused) and not isinstance(error, CannotDecide) else FAILED
            self._failed(job, replace(item, state=state, why=error.message))
        except Exception:  # noqa: BLE001 - one bad item does not stop the others
            _LOG.exception("job %s, item %s", job.id, item.place)
            self._failed(job, replace(item, state=FAILED, why=_BROKEN))

    def _failed(self, job: Job, item: JobItem) -> None:
        try:
            with self.register.work() as work:
                self._keep(work, job, item)
        except LostJob:
            _LOG.warning("job %s was taken over", job.id)

    def _keep(self, work: JobWork, job: Job, item: JobItem) -> None:
        current = work.job(job.id)
        if current is None or current.worker != self.worker:
            raise LostJob(number=job.id)
        work.end_item(job.id, item)
