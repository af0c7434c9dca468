"""Looking ahead for programs: the year's collisions, and the workload of the coming months."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance.core import collisions, simulating
from compliance.core.judged import OccurrenceState
from compliance.kernel.clock import FIRST_YEAR, LAST_YEAR
from compliance.kernel.text import Text
from compliance.rulebase.schema import Post
from compliance.web import access
from compliance.web.ahead import looked_ahead, year_collided
from compliance.web.api.operations import Asked, Operation, Query, operation
from compliance.web.api.shapes import NAME, SAID, Day, ListOf, MapOf, Maybe, Record, Truth, Whole, Word
from compliance.web.api.telling import plain

_CROSSED = Record("DayCrossed", {"day": Day(), "holiday": Maybe(SAID), "provisional": Truth()})
_DUE = Record(
    "CollidedDuty",
    {
        "obligation": NAME,
        "code": NAME,
        "title": SAID,
        "subject": NAME,
        "period": NAME,
        "due": Day(),
        "on_day_off": Truth(),
        "state": Word(words=tuple(s.value for s in OccurrenceState)),
    },
)
_COLLISION = Record(
    "Collision",
    {
        "effective_workday": Day(),
        "clash": Word(words=tuple(c.value for c in collisions.Clash)),
        "load": Whole(),
        "provisional": Truth(),
        "holidays": ListOf(SAID),
        "crossed": ListOf(_CROSSED),
        "due": ListOf(_DUE),
    },
)
_COUNTS: Mapping[str, Any] = {"months": MapOf(Whole(), like="2026-01"), "overdue": Whole(), "total": Whole()}
_HELD = Record("PostHeld", {"from": Day(), "until": Day(), "persons": ListOf(NAME)})
_POST = Record(
    "PostAhead",
    {
        "post": NAME,
        "title": SAID,
        **_COUNTS,
        "daily": Whole(),
        "holders": ListOf(_HELD),
        "vacant_from": Maybe(Day()),
    },
)
_ITEM = Record(
    "AheadItem",
    {
        "code": NAME,
        "title": SAID,
        "subject": NAME,
        "period": NAME,
        "due": Day(),
        "effective_workday": Day(),
        "provisional": Truth(),
        "post": NAME,
        "persons": ListOf(NAME),
        "daily": Truth(),
        "projected": Truth(),
        "overdue": Truth(),
    },
)
_SIMULATION = Record(
    "Simulation",
    {
        "as_of": Day(),
        "until": Day(),
        "months": ListOf(Word(like="2026-01")),
        "posts": ListOf(_POST),
        "actions": Record("ActionsAhead", dict(_COUNTS)),
        "persons": ListOf(Record("PersonAhead", {"person": Maybe(NAME), "name": Word(), **_COUNTS})),
        "absences": ListOf(Record("AbsenceAhead", {"absent": NAME, "deputy": NAME, "since": Day(), "until": Day()})),
        "items": ListOf(_ITEM, 100_000),
    },
)


@operation(
    Operation(
        name="collisions",
        method="GET",
        path="/plants/{plant}/collisions",
        title=Text("一年的到期冲突", "due days of a year that collide"),
        parts={"plant": NAME},
        query={
            "year": Query(Whole(FIRST_YEAR, LAST_YEAR), Text("年份，默认今年", "the year, this one unless said")),
            "all": Query(Word(words=("yes",)), Text("含逐日、逐周义务", "the duties of every day and week too")),
        },
        answer=Record("Collisions", {"year": Whole(), "collisions": ListOf(_COLLISION)}),
    )
)
def collided(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """The year's collisions."""
    year = asked.query.get("year", access.services().clock.today().year)
    found = year_collided(year, everything="all" in asked.query)
    return {"year": year, "collisions": [plain(collisions.told(one)) for one in found.found]}


@operation(
    Operation(
        name="simulation",
        method="GET",
        path="/plants/{plant}/simulation",
        title=Text("未来各月的工作量", "the workload of the coming months"),
        parts={"plant": NAME},
        query={"months": Query(Whole(1, 12), Text("月数，默认 12", "months, 12 unless said"))},
        answer=_SIMULATION,
    )
)
def simulation(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """What falls due, by post, person and month."""
    found, _rows = looked_ahead(asked.query.get("months", 12))
    return plain(simulating.told(found, _title))


def _title(post: str) -> Text:
    wordings = access.services().rules().wordings(Post, post)
    return wordings[-1].title if wordings else Text(post, post)
