"""A plant's rows as they stood on a day: what derivations and the calendar read.

"As of D": a row whose deciding day is after D is not there, and a day after D in an emptying column counts as empty
with the cells that belong to it. All other cells are taken as given, also days that set a limit or a validity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, TypeVar, cast

from compliance.core.model.asked import AskedVersion
from compliance.core.model.base import SHEETS, Cell, Row, Sheet
from compliance.core.model.deeds import Deed
from compliance.core.model.metering import Reading

R = TypeVar("R", bound=Row)
#: A line (or the whole plant) and one of its items.
LineItem = tuple[str, str]


@dataclass(frozen=True)
class PlantData:
    """The rows of one plant as of a day.

    ``data_start``/``data_end`` are the first and the last day of the plant's data (S and A of the workbook); the latter
    is never after ``as_of``.
    """

    plant: str
    as_of: date
    data_start: date
    data_end: date
    tables: Mapping[type[Row], Sequence[Row]] = field(repr=False)
    #: Duties met by accepted evidence: ``obligation/subject/period`` → the day that counts.
    accepted: Mapping[str, date] = field(default_factory=dict, repr=False)
    #: Duties that were waived.
    waived: frozenset[str] = field(default_factory=frozenset, repr=False)
    #: The day on which the plant began to work here; None: as early as its data.
    onboarded: date | None = None
    #: What somebody is about to do, while it is judged.
    deeds: tuple[Deed, ...] = ()
    #: Documents issued here that name readers, whatever the day: they tell themselves what they were on one.
    asked: tuple[AskedVersion, ...] = field(default=(), repr=False)
    #: What was made of the rows once, for all who ask.
    _kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def rows(self, kind: type[R]) -> Sequence[R]:
        """All rows of a type, in the order of their natural keys."""
        return cast("Sequence[R]", self.tables.get(kind, ()))

    def readings(self) -> Mapping[LineItem, Sequence[Reading]]:
        """The daily readings of each item of a line, by day: by far the most rows, so they are sorted out once."""
        if "readings" not in self._kept:
            by_item: dict[LineItem, list[Reading]] = {}
            for row in self.rows(Reading):
                by_item.setdefault((row.line, row.item), []).append(row)
            self._kept["readings"] = by_item
        return cast("Mapping[LineItem, Sequence[Reading]]", self._kept["readings"])

    def measured(self) -> Mapping[LineItem, frozenset[date]]:
        """The days on which each item of a line has an amount."""
        if "measured" not in self._kept:
            days = {
                of: frozenset(row.on for row in rows if row.amount is not None) for of, rows in self.readings().items()
            }
            self._kept["measured"] = days
        return cast("Mapping[LineItem, frozenset[date]]", self._kept["measured"])


#: The word of a vocabulary by its id: ``words(vocabulary, id)``.
Words = Callable[[str, str], str]


def as_of(
    plant: str,
    day: date,
    *,
    data_start: date,
    data_end: date,
    tables: Mapping[type[Row], Sequence[Row]],
    words: Words,
    accepted: Mapping[str, tuple[date | None, date]] | None = None,
    onboarded: date | None = None,
) -> PlantData:
    """Read the tables as they stood on a day; ``accepted``: the day that counts and the day of acceptance, by duty."""
    settled = {duty: done for duty, (done, on) in (accepted or {}).items() if on <= day}
    met = {duty: done for duty, done in settled.items() if done is not None}
    filled = {kind: rows for kind in SHEETS if (rows := tables.get(kind))}
    seen = dict.fromkeys(SHEETS, ()) | {
        kind: tuple(seen_on(kind.SHEET, rows, day, words)) for kind, rows in filled.items()
    }
    waived = frozenset(settled.keys() - met.keys())
    return PlantData(plant, day, data_start, min(data_end, day), seen, met, waived, onboarded)


def seen_on(sheet: Sheet, rows: Iterable[Row], day: date, words: Words) -> Iterable[Row]:
    """Rows of one sheet as they stood on a day."""
    if not sheet.decides:
        yield from rows
        return
    deciding, later = _deciding_day(sheet), [attrgetter(emptied.by) for emptied in sheet.empties]
    there = [row for row in rows if (decided := deciding(row)) is None or decided <= day]
    if not later:
        yield from there
        return
    for row in there:
        ahead = any((value := by(row)) is not None and value > day for by in later)
        yield _emptied(sheet, row, day, words) if ahead else row


def turning(sheet: Sheet, rows: Iterable[Row], day: date) -> Iterator[date]:
    """The days after ``day`` on which a row of one sheet comes to be seen, or a cell of a row that is seen."""
    later = [emptied.by for emptied in sheet.empties]
    deciding = _deciding_day(sheet)
    for row in rows if sheet.decides else ():
        decided = deciding(row)
        if decided is not None and decided > day:
            yield decided
            continue
        for name in later:
            value = getattr(row, name)
            if value is not None and value > day:
                yield value


def _deciding_day(sheet: Sheet) -> Callable[[Row], date | None]:
    """What tells the day that decides whether a row of a sheet is there."""
    if len(sheet.decides) == 1 and sheet.column(sheet.decides[0]).cell is Cell.DAY:
        return attrgetter(sheet.decides[0])

    def deciding(row: Row) -> date | None:
        days = [d for name in sheet.decides if (d := last_day(getattr(row, name))) is not None]
        if not days:
            return None
        return min(days) if sheet.earliest else days[0]

    return deciding


def last_day(value: date | str | None) -> date | None:
    """A day stands for itself, a month or a year for its last day."""
    if value is None or isinstance(value, date):
        return value
    year, _, month = value.partition("-")
    if not month:
        return date(int(year), 12, 31)
    return (date(int(year), int(month), 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _emptied(sheet: Sheet, row: Row, day: date, words: Words) -> Row:
    gone: dict[str, str | None] = {}
    for emptied in sheet.empties:
        value = getattr(row, emptied.by)
        if value is None or value <= day:
            continue
        gone |= dict.fromkeys((emptied.by, *emptied.also))
        if emptied.state and "state" not in gone:
            gone["state"] = words(sheet.column("state").vocabulary, emptied.state)
    return replace(row, **gone) if gone else row  # type: ignore[type-var] # every row type is a dataclass
