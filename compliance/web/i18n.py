"""The two languages of the screens: sentences are written in Chinese, a gettext catalog gives the English.

The catalog is read as text when the program starts, so no compiled file is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from flask import Flask, current_app, has_request_context, request
from markupsafe import Markup

from compliance.kernel.text import Language, Text

LANGUAGES: tuple[Language, ...] = ("zh", "en")
COOKIE = "language"
_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
_CATALOG = Path(__file__).parent / "locale" / "en" / "LC_MESSAGES" / "messages.po"


@cache
def catalog() -> Mapping[str, str | tuple[str, ...]]:
    """English sentences by their Chinese ones; a tuple holds singular and plural."""
    with _CATALOG.open(encoding="utf-8") as file:
        entries = read_po(file, locale="en")
    return {
        (m.id if isinstance(m.id, str) else m.id[0]): (m.string if isinstance(m.string, str) else tuple(m.string or ()))
        for m in entries
        if m.id
    }


#: The language of the request that is being answered: a page asks for it three hundred times.
_SPOKEN: ContextVar[Language | None] = ContextVar("spoken", default=None)


def language() -> Language:
    """Language of the request: the person's choice, else what the browser asks for, else the site's."""
    return _SPOKEN.get() or (_chosen() if has_request_context() else "zh")


def _chosen() -> Language:
    wanted = request.cookies.get(COOKIE)
    if wanted in LANGUAGES:
        return "en" if wanted == "en" else "zh"
    asked = request.accept_languages.best_match(("zh", "zh-CN", "zh-Hans", "en", "en-GB", "en-US"))
    if asked is None:
        default: Language = current_app.config["LANGUAGE"]
        return default
    return "en" if asked.startswith("en") else "zh"


def gettext(message: str, **values: object) -> str:
    """The sentence in the language of the request, with its values."""
    sentence = message
    if language() == "en":
        found = catalog().get(message, message)
        sentence = found if isinstance(found, str) else found[0]
    return sentence % values if values else sentence


def ngettext(message: str, plural: str, num: int, **values: object) -> str:
    """As :func:`gettext`; English has a plural, Chinese has none."""
    return _plural(message, plural, num) % {"num": num, **values}


_ = gettext


def said(text: Text | str | None) -> str:
    """A text of the rules in the language of the request."""
    if text is None:
        return ""
    return text if isinstance(text, str) else text.in_(language())


def day(value: date | None, style: str = "medium") -> str:
    """A day as people of the language write it; ISO where columns are compared (``iso``)."""
    if value is None:
        return "—"
    if style == "iso":
        return value.isoformat()
    return _written(value, "EEE" if style == "weekday" else style, language())


@lru_cache(maxsize=4096)
def _written(value: date, style: str, in_language: Language) -> str:
    """The same few days stand on every page, and writing one takes as long as a row."""
    return str(format_date(value, style, locale=_LOCALES[in_language]))


def month(value: str) -> str:
    """``YYYY-MM`` as a month; anything else as it stands."""
    year, _sep, rest = value.partition("-")
    if len(year) != len("2026") or not (year.isdigit() and rest.isdigit()):
        return value
    pattern = "y年M月" if language() == "zh" else "MMM y"
    return _written(date(int(year), int(rest), 1), pattern, language())


def month_short(value: str) -> str:
    """``YYYY-MM`` as the name of its month."""
    return _written(date.fromisoformat(f"{value}-01"), "MMM", language())


def moment(value: datetime | str, zone: ZoneInfo) -> str:
    """A moment at the site, to the second."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def moment_with_offset(value: datetime | str, zone: ZoneInfo) -> str:
    """A moment at the site with the site's distance from UTC: what a signature shows."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return at.astimezone(zone).isoformat(sep=" ", timespec="seconds")


def number(value: int | Decimal) -> str:
    """A number with the separators of the language."""
    return str(format_decimal(value, locale=_LOCALES[language()]))


def install(app: Flask, default: Language) -> None:
    """Give templates ``_``, ``ngettext`` and the filters of this module; ``default`` where nobody asks for another."""
    catalog()
    app.config["LANGUAGE"] = default
    app.before_request(_begin)
    app.teardown_request(_end)
    app.jinja_env.globals.update(_=_marked, ngettext=_marked_plural)
    # Jinja's own extension makes a new context for every sentence in a loop, and asks each time for the language.
    app.context_processor(lambda: {"_": _sayer(language())})
    app.jinja_env.filters.update(said=said, day=day, month=month, month_short=month_short, number=number)
    app.jinja_env.globals.update(language=language)


def _begin() -> None:
    _SPOKEN.set(_chosen())


def _end(_error: BaseException | None) -> None:
    _SPOKEN.set(None)


def _marked(message: str, **values: object) -> Markup:
    return _sayer(language())(message, **values)


@cache
def _sayer(in_language: Language) -> Callable[..., Markup]:
    """What says a sentence as part of a page: it may hold mark-up, its values may not."""
    known: dict[str, Markup] = {}  # as many as the templates hold
    sentences = catalog() if in_language == "en" else {}

    def say(message: str, **values: object) -> Markup:
        sentence = known.get(message)
        if sentence is None:
            found = sentences.get(message, message)
            sentence = known[message] = Markup(found if isinstance(found, str) else found[0])  # noqa: S704 - our own words
        return sentence % values if values else sentence

    return say


def _marked_plural(message: str, plural: str, num: int, **values: object) -> Markup:
    return Markup(_plural(message, plural, num)) % {"num": num, **values}  # noqa: S704 - our own words


def _plural(message: str, plural: str, num: int) -> str:
    if language() == "en":
        found = catalog().get(message, plural)
        return found if isinstance(found, str) else found[0 if num == 1 else -1]
    return message
