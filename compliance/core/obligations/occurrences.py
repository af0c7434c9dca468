"""Occurrences of obligations as of a day: what falls due, when, why, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import cast

from compliance.core.applicability import binding, item_words, meets, profile_of
from compliance.core.judged import Occurrence, OccurrenceState
from compliance.core.model import Instrument, PlantData
from compliance.core.obligations.planning import Planned, Planner, Span
from compliance.core.obligations.readers import HANDED_IN, READERS, Record
from compliance.rulebase.calendar import (
    AfterCompletion,
    Anchor,
    OfEvent,
    OfPeriod,
    OfRecordDay,
    Period,
    periods,
)
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Every, Obligation, OnEvent, Periodic, PerRecord, Rolling

#: An obligation over the plant itself; any other word names a subject of the catalogue below.
PLANT = "plant"


@dataclass(frozen=True)
class _Making:
    """What making the occurrences of one wording needs."""

    rule: Obligation
    data: PlantData
    planner: Planner
    plan: Callable[[Anchor], Planned]
    ruleset: str
    #: Evidence of periods that are not made yet: obligation, subject, period.
    early: list[tuple[str, str, str]] = field(default_factory=list)

    def occurrence(
        self,
        subject: str,
        period: str,
        anchor: Anchor,
        done_on: date | None,
        *,
        without_duty: OccurrenceState | None = None,
    ) -> Occurrence:
        """One occurrence with its due day and its state as of the day of the data.

        ``without_duty``: the state of one that is no duty here (not applicable, or before the data begin).
        """
        rule = self.rule
        if self.data.accepted:
            done_on = self._earlier(done_on, self.data.accepted.get(f"{rule.id}/{subject}/{period}"))
        planned = self.plan(anchor)
        when, opens = planned.when, planned.opens
        if done_on is None and self._before_us(when.due):
            without_duty = without_duty or OccurrenceState.NOT_RECORDED
        period = period or when.due.isoformat()
        if done_on is None and self.data.waived and f"{rule.id}/{subject}/{period}" in self.data.waived:
            without_duty = without_duty or OccurrenceState.WAIVED
        return Occurrence(
            obligation=rule.id,
            code=rule.code,
            title=rule.title,
            clause=rule.source.clause,
            strength=rule.source.strength,
            subject=subject,
            period=period,
            opens=opens,
            due=when.due,
            effective_workday=when.effective_workday,
            provisional=when.provisional,
            state=without_duty or state_on(when.due, opens, done_on, self.data.as_of),
            done_on=done_on,
            derivation=when.derivation,
            owner=rule.owner,
            approver=rule.approver,
            rule_digest=rule.digest,
            anchor=planned.anchor,
            ruleset=self.ruleset,
            numbers=planned.numbers,
        )

    def accepted_days(self) -> set[date]:
        """The days on which accepted evidence met this obligation."""
        prefix = f"{self.rule.id}/"
        return {day for duty, day in self.data.accepted.items() if duty.startswith(prefix)}

    def _before_us(self, due: date) -> bool:
        """Whether it fell due before the plant worked here, and no row of the plant could tell what was done."""
        onboarded = self.data.onboarded
        return onboarded is not None and due < onboarded and self.rule.evidence.completed_by in HANDED_IN

    @staticmethod
    def _earlier(one: date | None, other: date | None) -> date | None:
        return min((day for day in (one, other) if day is not None), default=None)


def occurrences_of(
    data: PlantData,
    rulebase: RuleBase,
    plant_values: Mapping[str, Decimal],
    until: date,
    early: list[tuple[str, str, str]] | None = None,
) -> list[Occurrence]:
    """Every occurrence that falls due up to ``until``, and what is already open then, by due day and key.

    A period is judged by the wording in force on its last day, a record by the one of its own day. Obligations start
    with the first day of data. ``early`` is told the evidence of periods after ``until``.
    """
    makings = _makings(data, rulebase, plant_values, [] if early is None else early)
    return _in_order((making, one) for making in makings for one in _made(making, until))


def entering(
    data: PlantData, rulebase: RuleBase, plant_values: Mapping[str, Decimal], after: date, until: date
) -> list[Occurrence]:
    """The occurrences of the periods that begin after one day and not after another, while nothing was done for them.

    No row is read but those of instruments and of the plant itself.
    """
    periodic = [rule for rule in rulebase.of(Obligation) if isinstance(rule.cadence, Periodic)]
    # On most days no more than the periods of a day begin: whether the others bind the plant is not asked.
    begun = {every: _begun(every, after, until) for every in {_every(rule) for rule in periodic}}
    return _in_order(
        (making, one)
        for making in _makings(data, rulebase, plant_values, [], [rule for rule in periodic if begun[_every(rule)]])
        for one in _periodic(making, (), begun[_every(making.rule)])
    )


def _every(rule: Obligation) -> Every:
    return cast("Periodic", rule.cadence).every


def _begun(every: Every, after: date, until: date) -> Sequence[Span]:
    return [(OfPeriod(period), str(period)) for period in periods(every, after, until) if period.start > after]


def _makings(
    data: PlantData,
    rulebase: RuleBase,
    plant_values: Mapping[str, Decimal],
    early: list[tuple[str, str, str]],
    wordings: Sequence[Obligation] | None = None,
) -> Iterator[_Making]:
    """What makes the occurrences of each wording (of those given) that binds the plant."""
    planner = Planner(rulebase, plant_values)
    binds, profile, words = binding(data, rulebase), profile_of(data), item_words(rulebase, data.as_of)
    for rule in rulebase.of(Obligation) if wordings is None else wordings:
        if binds(rule) and meets(rule.applies_if, profile, words):
            yield _Making(rule, data, planner, planner.of(rule), rulebase.digest, early)


def _in_order(made: Iterable[tuple[_Making, Occurrence]]) -> list[Occurrence]:
    """By due day and key; of several wordings the one in force counts, and the first of those."""
    found: dict[tuple[str, str, str], Occurrence] = {}
    for making, one in made:
        if making.rule.in_force.covers(one.anchor):
            found.setdefault(one.key, one)
    return [one for _, _, one in sorted((one.due, key, one) for key, one in found.items())]


def _made(making: _Making, until: date) -> Iterator[Occurrence]:
    records = READERS[making.rule.evidence.completed_by](making.data, making.rule.evidence.with_)
    match making.rule.cadence:
        case Periodic(every):
            span = making.planner.spans(every, making.data.data_start, max(until, making.data.as_of))
            yield from _periodic(making, records, span)
        case Rolling():
            yield from _rolling(making, sorted({r.day for r in records} | making.accepted_days()))
        case PerRecord():
            yield from _per_record(making, records)
        case OnEvent(types):
            yield from _on_event(making, (r for r in records if r.kind in types))


def _periodic(making: _Making, records: Iterable[Record], span: Iterable[Span]) -> Iterator[Occurrence]:
    done: dict[tuple[str, str], date] = {}
    for record in records:
        key = record.subject, record.period
        if record.done_on is not None:
            done[key] = min(done.get(key, record.done_on), record.done_on)
    made: set[str] = set()
    plant = (making.data.plant,) if making.rule.for_each == PLANT else None
    for anchor, name in span:
        made.add(name)
        for subject in plant or _subjects(making, anchor.period):
            yield making.occurrence(subject, name, anchor, done.get((subject, name)))
    making.early.extend((making.rule.id, *key) for key in done if key[1] not in made)


def _rolling(making: _Making, completions: list[date]) -> Iterator[Occurrence]:
    """The first completion is the baseline; without one, the first day of data is."""
    plant = making.data.plant
    if not completions:
        yield from _open_cycle(making, AfterCompletion(making.data.data_start, baseline=True))
        return
    chain = list(zip(completions, (*completions[1:], None), strict=True))
    # The latest first: at the end of February two completions may lead to one due day, and the later one stands.
    for day, following in reversed(chain):
        if following is None:
            yield from _open_cycle(making, AfterCompletion(day))
        else:
            yield making.occurrence(plant, "", AfterCompletion(day), following)


def _open_cycle(making: _Making, anchor: AfterCompletion) -> Iterator[Occurrence]:
    """The cycle that waits for its completion; where it was waived, the next one runs from its due day."""
    one: Occurrence | None = making.occurrence(making.data.plant, "", anchor, None)
    while one is not None:
        yield one
        following = making.occurrence(making.data.plant, "", AfterCompletion(one.due), None)
        one = following if one.state is OccurrenceState.WAIVED and following.due > one.due else None


def _per_record(making: _Making, records: Iterable[Record]) -> Iterator[Occurrence]:
    in_use = _in_use(making.data) if making.rule.for_each != PLANT else None
    for record in records:
        without_duty = None
        if in_use is not None and record.done_on is None:
            without_duty = _without_duty(making.data, record, in_use)
        yield making.occurrence(
            record.subject, record.period, OfRecordDay(record.day), record.done_on, without_duty=without_duty
        )


def _without_duty(data: PlantData, record: Record, in_use: Callable[[str, date], bool]) -> OccurrenceState | None:
    """An instrument out of use needs no certificate; one that ended before the data begin is not recorded."""
    if not in_use(record.subject, record.day):
        return OccurrenceState.NOT_APPLICABLE
    return OccurrenceState.NOT_RECORDED if record.day < data.data_start else None


def _on_event(making: _Making, records: Iterable[Record]) -> Iterator[Occurrence]:
    for record in records:
        yield making.occurrence(record.subject, record.period, OfEvent(record.day), record.done_on)


def _subjects(making: _Making, period: Period) -> Iterator[str]:
    for row in making.data.rows(Instrument):
        chosen = all(getattr(row, name) == word for name, word in making.rule.where.items())
        if chosen and _served_in(row, period):
            yield row.number


def _served_in(row: Instrument, period: Period) -> bool:
    """Whether the instrument was in service on at least one day of the period.

    Service changes only where it is commissioned, stopped or taken up again, so these days and the ends decide.
    """
    if row.commissioned is None:
        return False
    days = {period.start, period.end, max(row.commissioned, period.start)}
    return any(period.start <= day <= period.end and row.in_service(day) for day in days)


def _in_use(data: PlantData) -> Callable[[str, date], bool]:
    """Whether an instrument is still in use when its certificate ends; a stopped one needs no new certificate."""
    rows = {row.number: row for row in data.rows(Instrument)}

    def in_use(number: str, day: date) -> bool:
        row = rows.get(number)
        return row is None or row.stopped_from is None or row.in_service(max(day, data.as_of)) or row.in_service(day)

    return in_use


def state_on(due: date, opens: date, done_on: date | None, as_of: date) -> OccurrenceState:
    """Where a duty stands on a day."""
    if done_on is not None:
        return OccurrenceState.DONE if done_on <= due else OccurrenceState.DONE_LATE
    if as_of > due:
        return OccurrenceState.OVERDUE
    return OccurrenceState.OPEN if as_of >= opens else OccurrenceState.UPCOMING
