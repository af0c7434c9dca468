"""Daily data, the certificates of what measured them, and the laboratories that tested."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.core.facts.completeness import days_between_ends
from compliance.core.facts.readings import Validity
from compliance.core.model import Instrument, InstrumentCheck, Laboratory, Reading, TestReport
from tests.core.world import altered, fact, facts, row, seen

ON = date(2026, 6, 30)
D = date(2026, 3, 10)


# --- signatures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recorder", "checker", "signatures", "persons"),
    [("a", "b", 2, 2), ("a", "a", 2, 1), ("a", None, 1, 1), (None, "b", 1, 1), (None, None, 0, 0)],
)
def test_a_reading_tells_its_signatures_and_persons(
    recorder: str | None, checker: str | None, signatures: int, persons: int
) -> None:
    found = fact("reading", row(Reading, on=D, line="K1", item="熟料", recorder=recorder, checker=checker), on=ON)
    assert (found["signatures"], found["persons"]) == (signatures, persons)
    assert (found["subject"], found["day"], found["on"]) == ("K1/熟料", D, D)
    assert found["row"] == "reading:2026-03-10|K1|熟料"


def test_a_reading_of_tomorrow_is_not_seen() -> None:
    assert facts("reading", row(Reading, on=D, line="K1", item="熟料"), on=date(2026, 3, 9)) == []


# --- certificates ----------------------------------------------------------------------------------------------------


def reading(day: date, amount: int | None = 1, instrument: str | None = "I1") -> Reading:
    return row(Reading, on=day, line="K1", item="熟料", amount=amount, instrument=instrument)


def check(number: str, on: date, until: date | None = None, **cells: Any) -> InstrumentCheck:
    given = {"instrument": "I1", "type": "检定", "result": "合格", "on": on, "valid_until": until} | cells
    return row(InstrumentCheck, number=number, **given)


def failed(on: date, **cells: Any) -> InstrumentCheck:
    return check(f"F{on}", on, None, **({"result": "不合格"} | cells))


def uncovered(*rows: Any, day: date = D) -> bool:
    found = fact("metered-month", reading(day), *rows, on=ON)
    assert (found["instrument"], found["month"], found["readings"]) == ("I1", f"{day:%Y-%m}", 1)
    assert found["first_uncovered"] == (day if found["uncovered_readings"] else None)
    return found["uncovered_readings"] == 1


GOOD = check("C1", date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("start", "end", "is_uncovered"),
    [
        (D, date(2026, 12, 31), False),
        (date(2026, 3, 11), date(2026, 12, 31), True),
        (date(2025, 1, 1), D, False),
        (date(2025, 1, 1), date(2026, 3, 9), True),
    ],
)
def test_a_certificate_covers_from_its_day_to_its_last(start: date, end: date, *, is_uncovered: bool) -> None:
    assert uncovered(check("C1", start, end)) == is_uncovered


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [check("C1", date(2026, 1, 1), None)],
        [check("C1", date(2026, 1, 1), date(2026, 12, 31), type="月度校验")],
        [check("C1", date(2026, 1, 1), date(2026, 12, 31), instrument="I2")],
        [check("C1", date(2026, 1, 1), date(2026, 12, 31), instrument=None)],
        [
            row(
                InstrumentCheck,
                number="C1",
                instrument="I1",
                type="检定",
                valid_until=date(2026, 12, 31),
                result="合格",
            )
        ],
        [check("C1", date(2026, 1, 1), date(2026, 12, 31), result=None)],
        [check("C1", date(2026, 1, 1), date(2026, 12, 31), result="不合格")],
    ],
)
def test_what_is_no_passed_certificate_of_the_instrument_covers_nothing(rows: list[InstrumentCheck]) -> None:
    assert uncovered(*rows)


@pytest.mark.parametrize(
    ("rows", "is_uncovered"),
    [
        ([GOOD, failed(D)], True),  # from the day of failing on
        ([GOOD, failed(date(2026, 3, 11))], False),
        ([GOOD, failed(date(2026, 3, 1)), check("C2", D, date(2027, 1, 1))], False),  # valid again from its day
        ([GOOD, failed(date(2026, 3, 1)), check("C2", date(2026, 3, 11), date(2027, 1, 1))], True),
        ([failed(D), check("C2", D, date(2027, 1, 1))], False),  # both on one day: valid
        ([GOOD, failed(D), check("C2", D, date(2027, 1, 1))], False),
        ([failed(date(2026, 1, 1)), GOOD], False),  # both on the certificate's own first day
        ([failed(date(2025, 12, 31)), GOOD], False),
        ([GOOD, failed(date(2026, 3, 1), type="月度校验")], False),  # a failed monthly check ends nothing
        ([GOOD, failed(date(2026, 3, 1), type="校准")], True),  # either kind of certificate does
        ([GOOD, failed(date(2026, 3, 1), instrument="I2")], False),
        # passed, failed, passed shortly, expired, and the first one does not revive
        ([GOOD, failed(date(2026, 2, 1)), check("C2", date(2026, 2, 2), date(2026, 3, 9))], True),
    ],
)
def test_a_failed_certificate_ends_the_validity_until_the_next_passed_one(
    rows: list[InstrumentCheck], *, is_uncovered: bool
) -> None:
    assert uncovered(*rows) == is_uncovered


def test_a_month_counts_its_uncovered_readings_and_tells_the_first() -> None:
    days = [date(2026, 3, n) for n in (1, 5, 20, 31)]
    found = fact("metered-month", *map(reading, days), check("C1", date(2026, 1, 1), date(2026, 3, 4)), on=ON)
    assert (found["readings"], found["uncovered_readings"], found["first_uncovered"]) == (4, 3, date(2026, 3, 5))
    assert found["on"] == date(2026, 3, 5)


def test_months_and_instruments_are_told_apart() -> None:
    rows = [
        reading(date(2026, 3, 31)),
        reading(date(2026, 4, 1)),
        row(Reading, on=D, line="K1", item="煤", amount=1, instrument="I2"),
        row(Instrument, number="I3"),
    ]
    found = facts("metered-month", *rows, GOOD, on=ON)
    assert [(f["instrument"], f["month"], f["uncovered_readings"]) for f in found] == [
        ("I2", "2026-03", 1),
        ("I1", "2026-03", 0),
        ("I1", "2026-04", 0),
    ]


def test_a_covered_month_is_judged_on_its_first_reading() -> None:
    found = fact("metered-month", reading(date(2026, 3, 20)), reading(date(2026, 3, 5)), GOOD, on=ON)
    assert (found["on"], found["first_uncovered"], found["uncovered_readings"]) == (date(2026, 3, 5), None, 0)


@pytest.mark.parametrize("cells", [{"amount": 0}, {"amount": None}, {"instrument": None}])
def test_only_readings_above_zero_by_an_instrument_count(cells: dict[str, Any]) -> None:
    assert facts("metered-month", reading(D, **cells), on=ON) == []


def test_which_checks_certify_stands_in_the_rules(tmp_path: Path) -> None:
    rules = altered(tmp_path, "facts.toml", ('certificates = ["检定", "校准"]', 'certificates = ["月度校验"]'))
    rows = [reading(D), GOOD]
    assert fact("metered-month", *rows, on=ON)["uncovered_readings"] == 0
    assert fact("metered-month", *rows, on=ON, rules=rules)["uncovered_readings"] == 1


# --- laboratories ----------------------------------------------------------------------------------------------------

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def laboratory(**cells: Any) -> Laboratory:
    given = {
        "cma": "M1",
        "cma_from": YEAR[0],
        "cma_until": YEAR[1],
        "cnas": "L1",
        "cnas_from": YEAR[0],
        "cnas_until": YEAR[1],
        "scope": "元素碳含量、低位发热量",
    } | cells
    return row(Laboratory, number="B1", **given)


def report(**cells: Any) -> TestReport:
    given = {"laboratory": "B1", "parameter": "元素碳含量", "tested": D, "issued": D} | cells
    return row(TestReport, number="T1", **given)


@pytest.mark.parametrize(
    ("cells", "count"),
    [
        ({}, 2),
        ({"cma": None}, 1),
        ({"cma": None, "cnas": None}, 0),
        ({"cma_from": None, "cnas_until": None}, 0),
        ({"cma_until": D, "cnas_from": D}, 2),
        ({"cma_until": date(2026, 3, 9), "cnas_from": date(2026, 3, 11)}, 0),
        ({"cma_until": date(2026, 3, 9)}, 1),
    ],
)
def test_qualifications_are_counted_on_the_day_of_the_test(cells: dict[str, Any], count: int) -> None:
    found = fact("test-report", report(), laboratory(**cells), on=ON)
    assert (found["valid_qualifications"], found["on"], found["number"]) == (count, D, "T1")


@pytest.mark.parametrize(
    ("scope", "parameter", "inside"),
    [
        ("元素碳含量、低位发热量", "低位发热量", 1),
        ("元素碳含量", "低位发热量", 0),
        ("元素碳含量（收到基）", "元素碳含量", 0),
        (None, "元素碳含量", None),
        ("元素碳含量", None, None),
    ],
)
def test_a_parameter_is_in_scope_or_unknown(scope: str | None, parameter: str | None, inside: int | None) -> None:
    found = fact("test-report", report(parameter=parameter), laboratory(scope=scope), on=ON)
    assert found["parameter_in_scope"] == inside


@pytest.mark.parametrize("cells", [{"tested": None}, {"laboratory": None}, {"laboratory": "B9"}])
def test_a_report_without_day_or_laboratory_is_not_judged(cells: dict[str, Any]) -> None:
    assert facts("test-report", report(**cells), laboratory(), on=ON) == []


DAYS = st.integers(0, 40).map(lambda n: date(2026, 3, 1) + timedelta(days=n))


@given(st.lists(st.tuples(DAYS, DAYS), max_size=5), st.lists(DAYS, max_size=4), DAYS, DAYS)
def test_days_said_to_be_covered_at_once_are_covered_one_by_one(
    passed: list[tuple[date, date]], failed: list[date], first: date, last: date
) -> None:
    validity = Validity(passed, failed)
    if validity.spans(first, last):
        assert all(validity.covers(day) for day in days_between_ends(first, last))


def test_one_certificate_covers_a_month_at_once() -> None:
    validity = Validity([(date(2026, 3, 1), date(2026, 3, 31))], [])
    assert validity.spans(date(2026, 3, 1), date(2026, 3, 31))
    assert not validity.spans(date(2026, 3, 1), date(2026, 4, 1))
    assert not validity.spans(date(2026, 2, 28), date(2026, 3, 31))


def test_readings_sorted_out_by_item_are_those_of_the_rows_and_of_no_others() -> None:
    data = seen(reading(D), row(Reading, on=D, line="L1", item="其他"), on=ON)
    assert {of: [r.on for r in rows] for of, rows in data.readings().items()} == {
        (r.line, r.item): [r.on] for r in data.rows(Reading)
    }
    assert [len(days) for days in data.measured().values()] == [1, 0]
    fewer = replace(data, tables={Reading: data.rows(Reading)[:1]})
    assert len(data.readings()) == 2
    assert len(fewer.readings()) == len(fewer.measured()) == 1
