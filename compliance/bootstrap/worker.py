"""The worker: one tick a minute finds what is due and does it once, however many workers run.

APScheduler is a clock here, no more: what is due follows from the plants' marks, and a row with a unique key claims
each run. A missed day is caught up from the data.
"""

from __future__ import annotations

import logging
import os
import signal
from datetime import date
from pathlib import Path
from types import FrameType

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger

from compliance.bootstrap.documents import desk, watch
from compliance.bootstrap.installation import Installation, build
from compliance.bootstrap.jobs import Hands
from compliance.bootstrap.notices import send_mail
from compliance.bootstrap.searching import keep_index
from compliance.bootstrap.usecases import pulse
from compliance.core.acts import PULSE
from compliance.core.cases.files import clear_away
from compliance.core.documents.standing import come_into_force
from compliance.core.plants import Plant
from compliance.kernel.errors import CannotDecide, ComplianceError

_LOG = logging.getLogger(__name__)
_RECONCILE = "reconcile"
#: Seconds between ticks.
TICK = 60
#: Minutes within which one worker alone tries a plant.
RETRY = 10


def run_worker(data: Path, today: date | None) -> None:
    """Tick until told to end."""
    installation = build(data, None, today)
    scheduler = BlockingScheduler(timezone=installation.clock.zone)
    scheduler.add_job(
        tick,
        IntervalTrigger(seconds=TICK, timezone=installation.clock.zone),
        args=[installation],
        id="tick",
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
        next_run_time=installation.clock.now(),
    )

    hands = Hands(installation)

    def end(_signal: int, _frame: FrameType | None) -> None:
        hands.end()
        if scheduler.running:
            scheduler.shutdown(wait=False)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    try:
        hands.start()
        scheduler.start()
    finally:
        hands.stop()
        installation.close()


def tick(installation: Installation) -> int:
    """Do what is due now; how many plants were reconciled."""
    today = installation.clock.today()
    installation.current_rules(surely=True)
    with installation.register.read() as reads:
        due = [plant for plant in reads.plants() if plant.mark is None or plant.mark < today]
    done = sum(_reconcile(installation, plant, today) for plant in due)
    _clear_away(installation)
    _make_documents(installation)
    _send_mail(installation)
    keep_index(installation)
    return done


def _clear_away(installation: Installation) -> None:
    gone = clear_away(installation.register, installation.vault, installation.clock.now())
    if gone:
        _LOG.info("%d files that no step used are gone", gone)


def _make_documents(installation: Installation) -> None:
    """Open and draft what is wanted; make the pages of what was issued. What fails is tried again."""
    with installation.register.read() as reads:
        plants = reads.plants()
    at = desk(installation)
    for plant in plants:
        for name in at.open_due(plant, PULSE):
            _LOG.info("document %s of %s opened", name, plant.key)
        for name in come_into_force(at, plant, PULSE):
            _LOG.info("document %s of %s: the version in force, or its day of review, is kept", name, plant.key)
        drafts, pages = at.draft_missing(plant, PULSE), at.pages_missing(plant, PULSE)
        for name in (*drafts.done, *pages.done):
            _LOG.info("document %s of %s", name, plant.key)
        for name, error in (*drafts.failed.items(), *pages.failed.items()):
            _LOG.warning("document %s of %s: %s", name, plant.key, error)
        _compare(installation, plant)


def _compare(installation: Installation, plant: Plant) -> None:
    """Compare the documents in force of a plant with today; what cannot be compared is tried again."""
    try:
        found = watch(installation).check(plant)
    except ComplianceError as error:
        _LOG.warning("documents in force of %s: %s", plant.key, error)
        return
    for one in found:
        if one.stale and one.since == installation.clock.today():
            _LOG.info("document %s of %s is stale", one.number, plant.key)


def _send_mail(installation: Installation) -> None:
    try:
        sent = send_mail(installation, _name())
    except CannotDecide:
        _LOG.exception("mail")
        return
    if sent.sent or sent.failed or sent.waiting:
        _LOG.info("mail: %d sent, %d refused%s", sent.sent, sent.failed, ", more is waiting" if sent.waiting else "")


def _reconcile(installation: Installation, plant: Plant, today: date) -> bool:
    now = installation.clock.now()
    # A run that failed or died is tried again in the next slot; the plant's mark makes its effect happen once.
    slot = now.replace(minute=now.minute - now.minute % RETRY, second=0, microsecond=0).isoformat()
    job = f"{_RECONCILE}/{plant.key}/{today}"
    with installation.register.work() as work:
        claimed = work.claim_run(job, slot, _name())
    if not claimed:
        return False
    try:
        done = pulse(installation).reconcile(plant, today)
    except CannotDecide:
        _LOG.exception("reconcile %s", plant.key)
        return False
    with installation.register.work() as work:
        work.finish_run(job, slot)
    _LOG.info("reconciled %s to %s: +%d -%d", plant.key, done.end, done.opened, done.closed)
    return True


def _name() -> str:
    """What this process claims runs and mails under."""
    return f"worker-{os.getpid()}"
