"""A person's notices: what was told, and that it was read."""

from __future__ import annotations

from typing import Any

from compliance.core.lists import LARGEST_PAGE, Page
from compliance.core.notices import StoredNotice
from compliance.kernel.text import Text
from compliance.web import access
from compliance.web.api.errors import WrongValues
from compliance.web.api.operations import Asked, Operation, operation
from compliance.web.api.shapes import NAME, SAID, Day, ListOf, Maybe, Moment, Record, Whole, Word, Wrong, page_of
from compliance.web.api.telling import PAGING, asked_for, day, moment, page, said

_PARTS = {"plant": NAME}
_ROW = Record(
    "Notice",
    {
        "id": Whole(),
        "kind": NAME,
        "object": Word(1000),
        "rung": NAME,
        "about": Day(),
        "title": SAID,
        "body": SAID,
        "told": Day(),
        "seen_at": Maybe(Moment()),
        "mail": NAME,
    },
)
_SEEN = Record(
    "SeenWish", {"notices": ListOf(Whole(1), LARGEST_PAGE), "until": Whole(1)}, frozenset({"notices", "until"})
)


@operation(
    Operation(
        name="notices",
        method="GET",
        path="/plants/{plant}/notices",
        title=Text("我的通知，新的在前", "my notices, newest first"),
        parts=_PARTS,
        query=PAGING,
        answer=page_of("Notices", _ROW),
    )
)
def listing(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """A page of the person's notices; looking marks nothing as read."""
    person, given = access.person().person, asked_for(asked)
    lists, plant = access.services().lists, access.card().plant
    nothing: Page[StoredNotice] = Page(())
    return page(lists.notices_of(plant, person, given["after"], given["limit"]) if person else nothing, _told)


@operation(
    Operation(
        name="notices_seen",
        method="POST",
        path="/plants/{plant}/notices/seen",
        title=Text("记为已读：逐条，或到某条为止", "note as read: single ones, or all up to one"),
        parts=_PARTS,
        body=_SEEN,
        answer=Record("Unseen", {"unseen": Whole()}),
    )
)
def seen(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Note that notices were read; no act, so no leaf. How many are left."""
    person, bundle, plant, body = access.person().person, access.services(), access.card().plant, asked.body
    if not body:
        raise WrongValues([Wrong("#", Text("须给出 notices 或 until", "names notices or until"))])
    if person:
        with bundle.telling.work() as work:
            if body.get("notices"):
                work.see_notices(plant, person, body["notices"], bundle.clock.now())
            if body.get("until"):
                work.see_all_notices(plant, person, body["until"], bundle.clock.now())
    card = bundle.lists.plant(access.person().id, plant.key)
    return {"unseen": card.unseen if card else 0}


def _told(row: StoredNotice) -> dict[str, Any]:
    n = row.notice
    return {
        "id": row.id,
        "kind": n.kind,
        "object": n.object_id,
        "rung": n.rung,
        "about": day(n.about),
        "title": said(n.title),
        "body": said(n.body),
        "told": day(row.told),
        "seen_at": moment(row.seen_at) if row.seen_at else None,
        "mail": row.mail.value,
    }
