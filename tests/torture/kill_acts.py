"""Kills the web server while people hand in, sign, raise and issue, and compares what they were told with what is kept.

A real server (waitress, on loopback) is a process of its own. Clients work cases from their first step to their last by
HTTP, with files and signatures, raise nonconformities, and bring documents from draft to issue and withdrawal; a ticket
that is closed opens its document, which is drafted between two kills as the worker would. Each notes every answer that
acknowledged an act in a ledger of its own, synced before it goes on. The server is killed with SIGKILL, started again,
and so on. After every kill the store must be sound, hold every acknowledged step with its files, one leaf for each
step, numbers without gap, and an issued file for each version that was issued and for no other.

``python tests/torture/kill_acts.py --kills 200`` prints its figures as JSON; the exit code is 1 if anything was lost.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import os
import random
import re
import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from waitress.server import create_server
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from compliance.adapters.fsck import fsck
from compliance.adapters.register import SqlRegister, open_register
from compliance.core.cases import CaseKey, occurrence_key
from compliance.core.controlled import DOCUMENT, at_hand
from compliance.core.judged import NONCONFORMITY, OCCURRENCE, OccurrenceState
from tests.wall.stage import EVIDENCE, SET, Seed, Stage, files_of, path_to, set_up, waiving
from tests.web.world import ACTOR, PASSWORD, occurrence

if TYPE_CHECKING:
    from compliance.rulebase.schema import CaseStep, Workflow

CLIENTS = 3
#: Occurrences that may be worked; afterwards nonconformities alone.
MADE = 300
#: A way of opening that no case here has: what is opened by a ticket, three posts sign.
ALONE = "countersigned"
#: Documents that are drafted before it begins.
DRAFTED = 6
#: Every so many kills the server lives long enough to issue a document, whose file is rendered by a child process.
LONG, ISSUING = 3, 2.5
ISSUE = "issue"
#: The longest that a server lives, and the longest after a request has begun (seconds).
ANYWHERE, WITHIN = 0.4, 0.04
#: Every so many kills the check is deep.
DEEP = 10
RAISED = f"{NONCONFORMITY}:raise"
#: The people of the stage came by no import, so there is nothing to replay them from.
UNREPLAYED = "replay"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Part:
    """One step of a way: who takes it, with which values, and whether with a file."""

    step: CaseStep
    login: str
    values: dict[str, Any]
    files: str


@dataclass
class Case:
    """A case that a client works: how many steps of its way it has taken."""

    key: CaseKey
    address: str
    way: list[Part]
    taken: int = 0
    states: list[str] = field(default_factory=list)


@dataclass
class Scene:
    """What clients, server and checks share."""

    stage: Stage
    listening: socket.socket
    ways: dict[str, list[Part]]
    waiting: list[Case]
    cookies: dict[str, tuple[str, str]] = field(default_factory=dict)
    open: list[Case] = field(default_factory=list)
    sabotage: bool = False
    inside: int = 0
    began: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    #: Steps that were there before the clients began.
    before: int = 0

    @property
    def port(self) -> int:
        """Where the server listens."""
        return int(self.listening.getsockname()[1])

    def ledger(self, number: int) -> Path:
        """Where a client notes what was acknowledged."""
        return self.stage.folder / f"client-{number}.ledger"


# --- the scene -------------------------------------------------------------------------------------------------------


def prepare(folder: Path, *, sabotage: bool) -> Scene:
    """Make the workspace with its people, sign everybody in, and find a way through each workflow."""
    stage = set_up(folder / "workspace", waiving(folder))
    ways = {}
    for workflow in stage.workflows():
        ways[workflow.applies_to] = _way(stage, workflow)
    waiting = _occurrences(stage, ways[OCCURRENCE])
    drafted = next(seed for seed in stage.seeds(DOCUMENT) if seed.name == "drafted=True revision=False")
    documents = [Case(key, stage.page(key), ways[DOCUMENT]) for key in (drafted.make() for _ in range(DRAFTED))]
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)
    with stage.world.register.database.read() as connection:
        before = connection.execute(text("SELECT count(*) FROM case_step")).scalar_one()
    scene = Scene(stage, listening, ways, waiting, open=documents, sabotage=sabotage, before=before)
    for login in stage.omnis:
        browser = stage.at(login)
        cookie = "; ".join(f"{c.key}={c.value}" for c in (browser.client._cookies or {}).values())
        found = _TOKEN.search(browser.get("/profile").text)
        assert found is not None
        scene.cookies[login] = (cookie, found[1])
    stage.world.register.close()
    return scene


def _way(stage: Stage, workflow: Workflow) -> list[Part]:
    """The longest of the shortest ways to a last state, with the persons who took it once."""
    found: list[tuple[Seed, tuple[str, ...]]] = []
    for seed in reversed(stage.seeds(workflow.applies_to)):
        if seed.name == ALONE:
            continue
        for final in workflow.finals:
            path = path_to(workflow, seed, lambda v, final=final: v.state == final)  # type: ignore[misc] # bound at once
            found += [(seed, path)] if path else []
    seed, path = max(found, key=lambda one: len(one[1]))
    key = seed.make()
    parts = []
    for name in path:
        step = workflow.step(name)
        assert step is not None
        values = {k: v for k, v in stage.values(workflow, step, key).items() if isinstance(v, str)}
        parts.append(Part(step, stage.drive(key, name), values, files_of(workflow, step.needs)))
    return parts


def _occurrences(stage: Stage, way: list[Part]) -> list[Case]:
    """Occurrences that nobody has worked, of the duty by which the way was found."""
    needs_approver = any("has_approver" in p.step.when for p in way)
    rule = next(r for r in stage.rulebase.rules if getattr(r, "approver", None) and r.kind == "obligation")
    assert needs_approver
    made = [
        replace(
            occurrence(stage.world, stage.plant, 1),
            obligation=rule.id,
            owner=rule.owner,  # type: ignore[attr-defined] # it is an obligation
            approver=rule.approver,  # type: ignore[attr-defined] # as above
            rule_digest=rule.digest,
            period=f"{3000 + n}",
            state=OccurrenceState.OPEN,
        )
        for n in range(MADE)
    ]
    with stage.world.register.work() as work:
        work.save_occurrences(stage.plant, made, [])
        work.record(SET, stage.plant)
    return [Case(key, stage.page(key), way) for key in map(occurrence_key, made)]


# --- the server ------------------------------------------------------------------------------------------------------


def serve(scene: Scene) -> int:
    """Start the server in a process of its own."""
    pid = os.fork()
    if pid:
        return pid
    try:
        world = scene.stage.world
        register = open_register(scene.stage.folder / "records", None, world.clock)
        app = replace(world, register=register).app()
        app.testing = False
        create_server(app, sockets=[scene.listening], threads=CLIENTS).run()
    finally:
        os._exit(1)


# --- the clients -----------------------------------------------------------------------------------------------------


class Client(threading.Thread):
    """Works cases until the server is gone."""

    def __init__(self, scene: Scene, number: int, mine: list[Case], rng: random.Random) -> None:
        super().__init__(daemon=True)
        self.scene, self.number, self.mine, self.rng = scene, number, mine, rng
        self.wrong: list[str] = []

    def run(self) -> None:
        ledger = os.open(self.scene.ledger(self.number), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            while self._act(ledger):
                pass
        except (OSError, http.client.HTTPException):
            return  # the server is gone; what was asked last was never acknowledged
        finally:
            os.close(ledger)

    def _act(self, ledger: int) -> bool:
        open_ = [c for c in self.mine if c.taken < len(c.way)]
        if not open_ or (len(open_) < 3 and self.rng.random() < 0.3):
            return self._raise(ledger)
        case = self.rng.choice(open_)
        part = case.way[case.taken]
        before = case.states[-1] if case.states else part.step.from_[0]
        form: dict[str, Any] = {"seen": before, "seen_steps": str(case.taken), "password": PASSWORD, **part.values}
        body = f"{EVIDENCE!r} {case.key.object_id} {case.taken} {self.rng.random()}".encode()
        if part.files:
            form[part.files] = FileStorage(io.BytesIO(body), "证据.txt", content_type="text/plain")
        noted = {"kind": case.key.kind, "id": case.key.object_id, "seq": case.taken, "step": part.step.id}
        noted |= {"file": body.decode()} if part.files else {}
        if self.scene.sabotage:  # a word taken before it was given
            self._note(ledger, noted)
        status, _location = self._post(f"{case.address}/steps/{part.step.id}", form, part.login)
        if status != http.client.SEE_OTHER:
            self.wrong.append(f"{case.key.object_id} {part.step.id}: {status}")
            return False
        if not self.scene.sabotage:
            self._note(ledger, noted)
        case.taken += 1
        case.states.append(part.step.to)
        return True

    def _raise(self, ledger: int) -> bool:
        if self.scene.waiting and self.rng.random() < 0.6:
            with self.scene.lock:
                self.mine.append(self.scene.waiting.pop())
            return True
        title = f"第 {self.rng.random()} 件"
        form = {"title": title, "category": "A", "grade": "major"}
        status, location = self._post("/p/east/nonconformities/new", form, "omni0")
        if status != http.client.SEE_OTHER:
            self.wrong.append(f"raise: {status}")
            return False
        number = location.partition("?")[0].rsplit("/", 1)[-1]
        self._note(ledger, {"kind": NONCONFORMITY, "id": number, "raised": title})
        way = self.scene.ways[NONCONFORMITY]
        self.mine.append(Case(CaseKey(NONCONFORMITY, number), f"/p/east/nonconformities/{number}", way))
        return True

    def _post(self, path: str, form: dict[str, Any], login: str) -> tuple[int, str]:
        cookie, token = self.scene.cookies[login]
        stream, length, boundary = stream_encode_multipart({"csrf_token": token, **form})
        headers = {"Cookie": cookie, "Content-Type": f"multipart/form-data; boundary={boundary}"}
        connection = http.client.HTTPConnection("127.0.0.1", self.scene.port, timeout=20)
        with self.scene.lock:
            self.scene.inside += 1
        self.scene.began.set()
        try:
            connection.request("POST", path, body=stream.read(length), headers=headers)
            answer = connection.getresponse()
            said = answer.read().decode()
            if answer.status >= http.client.BAD_REQUEST:
                self.wrong.append(" ".join(re.findall(r'role="alert".*', said, re.DOTALL))[:400])
        finally:
            with self.scene.lock:
                self.scene.inside -= 1
            connection.close()
        return answer.status, answer.headers.get("Location", "")

    @staticmethod
    def _note(ledger: int, noted: dict[str, Any]) -> None:
        os.write(ledger, (json.dumps(noted) + "\n").encode())
        os.fsync(ledger)


def strike(scene: Scene, rng: random.Random, number: int) -> tuple[bool, list[str]]:
    """Let the clients work and kill the server; whether a request was under way, and what answered wrongly."""
    scene.began.clear()
    pid = serve(scene)
    clients = [Client(scene, n, scene.open[n::CLIENTS], random.Random(rng.random())) for n in range(CLIENTS)]
    for one in clients:
        one.start()
    scene.began.wait(20)
    time.sleep(rng.uniform(0.02, ANYWHERE) if number % LONG else ISSUING)
    if number % 2:  # right after a request has begun
        scene.began.clear()
        scene.began.wait(20)
        time.sleep(rng.uniform(0, WITHIN))
    with scene.lock:
        inside = scene.inside > 0
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    _drain(scene, clients)
    scene.open = [c for one in clients for c in one.mine if c.taken < len(c.way)]
    return inside, [w for one in clients for w in one.wrong]


def _drain(scene: Scene, clients: list[Client]) -> None:
    """Hang up on whoever waits for a server that is gone."""
    scene.listening.settimeout(0.02)
    while any(one.is_alive() for one in clients):
        with suppress(OSError):
            scene.listening.accept()[0].close()
    scene.listening.settimeout(None)
    scene.listening.setblocking(True)


# --- the checks ------------------------------------------------------------------------------------------------------


@dataclass
class Figures:
    """What came of it."""

    kills: int = 0
    inside: int = 0
    acknowledged: int = 0
    signed: int = 0
    raised: int = 0
    files: int = 0
    issued: int = 0
    unacknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    seconds: float = 0

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, half there or damaged."""
        return not (self.lost or self.half or self.alarms)


