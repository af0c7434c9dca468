"""The plain evaluator: which facts fire which findings, decided by comparisons alone.

It is one of two engines that must agree, so it shares nothing with the other but the facts and the rules. Meaning of
the language: every pattern of a rule needs a fact of its own (no fact stands for two patterns of one conclusion); a
missing value satisfies only ``given = false``; values of different types are never compared but refused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from compliance.rulebase.schema import Finding, Op, Pattern, PropOf, Scalar, Term

FactValue = str | int | bool | date | None
#: ``kind`` (id of a fact rule), ``on`` (the day that decides which wording applies), and properties.
Fact = Mapping[str, FactValue]

KIND: Final = "kind"
ON: Final = "on"


@dataclass(frozen=True, slots=True)
class JudgingRule:
    """What the engines need of a finding rule; ``start``..``until`` bound ``on`` of the first pattern's fact."""

    name: str
    patterns: tuple[Pattern, ...]
    start: date
    until: date | None = None


class Conclusion(NamedTuple):
    """A rule fired: ``facts`` holds one index into the list of facts for each pattern."""

    rule: str
    facts: tuple[int, ...]


def judging_rule(finding: Finding) -> JudgingRule:
    """Return what is judged of a finding; its name tells the wordings of one id apart."""
    in_force = finding.in_force
    name = f"{finding.id}@{in_force.start.isoformat()}"
    return JudgingRule(name, finding.when, in_force.start, in_force.until)


def evaluate(rules: Sequence[JudgingRule], facts: Sequence[Fact]) -> list[Conclusion]:
    """Return every conclusion, sorted; TypeError names rule and property where types clash."""
    numbered = _by_kind(facts)
    return sorted(found for rule in rules for found in _fire(_plan(rule), numbered))


# --- rules compiled once an evaluation -------------------------------------------------------------------------------

_Test = Callable[[Fact], bool]
_Numbered = tuple[int, Fact]
_COMPARE: Final[Mapping[Op, Callable[[Any, Any], bool]]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LTE: operator.le,
    Op.GT: operator.gt,
    Op.GTE: operator.ge,
}
_ORDERED: Final = (int, date)


@dataclass(frozen=True, slots=True)
class _Join:
    """A comparison of a property of one pattern's fact with one of an earlier pattern's fact."""

    own: str
    op: Op
    earlier: int
    prop: str


