"""Findings: what is wrong at a plant as of a day, concluded by both engines from the same facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from compliance.core.applicability import binding
from compliance.core.facts import decimal_of, fact_types, facts_of
from compliance.core.judged import Found, Occurrence
from compliance.core.judgement import Engine, judge
from compliance.core.model import PlantData
from compliance.core.obligations import occurrences_of
from compliance.kernel.text import Text
from compliance.rulebase.evaluator import Fact, FactValue, judging_rule
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Finding, Ticket

#: Length of the month in an ISO day or month.
_MONTH = len("2026-01")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a judgement rests on. ``early``: evidence of periods not made yet; ``dated``: kinds that saw the day."""

    data: PlantData
    rules: tuple[Finding, ...]
    facts: Sequence[Fact]
    early: Sequence[tuple[str, str, str]]
    dated: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything concluded about a plant as of a day. ``facts_judged`` counts the facts both engines saw."""

    occurrences: tuple[Occurrence, ...]
    findings: tuple[Found, ...]
    facts_judged: int
    single_engine: bool
    ground: Ground = field(repr=False, compare=False)


def judge_plant(
    data: PlantData,
    rulebase: RuleBase,
    engines: Sequence[Engine],
    plant_values: Mapping[str, Decimal],
    until: date | None = None,
) -> Judged:
    """Judge a plant as of the day of its data; occurrences reach to ``until`` (at least to that day).

    Raises :class:`compliance.kernel.errors.CannotDecide` if the engines differ or fail: then nothing is known.
    """
    early, dated = list[tuple[str, str, str]](), set[str]()
    occurrences = occurrences_of(data, rulebase, plant_values, until or data.as_of, early)
    binds = binding(data, rulebase)
    rules = {judging_rule(f).name: f for f in rulebase.of(Finding) if binds(f)}
    kinds = frozenset(pattern.fact for f in rules.values() for pattern in f.when)
    facts = facts_of(data, rulebase, occurrences, plant_values, kinds, dated)
    judgement = judge([judging_rule(f) for f in rules.values()], facts, fact_types(rulebase), engines)
    found = _once(
        replace(found_by(rules[c.rule], tuple(facts[n] for n in c.facts)), ruleset=rulebase.digest)
        for c in judgement.conclusions
    )
    ground = Ground(data, tuple(rules.values()), facts, early, frozenset(dated))
    return Judged(tuple(occurrences), tuple(found), len(facts), judgement.single, ground)


def found_by(rule: Finding, used: tuple[Mapping[str, FactValue], ...]) -> Found:
    """What a wording says of the facts on which it fired, one for each pattern."""
    first = used[0]
    subject, period = (_shown(first.get(name)) if name else "" for name in (rule.subject, rule.period))
    return Found(
        situation=rule.situation,
        rule=rule.id,
        title=rule.title,
        clause=rule.source.clause,
        strength=rule.source.strength,
        subject=subject,
        period=period,
        note=_shown(first.get(rule.note)) if rule.note else "",
        category=rule.then.category,
        grade=rule.then.grade,
        message=_message(rule.message, first),
        remedy=rule.remedy,
        facts=used,
        ticket=_ticket(rule, subject, period),
        rule_digest=rule.digest,
    )


def _message(message: Text, fact: Mapping[str, FactValue]) -> Text:
    return message.fill(**{name: decimal_of(name, value) or _shown(value) or "—" for name, value in fact.items()})


def _shown(value: FactValue) -> str:
    match value:
        case None:
            return ""
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _ticket(rule: Finding, subject: str, period: str) -> str:
    """The key of the nonconformity that gathers findings of a rule."""
    match rule.ticket:
        case Ticket.SUBJECT:
            return f"{rule.id}/{subject}"
        case Ticket.MONTH:
            return f"{rule.id}/{period[:_MONTH]}"
        case Ticket.EACH:
            return f"{rule.id}/{subject}/{period}"


def _once(found: Iterable[Found]) -> list[Found]:
    """Each situation, subject and period once, in their order; of several rules the first by id stands."""
    by_key: dict[tuple[str, str, str], Found] = {}
    for one in sorted(found, key=lambda f: (f.key, f.rule)):
        by_key.setdefault(one.key, one)
    return list(by_key.values())
