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
from compliance.core.searching import NO_PLANT, OF_RULES, Hit, IndexBusy, Kind, case_of, question
from compliance.kernel.errors import WrongUse
from compliance.web import access, asked
from compliance.web.i18n import _, said
from compliance.web.sources import SEPARATOR

_LOG = logging.getLogger(__name__)
blueprint = Blueprint("searching", __name__)
#: Entries that one look at a page may bring into the index; the worker brings the rest.
MOST = 500
_LONGEST_PLACE = 600


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits; ``whole``: the index was at the end of the logs."""

    page: Page[Hit]
    whole: bool


def found(cards: Mapping[int, PlantCard], words: str, kinds: Sequence[Kind], after: str) -> Found:
    """What answers a question in these plants, and in the rule base for whoever may read it."""
    wanted = question(words)
    plants = set(cards)
    if _reader_of_rules(cards):
        plants.add(NO_PLANT)
    whole = _fresh()
    return Found(access.services().search.find(wanted, plants, kinds, after), whole)


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
    """Search every plant of the person."""
    cards = access.services().lists.plants(access.person().id)
    return _page({c.plant.id: c for c in cards if not isinstance(may(c.roles, Permission.VIEW), Denied)})


def _page(cards: Mapping[int, PlantCard]) -> ResponseReturnValue:
    words, kind = request.args.get("q", ""), asked.word("kind")
    kinds = [one for one in Kind if one.value == kind]
    result, problem = None, None
    if words.strip():
        try:
            result = found(cards, words, kinds, request.args.get("after", "")[:_LONGEST_PLACE])
        except WrongUse as error:
            problem = error.message
    shown = render_template(
        "search.html",
        words=words if problem is None else "",
        kind=kind if kinds else "",
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


def name_of(kind: Kind) -> str:
    """A kind in words."""
    names = {
        Kind.DOCUMENT: _("文件"),
        Kind.NONCONFORMITY: _("不符合项"),
        Kind.FINDING: _("发现"),
        Kind.REQUIREMENT: _("标准要求"),
        Kind.RULE: _("规则"),
        Kind.FILE: _("证据文件"),
        Kind.OCCURRENCE: _("义务"),
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
