"""Rows to typed facts: the closed catalogue of named, pure derivations, and all facts of a rule base."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from compliance.core.facts import (
    accounts,
    assets,
    audits,
    boundary,
    cash,
    completeness,
    crosschecks,
    deeds,
    documents,
    filings,
    laboratories,
    nonconformities,
    readings,
    reductions,
    samples,
    substitutes,
    trades,
)
from compliance.core.facts.catalogue import CATALOGUE, DERIVATIONS, IN_TIME, Params, decimal_of
from compliance.core.facts.occurrences import OCCURRENCE, occurrence_facts
from compliance.core.judged import Occurrence
from compliance.core.model import PlantData
from compliance.rulebase.evaluator import FactValue
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import FactRule, PropType

__all__ = ["CATALOGUE", "IN_TIME", "decimal_of", "fact_types", "facts_of"]

#: Importing the modules registers their derivations.
_REGISTERED = (
    *(accounts, assets, audits, boundary, cash, completeness, crosschecks, documents, filings, laboratories),
    *(deeds, nonconformities, readings, reductions, samples, substitutes, trades),
)


def fact_types(rulebase: RuleBase) -> dict[str, Mapping[str, PropType]]:
    """The typed properties of every kind of fact in the rule base."""
    return {rule.id: CATALOGUE[rule.derivation].properties for rule in rulebase.of(FactRule)}


def facts_of(
    data: PlantData,
    rulebase: RuleBase,
    occurrences: Iterable[Occurrence],
    plant_values: Mapping[str, Decimal],
    kinds: frozenset[str] | None = None,
    dated: set[str] | None = None,
) -> list[dict[str, FactValue]]:
    """Derive every fact of the rule base; a wording yields only the facts of the days on which it is in force.

    ``dated`` is told the fact rules that looked at the day of judging.
    """
    occurrences = list(occurrences)
    facts: list[dict[str, FactValue]] = []
    for rule in rulebase.of(FactRule):
        if kinds is None or rule.id in kinds:
            looked = Looked(data)
            facts.extend(_of_rule(rule, looked, occurrences, Params(rule, rulebase, plant_values)))
            if dated is not None and looked.at_day:
                dated.add(rule.id)
    return facts


class Looked(PlantData):
    """The plant's rows for one derivation; it notes whether the day of judging was looked at."""

    def __init__(self, data: PlantData) -> None:
        """Show the same rows."""
        vars(self).update(vars(data), at_day=False)

    if not TYPE_CHECKING:

        @property
        def as_of(self) -> date:
            """The day of judging."""
            vars(self)["at_day"] = True
            return vars(self)["as_of"]

    @property
    def at_day(self) -> bool:
        """Whether anything asked for the day."""
        return bool(vars(self)["at_day"])


def _of_rule(
    rule: FactRule, data: PlantData, occurrences: list[Occurrence], params: Params
) -> list[dict[str, FactValue]]:
    if rule.derivation == OCCURRENCE:
        derived = occurrence_facts(occurrences, data.as_of)
    else:
        derived = DERIVATIONS[rule.derivation](data, params)
    kind, start, until = rule.id, rule.in_force.start, rule.in_force.until or date.max
    facts = [fact for fact in derived if start <= fact["on"] <= until]  # type: ignore[operator] # `on` is always a day
    for fact in facts:
        fact["kind"] = kind
    return facts
