"""Requests to change documents in force: the list, one, asking and deciding."""

from __future__ import annotations

from typing import Any

from flask import abort

from compliance.core.documents import ChangeRequest, RequestQuery, Use
from compliance.core.documents.change_requests import LONGEST_TEXT, STATES
from compliance.kernel.text import Text
from compliance.web import access
from compliance.web.api.operations import Asked, Operation, Query, operation
from compliance.web.api.shapes import NAME, SAID, ListOf, Maybe, Moment, Record, Truth, Whole, Word, page_of
from compliance.web.api.telling import PAGING, asked_for, moment, page, said
from compliance.web.writing import latest, writer

_TEXT = Word(LONGEST_TEXT)
_USE = Record("Use", {"kind": NAME, "what": Word(1000), "text": SAID})
_REQUEST = Record(
    "ChangeRequest",
    {
        "number": NAME,
        "document": NAME,
        "place": Whole(),
        "state": Word(words=STATES),
        "reason": _TEXT,
        "impact": _TEXT,
        "asked_by": NAME,
        "asked_at": Moment(),
        "decided_by": Maybe(NAME),
        "decided_at": Maybe(Moment()),
        "decision": Word(LONGEST_TEXT),
        "version": Maybe(Whole()),
        "uses": ListOf(_USE),
    },
)


@operation(
    Operation(
        name="change_requests",
        method="GET",
        path="/plants/{plant}/change-requests",
        title=Text("变更申请清单，新的在前", "requests to change documents, newest first"),
        parts={"plant": NAME},
        query={
            "state": Query(Word(words=STATES), Text("状态", "state")),
            "document": Query(NAME, Text("文件编号", "number of the document")),
            **PAGING,
        },
        answer=page_of("ChangeRequests", _REQUEST),
    )
)
def listing(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """A page of requests."""
    words = {name: asked.query.get(name, "") for name in ("state", "document")}
    query = RequestQuery(**words, **asked_for(asked))
    return page(access.services().asking.requests(access.card().plant, query), lambda row: _told(row.request))


@operation(
    Operation(
        name="document_where_used",
        method="GET",
        path="/plants/{plant}/documents/{number}/where-used",
        title=Text("文件用在何处", "what leads to a document"),
        parts={"plant": NAME, "number": NAME},
        answer=Record("WhereUsed", {"uses": ListOf(_USE)}),
    )
)
def where_used(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """What leads to a document."""
    about, bundle = latest(asked.path["number"]), access.services()
    with bundle.desk().register.read() as reads:
        return {"uses": [_use(u) for u in bundle.requests().where_used(reads, access.card().plant, about)]}


@operation(
    Operation(
        name="document_change",
        method="POST",
        path="/plants/{plant}/documents/{number}/change-requests",
        title=Text("申请变更有效文件", "ask for a change of a document in force"),
        parts={"plant": NAME, "number": NAME},
        body=Record("ChangeWish", {"reason": _TEXT, "impact": _TEXT}),
        answer=_REQUEST,
        status=201,
    )
)
def ask(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Ask for a change."""
    about, body = latest(asked.path["number"]), asked.body
    requests, plant = access.services().requests(), access.card().plant
    return _told(requests.ask(plant, writer(), about.number, body["reason"], body["impact"]))


@operation(
    Operation(
        name="document_change_decide",
        method="POST",
        path="/plants/{plant}/change-requests/{number}/decision",
        title=Text("决定变更申请", "accept or reject a request"),
        parts={"plant": NAME, "number": NAME},
        body=Record("ChangeDecision", {"accept": Truth(), "reason": _TEXT}),
        answer=_REQUEST,
    )
)
def decide(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Accept (the next version opens) or reject."""
    bundle, plant, body = access.services(), access.card().plant, asked.body
    with bundle.desk().register.read() as reads:
        if bundle.requests().look(reads, plant, asked.path["number"]) is None:
            abort(404)
    accept, why = body["accept"], body["reason"]
    return _told(bundle.requests().decide(plant, writer(), asked.path["number"], accept=accept, why=why))


def _use(it: Use) -> dict[str, Any]:
    return {"kind": it.kind, "what": it.what, "text": said(it.text)}


def _told(it: ChangeRequest) -> dict[str, Any]:
    return {
        "number": it.number,
        "document": it.document,
        "place": it.place,
        "state": it.state,
        "reason": it.reason,
        "impact": it.impact,
        "asked_by": it.asked_by,
        "asked_at": moment(it.asked_at),
        "decided_by": it.decided_by or None,
        "decided_at": moment(it.decided_at) if it.decided_at else None,
        "decision": it.decision,
        "version": it.version,
        "uses": [_use(u) for u in it.uses],
    }
