"""Readers of documents: who is asked and who has confirmed; naming them, and confirming."""

from __future__ import annotations

from typing import Any

from compliance.core.controlled import DocumentAtHand
from compliance.core.distribution import Reader, coverage_of
from compliance.core.documents.readers import LONGEST_DAYS, LONGEST_REASON, MOST_PARTIES, SHORTEST_DAYS, Readers
from compliance.kernel.text import Text
from compliance.web import access
from compliance.web.api.operations import Asked, Operation, operation
from compliance.web.api.shapes import NAME, Day, ListOf, Maybe, Moment, Record, Truth, Whole, Word
from compliance.web.api.telling import day, moment
from compliance.web.versions import about_version
from compliance.web.writing import writer

_PARTS = {"plant": NAME, "number": NAME, "place": Whole()}
_PARTY = Word(200, like="post:checker")
_READER = Record(
    "DocumentReader",
    {
        "account": NAME,
        "name": Word(),
        "department": Word(),
        "posts": Word(),
        "since": Day(),
        "due": Day(),
        "confirmed": Truth(),
        "confirmed_at": Maybe(Moment()),
        "late": Truth(),
    },
)
_READERS = Record(
    "DocumentReaders",
    {
        "parties": ListOf(_PARTY),
        "days": Maybe(Whole()),
        "by_rule": Truth(),
        "asked": Whole(),
        "confirmed": Whole(),
        "late": Whole(),
        "percent": Maybe(Whole()),
        "readers": ListOf(_READER),
    },
)
_WISH = Record(
    "DocumentReadersWish",
    {
        "parties": ListOf(_PARTY, MOST_PARTIES),
        "reason": Word(LONGEST_REASON, 1),
        "days": Whole(SHORTEST_DAYS, LONGEST_DAYS),
    },
    frozenset({"days"}),
)


@operation(
    Operation(
        name="document_readers",
        method="GET",
        path="/plants/{plant}/documents/{number}/{place}/readers",
        title=Text("版本的阅读人与确认情况", "the readers of a version, and who has confirmed"),
        parts=_PARTS,
        answer=_READERS,
    )
)
def readers(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Who reads a version."""
    return _told(_about(asked))


@operation(
    Operation(
        name="document_name_readers",
        method="POST",
        path="/plants/{plant}/documents/{number}/{place}/readers",
        title=Text("指定阅读范围，须有理由", "name who reads a version, with a reason"),
        parts=_PARTS,
        body=_WISH,
        answer=_READERS,
    )
)
def name(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Name other readers than those of the rule."""
    about, body = _about(asked), asked.body
    wished = (body["parties"], body["reason"], body.get("days"))
    _use().name(access.card().plant, writer(), about.version.object_id, *wished)
    return _told(about)


@operation(
    Operation(
        name="document_read",
        method="POST",
        path="/plants/{plant}/documents/{number}/{place}/read",
        title=Text("确认已阅读；须本人办理", "confirm having read a version, in person"),
        parts=_PARTS,
        body=Record("DocumentRead", {"account": NAME}, frozenset({"account"})),
        answer=_READERS,
    )
)
def read(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Confirm having read a version; ``account`` names an absent reader where the rule lets deputies confirm."""
    about = _about(asked)
    _use().confirm(access.card().plant, writer(), about.version.object_id, asked.body.get("account", ""))
    return _told(about)


def _use() -> Readers:
    return Readers(access.services().desk())


def _about(asked: Asked) -> DocumentAtHand:
    return about_version(asked.path["number"], asked.path["place"])


def _told(about: DocumentAtHand) -> dict[str, Any]:
    use, today = _use(), access.services().clock.today()
    with use.desk.register.read() as look:
        rule = use.desk.rule(about.document.rule)
        asking = use.asking(look, access.card().plant, about.version, rule)
    covered, given = coverage_of(asking.readers, today), asking.distribution
    return {
        "parties": list(given.parties) if given else [],
        "days": given.days if given and given.days else None,
        "by_rule": asking.by_rule,
        "asked": covered.asked,
        "confirmed": covered.confirmed,
        "late": covered.late,
        "percent": covered.percent,
        "readers": [_reader(r, late=r.late(today)) for r in asking.readers],
    }


def _reader(reader: Reader, *, late: bool) -> dict[str, Any]:
    return {
        "account": reader.account,
        "name": reader.name,
        "department": reader.department,
        "posts": reader.posts,
        "since": day(reader.since),
        "due": day(reader.due),
        "confirmed": reader.confirmed,
        "confirmed_at": moment(reader.reading.at) if reader.reading else None,
        "late": late,
    }
