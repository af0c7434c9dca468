"""Rules and facts in the one form of durable_rules that was measured to be right.

Each guard answers a fault that was reproduced in durable_rules 2.0.28 (docs/design/0003-two-engines.md): kind first;
aliases, properties and rules renamed; ids are decimal counters; a missing value is sent as null and guarded; a join
ends with a term that is always true; few patterns a kind and ruleset; days as ordinals; no negation, count, pattern
matching or order of texts, because the rule language has none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from json.encoder import encode_basestring
from types import NoneType
from typing import Any, Final

from compliance.core.judgement import EngineFailed
from compliance.kernel.text import Text
from compliance.rulebase.evaluator import KIND, ON, Conclusion, Fact, FactValue, JudgingRule
from compliance.rulebase.schema import Op, Pattern, PropOf, Term

NAME: Final = "durable_rules"
#: Facts handed over in one call; rules of one pattern get a session of their own for each.
BATCH: Final = 1000
#: The 32-bit hashes of "0".."499999" are all different, those of greater counters are not.
MAX_ID: Final = 499_999
MAX_PATTERNS: Final = 16
MAX_JOINS: Final = 28
MAX_PROPERTIES: Final = 200
MAX_TEXT: Final = 8000

_OPERATORS: Final[Mapping[Op, str]] = {
    Op.NE: "$neq",
    Op.LT: "$lt",
    Op.LTE: "$lte",
    Op.GT: "$gt",
    Op.GTE: "$gte",
}
_TURNED: Final[Mapping[Op, Op]] = {Op.LT: Op.GT, Op.GT: Op.LT, Op.LTE: Op.GTE, Op.GTE: Op.LTE}


@dataclass(frozen=True, slots=True)
class Guards:
    """What protects from the faults; tests take one away to see that it is needed, the program never does."""

    null_guards: bool = True
    closing_term: bool = True
    typed: bool = True
    patterns_per_kind: int = 60


@dataclass(frozen=True, slots=True)
class Program:
    """One ruleset for the worker: its definition, batches of facts, and how to read its answer.

    ``isolated``: no rule joins facts, so each batch is a session of its own. ``facts`` are positions in the caller's
    list; the fact at place n of its session has the id n + 1, the ids after it mark the ends of batches.
    """

    definition: str
    isolated: bool
    rules: tuple[str, ...]
    patterns: tuple[int, ...]
    facts: tuple[int, ...]
    batches: tuple[str, ...]

    def conclusion(self, batch: int, rule: int, ids: Sequence[int]) -> Conclusion:
        """Read one raw answer; IndexError or ValueError where it is none that could be given."""
        first = batch * BATCH if self.isolated else 0
        if len(ids) != self.patterns[rule] or min(ids) < 1:
            raise ValueError(f"{rule}: {ids}")
        return Conclusion(self.rules[rule], tuple(self.facts[first + number - 1] for number in ids))


_SAFE: Final = Guards()


def compile_programs(rules: Sequence[JudgingRule], facts: Sequence[Fact], guards: Guards = _SAFE) -> Iterator[Program]:
    """Give the rulesets that together judge the facts; TypeError where types clash."""
    given = _Facts(facts)
    if guards.typed:
        _check_types(rules, given)
    for group in _groups(rules, guards.patterns_per_kind):
        yield _program(group, given, guards)


_Column = tuple[str, str]


class _Facts:
    """The facts by kind, read column by column; each column that rules ask for is gathered once."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        #: Positions in the caller's list, by kind.
        self.numbers: dict[str, list[int]] = {}
        self._facts: dict[str, list[Fact]] = {}
        self._columns: dict[_Column, list[FactValue]] = {}
        for number, fact in enumerate(facts):
            kind = str(fact.get(KIND))
            self.numbers.setdefault(kind, []).append(number)
            self._facts.setdefault(kind, []).append(fact)

    def column(self, kind: str, prop: str) -> list[FactValue]:
        """The values of a property over all facts of a kind, in their order; None where one has none."""
        key = (kind, prop)
        if key not in self._columns:
            self._columns[key] = [fact.get(prop) for fact in self._facts.get(kind, ())]
        return self._columns[key]


