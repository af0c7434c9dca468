"""What a pulse tells: the notices of its day that were not told yet."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol

from compliance.core.cases import NONCONFORMITY, OCCURRENCE, workflow_of
from compliance.core.findings import Judged
from compliance.core.model import PersonPeriod
from compliance.core.notices.kept import NoticeReads, NoticeWork
from compliance.core.notices.ladder import Notice, Situation, notices_of
from compliance.core.notices.posts import Holders
from compliance.core.plants import Plant
from compliance.core.ports import Reads, Tables, Work
from compliance.rulebase.rulebase import RuleBase


class PulseReads(Reads, NoticeReads, Protocol):
    """A look as a pulse that tells needs it."""


class PulseWork(Work, NoticeWork, Protocol):
    """A writing transaction as a pulse that tells needs it."""


class PulseRegister(Protocol):
    """The register as a pulse that tells needs it."""

    def read(self) -> AbstractContextManager[PulseReads]:
        """Open a look."""
        ...

    def work(self) -> AbstractContextManager[PulseWork]:
        """Open a writing transaction."""
        ...


def new_notices(
    reads: NoticeReads, plant: Plant, tables: Tables, judged: Judged, rulebase: RuleBase, day: date
) -> list[Notice]:
    """The notices of a day that were not told yet; nothing is written."""
    flows = [workflow_of(rulebase, kind, day) for kind in (OCCURRENCE, NONCONFORMITY)]
    final = {flow.applies_to: [state.id for state in flow.states if state.final] for flow in flows}
    situation = Situation(
        plant=plant,
        day=day,
        occurrences=judged.occurrences,
        cases=reads.open_cases(plant, final),
        settled=reads.settled_cases(plant, final),
        tickets={n.number: n for n in reads.nonconformities(plant)},
        weekly={c.person for c in reads.choices(plant) if c.weekly},
    )
    periods = [p for p in tables[PersonPeriod] if isinstance(p, PersonPeriod)]
    holders = Holders(periods, rulebase, day, reads.absences(plant))
    told = reads.notice_keys(plant)
    return [n for n in notices_of(situation, rulebase, holders) if n.key not in told]
