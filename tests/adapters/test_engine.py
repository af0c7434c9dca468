"""The worker process: it may die, hang or be absent, and no half answer ever leaves it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compliance.adapters import durable_compile, engine_worker
from compliance.adapters import engine as adapter
from compliance.adapters.engine import DurableEngine, Worker
from compliance.core.judgement import EngineFailed, judge
from compliance.kernel.errors import CannotDecide
from compliance.rulebase.evaluator import JudgingRule, evaluate
from compliance.rulebase.schema import Op, Pattern, PropOf, PropType, Term

pytest.importorskip("durable_rules_engine", exc_type=ImportError)

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 3, 1)
RULES = [
    JudgingRule("big", (Pattern("k", "a", (Term("n", Op.GT, 5),)),), DAY),
    JudgingRule("twins", (Pattern("k", "a", ()), Pattern("k", "b", (Term("n", Op.EQ, PropOf("a", "n")),))), DAY),
]
FACTS: list[dict[str, Any]] = [{"kind": "k", "on": DAY, "n": n % 10} for n in range(30)]
TYPES = {"k": {"n": PropType.NUMBER}}


@pytest.fixture
def durable() -> Iterator[DurableEngine]:
    with DurableEngine(seconds=60) as engine:
        yield engine


def pid(engine: DurableEngine) -> int:
    assert engine._worker
    return engine._worker.process.pid


def test_a_well_engine_says_so(durable: DurableEngine) -> None:
    health = durable.health()
    assert (health.available, health.healthy, health.name, health.version) == (True, True, "durable_rules", "2.0.28")
    assert health.message.zh
    assert health.message.en


def test_the_worker_starts_when_needed_is_kept_and_ends(durable: DurableEngine) -> None:
    assert durable._worker is None
    plain = evaluate(RULES, FACTS)
    assert durable.evaluate(RULES, FACTS) == plain
    first = pid(durable)
    assert durable.evaluate(RULES, FACTS) == plain
    assert pid(durable) == first
    durable.close()
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert durable.evaluate(RULES, FACTS) == plain
    assert pid(durable) != first


def test_nothing_to_judge_needs_no_worker(durable: DurableEngine) -> None:
    assert durable.evaluate([], []) == durable.evaluate(RULES, []) == durable.evaluate([], FACTS) == []


class Killing:
    """Kill the worker when everything was sent and nothing answered, a number of times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int, sign: int = signal.SIGKILL) -> None:
        self.left, self.killed = times, 0
        receive = Worker._receive

        def killing(worker: Worker, deadline: float) -> Any:
            if worker._serial and self.left:
                self.left, self.killed = self.left - 1, self.killed + 1
                os.kill(worker.process.pid, sign)
            return receive(worker, deadline)

        monkeypatch.setattr(Worker, "_receive", killing)


@pytest.mark.parametrize("sign", [signal.SIGSEGV, signal.SIGKILL])
def test_a_killed_worker_is_replaced_and_the_evaluation_repeated(
    durable: DurableEngine, monkeypatch: pytest.MonkeyPatch, sign: int
) -> None:
    killing = Killing(monkeypatch, 1, sign)
    many = FACTS * 20
    assert durable.evaluate(RULES, many) == evaluate(RULES, many)
    assert killing.killed == 1
    assert durable.health().healthy


