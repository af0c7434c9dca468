"""Documents that somebody is told of: to be read by each reader, to be reviewed by who reviews them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial

from compliance.core.controlled import DOCUMENT
from compliance.core.distribution import InForce
from compliance.core.documents.reviews import reviews_of
from compliance.core.model import PersonPeriod
from compliance.core.notices import texts
from compliance.core.notices.ladder import Duty, Words
from compliance.core.notices.posts import Holders
from compliance.core.worked import CaseKey
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Workflow


def paper_duties(
    papers: Sequence[InForce],
    people: Sequence[PersonPeriod],
    rulebase: RuleBase,
    holders: Holders,
    day: date,
) -> Iterator[Duty]:
    """What of the documents in force falls due, by the ladder of their workflow.

    A reading is each reader's own: the deputy of who is away is not told. A review is told to the post that draws the
    document up; a version that is being revised or withdrawn is reviewed already.
    """
    flow = next((w for w in rulebase.in_force(Workflow, day) if w.applies_to == DOCUMENT), None)
    if flow is None:
        return
    ladder = flow.reminders.ladder
    for paper in papers:
        for reader in paper.readers(people, rulebase, day):
            if not reader.confirmed:
                key, why = CaseKey(DOCUMENT, paper.object_id), _why(paper, rulebase, day)
                words = partial(Words, _named(texts.READ, paper), why)
                yield Duty(key, reader.due, words, (reader.account,), ladder)
    for review in reviews_of(papers, rulebase, day):
        key, why = CaseKey(DOCUMENT, review.paper.number), _why(review.paper, rulebase, day)
        words = partial(Words, _named(texts.REVIEW, review.paper), why)
        yield Duty(key, review.due, words, holders.of(review.post), ladder)


def _named(text: Text, paper: InForce) -> Text:
    return text.fill(what=Text(f"《{paper.title.zh}》{paper.label}", f"{paper.title.en} {paper.label}"))


def _why(paper: InForce, rulebase: RuleBase, day: date) -> tuple[Text, ...]:
    rule = rulebase.nearest(Document, paper.rule, day)
    return (texts.WHY.fill(clause=rule.source.clause),) if rule else ()
