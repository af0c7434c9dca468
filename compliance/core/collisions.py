"""The year's collisions: due days that fall on days off or inside holidays, and working days on which several meet.

A legal date is not moved: what falls due on a day off is done by the last working day before, and there it meets
whatever else is due. Pure: a reading of occurrences and the table of working days. Duties of every day and week (a
sample, a reading, a look at prices) are left out unless asked for: each of them would meet every weekend.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from compliance.core.judged import Occurrence, OccurrenceState
from compliance.kernel.text import Text
from compliance.rulebase.calendar import WorkCalendar
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Every, Obligation, Periodic

#: What asks for nothing collides with nothing.
_IDLE = frozenset({OccurrenceState.NOT_APPLICABLE, OccurrenceState.NOT_RECORDED, OccurrenceState.WAIVED})


class Clash(StrEnum):
    """Why a working day stands in the list; the first that holds."""

    HOLIDAY = "holiday"
    WEEKEND = "weekend"
    SAME_DAY = "same-day"


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day off between the working day and a due day; ``holiday`` None: a plain weekend."""

    day: date
    holiday: Text | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class Collision:
    """One effective working day with everything that must be done by it."""

    day: date
    clash: Clash
    due: tuple[Occurrence, ...]
    crossed: tuple[DayOff, ...]
    provisional: bool

    @property
    def load(self) -> int:
        """How much meets on the day."""
        return len(self.due)

    @property
    def holidays(self) -> tuple[Text, ...]:
        """The holidays that lie between, each once."""
        return tuple(dict.fromkeys(off.holiday for off in self.crossed if off.holiday is not None))


#: Cadences that meet every weekend.
ROUTINE = (Every.DAY, Every.WEEK)


def recurring(rulebase: RuleBase, *every: Every) -> frozenset[str]:
    """The ids of obligations of these cadences."""
    cadences = {Periodic(one) for one in every}
    return frozenset(rule.id for rule in rulebase.of(Obligation) if rule.cadence in cadences)


def collisions_of(
    occurrences: Iterable[Occurrence], calendar: WorkCalendar, year: int, without: frozenset[str] = frozenset()
) -> list[Collision]:
    """The collisions of what falls due in a year, by working day; ``without``: obligations to leave out."""
    by_day: dict[date, list[Occurrence]] = {}
    for one in occurrences:
        if one.due.year == year and one.state not in _IDLE and one.obligation not in without:
            by_day.setdefault(one.effective_workday, []).append(one)
    found = (_collision(day, by_day[day], calendar) for day in sorted(by_day))
    return [one for one in found if one is not None]


def _collision(day: date, due: Sequence[Occurrence], calendar: WorkCalendar) -> Collision | None:
    ordered = tuple(sorted(due, key=lambda o: (o.due, o.code, o.key)))
    last = ordered[-1].due
    crossed = tuple(
        DayOff(off, calendar.holiday(off), calendar.provisional(off)) for off in calendar.crossed(last) if off > day
    )
    clash = _clash(ordered, crossed)
    doubtful = any(o.provisional for o in ordered)
    return Collision(day, clash, ordered, crossed, doubtful) if clash else None


def _clash(due: Sequence[Occurrence], crossed: Sequence[DayOff]) -> Clash | None:
    if any(off.holiday for off in crossed):
        return Clash.HOLIDAY
    if crossed:
        return Clash.WEEKEND
    return Clash.SAME_DAY if len({o.obligation for o in due}) > 1 else None


def told(one: Collision) -> Mapping[str, object]:
    """A collision as programs read it."""
    return {
        "effective_workday": one.day,
        "clash": one.clash.value,
        "load": one.load,
        "provisional": one.provisional,
        "holidays": list(one.holidays),
        "crossed": [{"day": o.day, "holiday": o.holiday, "provisional": o.provisional} for o in one.crossed],
        "due": [
            {
                "obligation": o.obligation,
                "code": o.code,
                "title": o.title,
                "subject": o.subject,
                "period": o.period,
                "due": o.due,
                "on_day_off": o.due != one.day,
                "state": o.state.value,
            }
            for o in one.due
        ],
    }
