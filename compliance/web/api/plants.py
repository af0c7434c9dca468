"""Plants that a token may see, and who speaks through it."""

from __future__ import annotations

from typing import Any

from compliance.core.lists import PlantCard
from compliance.core.permissions import permissions_of
from compliance.kernel.text import Text
from compliance.web import access
from compliance.web.api.operations import Asked, Operation, bearer, operation
from compliance.web.api.shapes import NAME, Day, ListOf, Maybe, Moment, Record, Truth, Whole
from compliance.web.api.telling import moment
from compliance.web.book import book

PLANT = Record(
    "Plant",
    {
        "key": NAME,
        "short": Maybe(NAME),
        "name": NAME,
        "data_start": Day(),
        "data_end": Day(),
        "onboarded": Day(),
        "judged_until": Maybe(Day()),
        "roles": ListOf(NAME),
        "permissions": ListOf(NAME),
        "unseen_notices": Whole(),
    },
)
_COUNTS = Record(
    "Counts",
    dict.fromkeys(("overdue", "within_week", "within_month", "findings", "nonconformities", "copies"), Whole()),
)
PLANT_DETAIL = Record("PlantDetail", {**PLANT.members, "counts": _COUNTS})
ME = Record(
    "Me",
    {
        "login": NAME,
        "name": NAME,
        "account": Maybe(NAME),
        "token": NAME,
        "token_name": NAME,
        "read_only": Truth(),
        "plant": Maybe(NAME),
        "until": Moment(),
    },
)


@operation(
    Operation(name="me", method="GET", path="/me", title=Text("令牌属于谁", "who speaks through the token"), answer=ME)
)
def me(_asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Who speaks."""
    user, token = bearer().user, bearer().token
    return {
        "login": user.login,
        "name": user.name,
        "account": user.person,
        "token": token.ref,
        "token_name": token.name,
        "read_only": token.read_only,
        "plant": token.plant,
        "until": moment(token.until),
    }


@operation(
    Operation(
        name="plants",
        method="GET",
        path="/plants",
        title=Text("可见的企业", "the plants that the token may see"),
        answer=Record("Plants", {"rows": ListOf(PLANT)}),
    )
)
def plants(_asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """The plants of the person, as far as the token reaches."""
    cards = access.services().lists.plants(access.person().id)
    only = bearer().token.plant
    return {"rows": [_told(card) for card in cards if only in {None, card.plant.key}]}


@operation(
    Operation(
        name="plant",
        method="GET",
        path="/plants/{plant}",
        title=Text("一家企业及其待办数量", "one plant, and how much there is to do"),
        parts={"plant": NAME},
        answer=PLANT_DETAIL,
        tagged=True,
    )
)
def plant(_asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """One plant."""
    bundle, card = access.services(), access.card()
    counts = bundle.lists.counts(card.plant, bundle.clock.today(), book().settled("nonconformity"))
    return _told(card) | {"counts": {name: getattr(counts, name) for name in _COUNTS.members}}


def _told(card: PlantCard) -> dict[str, Any]:
    of = card.plant
    return {
        "key": of.key,
        "short": of.short,
        "name": of.name,
        "data_start": of.data_start.isoformat(),
        "data_end": of.data_end.isoformat(),
        "onboarded": of.onboarded.isoformat(),
        "judged_until": of.mark.isoformat() if of.mark else None,
        "roles": sorted(card.roles),
        "permissions": sorted(p.value for p in permissions_of(card.roles)),
        "unseen_notices": card.unseen,
    }
