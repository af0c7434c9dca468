"""Figures and quantities: by line and plant, month by month, year by year, each with its working.

Columns are named by the codes of the figures and the classes of items that the rules have, in small letters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from fractions import Fraction

from compliance.core.documents.control import EMPTY
from compliance.core.documents.sets.base import (
    MONTH_LONG,
    YEAR_LONG,
    Asked,
    DataSet,
    numbered,
    padded,
    quantity,
    texts,
    unit,
    within,
)
from compliance.core.documents.sets.organisation import named
from compliance.core.documents.values import Names, Rows, Value
from compliance.core.figures import Figure
from compliance.core.figures.quantities import months_over, quantities
from compliance.core.model import (
    SHEETS,
    AlternativeFuel,
    CollectionItem,
    MissingData,
    PlantFactor,
    ProductionLine,
    Reading,
    Surrender,
    TestReport,
)
from compliance.rulebase.figuring import Part
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Factor, FigureRule, Scope, Vocabulary

_CLASSES = "item-class"
#: Words for how far what is shown was measured: parameters by a report or a ledger, amounts on every day; or not.
_STATES = "data-state"
#: How many years the history shows, the document's own last.
YEARS_SHOWN = 2 + 1

Shown = Mapping[str, Value]


def column(code: str) -> str:
    """The code of a figure as a template may name it."""
    return code.lower().replace("-", "_").replace("/", "_")


def codes(rulebase: RuleBase) -> dict[str, FigureRule]:
    """Every code with its rule in the latest wording."""
    return {rule.code: rule for rule in rulebase.of(FigureRule)}


def _classes(rulebase: RuleBase) -> list[tuple[str, str]]:
    rules = rulebase.wordings(Vocabulary, _CLASSES)[-1:]
    return [(named(word.id), word.zh) for rule in rules for word in rule.words]


def _columns(rulebase: RuleBase) -> dict[str, None]:
    return texts(*map(column, codes(rulebase)), *(name for name, _ in _classes(rulebase)))


# --- one row a period or a line ----------------------------------------------------------------------


class _Table:
    """Figures and quantities of an object and a period; what the plant has no figure of is the sum of its lines'."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._figures = {(f.code, f.line, f.period): f for f in asked.computed.figures}
        self._lines = [row.line for row in asked.data.rows(ProductionLine)]
        self._amounts = _amounts(asked)

    def row(self, line: str | None, period: str) -> dict[str, Value]:
        """Every column of a line (None: the plant) and a period."""
        cells: dict[str, Value] = {column(code): self._figure(rule, line, period) for code, rule in self._rules()}
        for name, word in _classes(self._asked.rulebase):
            amount = self._amounts.get((word, line, period))
            cells[name] = f"{amount:,.2f}" if amount is not None else EMPTY
        return cells

    def _rules(self) -> Iterable[tuple[str, FigureRule]]:
        return codes(self._asked.rulebase).items()

    def _figure(self, rule: FigureRule, line: str | None, period: str) -> str:
        found = self._figures.get((rule.code, line, period))
        if found is not None:
            return grouped(found.value, found.decimals)
        if line is not None or Scope.PLANT in rule.objects:
            return EMPTY
        parts = [f for each in self._lines if (f := self._figures.get((rule.code, each, period)))]
        return grouped(sum((f.value for f in parts), Decimal(0)), rule.decimals) if parts and adds(rule) else EMPTY


def adds(rule: FigureRule) -> bool:
    """Whether the figures of lines may be added: amounts may, ratios may not."""
    return "/" not in rule.unit and rule.unit != "%"


def _amounts(asked: Asked) -> Mapping[tuple[str, str | None, str], Decimal]:
    """Quantities by class word, line (None: the plant) and month or year."""
    found: dict[tuple[str, str | None, str], Decimal] = defaultdict(Decimal)
    summed = quantities(asked.data)
    classes = {key: word for word, keys in summed.items.items() for key in keys}
    for (line, item, month), amount in summed.of_month.items():
        word = classes.get((line, item))
        if word is not None:
            value = Decimal(amount.numerator) / Decimal(amount.denominator)
            for where in (line, None):
                for period in (month, month[:YEAR_LONG]):
                    found[word, where, period] += value
    return found