# --- types -----------------------------------------------------------------------------------------------------------


def _check_types(rules: Sequence[JudgingRule], facts: _Facts) -> None:
    """Compare every column with what rules compare it with: the engine itself takes "6" for more than 5."""
    uses = [use for rule in rules for use in _uses(rule)]
    used: dict[str, set[str]] = {}
    for (kind, prop), _, _, _ in uses:
        used.setdefault(kind, set()).add(prop)
    for _, _, other, _ in uses:
        if isinstance(other, tuple):
            used.setdefault(other[0], set()).add(other[1])
    types = _column_types(used, facts)
    for left, op, other, rule in uses:
        ours = types.get(left)
        theirs = types.get(other) if isinstance(other, tuple) else type(other)
        if op is Op.GIVEN:
            if theirs is not bool:
                raise TypeError(f"{rule}: {left[1]} given takes true or false")
            continue
        if ours and theirs and ours is not theirs:
            raise TypeError(f"{rule}: {left[1]} is {ours.__name__}, compared with {theirs.__name__}")
        if op not in {Op.EQ, Op.NE} and not {ours, theirs} <= {int, date, None}:
            raise TypeError(f"{rule}: {left[1]} has no order")


def _uses(rule: JudgingRule) -> Iterator[tuple[_Column, Op, _Column | FactValue, str]]:
    kinds = {pattern.alias: pattern.fact for pattern in rule.patterns}
    if not rule.patterns or len(kinds) != len(rule.patterns):
        raise TypeError(f"{rule.name}: every rule needs patterns with aliases of their own")
    yield (rule.patterns[0].fact, ON), Op.GTE, rule.start, rule.name
    for pattern in rule.patterns:
        for term in pattern.terms:
            other: _Column | FactValue
            if isinstance(term.value, PropOf):
                alias = term.value.alias or pattern.alias
                if alias not in kinds:
                    raise TypeError(f"{rule.name}: {term.prop} is compared with {alias!r}")
                other = (kinds[alias], term.value.prop)
            else:
                other = term.value
            yield (pattern.fact, term.prop), term.op, other, rule.name


def _column_types(used: Mapping[str, Iterable[str]], facts: _Facts) -> dict[_Column, type]:
    types: dict[_Column, type] = {}
    for kind, props in used.items():
        for prop in props:
            found = {*map(type, facts.column(kind, prop))} - {NoneType}
            if len(found) > 1:
                raise TypeError(f"{kind}.{prop} is of more than one type")
            if found:
                types[kind, prop] = found.pop()
    return types


# --- rulesets --------------------------------------------------------------------------------------------------------


def _groups(rules: Sequence[JudgingRule], limit: int) -> Iterator[list[JudgingRule]]:
    """Put rules over the same kinds together, few enough that no fact can match more patterns than are bearable."""
    alike: dict[tuple[bool, frozenset[str]], list[JudgingRule]] = {}
    for rule in rules:
        key = (len(rule.patterns) == 1, frozenset(pattern.fact for pattern in rule.patterns))
        alike.setdefault(key, []).append(rule)
    for together in alike.values():
        group: list[JudgingRule] = []
        counts: dict[str, int] = {}
        for rule in together:
            more = _count(rule)
            if group and any(counts.get(kind, 0) + count > limit for kind, count in more.items()):
                yield group
                group, counts = [], {}
            group.append(rule)
            counts = {kind: counts.get(kind, 0) + more.get(kind, 0) for kind in {*counts, *more}}
        yield group


def _count(rule: JudgingRule) -> dict[str, int]:
    counts: dict[str, int] = {}
    for pattern in rule.patterns:
        counts[pattern.fact] = counts.get(pattern.fact, 0) + 1
    return counts


