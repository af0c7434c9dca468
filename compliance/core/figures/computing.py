"""Computing every figure of the rule base for a plant: by line and plant, month and year, with what is lacking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from compliance.core.applicability import following, profile_of
from compliance.core.figures.inputs import PeriodInputs, PlantInputs
from compliance.core.figures.quantities import months_over
from compliance.core.model import CoalSample, CrossCheck, PlantData, ProductionLine, Surrender
from compliance.kernel.quantity import MICRO
from compliance.kernel.text import Text
from compliance.rulebase.check_figures import SAMPLE
from compliance.rulebase.figuring import (
    ColumnInputs,
    Missing,
    Part,
    mean,
    of_record,
    parts_of,
    quotient,
    rounded,
    shown,
    spread,
    sum_of,
)
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import (
    Boundary,
    FigureRule,
    PerSurrender,
    Quotient,
    SampleMean,
    Scope,
    Spread,
    SumOfFigures,
    SumOfTerms,
)

#: Length of the year in an ISO day or month.
_YEAR = len("2026")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its working; ``line`` None stands for the whole plant, ``value`` is rounded as it is shown."""

    rule: str
    code: str
    title: Text
    clause: str
    object: str
    line: str | None
    period: str
    value: Decimal
    decimals: int
    unit: str
    formula: Text
    working: tuple[Part, ...]
    rule_digest: str
    management: bool = False
    boundary: Boundary | None = None

    @property
    def key(self) -> str:
        """``code/object/period``, as scripts name it."""
        return f"{self.code}/{self.object}/{self.period}"

    @property
    def shown(self) -> str:
        """With exactly the stated number of decimals."""
        return shown(self.value, self.decimals)


@dataclass(frozen=True, slots=True)
class Lacking:
    """A figure that does not exist because a value is lacking."""

    code: str
    object: str
    period: str
    what: str
    management: bool = False


@dataclass(frozen=True, slots=True)
class Computed:
    """Every figure in the order of rules, objects and periods; and what could not be computed."""

    figures: tuple[Figure, ...]
    lacking: tuple[Lacking, ...]


def figures_of(data: PlantData, rulebase: RuleBase, plant_values: Mapping[str, Decimal]) -> Computed:
    """Compute every figure as of the day of the data; months and years hold what is over."""
    computing = _Computing(PlantInputs(data, rulebase, plant_values))
    found = [one for rule in computing.rules.values() for one in computing.all_of(rule)]
    return Computed(
        tuple(one for one in found if isinstance(one, Figure)),
        tuple(one for one in found if isinstance(one, Lacking)),
    )


