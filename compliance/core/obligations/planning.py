"""When the occurrences of a wording fall due: worked out once for a rule base and a plant's parameters, and kept.

What is kept follows from the rules, the plant's numbers and the anchor alone, never from a row or the day of judging.
It lies with the rule base and goes with it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from compliance.rulebase.calendar import Anchor, DueDate, OfPeriod, WorkCalendar, anchor_day, due_date, opens_on
from compliance.rulebase.periods import period_of, periods
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Calendar, Every, Number, Obligation, Parameter, Ref

#: Different numbers of plants whose days are kept, and days kept of one wording.
_MOST_SETS: Final = 16
_MOST_DAYS: Final = 4000
_KEPT: Final = "planned"
_SPANS: Final = "spans"
#: A period as an anchor, and its name.
Span = tuple[OfPeriod, str]


@dataclass(frozen=True, slots=True)
class Planned:
    """The due day of one anchor, the day on which work can start, the anchor's own day, the parameters resolved."""

    when: DueDate
    opens: date
    anchor: date
    numbers: tuple[tuple[str, int], ...]


#: By anchor; a period by its first day.
_Days = dict[Anchor | date, Planned]
#: By the plants' numbers and by wording.
_Kept = dict[frozenset[tuple[str, Decimal]], dict[int, _Days]]


class Planner:
    """Plans for one plant by one rule base."""

    def __init__(self, rulebase: RuleBase, plant_values: Mapping[str, Decimal]) -> None:
        """``plant_values``: the plant's own parameters by code."""
        self._rulebase, self._values = rulebase, plant_values
        self._calendar = WorkCalendar(rulebase.of(Calendar))
        codes = {rule.code for rule in rulebase.of(Parameter)}
        ours = frozenset((code, value) for code, value in plant_values.items() if code in codes)
        kept: _Kept = rulebase.kept.setdefault(_KEPT, {})
        if ours not in kept and len(kept) >= _MOST_SETS:
            kept.pop(next(iter(kept)), None)
        self._wordings = kept.setdefault(ours, {})
        self._spans: dict[tuple[Every, date], list[Span]] = rulebase.kept.setdefault(_SPANS, {})

    def spans(self, every: Every, first: date, last: date) -> Sequence[Span]:
        """The periods that hold any of the days, as anchors and by name."""
        if len(self._spans) >= _MOST_DAYS:
            self._spans.clear()
        start = period_of(every, first)
        known = self._spans.setdefault((every, start.start), [(OfPeriod(start), str(start))])
        if known[-1][0].period.start <= last:
            following = periods(every, known[-1][0].period.next().start, last)
            known = self._spans[every, start.start] = [
                *known,
                *((OfPeriod(period), str(period)) for period in following),
            ]
        return known[: bisect_right(known, last, key=lambda span: span[0].period.start)]

    def of(self, rule: Obligation) -> Callable[[Anchor], Planned]:
        """What plans the occurrences of one of the rule base's wordings."""
        days = self._wordings.setdefault(id(rule), {})  # the rule base holds its wordings as long as this

        def planned(anchor: Anchor) -> Planned:
            key = anchor.period.start if isinstance(anchor, OfPeriod) else anchor
            found = days.get(key)
            if found is None:
                if len(days) >= _MOST_DAYS:
                    days.clear()
                found = days[key] = self._plan(rule, anchor)
            return found

        return planned

    def _plan(self, rule: Obligation, anchor: Anchor) -> Planned:
        day = anchor_day(anchor)
        numbers: dict[str, int] = {}

        def number(value: Number) -> int:
            resolved = self._rulebase.number(value, self._values, day)
            if isinstance(value, Ref):
                numbers[value.parameter] = resolved
            return resolved

        when = due_date(rule, anchor, number, self._calendar)
        return Planned(when, opens_on(rule, when.due, anchor), day, tuple(sorted(numbers.items())))
