"""What the plant gives to a figure of one object and period: factors, accepted reports, the fuel ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Protocol

from compliance.core.facts import facts_of
from compliance.core.figures.quantities import Quantities, quantities
from compliance.core.model import AlternativeFuel, PlantData, PlantFactor, ProductionLine, TestReport
from compliance.core.model.base import Row
from compliance.kernel.quantity import MICRO
from compliance.rulebase.check_figures import ITEM_CLASS, PARAMETER
from compliance.rulebase.evaluator import evaluate, judging_rule
from compliance.rulebase.figuring import Amount, Missing, Used
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import ByFactor, ByLedger, ByRatio, ByReport, Finding, Times


class Others(Protocol):
    """Looks other figures up."""

    def __call__(self, rule_id: str, line: str | None, period: str) -> Decimal:
        """A figure as it is shown; raises :class:`Missing`."""
        ...


class PlantInputs:
    """Everything that figures read of a plant, indexed once."""

    def __init__(self, data: PlantData, rulebase: RuleBase, plant_values: Mapping[str, Decimal]) -> None:
        """Take the rows as of a day and the plant's factors."""
        self.data, self.rulebase, self._values = data, rulebase, plant_values
        self._origins = {row.code: row.origin or "" for row in data.rows(PlantFactor)}
        self._clinker = {row.line: row.clinker_class or "" for row in data.rows(ProductionLine)}
        self._ledger = {(row.month, row.line, row.fuel): row for row in data.rows(AlternativeFuel)}
        self._rejected: dict[tuple[str, ...], frozenset[str]] = {}

    @cached_property
    def lines(self) -> frozenset[str]:
        """The production lines."""
        return frozenset(self._clinker)

    @cached_property
    def quantities(self) -> Quantities:
        """The quantities of all months."""
        return quantities(self.data)

    def word(self, vocabulary: str, word_id: str) -> str:
        """The plant's word of a vocabulary's id."""
        found = self.rulebase.word(vocabulary, word_id, self.data.as_of)
        return found.zh if found else word_id

    def factor(self, code: str) -> Used:
        """A factor of the plant, else the one of the rules; raises :class:`Missing`."""
        if code in self._values:
            return Used(code, Fraction(self._values[code]), self._origins.get(code, ""))
        rule = self.rulebase.factor(code, self.data.as_of)
        if rule is None:
            raise Missing(code)
        return Used(code, Fraction(rule.value), rule.source.document)

    def factors(self) -> dict[str, Used]:
        """Every factor of the plant."""
        return {code: self.factor(code) for code in self._values}

    def times(self, what: Times, amount: Amount) -> Sequence[Used]:
        """What a quantity is multiplied by."""
        match what:
            case ByFactor(code):
                return (self.factor(code.format(item=amount.item, clinker=self._clinker.get(amount.line, ""))),)
            case ByRatio(over, under):
                return (Used(f"{over}/{under}", Fraction(over, under), ""),)
            case ByReport():
                report = self._accepted(what, amount)
                if report is not None and report.result is not None:
                    return (Used(report.parameter or "", Fraction(report.result, MICRO), report.number),)
            case ByLedger(column):
                row = self._ledger.get((amount.month, amount.line, amount.item))
                value = _of(row, column)
                if row is not None and value is not None:
                    return (Used(column, value, "/".join(map(str, row.key()))),)
        return tuple(self.factor(code) for code in what.otherwise)

    def _accepted(self, what: ByReport, amount: Amount) -> TestReport | None:
        """The month's report of the parameter, if it is on the basis and nothing was found against it."""
        found = self._reports.get((amount.line, amount.month, self.word(PARAMETER, what.parameter)), ())
        against = self._found_against(what.unless) if found else frozenset()
        # The newest number that is accepted: one that is not never displaces another.
        return next((r for r in reversed(found) if r.basis == what.basis and r.number not in against), None)

    @cached_property
    def _reports(self) -> Mapping[tuple[str | None, str | None, str | None], Sequence[TestReport]]:
        found: dict[tuple[str | None, str | None, str | None], list[TestReport]] = {}
        for row in self.data.rows(TestReport):
            found.setdefault((row.line, row.month, row.parameter), []).append(row)
        return found

    def _found_against(self, findings: tuple[str, ...]) -> frozenset[str]:
        """The subjects of findings, judged by their own rules: which reports do not count."""
        if findings not in self._rejected:
            rules = {judging_rule(f).name: f for name in findings for f in self.rulebase.wordings(Finding, name)}
            kinds = frozenset(pattern.fact for rule in rules.values() for pattern in rule.when)
            facts = facts_of(self.data, self.rulebase, (), self._values, kinds)
            concluded = evaluate([judging_rule(rule) for rule in rules.values()], facts)
            subjects = (facts[c.facts[0]].get(rules[c.rule].subject) for c in concluded)
            self._rejected[findings] = frozenset(str(subject) for subject in subjects)
        return self._rejected[findings]


@dataclass(frozen=True)
class PeriodInputs:
    """The inputs of one object (None: the whole plant) and period."""

    plant: PlantInputs
    line: str | None
    months: tuple[str, ...]
    period: str
    others: Others

    def amounts(self, item_class: str, *, by_line: bool) -> Iterable[Amount]:
        """The quantities of a class, month by month; ``by_line``: those of the lines alone."""
        lines = self.plant.lines if by_line else None
        only = lines if self.line is None else frozenset({self.line})
        return self.plant.quantities.amounts(self.plant.word(ITEM_CLASS, item_class), only, self.months)

    def times(self, what: Times, amount: Amount) -> Sequence[Used]:
        """What a quantity is multiplied by."""
        return self.plant.times(what, amount)

    def figure(self, rule_id: str) -> Decimal:
        """Another figure of this object and period."""
        return self.others(rule_id, self.line, self.period)


def _of(row: Row | None, column: str) -> Fraction | None:
    value = getattr(row, column, None)
    return Fraction(value, MICRO) if isinstance(value, int) else None
