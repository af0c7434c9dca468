from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from compliance.rulebase import admission
from compliance.rulebase.admission import FactRefused, check_facts
from compliance.rulebase.evaluator import Conclusion, JudgingRule, evaluate
from compliance.rulebase.schema import Op, Pattern, PropOf, PropType, Term

DAY = date(2026, 3, 1)
START = date(2020, 1, 1)


def rule(*patterns: Pattern, name: str = "r@2020-01-01", until: date | None = None) -> JudgingRule:
    return JudgingRule(name, patterns, START, until)


def pattern(fact: str, alias: str, *terms: tuple[str, Op, Any]) -> Pattern:
    return Pattern(fact, alias, tuple(Term(*term) for term in terms))


def fact(kind: str, **props: Any) -> dict[str, Any]:
    return {"kind": kind, "on": DAY} | props


def fired(one: JudgingRule, *facts: dict[str, Any]) -> list[tuple[int, ...]]:
    return [found.facts for found in evaluate([one], facts)]


@pytest.mark.parametrize(
    ("op", "constant", "value", "holds"),
    [
        (Op.EQ, 5, 5, True),
        (Op.EQ, 5, 6, False),
        (Op.NE, 5, 6, True),
        (Op.NE, 5, 5, False),
        (Op.LT, 5, 4, True),
        (Op.LT, 5, 5, False),
        (Op.LTE, 5, 5, True),
        (Op.LTE, 5, 6, False),
        (Op.GT, 5, 6, True),
        (Op.GT, 5, 5, False),
        (Op.GTE, 5, 5, True),
        (Op.GTE, 5, 4, False),
        (Op.EQ, "甲", "甲", True),
        (Op.EQ, "甲", "乙", False),
        (Op.EQ, True, True, True),
        (Op.EQ, True, False, False),
        (Op.GT, DAY, DAY + timedelta(days=1), True),
        (Op.GT, DAY, DAY, False),
        (Op.GIVEN, True, 0, True),
        (Op.GIVEN, True, False, True),
        (Op.GIVEN, True, "", True),
        (Op.GIVEN, False, 0, False),
    ],
)
def test_every_comparison_means_what_it_says(op: Op, constant: Any, value: Any, *, holds: bool) -> None:
    one = rule(pattern("k", "a", ("p", op, constant)))
    assert bool(fired(one, fact("k", p=value))) is holds


@pytest.mark.parametrize("op", [Op.EQ, Op.NE, Op.LT, Op.LTE, Op.GT, Op.GTE])
@pytest.mark.parametrize("missing", [{}, {"p": None}])
def test_a_missing_value_satisfies_no_comparison(op: Op, missing: dict[str, None]) -> None:
    assert fired(rule(pattern("k", "a", ("p", op, 5))), fact("k", **missing)) == []


@pytest.mark.parametrize("missing", [{}, {"p": None}])
def test_a_missing_value_is_not_given(missing: dict[str, None]) -> None:
    assert fired(rule(pattern("k", "a", ("p", Op.GIVEN, False))), fact("k", **missing)) == [(0,)]
    assert fired(rule(pattern("k", "a", ("p", Op.GIVEN, True))), fact("k", **missing)) == []


def test_missing_never_equals_missing_across_facts() -> None:
    one = rule(pattern("k", "a"), pattern("l", "b", ("p", Op.EQ, PropOf("a", "p"))))
    assert fired(one, fact("k", p=None), fact("l", p=None)) == []
    assert fired(one, fact("k", p=1), fact("l", p=1)) == [(0, 1)]


@pytest.mark.parametrize(
    ("constant", "value"),
    [(1, True), (True, 1), ("1", 1), (1, "1"), (DAY, "2026-03-01"), ("2026-03-01", DAY)],
)
def test_types_that_clash_are_refused(constant: Any, value: Any) -> None:
    with pytest.raises(TypeError, match=r"r@2020-01-01: p "):
        fired(rule(pattern("k", "a", ("p", Op.EQ, constant))), fact("k", p=value))


@pytest.mark.parametrize("op", [Op.EQ, Op.NE, Op.GT])
def test_types_that_clash_in_a_join_are_refused(op: Op) -> None:
    one = rule(pattern("k", "a"), pattern("l", "b", ("p", op, PropOf("a", "p"))))
    with pytest.raises(TypeError, match="r@2020-01-01: p"):
        fired(one, fact("k", p=1), fact("l", p=True))


