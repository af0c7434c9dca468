"""Accepted evidence is seen by the calendar, the findings and every later day, and by no earlier one."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from compliance.adapters.lists import SqlLists
from compliance.adapters.tables import sheets
from compliance.bootstrap.installation import Installation, build, read_rules
from compliance.bootstrap.usecases import casework, check_store, enter_row, pulse
from compliance.core.acts import PULSE, Act
from compliance.core.cases import OCCURRENCE, CaseKey, CaseRow, Wish
from compliance.core.duties import person_of
from compliance.core.imports import Entry, ImportReport
from compliance.core.judged import Occurrence, OccurrenceState
from compliance.core.lists import LeafQuery, OccurrenceQuery
from compliance.core.looking import judge_as_of
from compliance.core.model import PersonPeriod, Review
from compliance.core.people import People
from compliance.core.plants import Plant
from compliance.core.reconcile import Pulse, StillChanging
from tests.conftest import ROOT
from tests.sign_ins import sign_in
from tests.system.conftest import TODAY

FILED, LATE = date(2026, 6, 9), date(2026, 6, 12)


@pytest.fixture(scope="module")
def _judged(_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example plant, judged up to TODAY."""
    folder = tmp_path_factory.mktemp("judged") / "workspace"
    shutil.copytree(_made, folder)
    installation = build(folder, None, TODAY)
    try:
        pulse(installation).reconcile(the_plant(installation), TODAY)
    finally:
        installation.close()
    return folder


@pytest.fixture
def judged(_judged: Path, tmp_path: Path) -> Iterator[Installation]:
    folder = tmp_path / "workspace"
    shutil.copytree(_judged, folder)
    opened = build(folder, None, TODAY)
    yield opened
    opened.close()


def the_plant(installation: Installation) -> Plant:
    with installation.register.read() as reads:
        return reads.plants()[0]


def step(
    at: Installation, key: CaseKey, account: str, name: str, day: date | None = None, role: str = "compliance-officer"
) -> CaseRow:
    plant = the_plant(at)
    with at.register.read() as reads:
        periods = [p for p in reads.tables(plant, [PersonPeriod])[PersonPeriod] if isinstance(p, PersonPeriod)]
    login = f"{account}.{role}"
    sign_in(at.register, plant, login, account, role)
    who = person_of(login, account, account, frozenset({role}), People(periods), at.rulebase, TODAY)
    files = (at.vault.put(io.BytesIO(b"%PDF"), name="证据.pdf", media_type="application/pdf"),) if day else ()
    values = {"evidence_day": day.isoformat()} if day else {"reason": "再核"}
    return casework(at).take(plant, who, Wish(key, name, values, files), signed=True)


def accept(at: Installation, key: CaseKey, day: date, approver: str | None) -> CaseRow:
    row = step(at, key, "U004", "submit", day)
    if approver is None:
        return step(at, key, "U005", "accept")
    step(at, key, "U005", "check")
    row = step(at, key, approver, "approve", role="department")
    assert row.state == "accepted"
    return row


def report(at: Installation) -> CaseKey:
    return CaseKey(OCCURRENCE, f"monthly-report/{the_plant(at).key}/2026-05")


def occurrence(at: Installation, key: CaseKey, as_of: date, until: date | None = None) -> Occurrence | None:
    """The occurrence as of any day, reckoned anew."""
    plant = the_plant(at)
    with at.register.read() as reads:
        tables, accepted = reads.tables(plant), reads.accepted(plant, OCCURRENCE)
    made = judge_as_of(plant, tables, at.rulebase, (), as_of, until, accepted).occurrences
    return next((o for o in made if "/".join(o.key) == key.object_id), None)


def standing(at: Installation, key: CaseKey, as_of: date) -> tuple[str, date | None]:
    found = occurrence(at, key, as_of)
    assert found is not None
    return found.state.value, found.done_on


def open_findings(at: Installation) -> set[tuple[str, str, str, str]]:
    with at.register.read() as reads:
        found = [f.found for f in reads.findings(the_plant(at)) if f.withdrawn is None]
    return {(f.situation, f.subject, f.period, f.note) for f in found}


