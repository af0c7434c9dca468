"""Facts about daily data and the instruments that measured them (6.1.2 a, 6.1.3, 7.2 a)."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from compliance.core.facts.catalogue import DAY, FLAG, NUMBER, TEXT, Params, derivation, distinct, row_of
from compliance.core.model import InstrumentCheck, PlantData, Reading
from compliance.rulebase.calendar import add_days
from compliance.rulebase.evaluator import FactValue


@derivation(
    "reading",
    {
        "subject": TEXT,
        "day": DAY,
        "recorder": TEXT,
        "checker": TEXT,
        "signatures": NUMBER,
        "persons": NUMBER,
        "amount_micro": NUMBER,
        "remarked": FLAG,
    },
    counts=("signatures", "persons"),
)
def reading(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a daily reading: who recorded and who checked it, its amount, and whether it has a remark."""
    del params
    day, named = date.min, ""
    for row in data.rows(Reading):  # by far the most rows of a plant, and ordered by day
        on, line, item, recorder, checker = row.on, row.line, row.item, row.recorder, row.checker
        if on != day:
            day, named = on, row_of("reading", on, "")
        yield {
            "on": on,
            "subject": f"{line}/{item}",
            "day": on,
            "recorder": recorder,
            "checker": checker,
            "signatures": (recorder is not None) + (checker is not None),
            "persons": 1 + (recorder != checker) if recorder and checker else distinct(recorder, checker),
            "amount_micro": row.amount,
            "remarked": row.remark is not None,
            "row": f"{named}{line}|{item}",
        }


@derivation(
    "metered-month",
    {"instrument": TEXT, "month": TEXT, "readings": NUMBER, "uncovered_readings": NUMBER, "first_uncovered": DAY},
    ("certificates", "passed", "failed"),
    counts=("readings", "uncovered_readings"),
)
def metered_month(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact an instrument and month with readings above zero: how many were taken without a valid certificate."""
    validity = _validity(data, params)
    months: dict[tuple[str, str], list[date]] = defaultdict(list)
    day, name = date.min, ""
    for row in data.rows(Reading):
        if row.instrument is not None and row.amount:
            on = row.on
            if on != day:
                day, name = on, on.isoformat()[:7]
            months[row.instrument, name].append(on)
    nothing = Validity([], [])
    for (instrument, month), days in months.items():
        certified = validity.get(instrument, nothing)
        uncovered = [] if certified.spans(days[0], days[-1]) else [d for d in days if not certified.covers(d)]
        yield {
            "on": min(uncovered, default=days[0]),
            "instrument": instrument,
            "month": month,
            "readings": len(days),
            "uncovered_readings": len(uncovered),
            "first_uncovered": min(uncovered, default=None),
            "row": row_of("instrument", instrument),
        }


class Validity:
    """When an instrument was certified: passed certificates run from their day to their end, a failed one ends them."""

    def __init__(self, passed: list[tuple[date, date]], failed: list[date]) -> None:
        """Take passed certificates (day, end) and the days of failed ones."""
        ends = sorted(failed)
        self._starts: list[date] = []
        #: The first day that no certificate begun so far covers any more.
        self._over: list[date] = []
        for start, end in sorted(passed):
            later = bisect_right(ends, start)
            over = min(add_days(end, 1), ends[later] if later < len(ends) else date.max)
            self._starts.append(start)
            self._over.append(max(over, self._over[-1]) if self._over else over)

    def covers(self, on: date) -> bool:
        """Whether a passed certificate is in force on a day and none failed after it (both on one day: valid)."""
        begun = bisect_right(self._starts, on)
        return begun > 0 and on < self._over[begun - 1]

    def spans(self, first: date, last: date) -> bool:
        """Whether what is in force on one day covers every day up to another; if not, they may be covered in turn."""
        begun = bisect_right(self._starts, first)
        return begun > 0 and last < self._over[begun - 1]


def _validity(data: PlantData, params: Params) -> dict[str, Validity]:
    types = params.texts("certificates")
    passed: dict[str, list[tuple[date, date]]] = defaultdict(list)
    failed: dict[str, list[date]] = defaultdict(list)
    for row in data.rows(InstrumentCheck):
        if row.instrument is None or row.on is None or row.type not in types:
            continue
        if row.result == params.text("failed"):
            failed[row.instrument].append(row.on)
        elif row.result == params.text("passed") and row.valid_until is not None:
            passed[row.instrument].append((row.on, row.valid_until))
    return {number: Validity(passed[number], failed[number]) for number in passed.keys() | failed.keys()}
