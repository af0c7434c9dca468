"""Kills the program at random moments and compares what it had acknowledged with what is kept.

Two clients work on one plant at once, through the real use cases: one imports its workbook again and again (each time
with other rows and corrections), one moves the mark day by day. Each writes a ledger of its own, synced after every
act that was acknowledged. Both are killed with SIGKILL: every other time at any moment, else right after one of them
has begun to write. Then the store must be sound (the deep check replays every manifest), hold every acknowledged act,
and know nothing of an act that is half there.

``python tests/torture/kill_loop.py --kills 200`` prints its figures as JSON; the exit code is 1 if anything was lost.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from compliance.adapters.example import generate, write
from compliance.adapters.fsck import fsck
from compliance.adapters.register import SqlRegister, open_register
from compliance.adapters.vault import FileVault
from compliance.adapters.work import SqlWork
from compliance.adapters.workbook import XlsxWorkbooks
from compliance.bootstrap.installation import OPERATOR, read_rules
from compliance.bootstrap.places import shipped
from compliance.bootstrap.usecases import vocabularies
from compliance.core.acts import Act
from compliance.core.imports import Admission, ChangedMeanwhile, ImportReport, RowGuard, import_workbook
from compliance.core.plants import Plant
from compliance.core.reconcile import Pulse, StillChanging
from compliance.kernel.clock import Clock

TODAY = date(2026, 3, 20)
CLIENTS = ("import", "reconcile")
#: Workbooks of the same plant: each ends a day later than the one before, so it adds rows and corrects others.
VARIANTS = 4
#: A moment anywhere in an act (seconds; at least as long as the first act took, which tells how busy the machine is),
#: and a moment in its writing.
ANYWHERE, WRITING = 0.5, 0.02
#: How many acts the moment anywhere lies behind, in turn; how long they may take, and how often they are looked for.
BEHIND, PATIENCE, LOOK = (1, 2, 0), 60.0, 0.005


@dataclass
class Scene:
    """What clients and checks work on."""

    folder: Path
    url: str | None
    rulebase: Any
    workbooks: list[Path]
    sabotage: bool = False
    plant: str = ""
    span: float = ANYWHERE

    def open(self) -> SqlRegister:
        """Open the register as a process of its own would."""
        return open_register(self.folder, self.url, Clock())

    @property
    def vault(self) -> FileVault:
        """The files."""
        return FileVault(self.folder / "vault")

    def bring(self, register: SqlRegister, number: int) -> ImportReport:
        """Import one of the workbooks."""
        report = import_workbook(
            self.workbooks[number % VARIANTS],
            register=register,
            vault=self.vault,
            workbooks=XlsxWorkbooks(),
            admits=Admission(vocabularies(self.rulebase), RowGuard(self.rulebase, TODAY)),
            actor=OPERATOR,
            today=TODAY,
            reason="更正",
            progress=lambda *_: None,
        )
        assert isinstance(report, ImportReport), report
        return report

    def pulse(self, register: SqlRegister) -> Pulse:
        """The pulse; the second engine adds nothing to what is written, so the plain one judges alone."""
        return Pulse(register, self.vault, self.rulebase, ())

    def ledger(self, name: str) -> Path:
        """Where a client notes what was acknowledged."""
        return self.folder / f"{name}.ledger"


# --- the clients -----------------------------------------------------------------------------------------------------


class Telling(SqlRegister):
    """A register that tells the parent when it begins to write."""

    tell: Callable[[], object]

    @contextmanager
    def work(self) -> Iterator[SqlWork]:
        """Open a writing transaction, and say so."""
        with super().work() as work:
            self.tell()
            yield work


def client(scene: Scene, name: str, number: int, pipe: int) -> None:
    """Act without end; never returns."""
    plain = scene.open()
    register = Telling(plain.database, Clock())
    register.tell = lambda: os.write(pipe, b"w")
    ledger = os.open(scene.ledger(name), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(**acknowledged: object) -> None:
        os.write(ledger, (json.dumps(acknowledged) + "\n").encode())
        os.fsync(ledger)

    act = _importing if name == "import" else _judging
    while True:
        number += 1
        # What is refused because the other client wrote meanwhile was never acknowledged.
        with suppress(StillChanging, ChangedMeanwhile):
            act(scene, register, number, note)


def _importing(scene: Scene, register: SqlRegister, number: int, note: Callable[..., None]) -> None:
    note(seq=scene.bring(register, number).seq)


def _judging(scene: Scene, register: SqlRegister, _: int, note: Callable[..., None]) -> None:
    with register.read() as look:
        plant = look.plant(scene.plant)
    assert plant is not None
    day = plant.mark + timedelta(days=1) if plant.mark else TODAY
    if scene.sabotage:  # a word given before it is true
        note(mark=day.isoformat())
    scene.pulse(register).reconcile(plant, day)
    note(mark=day.isoformat())


def _start(scene: Scene, name: str, number: int, pipe: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        client(scene, name, number, pipe)
    except BaseException as error:  # noqa: BLE001 - a client that fails is a finding, not a crash of the loop
        (scene.folder / f"{name}.failed").write_text(repr(error), encoding="utf-8")
    finally:
        os._exit(1)


def _noted(scene: Scene) -> int:
    return sum(len(acknowledged(scene, name)) for name in CLIENTS)


def _behind(scene: Scene, acts: int) -> None:
    """Wait until so many acts are acknowledged, however busy the machine is."""
    until = time.monotonic() + PATIENCE
    while _noted(scene) < acts and time.monotonic() < until:
        time.sleep(LOOK)


def strike(scene: Scene, rng: random.Random, number: int) -> str:
    """Let the clients act and kill them at a moment; return where they were."""
    before = _noted(scene)
    ours, theirs = os.pipe()
    pids = [_start(scene, name, number, theirs) for name in CLIENTS]
    os.close(theirs)
    where = "anywhere"
    if number % 2:
        told, _, _ = select.select([ours], [], [], 30)
        where = "writing" if told and os.read(ours, 1) else "nowhere"
        time.sleep(rng.uniform(0, WRITING))
    else:
        _behind(scene, before + BEHIND[number // 2 % len(BEHIND) - 1])
        time.sleep(rng.uniform(0.005, scene.span))
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for pid in pids:
        os.waitpid(pid, 0)
    os.close(ours)
    return where


# --- the checks ------------------------------------------------------------------------------------------------------


@dataclass
class Figures:
    """What came of it."""

    kills: int = 0
    writing: int = 0
    acknowledged: int = 0
    imports: int = 0
    marks: int = 0
    unacknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    seconds: float = 0

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, half there or damaged."""
        return not (self.lost or self.half or self.alarms)