def test_accepted_evidence_meets_the_duty_on_its_own_day_and_clears_the_finding(judged: Installation) -> None:
    key, late = report(judged), ("L-20a", "OB-M10", "2026-05", "open")
    assert standing(judged, key, TODAY) == ("overdue", None)
    before = open_findings(judged)
    assert late in before
    row = accept(judged, key, FILED, "U003")
    assert (row.done_on, row.settled) == (FILED, TODAY)
    assert standing(judged, key, TODAY) == ("done", FILED)
    # The act itself was followed by judging the plant anew; nothing else has moved.
    assert open_findings(judged) == before - {late}
    with judged.register.read() as reads:
        kept = reads.occurrence(the_plant(judged), *key.object_id.split("/"))
    assert kept is not None
    assert (kept.state.value, kept.done_on) == ("done", FILED)
    again = pulse(judged).reconcile(the_plant(judged), TODAY)
    assert (again.opened, again.closed) == (0, 0)
    assert check_store(judged, deep=True).ok


def test_late_evidence_is_done_late_and_the_finding_says_so(judged: Installation) -> None:
    key = report(judged)
    accept(judged, key, LATE, "U003")
    assert standing(judged, key, TODAY) == ("done-late", LATE)
    pulse(judged).reconcile(the_plant(judged), TODAY)
    notes = {
        note for situation, _, period, note in open_findings(judged) if (situation, period) == ("L-20a", "2026-05")
    }
    assert notes == {"late"}


def test_a_day_before_the_acceptance_knows_nothing_of_it(judged: Installation) -> None:
    key = report(judged)
    accept(judged, key, FILED, "U003")
    yesterday = TODAY - timedelta(days=1)
    assert standing(judged, key, yesterday) == ("overdue", None)
    assert standing(judged, key, FILED) == ("open", None)
    assert standing(judged, key, TODAY + timedelta(days=1)) == ("done", FILED)


@pytest.mark.parametrize(
    "steps", [["submit"], ["submit", "check"], ["submit", "return"], ["submit", "check", "return"]]
)
def test_evidence_that_is_not_accepted_meets_nothing(judged: Installation, steps: list[str]) -> None:
    key = report(judged)
    for name in steps:
        step(judged, key, "U004" if name == "submit" else "U005", name, FILED if name == "submit" else None)
    assert standing(judged, key, TODAY) == ("overdue", None)
    done = pulse(judged).reconcile(the_plant(judged), TODAY)
    assert (done.opened, done.closed) == (0, 0)


def test_the_day_of_the_submission_that_was_accepted_counts(judged: Installation) -> None:
    key = report(judged)
    step(judged, key, "U004", "submit", FILED)
    step(judged, key, "U005", "return")
    row = accept(judged, key, LATE, "U003")
    assert row.done_on == LATE


def test_an_obligation_without_approver_ends_with_the_check(judged: Installation) -> None:
    key = CaseKey(OCCURRENCE, "key-instrument-check/WM-K1-06/2026-05")
    row = accept(judged, key, date(2026, 5, 20), None)
    assert (row.state, row.done_on) == ("accepted", date(2026, 5, 20))
    assert standing(judged, key, TODAY) == ("done", date(2026, 5, 20))


def test_the_next_cycle_runs_from_the_accepted_day(judged: Installation) -> None:
    plant, held = the_plant(judged), date(2026, 6, 10)
    now = CaseKey(OCCURRENCE, f"management-review/{plant.key}/2026-06-21")
    following = CaseKey(OCCURRENCE, f"management-review/{plant.key}/{held.replace(year=2027)}")
    year = TODAY + timedelta(days=400)
    assert standing(judged, now, TODAY) == ("open", None)
    assert occurrence(judged, following, TODAY, year) is None
    accept(judged, now, held, "U001")
    assert standing(judged, now, TODAY) == ("done", held)
    found = occurrence(judged, following, TODAY, year)
    assert found is not None
    assert (found.state.value, found.due) == ("upcoming", held.replace(year=2027))
    pulse(judged).reconcile(plant, TODAY)
    assert check_store(judged, deep=True).ok


def test_a_worked_nonconformity_keeps_its_state_through_pulses(judged: Installation) -> None:
    plant = the_plant(judged)
    key = CaseKey("nonconformity", "NC-2026-0001")
    step(judged, key, "U004", "ask-withdrawal")
    pulse(judged).reconcile(plant, TODAY)
    with judged.register.read() as reads:
        ticket = reads.nonconformity(plant, key.object_id)
    assert ticket is not None
    assert ticket.state == "withdrawal-requested"
    assert check_store(judged, deep=False).ok