def test_an_engine_killed_twice_leaves_no_decision_and_recovers(
    durable: DurableEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = FACTS * 20
    killing = Killing(monkeypatch, 2)
    with pytest.raises(EngineFailed) as failed:
        judge(RULES, many, TYPES, [durable])
    assert isinstance(failed.value, CannotDecide)
    assert "-9" in str(failed.value.values["reason"])
    assert killing.killed == 2
    health = durable.health()
    assert (health.available, health.healthy) == (True, False)
    assert judge(RULES, many, TYPES, [durable]).conclusions == tuple(evaluate(RULES, many))
    assert durable.health().healthy


def test_a_worker_killed_while_it_reads_is_replaced(durable: DurableEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    send, sent = Worker._send, 0

    def killing(worker: Worker, text: str, deadline: float) -> None:
        nonlocal sent
        sent += 1
        if sent == 3:
            worker.process.kill()
            worker.process.wait()
        send(worker, text, deadline)

    monkeypatch.setattr(Worker, "_send", killing)
    assert durable.evaluate(RULES, FACTS) == evaluate(RULES, FACTS)
    assert sent > 3


def test_a_worker_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with DurableEngine(seconds=0.5) as durable:
        killing = Killing(monkeypatch, 2, signal.SIGSTOP)
        start = time.monotonic()
        with pytest.raises(EngineFailed, match="no answer in time"):
            durable.evaluate(RULES, FACTS)
        assert time.monotonic() - start < 10
        assert killing.killed == 2
        assert durable.evaluate(RULES, FACTS) == evaluate(RULES, FACTS)


def test_a_worker_without_memory_fails_closed() -> None:
    many: list[dict[str, Any]] = [{"kind": "k", "on": DAY, "n": n} for n in range(20_000)]
    with DurableEngine(memory=150 * 2**20) as durable, pytest.raises(EngineFailed):
        durable.evaluate(RULES, many)


def test_a_failure_that_the_worker_reports_decides_nothing(
    durable: DurableEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        durable_compile.Program, "conclusion", lambda *_: (_ for _ in ()).throw(IndexError("no such fact"))
    )
    with pytest.raises(EngineFailed, match="no such fact"):
        durable.evaluate(RULES, FACTS)


def test_an_answer_to_another_question_is_no_answer(durable: DurableEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    receive = Worker._receive
    monkeypatch.setattr(Worker, "_receive", lambda *args: receive(*args) | {"serial": 99})
    with pytest.raises(EngineFailed, match="another question"):
        durable.evaluate(RULES, FACTS)


def test_the_worker_has_nothing_of_ours_and_little_of_anything(durable: DurableEngine) -> None:
    durable.health()
    proc = Path(f"/proc/{pid(durable)}")
    assert (proc / "environ").read_bytes() == b""
    assert sorted(each.name for each in (proc / "fd").iterdir()) == ["0", "1", "2"]
    limits = (proc / "limits").read_text()
    for name in ("Max core file size", "Max file size"):
        (line,) = [each for each in limits.splitlines() if each.startswith(name)]
        assert line.removeprefix(name).split()[:2] == ["0", "0"]
    (line,) = [each for each in limits.splitlines() if each.startswith("Max address space")]
    assert line.split()[3] == str(4 * 2**30)


ORPHAN = """
import sys, os, time
sys.path.insert(0, sys.argv[1])
from compliance.adapters.engine import DurableEngine
engine = DurableEngine()
engine.health()
print(engine._worker.process.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def test_the_worker_dies_with_its_parent() -> None:
    run = subprocess.run([sys.executable, "-c", ORPHAN, str(ROOT)], check=False, capture_output=True, text=True)
    worker = Path(f"/proc/{int(run.stdout)}/cmdline")
    for _ in range(50):
        if not worker.exists() or b"engine_worker" not in worker.read_bytes():
            return
        time.sleep(0.1)
    pytest.fail("the worker outlived its parent")


def test_threads_take_turns(durable: DurableEngine) -> None:
    plain, found = evaluate(RULES, FACTS), []
    threads = [threading.Thread(target=lambda: found.append(durable.evaluate(RULES, FACTS))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [plain] * 8


def test_where_it_is_not_installed_the_plain_evaluator_judges_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "_folder", lambda: None)
    with DurableEngine() as durable:
        health = durable.health()
        assert not health.available
        assert "not installed" in health.message.en
        judgement = judge(RULES, FACTS, TYPES, [durable])
        assert judgement.single
        assert judgement.reason == health.message
        assert judgement.conclusions == tuple(evaluate(RULES, FACTS))
        with pytest.raises(EngineFailed):
            durable.evaluate(RULES, FACTS)


def test_where_it_cannot_be_imported_the_plain_evaluator_judges_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    worker = tmp_path / "engine_worker.py"
    source = Path(engine_worker.__file__).read_text(encoding="utf-8")
    worker.write_text(source.replace("import durable_rules_engine", "import durable_rules_absent"), encoding="utf-8")
    monkeypatch.setattr(engine_worker, "__file__", str(worker))
    with DurableEngine() as durable:
        health = durable.health()
        assert not health.available
        assert "durable_rules_absent" in health.message.en


def test_a_worker_that_cannot_start_is_a_failure_and_not_an_absence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engine_worker, "__file__", str(tmp_path / "nothing.py"))
    with DurableEngine() as durable:
        health = durable.health()
        assert (health.available, health.healthy) == (True, False)
        with pytest.raises(EngineFailed):
            judge(RULES, FACTS, TYPES, [durable])


def test_frames_are_read_whole_or_not_at_all() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(engine_worker.frame("甲" * 1000))
        assert engine_worker.receive(ours) == "甲" * 1000
        theirs.sendall(engine_worker.frame("甲" * 1000)[:-1])
        theirs.close()
        with pytest.raises(EOFError):
            engine_worker.receive(ours)
