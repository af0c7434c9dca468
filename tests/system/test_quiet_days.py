"""A quiet day changes exactly what judging in full would: two registers go through one history, one of them at rest."""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from compliance.adapters.example import example_plant, write
from compliance.adapters.tables import audit_entry, metadata
from compliance.adapters.work import SqlWork
from compliance.bootstrap.installation import OPERATOR, Installation, build, make_workspace
from compliance.bootstrap.usecases import check_store, import_file, pulse
from compliance.core.acts import Act
from compliance.core.cases import CaseKey, CaseRow, StoredStep, occurrence_key
from compliance.core.imports import ImportReport
from compliance.core.judged import NONCONFORMITY, OCCURRENCE
from compliance.core.judgement import EngineHealth
from compliance.core.model import SHEETS, PersonPeriod, Reading, Row
from compliance.core.notices import Choice
from compliance.core.people import Absence
from compliance.core.plants import Plant
from compliance.core.reconcile import Pulse, Reconciled
from compliance.kernel.text import Text
from compliance.rulebase.evaluator import Conclusion, Fact, JudgingRule, evaluate
from compliance.rulebase.schema import Workflow
from tests.system.conftest import TODAY
from tests.system.test_reconcile import refile, the_plant

pytestmark = pytest.mark.slow

#: More histories for who looks for one that fails.
HISTORIES = int(os.environ.get("HISTORIES", "6"))
STEPS = 12
#: Tables in which a difference would be one; moments and what rests on moments are left out.
_COMPARED = ("occurrence", "finding", "nonconformity", "notice", "number_series", "plant")

Edit = Callable[[SqlWork, Plant], None]


