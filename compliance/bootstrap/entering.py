"""Rows entered at a page: stored as one act, then the plant is judged anew, and what that changed is told."""

from __future__ import annotations

import logging

from compliance.bootstrap.installation import Installation
from compliance.bootstrap.usecases import admission, entered_words, pulse
from compliance.core.acts import Actor
from compliance.core.imports import (
    FIRST_ROW,
    CorrectionNeedsReason,
    DataProblem,
    Entries,
    ImportRefused,
    enter_rows,
    kind_of,
)
from compliance.core.judged import OccurrenceState
from compliance.core.lists import TO_DO
from compliance.core.plants import Plant
from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text
from compliance.web.services import Corrected, Entered, RowProblem

_LOG = logging.getLogger(__name__)
_OVER = frozenset(
    {OccurrenceState.DONE, OccurrenceState.DONE_LATE, OccurrenceState.WAIVED, OccurrenceState.NOT_APPLICABLE}
)
#: What a judgement changed is named up to here; a page links to the rest.
_NAMED = 10

#: Standing findings and duties still to do or met, each by its key, with what they are called.
_Standing = tuple[dict[str, Text], dict[str, Text], set[str]]


class WebEnterer:
    """Enters rows on behalf of a person."""

    def __init__(self, installation: Installation) -> None:
        """Work on the installation."""
        self._installation = installation

    def __call__(self, entries: Entries, *, plant: Plant, actor: Actor) -> Entered:
        """Enter, and judge what the rows changed."""
        at = self._installation
        before = self._standing(plant)
        report = enter_rows(
            entries,
            plant,
            register=at.register,
            vault=at.vault,
            admits=admission(at, entered_words),
            actor=actor,
            today=at.clock.today(),
        )
        if isinstance(report, ImportRefused):
            return _refused(report)
        count = report.sheets[kind_of(entries.table).SHEET.heading]
        if report.seq is None:
            return Entered(count.added, count.changed)
        judged = self._judge(plant)
        settled, raised = _difference(before, self._standing(plant))
        return Entered(count.added, count.changed, settled=settled, raised=raised, judged=judged)

    def _judge(self, plant: Plant) -> bool:
        """Judge the plant as it stands now; that this cannot be decided undoes nothing."""
        try:
            with self._installation.register.read() as reads:
                current = reads.plant(plant.key) or plant
            pulse(self._installation).reconcile(current, self._installation.clock.today())
        except CannotDecide:
            _LOG.exception("judging after an entry: %s", plant.key)
            return False
        return True

    def _standing(self, plant: Plant) -> _Standing:
        with self._installation.register.read() as reads:
            findings = [s for s in reads.findings(plant) if s.withdrawn is None]
            duties = reads.occurrences(plant)
        found = {f"{s.found.situation}/{s.found.subject}/{s.found.period}": s.found.message for s in findings}
        open_ = {"/".join(o.key): Text(f"{o.title.zh}（{o.period}）", f"{o.title.en} ({o.period})") for o in duties
                 if o.state in TO_DO}  # fmt: skip
        return found, open_, {"/".join(o.key) for o in duties if o.state in _OVER}


def _difference(before: _Standing, after: _Standing) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """What was settled, and what was newly found."""
    settled = [text for key, text in before[0].items() if key not in after[0]]
    settled += [text for key, text in before[1].items() if key in after[2]]
    raised = [text for key, text in after[0].items() if key not in before[0]]
    return tuple(settled[:_NAMED]), tuple(raised[:_NAMED])


def _refused(report: ImportRefused) -> Entered:
    if isinstance(report, CorrectionNeedsReason):
        cells = (Corrected(_row(p), p.column or "", p.given) for p in report.problems)
        return Entered(corrections=tuple(cells))
    return Entered(problems=tuple(RowProblem(_row(p), p.column, p.message) for p in report.problems))


def _row(problem: DataProblem) -> int:
    return max(0, (problem.row or FIRST_ROW) - FIRST_ROW)