def grouped(value: Decimal, decimals: int) -> str:
    """A number with its thousands apart and exactly so many decimals."""
    return f"{value:,.{decimals}f}"


def _months(asked: Asked) -> Mapping[str, Value]:
    table = _Table(asked)
    months = [m for m in months_over(asked.data.data_start, asked.data.data_end) if m.startswith(asked.year)]
    return {
        "months": numbered({"month": month, **table.row(None, month)} for month in months),
        "whole_year": {"year": asked.year, **table.row(None, asked.year)},
    }


def _by_line(asked: Asked) -> Mapping[str, Value]:
    table, period = _Table(asked), asked.period or asked.year
    lines = [
        {"line": row.line, "name": row.name or EMPTY, **table.row(row.line, period)}
        for row in asked.data.rows(ProductionLine)
    ]
    return {"by_line": numbered(lines), "whole": {"period": period, **table.row(None, period)}}


def _history(asked: Asked) -> Mapping[str, Value]:
    table, last = _Table(asked), int(asked.year)
    years = [str(last - back) for back in reversed(range(YEARS_SHOWN))]
    given = {row.year: row.allocated for row in asked.data.rows(Surrender) if row.allocated is not None}
    return {
        "history": numbered(
            {"year": year, "allocated": quantity(given[year]) if year in given else EMPTY, **table.row(None, year)}
            for year in years
        )
    }


# --- figures and what they are made of ---------------------------------------------------------------

_FIGURE = texts("no", "code", "title", "object", "period", "value", "unit", "formula", "clause")
_PART = texts("no", "code", "title", "object", "period", "item", "quantity", "factors", "origins", "state", "value")


def _of_period(asked: Asked) -> list[Figure]:
    period = asked.period or asked.year
    return [f for f in asked.computed.figures if f.period == period]


def _figures(asked: Asked) -> Mapping[str, Value]:
    return {"figures": numbered(map(_figure, _of_period(asked)))}


def _figure(it: Figure) -> Shown:
    return {
        "code": it.code,
        "title": it.title.zh,
        "object": it.object,
        "period": it.period,
        "value": grouped(it.value, it.decimals),
        "unit": unit(it.unit),
        "formula": it.formula.zh,
        "clause": it.clause,
    }


def _working(asked: Asked) -> Mapping[str, Value]:
    """Every quantity with what it was multiplied by, for amounts that are made of quantities."""
    amounts = {rule.id for rule in codes(asked.rulebase).values() if adds(rule)}
    made = [f for f in _of_period(asked) if f.rule in amounts]
    names = _factor_names(asked)
    measured = {row.number for row in asked.data.rows(TestReport)} | {c.name for c in AlternativeFuel.SHEET.columns}
    states = {told: asked.word(_STATES, state) for told, state in ((True, "measured"), (False, "default"))}
    parts = (_part(f, part, names, measured, states) for f in made for part in f.working if part.used)
    return {"working": numbered(parts)}


def _factor_names(asked: Asked) -> Mapping[str, str]:
    """What a working calls by a code, in words: factors of the rules and the plant, columns of the ledger of fuels."""
    ledger = {column.name: column.heading for column in AlternativeFuel.SHEET.columns}
    ruled = {rule.code: rule.title.zh for rule in asked.rulebase.in_force(Factor, asked.day)}
    own = {row.code: row.name for row in asked.data.rows(PlantFactor) if row.name}
    return {**ledger, **ruled, **own}


def _part(
    it: Figure, part: Part, names: Mapping[str, str], measured: AbstractSet[str], states: Mapping[bool, str]
) -> Shown:
    return {
        "code": it.code,
        "title": it.title.zh,
        "object": part.line,
        "period": part.month,
        "item": part.label,
        "quantity": _decimal(part.quantity),
        "factors": " × ".join(f"{names.get(used.name, used.name)} {_decimal(used.value)}" for used in part.used),
        "origins": "、".join(dict.fromkeys(used.origin for used in part.used if used.origin)) or EMPTY,
        "state": states[any({used.origin, used.name} & measured for used in part.used)],
        "value": _decimal(part.value),
    }


