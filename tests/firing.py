"""Facts that fire a finding rule, and facts that miss it by exactly one field, at random.

What fires is decided here a third time, by brute force over the terms, so that neither engine is asked about itself.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from compliance.rulebase.evaluator import JudgingRule
from compliance.rulebase.schema import Op, PropOf, PropType, Term

Facts = list[dict[str, Any]]
Types = Mapping[str, Mapping[str, PropType]]
WORDS = ("甲", "乙", "其他", "A-1", "")
NUMBERS = (0, 1, -1, 2, 7, 1_000_000, 10**12)


@dataclass(frozen=True)
class Situation:
    """One fact for each pattern; ``fires`` as brute force says; ``changed`` names what made it miss."""

    facts: Facts
    fires: bool
    changed: tuple[int, str] | None = None


def situations(rule: JudgingRule, types: Types, seed: int, count: int = 100) -> list[Situation]:
    """Give ``count`` situations that fire and ``count`` that miss by one field, each term missed in turn."""
    chance = random.Random(f"{rule.name} {seed}")
    firing = [Situation(_solved(rule, types, chance), fires=True) for _ in range(count)]
    terms = itertools.cycle(_terms(rule))
    missing: list[Situation] = []
    for tried in range(count * 50):
        if len(missing) == count:
            return [*firing, *missing]
        near = _missed(rule, types, firing[tried % count].facts, next(terms), chance)
        missing += [near] if near else []
    raise AssertionError(f"{rule.name}: only {len(missing)} ways to miss it by one field")


def fires(rule: JudgingRule, facts: Sequence[Mapping[str, Any]]) -> bool:
    """Whether some choice of different facts satisfies every term."""
    return any(holds(rule, chosen) for chosen in itertools.permutations(facts, len(rule.patterns)))


def holds(rule: JudgingRule, facts: Sequence[Mapping[str, Any]]) -> bool:
    """Whether these facts, in the order of the patterns, satisfy kinds and terms."""
    kinds = all(fact["kind"] == each.fact for fact, each in zip(facts, rule.patterns, strict=True))
    return kinds and not any(True for _ in _broken(rule, facts))


# --- terms -----------------------------------------------------------------------------------------------------------

_Placed = tuple[int, Term]


def _terms(rule: JudgingRule) -> list[_Placed]:
    placed = [(place, term) for place, each in enumerate(rule.patterns) for term in each.terms]
    placed.append((0, Term("on", Op.GTE, rule.start)))
    if rule.until is not None:
        placed.append((0, Term("on", Op.LTE, rule.until)))
    return placed


def _broken(rule: JudgingRule, facts: Sequence[Mapping[str, Any]]) -> Iterator[_Placed]:
    for place, term in _terms(rule):
        other = _right(rule, facts, place, term)
        if not _true(term.op, facts[place].get(term.prop), other):
            yield place, term


def _right(rule: JudgingRule, facts: Sequence[Mapping[str, Any]], place: int, term: Term) -> Any:
    """The value on the right of a term."""
    if isinstance(term.value, PropOf):
        return facts[_place(rule, place, term.value)].get(term.value.prop)
    return term.value


def _place(rule: JudgingRule, place: int, other: PropOf) -> int:
    return [each.alias for each in rule.patterns].index(other.alias) if other.alias else place


_OPERATORS: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: lambda left, right: left == right,
    Op.NE: lambda left, right: left != right,
    Op.LT: lambda left, right: left < right,
    Op.LTE: lambda left, right: not left > right,
    Op.GT: lambda left, right: left > right,
    Op.GTE: lambda left, right: not left < right,
}


def _true(op: Op, left: Any, right: Any) -> bool:
    if op is Op.GIVEN:
        return bool(right) is (left is not None)
    if left is None or right is None:
        return False
    assert type(left) is type(right), (op, left, right)
    return _OPERATORS[op](left, right)


# --- facts -----------------------------------------------------------------------------------------------------------


def _solved(rule: JudgingRule, types: Types, chance: random.Random) -> Facts:
    for _ in range(200):
        facts = [_any_fact(rule, each.fact, types, chance) for each in rule.patterns]
        for _ in range(100):
            broken = list(_broken(rule, facts))
            if not broken:
                return facts
            _mend(rule, facts, *chance.choice(broken), types, chance)
    raise AssertionError(f"{rule.name}: found no facts that fire it")


def _any_fact(rule: JudgingRule, kind: str, types: Types, chance: random.Random) -> dict[str, Any]:
    fact: dict[str, Any] = {"kind": kind, "on": rule.start + timedelta(days=chance.randrange(1000))}
    for prop, of_type in types[kind].items():
        fact[prop] = None if chance.random() < 0.15 else _any_value(of_type, fact["on"], chance)
    return fact


def _any_value(of_type: PropType, near: date, chance: random.Random) -> Any:
    match of_type:
        case PropType.TEXT:
            return chance.choice(WORDS)
        case PropType.NUMBER:
            return chance.choice(NUMBERS)
        case PropType.FLAG:
            return chance.random() < 0.5
        case PropType.DAY:
            return near + timedelta(days=chance.randrange(-40, 41))


def _mend(rule: JudgingRule, facts: Facts, place: int, term: Term, types: Types, chance: random.Random) -> None:
    """Give one side of a term a value that may make it true."""
    if isinstance(term.value, PropOf) and chance.random() < 0.5:
        there, prop = _place(rule, place, term.value), term.value.prop
        other = facts[place].get(term.prop)
    else:
        there, prop = place, term.prop
        other = _right(rule, facts, place, term)
    facts[there][prop] = chance.choice(_candidates(facts[there], prop, other, types, chance))


def _candidates(fact: Mapping[str, Any], prop: str, other: Any, types: Types, chance: random.Random) -> list[Any]:
    of_type = PropType.DAY if prop == "on" else types[fact["kind"]][prop]
    if of_type is PropType.FLAG:
        return [True, False, None]
    found = [_any_value(of_type, fact["on"], chance), *([] if prop == "on" else [None])]
    if isinstance(other, bool) or other is None:  # `given`, or nothing on the other side
        return found
    match of_type:
        case PropType.NUMBER:
            found += [other, other - 1, other + 1, other + chance.randrange(-(10**6), 10**6)]
        case PropType.DAY:
            found += [other + timedelta(days=days) for days in (0, -1, 1, chance.randrange(-400, 400))]
        case _:
            found.append(other)
    return found


def _missed(rule: JudgingRule, types: Types, facts: Facts, placed: _Placed, chance: random.Random) -> Situation | None:
    """Change one field of a term so that the rule no longer fires."""
    place, term = placed
    other = _right(rule, facts, place, term)
    values = _candidates(facts[place], term.prop, other, types, chance)
    for value in chance.sample(values, len(values)):
        changed = [dict(fact) for fact in facts]
        changed[place][term.prop] = value
        if not fires(rule, changed):
            return Situation(changed, fires=False, changed=(place, term.prop))
    return None