def noted(scene: Scene) -> list[dict[str, Any]]:
    """What the clients have noted; a line that was cut short was never acknowledged."""
    found: list[dict[str, Any]] = []
    for number in range(CLIENTS):
        path = scene.ledger(number)
        found += [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]] if path.exists() else []
    return found


def compare(scene: Scene, figures: Figures, *, deep: bool) -> None:
    """Compare ledgers and register; look for half states and damage; catch up with what was kept unacknowledged."""
    register = open_register(scene.stage.folder / "records", None, scene.stage.world.clock)
    vault = scene.stage.world.vault
    try:
        report = fsck(register.database, vault, deep=deep)
        figures.alarms += [f"{c.code}: {c.detail.en}" for c in report.checks if not c.ok and c.code != UNREPLAYED]
        with register.database.read() as connection:
            steps = {
                (r.kind, r.object_id, r.seq): (r.step, json.loads(r.files), r.covers)
                for r in connection.execute(text("SELECT kind, object_id, seq, step, files, covers FROM case_step"))
            }
            numbers = [str(n) for (n,) in connection.execute(text("SELECT number FROM nonconformity"))]
            leaves = [str(k) for (k,) in connection.execute(text("SELECT kind FROM audit_entry"))]
            papers = {
                f"{r.number}/{r.label}": (r.series, r.seat, r.issued)
                for r in connection.execute(
                    text(
                        "SELECT d.number, d.series, d.place AS seat, v.label, v.issued FROM document d"
                        " JOIN document_version v ON v.plant_id = d.plant_id AND v.number = d.number"
                    )
                )
            }
        _compare(scene, figures, steps, numbers)
        _half(figures, steps, numbers, leaves)
        _papers(figures, steps, papers)
        _draft(scene, register)
        figures.unacknowledged = leaves.count(RAISED) + len(steps) - scene.before - figures.acknowledged
    finally:
        register.close()
    for case in scene.open:
        case.taken = sum((case.key.kind, case.key.object_id, n) in steps for n in range(len(case.way)))
        case.states = [part.step.to for part in case.way[: case.taken]]


