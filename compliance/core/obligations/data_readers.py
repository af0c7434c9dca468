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
    LineItem,
    MissingData,
    PlantData,
    ProductionLine,
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


#: Completes a day by every item that the plan wants; of which one lacks, :mod:`compliance.core.ledgers` asks.
DAILY_DATA = "daily-data"


@reader(DAILY_DATA)
def daily_data(data: PlantData, with_: With) -> Iterator[Record]:
    """Days on which every planned item has a reading, or a substitute, by day."""
    del with_
    given: dict[LineItem, set[date] | frozenset[date]] = dict(data.measured())
    for filling in data.rows(MissingData):
        item = filling.line or "", filling.item or ""
        given[item] = given.get(item, frozenset()).union(filling.days(data.data_end))
    days = sorted(frozenset[date]().union(*given.values()))
    lacking: set[date] = set()
    for plan in data.rows(CollectionItem):
        if plan.since is not None:
            first, after = bisect_left(days, plan.since), bisect_right(days, plan.until or date.max)
            lacking.update(frozenset(days[first:after]) - given.get((plan.line, plan.item), frozenset()))
    for day in days:
        if day not in lacking:
            yield Record(data.plant, day.isoformat(), day, day)


@reader("daily-samples")
def daily_samples(data: PlantData, with_: With) -> Iterator[Record]:
    """Days on which every line that burned fuel of the class has a sample of the type, by day."""
    fuels = {(p.line, p.item) for p in data.rows(CollectionItem) if p.item_class == text_of(with_, "class")}
    burning: dict[date, set[str]] = defaultdict(set)
    seen: set[date] = set()
    for line, item in fuels:
        for row in data.readings().get((line, item), ()):
            seen.add(row.on)
            if row.amount:
                burning[row.on].add(line)
    sampled: dict[date, set[str]] = defaultdict(set)
    for sample in data.rows(CoalSample):
        if sample.type == text_of(with_, "type") and sample.sampled is not None and sample.line:
            sampled[sample.sampled].add(sample.line)
    for day in sorted(seen):
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
