"""Findings, each down to the facts that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import abort

from compliance.core.facts.catalogue import QUANTITY_SUFFIX
from compliance.core.judged import Found, StoredFinding
from compliance.core.lists import FindingQuery, OfRules
from compliance.core.lookback import Then
from compliance.kernel.quantity import from_micro
from compliance.kernel.text import Text
from compliance.rulebase.evaluator import FactValue
from compliance.web import access, lookback, scope
from compliance.web.api.errors import WrongValues
from compliance.web.api.operations import Asked, Operation, Query, operation
from compliance.web.api.replays import REPLAY, told
from compliance.web.api.shapes import (
    NAME,
    SAID,
    Day,
    ListOf,
    MapOf,
    Maybe,
    OneOf,
    Record,
    Truth,
    Whole,
    Word,
    Wrong,
    page_of,
)
from compliance.web.api.telling import (
    LOOKBACK,
    LOOKED_BACK,
    PAGING,
    asked_for,
    day,
    here,
    looked_back,
    page,
    said,
    then_asked,
)
from compliance.web.replays import of_finding

_SHOWN: Mapping[str, bool | None] = {"standing": True, "withdrawn": False, "all": None}
_ROW = Record(
    "Finding",
    {
        "id": Maybe(Whole()),
        "situation": NAME,
        "rule": NAME,
        "title": SAID,
        "clause": NAME,
        "strength": NAME,
        "subject": NAME,
        "period": NAME,
        "standard": NAME,
        "category": NAME,
        "grade": NAME,
        "message": SAID,
        "remedy": SAID,
        "first_seen": Maybe(Day()),
        "withdrawn": Maybe(Day()),
        "nonconformity": NAME,
        "href": Maybe(Word(1000, like="/api/v1/…")),
    },
)
_FACT = MapOf(Maybe(OneOf((Word(10_000), Truth(), Whole(least=-(2**53))))))
_DETAIL = Record("FindingDetail", {**_ROW.members, "rule_digest": Word(100), "facts": ListOf(_FACT), "replay": REPLAY})
_STANDARD = Query(NAME, Text("标准的标识", "id of a standard that the plant follows"))
_ONLY_STANDING = Text(
    "回看只列出届时成立的发现，不能与此同用", "a look back lists what would hold; not to be asked with it"
)
_FILTERS = {
    "shown": Query(Word(words=tuple(_SHOWN)), Text("默认只有仍成立的", "those that stand, unless said")),
    **{
        name: Query(NAME, Text(name, name))
        for name in ("situation", "grade", "category", "subject", "period", "nonconformity")
    },
}


@operation(
    Operation(
        name="findings",
        method="GET",
        path="/plants/{plant}/findings",
        title=Text("发现清单", "findings"),
        parts={"plant": NAME},
        query={**_FILTERS, "standard": _STANDARD, **LOOKBACK, **PAGING},
        answer=page_of("Findings", _ROW, looked_back=LOOKED_BACK),
    )
)
def listing(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """A page of findings: stored ones, or what would hold in a look back, which has no number and no ticket."""
    if then := then_asked(asked):
        return _then_listing(asked, then)
    words = {name: text for name, text in asked.query.items() if name in _FILTERS and name != "shown"}
    query = FindingQuery(
        standing=_SHOWN[asked.query.get("shown", "standing")], of=_of(asked), **words, **asked_for(asked)
    )
    return page(access.services().lists.findings(access.card().plant, query), _told)


def _of(asked: Asked) -> OfRules | None:
    return scope.asked_rules(asked.query.get("standard", ""))


def _then_listing(asked: Asked, then: Then) -> Any:  # noqa: ANN401 - JSON
    unfit = [name for name in ("shown", "nonconformity") if name in asked.query]
    if unfit:
        raise WrongValues([Wrong(f"?{name}", _ONLY_STANDING) for name in unfit])
    words = {name: text for name, text in asked.query.items() if name in _FILTERS}
    of = lookback.concluded(then)
    found = lookback.findings(of, FindingQuery(of=_of(asked), **words, **asked_for(asked)))
    return page(found, _would_hold) | {"looked_back": looked_back(of)}


@operation(
    Operation(
        name="finding",
        method="GET",
        path="/plants/{plant}/findings/{number}",
        title=Text("一条发现及其事实", "one finding with its facts"),
        parts={"plant": NAME, "number": Whole()},
        answer=_DETAIL,
        tagged=True,
    )
)
def finding(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """One finding."""
    stored = access.services().lists.finding(access.card().plant, asked.path["number"]) or abort(404)
    facts = [_fact(fact) for fact in stored.found.facts]
    replay = told(of_finding(stored.found).replay)
    return _told(stored) | {"rule_digest": stored.found.rule_digest, "facts": facts, "replay": replay}


def _fact(fact: Mapping[str, FactValue]) -> dict[str, Any]:
    return dict(_property(name, value) for name, value in fact.items())


def _property(name: str, value: FactValue) -> tuple[str, Any]:
    """A quantity is told as a decimal, under its name without the ending that says in which units it is kept."""
    if name.endswith(QUANTITY_SUFFIX) and type(value) is int:
        return name.removesuffix(QUANTITY_SUFFIX), f"{from_micro(value):f}"
    return name, value.isoformat() if isinstance(value, date) else value


def _told(stored: StoredFinding) -> dict[str, Any]:
    return {
        "id": stored.id,
        **_said(stored.found),
        "first_seen": day(stored.first_seen),
        "withdrawn": day(stored.withdrawn),
        "nonconformity": stored.nonconformity,
        "href": here("findings", stored.id),
    }


def _would_hold(found: Found) -> dict[str, Any]:
    none = dict.fromkeys(("id", "first_seen", "withdrawn", "href"))
    return {**none, **_said(found), "nonconformity": ""}


def _said(f: Found) -> dict[str, Any]:
    return {
        "situation": f.situation,
        "rule": f.rule,
        "title": said(f.title),
        "clause": f.clause,
        "strength": f.strength,
        "subject": f.subject,
        "period": f.period,
        "standard": scope.code_of(f.rule, f.rule_digest),
        "category": f.category,
        "grade": f.grade,
        "message": said(f.message),
        "remedy": said(f.remedy),
    }
