"""Jobs as the register keeps them: work of many items that is asked for once and done in small steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from compliance.core.acts import Act
from compliance.core.lists import Page
from compliance.core.plants import Plant
from compliance.kernel.errors import CannotDecide, Refused, WrongUse
from compliance.kernel.text import Text

#: What may be of a job. ``CANCELLING``: somebody asked for its end while a worker is on an item.
WAITING, RUNNING, CANCELLING, CANCELLED, DONE, FAILED = (
    "waiting", "running", "cancelling", "cancelled", "done", "failed",
)  # fmt: skip
#: States in which a worker takes a job up, and those that a person may resume from.
OPEN, ENDED = (WAITING, RUNNING, CANCELLING), (CANCELLED, DONE, FAILED)
#: What may be of an item besides waiting and done.
REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job. ``plant`` is the key of its plant, None for several; ``failed`` counts refused items too."""

    id: int
    kind: str
    plant: str | None
    login: str
    name: str
    parameters: Mapping[str, str]
    state: str = WAITING
    of: int = 0
    done: int = 0
    failed: int = 0
    asked: str = ""
    started: str | None = None
    ended: str | None = None
    heartbeat: str | None = None
    worker: str | None = None

    @property
    def open(self) -> bool:
        """Whether it goes on by itself."""
        return self.state in OPEN

    @property
    def behind(self) -> int:
        """Items that are behind it, however they ended."""
        return self.done + self.failed

    @property
    def resumable(self) -> bool:
        """Whether resuming it would do anything."""
        return self.state in ENDED and self.done < self.of


@dataclass(frozen=True, slots=True, kw_only=True)
class JobItem:
    """One item: what (``name``, ``about``) of which plant, what came of it, and how often it was begun."""

    place: int
    plant: str
    name: str
    about: str
    title: Text
    state: str = WAITING
    attempts: int = 0
    result: Mapping[str, str] = field(default_factory=dict)
    why: Text | None = None


class JobReads(Protocol):
    """What jobs ask of a look."""

    def plants(self) -> Sequence[Plant]:
        """All plants, by key."""
        ...

    def plant(self, key: str) -> Plant | None:
        """The plant of a key."""
        ...

    def job(self, number: int) -> Job | None:
        """The job of a number."""
        ...

    def jobs(self, plant: Plant, after: str, limit: int, kind: str = "") -> Page[Job]:
        """A page of the jobs (``kind``: of that kind alone) that have an item in a plant, newest first."""
        ...

    def every_job(self, limit: int) -> Sequence[Job]:
        """The newest jobs of all plants."""
        ...

    def job_items(self, number: int) -> Sequence[JobItem]:
        """The items of a job in their order."""
        ...

    def newest_job(self, kind: str, parameters: Mapping[str, str]) -> Job | None:
        """The job of a kind that was asked for last with these parameters."""
        ...

    def open_jobs(self) -> Sequence[Job]:
        """Jobs that are not over; the one that was looked at longest ago first."""
        ...


class JobWork(JobReads, Protocol):
    """What jobs ask of a writing transaction. What workers note of their own doing is no act and leaves no leaf."""

    def add_job(self, job: Job, items: Sequence[JobItem]) -> int:
        """Keep a new job with its items; its number."""
        ...

    def claim_job(self, number: int, worker: str, now: str, stale: str) -> bool:
        """Take a job up, or keep it; False where another worker has it and was heard of since ``stale``."""
        ...

    def next_item(self, number: int) -> JobItem | None:
        """The first item that waits."""
        ...

    def begin_item(self, number: int, place: int) -> None:
        """Count an attempt."""
        ...

    def end_item(self, number: int, item: JobItem) -> None:
        """Note what came of an item, and count anew."""
        ...

    def change_job(self, number: int, state: str, *, ended: str | None) -> None:
        """Another state of a job; its leaf is the caller's."""
        ...

    def release_job(self, number: int) -> None:
        """Let another worker have it at once."""
        ...

    def wait_again(self, number: int) -> None:
        """Let every item that was not done wait anew."""
        ...

    def record(self, act: Act, plant: Plant | None) -> int:
        """Append the act's leaf."""
        ...


class JobRegister(Protocol):
    """The register as jobs need it."""

    def read(self) -> AbstractContextManager[JobReads]:
        """Open a look."""
        ...

    def work(self) -> AbstractContextManager[JobWork]:
        """Open a writing transaction."""
        ...


class NoSuchJob(WrongUse):
    """There is no job of that number, or none that this person may see."""

    code = "no-such-job"
    text: ClassVar[Text] = Text(zh="没有编号为 {number} 的任务", en="There is no job {number}")


class JobOver(Refused):
    """A job that is over is not cancelled."""

    code = "job-over"
    text: ClassVar[Text] = Text(zh="任务 {number} 已结束", en="Job {number} is over")


class NotResumable(Refused):
    """The job is not over, or nothing of it is left."""

    code = "not-resumable"
    text: ClassVar[Text] = Text(
        zh="任务 {number} 尚未结束，或已全部完成，不能继续", en="Job {number} goes on, or nothing of it is left"
    )


class NotYourJob(Refused):
    """A job acts by the rights of whoever asked for it: nobody else leads it on."""

    code = "not-your-job"
    text: ClassVar[Text] = Text(zh="任务 {number} 由 {name} 提出，只能由其办理", en="Job {number} is {name}'s to lead")


class LostJob(CannotDecide):
    """Another worker has taken the job over meanwhile; what this one was about to keep is dropped."""

    code = "lost-job"
    text: ClassVar[Text] = Text(zh="任务 {number} 已由其他进程接手", en="Another worker has taken job {number} over")