def acknowledged(scene: Scene, name: str) -> list[dict[str, Any]]:
    """What a client has noted; a line that the kill cut short was never acknowledged."""
    path = scene.ledger(name)
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in lines]


def compare(scene: Scene, figures: Figures, *, deep: bool) -> None:
    """Compare ledgers and register; look for half states and damage."""
    register = scene.open()
    try:
        report = fsck(register.database, scene.vault, deep=deep)
        figures.alarms += [f"{c.code}: {c.detail.en}" for c in report.checks if not c.ok]
        with register.database.read() as connection:
            entries = connection.execute(text("SELECT seq, kind FROM audit_entry WHERE log_id > 1"))
            kept = {entry.seq: str(entry.kind) for entry in entries}
        _compare_imports(scene, figures, register, kept)
        _compare_marks(scene, figures, register, kept)
        if deep:
            _judge_again(scene, figures, register)
    finally:
        register.close()
    for failed in scene.folder.glob("*.failed"):
        figures.alarms.append(f"{failed.stem} failed: {failed.read_text(encoding='utf-8')}")


def _compare_imports(scene: Scene, figures: Figures, register: SqlRegister, kept: dict[int, str]) -> None:
    noted = {n["seq"] for n in acknowledged(scene, "import") if n["seq"] is not None}
    there = {seq for seq, kind in kept.items() if kind == "plant:import"}
    figures.lost += [f"import {seq}" for seq in sorted(noted - there)]
    figures.imports = len(there)
    with register.database.read() as connection:
        batches = connection.scalar(text("SELECT count(*) FROM import_batch"))
    if batches != len(there):
        figures.half.append(f"{batches} imports, {len(there)} leaves")


