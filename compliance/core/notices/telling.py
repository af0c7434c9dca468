"""What a pulse tells: the notices of its day that were not told yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from compliance.core.cases import NONCONFORMITY, OCCURRENCE, workflow_of
from compliance.core.controlled import DOCUMENT
from compliance.core.judged import Occurrence
from compliance.core.model import PersonPeriod, Row
from compliance.core.notices.changes import decisions, recall_duties, request_duties, told_since
from compliance.core.notices.kept import NoticeReads, NoticeWork
from compliance.core.notices.ladder import Notice, Situation, duties_of, rungs_after, tellings
from compliance.core.notices.papers import paper_duties
from compliance.core.notices.posts import Holders
from compliance.core.people import Absence
from compliance.core.plants import Plant
from compliance.core.ports import Work
from compliance.core.resting import RestReads, RestWork
from compliance.rulebase.calendar import add_days
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Workflow


class PulseReads(RestReads, NoticeReads, Protocol):
    """A look as a pulse that tells needs it."""


class PulseWork(Work, NoticeWork, RestWork, Protocol):
    """A writing transaction as a pulse that tells needs it."""


class PulseRegister(Protocol):
    """The register as a pulse that tells needs it."""

    def read(self) -> AbstractContextManager[PulseReads]:
        """Open a look."""
        ...

    def work(self) -> AbstractContextManager[PulseWork]:
        """Open a writing transaction."""
        ...


@dataclass(frozen=True, slots=True)
class News:
    """What is to be told on a day; ``again``: the first later day on which there may be more, the data unchanged."""

    notices: tuple[Notice, ...] = ()
    again: date = date.max


def news_of(
    reads: NoticeReads,
    plant: Plant,
    people: Sequence[Row],
    occurrences: Sequence[Occurrence],
    rulebase: RuleBase,
    day: date,
) -> News:
    """The notices of a day that were not told yet; nothing is written."""
    flows = [workflow_of(rulebase, kind, day) for kind in (OCCURRENCE, NONCONFORMITY)]
    final = {flow.applies_to: [state.id for state in flow.states if state.final] for flow in flows}
    periods, absences = [p for p in people if isinstance(p, PersonPeriod)], reads.absences(plant)
    holders = Holders(periods, rulebase, day, absences)
    flow = next((w for w in rulebase.in_force(Workflow, day) if w.applies_to == DOCUMENT), None)
    asked = reads.requests_told(plant, told_since(flow.requests, day)) if flow and flow.requests else ()
    called = reads.copies_due(plant) if flow and flow.recalls else ()
    situation = Situation(
        plant=plant,
        day=day,
        occurrences=occurrences,
        cases=reads.open_cases(plant, final),
        settled=reads.settled_cases(plant, final),
        tickets={n.number: n for n in reads.nonconformities(plant)},
        weekly={c.person for c in reads.choices(plant) if c.weekly},
        papers=(
            *paper_duties(reads.in_force(plant), periods, rulebase, holders, day),
            *request_duties(asked, flow, rulebase, holders, day, reads.day_of),
            *recall_duties(called, flow, rulebase, holders, day, reads.day_of),
        ),
        said=tuple(decisions(plant, asked, flow, holders, reads.day_of)),
    )
    duties = duties_of(situation, rulebase, holders)
    later = (*rungs_after(situation, duties), *_handed_over(periods, absences))
    again = min((turn for turn in later if turn > day), default=date.max)
    new = tellings(situation, holders, duties, rulebase)
    for key in reads.notice_keys(plant):  # they are as many as the plant was ever told, so none is kept
        new.pop(key, None)
    return News(tuple(new[key]() for key in sorted(new)), again)


def _handed_over(periods: Iterable[PersonPeriod], absences: Iterable[Absence]) -> Iterator[date]:
    """The days from which somebody else holds a post or stands in."""
    for period in periods:
        yield from (period.since, *([add_days(period.until, 1)] if period.until else ()))
    for absence in absences:
        yield from (absence.since, add_days(absence.until, 1), *([absence.ended_on] if absence.ended_on else ()))
