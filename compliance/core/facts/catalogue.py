"""The closed catalogue of derivations: named, typed, pure functions from rows to facts.

A derivation joins, groups, orders, counts, sums, takes the latest and looks up posts. It never compares with a number,
period, post or word of its own: those arrive as parameters of the fact rule that uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Final, Protocol, cast

from compliance.core.model import PlantData, Row
from compliance.kernel.quantity import LARGEST, MICRO, from_micro
from compliance.rulebase.evaluator import FactValue
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Approval, FactRule, FactType, Number, Post, PropType, Ref, Retention

Fact = Mapping[str, FactValue]

TEXT, NUMBER, FLAG, DAY = PropType.TEXT, PropType.NUMBER, PropType.FLAG, PropType.DAY
#: Every fact names the row it came from: ``table:key|key``.
ROW = {"row": TEXT}
#: A number called so is a quantity in 10⁻⁶ units; messages and screens show it as a decimal.
QUANTITY_SUFFIX: Final = "_micro"
#: Columns of person and day by step.
Steps = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Params:
    """The parameters of a fact rule, with what they refer to in the rule base and at the plant."""

    rule: FactRule
    rulebase: RuleBase
    plant_values: Mapping[str, Decimal]

    def text(self, name: str) -> str:
        """A word that the rule gives."""
        return cast("str", self.rule.with_[name])

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of words that the rule gives."""
        return tuple(cast("Iterable[str]", self.rule.with_[name]))

    def number(self, name: str) -> int:
        """A whole number that the rule gives, or the plant's value of the parameter that it names."""
        value = self.rule.with_[name]
        number: Number = Ref(cast("str", value["parameter"])) if isinstance(value, Mapping) else cast("int", value)
        return self.rulebase.number(number, self.plant_values)

    def post_words(self, post: str | None, on: date) -> frozenset[str]:
        """The workbook's words for a post on a day; none for no post."""
        found = self.rulebase.get(Post, post, on) if post else None
        return frozenset(found.words) if found else frozenset()

    def approval(self, name: str, on: date) -> Approval | None:
        """The approval that the rule gives, in the wording of a day."""
        return self.rulebase.get(Approval, self.text(name), on)

    def approvals(self, name: str, on: date) -> tuple[Approval, ...]:
        """The approvals that the rule lists, in the wording of a day."""
        listed = cast("Iterable[Mapping[str, str]]", self.rule.with_[name])
        found = (self.rulebase.get(Approval, ref["approval"], on) for ref in listed)
        return tuple(approval for approval in found if approval is not None)

    def retention(self, name: str, on: date) -> Retention | None:
        """The retention that the rule gives, in the wording of a day."""
        return self.rulebase.nearest(Retention, cast("Mapping[str, str]", self.rule.with_[name])["retention"], on)

    def factor(self, name: str, on: date) -> Fraction | None:
        """The plant's value of the factor whose code the rule gives, else that of the rule base; None if nobody's."""
        code = self.text(name)
        if code in self.plant_values:
            return Fraction(self.plant_values[code])
        rule = self.rulebase.factor(code, on)
        return Fraction(rule.value) if rule is not None else None

    def steps(self, name: str) -> Steps:
        """The columns of person and day of each step of an approval."""
        table = cast("Mapping[str, tuple[str, str]]", self.rule.with_[name])
        return {step: (person, day) for step, (person, day) in table.items()}


@dataclass(frozen=True, slots=True)
class InTime:
    """What the passing of days alone does to the facts of a derivation that looks at the day of judging.

    Their ``on`` may be that day. ``ages``: a property that counts the days since another one, as long as it does.
    ``turns``: the days on which anything else may change. Wordings of rules may be looked up by that day.
    """

    ages: Mapping[str, str] = field(default_factory=dict)
    turns: Callable[[PlantData, Params], Iterable[date]] = lambda _data, _params: ()


class Derivation(Protocol):
    """Rows and parameters to facts."""

    def __call__(self, data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
        """Yield one mapping a fact: properties and ``on``."""
        ...


#: Signatures by name, for the checker of the rule base.
CATALOGUE: dict[str, FactType] = {}
DERIVATIONS: dict[str, Derivation] = {}
#: What days do to facts, by derivation. One that looks at the day of judging and says nothing here is never at rest.
IN_TIME: dict[str, InTime] = {}


def derivation(
    name: str,
    properties: Mapping[str, PropType],
    parameters: tuple[str, ...] = (),
    *,
    optional: tuple[str, ...] = (),
    counts: tuple[str, ...] = (),
    sheet: type[Row] | None = None,
    in_time: InTime | None = None,
) -> Callable[[Derivation], Derivation]:
    """Register a derivation with the properties of its facts and the parameters it must be given.

    ``counts`` are never below zero; ``sheet``: its columns of the same names say which words its properties hold.
    ``in_time`` tells what days do to facts that look at ``data.as_of``; without it they are derived anew every day.
    """
    columns = sheet.SHEET.columns if sheet else ()
    words = {column.name: column.vocabulary for column in columns if column.vocabulary and column.name in properties}

    def register(function: Derivation) -> Derivation:
        least = dict.fromkeys(counts, 0)
        CATALOGUE[name] = FactType(name, {**properties, **ROW}, parameters, optional, least, words)
        DERIVATIONS[name] = function
        if in_time is not None:
            IN_TIME[name] = in_time
        return function

    return register


def row_of(table: str, *key: object) -> str:
    """The name of a row, as the trail and the screens link it."""
    return f"{table}:{'|'.join(map(str, key))}"


#: Accounts that are none.
NOBODY: Final = frozenset({None, ""})


def distinct(*accounts: str | None) -> int:
    """How many different persons are given."""
    return len({*accounts} - NOBODY)


def repeated(*accounts: str | None) -> int:
    """How many of the given persons are given again."""
    given = [a for a in accounts if a]
    return len(given) - len(set(given))


def days_between(first: date | None, last: date | None) -> int | None:
    """Calendar days from the first to the last day; unknown if either is."""
    return None if first is None or last is None else (last - first).days


def given(row: Row, columns: Iterable[str]) -> list[object]:
    """The cells of a row that are not empty."""
    return [value for name in columns if (value := getattr(row, name)) is not None]


def within(micro: int) -> int:
    """A sum or difference as far as an integer of the register reaches: its sign and order stay."""
    return max(-LARGEST, min(LARGEST, micro))


def sign(number: Fraction | int) -> int:
    """Return 1 above zero, -1 below, 0 at zero."""
    return (number > 0) - (number < 0)


def plain(number: Fraction, *, up: bool = False) -> str:
    """A ratio as people read it: six decimals, the rest cut off, or made a whole one so that it stays above a limit."""
    return decimal_of(QUANTITY_SUFFIX, ceil(number * MICRO) if up else int(number * MICRO)) or ""


def in_hundredths(number: Fraction, *, up: bool = False) -> str:
    """A ratio as a percentage: exact as far as :func:`plain` goes, or made a whole 0.01 % above so that it stays so."""
    hundredths = number * _HUNDRED
    return f"{plain(Fraction(ceil(hundredths * _HUNDRED), _HUNDRED) if up else hundredths)}%"


#: What a whole is in hundredths.
_HUNDRED = 100


def decimal_of(name: str, value: FactValue) -> str | None:
    """A quantity as the decimal that people read; None for any other property or for nothing."""
    if not name.endswith(QUANTITY_SUFFIX) or not isinstance(value, int):
        return None
    return f"{from_micro(value):f}"