@dataclass(frozen=True, slots=True)
class _Names:
    """Short names for the engine: kinds as numbers from 1 (0 marks our own facts), properties as p0, p1."""

    kinds: Mapping[str, int]
    props: Mapping[str, str]


def _program(rules: Sequence[JudgingRule], facts: _Facts, guards: Guards) -> Program:
    names = _names(rules)
    isolated = len(rules[0].patterns) == 1
    positions = tuple(sorted(number for kind in names.kinds for number in facts.numbers.get(kind, ())))
    if not isolated and len(positions) + len(positions) // BATCH + 1 > MAX_ID:
        raise _unfit("事实过多", f"{len(positions)} facts in one session")
    definition: dict[str, Any] = {"b": {"all": [{"m0": {"k": 0}}]}}
    for number, rule in enumerate(rules):
        definition[f"r{number}"] = {"all": _patterns(rule, names, guards)}
    return Program(
        _json(definition),
        isolated,
        tuple(rule.name for rule in rules),
        tuple(len(rule.patterns) for rule in rules),
        positions,
        tuple(_batches(positions, facts, names, isolated=isolated)),
    )


def _names(rules: Sequence[JudgingRule]) -> _Names:
    kinds = sorted({pattern.fact for rule in rules for pattern in rule.patterns})
    props = {ON}
    for rule in rules:
        for pattern in rule.patterns:
            for term in pattern.terms:
                props.add(term.prop)
                if isinstance(term.value, PropOf):
                    props.add(term.value.prop)
    if len(props) > MAX_PROPERTIES:
        raise _unfit("属性过多", f"{len(props)} properties")
    return _Names(
        {kind: number for number, kind in enumerate(kinds, 1)},
        {prop: f"p{number}" for number, prop in enumerate(sorted(props))},
    )


def _patterns(rule: JudgingRule, names: _Names, guards: Guards) -> list[dict[str, Any]]:
    if len(rule.patterns) > MAX_PATTERNS:
        raise _unfit("模式过多", f"{len(rule.patterns)} patterns in {rule.name}")
    places = {pattern.alias: place for place, pattern in enumerate(rule.patterns)}
    alone: list[list[dict[str, Any]]] = [[] for _ in rule.patterns]
    joins: list[list[dict[str, Any]]] = [[] for _ in rule.patterns]
    present: list[set[str]] = [set() for _ in rule.patterns]
    for place, pattern in enumerate(rule.patterns):
        for term in pattern.terms:
            _place(term, place, places, names, (alone, joins, present))
    on = names.props[ON]
    alone[0].append({"$gte": {on: _value(rule.start)}})
    if rule.until is not None:
        alone[0].append({"$lte": {on: _value(rule.until)}})
    return [
        {f"m{place}": _terms(pattern, names, alone[place], joins[place], present[place], guards)}
        for place, pattern in enumerate(rule.patterns)
    ]


_Terms = tuple[list[list[dict[str, Any]]], list[list[dict[str, Any]]], list[set[str]]]


def _place(term: Term, place: int, places: Mapping[str, int], names: _Names, into: _Terms) -> None:
    """Put a term where the engine can hold it: with its fact, or as a join with the later of two patterns."""
    alone, joins, present = into
    prop = names.props[term.prop]
    if not isinstance(term.value, PropOf):
        alone[place].append(_constant(prop, term.op, term.value))
        return
    other = names.props[term.value.prop]
    there = places[term.value.alias] if term.value.alias else place
    present[place].add(prop)
    present[there].add(other)
    if there == place:
        alone[place].append(_compared(prop, term.op, {"$m": other}))
    elif there < place:
        joins[place].append(_compared(prop, term.op, {f"m{there}": other}))
    else:
        joins[there].append(_compared(other, _TURNED.get(term.op, term.op), {f"m{place}": prop}))


def _constant(prop: str, op: Op, value: FactValue) -> dict[str, Any]:
    if op is Op.GIVEN:
        return {"$neq": {prop: None}} if value else {prop: None}
    return _compared(prop, op, _value(value))


