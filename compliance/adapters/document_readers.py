"""Readers of documents in the register: who reads a version, and who has confirmed it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, Select, Text, and_, cast, func, insert, null, select, union_all, update

from compliance.adapters.accounts import Changing, Connected
from compliance.adapters.case_tables import work_case
from compliance.adapters.change_tables import change_request
from compliance.adapters.document_tables import document, document_distribution, document_reading, document_version
from compliance.adapters.drift_tables import document_drift
from compliance.core.distribution import Distribution, InForce, Reading
from compliance.core.looking import Accepted
from compliance.core.model import AskedVersion
from compliance.core.plants import Plant
from compliance.kernel.canonical import canonical
from compliance.kernel.text import Text as Words

#: Between the readers of a version, and between an account and its moment.
_BETWEEN, _WITHIN = "\n", "\t"
_READING = [f.name for f in fields(Reading)]


class SqlReaderReads(Connected):
    """What ``core.controlled.DocumentReads`` asks of readers."""

    def in_force(self, plant: Plant) -> Sequence[InForce]:
        """Every issued version that has not ended, with its readers: one statement."""
        return [in_force_of(row) for row in self._execute(asked_in_force(plant, None))]

    def distribution(self, plant: Plant, number: str, place: int) -> Distribution | None:
        """Who reads a version; None where nobody is named."""
        c = document_distribution.c
        query = select(document_distribution).where(c.plant_id == plant.id, c.number == number, c.place == place)
        row = self._execute(query).first()
        return distribution_of(row) if row else None

    def readings(self, plant: Plant, number: str, place: int) -> Sequence[Reading]:
        """Who has confirmed a version, in the order of accounts."""
        c = document_reading.c
        query = select(document_reading).where(c.plant_id == plant.id, c.number == number, c.place == place)
        return [reading_of(row) for row in self._execute(query.order_by(c.account))]

    def accepted_and_asked(self, plant: Plant, kind: str, rules: Sequence[str]) -> tuple[Accepted, list[AskedVersion]]:
        """Settled cases of a kind, and versions of documents of these rules issued to readers: one statement."""
        rows = self._execute(union_all(_settled(plant, kind), _asked(plant, rules))).all()
        accepted = {row.name: (row.done_on, row.settled) for row in rows if row.rule is None}
        versions = sorted((row for row in rows if row.rule is not None), key=lambda row: (row.name, row.place))
        return accepted, [_asked_of(row, self.day_of) for row in versions]


class SqlReaderChanges(SqlReaderReads, Changing):
    """What ``core.controlled.DocumentWork`` asks of readers."""

    def save_distribution(self, plant: Plant, it: Distribution) -> None:
        """Insert or replace who reads a version."""
        c = document_distribution.c
        values = {f.name: getattr(it, f.name) for f in fields(it)} | {"parties": canonical(it.parties).decode()}
        same = (c.plant_id == plant.id, c.number == it.number, c.place == it.place)
        if not self._change(update(document_distribution).where(*same).values(**values)).rowcount:
            self._change(insert(document_distribution).values(plant_id=plant.id, **values))

    def add_reading(self, plant: Plant, it: Reading) -> None:
        """Keep that a reader has confirmed a version."""
        values = {name: getattr(it, name) for name in _READING}
        self._change(insert(document_reading).values(plant_id=plant.id, **values))


def distribution_of(row: Any) -> Distribution:  # noqa: ANN401 - a row
    """A distribution of its row."""
    return Distribution(
        number=row.number,
        place=row.place,
        parties=tuple(json.loads(row.parties)),
        days=row.days,
        deputies=row.deputies,
        asked=row.asked,
    )


def reading_of(row: Any) -> Reading:  # noqa: ANN401 - a row
    """A confirmation of its row."""
    return Reading(**{name: getattr(row, name) for name in _READING})


def _settled(plant: Plant, kind: str) -> Select[Any]:
    c, none = work_case.c, null()
    of_case = (c.object_id.label("name"), c.done_on.label("done_on"), c.settled.label("settled"))
    words = [cast(none, Text).label(name) for name in ("rule", "label", "ended_at", "parties", "who")]
    days = [cast(none, Date).label(name) for name in ("effective", "asked")]
    numbers = [cast(none, Integer).label(name) for name in ("place", "days")]
    wanted = (c.plant_id == plant.id, c.kind == kind, c.settled.is_not(None))
    return select(*of_case, *words, *days, *numbers).where(*wanted)


def _asked(plant: Plant, rules: Sequence[str]) -> Select[Any]:
    d, v, a, r = document.c, document_version.c, document_distribution.c, document_reading.c
    same = and_(r.plant_id == v.plant_id, r.number == v.number, r.place == v.place)
    told = func.aggregate_strings(r.account + _WITHIN + r.at, _BETWEEN)
    who = select(told).where(same).correlate(document_version).scalar_subquery()
    of_case = (v.number, cast(null(), Date), cast(null(), Date))
    asked = select(
        *of_case, d.rule, v.label, v.ended_at, a.parties, who.label("who"), v.effective, a.asked, v.place, a.days
    )
    asked = asked.join_from(document_version, document, and_(d.plant_id == v.plant_id, d.number == v.number))
    asked = asked.join(document_distribution, and_(a.plant_id == v.plant_id, a.number == v.number, a.place == v.place))
    wanted = (v.plant_id == plant.id, d.rule.in_(rules), v.issued.is_not(None), v.effective.is_not(None))
    return asked.where(*wanted, a.asked.is_not(None))


def _asked_of(row: Any, day_of: Callable[[str], date]) -> AskedVersion:  # noqa: ANN401 - a row
    confirmed = (one.split(_WITHIN) for one in (row.who or "").split(_BETWEEN) if one)
    return AskedVersion(
        rule=row.rule,
        number=row.name,
        label=row.label,
        effective=row.effective,
        parties=tuple(json.loads(row.parties)),
        days=row.days,
        asked=row.asked,
        ended=day_of(row.ended_at) if row.ended_at else None,
        confirmed={account: day_of(at) for account, at in confirmed},
    )


def asked_in_force(plant: Plant, numbers: Sequence[str] | None) -> Select[Any]:
    """The issued versions that have not ended, of these documents alone or of all."""
    d, v, a, r = document.c, document_version.c, document_distribution.c, document_reading.c
    t = document_drift.c
    same = and_(r.plant_id == v.plant_id, r.number == v.number, r.place == v.place)
    who = select(func.aggregate_strings(r.account, _BETWEEN)).where(same).correlate(document_version).scalar_subquery()
    named = (
        v.number,
        v.place,
        v.label,
        v.state,
        v.effective,
        v.review_due,
        d.rule,
        d.kind,
        d.about,
        d.title_zh,
        d.title_en,
    )
    asked = select(
        *named,
        a.parties,
        a.days,
        a.deputies,
        a.asked,
        who.label("who"),
        t.since,
        t.reasons,
        _requests().label("requests"),
    )
    asked = asked.join_from(document_version, document, and_(d.plant_id == v.plant_id, d.number == v.number))
    asked = asked.outerjoin(
        document_distribution, and_(a.plant_id == v.plant_id, a.number == v.number, a.place == v.place)
    )
    compared = and_(t.plant_id == v.plant_id, t.number == v.number, t.place == v.place)
    asked = asked.outerjoin(document_drift, compared)
    wanted = [v.plant_id == plant.id, v.issued.is_not(None), v.ended_at.is_(None)]
    wanted += [v.number.in_(numbers)] if numbers is not None else []
    return asked.where(*wanted).order_by(v.number, v.place)


def _requests() -> Any:  # noqa: ANN401 - a scalar subquery
    """How many requests to change a document are open."""
    c, v = change_request.c, document_version.c
    same = (c.plant_id == v.plant_id, c.document == v.number, c.accepted.is_(None))
    return select(func.count()).select_from(change_request).where(*same).correlate(document_version).scalar_subquery()


def in_force_of(row: Any) -> InForce:  # noqa: ANN401 - a row
    """A version in force of its row."""
    return InForce(
        number=row.number,
        rule=row.rule,
        kind=row.kind,
        about=row.about,
        title=Words(row.title_zh, row.title_en),
        place=row.place,
        label=row.label,
        state=row.state,
        effective=row.effective,
        review_due=row.review_due,
        distribution=distribution_of(row) if row.parties is not None else None,
        confirmed=frozenset((row.who or "").split(_BETWEEN)) - {""},
        stale=row.since,
        why=tuple(Words(one["zh"], one["en"]) for one in json.loads(row.reasons)) if row.since else (),
        requests=row.requests,
    )
