"""What a pulse leaves for the next one, and what a quiet day asks of the register."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Table, Text, and_, delete, insert, or_, select

from compliance.adapters import mapping
from compliance.adapters.connected import Connected
from compliance.adapters.tables import Surrogate, metadata, occurrence
from compliance.core.judged import Occurrence, OccurrenceState
from compliance.core.lists import TO_DO
from compliance.core.plants import Plant
from compliance.core.resting import Outlook

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


class SqlOutlookReads(Connected):
    """The reading half of ``core.resting``."""

    def outlook(self, plant: Plant) -> Outlook | None:
        """What the last pulse left."""
        row = self._execute(select(outlook).where(outlook.c.plant_id == plant.id)).first()
        if row is None:
            return None
        values = {name: value for name, value in row._mapping.items() if name != "plant_id"}  # noqa: SLF001 - its public name
        return Outlook(**values)

    def turning(self, plant: Plant, day: date) -> Sequence[Occurrence]:
        """Stored occurrences that open or become overdue by a day, by due day and key."""
        c = occurrence.c
        opens, late = and_(c.state == _UPCOMING, c.opens <= day), and_(c.state.in_((_UPCOMING, _OPEN)), c.due < day)
        return self._occurrences(c.plant_id == plant.id, or_(opens, late))

    def to_do(self, plant: Plant, until: date) -> Sequence[Occurrence]:
        """Stored occurrences that are still to do and fall due up to a day, by due day and key."""
        c = occurrence.c
        return self._occurrences(c.plant_id == plant.id, c.state.in_([state.value for state in TO_DO]), c.due <= until)

    def any_of(self, plant: Plant, keys: Collection[tuple[str, str, str]]) -> bool:
        """Whether an occurrence of one of these obligations and periods is stored."""
        c = occurrence.c
        obligations, periods = {key[0] for key in keys}, {key[2] for key in keys}
        query = select(c.id).where(c.plant_id == plant.id, c.obligation.in_(obligations), c.period.in_(periods))
        return self._execute(query.limit(1)).first() is not None

    def _occurrences(self, *where: object) -> Sequence[Occurrence]:
        c = occurrence.c
        query = select(occurrence).where(*where).order_by(c.due, c.obligation, c.subject, c.period)  # type: ignore[arg-type] # expressions of these columns
        return [mapping.occurrence_of(row) for row in self._execute(query)]


class SqlOutlookChanges(SqlOutlookReads):
    """The writing half."""

    def keep_outlook(self, plant: Plant, kept: Outlook) -> None:
        """Keep what this pulse rests on; it follows from what is stored, so it leaves no leaf."""
        self._execute(delete(outlook).where(outlook.c.plant_id == plant.id))
        self._execute(insert(outlook).values(plant_id=plant.id, **asdict(kept)))
