"""Who has not recorded: for a day, every item that the collection plan wants daily and that has no row.

What is daily is the plan's word for it, which the vocabulary of the plan's column admits; who records is the post that
the reading's own column names. A day whose gap was treated (a row of missing data covers it) is no longer missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from compliance.core.model import CollectionItem, MissingData, PersonPeriod, Reading
from compliance.core.people import People
from compliance.core.plants import Plant
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Post, Vocabulary

#: The word, by its id, with which the vocabulary of the plan's frequency says "every day".
_DAILY = "daily"
_FREQUENCY = CollectionItem.SHEET.column("frequency").vocabulary
#: The post that records is called as the column that names who did.
_RECORDER = Reading.SHEET.column("recorder").name

#: A line and an item of it.
Series = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Daily:
    """What a stretch of days looks like. ``latest``: the last reading of each series, whenever it was."""

    plan: Sequence[CollectionItem]
    readings: Sequence[Reading]
    treated: Sequence[MissingData] = ()
    periods: Sequence[PersonPeriod] = ()
    latest: Mapping[Series, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A day without the row that the plan expects. ``since``: from when on nothing was recorded, as of that day."""

    day: date
    line: str
    item: str
    unit: str | None
    department: str | None
    since: date
    persons: tuple[str, ...]

    @property
    def days(self) -> int:
        """How many days are without a row up to this one."""
        return (self.day - self.since).days + 1


class DailyReads(Protocol):
    """Answers what was recorded day by day."""

    def unrecorded(self, plant: Plant, on: date) -> Sequence[CollectionItem]:
        """The items of the plan without a reading of that day and without a treated gap: one statement."""
        ...

    def daily(self, plant: Plant, first: date, last: date) -> Daily:
        """The plan, the readings of these days, and what a gap needs to be told: few statements at any size."""
        ...


def expected(plan: Iterable[CollectionItem], rulebase: RuleBase, on: date) -> Iterator[CollectionItem]:
    """The items that the plan wants recorded on a day."""
    words = {w.zh for rule in rulebase.of(Vocabulary) if rule.id == _FREQUENCY for w in rule.words if w.id == _DAILY}
    for item in plan:
        begun = item.since is None or item.since <= on
        if item.frequency in words and begun and (item.until is None or on <= item.until):
            yield item


def missing(daily: Daily, plant: Plant, rulebase: RuleBase, first: date, last: date) -> list[Gap]:
    """Every gap of a stretch of days, by day, line and item."""
    recorded = {(r.on, r.line, r.item) for r in daily.readings}
    people = People(daily.periods)
    gaps: list[Gap] = []
    for on in (first + timedelta(n) for n in range((last - first).days + 1)):
        if on < plant.data_start:
            continue
        gaps += [
            _gap(daily, plant, item, on, people, rulebase)
            for item in expected(daily.plan, rulebase, on)
            if (on, item.line, item.item) not in recorded and not _treated(daily.treated, item, on)
        ]
    return sorted(gaps, key=lambda g: (g.day, g.line, g.item))


def _treated(rows: Iterable[MissingData], item: CollectionItem, on: date) -> bool:
    return any(
        (row.line, row.item) == (item.line, item.item)
        and row.since is not None
        and row.since <= on <= (row.until or row.since)
        for row in rows
    )


def _gap(daily: Daily, plant: Plant, item: CollectionItem, on: date, people: People, rulebase: RuleBase) -> Gap:
    series = (item.line, item.item)
    before = [r.on for r in daily.readings if (r.line, r.item) == series and r.on < on]
    last = daily.latest.get(series)
    if last is not None and last < on:
        before.append(last)
    if before:
        since = max(before) + timedelta(1)
    else:  # nothing before: since the plan wants it; or, where later rows hide how long, this very day
        since = max(item.since or plant.data_start, plant.data_start) if last is None else on
    return Gap(
        day=on,
        line=item.line,
        item=item.item,
        unit=item.unit,
        department=item.department,
        since=since,
        persons=_recorders(daily.periods, people, item.department, rulebase, on),
    )


def _recorders(
    periods: Iterable[PersonPeriod], people: People, department: str | None, rulebase: RuleBase, on: date
) -> tuple[str, ...]:
    """Who holds the recording post on the day: of the department, or of the plant where the department has nobody."""
    post = rulebase.get(Post, _RECORDER, on)
    words = post.words if post else ()
    holders = [a for a in sorted({p.account for p in periods}) if people.holds(a, words, on)]
    own = tuple(a for a in holders if people.department(a, on) == department)
    return own or tuple(holders)
