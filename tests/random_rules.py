"""Random rules and facts over few kinds and small values, so that matches, near misses and duplicates are common."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from compliance.rulebase.evaluator import JudgingRule
from compliance.rulebase.schema import Op, Pattern, PropOf, PropType, Term

DAY = date(2026, 3, 1)
PROPS = {
    "n": PropType.NUMBER,
    "m": PropType.NUMBER,
    "t": PropType.TEXT,
    "u": PropType.TEXT,
    "f": PropType.FLAG,
    "d": PropType.DAY,
    "e": PropType.DAY,
}
KINDS = ("k", "l", "evidence-missing")
TYPES = dict.fromkeys(KINDS, PROPS)
TEXTS = ("", "甲", "甲乙", "abc", "abc d", 'a"b\\', "null", "true", "5", "\n", "😀", "{}[],:'")
NUMBERS = (0, 1, -1, 5, 6, 10**6, 2**63 - 1, -(2**63))
SAME = {"n": ("n", "m"), "m": ("n", "m"), "t": ("t", "u"), "u": ("t", "u"), "f": ("f",)}
SAME |= {"d": ("d", "e", "on"), "e": ("d", "e", "on"), "on": ("d", "e", "on")}


def value(chance: random.Random, prop: str) -> Any:
    match PROPS.get(prop, PropType.DAY):
        case PropType.NUMBER:
            return chance.choice(NUMBERS)
        case PropType.TEXT:
            return chance.choice(TEXTS)
        case PropType.FLAG:
            return chance.random() < 0.5
        case PropType.DAY:
            return DAY + timedelta(days=chance.randrange(-2, 3))


def random_facts(chance: random.Random, count: int) -> list[dict[str, Any]]:
    """Facts in no order, some twice, with values missing, null or there."""
    facts: list[dict[str, Any]] = []
    for _ in range(count):
        if facts and chance.random() < 0.15:
            facts.append(dict(chance.choice(facts)))
            continue
        fact: dict[str, Any] = {"kind": chance.choice(KINDS), "on": value(chance, "on")}
        for prop in PROPS:
            if chance.random() < 0.75:
                fact[prop] = None if chance.random() < 0.2 else value(chance, prop)
        facts.append(fact)
    return facts


def random_rules(chance: random.Random, count: int) -> list[JudgingRule]:
    return [_rule(chance, f"rule-{number}@2026-01-01") for number in range(count)]


def _rule(chance: random.Random, name: str) -> JudgingRule:
    aliases = chance.sample(["m0", "m1", "a$not", "b$any", "甲", "k"], chance.choice([1, 1, 2, 2, 3]))
    patterns = []
    for place, alias in enumerate(aliases):
        terms = [_constant(chance) for _ in range(chance.choice([0, 1, 1, 2]))]
        if place:
            terms += [_join(chance, Op.EQ, aliases[chance.randrange(place)])]
            terms += [_join(chance, _any_op(chance), chance.choice(aliases)) for _ in range(chance.choice([0, 0, 1]))]
        elif chance.random() < 0.3:
            terms.append(_join(chance, _any_op(chance), chance.choice(["", alias, aliases[-1]])))
        chance.shuffle(terms)
        patterns.append(Pattern(chance.choice(KINDS), alias, tuple(terms)))
    start = DAY + timedelta(days=chance.choice([-30, -1, 0]))
    until = chance.choice([None, None, DAY, DAY + timedelta(days=1)])
    return JudgingRule(name, tuple(patterns), start, until)


def _any_op(chance: random.Random) -> Op:
    return chance.choice([Op.EQ, Op.NE, Op.LT, Op.LTE, Op.GT, Op.GTE])


def _constant(chance: random.Random) -> Term:
    prop = chance.choice([*PROPS, "on"])
    op = chance.choice([*Op, Op.GIVEN])
    if op is Op.GIVEN:
        return Term(prop, op, chance.random() < 0.5)
    return Term(prop, _fitting(prop, op), value(chance, prop))


def _join(chance: random.Random, op: Op, alias: str) -> Term:
    prop = chance.choice([*PROPS, "on"])
    return Term(prop, _fitting(prop, op), PropOf(alias, chance.choice(SAME[prop])))


def _fitting(prop: str, op: Op) -> Op:
    ordered = PROPS.get(prop, PropType.DAY) in {PropType.NUMBER, PropType.DAY}
    return op if ordered or op in {Op.EQ, Op.NE} else Op.NE