def _compare(scene: Scene, figures: Figures, steps: dict[Any, Any], numbers: list[str]) -> None:
    known = noted(scene)
    figures.acknowledged = len(known)
    figures.raised = sum("raised" in one for one in known)
    figures.signed = figures.files = 0
    for one in known:
        if "raised" in one:
            figures.lost += [] if one["id"] in numbers else [f"raised {one['id']}"]
            continue
        kept = steps.get((one["kind"], one["id"], one["seq"]))
        if kept is None or kept[0] != one["step"]:
            figures.lost.append(f"{one['id']} {one['step']}")
            continue
        figures.signed += kept[2] is not None
        if "file" in one:
            figures.files += 1
            with scene.stage.world.vault.open(kept[1][0]["sha256"]) as file:
                if file.read().decode() != one["file"]:
                    figures.lost.append(f"file of {one['id']} {one['step']}")
    doubles = len(known) - len({(o["id"], o.get("seq")) for o in known})
    figures.half += [f"{doubles} acknowledged twice"] if doubles else []


def _half(figures: Figures, steps: dict[Any, Any], numbers: list[str], leaves: list[str]) -> None:
    """One leaf for each step, no gap in any case, numbers without gap or double."""
    kinds = [f"{kind}:{step[0]}" for (kind, _id, _seq), step in steps.items()]
    for name in sorted(set(kinds)):
        if kinds.count(name) != leaves.count(name):
            figures.half.append(f"{name}: {kinds.count(name)} steps, {leaves.count(name)} leaves")
    for kind, object_id in {key[:2] for key in steps}:
        seqs = sorted(k[2] for k in steps if k[:2] == (kind, object_id))
        figures.half += [] if seqs == list(range(len(seqs))) else [f"{object_id}: {seqs}"]
    raised = sorted(int(n.rsplit("-", 1)[1]) for n in numbers if int(n.rsplit("-", 1)[1]) <= leaves.count(RAISED))
    if raised != list(range(1, leaves.count(RAISED) + 1)):
        figures.half.append(f"numbers {raised}, {leaves.count(RAISED)} raised")