@pytest.mark.parametrize("value", ["6", True])
def test_texts_and_flags_have_no_order(value: Any) -> None:
    with pytest.raises(TypeError, match="has no order"):
        fired(rule(pattern("k", "a", ("p", Op.GT, value))), fact("k", p=value))


def test_the_wording_in_force_on_the_facts_day_judges() -> None:
    until = date(2026, 2, 28)
    one = rule(pattern("k", "a"), until=until)
    days = [START - timedelta(days=1), START, until, until + timedelta(days=1)]
    assert fired(one, *({"kind": "k", "on": day} for day in days)) == [(1,), (2,)]


def test_only_the_first_patterns_fact_decides_the_wording() -> None:
    one = rule(pattern("k", "a"), pattern("l", "b"))
    assert fired(one, fact("k"), {"kind": "l", "on": date(1999, 1, 1)}) == [(0, 1)]
    assert fired(one, {"kind": "k", "on": date(1999, 1, 1)}, fact("l")) == []


def test_properties_of_one_fact_are_compared() -> None:
    one = rule(pattern("k", "a", ("done", Op.GT, PropOf("", "due")), ("x", Op.NE, PropOf("a", "y"))))
    late, kept = fact("k", done=9, due=8, x="1", y="2"), fact("k", done=8, due=8, x="1", y="2")
    assert fired(one, kept, late, fact("k", done=9, due=8, x="1", y="1"), fact("k", done=9)) == [(1,)]


@pytest.mark.parametrize(
    ("op", "found"),
    [
        (Op.EQ, [(0, 3)]),
        (Op.NE, [(0, 2), (0, 4)]),
        (Op.LT, [(0, 4)]),
        (Op.LTE, [(0, 3), (0, 4)]),
        (Op.GT, [(0, 2)]),
        (Op.GTE, [(0, 2), (0, 3)]),
    ],
)
def test_a_term_may_look_at_a_later_pattern(op: Op, found: list[tuple[int, int]]) -> None:
    one = rule(pattern("k", "a", ("p", op, PropOf("b", "q"))), pattern("l", "b"))
    facts = [fact("k", p=5), fact("k"), *(fact("l", q=q) for q in (4, 5, 6, None))]
    assert fired(one, *facts) == found


def test_one_fact_never_stands_for_two_patterns() -> None:
    one = rule(pattern("k", "a"), pattern("k", "b", ("p", Op.EQ, PropOf("a", "p"))))
    assert fired(one, fact("k", p=1)) == []
    assert fired(one, fact("k", p=1), fact("k", p=1), fact("k", p=2)) == [(0, 1), (1, 0)]


def test_joins_over_three_patterns_equal_brute_force() -> None:
    chance = random.Random(7)
    facts = [fact(chance.choice("kl"), p=chance.randrange(4), q=chance.randrange(4)) for _ in range(30)]
    one = rule(
        pattern("k", "a"),
        pattern("l", "b", ("p", Op.EQ, PropOf("a", "p")), ("q", Op.GTE, PropOf("a", "q"))),
        pattern("k", "c", ("q", Op.EQ, PropOf("b", "q")), ("p", Op.NE, PropOf("a", "p"))),
    )
    brute = [
        (i, j, k)
        for (i, a), (j, b), (k, c) in itertools.permutations(enumerate(facts), 3)
        if (a["kind"], b["kind"], c["kind"]) == ("k", "l", "k")
        and a["p"] == b["p"]
        and b["q"] >= a["q"]
        and c["q"] == b["q"]
        and c["p"] != a["p"]
    ]
    assert brute
    assert fired(one, *facts) == sorted(brute)


def test_order_of_facts_changes_indices_only() -> None:
    chance = random.Random(3)
    facts = [fact("k", p=chance.randrange(5), n=n) for n in range(25)]
    one = rule(pattern("k", "a", ("p", Op.GT, 1)), pattern("k", "b", ("p", Op.EQ, PropOf("a", "p"))))
    shuffled = chance.sample(facts, len(facts))

    def names(given: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
        return {tuple(given[i]["n"] for i in found) for found in fired(one, *given)}

    assert names(facts) == names(shuffled) != set()


def test_conclusions_are_sorted_by_rule_and_facts() -> None:
    rules = [rule(pattern("k", "a"), name=name) for name in ("z", "b")]
    found = evaluate(rules, [fact("k"), fact("k")])
    assert found == [
        Conclusion("b", (0,)),
        Conclusion("b", (1,)),
        Conclusion("z", (0,)),
        Conclusion("z", (1,)),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        rule(),
        rule(pattern("k", "a"), pattern("k", "a")),
        rule(pattern("k", "a", ("p", Op.EQ, PropOf("nobody", "p")))),
        rule(pattern("k", "a", ("p", Op.GIVEN, 1))),
        rule(pattern("k", "a", ("p", Op.GIVEN, PropOf("", "p")))),
    ],
)
def test_a_rule_without_meaning_is_refused_even_without_facts(bad: JudgingRule) -> None:
    with pytest.raises(TypeError):
        evaluate([bad], [])


