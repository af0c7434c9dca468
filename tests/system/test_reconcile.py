"""The pulse on a real register: idempotent, day by day, never half, and silent when the engines disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from compliance.adapters.tables import metadata
from compliance.bootstrap.installation import OPERATOR, Installation
from compliance.bootstrap.usecases import check_store, pulse
from compliance.bootstrap.worker import tick
from compliance.core.acts import Act
from compliance.core.cases import NoWorkflow
from compliance.core.judged import StoredFinding
from compliance.core.judgement import EngineHealth, EnginesDisagree
from compliance.core.looking import judge_as_of
from compliance.core.model import Filing
from compliance.core.plants import Plant
from compliance.core.reconcile import Pulse, StillChanging
from compliance.kernel.text import Text
from compliance.rulebase.evaluator import Conclusion, Fact, JudgingRule
from compliance.rulebase.schema import Workflow
from tests.system.conftest import TODAY


def the_plant(installation: Installation) -> Plant:
    with installation.register.read() as reads:
        return reads.plants()[0]


def rows(installation: Installation) -> dict[str, int]:
    """How many rows every table holds."""
    with installation.register.database.read() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def stored(installation: Installation) -> Sequence[StoredFinding]:
    with installation.register.read() as reads:
        return reads.findings(the_plant(installation))


def test_a_pulse_stores_what_judging_concludes(installation: Installation) -> None:
    plant = the_plant(installation)
    done = pulse(installation).reconcile(plant, TODAY)
    with installation.register.read() as reads:
        tables = reads.tables(plant)
    judged = judge_as_of(plant, tables, installation.rulebase, (), TODAY)
    assert {f.found.key for f in stored(installation)} == {f.key for f in judged.findings}
    assert (done.start, done.end, done.opened, done.closed) == (TODAY, TODAY, len(judged.findings), 0)
    assert done.opened >= 8
    assert the_plant(installation).mark == TODAY


def test_every_finding_has_a_ticket_and_numbers_have_no_gap(installation: Installation) -> None:
    pulse(installation).reconcile(the_plant(installation), TODAY)
    with installation.register.read() as reads:
        tickets = reads.nonconformities(the_plant(installation))
    assert [t.number for t in tickets] == [f"NC-2026-{n:04d}" for n in range(1, len(tickets) + 1)]
    assert {t.state for t in tickets} == {"opened"}
    assert {f.nonconformity for f in stored(installation)} == {t.number for t in tickets}
    groups = {(f.found.rule, f.found.ticket) for f in stored(installation)}
    assert len(groups) == len(tickets)


def test_a_second_pulse_writes_no_row_and_no_leaf(installation: Installation) -> None:
    plant = the_plant(installation)
    pulse(installation).reconcile(plant, TODAY)
    before = rows(installation)
    again = pulse(installation).reconcile(the_plant(installation), TODAY)
    assert (again.opened, again.closed, again.tickets) == (0, 0, 0)
    assert rows(installation) == before


def test_a_day_before_the_mark_changes_nothing_and_says_so(installation: Installation) -> None:
    pulse(installation).reconcile(the_plant(installation), TODAY)
    before = rows(installation)
    done = pulse(installation).reconcile(the_plant(installation), TODAY - timedelta(days=1))
    assert (done.start, done.statements) == (None, 0)
    assert rows(installation) == before


def test_missed_days_are_caught_up_one_by_one(installation: Installation) -> None:
    pulse(installation).reconcile(the_plant(installation), TODAY)
    days: list[str] = []
    done = pulse(installation).reconcile(
        the_plant(installation), TODAY + timedelta(days=5), lambda _done, _of, day: days.append(day)
    )
    assert days == [(TODAY + timedelta(days=n)).isoformat() for n in range(1, 6)]
    assert (done.start, done.end) == (TODAY + timedelta(days=1), TODAY + timedelta(days=5))
    assert the_plant(installation).mark == TODAY + timedelta(days=5)


def test_one_day_issues_few_statements(installation: Installation) -> None:
    assert pulse(installation).reconcile(the_plant(installation), TODAY).statements <= 80


def test_what_is_mended_is_withdrawn_and_keeps_its_ticket(installation: Installation) -> None:
    plant = the_plant(installation)
    pulse(installation).reconcile(plant, TODAY)
    late = next(f for f in stored(installation) if f.found.situation == "L-20a" and f.found.note == "late")
    with installation.register.work() as work:
        filings = work.tables(plant, [Filing])[Filing]
        row = next(r for r in filings if isinstance(r, Filing) and r.period == late.found.period)
        work.update_rows(plant, {Filing: [replace(row, filed=date(2026, 1, 1))]})
        work.record(Act(actor=OPERATOR, action="plant:correct", object_type="plant", object_id=plant.key), plant)
    done = pulse(installation).reconcile(the_plant(installation), TODAY)
    mended = next(f for f in stored(installation) if f.id == late.id)
    assert done.closed >= 1
    assert (mended.withdrawn, mended.nonconformity) == (TODAY, late.nonconformity)


def refile(installation: Installation, plant: Plant, period: str, filed: date) -> None:
    """Correct the day of a monthly filing."""
    with installation.register.work() as work:
        filings = work.tables(plant, [Filing])[Filing]
        row = next(r for r in filings if isinstance(r, Filing) and (r.obligation, r.period) == ("OB-M10", period))
        work.update_rows(plant, {Filing: [replace(row, filed=filed)]})
        work.record(Act(actor=OPERATOR, action="plant:correct", object_type="plant", object_id=plant.key), plant)


def test_what_returns_after_its_ticket_was_closed_opens_a_new_one(installation: Installation) -> None:
    plant = the_plant(installation)
    pulse(installation).reconcile(plant, TODAY)
    late = next(f for f in stored(installation) if f.found.situation == "L-20a" and f.found.note == "late")
    with installation.register.read() as reads:
        ticket = next(t for t in reads.nonconformities(plant) if t.number == late.nonconformity)
        last = reads.nonconformities(plant)[-1].number
    refile(installation, plant, late.found.period, date(2026, 1, 1))
    pulse(installation).reconcile(the_plant(installation), TODAY)
    with installation.register.work() as work:
        work.save_nonconformities(plant, [replace(ticket, state="closed")])
        work.record(Act(actor=OPERATOR, action="x:y", object_type="plant", object_id=plant.key), plant)
    refile(installation, plant, late.found.period, date(2026, 6, 14))
    done = pulse(installation).reconcile(the_plant(installation), TODAY)
    again = next(f for f in stored(installation) if f.id == late.id)
    with installation.register.read() as reads:
        tickets = {t.number: t for t in reads.nonconformities(plant)}
    assert done.tickets == 1
    assert again.withdrawn is None
    assert again.nonconformity > last
    assert tickets[late.nonconformity].state == "closed"
    assert tickets[again.nonconformity].first_group == ticket.group
    before = rows(installation)
    pulse(installation).reconcile(the_plant(installation), TODAY)
    assert rows(installation) == before


def test_what_returns_while_its_ticket_is_open_joins_it(installation: Installation) -> None:
    plant = the_plant(installation)
    pulse(installation).reconcile(plant, TODAY)
    late = next(f for f in stored(installation) if f.found.situation == "L-20a" and f.found.note == "late")
    for day in (date(2026, 1, 1), date(2026, 6, 14)):
        refile(installation, plant, late.found.period, day)
        pulse(installation).reconcile(the_plant(installation), TODAY)
    again = next(f for f in stored(installation) if f.id == late.id)
    assert (again.withdrawn, again.nonconformity) == (None, late.nonconformity)


class Contrary:
    """An engine that concludes nothing."""

    def evaluate(self, rules: Sequence[JudgingRule], facts: Sequence[Fact]) -> list[Conclusion]:
        """Find nothing wrong."""
        del rules, facts
        return []

    def health(self) -> EngineHealth:
        """Claim to be well."""
        return EngineHealth(available=True, name="contrary", version="1", message=Text("", ""))


def test_engines_that_disagree_store_nothing(installation: Installation) -> None:
    before = rows(installation)
    contrary = Pulse(installation.register, installation.vault, installation.rulebase, (Contrary(),))
    with pytest.raises(EnginesDisagree):
        contrary.reconcile(the_plant(installation), TODAY)
    assert rows(installation) == before
    assert the_plant(installation).mark is None


def test_rules_without_a_workflow_store_nothing_and_say_what_to_do(installation: Installation) -> None:
    before = rows(installation)
    kept = tuple(rule for rule in installation.rulebase.rules if not isinstance(rule, Workflow))
    without = replace(installation.rulebase, rules=kept)
    with pytest.raises(NoWorkflow, match="rules activate"):
        Pulse(installation.register, installation.vault, without, ()).reconcile(the_plant(installation), TODAY)
    assert rows(installation) == before


class Meddling:
    """An engine during whose work somebody else changes the plant: once, or every time."""

    def __init__(self, installation: Installation, times: int) -> None:
        """Prepare to meddle."""
        self.installation, self.left, self.seen = installation, times, 0

    def evaluate(self, rules: Sequence[JudgingRule], facts: Sequence[Fact]) -> list[Conclusion]:
        """Judge rightly, while another writes."""
        self.seen += 1
        if self.left:
            self.left -= 1
            plant = the_plant(self.installation)
            with self.installation.register.work() as work:
                work.record(Act(actor=OPERATOR, action="x:y", object_type="plant", object_id=plant.key), plant)
        return self.installation.engine.evaluate(rules, facts)

    def health(self) -> EngineHealth:
        """Be well."""
        return self.installation.engine.health()


def test_a_change_during_judging_makes_the_day_be_judged_anew(installation: Installation) -> None:
    meddling = Meddling(installation, 1)
    done = Pulse(installation.register, installation.vault, installation.rulebase, (meddling,)).reconcile(
        the_plant(installation), TODAY
    )
    assert (meddling.seen, done.end) == (2, TODAY)


def test_endless_changes_store_nothing(installation: Installation) -> None:
    meddling = Meddling(installation, 99)
    with pytest.raises(StillChanging):
        Pulse(installation.register, installation.vault, installation.rulebase, (meddling,)).reconcile(
            the_plant(installation), TODAY
        )
    assert stored(installation) == []


def test_the_tick_reconciles_what_is_behind_and_then_rests(installation: Installation) -> None:
    assert tick(installation) == 1
    assert the_plant(installation).mark == TODAY
    assert tick(installation) == 0


def test_two_workers_in_one_slot_do_it_once(installation: Installation) -> None:
    plant = the_plant(installation)
    now = installation.clock.now()
    slot = now.replace(minute=now.minute - now.minute % 10, second=0, microsecond=0).isoformat()
    with installation.register.work() as work:
        assert work.claim_run(f"reconcile/{plant.key}/{TODAY}", slot, "another")
    assert tick(installation) == 0


def test_the_store_is_sound_after_pulses(installation: Installation) -> None:
    for days in range(3):
        pulse(installation).reconcile(the_plant(installation), TODAY + timedelta(days=days))
    report = check_store(installation, deep=True)
    assert report.ok, [c for c in report.checks if not c.ok]
