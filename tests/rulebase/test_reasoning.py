"""What conditions can hold: by reasoning, and by trying every fact there can be."""

from __future__ import annotations

import itertools
import random
from datetime import date
from typing import Any

import pytest

from compliance.rulebase.evaluator import JudgingRule, evaluate
from compliance.rulebase.linting.reasoning import (
    Claim,
    Compared,
    Domain,
    Domains,
    Given,
    claims_of,
    clash,
    follows,
    possible,
)
from compliance.rulebase.schema import Op, Pattern, PropOf, PropType, Term

DAY = date(2026, 3, 1)
#: Constants lie in the middle: four numbers chained by "less" still fit on both sides of them.
NUMBERS = tuple(range(-4, 7))
WORDS = ("a", "b", "c")
#: Texts without a list of words: the constants, and as many others as properties could need.
TEXTS = ("a", "b", "x1", "x2", "x3", "x4")
VALUES: dict[str, tuple[Any, ...]] = {
    "n": NUMBERS,
    "m": NUMBERS,
    "k": tuple(n for n in NUMBERS if n >= 0),
    "t": TEXTS,
    "u": WORDS,
    "v": WORDS,
    "f": (True, False),
    "g": (True, False),
}
DOMAINS = {
    "n": Domain(PropType.NUMBER),
    "m": Domain(PropType.NUMBER),
    "k": Domain(PropType.NUMBER, least=0),
    "t": Domain(PropType.TEXT),
    "u": Domain(PropType.TEXT, words=frozenset(WORDS)),
    "v": Domain(PropType.TEXT, words=frozenset(WORDS)),
    "f": Domain(PropType.FLAG),
    "g": Domain(PropType.FLAG),
}
PAIRS = [("n", "m"), ("n", "k"), ("t", "u"), ("u", "v"), ("f", "g")]
ORDER = (Op.LT, Op.LTE, Op.GT, Op.GTE)


def patterns(chance: random.Random, props: tuple[str, str]) -> tuple[Pattern, ...]:
    aliases = ["one", "two"][: chance.choice([1, 2, 2])]
    return tuple(
        Pattern("k", alias, tuple(term(chance, props, aliases) for _ in range(chance.choice([1, 2, 3]))))
        for alias in aliases
    )


def term(chance: random.Random, props: tuple[str, str], aliases: list[str]) -> Term:
    prop = chance.choice(props)
    if chance.random() < 0.1:
        return Term(prop, Op.GIVEN, chance.random() < 0.5)
    ordered = DOMAINS[prop].type is PropType.NUMBER
    op = chance.choice([Op.EQ, Op.NE, Op.NE, *(ORDER if ordered else ())])
    if chance.random() < 0.5:
        return Term(prop, op, PropOf(chance.choice(aliases), chance.choice(props)))
    return Term(prop, op, chance.choice((0, 1, 2)) if ordered else chance.choice([*VALUES[prop][:2], VALUES[prop][-1]]))


def fires(found: tuple[Pattern, ...], props: tuple[str, str]) -> bool:
    """Whether any facts at all meet the patterns, by the evaluator."""
    choices = [(None, *VALUES[prop]) for prop in props]
    facts = [
        {"kind": "k", "on": DAY, **dict(zip(props, values, strict=True))} for values in itertools.product(*choices)
    ]
    return bool(evaluate([JudgingRule("r", found, DAY)], facts * len(found)))


def claims(found: tuple[Pattern, ...]) -> list[Claim]:
    return [claim for pattern in found for claim in claims_of(pattern)]


def domains(found: tuple[Pattern, ...], props: tuple[str, str]) -> Domains:
    return {(pattern.alias, prop): DOMAINS[prop] for pattern in found for prop in props}


@pytest.mark.parametrize("props", PAIRS, ids="-".join)
def test_reasoning_and_trying_agree(props: tuple[str, str]) -> None:
    chance = random.Random(f"reasoning {props}")
    said = set()
    for _ in range(120):
        found = patterns(chance, props)
        expected = fires(found, props)
        assert possible(claims(found), domains(found, props)) is expected, found
        said.add(expected)
    assert said == {True, False}


@pytest.mark.parametrize("props", PAIRS, ids="-".join)
def test_what_follows_never_decides(props: tuple[str, str]) -> None:
    """A claim that follows may be left out: the same facts are found; one that does not, may not."""
    chance = random.Random(f"follows {props}")
    said = set()
    for _ in range(80):
        (pattern, *_) = patterns(chance, props)
        pattern = Pattern("k", "one", tuple(t for t in pattern.terms if not elsewhere(t)))
        if len(pattern.terms) < 2 or not fires((pattern,), props):
            continue
        last = claims_of(pattern)[-1]
        left = Pattern("k", "one", pattern.terms[:-1])
        expected = met(pattern, props) == met(left, props)
        assert follows(last, claims_of(left), domains((pattern,), props)) is expected, pattern
        said.add(expected)
    assert said == {True, False}


def elsewhere(term: Term) -> bool:
    return isinstance(term.value, PropOf) and term.value.alias != "one"


def met(pattern: Pattern, props: tuple[str, str]) -> list[tuple[int, ...]]:
    choices = [(None, *VALUES[prop]) for prop in props]
    facts = [
        {"kind": "k", "on": DAY, **dict(zip(props, values, strict=True))} for values in itertools.product(*choices)
    ]
    return [found.facts for found in evaluate([JudgingRule("r", (pattern,), DAY)], facts)]


def test_a_clash_is_the_smallest_part_that_cannot_hold() -> None:
    a, b, c = ("", "n"), ("", "m"), ("", "k")
    all_of: list[Claim] = [
        Given(c, there=True),
        Compared(a, Op.GT, 5),
        Compared(c, Op.NE, 3),
        Compared(b, Op.LTE, a),
        Compared(b, Op.GTE, a),
        Compared(b, Op.LT, 6),
    ]
    of = {place: Domain(PropType.NUMBER) for place in (a, b, c)}
    found = clash(all_of, of)
    assert not possible(found, of)
    assert Given(c, there=True) not in found
    assert all(possible([other for other in found if other is not one], of) for one in found)


def test_numbers_end_where_facts_may_not_go() -> None:
    """A fact holds 64-bit numbers; days end with the calendar."""
    number = {("", "n"): Domain(PropType.NUMBER)}
    assert possible([Compared(("", "n"), Op.GTE, 2**63 - 1)], number)
    assert not possible([Compared(("", "n"), Op.GT, 2**63 - 1)], number)
    assert not possible([Compared(("", "d"), Op.GT, date.max)], {("", "d"): Domain(PropType.DAY)})


def test_what_would_take_too_long_is_not_concluded() -> None:
    """Forty numbers between 1 and 39, all different, cannot be: nobody waits for the proof."""
    places = [("", f"n{number}") for number in range(40)]
    of = {place: Domain(PropType.NUMBER, least=1) for place in places}
    all_of: list[Claim] = [Compared(place, Op.LT, 40) for place in places]
    all_of += [Compared(one, Op.NE, other) for one, other in itertools.combinations(places, 2)]
    assert possible(all_of, of)