TYPES = {"k": {"t": PropType.TEXT, "n": PropType.NUMBER, "f": PropType.FLAG, "d": PropType.DAY}}


def test_facts_as_declared_pass() -> None:
    check_facts([fact("k", t="甲\n乙\t😀", n=-(2**63), f=False, d=DAY), fact("k", n=None)], TYPES)


@pytest.mark.parametrize(
    "bad",
    [
        {"n": "6"},
        {"n": True},
        {"n": 2**63},
        {"n": -(2**63) - 1},
        {"n": 1.5},
        {"f": 1},
        {"d": "2026-01-01"},
        {"t": 5},
        {"t": "x" * 8000},
        {"t": "a\x00"},
        {"t": "a\x0b"},
        {"t": "\ud800"},
        {"t": "\uffff"},
        {"unknown": 1},
        {"unknown": None},
        {"id": 1},
        {"sid": 1},
        {"on": None},
        {"on": "2026-01-01"},
        {"kind": "other"},
        {"kind": None},
        {"kind": 5},
    ],
)
def test_facts_not_as_declared_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(FactRefused) as refused:
        check_facts([fact("k"), fact("k") | bad], TYPES)
    assert set(refused.value.values) >= {"kind", "prop", "value"}


def _refused(check: Callable[..., None], facts: list[dict[str, Any]]) -> dict[str, Any] | None:
    try:
        check(facts, TYPES)
    except FactRefused as refused:
        return refused.values
    return None


def test_columns_are_found_sound_only_if_every_fact_is() -> None:
    draw = random.Random(11)
    values: list[Any] = [None, 1, -(2**63), 2**63, True, 1.5, "甲", "", "a\x00", "\ud83d", "\ude00", "x" * 8000, DAY]
    sound = 0
    for _ in range(3000):
        right: dict[str, list[Any]] = {"t": ["甲", "", None], "n": [0, 2**63 - 1, None], "f": [True, None], "d": [DAY]}
        facts = [fact("k", **{p: draw.choice(right[p]) for p in draw.sample("tnfd", 2)}) for _ in range(4)]
        if draw.random() < 0.7:
            facts.append(fact("k") | {draw.choice("tnfd"): draw.choice(values)})
        if draw.random() < 0.3:
            facts.append(fact("k") | draw.choice([{"on": None}, {"on": DAY}, {"kind": 5}, {"unknown": None}]))
        draw.shuffle(facts)
        refused = _refused(admission._check_each, facts)
        assert _refused(check_facts, facts) == refused
        assert admission._plainly_sound(facts, TYPES) == (refused is None)
        sound += refused is None
    assert 500 < sound < 2500


@pytest.mark.parametrize("name", ["id", "sid", "a.b", "$s", "", "1a", "n" * 65])
def test_names_that_mean_something_else_to_an_engine_are_refused(name: str) -> None:
    with pytest.raises(FactRefused):
        check_facts([fact("k")], {"k": {name: PropType.TEXT}})


def test_a_kind_has_at_most_two_hundred_properties() -> None:
    with pytest.raises(FactRefused):
        check_facts([fact("k")], {"k": {f"p{n}": PropType.TEXT for n in range(201)}})


def test_fifty_rules_over_many_facts_take_little_time() -> None:
    rules = [
        rule(
            pattern(f"k{n % 10}", "a", ("p", Op.GT, n), ("t", Op.EQ, "甲"), ("f", Op.EQ, True)),
            name=f"r{n}",
        )
        for n in range(50)
    ]
    facts = [fact(f"k{n % 10}", p=n % 60, t="甲" if n % 3 else "乙", f=n % 2 == 0) for n in range(30_000)]
    start = time.perf_counter()
    assert evaluate(rules, facts)
    assert time.perf_counter() - start < 2  # measured 0.1 s; ample for a busy machine
