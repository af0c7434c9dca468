"""Rows that say that an event took place: which duty each raises, when the row itself meets it, and never twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from compliance.core.judged import OccurrenceState
from compliance.core.model import (
    AlternativeFuel,
    CashTransfer,
    Event,
    ImportedNonconformity,
    InstrumentCheck,
    MissingData,
    PersonPeriod,
    ReductionEntry,
    Row,
    SampleSlip,
    Trade,
)
from compliance.core.obligations import occurrences_of
from compliance.core.obligations.row_events import row_problems
from compliance.rulebase.schema import Evidence, Obligation
from tests.core.world import START, made, row, seen, shipped

if TYPE_CHECKING:
    from compliance.core.judged import Occurrence

D = date(2025, 4, 7)
ON = date(2025, 6, 30)
DONE, OVERDUE = OccurrenceState.DONE, OccurrenceState.OVERDUE

DECIDED: dict[str, Any] = {
    "applied_on": D, "risk_reviewed_on": date(2025, 4, 8), "funds_approved_on": date(2025, 4, 9),
    "ordered_on": date(2025, 4, 9), "on": date(2025, 4, 10), "confirmed_on": date(2025, 4, 10),
    "ledger_updated_on": date(2025, 4, 20),
}  # fmt: skip
MOVED: dict[str, Any] = {
    "transferred": D, "applied_on": date(2025, 4, 3), "guardian_approved_on": date(2025, 4, 4),
    "finance_reviewed_on": D,
}  # fmt: skip
NC: dict[str, Any] = {"recorded": D, "category": "A", "grade": "一般", "fact": "…"}
PLANNED: dict[str, Any] = {
    "recorded": D, "cause": "…", "action": "…", "owner": "P1", "due": date(2025, 9, 1), "criterion": "…",
}  # fmt: skip
FILLED: dict[str, Any] = {
    "since": D,
    "until": date(2025, 4, 9),
    "reason": "…",
    "method": "…",
    "substitute": 5,
    "proof": "…",
}
SLIP: dict[str, Any] = {"on": D, "sample": "S1", "giver": "P1", "receiver": "检测员", "laboratory": "L1"}
USED: dict[str, Any] = {"on": D, "project": "P", "what": "签发", "amount": 5, "proof": "…"}


def one(code: str, *rows: Row) -> tuple[str, str, date, date | None, OccurrenceState]:
    """The only occurrence of a code, in a plant that works here since its data begin."""
    base = shipped()
    data = replace(seen(*rows, on=ON), onboarded=START)
    (found,) = (o for o in occurrences_of(data, base, {}, ON) if o.code == code)
    return found.subject, found.period, found.due, found.done_on, found.state


@pytest.mark.parametrize(
    ("code", "raising", "subject", "due", "done"),
    [
        ("EV-06", row(MissingData, number="M1", **FILLED), "M1", date(2025, 4, 10), D),
        ("EV-07", row(Trade, number="T1", **DECIDED), "T1", date(2025, 4, 14), date(2025, 4, 9)),
        ("EV-08", row(CashTransfer, number="C1", **MOVED), "C1", D, D),
        ("EV-11", row(ImportedNonconformity, number="N1", **NC), "N1", date(2025, 4, 10), D),
        ("EV-11P", row(ImportedNonconformity, number="N1", **PLANNED), "N1", date(2025, 4, 17), D),
        ("EV-16R", row(ReductionEntry, number="R1", **USED), "R1", date(2025, 5, 7), D),
        ("EV-18", row(SampleSlip, number="J1", **SLIP), "J1", D, D),
    ],
)
def test_a_whole_row_raises_its_duty_and_meets_it(code: str, raising: Row, subject: str, due: date, done: date) -> None:
    assert one(code, raising) == (subject, D.isoformat(), due, done, DONE)


#: Each cell without which a row of the kind does not meet the duty that it raises.
NEEDED: list[tuple[str, type[Row], dict[str, Any], str]] = [
    ("EV-07", Trade, DECIDED, "risk_reviewed_on funds_approved_on ordered_on confirmed_on ledger_updated_on"),
    ("EV-08", CashTransfer, MOVED, "applied_on guardian_approved_on finance_reviewed_on"),
    ("EV-06", MissingData, FILLED, "reason method substitute proof"),
    ("EV-11", ImportedNonconformity, NC, "category grade fact"),
    ("EV-11P", ImportedNonconformity, PLANNED, "cause action owner due criterion"),
    ("EV-16R", ReductionEntry, USED, "project what amount proof"),
    ("EV-18", SampleSlip, SLIP, "sample giver receiver laboratory"),
]


@pytest.mark.parametrize(
    ("code", "kind", "cells", "lacking"),
    [(code, kind, cells, name) for code, kind, cells, names in NEEDED for name in names.split()],
)
def test_what_a_row_lacks_leaves_the_duty_open(code: str, kind: type[Row], cells: dict[str, Any], lacking: str) -> None:
    assert one(code, row(kind, number="X", **{**cells, lacking: None}))[3:] == (None, OVERDUE)


def test_a_day_that_is_not_yet_there_has_not_been() -> None:
    """As of a day before the ledger was brought up to date, the trade is not settled."""
    trade = row(Trade, number="T1", **DECIDED)
    assert [o.done_on for o in made("EV-07", trade, on=date(2025, 4, 19))] == [None]
    assert [o.done_on for o in made("EV-07", trade, on=date(2025, 4, 20))] == [date(2025, 4, 9)]


def test_a_check_that_was_not_passed_wants_the_instrument_seen_to() -> None:
    def checked(result: str | None, number: str = "K1") -> InstrumentCheck:
        return row(InstrumentCheck, number=number, instrument="JL-1", type="月度校验", on=D, result=result)

    assert one("EV-14", checked("不合格")) == ("JL-1", D.isoformat(), date(2025, 4, 10), None, OVERDUE)
    assert made("EV-14", checked("合格"), checked(None, "K2"), on=ON) == []
    assert len(made("EV-14", checked("不合格"), checked("不合格", "K2"), on=ON)) == 1  # one instrument on one day


def fuel(month: str, name: str = "RDF", **cells: Any) -> AlternativeFuel:
    return row(AlternativeFuel, month=month, line="K1", fuel=name, **cells)


def test_the_first_month_of_a_fuel_alone_raises_its_duties() -> None:
    rows = (fuel("2025-04", origin="厂", amount=1), fuel("2025-05"), fuel("2025-05", "轮胎"))
    opened = {o.subject: (o.period, o.done_on) for o in made("EV-22", *rows, on=ON)}
    assert opened == {"RDF": ("2025-04-30", date(2025, 4, 30)), "轮胎": ("2025-05-31", None)}
    assert {o.subject: o.done_on for o in made("EV-22S", *rows, on=ON)} == {"RDF": None, "轮胎": None}
    assert made("EV-22", fuel("2025-01"), fuel("2025-02"), on=ON) == []  # it may have been burnt before the data begin


def test_the_first_period_of_a_person_who_came_later_wants_the_policy_explained() -> None:
    def period(account: str, since: date) -> PersonPeriod:
        return row(PersonPeriod, account=account, since=since)

    rows = (period("P1", date(2020, 1, 1)), period("P1", D), period("P2", D), period("P2", date(2025, 5, 1)))
    assert [(o.subject, o.period) for o in made("EV-20", *rows, on=ON)] == [("P2", D.isoformat())]


def test_an_event_that_people_recorded_is_not_raised_by_a_row_once_more() -> None:
    def said(on: date, kind: str) -> Event:
        return row(Event, number="E1", type=kind, on=on)

    def subjects(*rows: Row) -> list[str]:
        return sorted(o.subject for o in made("EV-18", *rows, on=ON))

    slip = row(SampleSlip, number="J1", **SLIP)
    assert subjects(slip, said(D, "煤样送检")) == ["E1"]
    assert subjects(slip, said(date(2025, 4, 8), "煤样送检")) == ["E1", "J1"]
    assert subjects(slip, said(D, "其他")) == ["J1"]


def test_a_row_of_before_the_data_is_history() -> None:
    slip = row(SampleSlip, number="J1", **SLIP)

    def raised(start: date) -> list[Occurrence]:
        return made("EV-18", slip, on=ON, start=start)

    assert [len(raised(start)) for start in (D, date(2025, 4, 8))] == [1, 0]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"sheet": "sample_slips"}, "with.sheet: there is no 'sample_slips'; did you mean 'sample_slip'"),
        ({"day": "sample"}, "with.day: there is no 'sample'"),
        ({"filled": ["givr"]}, "with.filled: there is no 'givr'; did you mean 'giver'"),
        ({"done": ["giver"]}, "with.done: there is no 'giver'"),
        ({"subject": "line"}, "with.subject: there is no 'line'"),
        ({"kind": "煤样"}, "with.kind: there is no '煤样'; did you mean '煤样送检'"),
        ({"column": "parts"}, "with: other_than is missing"),
        ({"days": "on"}, "with: there is no 'days'; did you mean 'day'"),
    ],
)
def test_what_a_rule_names_wrongly_is_told_with_its_place(wrong: dict[str, Any], says: str) -> None:
    base = shipped()
    assert list(row_problems(base)) == []
    (rule,) = base.of_code("EV-18")
    evidence: Evidence = replace(rule.evidence, with_={**rule.evidence.with_, **wrong})
    other = tuple(replace(r, evidence=evidence) if isinstance(r, Obligation) and r is rule else r for r in base.rules)
    problems = list(row_problems(replace(base, rules=other)))
    assert [p.message.en.startswith(says) for p in problems] == [True], [p.message.en for p in problems]
    assert (problems[0].file, problems[0].line) == (rule.file, rule.line)
