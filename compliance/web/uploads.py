"""Uploads in this process: how far each one is, and the results that people have not yet left.

Results live in memory: there is one web process, and the register keeps what an import changed.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from threading import Lock

from compliance.web.services import Imported

#: Results and uploads that are remembered at a time.
_KEPT = 50


@dataclass(frozen=True, slots=True)
class Result:
    """What an upload led to, for the person and plant that it belongs to."""

    user: int
    plant: int
    file: str
    day: date
    imported: Imported


@dataclass(frozen=True, slots=True)
class Step:
    """How far an upload is."""

    done: int
    of: int
    what: str


class Uploads:
    """Safe for the threads of the web process."""

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self._lock = Lock()
        self._steps: OrderedDict[tuple[int, str], Step] = OrderedDict()
        self._results: OrderedDict[str, Result] = OrderedDict()

    def report(self, user: int, upload: str, step: Step) -> None:
        """Remember how far an upload is."""
        with self._lock:
            self._steps[user, upload] = step
            self._steps.move_to_end((user, upload))
            while len(self._steps) > _KEPT:
                self._steps.popitem(last=False)

    def step(self, user: int, upload: str) -> Step | None:
        """How far an upload of this person is."""
        with self._lock:
            return self._steps.get((user, upload))

    def keep(self, result: Result) -> str:
        """Remember a result; the name by which its page finds it."""
        name = secrets.token_urlsafe(16)
        with self._lock:
            self._results[name] = result
            while len(self._results) > _KEPT:
                self._results.popitem(last=False)
        return name

    def result(self, name: str, *, user: int, plant: int) -> Result | None:
        """A result of this person in this plant."""
        with self._lock:
            found = self._results.get(name)
        return found if found and (found.user, found.plant) == (user, plant) else None
