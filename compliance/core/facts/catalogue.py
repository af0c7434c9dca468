"""The closed catalogue of derivations: named, typed, pure functions from rows to facts.

A derivation joins, groups, orders, counts, sums, takes the latest and looks up posts. It never compares with a number,
period, post or word of its own: those arrive as parameters of the fact rule that uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, cast

from compliance.core.model import PlantData
from compliance.rulebase.evaluator import FactValue
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Approval, FactRule, FactType, Number, Post, PropType, Ref

Fact = Mapping[str, FactValue]

TEXT, NUMBER, FLAG, DAY = PropType.TEXT, PropType.NUMBER, PropType.FLAG, PropType.DAY
#: Every fact names the row it came from: ``table:key|key``.
ROW = {"row": TEXT}


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


class Derivation(Protocol):
    """Rows and parameters to facts."""

    def __call__(self, data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
        """Yield one mapping a fact: properties and ``on``."""
        ...


#: Signatures by name, for the checker of the rule base.
CATALOGUE: dict[str, FactType] = {}
DERIVATIONS: dict[str, Derivation] = {}


def derivation(
    name: str,
    properties: Mapping[str, PropType],
    parameters: tuple[str, ...] = (),
    *,
    optional: tuple[str, ...] = (),
) -> Callable[[Derivation], Derivation]:
    """Register a derivation with the properties of its facts and the parameters it must be given."""

    def register(function: Derivation) -> Derivation:
        CATALOGUE[name] = FactType(name, {**properties, **ROW}, parameters, optional)
        DERIVATIONS[name] = function
        return function

    return register


def row_of(table: str, *key: object) -> str:
    """The name of a row, as the trail and the screens link it."""
    return f"{table}:{'|'.join(str(part) for part in key)}"


def distinct(*accounts: str | None) -> int:
    """How many different persons are given."""
    return len({a for a in accounts if a})


def repeated(*accounts: str | None) -> int:
    """How many of the given persons are given again."""
    given = [a for a in accounts if a]
    return len(given) - len(set(given))


def days_between(first: date | None, last: date | None) -> int | None:
    """Calendar days from the first to the last day; unknown if either is."""
    return None if first is None or last is None else (last - first).days
