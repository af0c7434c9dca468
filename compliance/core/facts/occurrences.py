"""Occurrences as facts: deadlines and rolling cycles are judged over these, never computed a second time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from compliance.core.facts.catalogue import (
    CATALOGUE,
    DAY,
    FLAG,
    IN_TIME,
    NUMBER,
    ROW,
    TEXT,
    InTime,
    days_between,
)
from compliance.core.judged import Occurrence, OccurrenceState
from compliance.rulebase.evaluator import FactValue
from compliance.rulebase.schema import FactType

#: States of what nobody has to do, or not any more: nothing is found against it.
_NO_DUTY = frozenset({OccurrenceState.NOT_APPLICABLE, OccurrenceState.NOT_RECORDED, OccurrenceState.WAIVED})
#: The one derivation that reads conclusions of the calendar instead of rows.
OCCURRENCE = "occurrence"

CATALOGUE[OCCURRENCE] = FactType(
    OCCURRENCE,
    {
        "obligation": TEXT,
        "code": TEXT,
        "subject": TEXT,
        "period": TEXT,
        "due": DAY,
        "done_on": DAY,
        "days_late": NUMBER,
        "standing": TEXT,
        "applies": FLAG,
        **ROW,
    },
)
#: Lateness is counted from the due day, as long as nothing was done.
IN_TIME[OCCURRENCE] = InTime(ages={"days_late": "due"})


def occurrence_facts(occurrences: Iterable[Occurrence], as_of: date) -> Iterator[dict[str, FactValue]]:
    """One fact an occurrence; ``days_late`` counts to the completion, else to the day of judging."""
    for one in occurrences:
        yield {
            "on": one.anchor,
            "obligation": one.obligation,
            "code": one.code,
            "subject": one.subject,
            "period": one.period,
            "due": one.due,
            "done_on": one.done_on,
            "days_late": days_between(one.due, one.done_on or as_of),
            "standing": "late" if one.done_on is not None else "open",
            "applies": one.state not in _NO_DUTY,
            "row": f"occurrence:{one.obligation}|{one.subject}|{one.period}",
        }