class _Computing:
    """One computation: figures that rest on others find them computed already."""

    def __init__(self, plant: PlantInputs) -> None:
        self._plant = plant
        data = plant.data
        self._months = months_over(data.data_start, data.data_end)
        self._lines = tuple(row.line for row in data.rows(ProductionLine))
        self._whole = plant.word("place", "whole-plant")
        follows = following(profile_of(data), plant.rulebase, data.as_of)
        self.rules = {rule.id: rule for rule in plant.rulebase.in_force(FigureRule, data.as_of) if follows(rule)}
        self._done: dict[tuple[str, str | None, str], Figure | Lacking | None] = {}

    def all_of(self, rule: FigureRule) -> Iterator[Figure | Lacking]:
        """Every object and period of a figure; one whose denominator is nothing does not exist."""
        if isinstance(rule.shape, PerSurrender):
            yield from self._surrenders(rule, rule.shape)
            return
        if isinstance(rule.shape, Spread):
            yield from self._cross_checks(rule, rule.shape)
            return
        years = tuple(dict.fromkeys(month[:_YEAR] for month in self._months)) if rule.yearly else ()
        for line in self._objects(rule):
            for period in (*self._months, *years):
                found = self._one(rule, line, period)
                if found is not None:
                    yield found

    def _objects(self, rule: FigureRule) -> tuple[str | None, ...]:
        lines: tuple[str | None, ...] = self._lines if Scope.LINE in rule.objects else ()
        return (*lines, None) if Scope.PLANT in rule.objects else lines

    def _one(self, rule: FigureRule, line: str | None, period: str) -> Figure | Lacking | None:
        key = (rule.id, line, period)
        if key not in self._done:
            try:
                value, working = self._value(rule, line, period)
            except Missing as missing:
                self._done[key] = Lacking(rule.code, line or self._whole, period, missing.code, rule.management)
            else:
                self._done[key] = None if value is None else self._figure(rule, line, period, value, working)
        return self._done[key]

    def _figure(self, rule: FigureRule, line: str | None, period: str, value: Fraction, working: list[Part]) -> Figure:
        return Figure(
            rule=rule.id,
            code=rule.code,
            title=rule.title,
            clause=rule.source.clause,
            object=line or self._whole,
            line=line,
            period=period,
            value=rounded(value, rule.decimals),
            decimals=rule.decimals,
            unit=rule.unit,
            formula=rule.formula,
            working=tuple(working),
            rule_digest=rule.digest,
            management=rule.management,
            boundary=rule.boundary,
        )

    def _value(self, rule: FigureRule, line: str | None, period: str) -> tuple[Fraction | None, list[Part]]:
        months = tuple(month for month in self._months if month.startswith(period))
        inputs = PeriodInputs(self._plant, line, months, period, self._other)
        match rule.shape:
            case SumOfTerms() | SumOfFigures() if len(period) == _YEAR:
                return self._added([(rule.id, line, month) for month in months])
            case SumOfTerms(terms):
                working = [part for term in terms for part in parts_of(term, inputs)]
                return sum_of(working), working
            case SumOfFigures() if line is None and Scope.LINE in rule.objects:
                return self._added([(rule.id, each, period) for each in self._lines])
            case SumOfFigures(figures):
                return self._added([(name, line, period) for name in figures])
            case Quotient():
                return quotient(rule.shape, inputs)
            case SampleMean():
                return mean(rule.shape, self._samples(rule.shape, line, period))
        raise TypeError(type(rule.shape).__name__)  # pragma: no cover - the shapes are closed

    def _added(self, keys: list[tuple[str, str | None, str]]) -> tuple[Fraction, list[Part]]:
        """Other figures, each as it is shown, added."""
        working = []
        for name, line, period in keys:
            value = Fraction(self._other(name, line, period))
            working.append(Part(self.rules[name].code, line or self._whole, period, value, (), value))
        return sum_of(working), working

    def _other(self, rule_id: str, line: str | None, period: str) -> Decimal:
        rule = self.rules.get(rule_id)
        found = self._one(rule, line, period) if rule else None
        if isinstance(found, Figure):
            return found.value
        raise Missing(found.what if isinstance(found, Lacking) else rule_id)

    def _samples(self, shape: SampleMean, line: str | None, month: str) -> Iterator[tuple[str, Fraction, Fraction]]:
        word = self._plant.word(SAMPLE, shape.samples)
        for row in self._plant.data.rows(CoalSample):
            value, weight = getattr(row, shape.of), getattr(row, shape.by)
            if (row.type, row.line, row.month) == (word, line, month) and value is not None and weight is not None:
                yield row.number, Fraction(value, MICRO), Fraction(weight, MICRO)

    def _surrenders(self, rule: FigureRule, shape: PerSurrender) -> Iterator[Figure | Lacking]:
        factors = self._plant.factors()
        columns = [c.name for c in Surrender.SHEET.columns]
        for row in self._plant.data.rows(Surrender):
            amounts = {name: getattr(row, name) for name in columns}
            given = {name: Fraction(value, MICRO) for name, value in amounts.items() if isinstance(value, int)}
            period = row.year or ""
            try:
                working = [part for term in shape.terms for part in of_record(term, ColumnInputs(given, factors))]
            except Missing as missing:
                yield Lacking(rule.code, self._whole, period, missing.code, rule.management)
            else:
                yield self._figure(rule, None, period, sum_of(working), working)

    def _cross_checks(self, rule: FigureRule, shape: Spread) -> Iterator[Figure | Lacking]:
        """One figure a row of the cross-checks of months that are over; a source that is not given is lacking."""
        columns = [c.name for c in CrossCheck.SHEET.columns]
        for row in self._plant.data.rows(CrossCheck):
            if row.month not in self._months:
                continue
            amounts = {name: getattr(row, name) for name in columns}
            given = {name: Fraction(value, MICRO) for name, value in amounts.items() if isinstance(value, int)}
            try:
                value, working = spread(shape, ColumnInputs(given, {}))
            except Missing as missing:
                yield Lacking(rule.code, row.item, row.month, missing.code, rule.management)
            else:
                if value is not None:
                    yield replace(self._figure(rule, None, row.month, value, working), object=row.item)
