"""Worked examples of figures, computed by the arithmetic that computes the plant's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from compliance.rulebase.figuring import (
    Amount,
    ColumnInputs,
    Missing,
    Used,
    mean,
    of_record,
    parts_of,
    quotient,
    rounded,
    shown,
    spread,
    sum_of,
)
from compliance.rulebase.schema import (
    ByFactor,
    ByRatio,
    FigureRule,
    PerSurrender,
    Quotient,
    SampleMean,
    Spread,
    SumOfFigures,
    SumOfTerms,
    Times,
    Value,
)

#: What an example of a figure may give.
TAKES = frozenset({"amounts", "factors", "clinker", "figures", "samples", "columns"})


def computed(rule: FigureRule, example: Mapping[str, Value]) -> str:
    """The figure of an example, as it would be shown; raises :class:`Missing` for what the example lacks."""
    given = _Given(example)
    value = _value(rule, given)
    if value is None:
        raise Missing("value")
    return shown(rounded(value, rule.decimals), rule.decimals)


class _Given:
    """The inputs that an example writes out: no reports, so the default factors count."""

    def __init__(self, example: Mapping[str, Value]) -> None:
        self._example = example
        self.factors = {name: Used(name, number, "example") for name, number in _numbers(example.get("factors"))}

    def amounts(self, item_class: str, *, by_line: bool) -> Iterable[Amount]:
        del by_line  # an example has one line and no more
        for row in self._rows("amounts"):
            if row.get("class") == item_class:
                yield Amount(str(row.get("item")), "", "", _fraction(row.get("quantity")))

    def times(self, what: Times, amount: Amount) -> Sequence[Used]:
        match what:
            case ByFactor(code):
                clinker = str(self._example.get("clinker", ""))
                return (self._factor(code.format(item=amount.item, clinker=clinker)),)
            case ByRatio(over, under):
                return (Used(f"{over}/{under}", Fraction(over, under), ""),)
        return tuple(self._factor(code) for code in what.otherwise)

    def figure(self, rule_id: str) -> Decimal:
        figures = dict(_numbers(self._example.get("figures")))
        if rule_id not in figures:
            raise Missing(rule_id)
        value = figures[rule_id]
        return Decimal(value.numerator) / Decimal(value.denominator)

    def columns(self) -> dict[str, Fraction]:
        return dict(_numbers(self._example.get("columns")))

    def samples(self, shape: SampleMean) -> Iterator[tuple[str, Fraction, Fraction]]:
        for row in self._rows("samples"):
            yield "", _fraction(row.get(shape.of)), _fraction(row.get(shape.by))

    def _factor(self, code: str) -> Used:
        if code not in self.factors:
            raise Missing(code)
        return self.factors[code]

    def _rows(self, key: str) -> Iterator[Mapping[str, Value]]:
        rows = self._example.get(key, ())
        yield from (row for row in (rows if isinstance(rows, tuple) else ()) if isinstance(row, Mapping))


def _value(rule: FigureRule, given: _Given) -> Fraction | None:
    match rule.shape:
        case SumOfTerms(terms):
            return sum((sum_of(parts_of(term, given)) for term in terms), Fraction(0))
        case SumOfFigures(figures):
            return sum((Fraction(given.figure(name)) for name in figures), Fraction(0))
        case Quotient():
            return quotient(rule.shape, given)[0]
        case SampleMean():
            return mean(rule.shape, given.samples(rule.shape))[0]
        case Spread():
            return spread(rule.shape, ColumnInputs(given.columns(), given.factors))[0]
        case PerSurrender(terms):
            inputs = ColumnInputs(given.columns(), given.factors)
            return sum((sum_of(of_record(term, inputs)) for term in terms), Fraction(0))


def _numbers(table: Value | None) -> Iterator[tuple[str, Fraction]]:
    if isinstance(table, Mapping):
        for name, value in table.items():
            yield name, _fraction(value)


def _fraction(value: Value | None) -> Fraction:
    try:
        return Fraction(str(value))
    except ValueError:
        raise Missing(str(value)) from None
