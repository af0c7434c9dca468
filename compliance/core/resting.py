"""A quiet day: nothing was written since the last pulse and nothing wakes, so only what the calendar moves is moved.

The last full judgement said until when its conclusions stand (:mod:`compliance.core.waking`). Until then a pulse turns
the states of occurrences whose days have come, and makes those of the periods that come into sight. Any doubt makes it
judge in full (docs/design/0011-quiet-days.md).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol

from compliance.core.judged import Occurrence
from compliance.core.looking import look, own_values
from compliance.core.model import CompanyItem, Instrument, PlantFactor
from compliance.core.obligations import entering, state_on
from compliance.core.plants import Plant
from compliance.core.ports import Reads
from compliance.core.waking import LONGEST
from compliance.rulebase.rulebase import RuleBase

_ONE_DAY = timedelta(days=1)
#: How far ahead occurrences are stored at least, so that calendars and lists show what comes.
AHEAD = timedelta(days=400)
#: All that the calendar's own occurrences are made from.
_KINDS = (Instrument, CompanyItem, PlantFactor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What the last pulse of a plant rests on, and how long its conclusions stand.

    ``version``: the size of the plant's log; ``day``: the day judged; ``wakes_on``: the first day to be judged in full.
    ``told``: the last day of which people were told everything since then, None where that is open; until ``tells_on``
    there is nothing more to tell.
    """

    version: int
    ruleset: str
    program: str
    day: date
    wakes_on: date
    told: date | None
    tells_on: date

    def stands(self, version: int, ruleset: str, program: str, day: date) -> bool:
        """Whether a day can be had without judging: the next one, with everything as it was, before anything wakes."""
        same = (self.version, self.ruleset, self.program) == (version, ruleset, program)
        return same and self.day + _ONE_DAY == day < self.wakes_on

    def tells(self, day: date) -> bool:
        """Whether there may be something to tell on a day."""
        return self.told is None or self.tells_on <= day


@dataclass(frozen=True, slots=True)
class AtRest:
    """A plant as it is kept, the size of its log (``version``), and what its last pulse left."""

    plant: Plant
    version: int
    outlook: Outlook


class RestReads(Reads, Protocol):
    """A look as a quiet day needs it."""

    def at_rest(self, plant: Plant) -> AtRest | None:
        """The plant with what its last pulse left, in one statement; None where it left nothing."""
        ...

    def outlook(self, plant: Plant) -> Outlook | None:
        """What the last pulse left."""
        ...

    def turning(self, plant: Plant, day: date) -> Sequence[Occurrence]:
        """Stored occurrences that open or become overdue by a day, by due day and key."""
        ...

    def to_do(self, plant: Plant, until: date) -> Sequence[Occurrence]:
        """Stored occurrences that are still to do and fall due up to a day, by due day and key."""
        ...

    def any_of(self, plant: Plant, keys: Collection[tuple[str, str, str]]) -> bool:
        """Whether an occurrence of one of these obligations and periods is stored."""
        ...


class RestWork(Protocol):
    """What a pulse leaves for the next one."""

    def keep_outlook(self, plant: Plant, outlook: Outlook) -> None:
        """Keep what this pulse rests on; it follows from what is stored, so it leaves no leaf."""
        ...


def stored_until(day: date) -> date:
    """The day up to which occurrences are stored on a day: the end of a month, so that on most days none comes anew."""
    ahead = day + AHEAD
    return ahead.replace(day=monthrange(ahead.year, ahead.month)[1])


def moved(reads: RestReads, plant: Plant, rulebase: RuleBase, day: date) -> tuple[Occurrence, ...] | None:
    """What a quiet day moves, by due day and key; None where there is doubt."""
    turned = [
        replace(o, state=state_on(o.due, o.opens, None, day), ruleset=rulebase.digest)
        for o in reads.turning(plant, day)
    ]
    before, until = stored_until(day - _ONE_DAY), stored_until(day)
    if before == until:
        return tuple(turned)
    data = look(plant, reads.tables(plant, _KINDS), rulebase, day)
    new = entering(data, rulebase, own_values(data), before, until)
    if any(one.due <= day + LONGEST for one in new) or (new and reads.any_of(plant, [one.key for one in new])):
        return None
    return tuple(sorted((*turned, *new), key=lambda one: (one.due, one.key)))
