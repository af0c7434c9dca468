"""Who is told what on a day: a pure function of occurrences, cases, rules and people.

A rung of a ladder falls on a day. Of the rungs reached, a person is told the latest only, so that days caught up
after a pause tell once; what was told before is left out by whoever stores, by :attr:`Notice.key`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from compliance.core.cases import CaseKey, occurrence_key
from compliance.core.judged import NONCONFORMITY, Nonconformity, Occurrence, OccurrenceState
from compliance.core.notices import texts
from compliance.core.notices.posts import Holders
from compliance.core.plants import Plant
from compliance.kernel.text import Text, counted
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import CaseStep, Obligation, Reminders, Workflow

#: Person, kind and id of the object, rung, the day it is about: never told twice.
Key = tuple[str, str, str, str, date]
PLANT = "plant"
BACKLOG, WEEKLY = "backlog", "weekly"
#: What each digest says, with the English noun of what it counts.
_SAID = {BACKLOG: (texts.BACKLOG, "duty", "duties"), WEEKLY: (texts.WEEKLY, "item", "items")}
_TO_DO = frozenset({OccurrenceState.UPCOMING, OccurrenceState.OPEN, OccurrenceState.OVERDUE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing that one person is told. ``about`` is the day that it is about (a due day, the day of a return)."""

    person: str
    kind: str
    object_id: str
    rung: str
    about: date
    title: Text
    body: Text

    @property
    def key(self) -> Key:
        """What makes it one notice."""
        return self.person, self.kind, self.object_id, self.rung, self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A case that is not settled; ``steps``: its steps with who took them; ``last``: the day of the last."""

    key: CaseKey
    state: str
    owner: str | None
    due: date | None
    steps: tuple[tuple[str, str], ...]
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a day looks like at a plant. ``settled``: cases that are over; ``weekly``: who asked for a weekly digest.

    ``papers``: documents to be read or reviewed, changes to be decided, copies to be called back; ``said``: what is
    told once, without a ladder.
    """

    plant: Plant
    day: date
    occurrences: Sequence[Occurrence]
    cases: Sequence[OpenCase] = ()
    settled: Collection[CaseKey] = ()
    tickets: Mapping[str, Nonconformity] = field(default_factory=dict)
    weekly: Collection[str] = ()
    papers: Sequence[Duty] = ()
    said: Sequence[Notice] = ()


@dataclass(frozen=True, slots=True)
class _Rung:
    """A rung: the day on which it falls, and the post that is told besides the owner."""

    name: str
    falls: date
    to: str | None = None


#: The ladder of a duty that nobody is told of.
_NOBODY = Reminders()


