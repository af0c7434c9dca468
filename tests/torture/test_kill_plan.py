"""kill -9 of the worker while it plans changed rules: what it kept is whole, and the plan is that of one go."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING

import pytest

from compliance.adapters.example import generate, write
from compliance.adapters.fsck import fsck
from compliance.bootstrap.installation import OPERATOR, Installation, make_workspace, opened
from compliance.bootstrap.proposing import plan_of, planned_proposals, rules_named
from compliance.bootstrap.usecases import import_file, pulse
from compliance.core.accounts import NewUser, Role, Session, SignedIn, add_user
from compliance.core.jobs import DONE, MOST_ATTEMPTS, RUNNING, WAITING, Job, JobItem
from tests.conftest import ROOT
from tests.web.world import PlainPasswords

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance.core.proposals import PlannedProposals, Proposal
    from compliance.core.proposals.kept import PlanPart

pytestmark = pytest.mark.slow
TODAY, NOW = date(2026, 6, 15), datetime(2026, 6, 15, 4, 0, tzinfo=UTC)
#: More plants than are planned while somebody waits; and how often the worker is killed.
PLANTS, KILLS = 4, 7
#: The longest that a worker lives once it holds the job, and that anything may take (seconds).
WITHIN, PATIENCE = 0.6, 120.0
#: The change that is planned.
CHANGED, OLD, NEW = "findings/deadlines.toml", 'grade = "critical"', 'grade = "major"'


@dataclass
class Office:
    """An installation with several plants, and rules that somebody proposed."""

    folder: Path
    number: int = 0

    def proposal(self, installation: Installation) -> Proposal:
        with installation.register.read() as reads:
            found = reads.numbered_proposal(self.number)
        assert found is not None
        return found

    def state(self, installation: Installation) -> tuple[Job, Sequence[JobItem], Sequence[PlanPart]]:
        """The job that plans, its items, and the parts that are kept."""
        job = planning(installation).planning(self.proposal(installation))
        assert job is not None
        with installation.register.read() as reads:
            return job, reads.job_items(job.id), reads.plan_parts(self.number)


def planning(installation: Installation) -> PlannedProposals:
    return planned_proposals(installation)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return plants that are judged up to today, and a proposal whose plan nobody has made."""
    office = Office(tmp_path / "workspace")
    make_workspace(office.folder, demo=True)
    rules = tmp_path / "rules"
    _changed(rules)
    with opened(office.folder, today=TODAY) as installation:
        for seed in range(1, PLANTS + 1):
            write(generate(TODAY, months=4, seed=seed), tmp_path / "plant.xlsx")
            import_file(installation, tmp_path / "plant.xlsx", OPERATOR, None, lambda *_: None)
        with installation.register.read() as reads:
            plants = reads.plants()
        for plant in plants:
            pulse(installation).reconcile(plant, TODAY, lambda *_: None)
        new = NewUser("first", "甲", None, None, Role.COMPLIANCE_OFFICER, "a long password indeed")
        user = add_user(installation.register, PlainPasswords(), new, actor=OPERATOR, now=NOW)
        with installation.register.read() as reads:
            person = SignedIn(user, tuple(reads.memberships(user.id)), Session("s" * 16, user.id, NOW, NOW, NOW))
        made = planning(installation).put_forward(rules_named(installation, str(rules)), person, "分级调整")
        assert len(plants) == PLANTS
        assert made.plan == ""
        office.number = made.id
    return office


def _changed(rules: Path) -> None:
    """The shipped rules with one word changed."""
    copytree(ROOT / "rules", rules)
    text = (rules / CHANGED).read_text("utf-8")
    assert OLD in text
    (rules / CHANGED).write_text(text.replace(OLD, NEW, 1), "utf-8")


def working(folder: Path) -> subprocess.Popen[bytes]:
    """Start a worker with everything that it starts in a group of its own."""
    command = [sys.executable, "-m", "compliance", "--data", str(folder), "worker", "--today", TODAY.isoformat()]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=ROOT, start_new_session=True)


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)


def wait_for(office: Office, installation: Installation, process: subprocess.Popen[bytes]) -> bool:
    """Wait until this worker has the job in hand, at an item that was not killed too often; False: it is over."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        job, items, _parts = office.state(installation)
        if not job.open:
            return False
        item = next((one for one in items if one.state == WAITING), None)
        mine = job.worker is not None and f"/{process.pid}/" in job.worker
        if mine and item is not None and 0 < item.attempts < MOST_ATTEMPTS:
            return True
        time.sleep(0.02)
    raise AssertionError("the worker took nothing up")


def whole(office: Office, installation: Installation) -> int:
    """Nothing is half there: an item that is done has its part, and no other has one; how many are done."""
    job, items, parts = office.state(installation)
    assert job.state in {RUNNING, DONE}
    done = [item.plant for item in items[:PLANTS] if item.state == DONE]
    assert sorted(done) == sorted(part.plant for part in parts)
    assert {item.state for item in items} <= {WAITING, DONE}, "nothing failed"
    assert (office.proposal(installation).plan == "") is (items[-1].state != DONE)
    assert all(part.told for part in parts)
    assert fsck(installation.register.database, installation.vault, deep=False).ok
    return len(done)


def test_a_worker_that_is_killed_while_it_plans_leaves_whole_parts_and_the_next_goes_on(office: Office) -> None:
    rng, far, struck = random.Random(5), [0], 0
    with opened(office.folder, today=TODAY) as installation:
        for _ in range(KILLS):
            process = working(office.folder)
            try:
                inside = wait_for(office, installation, process)
                time.sleep(rng.uniform(0, WITHIN))
            finally:
                kill(process)
            struck += inside
            far.append(whole(office, installation))
            if not inside:
                break
        assert far == sorted(far), "what was kept is not made again"
        process = working(office.folder)
        try:
            while office.state(installation)[0].open:
                time.sleep(0.1)
        finally:
            kill(process)
        job, items, _parts = office.state(installation)
        assert whole(office, installation) == PLANTS
        assert (job.state, job.done, job.failed) == (DONE, PLANTS + 1, 0)
        assert struck >= 3, f"killed in hand: {struck}, parts kept: {far}"
        assert sum(item.attempts for item in items) > len(items), "some item was begun again"
        found = office.proposal(installation)
        rules = planning(installation).rules_of(found.digest)
        assert rules is not None
        assert found.plan == plan_of(installation, rules).digest
        with installation.register.database.read() as connection:
            leaves = Counter(k for (k,) in connection.exec_driver_sql("SELECT kind FROM audit_entry"))
        assert leaves["rules:replan"] == 1, leaves
        assert fsck(installation.register.database, installation.vault, deep=True).ok
