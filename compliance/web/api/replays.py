"""A replay as the API tells it."""

from __future__ import annotations

from typing import Any

from compliance.core.replaying import Replay
from compliance.web.api.shapes import ListOf, Record, Truth, Word

#: Whether the same came out again, and by what.
REPLAY = Record(
    "Replay",
    {
        "same": Truth(),
        "differs": ListOf(Word(100)),
        "ruleset": Word(100),
        "basis": ListOf(Record("RuleUsed", {"kind": Word(100), "id": Word(200), "digest": Word(100)})),
    },
)


def told(replay: Replay) -> dict[str, Any]:
    """A replay in the shape of the API."""
    return {
        "same": replay.same,
        "differs": list(replay.differs),
        "ruleset": replay.ruleset,
        "basis": [{"kind": used.kind, "id": used.id, "digest": used.digest} for used in replay.basis],
    }