@dataclass(frozen=True, slots=True)
class _Stage:
    """One pattern: its kind, the tests of the fact alone, equalities and other comparisons with earlier facts."""

    kind: str
    tests: tuple[_Test, ...]
    equal: tuple[_Join, ...]
    other: tuple[_Join, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    name: str
    stages: tuple[_Stage, ...]


#: The same comparison read from its other side.
_TURNED: Final[Mapping[Op, Op]] = {
    Op.EQ: Op.EQ,
    Op.NE: Op.NE,
    Op.LT: Op.GT,
    Op.GT: Op.LT,
    Op.LTE: Op.GTE,
    Op.GTE: Op.LTE,
}


def _plan(rule: JudgingRule) -> _Plan:
    places = {pattern.alias: place for place, pattern in enumerate(rule.patterns)}
    if not rule.patterns or len(places) != len(rule.patterns):
        raise TypeError(f"{rule.name}: every rule needs patterns with aliases of their own")
    tests: list[list[_Test]] = [[] for _ in rule.patterns]
    joins: list[list[_Join]] = [[] for _ in rule.patterns]
    for place, pattern in enumerate(rule.patterns):
        for term in pattern.terms:
            value = term.value
            if not isinstance(value, PropOf) or value.alias in {"", pattern.alias}:
                tests[place].append(_test(rule.name, term))
                continue
            if value.alias not in places or term.op is Op.GIVEN:
                raise TypeError(f"{rule.name}: {pattern.alias}.{term.prop} is compared with {value.alias!r}")
            other = places[value.alias]
            if other < place:
                joins[place].append(_Join(term.prop, term.op, other, value.prop))
            else:  # decided as soon as the later fact is known
                joins[other].append(_Join(value.prop, _TURNED[term.op], place, term.prop))
    tests[0].append(_in_force(rule))
    return _Plan(rule.name, tuple(map(_stage, rule.patterns, tests, joins)))


def _stage(pattern: Pattern, tests: list[_Test], joins: list[_Join]) -> _Stage:
    equal = tuple(join for join in joins if join.op is Op.EQ)
    return _Stage(pattern.fact, tuple(tests), equal, tuple(join for join in joins if join.op is not Op.EQ))


def _in_force(rule: JudgingRule) -> _Test:
    start, until = rule.start, rule.until

    def test(fact: Fact) -> bool:
        on = fact.get(ON)
        if on is None:
            return False
        if type(on) is not date:
            raise _clash(rule.name, ON, on, start)
        return start <= on and (until is None or on <= until)

    return test


def _test(rule: str, term: Term) -> _Test:
    if isinstance(term.value, PropOf):
        return _same_fact(rule, term.prop, term.op, term.value.prop)
    if term.op is Op.GIVEN:
        return _given(rule, term.prop, term.value)
    return _constant(rule, term.prop, term.op, term.value)


def _given(rule: str, prop: str, wanted: Scalar | date) -> _Test:
    if type(wanted) is not bool:
        raise _clash(rule, prop, wanted, True)
    if wanted:
        return lambda fact: fact.get(prop) is not None
    return lambda fact: fact.get(prop) is None


def _constant(rule: str, prop: str, op: Op, constant: Scalar | date) -> _Test:
    expected, compare = type(constant), _COMPARE[op]
    _check_order(rule, prop, op, constant)

    def test(fact: Fact) -> bool:
        value = fact.get(prop)
        if value is None:
            return False
        if type(value) is not expected:
            raise _clash(rule, prop, value, constant)
        return compare(value, constant)

    return test


def _same_fact(rule: str, prop: str, op: Op, other: str) -> _Test:
    if op is Op.GIVEN:
        raise TypeError(f"{rule}: {prop} given takes true or false")
    return lambda fact: _holds(rule, prop, op, fact.get(prop), fact.get(other))


def _holds(rule: str, prop: str, op: Op, left: FactValue, right: FactValue) -> bool:
    if left is None or right is None:
        return False
    if type(left) is not type(right):
        raise _clash(rule, prop, left, right)
    _check_order(rule, prop, op, left)
    return _COMPARE[op](left, right)


def _check_order(rule: str, prop: str, op: Op, value: FactValue) -> None:
    """Texts and flags have no order that a clause could mean."""
    if op not in {Op.EQ, Op.NE} and type(value) not in _ORDERED:
        raise TypeError(f"{rule}: {prop} {op} {value!r}: {type(value).__name__} has no order")


def _clash(rule: str, prop: str, left: FactValue, right: FactValue) -> TypeError:
    return TypeError(
        f"{rule}: {prop} is {type(left).__name__} {left!r}, compared with {type(right).__name__} {right!r}"
    )


# --- facts go through ------------------------------------------------------------------------------------------------


def _by_kind(facts: Sequence[Fact]) -> dict[object, list[_Numbered]]:
    kinds: dict[object, list[_Numbered]] = {}
    for number, fact in enumerate(facts):
        kinds.setdefault(fact.get(KIND), []).append((number, fact))
    return kinds


def _fire(plan: _Plan, kinds: Mapping[object, list[_Numbered]]) -> Iterator[Conclusion]:
    name, stages = plan.name, plan.stages
    chosen: list[list[_Numbered]] = []
    for stage in stages:
        left = kinds.get(stage.kind, [])
        for test in stage.tests:
            left = [pair for pair in left if test(pair[1])]
        if not left:
            return
        chosen.append(left)
    if len(stages) == 1:
        yield from (Conclusion(name, (number,)) for number, _ in chosen[0])
        return
    later = [_Candidates(name, stage, pairs) for stage, pairs in zip(stages[1:], chosen[1:], strict=True)]
    for pair in chosen[0]:
        yield from _join(name, (pair,), later)


def _join(name: str, bound: tuple[_Numbered, ...], later: list[_Candidates]) -> Iterator[Conclusion]:
    if len(bound) > len(later):
        yield Conclusion(name, tuple(number for number, _ in bound))
        return
    taken = {number for number, _ in bound}
    for pair in later[len(bound) - 1].matching(bound):
        if pair[0] not in taken:
            yield from _join(name, (*bound, pair), later)


class _Candidates:
    """Facts that a later pattern may take, found by the values of its equalities."""

    def __init__(self, rule: str, stage: _Stage, pairs: list[_Numbered]) -> None:
        self._rule, self._stage = rule, stage
        self._types: list[set[type]] = [set() for _ in stage.equal]
        self._found: dict[tuple[FactValue, ...], list[_Numbered]] = {}
        for pair in pairs:
            key = tuple(pair[1].get(join.own) for join in stage.equal)
            if None in key:
                continue
            for types, value in zip(self._types, key, strict=True):
                types.add(type(value))
            self._found.setdefault(key, []).append(pair)

    def matching(self, bound: tuple[_Numbered, ...]) -> Iterator[_Numbered]:
        """Give the candidates that go with the facts chosen so far."""
        key = tuple(bound[join.earlier][1].get(join.prop) for join in self._stage.equal)
        if None in key or not self._found:
            return
        for join, types, value in zip(self._stage.equal, self._types, key, strict=True):
            if types != {type(value)}:  # also keeps True from meeting 1 in the table
                raise TypeError(f"{self._rule}: {join.own} and {join.prop} are of different types")
        for pair in self._found.get(key, ()):
            if all(self._compared(join, pair[1], bound) for join in self._stage.other):
                yield pair

    def _compared(self, join: _Join, fact: Fact, bound: tuple[_Numbered, ...]) -> bool:
        other = bound[join.earlier][1].get(join.prop)
        return _holds(self._rule, join.own, join.op, fact.get(join.own), other)
