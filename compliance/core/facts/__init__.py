"""Rows to typed facts: the closed catalogue of named, pure derivations, and all facts of a rule base."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

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
from compliance.core.facts.catalogue import CATALOGUE, DERIVATIONS, Params, decimal_of
from compliance.core.facts.occurrences import OCCURRENCE, occurrence_facts
from compliance.core.judged import Occurrence
from compliance.core.model import PlantData
from compliance.rulebase.evaluator import FactValue
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import FactRule, PropType

__all__ = ["CATALOGUE", "decimal_of", "fact_types", "facts_of"]

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
) -> list[dict[str, FactValue]]:
    """Derive every fact of the rule base; a wording yields only the facts of the days on which it is in force."""
    occurrences = list(occurrences)
    facts: list[dict[str, FactValue]] = []
    for rule in rulebase.of(FactRule):
        if kinds is None or rule.id in kinds:
            facts.extend(_of_rule(rule, data, occurrences, Params(rule, rulebase, plant_values)))
    return facts


def _of_rule(
    rule: FactRule, data: PlantData, occurrences: list[Occurrence], params: Params
) -> Iterator[dict[str, FactValue]]:
    if rule.derivation == OCCURRENCE:
        derived = occurrence_facts(occurrences, data.as_of)
    else:
        derived = DERIVATIONS[rule.derivation](data, params)
    start, until = rule.in_force.start, rule.in_force.until
    for fact in derived:
        on = fact["on"]
        if start <= on and (until is None or on <= until):  # type: ignore[operator] # `on` is always a day
            fact["kind"] = rule.id
            yield fact
