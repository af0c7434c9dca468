"""Finding things of a plant, and rules, by their words."""

from __future__ import annotations

from typing import Any

from compliance.core.lists import Page
from compliance.core.searching import Days, Hit, Kind
from compliance.kernel.text import Text
from compliance.web import access, searching
from compliance.web.api.operations import Asked, Operation, Query, operation
from compliance.web.api.shapes import NAME, SAID, Day, ListOf, Maybe, Record, Truth, Word, page_of
from compliance.web.api.telling import PAGING, day, page, said

_PIECE = Record("Piece", {"text": Word(100_000), "found": Truth()})
_ROW = Record(
    "Hit",
    {
        "kind": NAME,
        "id": Word(1000, like="NC-2026-0001"),
        "title": SAID,
        "day": Maybe(Day()),
        "snippet": ListOf(_PIECE),
        "page": Word(2000, like="/p/…"),
    },
)
_ASKED = {
    "q": Query(Word(like="会议"), Text('词、"短语"、词头*', 'words, "a phrase", a beginning*')),
    "kind": Query(Word(words=tuple(kind.value for kind in Kind)), Text("类别", "the kind")),
    "state": Query(
        Word(words=(searching.OPEN, searching.SETTLED)), Text("未了结或已了结", "what is still open, or no longer")
    ),
    "from": Query(Day(), Text("日期自（含）", "the first day")),
    "until": Query(Day(), Text("日期至（含）", "the last day")),
    "after": PAGING["after"],
}


@operation(
    Operation(
        name="search",
        method="GET",
        path="/plants/{plant}/search",
        title=Text("按词查找", "find things by their words"),
        parts={"plant": NAME},
        query=_ASKED,
        answer=page_of("Hits", _ROW),
    )
)
def search(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """A page of hits: those of a page with the same words; nothing is asked by no words."""
    card, words = access.card(), asked.query.get("q", "")
    if not words.strip():
        nothing: Page[Hit] = Page(())
        return page(nothing, _told)
    kinds = [Kind(asked.query["kind"])] if asked.query.get("kind") else []
    filters = searching.Filters(
        kinds, Days(asked.query.get("from"), asked.query.get("until")), asked.query.get("state", "")
    )
    result = searching.found({card.plant.id: card}, words, filters, asked.query.get("after", ""))
    return page(result.page, _told)


def _told(hit: Hit) -> dict[str, Any]:
    card = access.card()
    return {
        "kind": hit.key.kind.value,
        "id": hit.key.id,
        "title": said(hit.entry.title),
        "day": day(hit.entry.day),
        "snippet": [{"text": piece.text, "found": piece.found} for piece in hit.snippet()],
        "page": searching.address(hit, {card.plant.id: card}),
    }
