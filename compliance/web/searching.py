"""查找: what has the words that are asked for, in one plant or in every plant of a person; each hit with its place."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.core.judged import NONCONFORMITY
from compliance.core.lists import Page, PlantCard
from compliance.core.permissions import Denied, Permission, may
from compliance.core.searching import (
    ANY_DAY,
    BETWEEN,
    NO_PLANT,
    OF_RULES,
    Days,
    Hit,
    IndexBusy,
    Kind,
    case_of,
    question,
)
from compliance.kernel.errors import WrongUse
from compliance.web import access, asked
from compliance.web.i18n import _, said
from compliance.web.sources import SEPARATOR

_LOG = logging.getLogger(__name__)
blueprint = Blueprint("searching", __name__)
#: Entries that one look at a page may bring into the index; the worker brings the rest.
MOST = 500
_LONGEST_PLACE = 600
#: States that can be asked for: what still asks for something, and what no longer does.
OPEN, SETTLED = "open", "settled"


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits; ``whole``: the index was at the end of the logs."""

    page: Page[Hit]
    whole: bool


@dataclass(frozen=True, slots=True)
class Filters:
    """What of all that answers a question is shown: kinds, days, and what is still open or no longer."""

    kinds: Sequence[Kind] = ()
    days: Days = ANY_DAY
    state: str = ""

    @property
    def is_open(self) -> bool | None:
        """Whether only what is open is asked for, or only what is not."""
        return {OPEN: True, SETTLED: False}.get(self.state)

    @property
    def any(self) -> bool:
        """Whether something is left out by them."""
        return bool(self.kinds or self.state or not self.days.any)


def found(cards: Mapping[int, PlantCard], words: str, filters: Filters, after: str) -> Found:
    """What answers a question in these plants, and in the rule base for whoever may read it."""
    wanted = question(words)
    plants = set(cards)
    if _reader_of_rules(cards):
        plants.add(NO_PLANT)
    whole = _fresh()
    search, kinds, days = access.services().search, filters.kinds, filters.days
    return Found(search.find(wanted, plants, kinds, after, days, is_open=filters.is_open), whole)


def _fresh() -> bool:
    """Bring the index to the end of the logs, as far as one look may; a search works without it, on what is there."""
    try:
        return access.services().search.refresh(MOST)
    except (IndexBusy, OSError):
        _LOG.warning("the search index was not brought up to date", exc_info=True)
        return False


def _reader_of_rules(cards: Mapping[int, PlantCard]) -> PlantCard | None:
    return next((c for c in cards.values() if not isinstance(may(c.roles, Permission.RULES), Denied)), None)


@blueprint.get("/p/<plant>/search")
def page() -> ResponseReturnValue:
    """Search one plant."""
    return _page({access.card().plant.id: access.card()})


@blueprint.get("/search")
def every() -> ResponseReturnValue:
    """Search every plant of the person, or one of them."""
    cards = access.services().lists.plants(access.person().id)
    seen = {c.plant.id: c for c in cards if not isinstance(may(c.roles, Permission.VIEW), Denied)}
    chosen = {number: card for number, card in seen.items() if access.ref(card) == asked.word("in")}
    return _page(chosen or seen, list(seen.values()))


def _page(cards: Mapping[int, PlantCard], choice: Sequence[PlantCard] = ()) -> ResponseReturnValue:
    words, filters = request.args.get("q", ""), _filters()
    result, problem = None, None
    if words.strip():
        try:
            result = found(cards, words, filters, request.args.get("after", "")[:_LONGEST_PLACE])
        except WrongUse as error:
            problem = error.message
    shown = render_template(
        "search.html",
        words=words if problem is None else asked.word("q"),
        filters=filters,
        choice=[(access.ref(card), card.plant.name) for card in choice],
        chosen=access.ref(next(iter(cards.values()))) if len(cards) < len(choice) else "",
        states=((OPEN, _("未了结")), (SETTLED, _("已了结"))),
        kinds=[(one, name_of(one)) for one in Kind if one not in OF_RULES or _reader_of_rules(cards)],
        page=result.page if result else Page(()),
        asked=result is not None,
        whole=result is None or result.whole,
        problem=problem,
        address=lambda hit: address(hit, cards),
        plant_of=lambda hit: cards.get(hit.key.plant),
        name_of=name_of,
        title_of=lambda hit: hit.title(said),
    )
    return shown, 200 if problem is None else 400


def _filters() -> Filters:
    kind, state = asked.word("kind"), asked.word("state")
    return Filters(
        kinds=[one for one in Kind if one.value == kind],
        days=Days(asked.day("from"), asked.day("until")),
        state=state if state in {OPEN, SETTLED} else "",
    )


def name_of(kind: Kind) -> str:
    """A kind in words."""
    names = {
        Kind.DOCUMENT: _("文件"),
        Kind.EVENT: _("事件"),
        Kind.REVIEW: _("评审与审核"),
        Kind.NONCONFORMITY: _("不符合项"),
        Kind.FINDING: _("发现"),
        Kind.REQUIREMENT: _("标准要求"),
        Kind.RULE: _("规则"),
        Kind.FILE: _("证据文件"),
        Kind.OCCURRENCE: _("义务"),
        Kind.RECORD: _("登记事项"),
    }
    return names[kind]


def address(hit: Hit, cards: Mapping[int, PlantCard]) -> str:
    """The page of what was found; a rule is read at a plant where the person may."""
    key, card = hit.key, cards.get(hit.key.plant) or _reader_of_rules(cards)
    plant = access.ref(card) if card else ""
    match key.kind:
        case Kind.DOCUMENT:
            return url_for("documents.page", plant=plant, number=key.id)
        case Kind.NONCONFORMITY:
            return url_for("tickets.page", plant=plant, number=key.id)
        case Kind.FINDING:
            return url_for("findings.finding", plant=plant, number=int(key.id))
        case Kind.OCCURRENCE:
            return url_for("obligations.occurrence", plant=plant, number=int(key.id))
        case Kind.FILE:
            return _of_case(plant, *case_of(key))
        case Kind.EVENT | Kind.REVIEW | Kind.RECORD:
            return url_for("trail.source", plant=plant, table=key.id.partition(BETWEEN)[0], key=hit.entry.ref)
        case _:
            kind, _slash, rule = key.id.partition("/")
            return url_for("rules.rule", plant=plant, kind=kind, rule=rule)


def _of_case(plant: str, kind: str, object_id: str) -> str:
    """The page of the case that a file was handed in to."""
    if kind == NONCONFORMITY:
        return url_for("tickets.page", plant=plant, number=object_id)
    obligation, _slash, rest = object_id.partition("/")
    subject, _slash, period = rest.rpartition("/")
    if kind == Kind.OCCURRENCE and subject:
        key = SEPARATOR.join((obligation, subject, period))
        return url_for("trail.source", plant=plant, table=Kind.OCCURRENCE.value, key=key)
    return url_for("documents.page", plant=plant, number=obligation)
