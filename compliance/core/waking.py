"""The first day on which a judgement can change by time alone: until then nothing but the calendar has to be moved.

Every way in which a day enters a judgement is listed here. What is not known to rest is taken to change tomorrow; and
however quiet a plant is, it is judged anew after so many days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from compliance.core.facts import IN_TIME
from compliance.core.facts.catalogue import Params
from compliance.core.findings import Ground
from compliance.core.looking import Accepted, own_values
from compliance.core.model import Instrument, PlantData, turning
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.rulebase.calendar import Period, add_days
from compliance.rulebase.evaluator import KIND, ON, Fact, JudgingRule, evaluate, judging_rule
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import FactRule, Finding, Op, Pattern, PropOf, Term

#: The longest rest: then everything is judged anew, whether or not anything is known to have changed.
LONGEST = timedelta(weeks=4)
_ONE_DAY = timedelta(days=1)
#: Properties that count days, by kind of fact: each with the property it counts from.
_Ages = Mapping[str, Mapping[str, str]]


def wakes_on(plant: Plant, tables: Tables, accepted: Accepted, ground: Ground, rulebase: RuleBase, until: date) -> date:
    """The first day after the one judged on which a finding, or an occurrence beyond its states, may change.

    ``until``: the day to which occurrences were made.
    """
    day = ground.data.as_of
    days: tuple[date, ...] = (
        *_of_wordings(rulebase),
        *_of_plant(plant, day),
        *(turn for kind, rows in tables.items() for turn in turning(kind.SHEET, rows, day)),
        *(settled for _, settled in accepted.values()),
        *_of_instruments(ground.data),
        *_of_early(ground, until),
        *_of_facts(ground, rulebase),
    )
    return min(turn for turn in (*days, day + LONGEST) if turn > day)


def _of_wordings(rulebase: RuleBase) -> Iterator[date]:
    for rule in rulebase.rules:
        yield rule.in_force.start
        if rule.in_force.until is not None:
            yield add_days(rule.in_force.until, 1)


def _of_plant(plant: Plant, day: date) -> Iterator[date]:
    """While its data reach beyond the day, every day shows more of them; the backlog settles after onboarding."""
    if plant.data_end > day or plant.onboarded >= day:
        yield day + _ONE_DAY


def _of_instruments(data: PlantData) -> Iterator[date]:
    """Days from which an instrument serves, stops, or serves again."""
    for row in data.rows(Instrument):
        yield from (each for each in (row.commissioned, row.stopped_from) if each is not None)
        if row.stopped_until is not None:
            yield add_days(row.stopped_until, 1)


def _of_early(ground: Ground, until: date) -> Iterator[date]:
    """Evidence for a period that is not made yet: it must be seen when the period comes."""
    duties = [key.split("/") for key in (*ground.data.accepted, *ground.data.waived)]
    periods = [period for _, _, period in ground.early] + [parts[-1] for parts in duties]
    if any(_begins(period) > until for period in set(periods)):
        yield ground.data.as_of + _ONE_DAY


def _begins(period: str) -> date:
    try:
        return Period.parse(period).start
    except ValueError:
        return date.min  # not a calendar period: it is made from a record, never by the calendar


# --- facts that age --------------------------------------------------------------------------------------------------


def _of_facts(ground: Ground, rulebase: RuleBase) -> Iterator[date]:
    """Facts that saw the day: what their derivations say of time, and where a rule's limit on an age is met."""
    day = ground.data.as_of
    rules = rulebase.of(FactRule)
    names = {rule.id: rule.derivation for rule in rules}
    known = {kind: IN_TIME[names[kind]] for kind in ground.dated if names[kind] in IN_TIME}
    if len(known) < len(ground.dated):
        yield day + _ONE_DAY
    for rule in (rule for rule in rules if rule.id in known):
        yield from known[rule.id].turns(ground.data, Params(rule, rulebase, own_values(ground.data)))
    yield from _flips(ground, {kind: in_time.ages for kind, in_time in known.items()})


def _flips(ground: Ground, ages: _Ages) -> Iterator[date]:
    """The days on which a fact that a rule finds but for its age comes to be old enough, or ceases to be."""
    day = ground.data.as_of
    rules = {judging_rule(rule).name: rule for rule in ground.rules if any(p.fact in ages for p in rule.when)}
    if any(_shows(rule, ages) for rule in rules.values()):
        yield day + _ONE_DAY
        return
    kinds = {pattern.fact for rule in rules.values() for pattern in rule.when}
    facts = [fact for fact in ground.facts if fact[KIND] in kinds]
    for found in evaluate([_ageless(rule, ages) for rule in rules.values() if _limits(rule, ages)], facts):
        for pattern, number in zip(rules[found.rule].when, found.facts, strict=True):
            yield from _of_pattern(pattern, facts[number], ages, day)


def _of_pattern(pattern: Pattern, fact: Fact, ages: _Ages, day: date) -> Iterator[date]:
    for term in pattern.terms:
        base = fact.get(ages[pattern.fact][term.prop]) if _is_limit(pattern, term, ages) else None
        if isinstance(base, date) and fact.get(term.prop) == (day - base).days and isinstance(term.value, int):
            yield from (add_days(base, days) for days in _turns(term.op, term.value))


def _turns(op: Op, limit: int) -> tuple[int, ...]:
    """The ages at which a comparison with a limit changes its answer."""
    match op:
        case Op.GT | Op.LTE:
            return (limit + 1,)
        case Op.LT | Op.GTE:
            return (limit,)
        case Op.GIVEN:
            return ()
    return (limit, limit + 1)


def _is_limit(pattern: Pattern, term: Term, ages: _Ages) -> bool:
    return term.prop in ages.get(pattern.fact, ()) and not isinstance(term.value, PropOf)


def _limits(rule: Finding, ages: _Ages) -> bool:
    return any(_is_limit(pattern, term, ages) for pattern in rule.when for term in pattern.terms)


def _ageless(rule: Finding, ages: _Ages) -> JudgingRule:
    """The rule without its limits on ages."""
    patterns = (
        replace(pattern, terms=tuple(term for term in pattern.terms if not _is_limit(pattern, term, ages)))
        for pattern in rule.when
    )
    return replace(judging_rule(rule), patterns=tuple(patterns))


def _shows(rule: Finding, ages: _Ages) -> bool:
    """Whether a rule says an age, or the day of judging, or compares it with anything but a limit."""
    first = rule.when[0].fact
    moving = {ON, *ages[first]} if first in ages else set[str]()
    said = {rule.subject, rule.period, rule.note}
    if said & moving or any(f"{{{name}}}" in text for name in moving for text in (rule.message.zh, rule.message.en)):
        return True
    return any(_compares(rule, pattern, term, ages) for pattern in rule.when for term in pattern.terms)


def _compares(rule: Finding, pattern: Pattern, term: Term, ages: _Ages) -> bool:
    if pattern.fact in ages and term.prop == ON:
        return True
    if not isinstance(term.value, PropOf):
        return False
    kinds = {each.alias: each.fact for each in rule.when}
    sides = (pattern.fact, term.prop), (kinds[term.value.alias or pattern.alias], term.value.prop)
    return any(kind in ages and (prop == ON or prop in ages[kind]) for kind, prop in sides)
