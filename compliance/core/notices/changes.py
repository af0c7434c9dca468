"""Changes of documents that people are told of: requests to be decided, what was decided, copies to be called back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial

from compliance.core.copies import COPY, CopyRow, CopyState
from compliance.core.documents.change_requests import CHANGE_REQUEST, RequestRow
from compliance.core.notices import texts
from compliance.core.notices.ladder import Duty, Notice, Words
from compliance.core.notices.posts import Holders
from compliance.core.plants import Plant
from compliance.core.worked import CaseKey
from compliance.kernel.text import Text
from compliance.rulebase.calendar import add_days
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Timed, Workflow

#: The plant's day of a moment.
DayOf = Callable[[str], date]


def told_since(requests: Timed, day: date) -> date:
    """The first day of decisions that are still told on a day: as many back as there are for deciding."""
    return add_days(day, -requests.days)


def request_duties(
    asked: Sequence[RequestRow],
    flow: Workflow | None,
    rulebase: RuleBase,
    holders: Holders,
    day: date,
    day_of: DayOf,
) -> Iterator[Duty]:
    """Requests to be decided, by the post that draws the document up; never by whoever asked."""
    timed = flow.requests if flow else None
    for row in asked:
        request, rule = row.request, rulebase.nearest(Document, row.rule, day)
        if flow is None or timed is None or rule is None or request.accepted is not None:
            continue
        deciding = tuple(account for account in holders.of(rule.author) if account != request.asked_by)
        what = texts.REQUEST.fill(number=request.number, what=_titled(row.title, request.document))
        why = (texts.REASON.fill(reason=request.reason, name=request.asked_name), _clause(flow))
        due = add_days(day_of(request.asked_at), timed.days)
        key = CaseKey(CHANGE_REQUEST, request.number)
        yield Duty(key, due, partial(Words, what, why), deciding, timed.ladder)


def decisions(
    plant: Plant, asked: Sequence[RequestRow], flow: Workflow | None, holders: Holders, day_of: DayOf
) -> Iterator[Notice]:
    """What was decided, told once to whoever asked."""
    for row in asked:
        request = row.request
        if flow is None or request.accepted is None or request.asked_by not in holders.accounts:
            continue
        outcome = texts.ACCEPTED if request.accepted else texts.REJECTED
        what = _titled(row.title, request.document)
        yield Notice(
            person=request.asked_by,
            kind=CHANGE_REQUEST,
            object_id=request.number,
            rung="decided",
            about=day_of(request.decided_at),
            title=texts.DECIDED.fill(number=request.number, what=what, outcome=outcome),
            body=texts.joined(
                texts.PLANT.fill(plant=plant.name),
                texts.DECISION.fill(why=request.decision, name=request.decided_name),
                _clause(flow),
            ),
        )


def recall_duties(
    called: Sequence[CopyRow],
    flow: Workflow | None,
    rulebase: RuleBase,
    holders: Holders,
    day: date,
    day_of: DayOf,
) -> Iterator[Duty]:
    """Copies of versions that have ended, called back by the post that draws the document up.

    A destroyed copy that waits for a second person is witnessed by who draws the document up or reviews it.
    """
    timed = flow.recalls if flow else None
    for row in called:
        copy, rule = row.copy, rulebase.nearest(Document, row.rule, day)
        since = copy.ended_at if row.state is CopyState.WITNESS else row.version_ended
        if flow is None or timed is None or rule is None or since is None:
            continue
        text, told = texts.RECALL, holders.of(rule.author)
        if row.state is CopyState.WITNESS:
            both = dict.fromkeys((*told, *holders.of(rule.reviewer)))
            text, told = texts.WITNESS, tuple(account for account in both if account != copy.ended_by)
        what = text.fill(copy=copy.copy, what=_titled(row.title, f"{copy.number} {copy.label}"))
        why = (texts.HELD.fill(holder=copy.holder, kept_at=copy.kept_at), _clause(flow))
        key = CaseKey(COPY, f"{copy.number}/{copy.copy}")
        yield Duty(key, add_days(day_of(since), timed.days), partial(Words, what, why), told, timed.ladder)


def _titled(title: Text, name: str) -> Text:
    return Text(f"《{title.zh}》{name}", f"{title.en} {name}")


def _clause(flow: Workflow) -> Text:
    return texts.WHY.fill(clause=flow.source.clause)
