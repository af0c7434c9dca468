"""What is seen ahead is what later comes: the simulation of a day equals what pulses store when nothing changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from compliance.adapters.tables import metadata
from compliance.bootstrap.ahead import known_of
from compliance.bootstrap.installation import Installation
from compliance.bootstrap.usecases import pulse
from compliance.core.judged import OccurrenceState
from compliance.core.simulating import ACTIONS, Simulation, last_day, simulate
from tests.system.conftest import TODAY

IDLE = {OccurrenceState.NOT_APPLICABLE, OccurrenceState.NOT_RECORDED, OccurrenceState.WAIVED}


def simulated(installation: Installation, day: date = TODAY, months: int = 12) -> Simulation:
    until = last_day(day, months)
    return simulate(known_of(installation, None, day, until, installation.rulebase), installation.rulebase, day, until)


def stored_open(installation: Installation, since: date, until: date) -> set[tuple[tuple[str, str, str], date]]:
    with installation.register.read() as reads:
        plant = reads.plants()[0]
        return {
            (o.key, o.due) for o in reads.occurrences(plant)
            if since <= o.due <= until and o.done_on is None and o.state not in IDLE
        }  # fmt: skip


@pytest.mark.parametrize("later", [1, 8])
def test_what_is_seen_ahead_is_what_later_pulses_store(installation: Installation, later: int) -> None:
    found = simulated(installation)
    known = {(i.key, i.due) for i in found.items if not i.projected and not i.overdue and i.post != ACTIONS}
    with installation.register.read() as reads:
        plant = reads.plants()[0]
    pulse(installation).reconcile(plant, TODAY + timedelta(days=later))
    assert known == stored_open(installation, TODAY, found.until)
    assert len(known) > 300
    # Late in the span everything is there as well: nothing that comes was left out, nothing was made up.
    again = simulated(installation, TODAY + timedelta(days=later))
    assert {
        (i.key, i.due) for i in again.items if i.due <= found.until and not i.projected and i.post != ACTIONS
    } >= known


def test_months_later_the_same_occurrences_are_made(installation: Installation) -> None:
    found = simulated(installation)
    for months in (3, 7, 11):
        day = last_day(TODAY, months) + timedelta(days=1)
        known = known_of(installation, None, day, found.until, installation.rulebase)
        made = {
            (o.key, o.due) for o in known.occurrences
            if TODAY <= o.due <= found.until and o.done_on is None and o.state not in IDLE
        }  # fmt: skip
        seen = {(i.key, i.due) for i in found.items if not i.projected and not i.overdue and i.post != ACTIONS}
        assert seen == made


def test_looking_ahead_stores_nothing(installation: Installation) -> None:
    def rows() -> dict[str, int]:
        with installation.register.database.read() as connection:
            return {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in metadata.tables.items()
            }

    before = rows()
    simulated(installation)
    assert rows() == before
