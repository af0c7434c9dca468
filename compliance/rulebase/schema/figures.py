"""Figures: what is computed from daily data, reports, samples and surrenders, and how.

There is no language of formulas: a figure has one of six closed shapes, made of terms. Every class, factor code,
parameter and column that takes part is named in the rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from compliance.kernel.text import Text
from compliance.rulebase.schema.common import Rule


class Scope(StrEnum):
    """What a figure is about: each production line, or the whole plant."""

    LINE = "line"
    PLANT = "plant"


@dataclass(frozen=True, slots=True)
class ByFactor:
    """Times a factor of the plant; ``{item}`` and ``{clinker}`` in the code stand for the item and the line's class."""

    code: str


@dataclass(frozen=True, slots=True)
class ByReport:
    """Times the result of the month's accepted test report, else times the default factors.

    A report is accepted if it is on the basis and none of the findings ``unless`` speaks of it.
    """

    parameter: str
    basis: str
    unless: tuple[str, ...]
    otherwise: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ByLedger:
    """Times a column of the alternative-fuel ledger of the month, else times the default factors."""

    column: str
    otherwise: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ByRatio:
    """Times an exact fraction, such as the molar masses 44/12."""

    over: int
    under: int


Times = ByFactor | ByReport | ByLedger | ByRatio


@dataclass(frozen=True, slots=True)
class QuantityTerm:
    """The quantity of every item of a class, times what follows; ``minus`` takes it away.

    ``by_line``: of the lines alone, also where the figure is the plant's.
    """

    item_class: str
    times: tuple[Times, ...] = ()
    minus: bool = False
    by_line: bool = False


@dataclass(frozen=True, slots=True)
class OfFigure:
    """Another figure of the same object and period, rounded as it is shown."""

    figure: str


@dataclass(frozen=True, slots=True)
class SumOfTerms:
    """The terms of a month; a year is the sum of its rounded months."""

    terms: tuple[QuantityTerm, ...]


@dataclass(frozen=True, slots=True)
class SumOfFigures:
    """Other figures added; the plant is the sum of its lines, a year the sum of its months."""

    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quotient:
    """One sum over another, times ``scale``; terms of a year are summed exactly over its months."""

    over: tuple[QuantityTerm | OfFigure, ...]
    under: tuple[QuantityTerm | OfFigure, ...]
    scale: int = 1


@dataclass(frozen=True, slots=True)
class SampleMean:
    """The mean of a column of the month's samples of a type, weighted by another column."""

    samples: str
    of: str
    by: str


@dataclass(frozen=True, slots=True)
class RecordTerm:
    """A column of a surrender, times a factor; or the smallest of several such."""

    column: str = ""
    factor: str = ""
    minus: bool = False
    smallest: tuple[RecordTerm, ...] = ()


@dataclass(frozen=True, slots=True)
class PerSurrender:
    """One figure for each surrender, under its year."""

    terms: tuple[RecordTerm, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """How far the sources of a cross-check lie apart: (largest − smallest) ÷ largest; one figure a row of the sheet."""

    columns: tuple[str, ...]
    scale: int = 1


Shape = SumOfTerms | SumOfFigures | Quotient | SampleMean | PerSurrender | Spread


class Boundary(StrEnum):
    """What a total of emissions is a total of; totals of different boundaries are never added or mixed."""

    LINE = "line"
    ENTERPRISE = "enterprise"
    MANAGEMENT = "management"


@dataclass(frozen=True, kw_only=True)
class FigureRule(Rule):
    """A figure: code, objects, unit, decimals (rounded once, half up), its shape, and the formula as people read it.

    ``management``: a measure of the plant's own steering, listed apart from the figures of accounting;
    ``boundary``: what a total of emissions is of.
    """

    code: str
    objects: tuple[Scope, ...]
    yearly: bool
    unit: str
    decimals: int
    shape: Shape
    formula: Text
    management: bool = False
    boundary: Boundary | None = None
