"""A due day that argues, as a page draws it: the steps, and a ruler of the days around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from compliance.core.judged import Occurrence
from compliance.core.looking import values_in
from compliance.core.model import PlantFactor
from compliance.core.obligations.arguing import Arguing
from compliance.rulebase.calendar import WorkCalendar
from compliance.rulebase.deriving import Derivation
from compliance.rulebase.schema import Calendar
from compliance.web import access
from compliance.web.i18n import _, said

_CELL = 30
_LEFT = 300
#: Days shown besides those between the effective working day and the due day.
_AROUND = 1


@dataclass(frozen=True, slots=True)
class RulerDay:
    """One day of the ruler."""

    day: date
    x: float
    tone: str
    name: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word over or under a day."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Ruler:
    """The start on the left, then the days around the due day, one cell each."""

    width: float
    cell: int
    start: date
    days: tuple[RulerDay, ...]
    marks: tuple[Mark, ...]


def of(one: Occurrence) -> Derivation | None:
    """The derivation of a stored occurrence; one statement for the plant's own values."""
    bundle, plant = access.services(), access.card().plant
    with bundle.telling.read() as look:
        rows = look.tables(plant, [PlantFactor])[PlantFactor]
    return Arguing(bundle.rules(), values_in(rows)).of(one)


def ruler(found: Derivation) -> Ruler:
    """The ruler of a derivation."""
    when, calendar = found.when, WorkCalendar(access.services().rules().of(Calendar))
    first = when.effective_workday - timedelta(days=_AROUND)
    span = (when.due - first).days + 1 + _AROUND
    shown = (first + timedelta(days=n) for n in range(span))
    days = tuple(_day(day, n, when.due, calendar) for n, day in enumerate(shown))
    return Ruler(_LEFT + _CELL * (span + 2), _CELL, found.steps[1].day or when.due, days, tuple(_marks(found, days)))


def _day(day: date, place: int, due: date, calendar: WorkCalendar) -> RulerDay:
    name = said(calendar.holiday(day))
    tone = "bad" if day == due else "good" if calendar.is_workday(day) else "warn" if name else "calm"
    return RulerDay(day, _LEFT + _CELL * place, tone, name)


def _marks(found: Derivation, days: tuple[RulerDay, ...]) -> list[Mark]:
    middle = (_CELL - 3) / 2
    at = {d.day: d.x + middle for d in days}
    marks = [Mark(at[found.when.due], 76, f"{_('到期日')} {found.when.due}")]
    if found.when.effective_workday != found.when.due:
        last = found.when.effective_workday
        marks.append(Mark(at[last], 20, f"{_('最后一个工作日')} {last}"))
    return marks
