"""Readers of daily data, samples, tests and cross-checks, and of duties whose evidence is handed in alone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from compliance.core.model import (
    CoalSample,
    CollectionItem,
    CrossCheck,
    MissingData,
    PlantData,
    ProductionLine,
    Reading,
    Surrender,
    TestReport,
)
from compliance.core.obligations.readers import Record, With, reader, text_of, texts_of
from compliance.rulebase.periods import Period


@reader("handed-in", handed_in=True)
def handed_in(data: PlantData, with_: With) -> Iterator[Record]:
    """Nothing in the plant's rows: evidence that was handed in, checked and accepted completes it alone."""
    del data, with_
    yield from ()


@reader("daily-data")
def daily_data(data: PlantData, with_: With) -> Iterator[Record]:
    """Days on which every planned item has a reading, or a substitute, by day."""
    del with_
    planned = [row for row in data.rows(CollectionItem) if row.since is not None]
    given: dict[date, set[tuple[str, str]]] = defaultdict(set)
    last, there = date.min, set[tuple[str, str]]()
    for row in data.rows(Reading):  # ordered by day
        if row.amount is not None:
            if row.on != last:
                last = row.on
                there = given[last]
            there.add((row.line, row.item))
    for filling in data.rows(MissingData):
        for day in filling.days(data.data_end):
            given[day].add((filling.line or "", filling.item or ""))
    begins = sorted(p.since for p in planned if p.since)
    ends = sorted(p.until for p in planned if p.until)
    plans: dict[tuple[int, int], set[tuple[str, str]]] = {}
    for day, there in given.items():
        stretch = bisect_right(begins, day), bisect_left(ends, day)  # within one the plan is the same
        if stretch not in plans:
            plans[stretch] = {
                (p.line, p.item) for p in planned if p.since and p.since <= day and (p.until is None or day <= p.until)
            }
        if plans[stretch] <= there:
            yield Record(data.plant, day.isoformat(), day, day)


@reader("daily-samples")
def daily_samples(data: PlantData, with_: With) -> Iterator[Record]:
    """Days on which every line that burned fuel of the class has a sample of the type, by day."""
    fuels = {(p.line, p.item) for p in data.rows(CollectionItem) if p.item_class == text_of(with_, "class")}
    burning: dict[date, set[str]] = defaultdict(set)
    seen: set[date] = set()
    for row in data.rows(Reading):
        if (row.line, row.item) in fuels:
            seen.add(row.on)
            if row.amount:
                burning[row.on].add(row.line)
    sampled: dict[date, set[str]] = defaultdict(set)
    for sample in data.rows(CoalSample):
        if sample.type == text_of(with_, "type") and sample.sampled is not None and sample.line:
            sampled[sample.sampled].add(sample.line)
    for day in seen:
        if burning[day] <= sampled[day]:
            yield Record(data.plant, day.isoformat(), day, day)


@reader("monthly-tests")
def monthly_tests(data: PlantData, with_: With) -> Iterator[Record]:
    """Months for which every line has a report of every parameter; done when the last of them was issued."""
    issued: dict[str, dict[tuple[str, str], date]] = defaultdict(dict)
    for row in data.rows(TestReport):
        if row.month and row.line and row.parameter in texts_of(with_, "parameters") and row.issued is not None:
            key = (row.line, row.parameter or "")
            issued[row.month][key] = min(issued[row.month].get(key, row.issued), row.issued)
    wanted = {(line.line, p) for line in data.rows(ProductionLine) for p in texts_of(with_, "parameters")}
    for month, reports in issued.items():
        if wanted and wanted <= reports.keys():
            done = max(reports[key] for key in wanted)
            yield Record(data.plant, month, done, done)


@reader("monthly-composites")
def monthly_composites(data: PlantData, with_: With) -> Iterator[Record]:
    """Months whose composite of every line was made; done on the latest day of compositing."""
    made: dict[str, dict[str, date]] = defaultdict(dict)
    for row in data.rows(CoalSample):
        if row.type == text_of(with_, "type") and row.month and row.line and row.sampled is not None:
            made[row.month][row.line] = row.sampled
    lines = {line.line for line in data.rows(ProductionLine)}
    for month, by_line in made.items():
        if lines and lines <= by_line.keys():
            done = max(by_line[line] for line in lines)
            yield Record(data.plant, month, done, done)


@reader("cross-check")
def cross_checks(data: PlantData, with_: With) -> Iterator[Record]:
    """Months whose every item has all four sources; they name no day, so the month's last day counts."""
    whole: dict[str, set[str]] = defaultdict(set)
    for row in data.rows(CrossCheck):
        if None not in (row.production, row.voucher, row.invoice, row.meter):
            whole[row.month].add(row.item)
    for month, items in whole.items():
        if set(texts_of(with_, "items")) <= items:
            end = Period.parse(month).end
            yield Record(data.plant, month, end, end)


@reader("surrender-completed", handed_in=True)
def surrenders_completed(data: PlantData, with_: With) -> Iterator[Record]:
    """Completed surrenders, which raise a duty; what was done about them is handed in."""
    del with_
    for row in data.rows(Surrender):
        if row.completed is not None and row.year is not None:
            yield Record(row.number, row.year, row.completed, None)