def test_the_step_and_what_follows_from_it_are_an_act_each(judged: Installation) -> None:
    key = report(judged)
    accept(judged, key, FILED, "U003")
    leaves = SqlLists(judged.register.database).trail(the_plant(judged), LeafQuery(limit=2)).rows
    assert [leaf.action for leaf in leaves] == ["plant:reconcile", "occurrence:approve"]


def test_the_act_stands_where_nothing_can_be_decided(judged: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    def undecided(*_: object, **__: object) -> None:
        raise StillChanging

    monkeypatch.setattr(Pulse, "reconcile", undecided)
    key = report(judged)
    assert accept(judged, key, FILED, "U003").state == "accepted"
    with judged.register.read() as reads:
        kept = reads.occurrence(the_plant(judged), *key.object_id.split("/"))
    assert kept is not None
    assert kept.state is OccurrenceState.OVERDUE


def test_an_entered_row_is_judged_at_once(judged: Installation) -> None:
    unchecked = next(f for f in sorted(open_findings(judged)) if f[0] == "L-11b")
    _, instrument, period, _ = unchecked
    check = {
        "number": "XY-9001",
        "instrument": instrument,
        "type": "月度校验",
        "on": f"{period}-28",
        "result": "合格",
    }
    report_ = enter_row(judged, the_plant(judged), Entry("instrument_check", check), PULSE)
    assert isinstance(report_, ImportReport)
    assert unchecked not in open_findings(judged)


def test_what_was_waived_is_not_overdue_and_nothing_is_found_against_it(judged: Installation, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    for file in (rules / "obligations").glob("*.toml"):
        text = file.read_text("utf-8")
        head, found, block = text.partition("[obligation.monthly-report]\n")
        if found:
            file.write_text(f"{head}{found}waivable = true\n{block}", "utf-8")
    lenient = replace(judged, rulebase=read_rules(rules), given=True)
    key, plant = report(judged), the_plant(judged)
    late = ("L-20a", "OB-M10", "2026-05", "open")
    assert late in open_findings(lenient)
    before = SqlLists(judged.register.database).counts(plant, TODAY, ())
    step(lenient, key, "U004", "ask-waiver")
    row = step(lenient, key, "U003", "waive", role="department")
    assert (row.state, row.done_on, row.settled) == ("waived", None, TODAY)
    assert standing(lenient, key, TODAY) == ("waived", None)
    assert standing(lenient, key, TODAY - timedelta(days=1)) == ("overdue", None)
    assert late not in open_findings(lenient)
    lists = SqlLists(judged.register.database)
    assert lists.counts(plant, TODAY, ()).overdue == before.overdue - 1
    waived = lists.occurrences(plant, OccurrenceQuery(states=(OccurrenceState.WAIVED,))).rows
    assert ["/".join(r.occurrence.key) for r in waived] == [key.object_id]


def test_the_case_of_the_first_cycle_stays_when_the_cycle_runs_from_its_acceptance(judged: Installation) -> None:
    plant = the_plant(judged)
    with judged.register.work() as work:
        work._change(delete(sheets[Review]).where(sheets[Review].c.plant_id == plant.id))
        work.record(Act(actor=PULSE, action="test", object_type="plant", object_id=plant.key), plant)
    pulse(judged).reconcile(plant, TODAY)
    with judged.register.read() as reads:
        first = next(o for o in reads.occurrences(plant) if o.obligation == "management-review")
    key = CaseKey(OCCURRENCE, "/".join(first.key))
    accept(judged, key, date(2026, 6, 10), "U001")
    with judged.register.read() as reads:
        kept = [o for o in reads.occurrences(plant) if o.obligation == "management-review"]
        looked = casework(judged).look(reads, plant, key)
    assert looked.view.state == "accepted"
    assert [(o.period, o.done_on) for o in kept] == [(first.period, date(2026, 6, 10)), ("2027-06-10", None)]
    assert kept[0].state in {OccurrenceState.DONE, OccurrenceState.DONE_LATE}
    again = pulse(judged).reconcile(plant, TODAY)
    assert (again.opened, again.closed) == (0, 0)