class Counting:
    """An engine that counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def evaluate(self, rules: Sequence[JudgingRule], facts: Sequence[Fact]) -> list[Conclusion]:
        self.asked += 1
        return evaluate(rules, facts)

    def health(self) -> EngineHealth:
        return EngineHealth(available=True, name="counting", version="1", message=Text("", ""))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quiet") / "workspace"
    make_workspace(folder, demo=True)
    book = folder.with_name("example.xlsx")
    write(example_plant(TODAY, months=8), book)
    installation = build(folder, None, TODAY)
    assert isinstance(import_file(installation, book, OPERATOR, None, lambda *_: None), ImportReport)
    installation.close()
    return folder


@pytest.fixture
def both(made: Path, tmp_path: Path) -> Iterator[tuple[Installation, Installation]]:
    """Two copies of one workspace."""
    copies = []
    for name in ("resting", "judging"):
        shutil.copytree(made, tmp_path / name)
        copies.append(build(tmp_path / name, None, TODAY))
    yield copies[0], copies[1]
    for copy in copies:
        copy.close()


def kept(installation: Installation) -> dict[str, list[Any]]:
    """All that a pulse may have written, leaves and the digests of their manifests among it."""
    with installation.register.database.read() as connection:
        found: dict[str, list[Any]] = {}
        for name in _COMPARED:
            table = metadata.tables[name]
            columns = [c for c in table.c if c.name not in ("next_try", "claimed_at")]
            found[name] = [tuple(row) for row in connection.execute(select(*columns).order_by(*table.primary_key))]
        leaves = connection.execute(select(audit_entry.c.leaf).order_by(audit_entry.c.log_id, audit_entry.c.seq))
        found["leaf"] = [{k: v for k, v in json.loads(leaf).items() if k != "at"} for (leaf,) in leaves]
    return found


def reconciled(
    both: tuple[Installation, Installation], day: date, engine: Counting, *, rules: Any = None
) -> tuple[Reconciled, Reconciled]:
    """Pulse both, one of them in full; what they store must be the same."""
    done = []
    for installation, full in zip(both, (False, True), strict=True):
        engines = () if full else (engine,)
        working = Pulse(installation.register, installation.vault, rules or installation.rulebase, engines)
        done.append(working.reconcile(the_plant(installation), day, full=full))
    resting, judging = (kept(one) for one in both)
    for name, rows in judging.items():
        assert resting[name] == rows, name
    return done[0], done[1]


# --- what happens to a plant -----------------------------------------------------------------------------------------


def edit_of(dice: random.Random, both: tuple[Installation, Installation], day: date) -> Edit:
    """Something that people or a workbook may do."""
    return dice.choice([moved_day, moved_day, moved_day, other_word, reading, settled, absence, weekly, action, post])(
        dice, both[0], day
    )


def rows_of(installation: Installation, kind: type[Row]) -> Sequence[Row]:
    with installation.register.read() as reads:
        return reads.tables(the_plant(installation), [kind])[kind]


def near(dice: random.Random, day: date) -> date:
    return day + timedelta(days=dice.choice([-400, -40, -9, -2, -1, 0, 1, 1, 2, 2, 3, 5, 9, 40, 500]))


def columns(kind: type[Row], wanted: type) -> list[str]:
    hinted = "date" if wanted is date else "str"
    return [f.name for f in fields(kind) if f.name not in kind.SHEET.key and str(f.type).startswith(hinted)]  # type: ignore[arg-type] # every row type is a dataclass


def changed(kind: type[Row], row: Row) -> Edit:
    return lambda work, plant: work.update_rows(plant, {kind: [row]})


def moved_day(dice: random.Random, installation: Installation, day: date) -> Edit:
    """A day of a row is another one, perhaps one that lies ahead, or is taken away."""
    kinds = [kind for kind in SHEETS if columns(kind, date) and rows_of(installation, kind)]
    kind = dice.choice(kinds)
    row = dice.choice(rows_of(installation, kind)[-12:])
    name = dice.choice(columns(kind, date))
    optional = "None" in str(next(f.type for f in fields(kind) if f.name == name))  # type: ignore[arg-type] # as above
    moved = None if optional and dice.random() < 0.2 else near(dice, day)
    return changed(kind, replace(row, **{name: moved}))  # type: ignore[type-var] # as above


def other_word(dice: random.Random, installation: Installation, day: date) -> Edit:
    """A cell has the word of another row."""
    kinds = [kind for kind in SHEETS if columns(kind, str) and len(rows_of(installation, kind)) > 1]
    kind = dice.choice(kinds)
    one, other = dice.sample(list(rows_of(installation, kind)), 2)
    name = dice.choice(columns(kind, str))
    return changed(kind, replace(one, **{name: getattr(other, name)}))  # type: ignore[type-var] # as above


def reading(dice: random.Random, installation: Installation, day: date) -> Edit:
    """A day's data come in, of this day or of one that lies ahead; the plant's data reach as far."""
    last = rows_of(installation, Reading)[-1]
    on = day + timedelta(days=dice.choice([0, 0, 1, 3]))
    if any(row.on == on for row in rows_of(installation, Reading) if isinstance(row, Reading)):
        on += timedelta(days=40 + dice.randrange(300))

    def enter(work: SqlWork, plant: Plant) -> None:
        work.insert_rows(plant, {Reading: [replace(last, on=on)]})  # type: ignore[type-var] # as above
        work.update_plant(replace(plant, data_end=max(plant.data_end, on)))

    return enter


def settled(dice: random.Random, installation: Installation, day: date) -> Edit:
    """A duty is met by evidence, or waived, on this day or (a clock that went ahead) on the next."""
    with installation.register.read() as reads:
        stored = [o for o in reads.occurrences(the_plant(installation)) if o.due < day + timedelta(days=60)]
    one = dice.choice(stored or list(reads_all(installation)))
    done = dice.choice([None, day, one.due, one.due + timedelta(days=2)])
    on = day + timedelta(days=dice.choice([0, 0, 0, 1, 2]))
    row = CaseRow(key=occurrence_key(one), state="accepted", done_on=done, settled=on)
    return lambda work, plant: work.save_case(plant, row)


def reads_all(installation: Installation) -> Sequence[Any]:
    with installation.register.read() as reads:
        return reads.occurrences(the_plant(installation))


def absence(dice: random.Random, installation: Installation, day: date) -> Edit:
    accounts = people(installation)
    absent, deputy = dice.sample(accounts, 2)
    since = near(dice, day)
    until = since + timedelta(days=dice.randrange(20))
    ended = dice.choice([None, None, since + timedelta(days=1)])
    said = {"reason": "x", "set_by": "x", "set_at": "2026-01-01", "ended_on": ended, "ended_by": "x" if ended else None}
    new = Absence(id=0, absent=absent, deputy=deputy, since=since, until=until, **said)  # type: ignore[arg-type] # of these

    def add(work: SqlWork, plant: Plant) -> None:
        work.add_absence(plant, new)

    return add


def weekly(dice: random.Random, installation: Installation, day: date) -> Edit:
    choice = Choice(dice.choice(people(installation)), None, weekly=dice.random() < 0.5)
    return lambda work, plant: work.save_choice(plant, choice)


def action(dice: random.Random, installation: Installation, day: date) -> Edit:
    """A step is taken on a nonconformity: its action has an owner and a day, or comes back to somebody."""
    with installation.register.read() as reads:
        tickets = reads.nonconformities(the_plant(installation))
        key = CaseKey(NONCONFORMITY, dice.choice(tickets).number)
        before = len(reads.case_steps(the_plant(installation), key))
    flow = next(w for w in installation.rulebase.of(Workflow) if w.applies_to == NONCONFORMITY)
    state, name = dice.choice(flow.states).id, dice.choice(flow.steps).id
    owner, taker = dice.sample(people(installation), 2)
    row = CaseRow(key=key, state=state, owner=owner, due=near(dice, day))
    said = {"login": "x", "name": "x", "posts": "", "at": f"{day}T08:00:00.000Z", "values": {}}
    step = StoredStep(seq=before + 1, step=name, state=state, account=taker, **said)  # type: ignore[arg-type] # of these

    def take(work: SqlWork, plant: Plant) -> None:
        work.save_case(plant, row)
        work.add_step(plant, key, step)

    return take


def post(dice: random.Random, installation: Installation, day: date) -> Edit:
    row = dice.choice(rows_of(installation, PersonPeriod))
    return changed(PersonPeriod, replace(row, until=near(dice, day)))  # type: ignore[type-var] # as above


def people(installation: Installation) -> list[str]:
    return sorted({p.account for p in rows_of(installation, PersonPeriod) if isinstance(p, PersonPeriod)})


def do(both: tuple[Installation, Installation], edit: Edit) -> None:
    """Do the same to both registers, as an act."""
    for installation in both:
        plant = the_plant(installation)
        with installation.register.work() as work:
            edit(work, plant)
            work.record(Act(actor=OPERATOR, action="plant:correct", object_type="plant", object_id=plant.key), plant)


# --- tests -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_a_day_at_rest_leaves_what_judging_in_full_leaves(both: tuple[Installation, Installation], seed: int) -> None:
    dice, day, engine, days = random.Random(seed), TODAY, Counting(), 0
    reconciled(both, day, engine)
    for _ in range(STEPS):
        for _ in range(dice.choice([0, 0, 1, 1, 2])):
            do(both, edit_of(dice, both, day))
        step = dice.choice([0, 1, 1, 1, 2, 4, 9])
        day, days = day + timedelta(days=step), days + max(step, 1)
        reconciled(both, day, engine)
    assert engine.asked < days


def test_days_without_a_change_are_not_judged(both: tuple[Installation, Installation]) -> None:
    engine, days = Counting(), 60
    for n in range(days):
        reconciled(both, TODAY + timedelta(days=n), engine)
    assert 2 <= engine.asked <= days / 3
    report = check_store(both[0], deep=True)
    assert report.ok, [c for c in report.checks if not c.ok]


def test_pulse_after_pulse_holds_on_to_nothing(both: tuple[Installation, Installation]) -> None:
    resting, _ = both
    counts = []
    for n in range(46):
        pulse = Pulse(resting.register, resting.vault, resting.rulebase, (Counting(),))
        pulse.reconcile(the_plant(resting), TODAY + timedelta(days=n), full=n % 15 == 0)
        if n in (15, 45):  # both judged in full: the tables, facts and findings of the plant are tens of thousands
            gc.collect()
            counts.append(len(gc.get_objects()))
    assert counts[1] - counts[0] < 1500


def test_a_quiet_day_asks_few_statements(both: tuple[Installation, Installation]) -> None:
    resting, judging = [], []
    for n in range(8):
        one, other = reconciled(both, TODAY + timedelta(days=n), Counting())
        resting.append(one.statements)
        judging.append(other.statements)
    assert min(resting) < min(judging) / 2


def test_what_was_written_ends_the_rest(both: tuple[Installation, Installation]) -> None:
    engine = Counting()
    for n in range(3):
        reconciled(both, TODAY + timedelta(days=n), engine)
    asked = engine.asked
    for installation in both:
        refile(installation, the_plant(installation), "2026-04", date(2026, 6, 14))
    reconciled(both, TODAY + timedelta(days=3), engine)
    assert engine.asked == asked + 1


def test_other_rules_end_the_rest(both: tuple[Installation, Installation]) -> None:
    engine = Counting()
    for n in range(3):
        reconciled(both, TODAY + timedelta(days=n), engine)
    asked = engine.asked
    other = replace(both[0].rulebase, files={**both[0].rulebase.files, "more.toml": ""})
    reconciled(both, TODAY + timedelta(days=3), engine, rules=other)
    assert engine.asked == asked + 1


def test_another_program_ends_the_rest(
    both: tuple[Installation, Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Counting()
    for n in range(3):
        reconciled(both, TODAY + timedelta(days=n), engine)
    asked = engine.asked
    monkeypatch.setattr("compliance.core.reconcile.program_digest", lambda: "another")
    reconciled(both, TODAY + timedelta(days=3), engine)
    assert engine.asked == asked + 1


def test_whoever_asks_has_everything_judged(both: tuple[Installation, Installation]) -> None:
    engine = Counting()
    for n in range(4):
        resting = both[0]
        working = Pulse(resting.register, resting.vault, resting.rulebase, (engine,))
        working.reconcile(the_plant(resting), TODAY + timedelta(days=n), full=True)
    assert engine.asked == 4
    pulse(resting).reconcile(the_plant(resting), TODAY + timedelta(days=4))
    with resting.register.read() as reads:
        assert reads.outlook(the_plant(resting)) is not None
        assert reads.accepted(the_plant(resting), OCCURRENCE) == {}
