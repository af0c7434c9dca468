"""The process in which durable_rules runs: a script of its own that imports nothing of ours.

Only the C functions are used, on one session "0" at a time. A frame is a length of eight bytes and that many bytes of
UTF-8; a request is a header frame (JSON), then for each ruleset its definition and its batches. The answer is one
frame after everything was judged, so that no part of it ever leaves. Arguments: the parent's process id, the limit of
memory in bytes, the folder of the C library.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

SESSION = "0"
OK, UNMATCHED = 0, 1
#: Seconds beyond the parent's patience after which the worker ends by itself.
GRACE = 2
_LENGTH = struct.Struct(">Q")

Read = Callable[[], str]


def frame(text: str) -> bytes:
    """Return a text as one frame."""
    data = text.encode()
    return _LENGTH.pack(len(data)) + data


def receive(sock: socket.socket) -> str:
    """Read one frame; EOFError when the other side is gone."""
    (length,) = _LENGTH.unpack(_exactly(sock, _LENGTH.size))
    return _exactly(sock, length).decode()


def _exactly(sock: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    view, got = memoryview(data), 0
    while got < size:
        read = sock.recv_into(view[got:])
        if not read:
            raise EOFError
        got += read
    return data


class Library(Protocol):
    """The functions of the C library that are used; no others are safe."""

    def create_ruleset(self, name: str, definition: str, /) -> int:
        """Compile a ruleset and return its handle."""

    def delete_ruleset(self, handle: int, /) -> None:
        """Free a ruleset."""

    def assert_facts(self, handle: int, facts: str, /) -> tuple[int, int]:
        """Return a code and the place of the session; raises when a fact cannot be judged."""

    def start_action_for_state(self, handle: int, state: int, /) -> tuple[str, str] | None:
        """Return the session and the first conclusion, or None."""

    def complete_and_start_action(self, handle: int, state: int, /) -> str | None:
        """Return the next conclusion, or None."""

    def delete_state(self, handle: int, session: str, /) -> None:
        """Forget a session."""


class Session:
    """A ruleset of the C library and its one session."""

    def __init__(self, library: Library, definition: str) -> None:
        self._library = library
        self._handle = library.create_ruleset("r", definition)

    def judge(self, batches: Iterator[str], *, isolated: bool) -> Iterator[tuple[int, int, list[int]]]:
        """Give (batch, rule, ids of facts) for every conclusion."""
        started = False
        for number, batch in enumerate(batches):
            if not started:
                self._boot()
                started = True
            yield from self._batch(number, batch)
            if isolated:
                self._library.delete_state(self._handle, SESSION)
                started = False
        if started:
            self._library.delete_state(self._handle, SESSION)

    def close(self) -> None:
        """Free the ruleset."""
        self._library.delete_ruleset(self._handle)

    def _boot(self) -> None:
        """Fire one rule: a session that never ran an action frees memory that it never had."""
        if list(self._assert('[{"id":"0","k":0}]')) != [("b", [0])]:
            raise RuntimeError("the engine does not start")

    def _batch(self, number: int, batch: str) -> Iterator[tuple[int, int, list[int]]]:
        """Judge one batch; its last fact is a mark, without which the rest was silently dropped."""
        marks = 0
        for rule, ids in self._assert(batch):
            if rule == "b":
                marks += 1
            else:
                yield number, int(rule[1:]), ids
        if marks != 1:
            raise RuntimeError(f"batch {number} was not read to its end")

    def _assert(self, facts: str) -> Iterator[tuple[str, list[int]]]:
        """Assert facts and drain; a fact that no rule matches is nothing unusual, one refused is."""
        code, state = self._library.assert_facts(self._handle, facts)
        if code not in {OK, UNMATCHED}:
            raise RuntimeError(f"a fact was refused with code {code}")
        started = self._library.start_action_for_state(self._handle, state)
        messages = started and started[1]
        while messages:
            yield _fired(messages)
            messages = self._library.complete_and_start_action(self._handle, state)


def _fired(messages: str) -> tuple[str, list[int]]:
    ((rule, bound),) = json.loads(messages).items()
    return rule, [int(bound[f"m{place}"]["id"]) for place in range(len(bound))]


def answer(library: Library, header: dict[str, Any], read: Read) -> dict[str, Any]:
    """Judge a whole request; on a failure the rest of it is read and dropped, and the failure is the answer."""
    found: list[Any] = []
    failure = ""
    for number, program in enumerate(header["programs"]):
        definition = read()
        batches = (read() for _ in range(program["batches"]))
        if not failure:
            try:
                session = Session(library, definition)
                judged = session.judge(batches, isolated=program["isolated"])
                found.extend((number, *conclusion) for conclusion in judged)
                session.close()
            except (EOFError, OSError):
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the evaluation failed
                failure = f"{type(error).__name__}: {error}"
        for _ in batches:
            pass
    return {"serial": header["serial"]} | ({"failure": failure} if failure else {"found": found})


def main() -> None:
    """Serve requests until the parent is gone; a failed session is not trusted again."""
    parent, memory, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    sock = socket.socket(fileno=0)
    library, problem = _library(folder)
    _confine(parent, memory)
    sock.sendall(frame(json.dumps({"problem": problem})))
    with contextlib.suppress(EOFError, OSError):
        while library:
            header = json.loads(receive(sock))
            _allow(header["seconds"])
            reply = answer(library, header, lambda: receive(sock))
            sock.sendall(frame(json.dumps(reply)))
            signal.setitimer(signal.ITIMER_REAL, 0)
            if "failure" in reply:
                break


def _library(folder: str) -> tuple[Library | None, str]:
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        import durable_rules_engine  # noqa: PLC0415 - whether it can be imported is the question
    except ImportError as error:
        return None, str(error) or "ImportError"
    return durable_rules_engine, ""


def _confine(parent: int, memory: int) -> None:
    """Bound what the C library may do, and end with the parent, even while it computes."""
    for limit, value in [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 8),
        (resource.RLIMIT_AS, memory),
    ]:
        with contextlib.suppress(ValueError, OSError):  # a lower limit is set already
            resource.setrlimit(limit, (value, value))
    with contextlib.suppress(OSError, AttributeError):
        no_new_privileges = 38
        ctypes.CDLL(None).prctl(no_new_privileges, 1, 0, 0, 0)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def _allow(seconds: float) -> None:
    """End the process by signal when a request takes too long, also inside the C library."""
    signal.setitimer(signal.ITIMER_REAL, seconds + GRACE)
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + seconds + GRACE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
