"""What is not there: days, samples, months of ledgers and cross-checks; and what replaced it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from compliance.core.model import (
    AlternativeFuel,
    CoalSample,
    CollectionItem,
    CrossCheck,
    MissingData,
    PlantFactor,
    ProductionLine,
    Reading,
    SampleSlip,
)
from tests.core.world import Fact, fact, facts, row

START, ON = date(2026, 1, 1), date(2026, 3, 2)
D = date(2026, 2, 10)


def plan(item: str = "煤", item_class: str = "化石燃料", since: date | None = START, until: date | None = None) -> Any:
    return row(CollectionItem, line="K1", item=item, item_class=item_class, since=since, until=until)


def reading(on: date = D, amount: int | None = 5, item: str = "煤", **cells: Any) -> Reading:
    return row(Reading, on=on, line="K1", item=item, amount=amount, **cells)


def missing(*rows: Any, on: date = ON) -> list[Fact]:
    return facts("missing-day", *rows, on=on, start=START)


def test_every_planned_day_before_the_day_of_judging_needs_an_amount() -> None:
    days = [f["day"] for f in missing(plan())]
    assert (len(days), days[0], days[-1]) == (60, START, date(2026, 3, 1))
    assert len(missing(plan(), reading())) == 59
    assert missing(plan(), on=START) == []


@pytest.mark.parametrize(
    ("since", "until", "count"),
    [(D, None, 20), (None, None, 0), (START, D, 41), (date(2025, 6, 1), START, 1), (date(2026, 4, 1), None, 0)],
)
def test_an_item_is_planned_within_its_own_days(since: date | None, until: date | None, count: int) -> None:
    assert len(missing(plan(since=since, until=until))) == count


def test_an_empty_amount_is_missing_and_names_its_row() -> None:
    found = next(f for f in missing(plan(), reading(amount=None)) if f["day"] == D)
    assert (found["rows"], found["amounts"], found["row"]) == (1, 0, "reading:2026-02-10|K1|煤")
    assert len(missing(plan(), reading(amount=0))) == 59


@pytest.mark.parametrize(("item", "since", "until", "count"), [("煤", D, D, 1), ("煤", D, None, 0), ("油", D, D, 0)])
def test_treatments_cover_days_of_their_item(item: str, since: date, until: date | None, count: int) -> None:
    treatment = row(MissingData, number="Q", line="K1", item=item, since=since, until=until)
    assert [f["treatments"] for f in missing(plan(), treatment)].count(1) == count


def test_a_long_treatment_costs_no_more_than_the_data() -> None:
    treatment = row(MissingData, number="Q", line="K1", item="煤", since=date(1900, 1, 1), until=date(9999, 12, 31))
    assert {f["treatments"] for f in missing(plan(), treatment)} == {1}


def test_a_reading_tells_its_amount_and_whether_it_is_remarked() -> None:
    found = fact("reading", reading(amount=0, remark="停窑"), on=ON)
    assert (found["amount_micro"], found["remarked"]) == (0, True)


def sample(number: str = "A", on: date | None = D, kind: str = "日缩分样", **cells: Any) -> CoalSample:
    return row(CoalSample, number=number, type=kind, sampled=on, **({"line": "K1"} | cells))


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([reading()], 1),
        ([reading(), sample()], 0),
        ([reading(), sample(kind="月缩分样")], 1),
        ([reading(), sample(line="K2")], 1),
        ([reading(), sample(on=START)], 1),
        ([reading(amount=0)], 0),
        ([reading(amount=None)], 0),
        ([reading(item="油")], 0),
        ([reading(on=ON)], 0),
        ([reading(on=date(2025, 12, 31))], 0),
    ],
)
def test_coal_that_was_burnt_is_sampled(rows: list[Any], count: int) -> None:
    assert len(facts("unsampled-day", plan(), *rows, on=ON, start=START)) == count


def composite(*weights: tuple[int | None, int | None], tolerance: int | None = 100_000, on: date = ON) -> list[Fact]:
    rows = [sample(f"A{n}", month="2026-02", mass=m, coal=q) for n, (m, q) in enumerate(weights)]
    factor = [] if tolerance is None else [row(PlantFactor, code="TOL_COAL", value=tolerance)]
    return facts("coal-composite", row(ProductionLine, line="K1"), *rows, *factor, on=on, start=START)


@pytest.mark.parametrize(("second", "side"), [(110, 0), (111, 1), (109, -1), (90, 0), (None, -1)])
def test_the_worst_share_is_compared_exactly(second: int | None, side: int) -> None:
    first = 200 - second if second else 1
    (found,) = composite((first, 100), (second, 100))
    assert (found["deviation_to_tolerance"], found["samples"]) == (side, 2 if second else 1)


def test_what_cannot_be_compared_is_not_examined() -> None:
    assert composite((0, 100)) == []
    assert composite((5, 0), (5, None), (None, 5)) == []
    assert composite((5, 5), on=date(2026, 2, 28)) == []
    assert composite((5, 5), tolerance=None)[0]["deviation_to_tolerance"] is None


def test_slips_are_counted_by_sample() -> None:
    rows = [sample("M", kind="月缩分样", month="2026-02"), sample("A"), row(SampleSlip, number="J", sample="M", on=D)]
    assert [(f["sample"], f["slips"]) for f in facts("sample-handover", *rows, on=ON)] == [("M", 1)]


@pytest.mark.parametrize(
    ("parts", "off"), [(2_000_000, 0), (1_000_000, -1_000_000), (2_500_000, 500_000), (None, None)]
)
def test_a_slip_has_two_parts(parts: int | None, off: int | None) -> None:
    found = fact("sample-slip", row(SampleSlip, number="J", on=D, parts=parts, giver="a"), on=ON)
    assert (found["parts_off_micro"], found["signers"]) == (off, 1)


def test_a_sample_may_be_disposed_of_after_its_time() -> None:
    old = sample(on=date(2024, 2, 29), disposed=D)
    assert fact("disposed-sample", old, on=ON)["disposable"] == date(2025, 2, 28)
    assert facts("disposed-sample", sample(), sample("B", on=None, disposed=D), on=ON) == []


CHECK = {"production": 100, "voucher": 98, "invoice": 100, "meter": 99}


@pytest.mark.parametrize(
    ("cells", "side"),
    [({}, 0), ({"voucher": 97}, 1), ({"voucher": 99}, -1), ({"meter": None}, None), (dict.fromkeys(CHECK, 0), None)],
)
def test_four_sources_differ_by_a_share_of_the_largest(cells: dict[str, int | None], side: int | None) -> None:
    check = row(CrossCheck, month="2026-02", item="熟料产量", **(CHECK | cells))
    found = fact("cross-check", check, row(PlantFactor, code="TOL_XCHK", value=20_000), on=ON)
    assert found["difference_to_tolerance"] == side
    assert found["missing_sources"] == (1 if "meter" in cells and cells["meter"] is None else 0)


@pytest.mark.parametrize(
    ("meter", "tolerance", "said"),
    [(90_781_500, 20_000, ("9.22%", "2%")), (97_999_999, 20_000, ("2.01%", "2%")), (95_000_000, 500, ("5%", "0.05%"))],
)
def test_a_difference_is_said_in_percent_and_never_looks_like_the_limit_that_it_is_above(
    meter: int, tolerance: int, said: tuple[str, str]
) -> None:
    sources = dict.fromkeys(CHECK, 100_000_000) | {"meter": meter}
    check = row(CrossCheck, month="2026-02", item="熟料产量", **sources)
    found = fact("cross-check", check, row(PlantFactor, code="TOL_XCHK", value=tolerance), on=ON)
    assert (found["difference"], found["tolerance"]) == said


def test_each_month_and_quantity_is_checked_by_its_day() -> None:
    check = row(CrossCheck, month="2026-01", item="熟料产量", **(CHECK | {"meter": None}))
    found = facts("cross-check-month", check, on=ON, start=START)
    assert len(found) == 12
    january = {f["item"]: f for f in found if f["month"] == "2026-01"}
    assert (january["熟料产量"]["missing_sources"], january["燃料消耗量"]["missing_sources"]) == (1, 4)
    assert (january["熟料产量"]["due"], january["熟料产量"]["days_late"]) == (date(2026, 2, 10), 20)


@pytest.mark.parametrize(("day", "months"), [(date(2026, 2, 28), 0), (date(2026, 3, 1), 1)])
def test_fuel_of_a_month_that_is_over_is_added(day: date, months: int) -> None:
    rows = [plan("RDF", "替代燃料"), reading(item="RDF"), reading(on=date(2026, 2, 11), item="RDF")]
    found = facts("fuel-month", *rows, on=day, start=START)
    assert [(f["month"], f["amount_micro"], f["ledger_rows"]) for f in found] == [("2026-02", 10, 0)] * months


def test_the_ledger_is_of_line_fuel_and_month() -> None:
    rows = [plan("RDF", "替代燃料"), reading(item="RDF")]
    booked = row(AlternativeFuel, month="2026-02", line="K1", fuel="RDF")
    other = row(AlternativeFuel, month="2026-01", line="K1", fuel="RDF")
    assert fact_of(*rows, booked)["ledger_rows"] == 1
    assert fact_of(*rows, other)["ledger_rows"] == 0


def fact_of(*rows: Any) -> Fact:
    (found,) = facts("fuel-month", *rows, on=ON, start=START)
    return found


def test_a_treatment_tells_what_it_lacks_and_the_ends_of_its_candidates() -> None:
    given = {"line": "K1", "item": "煤", "since": D, "reason": "x", "candidate1": 3, "candidate3": 7, "substitute": 5}
    found = fact("missing-data", row(MissingData, number="Q", **given), on=ON)
    assert (found["missing_fields"], found["largest_micro"], found["smallest_micro"]) == (2, 7, 3)
    bare = fact("missing-data", row(MissingData, number="Q", since=D), on=ON)
    assert (bare["missing_fields"], bare["largest_micro"]) == (3, None)