class Words(NamedTuple):
    """What is to be done, and why."""

    what: Text
    why: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that falls due: an occurrence, the action of a nonconformity, what is to be done about a document.

    Of most duties nothing is to be told on a day, so their words are made when somebody is told.
    """

    key: CaseKey
    due: date
    words: Callable[[], Words]
    owners: tuple[str, ...]
    ladder: Reminders

    def late(self) -> list[_Rung]:
        """The rungs after it has fallen due."""
        return [_Rung(f"late-{e.days_late}", self.due + timedelta(e.days_late), e.to) for e in self.ladder.escalate]

    def ahead(self) -> list[_Rung]:
        """The rungs before that."""
        return [_Rung(f"before-{n}", self.due - timedelta(n)) for n in self.ladder.days_before]


def notices_of(situation: Situation, rulebase: RuleBase, holders: Holders) -> list[Notice]:
    """Everything that holds on the day, whether it was told already or not, in the order of keys."""
    told = tellings(situation, holders, duties_of(situation, rulebase, holders), rulebase)
    return [told[key]() for key in sorted(told)]


def duties_of(situation: Situation, rulebase: RuleBase, holders: Holders) -> list[Duty]:
    """All that falls due and has somebody told of it."""
    return [*_duties(situation, rulebase, holders), *_actions(situation, rulebase, holders), *situation.papers]


def tellings(
    situation: Situation, holders: Holders, duties: Sequence[Duty], rulebase: RuleBase
) -> dict[Key, Callable[[], Notice]]:
    """What makes each notice that holds on the day; most were told before and need no words any more."""
    told: dict[Key, Callable[[], Notice]] = {}
    for duty in duties:
        for person, rung in _climb(situation, duty, holders):
            key = person, duty.key.kind, duty.key.object_id, rung.name, duty.due
            told.setdefault(key, partial(_of_duty, situation, duty, person, rung))
    for notice in (
        *_returned(situation, rulebase, holders),
        *situation.said,
        *_digest(situation, [d for d in duties if d.due <= situation.plant.onboarded], BACKLOG, None),
        *(_digest(situation, duties, WEEKLY, situation.weekly) if situation.weekly else ()),
    ):
        told.setdefault(notice.key, partial(_itself, notice))
    return told


def _itself(notice: Notice) -> Notice:
    return notice


def rungs_after(situation: Situation, duties: Iterable[Duty]) -> Iterator[date]:
    """The later days on which something of this situation comes to be told; with a weekly digest, any day may."""
    day = situation.day
    if situation.weekly:
        yield day + timedelta(1)
    for duty in duties:
        yield from (rung.falls for rung in duty.ahead() if rung.falls > day)
        yield from (falls for rung in duty.late() if (falls := max(rung.falls, duty.due + timedelta(1))) > day)


# --- what falls due --------------------------------------------------------------------------------------------------


def _duties(situation: Situation, rulebase: RuleBase, holders: Holders) -> Iterator[Duty]:
    """Occurrences that are still to do and that a rule tells somebody of; daily work has its own page.

    A vacant owner's post leaves them to whoever approves.
    """
    for one in situation.occurrences:
        if one.state not in _TO_DO or (key := occurrence_key(one)) in situation.settled:
            continue
        rule = rulebase.nearest(Obligation, one.obligation, one.anchor)
        if rule is None or rule.reminders == _NOBODY:
            continue
        owners = holders.of(one.owner) or holders.of(one.approver)
        yield Duty(key, one.due, partial(_words_of, one, situation.plant), owners, rule.reminders)


def _words_of(one: Occurrence, plant: Plant) -> Words:
    about = one.period if one.subject == plant.key else f"{one.subject} {one.period}"
    why = (texts.WHY.fill(clause=one.clause), texts.HOW.fill(derivation=one.derivation))
    return Words(texts.WORK.fill(title=one.title, about=about), why)


def _actions(situation: Situation, rulebase: RuleBase, holders: Holders) -> Iterator[Duty]:
    """Actions that their owners still work on."""
    for flow in rulebase.in_force(Workflow, situation.day):
        for case in situation.cases:
            if case.key.kind != flow.applies_to or case.state not in flow.reminders.states or case.due is None:
                continue
            owners = holders.told((case.owner,)) if case.owner else ()
            words = partial(_words_of_action, situation, case.key, flow)
            yield Duty(case.key, case.due, words, owners, flow.reminders.ladder)


def _words_of_action(situation: Situation, key: CaseKey, flow: Workflow) -> Words:
    return Words(_what(situation, key), (texts.WHY.fill(clause=flow.source.clause),))


def _climb(situation: Situation, duty: Duty, holders: Holders) -> Iterable[tuple[str, _Rung]]:
    """Each person with the latest rung of a duty that concerns them."""
    since, day = situation.plant.onboarded, situation.day
    if duty.due <= since:
        return ()
    rungs = [r for r in (duty.late() if day > duty.due else duty.ahead()) if since <= r.falls <= day]
    told: dict[str, _Rung] = {}
    for rung in sorted(rungs, key=lambda r: r.falls):
        told |= dict.fromkeys((*duty.owners, *holders.of(rung.to)), rung)
    return told.items()


def _of_duty(situation: Situation, duty: Duty, person: str, rung: _Rung) -> Notice:
    days = (situation.day - duty.due).days
    overdue = days > 0
    words = duty.words()
    body = texts.joined(
        texts.PLANT.fill(plant=situation.plant.name),
        texts.WHAT.fill(what=words.what),
        texts.WHEN.fill(due=duty.due),
        texts.LATE_BY.fill(days=days) if overdue else None,
        *words.why,
        texts.OBJECT.fill(id=duty.key.object_id),
        texts.WHO_FOR if overdue and person not in duty.owners else texts.OPEN_PAGE,
    )
    title = (texts.LATE if overdue else texts.DUE).fill(what=words.what, due=duty.due)
    return Notice(
        person=person,
        kind=duty.key.kind,
        object_id=duty.key.object_id,
        rung=rung.name,
        about=duty.due,
        title=title,
        body=body,
    )


# --- what came back --------------------------------------------------------------------------------------------------


def _returned(situation: Situation, rulebase: RuleBase, holders: Holders) -> Iterator[Notice]:
    flows = {flow.applies_to: flow for flow in rulebase.in_force(Workflow, situation.day)}
    for case in situation.cases:
        flow = flows.get(case.key.kind)
        step = flow.step(case.steps[-1][0]) if flow and case.steps else None
        if flow is None or step is None or not _gives_back(step):
            continue
        for person in sorted(_asked(case, step) & holders.accounts):
            yield _come_back(situation, case, step, flow, person)


def _gives_back(step: CaseStep) -> bool:
    """A step that says why, and that whoever handed the thing in may not take, hands it back."""
    return step.reason and bool(step.not_by)


def _asked(case: OpenCase, step: CaseStep) -> set[str]:
    """Who took the last of the steps that this one answers, and the owner of the action."""
    takers = [account for name, account in case.steps if name in step.not_by]
    return {*takers[-1:], *([case.owner] if case.owner else [])} - {case.steps[-1][1]}


def _come_back(situation: Situation, case: OpenCase, step: CaseStep, flow: Workflow, person: str) -> Notice:
    what = _what(situation, case.key)
    body = texts.joined(
        texts.PLANT.fill(plant=situation.plant.name),
        texts.WHAT.fill(what=texts.WORK.fill(title=what, about=step.title)),
        texts.WHEN.fill(due=case.due) if case.due else None,
        texts.WHY.fill(clause=flow.source.clause),
        texts.OBJECT.fill(id=case.key.object_id),
        texts.OPEN_PAGE,
    )
    return Notice(
        person=person,
        kind=case.key.kind,
        object_id=case.key.object_id,
        rung=f"returned-{len(case.steps)}",
        about=case.last,
        title=texts.RETURNED.fill(what=what),
        body=body,
    )


def _what(situation: Situation, key: CaseKey) -> Text:
    ticket = situation.tickets.get(key.object_id)
    if key.kind == NONCONFORMITY and ticket is not None:
        return texts.ACTION.fill(number=ticket.number, title=ticket.title)
    one = next((o for o in situation.occurrences if occurrence_key(o) == key), None)
    if one is not None:
        return texts.WORK.fill(title=one.title, about=one.period)
    return texts.PLAIN_CASE.fill(kind=key.kind, id=key.object_id)


# --- digests ---------------------------------------------------------------------------------------------------------


def _digest(situation: Situation, duties: Iterable[Duty], rung: str, only: Collection[str] | None) -> Iterator[Notice]:
    """One notice a person over many duties: at onboarding what was due before, every week what is at hand."""
    plant, day = situation.plant, situation.day
    about = plant.onboarded if rung == BACKLOG else day - timedelta(day.weekday())
    of_person: dict[str, list[Duty]] = {}
    for duty in duties:
        if duty.due < day or any(duty.due - timedelta(n) <= day for n in duty.ladder.days_before):
            for person in duty.owners:
                of_person.setdefault(person, []).append(duty)
    for person, of in of_person.items():
        if only is None or person in only:
            named = sorted(((d.due, d.words().what) for d in of), key=lambda one: (one[0], one[1].zh))
            lines = [texts.LISTED.fill(due=due, what=what) for due, what in named]
            said, one, many = _SAID[rung]
            title = said.fill(plant=plant.name, work=Text(f"{len(of)} 项", counted(len(of), one, many)))
            yield Notice(
                person=person,
                kind=PLANT,
                object_id=plant.key,
                rung=rung,
                about=about,
                title=title,
                body=texts.joined(texts.PLANT.fill(plant=plant.name), *lines, texts.OPEN_PAGE),
            )
