"""What a form for one row is filled in with: from the duty that it would meet, or from the row a finding rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from compliance.core.imports import ENTERABLE
from compliance.core.judged import Occurrence
from compliance.core.model import (
    SHEETS,
    Cell,
    Event,
    Filing,
    InstrumentCheck,
    LedgerApproval,
    Refers,
    Review,
    Row,
    Surrender,
)
from compliance.rulebase.schema import Obligation

#: The sheet that each evidence reader reads.
_READ: Mapping[str, type[Row]] = {
    "filing": Filing,
    "ledger-approval": LedgerApproval,
    "instrument-check": InstrumentCheck,
    "certificate": InstrumentCheck,
    "review-completions": Review,
    "review-in-period": Review,
    "surrender": Surrender,
    "change-tables": Surrender,
    "event-follow-up": Event,
}
#: The reference that names a row of a table.
_NAMED: Mapping[str, Refers] = {
    "instrument": Refers.INSTRUMENT,
    "laboratory": Refers.LABORATORY,
    "trade": Refers.TRADE,
}
_NUMBER = re.compile(r"(.*?)(\d+)")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A table that a form enters, and what it is filled in with; with ``key`` it corrects that row."""

    kind: type[Row]
    values: Mapping[str, str]
    key: str = ""


def for_occurrence(one: Occurrence, rule: Obligation, today: date) -> Suggestion | None:
    """The row that would meet a duty: its type by the rule, its subject and period, the day at the latest."""
    kind = _READ.get(rule.evidence.completed_by)
    if kind is None:
        return None
    values: dict[str, str] = {}
    for column in kind.SHEET.columns:
        given = rule.evidence.with_.get(column.name, rule.evidence.with_.get(f"{column.name}s"))
        if isinstance(given, str):
            values[column.name] = given
        elif isinstance(given, Sequence) and len(given) == 1:
            values[column.name] = str(given[0])
        elif column.refers is Refers.INSTRUMENT:
            values[column.name] = one.subject
        elif column.cell in (Cell.MONTH, Cell.PERIOD, Cell.YEAR):
            values[column.name] = one.period
    day = next((n for n in kind.SHEET.decides if kind.SHEET.column(n).cell is Cell.DAY), "")
    return Suggestion(kind, values | ({day: min(one.due, today).isoformat()} if day else {}))


def for_row(row: object) -> Iterator[Suggestion]:
    """What may be entered about the row ``table:key`` of a fact: its correction, or what names it."""
    table, _colon, key = row.partition(":") if isinstance(row, str) else ("", "", "")
    kind = next((kind for kind in SHEETS if kind.SHEET.table == table), None)
    if kind is None or len(key.split("|")) != len(kind.SHEET.key):
        return
    if kind in ENTERABLE:
        yield Suggestion(kind, {}, key)
    refers = _NAMED.get(table)
    for other in ENTERABLE if refers else ():
        named = [c.name for c in other.SHEET.columns if c.refers is refers]
        if named and len(other.SHEET.key) == 1:
            yield Suggestion(other, {named[0]: key})


def next_number(last: str) -> str:
    """The number after one that was given: its last digits count on."""
    found = _NUMBER.fullmatch(last)
    return f"{found[1]}{int(found[2]) + 1:0{len(found[2])}}" if found else ""
