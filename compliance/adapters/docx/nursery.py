"""Processes that wait with their libraries loaded and give birth to one child a request.

What waits never sees a template nor a value: it is handed two open files and four limits, forks, and says how the child
ended. So each request has a process of its own with limits of its own, and loading the libraries is paid once.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Seconds in which the libraries must be loaded, far beyond what they need on a busy machine.
_LOADING: Final = 60.0
#: What a process says once it waits, and the most that it says of one child.
READY: Final = b"ready\n"
_WORD: Final = 64


class Ended(Exception):
    """The process that waits is gone, or says what it never says."""


class TooLong(Exception):
    """A child was not done in time; it was killed with the process that waited for it."""


class Waiting:
    """One process that waits."""

    def __init__(self, command: tuple[str, ...]) -> None:
        """Start it; raises :class:`Ended` if it does not come to wait."""
        self._ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own script, no shell
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={},
                start_new_session=True,  # a group of its own: killed with its child, and deaf to Ctrl-C
            )
        self._ours.settimeout(_LOADING)
        if not self._is_ready():
            self.end()
            raise Ended

    def _is_ready(self) -> bool:
        try:
            return self._ours.recv(_WORD) == READY
        except OSError:
            return False

    def run(self, asked: int, answered: int, limits: Mapping[str, int], seconds: float) -> int:
        """Let a child read one file and write the other; its exit code, negative for a signal."""
        self._ours.settimeout(seconds)
        try:
            socket.send_fds(self._ours, [json.dumps(limits).encode()], [asked, answered])
            said = self._ours.recv(_WORD)
        except TimeoutError as error:
            raise TooLong from error
        except OSError as error:
            raise Ended from error
        try:
            return int(said)
        except ValueError as error:
            raise Ended from error

    @property
    def alive(self) -> bool:
        """Whether it still waits."""
        return self._process.poll() is None

    def end(self) -> None:
        """Kill it and whatever child it has."""
        self._ours.close()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Nursery:
    """The processes that wait for requests of this one, at most ``most`` at once: more would share the same cores."""

    def __init__(self, most: int) -> None:
        """Start none yet."""
        self._free = threading.Semaphore(most)
        self._guard = threading.Lock()
        self._idle: dict[tuple[str, ...], list[Waiting]] = {}

    @contextmanager
    def lent(self, command: tuple[str, ...]) -> Iterator[Waiting]:
        """A process that waits, started if none is idle; it is used again unless something went wrong with it."""
        with self._free:
            waiting = self._take(command) or Waiting(command)
            try:
                yield waiting
            except BaseException:
                waiting.end()
                raise
            with self._guard:
                self._idle.setdefault(command, []).append(waiting)

    def close(self) -> None:
        """End every idle one."""
        with self._guard:
            idle, self._idle = self._idle, {}
        for waiting in (one for several in idle.values() for one in several):
            waiting.end()

    def _take(self, command: tuple[str, ...]) -> Waiting | None:
        while True:
            with self._guard:
                several = self._idle.get(command)
                waiting = several.pop() if several else None
            if waiting is None or waiting.alive:
                return waiting
            waiting.end()  # it died while it was idle


_MOST: Final = max(2, os.cpu_count() or 1)
_own = Nursery(_MOST)


def nursery() -> Nursery:
    """The one of this process."""
    return _own


def _anew() -> None:
    """A forked process shares no sockets with its parent."""
    global _own  # noqa: PLW0603 - one a process, and this is another process
    _own = Nursery(_MOST)


os.register_at_fork(after_in_child=_anew)


@atexit.register
def _close() -> None:
    _own.close()


def command(start: str, root: str) -> tuple[str, ...]:
    """What starts a process that waits."""
    return (sys.executable, "-I", "-c", start, root)
