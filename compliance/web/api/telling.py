"""How the API writes what many answers hold: texts, moments, pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request

from compliance.core.lists import LARGEST_PAGE, PAGE, Page
from compliance.kernel.text import Text
from compliance.web import access
from compliance.web.api.errors import PREFIX
from compliance.web.api.operations import Asked, Query
from compliance.web.api.shapes import Whole, Word

T = TypeVar("T")
#: What every list asks.
PAGING: Mapping[str, Query] = {
    "after": Query(Word(1000), Text("上一页给出的位置", "the position that the page before gave")),
    "limit": Query(Whole(1, LARGEST_PAGE), Text(f"每页行数，默认 {PAGE}", f"rows of a page, {PAGE} unless said")),
}


def said(text: Text | str) -> dict[str, str]:
    """A text in both languages."""
    return {"zh": text, "en": text} if isinstance(text, str) else {"zh": text.zh, "en": text.en}


def day(value: date | None) -> str | None:
    """A day, ISO."""
    return value.isoformat() if value else None


def plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """What the core tells to programs, as JSON: texts in both languages, days ISO."""
    match value:
        case Text():
            return said(value)
        case date():
            return day(value)
        case Mapping():
            return {str(name): plain(one) for name, one in value.items()}
        case list():
            return [plain(one) for one in value]
        case _:
            return value


def moment(value: datetime | str) -> str:
    """A moment at the site, with its distance from UTC."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return at.astimezone(access.services().site.zone).isoformat(timespec="milliseconds")


def page(found: Page[T], told: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """A page of rows with the address of the next."""
    return {"rows": [told(row) for row in found.rows], "next": _next(found.next)}


def asked_for(asked: Asked) -> dict[str, Any]:
    """Position and length of the page that is asked for."""
    return {"after": asked.query.get("after", ""), "limit": asked.query.get("limit", PAGE)}


def here(*parts: object) -> str:
    """The address of a thing of the plant."""
    return "/".join((PREFIX, "plants", access.ref(access.card()), *(str(part) for part in parts)))


def _next(position: str) -> str | None:
    if not position:
        return None
    pairs = [(k, v) for k, v in request.args.items(multi=True) if k != "after"]
    return f"{request.path}?{urlencode([*pairs, ('after', position)])}"
