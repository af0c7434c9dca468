"""What completes an obligation: the closed catalogue of evidence readers.

A reader turns rows into :class:`Record`; the words it looks for are parameters of the obligation's rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from compliance.core.model import (
    Event,
    Filing,
    InstrumentCheck,
    LedgerApproval,
    PlantData,
    Review,
    Surrender,
)
from compliance.rulebase.schema import Value


@dataclass(frozen=True, slots=True)
class Record:
    """Evidence of one occurrence. ``day``: the record's own day (deadline, end of validity, event, completion).

    ``done_on`` is None while the duty that the record raises is not met. ``kind`` is the record's own type, for
    obligations that only some types raise.
    """

    subject: str
    period: str
    day: date
    done_on: date | None
    kind: str = ""


With = Mapping[str, Value]
Reader = Callable[[PlantData, With], Iterable[Record]]

#: Readers of duties whose evidence stands in no row but is handed in: they begin where the plant began to work here.
HANDED_IN: set[str] = set()
#: Readers by the name that rules use.
READERS: dict[str, Reader] = {}


def reader(name: str, *, handed_in: bool = False) -> Callable[[Reader], Reader]:
    """Register a reader; ``handed_in``: no row of the plant carries the evidence."""

    def register(function: Reader) -> Reader:
        READERS[name] = function
        if handed_in:
            HANDED_IN.add(name)
        return function

    return register


def text_of(with_: With, name: str) -> str:
    """A word that the rule gives."""
    return cast("str", with_[name])


def texts_of(with_: With, name: str) -> tuple[str, ...]:
    """A list of words that the rule gives."""
    return tuple(cast("Iterable[str]", with_[name]))


@reader("filing")
def filings(data: PlantData, with_: With) -> Iterator[Record]:
    """Filings made under an obligation's code, by period."""
    for row in data.rows(Filing):
        if row.obligation == text_of(with_, "obligation") and row.filed is not None:
            yield Record(data.plant, row.period, row.filed, row.filed)


@reader("ledger-approval")
def ledger_approvals(data: PlantData, with_: With) -> Iterator[Record]:
    """Approved ledgers of a name, by month."""
    for row in data.rows(LedgerApproval):
        approved = row.approved_on
        if row.ledger == text_of(with_, "ledger") and row.month and row.approver is not None and approved is not None:
            yield Record(data.plant, row.month, approved, approved)


@reader("instrument-check")
def instrument_checks(data: PlantData, with_: With) -> Iterator[Record]:
    """Checks of the types with the result, by instrument and month."""
    for row in data.rows(InstrumentCheck):
        if _check_counts(row, with_) and row.instrument is not None and row.on is not None:
            yield Record(row.instrument, row.on.isoformat()[:7], row.on, row.on)


@reader("certificate")
def certificates(data: PlantData, with_: With) -> Iterator[Record]:
    """Certificates by instrument: each end of validity is a due day, met by the next certificate."""
    by_instrument: dict[str, dict[date, date]] = {}
    for row in data.rows(InstrumentCheck):
        if _check_counts(row, with_) and row.instrument and row.on is not None and row.valid_until is not None:
            ends = by_instrument.setdefault(row.instrument, {})
            ends[row.on] = max(ends.get(row.on, row.valid_until), row.valid_until)
    for instrument, ends in by_instrument.items():
        yield from _due_ends(instrument, sorted(ends.items()))


def _due_ends(instrument: str, chain: list[tuple[date, date]]) -> Iterator[Record]:
    """The latest end of validity so far, each time it moves, with the day of the certificate that followed.

    The chain holds each day of a certificate once, with the later end of what was issued on it.
    """
    latest = date.min
    for index, (_, end) in enumerate(chain):
        if end <= latest:
            continue
        latest = end
        following = chain[index + 1][0] if index + 1 < len(chain) else None
        yield Record(instrument, end.isoformat(), end, following)


def _check_counts(row: InstrumentCheck, with_: With) -> bool:
    return row.type in texts_of(with_, "types") and row.result == text_of(with_, "result")


@reader("review-completions")
def review_completions(data: PlantData, with_: With) -> Iterator[Record]:
    """Completed reviews of a type, for rolling cycles."""
    for row in data.rows(Review):
        if row.type == text_of(with_, "type") and row.completed is not None:
            yield Record(data.plant, row.completed.isoformat(), row.completed, row.completed)


@reader("review-in-period")
def reviews_in_period(data: PlantData, with_: With) -> Iterator[Record]:
    """Completed reviews of a type, by calendar year."""
    for record in review_completions(data, with_):
        yield Record(record.subject, str(record.day.year), record.day, record.done_on)


@reader("surrender")
def surrenders(data: PlantData, with_: With) -> Iterator[Record]:
    """Surrenders with a deadline."""
    del with_
    for row in data.rows(Surrender):
        if row.deadline is not None and row.year is not None:
            yield Record(row.number, row.year, row.deadline, row.completed)


@reader("change-tables")
def change_tables(data: PlantData, with_: With) -> Iterator[Record]:
    """Completed surrenders; done on the later of the two tables' days."""
    del with_
    for row in data.rows(Surrender):
        if row.completed is None or row.year is None:
            continue
        tables = (row.allowance_table_on, row.ccer_table_on)
        done = None if None in tables else max(cast("tuple[date, date]", tables))
        yield Record(row.number, row.year, row.completed, done)


@reader("event-follow-up")
def event_follow_ups(data: PlantData, with_: With) -> Iterator[Record]:
    """Events and the day on which the named follow-up was done."""
    field = text_of(with_, "field")
    for row in data.rows(Event):
        if row.on is not None:
            yield Record(row.number, row.on.isoformat(), row.on, getattr(row, field), row.type or "")
