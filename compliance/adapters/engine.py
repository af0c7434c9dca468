"""The engine durable_rules behind the port of :mod:`compliance.core.judgement`, in a process of its own.

A crash or a hang there is never ours: the evaluation is repeated once in a fresh worker, then it fails closed. Only a
complete answer is read.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from compliance.adapters import engine_worker
from compliance.adapters.durable_compile import NAME, Guards, Program, compile_programs
from compliance.adapters.engine_worker import frame, receive
from compliance.core.judgement import EngineFailed, EngineHealth
from compliance.kernel.text import Text
from compliance.rulebase.evaluator import Conclusion, Fact, JudgingRule

_LIBRARY: Final = "durable_rules_engine"
_START_SECONDS: Final = 30.0


class WorkerLost(Exception):
    """The worker gave no complete answer: it crashed, hung, or could not judge."""


class Worker:
    """One worker process and the socket to it; not shared between threads or processes."""

    def __init__(self, folder: str, memory: int) -> None:
        ours, theirs = socket.socketpair()
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own script, no shell
                [
                    sys.executable,
                    "-I",
                    str(Path(engine_worker.__file__).resolve()),
                    str(os.getpid()),
                    str(memory),
                    folder,
                ],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={},
            )
        except OSError as error:
            ours.close()
            raise WorkerLost(str(error)) from error
        finally:
            theirs.close()
        self._sock = ours
        self._serial = 0
        self.problem = str(self._receive(time.monotonic() + _START_SECONDS)["problem"])

    def judge(self, programs: Sequence[Program], seconds: float) -> list[Any]:
        """Return (program, batch, rule, ids) for every conclusion, or raise WorkerLost."""
        self._serial += 1
        deadline = time.monotonic() + seconds
        plan = [{"isolated": each.isolated, "batches": len(each.batches)} for each in programs]
        self._send(json.dumps({"serial": self._serial, "seconds": seconds, "programs": plan}), deadline)
        for program in programs:
            self._send(program.definition, deadline)
            for batch in program.batches:
                self._send(batch, deadline)
        reply = self._receive(deadline)
        if reply.get("serial") != self._serial or "found" not in reply:
            self.kill()
            raise WorkerLost(str(reply.get("failure", "an answer to another question")))
        found: list[Any] = reply["found"]
        return found

    def kill(self) -> None:
        """End the process and reap it."""
        self._sock.close()
        self.process.kill()
        self.process.wait()

    def _send(self, text: str, deadline: float) -> None:
        try:
            self._sock.settimeout(_left(deadline))
            self._sock.sendall(frame(text))
        except OSError as error:
            raise self._lost(error) from error

    def _receive(self, deadline: float) -> dict[str, Any]:
        try:
            self._sock.settimeout(_left(deadline))
            reply: dict[str, Any] = json.loads(receive(self._sock))
        except (OSError, EOFError, ValueError) as error:
            raise self._lost(error) from error
        return reply

    def _lost(self, error: Exception) -> WorkerLost:
        self._sock.close()
        with contextlib.suppress(subprocess.TimeoutExpired):  # a crash is better told than guessed
            self.process.wait(0.0 if isinstance(error, TimeoutError) else 1.0)
        status = self.process.poll()
        self.kill()
        if status is None:
            return WorkerLost(f"no answer in time ({type(error).__name__})")
        return WorkerLost(f"the worker ended with status {status}")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class DurableEngine:
    """Judges with durable_rules; may be called from many threads, one evaluation at a time.

    ``seconds`` bound one evaluation, ``memory`` (bytes) the worker's address space. The worker starts when it is first
    needed and is kept until :meth:`close`.
    """

    def __init__(self, *, seconds: float = 120.0, memory: int = 4 * 2**30, guards: Guards | None = None) -> None:
        self._seconds, self._memory, self._guards = seconds, memory, guards or Guards()
        self._lock = threading.RLock()
        self._worker: Worker | None = None
        self._owner = 0
        self._problem: str | None = None
        self._failure = ""

    def evaluate(self, rules: Sequence[JudgingRule], facts: Sequence[Fact]) -> list[Conclusion]:
        """Return every conclusion, sorted, or raise EngineFailed; TypeError where types clash."""
        programs = [
            program
            for program in compile_programs(rules, facts, self._guards)
            if program.batches  # no fact of these kinds: nothing to judge
        ]
        with self._lock:
            try:
                found = self._twice(programs)
                conclusions = sorted(programs[n].conclusion(*rest) for n, *rest in found)
            except (WorkerLost, IndexError, ValueError, TypeError) as error:
                self._drop()
                self._failure = str(error)
                raise EngineFailed(engine=NAME, reason=self._failure) from error
            self._failure = ""
        return conclusions

    def health(self) -> EngineHealth:
        """Say whether durable_rules can be used here; starts the worker to know."""
        with self._lock:
            if self._problem is None:
                try:
                    self._ready()
                except WorkerLost as error:
                    self._failure = str(error)
            return EngineHealth(
                available=not self._problem,
                name=NAME,
                version=_version(),
                message=_message(self._problem, self._failure),
                healthy=not self._failure,
            )

    def close(self) -> None:
        """End the worker; a later evaluation starts another."""
        with self._lock:
            self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _twice(self, programs: Sequence[Program]) -> list[Any]:
        try:
            return self._ready().judge(programs, self._seconds)
        except WorkerLost:
            self._drop()
            return self._ready().judge(programs, self._seconds)

    def _ready(self) -> Worker:
        if self._worker is None or self._owner != os.getpid():  # a fork must not share the socket
            self._problem, worker = None, None
            folder = _folder()
            if folder is None:
                self._problem = "not installed"
            else:
                worker = Worker(folder, self._memory)
                self._problem = worker.problem
            if worker is None or self._problem:
                if worker:
                    worker.kill()
                raise WorkerLost(self._problem)
            self._worker, self._owner = worker, os.getpid()
        return self._worker

    def _drop(self) -> None:
        if self._worker is not None and self._owner == os.getpid():
            self._worker.kill()
        self._worker = None


def _folder() -> str | None:
    spec = importlib.util.find_spec(_LIBRARY)
    return str(Path(spec.origin).resolve().parent) if spec and spec.origin else None


def _version() -> str:
    try:
        return importlib.metadata.version(NAME)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _message(problem: str | None, failure: str) -> Text:
    if problem:
        return Text(
            zh=f"本机无法使用 {NAME}（{problem}），仅由平实求值器判定",
            en=f"{NAME} cannot be used here ({problem}): the plain evaluator judges alone",
        )
    if failure:
        return Text(zh=f"{NAME} 上次判定失败：{failure}", en=f"{NAME} failed last time: {failure}")
    return Text(zh=f"{NAME} 正常", en=f"{NAME} is well")
