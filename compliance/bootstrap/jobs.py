"""Jobs of an installation: what each kind is done with, and the hands that do them."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from datetime import UTC, datetime

from compliance.adapters.trail import moment
from compliance.bootstrap.documents import desk
from compliance.bootstrap.installation import Installation
from compliance.bootstrap.proposing import planned_proposals
from compliance.bootstrap.templates import sample_pages
from compliance.bootstrap.usecases import jobs_of
from compliance.core.documents.batches import KIND, Batches
from compliance.core.documents.marking import KIND as MARKING
from compliance.core.documents.marking import Marking
from compliance.core.jobs import Kind, Runner
from compliance.core.proposals import PLANNING
from compliance.core.templates.pages import KIND as SAMPLES

_LOG = logging.getLogger(__name__)
#: Seconds between looks for jobs, and that the item in hand has to end.
LOOK, _PATIENCE = 2.0, 20.0
#: What stands between host, process and a word of its own in the name of a worker.
_BETWEEN = "/"


def batches(installation: Installation) -> Batches:
    """Sets of documents on this installation."""
    return Batches(desk(installation), jobs_of(installation))


def runner(installation: Installation, worker: str) -> Runner:
    """The hands of a worker, by the rules now in use."""
    kinds: dict[str, Kind] = {
        KIND: batches(installation),
        MARKING: Marking(desk(installation), jobs_of(installation)),
        PLANNING: planned_proposals(installation),
        SAMPLES: sample_pages(installation),
    }
    return Runner(installation.register, kinds, worker, installation.clock.now, _written)


class Hands:
    """The part of a worker process that does jobs, in a thread of its own beside the tick, until it is told to end."""

    def __init__(self, installation: Installation) -> None:
        """Take a name that no other worker has or had."""
        self._installation = installation
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self.name = _BETWEEN.join((socket.gethostname(), str(os.getpid()), secrets.token_hex(4)))

    def tick(self) -> int:
        """Do everything that is to be done, an item at a time; how many steps it took."""
        self._free_the_dead()
        steps = 0
        while not self._ended.is_set() and runner(self._installation, self.name).step():
            steps += 1
        return steps

    def start(self) -> None:
        """Look for jobs from now on."""
        self._thread.start()

    def end(self) -> None:
        """Begin no item any more."""
        self._ended.set()

    def stop(self) -> None:
        """Begin nothing any more, end the item in hand, and let others have what this worker holds."""
        self.end()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)
        runner(self._installation, self.name).release()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self.tick()
            except Exception:  # noqa: BLE001 - the register may be busy or gone for a while; the next look finds what was left
                _LOG.exception("jobs")
            self._ended.wait(LOOK)

    def _free_the_dead(self) -> None:
        """A worker of this machine that is no process any more does not keep its jobs until its lease ends."""
        with self._installation.register.read() as reads:
            dead = [job for job in reads.open_jobs() if job.worker and self._is_dead(job.worker)]
        if dead:
            with self._installation.register.work() as work:
                for job in dead:
                    current = work.job(job.id)
                    if current is not None and current.worker == job.worker:
                        work.release_job(job.id)

    def _is_dead(self, worker: str) -> bool:
        host, _, rest = worker.partition(_BETWEEN)
        process, _, _ = rest.partition(_BETWEEN)
        if worker == self.name or host != socket.gethostname() or not process.isdigit():
            return False
        return int(process) == os.getpid() or not _runs(int(process))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _written(at: datetime) -> str:
    return moment(at.astimezone(UTC))
