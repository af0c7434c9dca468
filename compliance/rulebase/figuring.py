"""The arithmetic of figures: exact fractions to the end, rounded once, half up; each with its working."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from compliance.rulebase.schema import (
    ByFactor,
    ByLedger,
    ByReport,
    OfFigure,
    QuantityTerm,
    Quotient,
    RecordTerm,
    SampleMean,
    Shape,
    Spread,
    SumOfTerms,
    Times,
)

_HALF = Fraction(1, 2)


class Missing(Exception):
    """A factor that nobody gave: the figure does not exist."""

    def __init__(self, code: str) -> None:
        """Name the code."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Used:
    """A factor, result or fraction that took part, and where it is from."""

    name: str
    value: Fraction
    origin: str


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the working: a quantity of an item in a month times what was used; ``value`` carries the sign.

    ``also``: factors that the quantity itself rests on (the smaller of two amounts, one of them by a factor).
    """

    label: str
    line: str
    month: str
    quantity: Fraction
    used: tuple[Used, ...]
    value: Fraction
    also: tuple[Used, ...] = ()


@dataclass(frozen=True, slots=True)
class Amount:
    """The quantity of one item in a month."""

    item: str
    line: str
    month: str
    quantity: Fraction


class Inputs(Protocol):
    """What a plant gives to figures, for one object and period."""

    def amounts(self, item_class: str, *, by_line: bool) -> Iterable[Amount]:
        """The quantities of a class; ``by_line``: those of the lines alone."""
        ...

    def times(self, what: Times, amount: Amount) -> Sequence[Used]:
        """What a quantity is multiplied by; raises :class:`Missing`."""
        ...

    def figure(self, rule_id: str) -> Decimal:
        """Another figure of the same object and period; raises :class:`Missing`."""
        ...


class ColumnInputs:
    """The columns of one record and the plant's factors."""

    def __init__(self, columns: dict[str, Fraction], factors: dict[str, Used]) -> None:
        """Take both by name."""
        self._columns, self._factors = columns, factors

    def column(self, name: str) -> Fraction:
        """A column; what is not given is nothing."""
        if name not in self._columns:
            raise Missing(name)
        return self._columns[name]

    def factor(self, code: str) -> Used:
        """A factor; raises :class:`Missing`."""
        if code not in self._factors:
            raise Missing(code)
        return self._factors[code]


def parts_of(term: QuantityTerm, inputs: Inputs) -> list[Part]:
    """The working of a term. What was not burned needs no factor."""
    found = []
    for amount in inputs.amounts(term.item_class, by_line=term.by_line):
        used = tuple(u for what in term.times for u in inputs.times(what, amount)) if amount.quantity else ()
        value = amount.quantity
        for one in used:
            value *= one.value
        sign = -1 if term.minus else 1
        found.append(Part(amount.item, amount.line, amount.month, amount.quantity, used, sign * value))
    return found


def factor_codes(shape: Shape) -> Iterator[str]:
    """The codes of the factors that quantities of items may be multiplied by, places for item and class still in them.

    What a column of a record is multiplied by is none of them: a limit or a share is no factor of calculation.
    """
    terms = shape.terms if isinstance(shape, SumOfTerms) else ()
    both = (*shape.over, *shape.under) if isinstance(shape, Quotient) else ()
    for term in (*terms, *both):
        for what in term.times if isinstance(term, QuantityTerm) else ():
            match what:
                case ByFactor(code):
                    yield code
                case ByReport() | ByLedger():
                    yield from what.otherwise


def sum_of(parts: Iterable[Part]) -> Fraction:
    """The values of a working, added exactly."""
    return sum((part.value for part in parts), Fraction(0))


def quotient(shape: Quotient, inputs: Inputs) -> tuple[Fraction | None, list[Part]]:
    """One sum over another; None where the lower one is nothing."""
    over, under = ([p for one in side for p in _side(one, inputs)] for side in (shape.over, shape.under))
    below = sum_of(under)
    value = sum_of(over) / below * shape.scale if below else None
    return value, [*over, *under]


def mean(shape: SampleMean, rows: Iterable[tuple[str, Fraction, Fraction]]) -> tuple[Fraction | None, list[Part]]:
    """The weighted mean of (label, value, weight); None without weight."""
    parts = [
        Part(label, "", "", weight, (Used(shape.of, value, label),), value * weight) for label, value, weight in rows
    ]
    weights = sum((part.quantity for part in parts), Fraction(0))
    return (sum_of(parts) / weights if weights else None), parts


def spread(shape: Spread, given: ColumnInputs) -> tuple[Fraction | None, list[Part]]:
    """How far the columns of a row lie apart, as a share of the largest; None where that is nothing."""
    parts = [Part(name, "", "", given.column(name), (), given.column(name)) for name in shape.columns]
    amounts = [part.value for part in parts]
    largest = max(amounts)
    return ((largest - min(amounts)) / largest * shape.scale if largest else None), parts


def of_record(term: RecordTerm, given: ColumnInputs) -> list[Part]:
    """The working of a term over the columns of a record."""
    sign = -1 if term.minus else 1
    if term.smallest:
        several = [of_record(one, given) for one in term.smallest]
        least = min((sum_of(parts) for parts in several), default=Fraction(0))
        names = "min(" + ", ".join(one.column for one in term.smallest) + ")"
        also = tuple(used for parts in several for part in parts for used in part.used)
        return [Part(names, "", "", least, (), sign * least, also)]
    quantity = given.column(term.column)
    used = (given.factor(term.factor),) if term.factor else ()
    value = quantity * (used[0].value if used else 1)
    return [Part(term.column, "", "", quantity, used, sign * value)]


def rounded(value: Fraction, decimals: int) -> Decimal:
    """Half up: away from zero at exactly half."""
    scaled = abs(value) * 10**decimals
    whole = int(scaled + _HALF)
    return Decimal(whole if value >= 0 else -whole).scaleb(-decimals)


def shown(value: Decimal, decimals: int) -> str:
    """With exactly so many decimals; there is no minus zero."""
    return f"{value or abs(value):.{decimals}f}"


def _side(one: QuantityTerm | OfFigure, inputs: Inputs) -> list[Part]:
    if isinstance(one, QuantityTerm):
        return parts_of(one, inputs)
    value = Fraction(inputs.figure(one.figure))
    return [Part(one.figure, "", "", value, (), value)]
