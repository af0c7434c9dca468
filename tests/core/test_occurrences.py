"""When each kind of duty falls due, and where it stands on every side of its due day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.core.judged import Occurrence
from compliance.core.model import (
    CompanyItem,
    Event,
    Filing,
    Instrument,
    InstrumentCheck,
    LedgerApproval,
    PlantFactor,
    Review,
    Row,
    Surrender,
)
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Obligation, Vocabulary
from tests.conftest import ROOT
from tests.core.world import KEY, altered, made, row, shipped

DAY = timedelta(days=1)


def filing(code: str, period: str, filed: date | None) -> Filing:
    return row(Filing, obligation=code, period=period, filed=filed)


def check(
    number: str, on: date, until: date | None = None, *, kind: str = "检定", result: str = "合格"
) -> InstrumentCheck:
    return row(InstrumentCheck, number=number, instrument="I1", type=kind, on=on, valid_until=until, result=result)


def key_instrument(**cells: Any) -> Instrument:
    given = {"key_instrument": "是", "commissioned": date(2020, 1, 1)} | cells
    return row(Instrument, number="I1", **given)


def review(number: str, kind: str, completed: date | None) -> Review:
    return row(Review, number=number, type=kind, started=completed, completed=completed)


def of(found: Sequence[Occurrence], period: str) -> Occurrence:
    return next(o for o in found if o.period == period)


def stands(found: Sequence[Occurrence]) -> list[tuple[str, str]]:
    return [(o.period, o.state.value) for o in found]


# --- due days of each cadence ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "period", "due"),
    [
        ("OB-M10", "2026-01", date(2026, 2, 10)),
        ("OB-M10", "2025-12", date(2026, 1, 10)),
        ("OB-M40", "2026-12", date(2027, 2, 9)),
        ("OB-M40", "2028-01", date(2028, 3, 11)),
        ("OB-M40", "2026-10", date(2026, 12, 10)),
        ("OB-Y0331", "2026", date(2027, 3, 31)),
        ("OB-M3", "2026-02", date(2026, 3, 10)),
        ("OB-M4", "2026-02", date(2026, 3, 10)),
        ("OB-M5", "2026-02", date(2026, 3, 10)),
        ("OB-ENV", "2026", date(2026, 12, 31)),
        ("OB-DQA", "2026", date(2026, 12, 31)),
        ("OB-IA", "2026", date(2026, 12, 31)),
    ],
)
def test_a_periodic_duty_falls_due_on_its_day(code: str, period: str, due: date) -> None:
    found = made(code, on=date(2025, 1, 1), until=date(2029, 1, 1))
    assert (of(found, period).due, of(found, period).subject) == (due, KEY)


def test_periods_begin_with_the_first_month_of_data_and_end_with_the_day_asked_for() -> None:
    found = made("OB-M10", start=date(2025, 11, 1), on=date(2026, 1, 15), until=date(2026, 3, 1))
    assert stands(found) == [("2025-11", "overdue"), ("2025-12", "overdue"), ("2026-01", "upcoming"), *_later()]


def _later() -> list[tuple[str, str]]:
    """Months that have begun by the last day asked for, though they fall due after it."""
    return [("2026-02", "upcoming"), ("2026-03", "upcoming")]


def test_the_first_year_of_data_counts_as_a_whole_year() -> None:
    found = made("OB-IA", start=date(2025, 6, 1), on=date(2026, 1, 1))
    assert stands(found) == [("2025", "overdue"), ("2026", "open")]


# --- states, on every side of the due day ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "period", "last", "due"),
    [
        ("OB-M10", "2026-01", date(2026, 1, 31), date(2026, 2, 10)),
        ("OB-M40", "2026-01", date(2026, 1, 31), date(2026, 3, 12)),
        ("OB-Y0331", "2025", date(2025, 12, 31), date(2026, 3, 31)),
    ],
)
def test_a_filing_opens_after_its_period_and_is_overdue_the_day_after_its_due_day(
    code: str, period: str, last: date, due: date
) -> None:
    def state(on: date, *rows: Row) -> str:
        return of(made(code, *rows, on=on, until=due), period).state.value

    assert state(last) == "upcoming"
    assert state(last + DAY) == "open"
    assert state(due) == "open"
    assert state(due + DAY) == "overdue"
    assert state(due + DAY, filing(code, period, due)) == "done"
    assert state(due + DAY, filing(code, period, due + DAY)) == "done-late"
    assert state(due, filing(code, period, due + DAY)) == "open"  # not filed yet on that day
    assert state(due + DAY, filing(code, period, None)) == "overdue"
    assert state(due + DAY, filing("OB-X", period, due)) == "overdue"


def test_what_is_done_before_its_period_ends_is_done() -> None:
    found = made("OB-M10", filing("OB-M10", "2026-01", date(2026, 1, 30)), on=date(2026, 1, 30))
    one = of(found, "2026-01")
    assert (one.state, one.done_on) == ("done", date(2026, 1, 30))


def test_a_filing_of_another_obligation_or_month_completes_nothing() -> None:
    rows = [filing("OB-M40", "2026-01", date(2026, 2, 1)), filing("OB-M10", "2025-12", date(2026, 2, 1))]
    found = made("OB-M10", *rows, on=date(2026, 3, 1))
    assert of(found, "2026-01").state == "overdue"
    assert of(found, "2025-12").state == "done-late"


@pytest.mark.parametrize(
    ("approver", "approved", "state", "done_on"),
    [
        ("U1", date(2026, 2, 10), "done", date(2026, 2, 10)),
        ("U1", date(2026, 2, 11), "done-late", date(2026, 2, 11)),
        ("U1", None, "overdue", None),
        (None, date(2026, 2, 10), "overdue", None),
        ("U1", date(2026, 3, 1), "overdue", None),  # approved after the day looked at
    ],
)
def test_a_ledger_is_done_on_the_day_of_its_approval(
    approver: str | None, approved: date | None, state: str, done_on: date | None
) -> None:
    ledger = row(
        LedgerApproval,
        number="T1",
        ledger="碳排放数据台账",
        month="2026-01",
        prepared_on=date(2026, 2, 1),
        approver=approver,
        approved_on=approved,
    )
    on = date(2026, 2, 28)
    one = of(made("OB-M3", ledger, on=on), "2026-01")
    assert (one.state, one.done_on) == (state, done_on)
    assert of(made("OB-M4", ledger, on=on), "2026-01").state == "overdue"


def test_of_two_approved_ledgers_of_a_month_the_first_counts() -> None:
    cells = {"ledger": "月度碳资产台账", "month": "2026-01", "approver": "U1"}
    rows = [
        row(LedgerApproval, number="T1", approved_on=date(2026, 2, 20), **cells),
        row(LedgerApproval, number="T2", approved_on=date(2026, 2, 9), **cells),
    ]
    one = of(made("OB-M5", *rows, on=date(2026, 3, 1)), "2026-01")
    assert (one.state, one.done_on) == ("done", date(2026, 2, 9))


# --- once a year -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind"), [("OB-ENV", "内外部环境评审"), ("OB-DQA", "数据内审"), ("OB-IA", "内部审核")]
)
def test_the_first_completion_in_a_year_completes_it(code: str, kind: str) -> None:
    rows = [
        review("R1", kind, date(2026, 12, 31)),
        review("R2", kind, date(2026, 5, 1)),
        review("R3", kind, date(2027, 1, 1)),
        review("R4", "管理评审", date(2025, 6, 1)),
        review("R5", kind, None),
    ]
    found = made(code, *rows, on=date(2028, 1, 1))
    assert [(o.period, o.state.value, o.done_on) for o in found[:3]] == [
        ("2025", "overdue", None),
        ("2026", "done", date(2026, 5, 1)),
        ("2027", "done", date(2027, 1, 1)),
    ]


@pytest.mark.parametrize(
    ("on", "state"), [(date(2025, 1, 1), "open"), (date(2025, 12, 31), "open"), (date(2026, 1, 1), "overdue")]
)
def test_a_yearly_review_is_open_all_year(on: date, state: str) -> None:
    assert of(made("OB-ENV", on=on), "2025").state == state


# --- rolling twelve months -------------------------------------------------------------------------------------------

ROLLING = [("OB-CE", "合规性评价"), ("OB-MR", "管理评审")]


@pytest.mark.parametrize(("code", "kind"), ROLLING)
def test_each_completion_is_the_baseline_of_the_next(code: str, kind: str) -> None:
    rows = [
        review("R1", kind, date(2025, 1, 31)),
        review("R2", kind, date(2026, 1, 31)),  # on the last good day
        review("R3", kind, date(2027, 2, 1)),  # a day late
    ]
    found = made(code, *rows, on=date(2027, 3, 1))
    assert [(o.period, o.due, o.state.value, o.done_on) for o in found] == [
        ("2026-01-31", date(2026, 1, 31), "done", date(2026, 1, 31)),
        ("2027-01-31", date(2027, 1, 31), "done-late", date(2027, 2, 1)),
        ("2028-02-01", date(2028, 2, 1), "upcoming", None),
    ]


@pytest.mark.parametrize(("code", "kind"), ROLLING)
@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2026, 1, 1), "open"),
        (date(2025, 11, 1), "upcoming"),
        (date(2025, 11, 2), "open"),  # sixty days before
        (date(2026, 1, 2), "overdue"),
    ],
)
def test_without_completion_the_first_day_of_data_is_the_baseline(code: str, kind: str, on: date, state: str) -> None:
    rows = [review("R1", kind, None), review("R2", "内部审核", date(2025, 6, 1))]
    found = made(code, *rows, on=on)
    assert [(o.period, o.state.value) for o in found] == [("2026-01-01", state)]
    assert "2025-01-01" in found[0].derivation.zh


def test_a_completion_still_to_come_is_no_baseline_yet() -> None:
    rows = [review("R1", "管理评审", date(2025, 3, 1)), review("R2", "管理评审", date(2026, 3, 5))]
    found = made("OB-MR", *rows, on=date(2026, 3, 4))
    assert stands(found) == [("2026-03-01", "overdue")]


def test_a_leap_day_and_the_day_before_lead_to_one_occurrence() -> None:
    rows = [review("R1", "管理评审", date(2024, 2, 28)), review("R2", "管理评审", date(2024, 2, 29))]
    found = made("OB-MR", *rows, start=date(2024, 1, 1), on=date(2024, 6, 1))
    assert stands(found) == [("2025-02-28", "upcoming")]


def test_two_completions_on_one_day_are_one() -> None:
    rows = [review("R1", "管理评审", date(2025, 3, 1)), review("R2", "管理评审", date(2025, 3, 1))]
    assert stands(made("OB-MR", *rows, on=date(2025, 6, 1))) == [("2026-03-01", "upcoming")]


# --- instruments: every month in service -----------------------------------------------------------------------------


def _months(instrument: Instrument, *rows: Row, on: date) -> list[str]:
    return [o.period for o in made("OB-KEYCHK", instrument, *rows, on=on)]


@pytest.mark.parametrize(
    ("cells", "months"),
    [
        ({}, ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05"]),
        ({"commissioned": date(2025, 3, 31)}, ["2025-03", "2025-04", "2025-05"]),
        ({"commissioned": date(2025, 6, 1)}, []),
        ({"commissioned": None}, []),
        ({"key_instrument": "否"}, []),
        ({"key_instrument": None}, []),
        ({"stopped_from": date(2025, 2, 1)}, ["2025-01"]),
        ({"stopped_from": date(2025, 2, 2)}, ["2025-01", "2025-02"]),
        (
            {"stopped_from": date(2025, 2, 1), "stopped_until": date(2025, 3, 30)},
            ["2025-01", "2025-03", "2025-04", "2025-05"],
        ),
        ({"stopped_from": date(2025, 2, 1), "stopped_until": date(2025, 3, 31)}, ["2025-01", "2025-04", "2025-05"]),
        (
            {"stopped_from": date(2025, 2, 10), "stopped_until": date(2025, 2, 20)},
            ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05"],
        ),
        # commissioned in the month in which it was stopped, on a day between the ends
        (
            {
                "commissioned": date(2025, 3, 10),
                "stopped_from": date(2025, 3, 11),
                "stopped_until": date(2025, 4, 30),
            },
            ["2025-03", "2025-05"],
        ),
        ({"commissioned": date(2025, 3, 10), "stopped_from": date(2025, 3, 10)}, []),
    ],
)
def test_a_key_instrument_is_checked_in_every_month_with_a_day_of_service(
    cells: dict[str, Any], months: list[str]
) -> None:
    assert _months(key_instrument(**cells), on=date(2025, 5, 31)) == months


@pytest.mark.parametrize(
    ("rows", "done_on"),
    [
        ([check("C1", date(2025, 2, 28), kind="月度校验")], date(2025, 2, 28)),
        (
            [check("C1", date(2025, 2, 20), kind="月度校验"), check("C2", date(2025, 2, 3), kind="月度校验")],
            date(2025, 2, 3),
        ),
        ([check("C1", date(2025, 2, 20), kind="月度校验", result="不合格")], None),
        ([check("C1", date(2025, 2, 20), kind="检定")], None),
        ([check("C1", date(2025, 3, 1), kind="月度校验")], None),
        ([check("C1", date(2025, 1, 31), kind="月度校验")], None),
    ],
)
def test_the_first_passed_check_in_the_month_completes_it(rows: list[Row], done_on: date | None) -> None:
    one = of(made("OB-KEYCHK", key_instrument(), *rows, on=date(2025, 3, 2)), "2025-02")
    assert (one.subject, one.due, one.done_on) == ("I1", date(2025, 2, 28), done_on)
    assert one.state == ("overdue" if done_on is None else "done")


def test_a_check_of_another_instrument_completes_nothing() -> None:
    other = row(InstrumentCheck, number="C1", instrument="I2", type="月度校验", on=date(2025, 2, 3), result="合格")
    found = made("OB-KEYCHK", key_instrument(), row(Instrument, number="I2"), other, on=date(2025, 3, 2))
    assert {o.subject for o in found} == {"I1"}
    assert of(found, "2025-02").state == "overdue"


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2025, 1, 31), "upcoming"),
        (date(2025, 2, 1), "open"),
        (date(2025, 2, 28), "open"),
        (date(2025, 3, 1), "overdue"),
    ],
)
def test_a_monthly_check_is_open_in_its_month(on: date, state: str) -> None:
    assert of(made("OB-KEYCHK", key_instrument(), on=on, until=date(2025, 2, 28)), "2025-02").state == state


# --- certificates ----------------------------------------------------------------------------------------------------

C1 = check("C1", date(2025, 3, 1), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2025, 12, 29), "upcoming"),
        (date(2025, 12, 30), "open"),
        (date(2026, 2, 28), "open"),
        (date(2026, 3, 1), "overdue"),
    ],
)
def test_a_certificate_falls_due_on_its_last_valid_day(on: date, state: str) -> None:
    found = made("OB-CAL", key_instrument(), C1, on=on)
    assert [(o.subject, o.period, o.due, o.state.value) for o in found] == [
        ("I1", "2026-02-28", date(2026, 2, 28), state)
    ]


@pytest.mark.parametrize(
    ("again", "state"),
    [(date(2026, 1, 15), "done"), (date(2026, 2, 28), "done"), (date(2026, 3, 1), "done-late")],
)
def test_the_next_certificate_completes_it_and_moves_the_due_day(again: date, state: str) -> None:
    found = made("OB-CAL", key_instrument(), C1, check("C2", again, date(2027, 1, 14)), on=date(2026, 4, 1))
    assert [(o.period, o.state.value, o.done_on) for o in found] == [
        ("2026-02-28", state, again),
        ("2027-01-14", "upcoming", None),
    ]


def test_a_certificate_of_the_other_kind_counts_too() -> None:
    again = check("C2", date(2026, 2, 1), date(2027, 1, 31), kind="校准")
    found = made("OB-CAL", key_instrument(), C1, again, on=date(2026, 4, 1))
    assert of(found, "2026-02-28").done_on == date(2026, 2, 1)


@pytest.mark.parametrize(
    "other",
    [
        check("C2", date(2026, 2, 1), date(2027, 1, 31), result="不合格"),
        check("C2", date(2026, 2, 1), None),
        check("C2", date(2026, 2, 1), date(2027, 1, 31), kind="月度校验"),
        row(InstrumentCheck, number="C2", instrument="I1", type="检定", valid_until=date(2027, 1, 31), result="合格"),
        row(
            InstrumentCheck, number="C2", type="检定", on=date(2026, 2, 1), valid_until=date(2027, 1, 31), result="合格"
        ),
    ],
)
def test_what_is_no_passed_certificate_with_an_end_changes_nothing(other: InstrumentCheck) -> None:
    found = made("OB-CAL", key_instrument(), C1, other, on=date(2026, 3, 1))
    assert stands(found) == [("2026-02-28", "overdue")]


def test_a_shorter_certificate_does_not_bring_the_due_day_forward() -> None:
    shorter = check("C2", date(2025, 6, 1), date(2025, 12, 1))
    found = made("OB-CAL", key_instrument(), C1, shorter, on=date(2026, 3, 1))
    assert [(o.period, o.done_on) for o in found] == [("2026-02-28", date(2025, 6, 1))]


def test_of_two_certificates_of_one_day_the_longer_one_stands() -> None:
    twin = check("C2", date(2025, 3, 1), date(2025, 8, 31), kind="校准")
    found = made("OB-CAL", key_instrument(), C1, twin, on=date(2026, 3, 1))
    assert stands(found) == [("2026-02-28", "overdue")]


@pytest.mark.parametrize(
    ("stop", "state"),
    [
        ({"stopped_from": date(2026, 1, 1)}, "not-applicable"),
        ({"stopped_from": date(2026, 3, 1)}, "overdue"),  # stopped only after the due day
        ({"stopped_from": date(2026, 1, 1), "stopped_until": date(2026, 3, 1)}, "overdue"),  # in use again
        ({"stopped_from": date(2026, 1, 1), "stopped_until": date(2026, 3, 2)}, "not-applicable"),
    ],
)
def test_an_instrument_out_of_use_needs_no_new_certificate(stop: dict[str, date], state: str) -> None:
    found = made("OB-CAL", key_instrument(**stop), C1, on=date(2026, 3, 2))
    assert stands(found) == [("2026-02-28", state)]


# --- surrender, change tables, events --------------------------------------------------------------------------------


def surrender(**cells: Any) -> Surrender:
    return row(Surrender, number="S1", year="2025", **({"deadline": date(2026, 12, 31)} | cells))


@pytest.mark.parametrize(
    ("completed", "on", "state"),
    [
        (None, date(2026, 7, 3), "upcoming"),
        (None, date(2026, 7, 4), "open"),
        (None, date(2026, 12, 31), "open"),
        (None, date(2027, 1, 1), "overdue"),
        (date(2026, 12, 31), date(2027, 1, 1), "done"),
        (date(2027, 1, 1), date(2027, 1, 1), "done-late"),
        (date(2027, 1, 2), date(2027, 1, 1), "overdue"),
    ],
)
def test_a_surrender_falls_due_on_its_own_deadline(completed: date | None, on: date, state: str) -> None:
    found = made("OB-Y11", surrender(completed=completed), on=on)
    assert [(o.subject, o.period, o.state.value) for o in found] == [("S1", "2025", state)]


def test_a_surrender_without_deadline_or_not_there_yet_makes_nothing() -> None:
    assert made("OB-Y11", surrender(deadline=None), on=date(2026, 6, 1)) == []
    assert made("OB-Y11", surrender(), on=date(2025, 12, 30)) == []


@pytest.mark.parametrize(
    ("tables", "on", "state", "done_on"),
    [
        ((None, None), date(2026, 2, 5), "open", None),
        ((None, None), date(2026, 2, 28), "open", None),
        ((None, None), date(2026, 3, 1), "overdue", None),
        ((date(2026, 2, 6), None), date(2026, 3, 1), "overdue", None),
        ((date(2026, 2, 6), date(2026, 2, 28)), date(2026, 3, 1), "done", date(2026, 2, 28)),
        ((date(2026, 3, 1), date(2026, 2, 6)), date(2026, 3, 1), "done-late", date(2026, 3, 1)),
    ],
)
def test_the_change_tables_follow_in_the_month_of_the_surrender(
    tables: tuple[date | None, date | None], on: date, state: str, done_on: date | None
) -> None:
    one = surrender(completed=date(2026, 2, 5), allowance_table_on=tables[0], ccer_table_on=tables[1])
    found = made("OB-Y12", one, on=on)
    assert [(o.subject, o.period, o.due, o.state.value, o.done_on) for o in found] == [
        ("S1", "2025", date(2026, 2, 28), state, done_on)
    ]


def test_without_a_surrender_no_change_tables_are_due() -> None:
    assert made("OB-Y12", surrender(), on=date(2026, 6, 1)) == []
    assert made("OB-Y12", surrender(completed=date(2026, 6, 2)), on=date(2026, 6, 1)) == []


FOLLOW_UPS = {
    "EV-01": ({"政策重大调整"}, "compliance_evaluated"),
    "EV-02": ({"政策重大调整", "内外部因素重大变化"}, "context_reviewed"),
    "EV-04": ({"体系重大调整", "重大合规风险"}, "special_audit"),
}
EVENT_TYPES = ("政策重大调整", "内外部因素重大变化", "体系重大调整", "重大合规风险", "其他")


@pytest.mark.parametrize("code", FOLLOW_UPS)
@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_only_some_events_raise_a_follow_up(code: str, kind: str) -> None:
    found = made(code, row(Event, number="E1", type=kind, on=date(2026, 1, 5)), on=date(2026, 1, 5))
    assert [(o.subject, o.period, o.due) for o in found] == (
        [("E1", "2026-01-05", date(2026, 2, 4))] if kind in FOLLOW_UPS[code][0] else []
    )


@pytest.mark.parametrize("code", FOLLOW_UPS)
@pytest.mark.parametrize(
    ("on", "done", "state"),
    [
        (date(2026, 1, 5), None, "open"),
        (date(2026, 2, 4), None, "open"),
        (date(2026, 2, 5), None, "overdue"),
        (date(2026, 2, 5), date(2026, 2, 4), "done"),
        (date(2026, 2, 5), date(2026, 2, 5), "done-late"),
        (date(2026, 2, 5), date(2026, 2, 6), "overdue"),
    ],
)
def test_a_follow_up_is_due_thirty_days_after_its_event(code: str, on: date, done: date | None, state: str) -> None:
    kinds, field = FOLLOW_UPS[code]
    event = row(Event, number="E1", type=min(kinds), on=date(2026, 1, 5), **{field: done})
    assert [o.state.value for o in made(code, event, on=on)] == [state]


def test_an_event_still_to_come_or_without_a_day_raises_nothing() -> None:
    rows = [
        row(Event, number="E1", type="政策重大调整", on=date(2026, 1, 6)),
        row(Event, number="E2", type="政策重大调整"),
    ]
    assert made("EV-01", *rows, on=date(2026, 1, 5)) == []


def test_the_plants_own_number_of_days_wins() -> None:
    event = row(Event, number="E1", type="政策重大调整", on=date(2026, 1, 5))
    own = row(PlantFactor, code="EVENT_DAYS", value=45_000_000)
    (one,) = made("EV-01", event, own, on=date(2026, 1, 5))
    assert one.due == date(2026, 2, 19)
    assert "event-days" in one.derivation.zh


# --- rules decide ----------------------------------------------------------------------------------------------------


def test_every_occurrence_says_why_in_both_languages_with_clause_and_strength() -> None:
    rows = [key_instrument(), C1, surrender(completed=date(2026, 2, 5)), review("R1", "管理评审", date(2025, 3, 1))]
    recorded = [w.zh for v in shipped().of(Vocabulary) if v.id == "recorded-event-type" for w in v.words]
    types = (*EVENT_TYPES, *recorded)
    events = [row(Event, number=f"E{n}", type=kind, on=date(2026, 1, 5)) for n, kind in enumerate(types)]
    rows += [row(CompanyItem, item=item, content="是") for item in ("使用替代燃料", "水路运煤", "集团成员企业")]
    codes = {rule.code for rule in shipped().of(Obligation)}
    for code in codes:
        found = made(code, *rows, *events, on=date(2026, 3, 1), until=date(2026, 12, 31))
        assert found, code
        for one in found:
            assert one.due.isoformat() in one.derivation.zh
            assert one.due.isoformat() in one.derivation.en
            assert one.clause in one.derivation.zh
            assert one.opens <= one.due
            assert one.effective_workday <= one.due
            assert one.period


def test_no_two_occurrences_share_a_key_and_they_come_by_due_day() -> None:
    rows = [key_instrument(), C1, check("C2", date(2026, 1, 1), date(2027, 1, 1)), surrender()]
    found = [o for rule in shipped().of(Obligation) for o in made(rule.code, *rows, on=date(2026, 3, 1))]
    assert len({o.key for o in found}) == len(found)
    for rule in shipped().of(Obligation):
        days = [o.due for o in made(rule.code, *rows, on=date(2026, 3, 1))]
        assert days == sorted(days)


_FILINGS = "obligations/filings.toml"


def test_a_duty_ends_with_its_last_wording(tmp_path: Path) -> None:
    rules = altered(
        tmp_path,
        _FILINGS,
        ('code     = "OB-M10"\n', 'code     = "OB-M10"\nin_force = { from = 2000-01-01, until = 2026-02-28 }\n'),
    )
    found = made("OB-M10", on=date(2026, 5, 1), rules=rules)
    assert [o.period for o in found] == [f"2025-{m:02}" for m in range(1, 13)] + ["2026-01", "2026-02"]


def test_a_duty_begins_with_its_first_wording(tmp_path: Path) -> None:
    rules = altered(
        tmp_path,
        _FILINGS,
        ('code     = "OB-M10"\n', 'code     = "OB-M10"\nin_force = { from = 2026-01-31 }\n'),
    )
    found = made("OB-M10", on=date(2026, 3, 1), rules=rules)
    assert [o.period for o in found] == ["2026-01", "2026-02", "2026-03"]  # judged on the period's last day


def _two_wordings(folder: Path) -> RuleBase:
    """Day 10 up to February 2026, day 12 afterwards."""
    text = (ROOT / "rules" / _FILINGS).read_text("utf-8")
    start = text.index("[obligation.monthly-report]")
    block = text[start : text.index("[obligation.monthly-platform-filing]")]
    wording = block.replace("[obligation.monthly-report]", "[[obligation.monthly-report]]")
    old = wording.replace("\nexamples", "\nin_force = { from = 2000-01-01, until = 2026-02-28 }\nexamples")
    new = wording[: wording.index("examples")].replace("day = 10", "day = 12")
    new += 'in_force = { from = 2026-03-01 }\nexamples = [{ period = "2026-03", due = 2026-04-12 }]\n\n'
    return altered(folder, _FILINGS, (block, old + new))


def test_a_wording_that_changes_in_the_middle_judges_each_period_by_its_own(tmp_path: Path) -> None:
    rules = _two_wordings(tmp_path)
    late = [filing("OB-M10", "2026-02", date(2026, 3, 11)), filing("OB-M10", "2026-03", date(2026, 4, 12))]
    found = made("OB-M10", *late, on=date(2026, 5, 1), rules=rules)
    assert (of(found, "2026-02").due, of(found, "2026-02").state) == (date(2026, 3, 10), "done-late")
    assert (of(found, "2026-03").due, of(found, "2026-03").state) == (date(2026, 4, 12), "done")
    assert [o.period for o in found].count("2026-03") == 1
    digests = {o.period: o.rule_digest for o in found}
    assert digests["2026-02"] != digests["2026-03"]


_DAYS_40 = ("2026-12-10", "2027-02-09", "2027-03-12", "2028-03-11")
_DAYS_41 = ("2026-12-11", "2027-02-10", "2027-03-13", "2028-03-12")


@pytest.mark.parametrize(
    ("changes", "code", "due"),
    [
        ([("days = 40 }", "days = 41 }"), *zip(_DAYS_40, _DAYS_41, strict=True)], "OB-M40", date(2025, 3, 13)),
        (
            [("month = 3, day = 31", "month = 4, day = 30"), ("due = 2026-03-31", "due = 2026-04-30")],
            "OB-Y0331",
            date(2026, 4, 30),
        ),
    ],
)
def test_a_number_changed_in_the_rules_changes_the_due_day(
    tmp_path: Path, changes: list[tuple[str, str]], code: str, due: date
) -> None:
    rules = altered(tmp_path, _FILINGS, *changes)
    assert made(code, on=date(2025, 1, 31), rules=rules)[0].due == due


@pytest.mark.parametrize(("word", "count"), [("是", 3), ("否", 0), (None, 0)])
def test_a_duty_under_a_condition_falls_only_on_plants_that_meet_it(
    tmp_path: Path, word: str | None, count: int
) -> None:
    rules = altered(
        tmp_path,
        _FILINGS,
        ('code     = "OB-Y0331"\n', 'code     = "OB-Y0331"\napplies_if = { clinker-line = "是" }\n'),
    )
    company = [row(CompanyItem, item="有熟料生产线", content=word)]
    assert len(made("OB-Y0331", *company, on=date(2027, 1, 1), rules=rules)) == count
