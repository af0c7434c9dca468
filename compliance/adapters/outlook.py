"""What a pulse leaves for the next one, and what a quiet day asks of the register."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy import Row as SqlRow

from compliance.adapters import mapping
from compliance.adapters.connected import Connected
from compliance.adapters.tables import Surrogate, log, log_head, metadata, occurrence, plant
from compliance.adapters.trail import origin_of
from compliance.core.judged import Occurrence, OccurrenceState
from compliance.core.lists import TO_DO
from compliance.core.plants import Plant
from compliance.core.resting import AtRest, Outlook

outlook = Table(
    "outlook",
    metadata,
    Column("plant_id", Surrogate, ForeignKey("plant.id"), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("ruleset", Text, nullable=False),
    Column("program", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("wakes_on", Date, nullable=False),
    Column("told", Date),
    Column("tells_on", Date, nullable=False),
)
_UPCOMING, _OPEN = OccurrenceState.UPCOMING.value, OccurrenceState.OPEN.value
_C = occurrence.c
# A quiet day is little more than these statements, so they are made once for all; an IN would be spelt out each time.
_LEFT = select(outlook).where(outlook.c.plant_id == bindparam("plant"))
_AT_REST = (
    select(plant, outlook, log_head.c.size)
    .join(outlook, outlook.c.plant_id == plant.c.id)
    .join(log, log.c.plant_id == plant.c.id)
    .join(log_head, log_head.c.log_id == log.c.id)
    .where(plant.c.id == bindparam("asked"), log.c.origin == bindparam("origin"))
)
_OURS = select(occurrence).where(_C.plant_id == bindparam("plant"))
_IN_ORDER = (_C.due, _C.obligation, _C.subject, _C.period)
_TURNING = _OURS.where(
    or_(
        and_(_C.state == _UPCOMING, _C.opens <= bindparam("day")),
        and_(or_(_C.state == _UPCOMING, _C.state == _OPEN), _C.due < bindparam("day")),
    )
).order_by(*_IN_ORDER)
_WAITING = _OURS.where(_C.state.in_([state.value for state in TO_DO]), _C.due <= bindparam("until")).order_by(
    *_IN_ORDER
)
_ANY = (
    select(_C.id)
    .where(
        _C.plant_id == bindparam("plant"),
        _C.obligation.in_(bindparam("obligations", expanding=True)),
        _C.period.in_(bindparam("periods", expanding=True)),
    )
    .limit(1)
)
_KEPT = update(outlook).where(outlook.c.plant_id == bindparam("plant"))
_FIRST = insert(outlook)


class SqlOutlookReads(Connected):
    """The reading half of ``core.resting``."""

    def outlook(self, plant: Plant) -> Outlook | None:
        """What the last pulse left."""
        row = self._execute(_LEFT, {"plant": plant.id}).first()
        return row and _outlook(row)

    def at_rest(self, plant: Plant) -> AtRest | None:
        """The plant as it is kept, the size of its log, and what the last pulse left; None where it left nothing."""
        row = self._execute(_AT_REST, {"asked": plant.id, "origin": origin_of(plant)}).first()
        return row and AtRest(mapping.plant_of(row), int(row.size), _outlook(row))

    def turning(self, plant: Plant, day: date) -> Sequence[Occurrence]:
        """Stored occurrences that open or become overdue by a day, by due day and key."""
        return self._occurrences(_TURNING, {"plant": plant.id, "day": day})

    def to_do(self, plant: Plant, until: date) -> Sequence[Occurrence]:
        """Stored occurrences that are still to do and fall due up to a day, by due day and key."""
        return self._occurrences(_WAITING, {"plant": plant.id, "until": until})

    def any_of(self, plant: Plant, keys: Collection[tuple[str, str, str]]) -> bool:
        """Whether an occurrence of one of these obligations and periods is stored."""
        of_them = {"obligations": sorted({key[0] for key in keys}), "periods": sorted({key[2] for key in keys})}
        return self._execute(_ANY, {"plant": plant.id} | of_them).first() is not None

    def _occurrences(self, asked: Select[Any], values: Mapping[str, object]) -> Sequence[Occurrence]:
        return [mapping.occurrence_of(row) for row in self._execute(asked, values)]


class SqlOutlookChanges(SqlOutlookReads):
    """The writing half."""

    def keep_outlook(self, plant: Plant, kept: Outlook) -> None:
        """Keep what this pulse rests on; it follows from what is stored, so it leaves no leaf."""
        values = asdict(kept)
        if not self._execute(_KEPT, values | {"plant": plant.id}).rowcount:
            self._execute(_FIRST, values | {"plant_id": plant.id})


def _outlook(row: SqlRow[Any]) -> Outlook:
    return Outlook(
        version=row.version,
        ruleset=row.ruleset,
        program=row.program,
        day=row.day,
        wakes_on=row.wakes_on,
        told=row.told,
        tells_on=row.tells_on,
    )
