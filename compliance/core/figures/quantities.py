"""What a plant burned, made and bought: quantities by item and month, with substitutes for days without a reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from compliance.core.model import CollectionItem, MissingData, PlantData, Reading
from compliance.kernel.quantity import MICRO
from compliance.rulebase.figuring import Amount
from compliance.rulebase.periods import periods
from compliance.rulebase.schema import Every

#: Length of the month in an ISO day.
_MONTH = len("2026-01")


def months_over(start: date, end: date) -> tuple[str, ...]:
    """The months from that of ``start`` on whose last day is before ``end``, ``YYYY-MM``."""
    return tuple(str(month) for month in periods(Every.MONTH, start, end) if month.end < end)


@dataclass(frozen=True)
class Quantities:
    """Monthly quantities by line and item, and the items of each class."""

    of_month: Mapping[tuple[str, str, str], Fraction]
    items: Mapping[str, tuple[tuple[str, str], ...]]

    def amounts(self, class_word: str, lines: frozenset[str] | None, months: tuple[str, ...]) -> Iterator[Amount]:
        """Every item of a class on some lines (None: anywhere in the plant), month by month."""
        for month in months:
            for where, item in self.items.get(class_word, ()):
                if lines is None or where in lines:
                    yield Amount(item, where, month, self.of_month.get((where, item, month), Fraction(0)))


def quantities(data: PlantData) -> Quantities:
    """All daily data of a plant, summed by month; every reading counts, whatever was found on it."""
    total: dict[tuple[str, str, str], int] = defaultdict(int)
    given: dict[tuple[str, str], set[date]] = defaultdict(set)
    for row in data.rows(Reading):
        if row.amount is not None:
            total[row.line, row.item, row.on.isoformat()[:_MONTH]] += row.amount
            given[row.line, row.item].add(row.on)
    for line, item, day, substitute in _substitutes(data, given):
        total[line, item, day.isoformat()[:_MONTH]] += substitute
    items: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for planned in data.rows(CollectionItem):
        if planned.item_class:
            items[planned.item_class].append((planned.line, planned.item))
    return Quantities(
        {key: Fraction(amount, MICRO) for key, amount in total.items()},
        {name: tuple(of_class) for name, of_class in items.items()},
    )


def _substitutes(data: PlantData, given: Mapping[tuple[str, str], set[date]]) -> Iterator[tuple[str, str, date, int]]:
    """The substitute of each day that has none, once; days after the data count for nothing yet."""
    filled: set[tuple[str, str, date]] = set()
    for row in data.rows(MissingData):
        if row.substitute is None:
            continue
        for day in row.days(data.data_end):
            key = (row.line or "", row.item or "", day)
            if day not in given.get(key[:2], set()) and key not in filled:
                filled.add(key)
                yield (*key, row.substitute)