#: Decimals of quantities and factors in a working, trailing zeros left out.
_DECIMALS = 6


def _decimal(value: Fraction) -> str:
    number = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{number:,.{_DECIMALS}f}".rstrip("0").rstrip(".")


# --- daily data by month -----------------------------------------------------------------------------

#: Decimals of an amount of a month, at least.
_CENTS = 2
_MONTHLY = texts("no", "month", "line", "item", "item_class", "unit", "amount", "records", "filled", "state")


def _readings(asked: Asked) -> Mapping[str, Value]:
    """Monthly sums of daily data, with how many days were recorded and how many were filled."""
    recorded: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in asked.data.rows(Reading):
        if row.amount is not None:
            recorded[row.line, row.item, row.on.isoformat()[:MONTH_LONG]] += 1
    filled: dict[tuple[str, str, str], int] = defaultdict(int)
    for gap in asked.data.rows(MissingData):
        for day in gap.days(asked.data.data_end):
            filled[gap.line or "", gap.item or "", day.isoformat()[:MONTH_LONG]] += 1
    planned = {(row.line, row.item): row for row in asked.data.rows(CollectionItem)}
    states = {some: asked.word(_STATES, state) for some, state in ((True, "substituted"), (False, "recorded"))}
    summed = sorted(quantities(asked.data).of_month.items(), key=lambda one: (one[0][2], one[0][0], one[0][1]))
    rows = (
        {
            "month": month,
            "line": line,
            "item": item,
            "item_class": (known.item_class if (known := planned.get((line, item))) else None) or EMPTY,
            "unit": (known.unit if known else None) or EMPTY,
            "amount": padded(_decimal(amount), _CENTS),
            "records": str(recorded[line, item, month]),
            "filled": str(filled[line, item, month]),
            "state": states[filled[line, item, month] > 0],
        }
        for (line, item, month), amount in summed
        if within(month, asked.period or asked.year)
    )
    listed = numbered(rows)
    by_class = {
        name: numbered(row for row in listed if row["item_class"] == word) for name, word in _classes(asked.rulebase)
    }
    return {"readings": listed, "readings_of": by_class}


def _reading_names(rulebase: RuleBase, _per: str) -> Names:
    of = {name: Rows(_MONTHLY) for name, _ in _classes(rulebase)}
    return {"readings": Rows(_MONTHLY), "readings_of": of}


def _table_names(rulebase: RuleBase, rows: Mapping[str, tuple[str, ...]], group: Mapping[str, str]) -> Names:
    """Names of lists and groups that have the columns of all figures and classes besides their own."""
    columns = _columns(rulebase)
    lists = {name: Rows({**texts("no", *own), **columns}) for name, own in rows.items()}
    return {**lists, **{name: {own: None, **columns} for name, own in group.items()}}


_READ = (Reading, CollectionItem, MissingData, ProductionLine)
_ALL = tuple(SHEETS)
COMPUTED_SETS: Mapping[str, DataSet] = {
    "months": DataSet(lambda r, _p: _table_names(r, {"months": ("month",)}, {"whole_year": "year"}), _months, _ALL),
    "by_line": DataSet(
        lambda r, _p: _table_names(r, {"by_line": ("line", "name")}, {"whole": "period"}), _by_line, _ALL
    ),
    "history": DataSet(lambda r, _p: _table_names(r, {"history": ("year", "allocated")}, {}), _history, _ALL),
    "figures": DataSet(lambda _r, _p: {"figures": Rows(_FIGURE)}, _figures, _ALL),
    "working": DataSet(
        lambda _r, _p: {"working": Rows(_PART)}, _working, _ALL, words={_STATES: ("measured", "default")}
    ),
    "readings": DataSet(_reading_names, _readings, _READ, words={_STATES: ("recorded", "substituted")}),
}
