"""Requests to change documents, in the register."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from compliance.adapters.change_tables import change_request
from compliance.adapters.database import Database
from compliance.adapters.document_tables import document, document_text, document_version
from compliance.adapters.drift import SqlDriftChanges, SqlDriftReads
from compliance.adapters.positions import Position, pack, unpack
from compliance.core.documents import ChangeRequest, RequestQuery, RequestRow, Use
from compliance.core.documents.change_requests import ACCEPTED, CLOSED, OPEN, REJECTED
from compliance.core.lists import LARGEST_EXPORT, Page
from compliance.core.plants import Plant
from compliance.kernel.canonical import canonical
from compliance.kernel.text import Text

_OWN = [c.name for c in change_request.c if c.name not in ("id", "plant_id", "uses")]
_DECIDED = ("accepted", "decided_by", "decided_name", "decided_at", "decision", "version")
_BIGGEST_ID = 2**63 - 1


class SqlRequestReads(SqlDriftReads):
    """The reading half of ``core.documents.change_requests``."""

    def request(self, plant: Plant, number: str) -> ChangeRequest | None:
        """One request."""
        c = change_request.c
        row = self._execute(_asked(plant).where(c.number == number)).first()
        return request_of(row) if row else None

    def requests_told(self, plant: Plant, since: date) -> Sequence[RequestRow]:
        """The requests that are open, and those decided on or after a day: one statement."""
        c = change_request.c
        told = or_(c.accepted.is_(None), c.decided_at >= since.isoformat())
        return [_request_row(row) for row in self._execute(_titled(plant).where(told).order_by(c.id))]

    def naming_documents(self, plant: Plant, text: str) -> Sequence[str]:
        """The numbers of documents into which authors wrote a text."""
        c = document_text.c
        found = select(c.number).where(c.plant_id == plant.id, c.content.contains(text, autoescape=True))
        return list(self._execute(found.distinct().order_by(c.number)).scalars())


class SqlRequestChanges(SqlRequestReads, SqlDriftChanges):
    """The writing half."""

    def add_request(self, plant: Plant, request: ChangeRequest) -> None:
        """Store a new request."""
        values = {name: getattr(request, name) for name in _OWN}
        uses = [{"kind": u.kind, "what": u.what, "zh": u.text.zh, "en": u.text.en} for u in request.uses]
        self._change(insert(change_request).values(plant_id=plant.id, uses=canonical(uses).decode(), **values))

    def decide_request(self, plant: Plant, request: ChangeRequest) -> None:
        """Store what was decided of a request that was open; nothing else of it ever changes."""
        c = change_request.c
        which = (c.plant_id == plant.id, c.number == request.number, c.accepted.is_(None))
        self._change(update(change_request).where(*which).values({n: getattr(request, n) for n in _DECIDED}))


class SqlRequestLists:
    """Implements ``core.documents.RequestLists``."""

    def __init__(self, database: Database) -> None:
        """Ask the register's database."""
        self._database = database

    def requests(self, plant: Plant, query: RequestQuery) -> Page[RequestRow]:
        """A page of requests, newest first: one statement."""
        c, v = change_request.c, document_version.c
        asked = _titled(plant)
        states = {
            OPEN: c.accepted.is_(None),
            REJECTED: c.accepted.is_(False),
            ACCEPTED: and_(c.accepted.is_(True), v.issued.is_(None)),
            CLOSED: and_(c.accepted.is_(True), v.issued.is_not(None)),
        }
        if query.state:
            asked = asked.where(states.get(query.state, c.id < 0))
        if query.document:
            asked = asked.where(c.document == query.document)
        if query.after:
            asked = asked.where(c.id < min(Position.number(unpack(query.after, 1)[0]), _BIGGEST_ID))
        limit = max(1, min(query.limit, LARGEST_EXPORT))
        with self._database.read() as connection:
            rows = connection.execute(asked.order_by(c.id.desc()).limit(limit + 1)).all()
        more = pack(rows[limit - 1].id) if len(rows) > limit else ""
        return Page(tuple(_request_row(row) for row in rows[:limit]), more)


def _asked(plant: Plant) -> Any:  # noqa: ANN401 - a select
    """Requests with whether the version that answers them was issued."""
    c, v = change_request.c, document_version.c
    same = and_(v.plant_id == c.plant_id, v.number == c.document, v.place == c.version)
    issued = v.issued.is_not(None).label("issued")
    return select(change_request, issued).outerjoin(document_version, same).where(c.plant_id == plant.id)


def _titled(plant: Plant) -> Any:  # noqa: ANN401 - a select
    """The same with title and rule of the document."""
    c, d = change_request.c, document.c
    titles = (d.title_zh.label("zh"), d.title_en.label("en"), d.rule.label("rule"))
    asked = _asked(plant).add_columns(*titles)
    return asked.join(document, and_(d.plant_id == c.plant_id, d.number == c.document))


def _request_row(row: Any) -> RequestRow:  # noqa: ANN401 - a row
    return RequestRow(request_of(row), Text(row.zh, row.en), row.rule)


def request_of(row: Any) -> ChangeRequest:  # noqa: ANN401 - a row
    """A request of its row."""
    uses = tuple(Use(one["kind"], one["what"], Text(one["zh"], one["en"])) for one in json.loads(row.uses))
    return ChangeRequest(**{name: getattr(row, name) for name in _OWN}, uses=uses, issued=bool(row.issued))
