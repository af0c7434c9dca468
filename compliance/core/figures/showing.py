"""Figures as people look at them: which factors each rests on, and whether anybody verified those."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from compliance.core.factors import FactorCheck, FactorVersion, FactorView, Standing, factors_of
from compliance.core.figures.computing import Computed, Figure, figures_of
from compliance.core.looking import look, own_values
from compliance.core.model import (
    AlternativeFuel,
    CoalSample,
    CollectionItem,
    CrossCheck,
    Laboratory,
    MissingData,
    PlantFactor,
    ProductionLine,
    Reading,
    Row,
    Surrender,
    TestReport,
)
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.rulebase.check_figures import terms_of
from compliance.rulebase.figuring import Part
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import ByReport, FigureRule

#: The sheets that figures rest on: daily data, and all that is small beside them.
SMALL: tuple[type[Row], ...] = (
    ProductionLine, CollectionItem, MissingData, TestReport, Laboratory, CoalSample, AlternativeFuel, CrossCheck,
    Surrender, PlantFactor,
)  # fmt: skip
LARGE: tuple[type[Row], ...] = (Reading,)


class FigureReads(Protocol):
    """What showing figures asks of a look: three statements."""

    def tables(self, plant: Plant, kinds: Sequence[type[Row]] | None = None) -> Tables:
        """Rows of a plant, one statement a sheet."""
        ...

    def gathered(self, plant: Plant, kinds: Sequence[type[Row]]) -> Tables:
        """Rows of several small sheets by one statement."""
        ...

    def factor_checks(self, plant: Plant) -> Sequence[FactorCheck]:
        """Every check of a plant's factors."""
        ...

    def factor_versions(self, plant: Plant) -> Sequence[FactorVersion]:
        """Every value that the plant's factors have had, the oldest first."""
        ...


@dataclass(frozen=True)
class Shown:
    """The figures of a plant as of a day, with the factors that count then and the rules that say so."""

    day: date
    computed: Computed
    factors: Mapping[str, FactorView]
    rules: RuleBase = field(repr=False)
    by_key: Mapping[str, Figure] = field(repr=False)
    _codes: Mapping[str, str] = field(repr=False)
    _stand_ins: frozenset[str] = field(repr=False)
    #: The names that each figure rests on, once looked up.
    _known: dict[str, frozenset[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def used(self, figure: Figure) -> list[FactorView]:
        """Every factor that a figure rests on, also through other figures, by code."""
        return [self.factors[name] for name in sorted(self._rests_on(figure)) if name in self.factors]

    def unverified(self, figure: Figure) -> list[FactorView]:
        """Those of them that nobody has verified."""
        return [one for one in self.used(figure) if one.standing is not Standing.VERIFIED]

    def estimated(self, figure: Figure) -> bool:
        """Whether a default stands in for a test report: the month's provisional closing, until the report is there."""
        return not self._stand_ins.isdisjoint(self._rests_on(figure))

    def part_of(self, figure: Figure, part: Part) -> Figure | None:
        """The figure that a line of a working stands for."""
        code = self._codes.get(part.label, part.label)
        return self.by_key.get(f"{code}/{part.line or figure.object}/{part.month or figure.period}")

    def _rests_on(self, figure: Figure) -> frozenset[str]:
        if figure.key not in self._known:
            self._known[figure.key] = frozenset(self._names(figure, set()))
        return self._known[figure.key]

    def _names(self, figure: Figure, seen: set[str]) -> set[str]:
        if figure.key in seen:
            return set()
        seen.add(figure.key)
        names: set[str] = set()
        for part in figure.working:
            names |= {used.name for used in (*part.used, *part.also)}
            below = self.part_of(figure, part) if not part.used else None
            if below is not None:
                names |= self._names(below, seen)
        return names


def shown_of(reads: FigureReads, plant: Plant, rulebase: RuleBase, day: date) -> Shown:
    """Compute and show the figures of a plant as of a day."""
    tables = {**reads.gathered(plant, SMALL), **reads.tables(plant, LARGE)}
    return show(plant, tables, reads.factor_checks(plant), rulebase, day)


def show(plant: Plant, tables: Tables, checks: Iterable[FactorCheck], rulebase: RuleBase, day: date) -> Shown:
    """The same from rows that were read already."""
    data = look(plant, tables, rulebase, day)
    computed = figures_of(data, rulebase, own_values(data))
    return show_computed(day, computed, factors_of(data.rows(PlantFactor), checks, rulebase, day), rulebase)


def show_computed(day: date, computed: Computed, factors: Mapping[str, FactorView], rulebase: RuleBase) -> Shown:
    """The same from figures that were computed already."""
    codes = {rule.id: rule.code for rule in rulebase.of(FigureRule)}
    by_key = {f.key: f for f in computed.figures}
    return Shown(day, computed, factors, rulebase, by_key, codes, _stand_ins(rulebase, day))


def _stand_ins(rulebase: RuleBase, day: date) -> frozenset[str]:
    """The codes of factors that count where no report is accepted."""
    terms = (term for rule in rulebase.in_force(FigureRule, day) for term in terms_of(rule))
    reports = (what for term in terms for what in term.times if isinstance(what, ByReport))
    return frozenset(code for what in reports for code in what.otherwise)