def _compared(prop: str, op: Op, value: object) -> dict[str, Any]:
    return {prop: value} if op is Op.EQ else {_OPERATORS[op]: {prop: value}}


def _terms(  # the five parts of one pattern, in the order in which they must stand
    pattern: Pattern,
    names: _Names,
    alone: list[dict[str, Any]],
    joins: list[dict[str, Any]],
    present: set[str],
    guards: Guards,
) -> dict[str, Any]:
    if len(joins) > MAX_JOINS:
        raise _unfit("比较过多", f"{len(joins)} comparisons with other facts in one pattern")
    null = [{"$neq": {prop: None}} for prop in sorted(present)] if guards.null_guards else []
    closing = [{"$gte": {"t": {"m0": "t"}}}] if joins and guards.closing_term else []
    return {"$and": [{"k": names.kinds[pattern.fact]}, *null, *alone, *joins, *closing]}


# --- facts -----------------------------------------------------------------------------------------------------------


def _batches(positions: Sequence[int], facts: _Facts, names: _Names, *, isolated: bool) -> Iterator[str]:
    """Write the facts with counters as ids; the last fact of a batch is ours and shows that all of it was read."""
    rows = _rows(positions, facts, names, isolated=isolated)
    for batch, start in enumerate(range(0, len(rows), BATCH)):
        chosen = rows[start : start + BATCH]
        mark = len(chosen) + 1 if isolated else len(rows) + 1 + batch
        yield f"[{','.join(chosen)},{_json({'id': str(mark), 'k': 0})}]"


def _rows(positions: Sequence[int], facts: _Facts, names: _Names, *, isolated: bool) -> list[str]:
    """Write every fact with its id, its kind and what the rules look at; ``t`` is the closing term of joins."""
    ids = {number: (place % BATCH if isolated else place) + 1 for place, number in enumerate(positions)}
    props = "".join(f',"{name}":%s' for name in names.props.values())
    rows: dict[int, str] = {}
    for kind, number in names.kinds.items():
        ours = facts.numbers.get(kind, ())
        columns = [_texts(facts.column(kind, prop)) for prop in names.props]
        row = f'{{"id":"%d","k":{number},"t":1{props}}}'.__mod__
        rows |= zip(ours, map(row, zip(map(ids.__getitem__, ours), *columns, strict=True)), strict=True)
    return [rows[number] for number in positions]


def _texts(column: Sequence[FactValue]) -> Iterable[str]:
    """A column as JSON; each different value of a plain column is looked at and written once."""
    found = {*map(type, column)}
    kinds = found - {NoneType}
    if not kinds:
        return repeat("null", len(column))
    if len(kinds) > 1 or not kinds <= {int, str, bool, date}:
        return [_json(_value(value)) for value in column]
    different: list[Any] = list({*column} - {None})
    texts = dict(zip(different, _written(kinds.pop(), different), strict=True))
    if NoneType in found:
        texts[None] = "null"
    return map(texts.__getitem__, column)


def _written(kind: type, values: Sequence[Any]) -> Iterable[str]:
    """Values of one type as JSON; TypeError where one cannot be handed over."""
    if kind is int and min(values) >= -(2**63) and max(values) < 2**63:
        return map(str, values)
    if kind is str and max(map(len, values)) < MAX_TEXT and "\0" not in "".join(values):
        return map(encode_basestring, values)
    return [_json(_value(value)) for value in values]


def _value(value: FactValue) -> str | int | bool | None:
    match value:
        case None | bool():
            return value
        case date():
            return value.toordinal()
        case int() if -(2**63) <= value < 2**63:
            return value
        case str() if len(value) < MAX_TEXT and "\0" not in value:
            return value
    raise TypeError(f"{value!r} cannot be handed to the engine")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _unfit(zh: str, en: str) -> EngineFailed:
    return EngineFailed(engine=NAME, reason=Text(zh=zh, en=en))
