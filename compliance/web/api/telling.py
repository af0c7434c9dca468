"""How the API writes what many answers hold: texts, moments, pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request

from compliance.core.lists import LARGEST_PAGE, PAGE, Page
from compliance.core.lookback import Then
from compliance.kernel.text import Text
from compliance.web import access
from compliance.web.api.errors import PREFIX
from compliance.web.api.operations import Asked, Query
from compliance.web.api.shapes import NAME, Day, Maybe, Record, Whole, Word
from compliance.web.lookback import Concluded, then_of

T = TypeVar("T")
#: What every list asks.
PAGING: Mapping[str, Query] = {
    "after": Query(Word(1000), Text("上一页给出的位置", "the position that the page before gave")),
    "limit": Query(Whole(1, LARGEST_PAGE), Text(f"每页行数，默认 {PAGE}", f"rows of a page, {PAGE} unless said")),
}
#: The two days of a look back.
LOOKBACK: Mapping[str, Query] = {
    "as_of": Query(Day(), Text("截至日：按该日的情况推算", "judged as on this day; nothing is written")),
    "known_on": Query(Day(), Text("获知日：按该日所知的规则与因子", "with the rules and factors known on this day")),
}
LOOKED_BACK = Record("LookedBack", {"as_of": Day(), "known_on": Maybe(Day()), "ruleset": NAME, "unknown": Whole()})


def looked_back(of: Concluded) -> dict[str, Any]:
    """What a list that looks back says of itself: the days, the rule base and its wordings not known then."""
    then, rules = of.then, of.rules
    return {
        "as_of": day(then.as_of),
        "known_on": day(then.known_on),
        "ruleset": rules.digest,
        "unknown": rules.unknown if then.known_on else 0,
    }


def then_asked(asked: Asked) -> Then | None:
    """The look back that a request asks for, if any."""
    return then_of(asked.query.get("as_of"), asked.query.get("known_on"))


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