def _compare_marks(scene: Scene, figures: Figures, register: SqlRegister, kept: dict[int, str]) -> None:
    noted = [date.fromisoformat(n["mark"]) for n in acknowledged(scene, "reconcile")]
    with register.read() as look:
        plant = look.plant(scene.plant)
        assert plant is not None
        numbers = sorted(n.number for n in look.nonconformities(plant))
        tickets = {f.nonconformity for f in look.findings(plant)}
    if noted and (plant.mark is None or plant.mark < max(noted)):
        figures.lost.append(f"mark {max(noted)}, found {plant.mark}")
    figures.marks = sum(kind == "plant:reconcile" for kind in kept.values())
    days = (plant.mark - TODAY).days + 1 if plant.mark else 0
    if figures.marks < days:
        figures.half.append(f"the mark went {days} days, {figures.marks} leaves")
    series = [int(n.rsplit("-", 1)[1]) for n in numbers]
    if sorted(series) != list(range(1, len(series) + 1)):
        figures.half.append(f"numbers {numbers}")
    if not tickets <= set(numbers):
        figures.half.append(f"findings without ticket: {tickets - set(numbers)}")
    figures.acknowledged = len(noted) + len(acknowledged(scene, "import"))
    figures.unacknowledged = figures.marks - len(noted)


def _judge_again(scene: Scene, figures: Figures, register: SqlRegister) -> None:
    """What is stored is what judging concludes: a second pulse of the day settles it, a third finds nothing."""
    for turn in range(2):
        with register.read() as look:
            plant = look.plant(scene.plant)
        assert plant is not None
        day = plant.mark or TODAY
        before = _log_size(register, plant)
        scene.pulse(register).reconcile(plant, day)
        if turn and _log_size(register, plant) != before:
            figures.half.append(f"a second pulse of {day} wrote")


def _log_size(register: SqlRegister, plant: Plant) -> int:
    with register.read() as look:
        return look.version(plant)


# --- the loop --------------------------------------------------------------------------------------------------------


def prepare(folder: Path, url: str | None, *, sabotage: bool) -> Scene:
    """Make workbooks and a register with the plant in it."""
    paths = [folder / f"{n}.xlsx" for n in range(VARIANTS)]
    for n, path in enumerate(paths):
        write(generate(TODAY + timedelta(days=n), months=1, seed=7), path)
    scene = Scene(folder, url, read_rules(shipped("rules")), paths, sabotage=sabotage)
    register = scene.open()
    with register.work() as work:  # so that the group's log comes first
        work.activate_rules(scene.rulebase.digest)
        _record_group(work)
    begun = time.monotonic()
    scene.plant = scene.bring(register, 0).plant
    scene.span = max(ANYWHERE, time.monotonic() - begun)
    register.close()
    return scene


def _record_group(work: SqlWork) -> None:
    work.record(Act(actor=OPERATOR, action="rules:activate", object_type="rules", object_id="1"), None)


def run(scene: Scene, kills: int, seed: int, *, each: int = 10) -> Figures:
    """Kill and compare, again and again; every ``each`` kills the check is deep."""
    rng, figures, begun = random.Random(seed), Figures(), time.monotonic()
    for number in range(1, kills + 1):
        where = strike(scene, rng, number)
        figures.kills += 1
        figures.writing += where == "writing"
        compare(scene, figures, deep=number % each == 0 or number == kills)
        if not figures.sound:
            break
    figures.seconds = round(time.monotonic() - begun, 1)
    return figures


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", help="a PostgreSQL database that may be filled; the embedded one otherwise")
    parser.add_argument("--sabotage", action="store_true", help="acknowledge too early: the loop must notice")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        figures = run(prepare(Path(folder), args.url, sabotage=args.sabotage), args.kills, args.seed)
    print(json.dumps(vars(figures), ensure_ascii=False))
    return 0 if figures.sound else 1


if __name__ == "__main__":
    sys.exit(main())
