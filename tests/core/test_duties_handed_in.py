"""Duties of every day, week and month: what completes them, and from when those count whose evidence is handed in."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from compliance.core.judged import Occurrence, OccurrenceState
from compliance.core.looking import Accepted, look
from compliance.core.model import (
    CoalSample,
    CollectionItem,
    CrossCheck,
    Event,
    MissingData,
    ProductionLine,
    Reading,
    Row,
    Surrender,
    TestReport,
)
from compliance.core.obligations import occurrences_of
from compliance.core.plants import Plant
from compliance.rulebase.periods import Period, period_of, periods
from compliance.rulebase.schema import Every
from tests.core.world import KEY, START, made, row, shipped, tables

MILLION = 10**6
ON = date(2025, 1, 10)
LINES = [row(ProductionLine, line=name) for name in ("K1", "K2")]
PLAN = [row(CollectionItem, line=name, item="入窑烟煤", item_class="化石燃料", since=START) for name in ("K1", "K2")]


def done(code: str, period: str, *rows: Row, on: date = ON) -> date | None:
    found = {o.period: o for o in made(code, *LINES, *PLAN, *rows, on=on)}
    return found[period].done_on


def reading(line: str, day: int, amount: int | None = MILLION) -> Row:
    return row(Reading, on=date(2025, 1, day), line=line, item="入窑烟煤", amount=amount)


def test_a_day_is_done_when_every_planned_item_has_a_reading_or_a_substitute() -> None:
    substitute = row(
        MissingData,
        number="M",
        line="K2",
        item="入窑烟煤",
        since=date(2025, 1, 4),
        until=date(2025, 1, 4),
        substitute=1,
    )
    rows = (
        *(reading(line, 2) for line in ("K1", "K2")),
        reading("K1", 3),
        reading("K1", 4),
        substitute,
        reading("K1", 5),
        reading("K2", 5, amount=None),
    )
    days = [done("OB-D1", f"2025-01-0{day}", *rows) for day in (2, 3, 4, 5)]
    assert days == [date(2025, 1, 2), None, date(2025, 1, 4), None]


def test_an_item_counts_only_while_it_is_collected() -> None:
    late = row(CollectionItem, line="K1", item="RDF", item_class="替代燃料", since=date(2025, 1, 3))
    rows = [reading(line, day) for line in ("K1", "K2") for day in (2, 3)]
    assert done("OB-D1", "2025-01-02", *rows, late) == date(2025, 1, 2)
    assert done("OB-D1", "2025-01-03", *rows, late) is None


def sample(line: str, day: int, kind: str = "日缩分样", number: str = "") -> Row:
    on = date(2025, 1, day)
    return row(CoalSample, number=number or f"{line}-{day}-{kind}", type=kind, line=line, sampled=on, month="2024-12")


def test_a_day_needs_a_sample_of_every_line_that_burned() -> None:
    burned = (reading("K1", 2), reading("K2", 2), reading("K1", 3), reading("K2", 3, amount=0))
    assert done("OB-D2", "2025-01-02", *burned, sample("K1", 2)) is None
    assert done("OB-D2", "2025-01-02", *burned, sample("K1", 2), sample("K2", 2)) == date(2025, 1, 2)
    assert done("OB-D2", "2025-01-03", *burned, sample("K1", 3)) == date(2025, 1, 3)
    assert done("OB-D2", "2025-01-03", *burned, sample("K1", 3, "月缩分样")) is None


def test_the_month_is_tested_when_the_last_report_is_issued() -> None:
    def report(line: str, parameter: str, day: int) -> Row:
        number = f"{line}{parameter}{day}"
        on = date(2025, 2, day)
        return row(TestReport, number=number, line=line, month="2025-01", parameter=parameter, tested=on, issued=on)

    some = [report(line, "元素碳含量", 3) for line in ("K1", "K2")] + [report("K1", "低位发热量", 9)]
    on = date(2025, 2, 28)
    assert done("OB-M1", "2025-01", *some, on=on) is None
    assert done("OB-M1", "2025-01", *some, report("K2", "低位发热量", 5), on=on) == date(2025, 2, 9)


def test_composites_and_cross_checks_must_be_whole() -> None:
    items = ("燃料消耗量", "原料消耗量", "熟料产量", "电力消耗量")

    def check(item: str, meter: int | None = 1) -> Row:
        return row(CrossCheck, month="2025-01", item=item, production=1, voucher=1, invoice=1, meter=meter)

    on = date(2025, 2, 28)
    assert done("OB-M7", "2025-01", *map(check, items), on=on) == date(2025, 1, 31)
    assert done("OB-M7", "2025-01", *map(check, items[1:]), check(items[0], None), on=on) is None
    made_in = [
        row(CoalSample, number=line, type="月缩分样", line=line, month="2025-01", sampled=date(2025, 2, 3 + n))
        for n, line in enumerate(("K1", "K2"))
    ]
    assert done("OB-M2", "2025-01", *made_in, on=on) == date(2025, 2, 4)
    assert done("OB-M2", "2025-01", *made_in[:1], on=on) is None


def of(code: str, *rows: Row, onboarded: date, on: date, accepted: Accepted) -> list[Occurrence]:
    plant = Plant(1, KEY, "JIA", "甲厂", START, date(2030, 12, 31), onboarded)
    data = look(plant, tables(*rows), shipped(), on, accepted)
    return [o for o in occurrences_of(data, shipped(), {}, on) if o.code == code]


def test_what_is_handed_in_counts_from_the_day_the_plant_works_here() -> None:
    accepted = {f"quarterly-targets/{KEY}/2025-Q1": (date(2025, 4, 10), date(2025, 4, 12))}
    found = of("OB-Q1", onboarded=date(2025, 8, 1), on=date(2025, 12, 1), accepted=accepted)
    assert [(o.period, o.state) for o in found[:3]] == [
        ("2025-Q1", OccurrenceState.DONE),
        ("2025-Q2", OccurrenceState.NOT_RECORDED),
        ("2025-Q3", OccurrenceState.OVERDUE),
    ]


@pytest.mark.parametrize(("code", "due"), [("EV-01P", date(2025, 7, 31)), ("OB-Y13", date(2025, 7, 31))])
def test_events_and_surrenders_raise_what_is_then_handed_in(code: str, due: date) -> None:
    day = date(2025, 7, 1)
    rows = (
        row(Event, number="E", type="政策重大调整", on=day),
        row(Surrender, number="L", year="2024", completed=day, due_amount=1),
    )
    (one,) = of(code, *rows, onboarded=START, on=date(2025, 8, 15), accepted={})
    assert (one.due, one.state) == (due, OccurrenceState.OVERDUE)
    (before,) = of(code, *rows, onboarded=date(2025, 8, 1), on=date(2025, 8, 15), accepted={})
    assert before.state is OccurrenceState.NOT_RECORDED


def test_weeks_are_those_of_iso() -> None:
    week = Period.parse("2026-W53")
    assert (week.start, week.end) == (date(2026, 12, 28), date(2027, 1, 3))
    assert str(period_of(Every.WEEK, date(2027, 1, 1))) == "2026-W53"
    days = [date(2024, 12, 20) + timedelta(days=n) for n in range(800)]
    for day in days:
        found = period_of(Every.WEEK, day)
        assert day in found
        assert Period.parse(str(found)) == found
    weeks = list(periods(Every.WEEK, days[0], days[-1]))
    assert all(a.end + timedelta(days=1) == b.start for a, b in pairwise(weeks))
    with pytest.raises(ValueError, match="week"):
        Period.parse("2025-W53")
