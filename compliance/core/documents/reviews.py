"""Which documents are to be reviewed, by when, and by whom: those in force that nothing newer has renewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from compliance.core.controlled import DOCUMENT, ISSUED
from compliance.core.distribution import InForce
from compliance.rulebase.calendar import add_days
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Workflow

#: What a document may be on that is followed by the next one of its kind.
_PERIODS = ("year", "month")


@dataclass(frozen=True, slots=True)
class Review:
    """A periodic review of a document in force: from when it is asked for, by when, and of which post."""

    paper: InForce
    opens: date
    due: date
    post: str

    def open(self, on: date) -> bool:
        """Whether it is asked for on a day."""
        return self.opens <= on

    def late(self, on: date) -> bool:
        """Whether its day has passed."""
        return self.due < on


def reviews_of(papers: Sequence[InForce], rulebase: RuleBase, on: date) -> list[Review]:
    """The reviews that the documents in force on a day ask for, the earliest first.

    A version under revision or on its way out is reviewed already; a plan of a year that a later year's has followed
    is renewed by that one: its yearly obligation asked for it, and no review does so again.
    """
    flow = next((w for w in rulebase.in_force(Workflow, on) if w.applies_to == DOCUMENT), None)
    ahead = max(flow.reminders.ladder.days_before, default=0) if flow else 0
    latest: dict[str, str] = {}
    for paper in papers:
        if paper.kind in _PERIODS and paper.holds(on):
            latest[paper.rule] = max(latest.get(paper.rule, ""), paper.about)
    found = []
    for paper in papers:
        rule = rulebase.nearest(Document, paper.rule, on)
        renewed = paper.kind in _PERIODS and paper.about < latest.get(paper.rule, "")
        if rule is None or paper.review_due is None or paper.state != ISSUED or renewed or not paper.holds(on):
            continue
        found.append(Review(paper, add_days(paper.review_due, -ahead), paper.review_due, rule.author))
    return sorted(found, key=lambda review: (review.due, review.paper.number))
