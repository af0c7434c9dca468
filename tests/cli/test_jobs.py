"""Jobs on a real register: each item kept once, whoever cancels, dies or takes over; and sets of documents by them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import psutil
import pytest

from compliance.adapters.trail import moment
from compliance.bootstrap.installation import OPERATOR, Installation, opened
from compliance.bootstrap.jobs import Hands, batches, runner
from compliance.bootstrap.usecases import jobs_of
from compliance.core.acts import Act, Actor
from compliance.core.documents.batches import KIND, NoSuchPeriod, NothingInSet, files_of, zip_of
from compliance.core.duties import MayNotTake
from compliance.core.jobs import (
    CANCELLED,
    CANCELLING,
    DONE,
    FAILED,
    LEASE,
    MOST_ATTEMPTS,
    REFUSED,
    WAITING,
    Job,
    JobItem,
    JobOver,
    Keep,
    NotResumable,
    NotYourJob,
    Runner,
)
from compliance.core.plants import Plant
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text
from tests.cli.conftest import MOMENT, TODAY, Cli
from tests.cli.test_all_documents import author_of

ASKER = Actor("somebody", "某人", "officer", "session")
MONTH = "2026-05"
PATIENCE = 120


@dataclass
class Counting:
    """Counts what is done; some items are bad, some do something on the way."""

    done: list[str] = field(default_factory=list)
    bad: Mapping[str, Exception] = field(default_factory=dict)
    on_the_way: Callable[[str], object] = lambda _name: None
    by: str = ""

    def do(self, _job: Job, item: JobItem, _keep: Keep) -> Mapping[str, str] | None:
        self.on_the_way(item.name)
        if item.name in self.bad:
            raise self.bad[item.name]
        self.done.append(item.name)
        return {"object": item.name, "by": self.by}


@dataclass
class Yard:
    """Where jobs are asked for and done."""

    installation: Installation
    now: datetime = MOMENT

    @property
    def plant(self) -> Plant:
        with self.installation.register.read() as reads:
            return reads.plants()[0]

    def ask(self, *names: str, actor: Actor = ASKER) -> Job:
        items = [
            JobItem(place=n, plant=self.plant.key, name=x, about="", title=Text(x, x)) for n, x in enumerate(names)
        ]
        return jobs_of(self.installation).ask(actor, "counting", self.plant, {"n": " ".join(names)}, items)

    def runner(self, kind: Counting, worker: str = "one") -> Runner:
        return Runner(
            self.installation.register,
            {"counting": kind},
            worker,
            lambda: self.now,
            lambda at: moment(at.astimezone(UTC)),
        )

    def job(self, number: int) -> Job:
        with self.installation.register.read() as reads:
            found = reads.job(number)
        assert found is not None
        return found

    def items(self, number: int) -> list[str]:
        with self.installation.register.read() as reads:
            return [item.state for item in reads.job_items(number)]


@pytest.fixture
def yard(own: Cli) -> Iterator[Yard]:
    with opened(own.folder) as installation:
        yield Yard(installation)


# ------------------------------------------------------------------------------------- one by one


def test_one_bad_item_does_not_stop_the_others(yard: Yard) -> None:
    kind = Counting(bad={"b": Refused(), "c": RuntimeError("broken")})
    job = yard.ask("a", "b", "c", "d")
    hands = yard.runner(kind)
    steps = 0
    while hands.step():
        steps += 1
    assert steps == 5  # one an item, and one that finds nothing left
    assert kind.done == ["a", "d"]
    assert yard.items(job.id) == [DONE, REFUSED, FAILED, DONE]
    ended = yard.job(job.id)
    assert (ended.state, ended.done, ended.failed, ended.ended is None) == (DONE, 2, 2, False)


def test_a_job_that_is_open_is_not_asked_for_twice(yard: Yard, own: Cli) -> None:
    first = yard.ask("a")
    before = own.count("audit_entry")
    assert yard.ask("a").id == first.id
    assert own.count("audit_entry") == before
    assert yard.ask("b").id != first.id


def test_a_job_ends_before_its_next_item_and_the_rest_is_done_once_it_is_resumed(yard: Yard, own: Cli) -> None:
    jobs = jobs_of(yard.installation)
    job = yard.ask("a", "b", "c")
    seen: list[str] = []

    def cancel(name: str) -> None:
        if name == "b" and not seen:
            jobs.cancel(ASKER, job.id)
            seen.append(yard.job(job.id).state)

    kind = Counting(on_the_way=cancel)
    hands = yard.runner(kind)
    while hands.step():
        pass
    assert seen == [CANCELLING]  # it shows at once
    assert kind.done == ["a", "b"]  # what was begun is ended
    assert yard.job(job.id).state == CANCELLED
    with pytest.raises(JobOver):
        jobs.cancel(ASKER, job.id)
    jobs.resume(ASKER, job.id)
    while hands.step():
        pass
    assert kind.done == ["a", "b", "c"]
    with pytest.raises(NotResumable):
        jobs.resume(ASKER, job.id)
    assert own("fsck").code == 0


def test_a_job_that_waits_is_over_as_soon_as_it_is_cancelled(yard: Yard) -> None:
    job = yard.ask("a")
    assert jobs_of(yard.installation).cancel(ASKER, job.id).state == CANCELLED
    kind = Counting()
    assert not yard.runner(kind).step()
    assert kind.done == []


def test_only_who_asked_leads_a_job_on(yard: Yard) -> None:
    jobs, other = jobs_of(yard.installation), Actor("other", "别人", "officer", "session")
    job = yard.ask("a")
    with pytest.raises(NotYourJob):
        jobs.cancel(other, job.id)
    assert yard.job(job.id).state == WAITING
    jobs.cancel(other, job.id, anyones=True)
    with pytest.raises(NotYourJob):
        jobs.resume(other, job.id)


def test_two_workers_never_have_one_job_and_the_second_takes_over_from_a_dead_one(yard: Yard) -> None:
    job = yard.ask("a", "b")
    taken_over: list[bool] = []
    second = Counting(by="two")

    def meanwhile(name: str) -> None:
        if name != "a" or taken_over:
            return
        taken_over.append(yard.runner(second, "two").step())  # the first one is at it
        yard.now += LEASE + timedelta(seconds=1)
        taken_over.append(yard.runner(second, "two").step())  # it was not heard of for too long

    first = Counting(on_the_way=meanwhile, by="one")
    assert yard.runner(first, "one").step()
    assert taken_over == [False, True]
    assert second.done == ["a"]
    assert yard.items(job.id) == [DONE, WAITING]
    assert yard.job(job.id).done == 1
    with yard.installation.register.read() as reads:
        assert reads.job_items(job.id)[0].result["by"] == "two"  # what the first one came to was not kept


def test_an_item_that_kills_its_worker_is_given_up(yard: Yard) -> None:
    job = yard.ask("a", "b")

    class Killed(BaseException):
        """The process is gone."""

    def killed(name: str) -> None:
        if name == "a":
            raise Killed

    kind = Counting(on_the_way=killed)
    for n in range(MOST_ATTEMPTS):
        with pytest.raises(Killed):
            yard.runner(kind, f"worker {n}").step()
        yard.now += LEASE + timedelta(seconds=1)
    hands = yard.runner(kind, "last")
    while hands.step():
        pass
    assert kind.done == ["b"]
    assert yard.items(job.id) == [FAILED, DONE]


def test_jobs_of_a_dead_process_are_free_at_once_and_those_of_a_living_one_are_not(yard: Yard) -> None:
    job = yard.ask("a")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    hands = Hands(yard.installation)
    host = hands.name.partition("/")[0]
    for worker, left in ((f"{host}/{gone.pid}/0000", None), (f"{host}/1/0000", f"{host}/1/0000"), ("x/1/0", "x/1/0")):
        with yard.installation.register.work() as work:
            work.release_job(job.id)
            assert work.claim_job(job.id, worker, moment(MOMENT), moment(MOMENT - LEASE))
        hands._free_the_dead()
        assert yard.job(job.id).worker == left


# ------------------------------------------------------------------------------ sets of documents


@pytest.fixture
def author(own: Cli, demo_workspace: Path) -> str:
    return author_of(own, demo_workspace).who[1]


def the_actor(login: str) -> Actor:
    return Actor(login, login, "officer", "session")


def finish(installation: Installation) -> None:
    hands = runner(installation, "test")
    while hands.step():
        pass


def test_the_set_of_a_month_is_opened_drafted_and_drafted_anew(
    yard: Yard, own: Cli, author: str, tmp_path: Path
) -> None:
    installation, plants = yard.installation, [yard.plant]
    sets = batches(installation)
    job = sets.ask(author, plants, MONTH, pages=False, actor=the_actor(author))
    assert job.kind == KIND
    finish(installation)
    ended = yard.job(job.id)
    assert (ended.state, ended.done, ended.failed) == (DONE, job.of, 0)
    with installation.register.read() as reads:
        items = reads.job_items(job.id)
    assert {item.about for item in items} == {MONTH}
    documents = own.count("document")
    packed = files_of(items, lambda state: {"draft": "草稿"}[state])
    archive = tmp_path / "set.zip"
    archive.write_bytes(b"".join(zip_of(packed, sets.desk.read)))
    with ZipFile(archive) as opened_zip:
        assert opened_zip.testzip() is None
        assert len(opened_zip.namelist()) == job.of
        assert all(name.endswith("_草稿.docx") for name in opened_zip.namelist())
    again = sets.ask(author, plants, MONTH, pages=False, actor=the_actor(author))
    assert again.id != job.id
    finish(installation)
    assert yard.job(again.id).done == job.of
    assert own.count("document") == documents  # no second number
    assert own("fsck").code == 0


def test_pages_are_made_and_kept_where_they_are_asked_for(yard: Yard, own: Cli, author: str) -> None:
    sets = batches(yard.installation)
    sets = replace(sets, desk=replace(sets.desk, pages=lambda file: b"%PDF-" + file[:8]))
    job = sets.ask(author, [yard.plant], MONTH, pages=True, actor=the_actor(author))
    hands = replace(runner(yard.installation, "test"), kinds={KIND: sets})
    while hands.step():
        pass
    with yard.installation.register.read() as reads:
        items = reads.job_items(job.id)
    assert all(sets.desk.read(item.result["pdf"]).startswith(b"%PDF-") for item in items)
    names = [one.name for one in files_of(items, lambda _state: "草稿")]
    assert sum(name.endswith(".pdf") for name in names) == job.of == len(names) / 2
    assert own("fsck", "--deep").code == 0


def test_what_was_handed_in_stays_as_it_is(yard: Yard, author: str) -> None:
    installation = yard.installation
    sets = batches(installation)
    first = sets.ask(author, [yard.plant], MONTH, pages=False, actor=the_actor(author))
    finish(installation)
    with installation.register.read() as reads:
        item = reads.job_items(first.id)[0]
        version = sets.desk.find(reads, yard.plant, item.result["object"]).version
    with installation.register.work() as work:
        work.save_version(yard.plant, replace(version, state="submitted"))
        work.record(Act(actor=OPERATOR, action="document:submit", object_type="document", object_id="x"), yard.plant)
    again = sets.ask(author, [yard.plant], MONTH, pages=False, actor=the_actor(author))
    finish(installation)
    with installation.register.read() as reads:
        kept = reads.job_items(again.id)[0]
    assert kept.result == {"object": version.object_id, "kept": "submitted", "file": version.draft}


def test_a_right_that_ended_meanwhile_is_asked_again_at_each_item(yard: Yard, own: Cli, author: str) -> None:
    job = batches(yard.installation).ask(author, [yard.plant], MONTH, pages=False, actor=the_actor(author))
    before = own.count("document")
    assert own("user", "deactivate", author, "--reason", "离职").code == 0
    finish(yard.installation)
    assert set(yard.items(job.id)) == {REFUSED}
    assert own.count("document") == before


def test_who_may_write_none_of_it_is_refused_with_a_leaf(yard: Yard, own: Cli) -> None:
    before = own.count("audit_entry")
    with pytest.raises(MayNotTake):
        batches(yard.installation).ask("nobody", [yard.plant], MONTH, pages=False, actor=the_actor("nobody"))
    assert own.count("audit_entry") == before + 1
    assert own.count("job") == 0


@pytest.mark.parametrize(
    ("period", "refusal"), [("26", NoSuchPeriod), ("2026-13", NoSuchPeriod), ("1999-01", NothingInSet)]
)
def test_a_period_that_is_none_is_refused(yard: Yard, author: str, period: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        batches(yard.installation).ask(author, [yard.plant], period, pages=False, actor=the_actor(author))


@contextmanager
def working(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "compliance", "--data", str(folder), "worker", "--today", TODAY.isoformat()]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


def wait_for(process: subprocess.Popen[str], said: str) -> None:
    assert process.stderr is not None
    assert any(said in line for line in process.stderr), said


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_doubles_nothing(own: Cli, author: str) -> None:
    with opened(own.folder) as installation:
        plant = Yard(installation).plant
        job = batches(installation).ask(author, [plant], "2026", pages=False, actor=the_actor(author))
    with working(own.folder) as process:
        wait_for(process, f"job {job.id}, item 1: kept")
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()  # first: a worker that outlives its children takes note that their document failed
        for child in children:
            with suppress(psutil.NoSuchProcess):  # one that had just made its document
                child.kill()
    with opened(own.folder) as installation:
        left = Yard(installation).job(job.id)
        assert left.open
        assert 2 <= left.done < left.of
    with working(own.folder) as process:
        wait_for(process, f"job {job.id} is over")
    with opened(own.folder) as installation:
        ended = Yard(installation).job(job.id)
        assert (ended.state, ended.done, ended.failed) == (DONE, job.of, 0)
        with installation.register.read() as reads:
            items = reads.job_items(job.id)
        with installation.register.database.read() as connection:
            kept = connection.exec_driver_sql("SELECT rule, about, number FROM document").all()
            series = connection.exec_driver_sql("SELECT count(*), max(place) FROM document GROUP BY series").all()
    numbers = {(rule, about): number for rule, about, number in kept}
    assert len(numbers) == len(kept)
    assert [i.result["object"].partition("/")[0] for i in items] == [numbers[i.name, i.about] for i in items]
    assert len({count - last for count, last in series}) == 1  # no number is left out
    assert own("fsck", "--deep").code == 0


# ------------------------------------------------------------------------------------ commands


def test_commands_list_show_cancel_and_resume(yard: Yard, own: Cli) -> None:
    job = yard.ask("a", "b")
    assert [row["number"] for row in own("jobs", "list", "--json").json] == [job.id]
    shown = own("jobs", "show", job.id, "--json").json
    assert [item["state"] for item in shown["items"]] == [WAITING, WAITING]
    assert own("jobs", "cancel", job.id, "--json").json["state"] == CANCELLED
    assert own("jobs", "cancel", job.id).code == 2
    assert own("jobs", "resume", job.id, "--json").json["state"] == WAITING
    assert own("jobs", "show", 999).code == 2
    assert own("jobs", "list").code == 0
    assert own("jobs", "show", job.id).code == 0


def test_the_documents_of_a_month_are_written_for_every_plant(own: Cli, tmp_path: Path) -> None:
    answer = own("documents", "draft-all", "--month", MONTH, "--all", "--out", tmp_path, "--json")
    assert answer.code == 0, answer.err
    assert answer.json
    assert {row["about"] for row in answer.json if row["per"] == "month"} == {MONTH}
    assert not {row["per"] for row in answer.json} & {"plant", "year"}
    for row in answer.json:
        assert Path(row["file"]).parent.parent == tmp_path
        assert row["plant"]
    assert own("documents", "draft-all", "--month", "2026-13", "--out", tmp_path / "x").code == 2
    assert not (tmp_path / "x").exists()