def _papers(figures: Figures, steps: dict[Any, Any], papers: dict[str, tuple[str, int, str | None]]) -> None:
    """Numbers of documents without gap or double; a file for each version that was issued, and for no other."""
    for series in {paper[0] for paper in papers.values()}:
        seats = sorted({paper[1] for paper in papers.values() if paper[0] == series})
        if seats != list(range(1, len(seats) + 1)):
            figures.half.append(f"{series}: {seats}")
    issued = {key[1]: step[1] for key, step in steps.items() if key[0] == DOCUMENT and step[0] == ISSUE}
    figures.issued = len(issued)
    for name, (_series, _seat, file) in papers.items():
        named = issued.get(name)
        if (file is None) is not (named is None) or (named and file != named[0]["sha256"]):
            figures.half.append(f"{name}: issued {file}, by its step {named}")


def _draft(scene: Scene, register: SqlRegister) -> None:
    """Draft what closing opened, and give the drafts to the clients."""
    stage = scene.stage
    drafts = replace(stage.world, register=register).desk.draft_missing(stage.plant, ACTOR)
    for name in drafts.done:
        with register.read() as reads:
            found = at_hand(reads, stage.plant, name)
        assert found is not None
        address = f"/p/east/documents/{found.number}/{found.version.place}"
        scene.open.append(Case(CaseKey(DOCUMENT, found.version.object_id), address, scene.ways[DOCUMENT]))


def run(scene: Scene, kills: int, seed: int) -> Figures:
    """Kill and compare, again and again."""
    rng, figures, begun = random.Random(seed), Figures(), time.monotonic()
    for number in range(1, kills + 1):
        inside, wrong = strike(scene, rng, number)
        figures.kills += 1
        figures.inside += inside
        figures.alarms += wrong
        compare(scene, figures, deep=number % DEEP == 0 or number == kills)
        if not figures.sound:
            break
    figures.seconds = round(time.monotonic() - begun, 1)
    return figures


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sabotage", action="store_true", help="acknowledge too early: the loop must notice")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        scene = prepare(Path(folder), sabotage=args.sabotage)
        figures = run(scene, args.kills, args.seed)
        scene.listening.close()
    print(json.dumps(vars(figures), ensure_ascii=False))
    return 0 if figures.sound else 1


if __name__ == "__main__":
    sys.exit(main())
