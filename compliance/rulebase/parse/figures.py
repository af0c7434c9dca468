"""Blocks of figures."""

from __future__ import annotations

from compliance.rulebase.parse.common import Common
from compliance.rulebase.parse.table import Table
from compliance.rulebase.schema import (
    Boundary,
    ByFactor,
    ByLedger,
    ByRatio,
    ByReport,
    FigureRule,
    OfFigure,
    PerSurrender,
    QuantityTerm,
    Quotient,
    RecordTerm,
    SampleMean,
    Scope,
    Shape,
    Spread,
    SumOfFigures,
    SumOfTerms,
    Times,
)

#: The key that says which shape a figure has.
_SHAPES = ("terms", "figures", "over", "mean", "surrender", "spread")
_TIMES = ("factor", "report", "ledger", "ratio")
_MOST_DECIMALS = 6


def figure(table: Table, common: Common) -> FigureRule:
    """Read one figure."""
    decimals = table.whole("decimals", least=0)
    if decimals > _MOST_DECIMALS:
        table.wrong("decimals", f"最多 {_MOST_DECIMALS} 位", f"at most {_MOST_DECIMALS}")
    return FigureRule(
        **common,
        code=table.text("code"),
        objects=_objects(table),
        yearly=table.flag("yearly", default=True),
        unit=table.text("unit"),
        decimals=decimals,
        shape=_shape(table),
        formula=table.both("formula"),
        management=table.flag("management", default=False),
        boundary=table.choice("boundary", Boundary) if "boundary" in table else None,
    )


def _objects(table: Table) -> tuple[Scope, ...]:
    words = table.strings("of")
    known = [scope.value for scope in Scope]
    return tuple(Scope(word) for word in words if table.one_of("of", word, known))


def _shape(table: Table) -> Shape:
    given = [key for key in _SHAPES if key in table]
    if len(given) != 1:
        table.wrong("", f"应给出 {'、'.join(_SHAPES)} 之一", f"give one of {', '.join(_SHAPES)}")
    match given[:1]:
        case ["figures"]:
            return SumOfFigures(table.strings("figures"))
        case ["over"]:
            return Quotient(_parts(table, "over"), _parts(table, "under"), table.whole("scale", 1, least=1))
        case ["mean"]:
            mean = table.table("mean")
            return SampleMean(mean.text("samples"), mean.text("of"), mean.text("by"))
        case ["spread"]:
            return Spread(_sources(table.table("spread")), table.whole("scale", 1, least=1))
        case ["surrender"]:
            return PerSurrender(tuple(_record_term(row) for row in table.tables("surrender")))
    return SumOfTerms(tuple(_term(row) for row in table.tables("terms")))


def _sources(table: Table) -> tuple[str, ...]:
    columns = table.strings("columns")
    if len(columns) == 1:
        table.wrong("columns", "至少两个来源", "two sources at least")
    return columns


def _parts(table: Table, key: str) -> tuple[QuantityTerm | OfFigure, ...]:
    return tuple(OfFigure(row.text("figure")) if "figure" in row else _term(row) for row in table.tables(key))


def _term(table: Table) -> QuantityTerm:
    times = tuple(_times(row) for row in table.tables("times", optional=True))
    return QuantityTerm(
        table.text("class"),
        times,
        minus=table.flag("minus", default=False),
        by_line=table.flag("by_line", default=False),
    )


def _times(table: Table) -> Times:
    given = [key for key in _TIMES if key in table]
    if len(given) != 1:
        table.wrong("", f"应给出 {'、'.join(_TIMES)} 之一", f"give one of {', '.join(_TIMES)}")
    match given[:1]:
        case ["report"]:
            return ByReport(
                table.text("report"),
                table.text("basis"),
                table.strings("unless", optional=True),
                table.strings("else"),
            )
        case ["ledger"]:
            return ByLedger(table.text("ledger"), table.strings("else"))
        case ["ratio"]:
            ratio = table.table("ratio")
            return ByRatio(ratio.whole("over", least=1), ratio.whole("under", least=1))
    return ByFactor(table.text("factor"))


def _record_term(table: Table) -> RecordTerm:
    smallest = tuple(_record_term(row) for row in table.tables("smallest", optional=True))
    if bool(smallest) == ("column" in table):
        table.wrong("", "应给出 column 或 smallest 之一", "give either column or smallest")
    return RecordTerm(
        column=table.text("column", ""),
        factor=table.text("factor", ""),
        minus=table.flag("minus", default=False),
        smallest=smallest,
    )
