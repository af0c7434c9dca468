"""Each guard taken away shows the fault that it guards from; with it, the answer is right."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compliance.adapters import durable_compile
from compliance.adapters.durable_compile import Guards, compile_programs
from compliance.adapters.engine import DurableEngine
from compliance.adapters.engine_worker import Session
from compliance.core.judgement import EngineFailed
from compliance.rulebase.evaluator import Conclusion, JudgingRule, evaluate
from compliance.rulebase.schema import Op, Pattern, PropOf, Term

durable_rules_engine = pytest.importorskip("durable_rules_engine", exc_type=ImportError)

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 3, 1)
START = date(2020, 1, 1)
#: Decimal counters beyond the bound whose 32-bit hashes are equal.
COLLIDING = (40189, 797186)


def rule(*patterns: Pattern, name: str = "r") -> JudgingRule:
    return JudgingRule(name, patterns, START)


def pattern(fact: str, alias: str, *terms: tuple[str, Op, Any]) -> Pattern:
    return Pattern(fact, alias, tuple(Term(*term) for term in terms))


def fact(kind: str = "k", **props: Any) -> dict[str, Any]:
    return {"kind": kind, "on": DAY} | props


BIG = rule(pattern("k", "a", ("n", Op.GT, 5)), name="big")
TWINS = rule(pattern("k", "a"), pattern("k", "b", ("n", Op.EQ, PropOf("a", "n"))), name="twins")


@pytest.fixture(scope="module")
def durable() -> Iterator[DurableEngine]:
    with DurableEngine() as engine:
        yield engine


def without(guards: Guards, rules: Sequence[JudgingRule], facts: Sequence[dict[str, Any]]) -> Any:
    """Judge without a guard; a failure is given as its reason."""
    with DurableEngine(guards=guards) as engine:
        try:
            return engine.evaluate(rules, facts)
        except EngineFailed as failed:
            return str(failed.values["reason"])


def direct(rules: Sequence[JudgingRule], facts: Sequence[dict[str, Any]], library: Any) -> list[Conclusion]:
    """Judge in this process through a library that a test has changed (only where it cannot crash)."""
    found = []
    for program in compile_programs(rules, facts):
        session = Session(library, program.definition)
        judged = session.judge(iter(program.batches), isolated=program.isolated)
        found += [program.conclusion(*each) for each in judged]
        session.close()
    return sorted(found)


class Changed:
    """The library with some of its functions replaced."""

    def __init__(self, **functions: Any) -> None:
        self._functions = functions

    def __getattr__(self, name: str) -> Any:
        return self._functions.get(name) or getattr(durable_rules_engine, name)


def run(code: str, **env: str) -> int:
    """Run a script in a process that may crash, and return its status."""
    prelude = """
import sys
sys.path.insert(0, sys.argv[1])
from datetime import date
import durable_rules_engine as library
from compliance.adapters.durable_compile import Guards, compile_programs
from compliance.adapters.engine_worker import Session
from compliance.rulebase.evaluator import JudgingRule
from compliance.rulebase.schema import Op, Pattern, PropOf, Term
DAY = date(2026, 3, 1)
"""
    return subprocess.run(
        [sys.executable, "-c", prelude + code, str(ROOT)], env=env, check=False, stderr=subprocess.DEVNULL
    ).returncode


def respell(monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Change every fact on its way to the engine, though not the mark at the end of a batch."""
    batches = durable_compile._batches

    def changed(*args: Any, **how: Any) -> Iterator[str]:
        for batch in batches(*args, **how):
            *rows, mark = json.loads(batch)
            yield json.dumps([*map(change, rows), mark])

    monkeypatch.setattr(durable_compile, "_batches", changed)


# --- identity --------------------------------------------------------------------------------------------------------


def hash32(text: str) -> int:
    value = 2166136261
    for byte in text.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


def test_ids_that_we_issue_have_hashes_of_their_own() -> None:
    ids = [str(number) for number in range(durable_compile.MAX_ID + 1)]
    assert len({hash32(each) for each in [*ids, "sid-0"]}) == len(ids) + 1
    assert hash32(str(COLLIDING[0])) == hash32(str(COLLIDING[1]))  # why there is a bound


def test_ids_beyond_the_bound_lose_a_fact(durable: DurableEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = [fact(n=1), fact(n=1)]
    assert durable.evaluate([TWINS], facts) == evaluate([TWINS], facts) != []
    respell(monkeypatch, lambda row: row | {"id": str(COLLIDING[int(row["id"]) - 1])})
    with pytest.raises(EngineFailed, match="refused with code 2"):
        durable.evaluate([TWINS], facts)


def test_more_facts_than_ids_are_refused(durable: DurableEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable_compile, "MAX_ID", 10)
    assert durable.evaluate([TWINS], [fact(n=n) for n in range(9)]) == []
    with pytest.raises(EngineFailed, match="facts in one session"):
        durable.evaluate([TWINS], [fact(n=n) for n in range(10)])


def test_facts_without_ids_lose_their_twins(durable: DurableEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = [fact(n=6), fact(n=6)]
    assert len(durable.evaluate([BIG], facts)) == 2
    respell(monkeypatch, lambda row: {k: v for k, v in row.items() if k != "id"})
    with pytest.raises(EngineFailed):
        durable.evaluate([BIG], facts)


def test_short_names_of_properties_have_hashes_of_their_own() -> None:
    names = ["id", "sid", "k", "t", *(f"p{n}" for n in range(durable_compile.MAX_PROPERTIES))]
    assert len({hash32(name) for name in names}) == len(names)


# --- what is missing -------------------------------------------------------------------------------------------------


def test_missing_values_meet_in_a_join_without_null_guards(durable: DurableEngine) -> None:
    facts = [fact(n=None), fact(n=None)]
    assert without(Guards(null_guards=False), [TWINS], facts) == [
        Conclusion("twins", (0, 1)),
        Conclusion("twins", (1, 0)),
    ]
    assert durable.evaluate([TWINS], facts) == []


def test_a_missing_value_ends_everything_without_null_guards(durable: DurableEngine) -> None:
    more = rule(pattern("k", "a"), pattern("k", "b", ("n", Op.GT, PropOf("a", "n"))))
    facts = [fact(n=None), fact(n=1), fact(n=2)]
    assert "error code: 312" in without(Guards(null_guards=False), [more], facts)
    assert durable.evaluate([more], facts) == evaluate([more], facts) == [Conclusion("r", (1, 2))]


def test_a_missing_value_is_unlike_another_of_its_fact_without_null_guards(durable: DurableEngine) -> None:
    unlike = rule(pattern("k", "a", ("n", Op.NE, PropOf("", "m"))))
    facts = [fact(n=1, m=None)]
    assert without(Guards(null_guards=False), [unlike], facts) == [Conclusion("r", (0,))]
    assert durable.evaluate([unlike], facts) == []


def test_a_property_left_out_is_not_a_null(durable: DurableEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = rule(pattern("k", "a", ("n", Op.GIVEN, False)))
    assert durable.evaluate([absent], [fact()]) == evaluate([absent], [fact()]) != []
    respell(monkeypatch, lambda row: {k: v for k, v in row.items() if v is not None})
    assert durable.evaluate([absent], [fact()]) == []


# --- memory ----------------------------------------------------------------------------------------------------------

FALSE_AT_THE_END = """
joined = Pattern("k", "b", (Term("q", Op.EQ, PropOf("a", "q")), Term("p", Op.GT, PropOf("a", "p"))))
rule = JudgingRule("r", (Pattern("k", "a", ()), joined), DAY)
facts = [{{"kind": "k", "on": DAY, "p": 5, "q": 1}} for _ in range(40)]
(program,) = compile_programs([rule], facts, Guards(closing_term={closing}))
session = Session(library, program.definition)
assert not list(session.judge(iter(program.batches), isolated=False))
"""


def test_a_join_that_ends_in_a_false_term_reads_beyond_its_memory() -> None:
    # What lies beyond the memory is chance, and differs from folder to folder: one layout of several must show it.
    mapped: list[dict[str, str]] = [{"MALLOC_MMAP_THRESHOLD_": str(size)} for size in (512, 256, 1024, 2048, 128)]
    filled = [{"PYTHONMALLOC": "malloc", "MALLOC_PERTURB_": str(byte)} for byte in (85, 170, 1, 255)]
    for env in (*mapped, *filled):
        assert run(FALSE_AT_THE_END.format(closing=True), **env) == 0
    assert any(run(FALSE_AT_THE_END.format(closing=False), **env) < 0 for env in (*filled, *mapped))


NOTHING_FIRED = """
class Careless(Session):
    def _boot(self):
        pass
    def _batch(self, number, batch):
        return iter(list(self._assert(batch)))
session = {session}(library, '{{"b":{{"all":[{{"m0":{{"k":0}}}}]}}}}')
batch = '[{{"id":"1","k":9}}{mark}]'
for _ in range(20):
    assert not [x for x in session.judge(iter([batch]), isolated=True)]
"""


def test_a_session_that_never_fired_frees_what_it_never_had() -> None:
    env = {"PYTHONMALLOC": "malloc", "MALLOC_PERTURB_": "85"}
    assert run(NOTHING_FIRED.format(session="Session", mark=',{"id":"2","k":0}'), **env) == 0
    assert run(NOTHING_FIRED.format(session="Careless", mark=""), **env) < 0


def test_sessions_are_deleted_or_the_next_batch_is_refused() -> None:
    facts = [fact(n=n) for n in range(2500)]
    assert direct([BIG], facts, Changed()) == evaluate([BIG], facts)
    with pytest.raises(RuntimeError, match="refused with code 2"):
        direct([BIG], facts, Changed(delete_state=lambda handle, sid: None))


def test_more_sessions_than_the_library_bears_are_lived_through() -> None:
    definition = '{"b":{"all":[{"m0":{"k":0}}]},"r0":{"all":[{"m0":{"k":1}}]}}'
    session = Session(durable_rules_engine, definition)
    batches = ['[{"id":"1","k":1},{"id":"2","k":0}]'] * 1100
    assert len(list(session.judge(iter(batches), isolated=True))) == 1100
    session.close()
    handle = durable_rules_engine.create_ruleset("r", definition)
    sessions = [f'[{{"id":"1","sid":"{number}","k":1}}]' for number in range(1100)]
    with pytest.raises(MemoryError):
        list(map(durable_rules_engine.assert_facts, [handle] * 1100, sessions))


# --- batches ---------------------------------------------------------------------------------------------------------


def test_a_fact_that_no_rule_matches_takes_nothing_with_it(durable: DurableEngine) -> None:
    facts = [fact(n=6), fact(n=1), fact("nobody's"), fact(n=7)]
    assert durable.evaluate([BIG], facts) == [Conclusion("big", (0,)), Conclusion("big", (3,))]
    assert durable.evaluate([BIG], [fact(n=1)]) == []

    def refusing(handle: int, batch: str) -> Any:
        code, state = durable_rules_engine.assert_facts(handle, batch)
        if code == 1:  # what the library's own Python does: MessageNotHandledException
            raise LookupError
        return code, state

    with pytest.raises(LookupError):
        direct([BIG], facts, Changed(assert_facts=refusing))


@pytest.mark.parametrize("bad", ["1e-07", "1e20", "Infinity"])
def test_a_bad_number_that_ends_a_batch_is_noticed(bad: str) -> None:
    (program,) = compile_programs([BIG], [fact(n=6), fact(n=7), fact(n=8)])
    spoilt = program.batches[0].replace(":7,", f":{bad},")
    assert spoilt != program.batches[0]
    session = Session(durable_rules_engine, program.definition)
    with pytest.raises(RuntimeError, match="not read to its end"):
        list(session.judge(iter([spoilt]), isolated=True))
    # Without the mark at the end of the batch the third fact is lost and nothing says so.
    handle = durable_rules_engine.create_ruleset("r", program.definition)
    rows = spoilt[: spoilt.rindex(",{")] + "]"
    code, state = durable_rules_engine.assert_facts(handle, rows)
    first = durable_rules_engine.start_action_for_state(handle, state)
    assert code == 0
    assert json.loads(first[1])["r0"]["m0"]["id"] == "1"
    assert durable_rules_engine.complete_and_start_action(handle, state) is None


@pytest.mark.parametrize("value", [1e20, float("inf"), 2**63, -(2**63) - 1, "x" * 8000, "a\0b", [1], b"x"])
def test_values_that_the_engine_misreads_are_never_sent(durable: DurableEngine, value: Any) -> None:
    given = rule(pattern("k", "a", ("n", Op.GIVEN, True)))
    with pytest.raises(TypeError, match="cannot be handed"):
        durable.evaluate([given], [fact(n=value)])


# --- patterns and types ----------------------------------------------------------------------------------------------


def test_a_fact_that_matches_more_than_64_patterns_fails_unless_split(durable: DurableEngine) -> None:
    rules = [rule(pattern("k", "a", ("n", Op.GT, n)), name=f"r{n}") for n in range(80)]
    facts = [fact(n=100)]
    assert "error code: 303" in without(Guards(patterns_per_kind=1000), rules, facts)
    assert durable.evaluate(rules, facts) == evaluate(rules, facts)
    assert len(durable.evaluate(rules, facts)) == 80


def test_joins_of_many_rules_are_split_too(durable: DurableEngine) -> None:
    rules = [
        rule(pattern("k", "a", ("n", Op.GT, n)), pattern("k", "b", ("n", Op.EQ, PropOf("a", "n"))), name=f"r{n}")
        for n in range(70)
    ]
    assert all(sum(program.patterns) <= 60 for program in compile_programs(rules, []))
    facts = [fact(n=100), fact(n=100)]
    assert durable.evaluate(rules, facts) == evaluate(rules, facts)


def test_the_engine_takes_the_text_6_for_more_than_5(durable: DurableEngine) -> None:
    facts = [fact(n="6")]
    assert without(Guards(typed=False), [BIG], facts) == [Conclusion("big", (0,))]
    with pytest.raises(TypeError, match="big: n"):
        durable.evaluate([BIG], facts)


@pytest.mark.parametrize(("constant", "value"), [(1, True), (True, 1), ("1", 1), ("true", True), (1, date(1, 1, 1))])
def test_the_engine_takes_values_of_other_types_for_equal(durable: DurableEngine, constant: Any, value: Any) -> None:
    same = rule(pattern("k", "a", ("n", Op.EQ, constant)))
    assert without(Guards(typed=False), [same], [fact(n=value)]) == [Conclusion("r", (0,))]
    with pytest.raises(TypeError, match="r: n"):
        durable.evaluate([same], [fact(n=value)])


def test_columns_of_two_types_and_joins_of_two_types_are_refused(durable: DurableEngine) -> None:
    with pytest.raises(TypeError, match="more than one type"):
        durable.evaluate([BIG], [fact(n=1), fact(n="1")])
    joined = rule(pattern("k", "a"), pattern("l", "b", ("n", Op.EQ, PropOf("a", "n"))))
    with pytest.raises(TypeError, match="r: n"):
        durable.evaluate([joined], [fact(n=1), fact("l", n=True)])


@pytest.mark.parametrize("value", ["abc", True])
def test_texts_and_flags_have_no_order(durable: DurableEngine, value: Any) -> None:
    with pytest.raises(TypeError, match="no order"):
        durable.evaluate([rule(pattern("k", "a", ("n", Op.LT, value)))], [fact(n=value)])


def test_every_pattern_asks_for_its_kind_first_and_aliases_are_ours() -> None:
    named = rule(pattern("k", "a$not"), pattern("l", "x$any", ("id", Op.EQ, PropOf("a$not", "sid"))))
    (program,) = compile_programs([named], [fact(sid=1), fact("l", id=1)])
    patterns = json.loads(program.definition)["r0"]["all"]
    assert [list(each) for each in patterns] == [["m0"], ["m1"]]
    assert [each[f"m{place}"]["$and"][0] for place, each in enumerate(patterns)] == [{"k": 1}, {"k": 2}]
    assert "sid" not in program.batches[0]


def test_names_that_mean_something_to_the_engine_mean_nothing(durable: DurableEngine) -> None:
    named = rule(pattern("k", "a$not"), pattern("l", "x$any", ("$m", Op.EQ, PropOf("a$not", "sid"))))
    facts = [fact(sid=1), fact("l", **{"$m": 1})]
    assert durable.evaluate([named], facts) == evaluate([named], facts) == [Conclusion("r", (0, 1))]


def test_only_safe_words_of_the_engine_are_used() -> None:
    terms = [(prop, op, True if op is Op.GIVEN else 1) for prop in "nm" for op in Op]
    joins = [("n", op, PropOf("a", "m")) for op in Op if op is not Op.GIVEN]
    (program,) = compile_programs([rule(pattern("k", "a", *terms), pattern("l", "b", *joins))], [])
    words = {key for key in _keys(json.loads(program.definition)) if not key.strip("mpr").isdigit()}
    assert words == {"all", "b", "k", "t", "$and", "$neq", "$lt", "$lte", "$gt", "$gte"}


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _keys(inner)


def test_rules_too_large_for_the_engine_are_refused_not_cut(durable: DurableEngine) -> None:
    sixteen = rule(*(pattern("k", f"a{n}", ("n", Op.EQ, n)) for n in range(16)))
    facts = [fact(n=n) for n in range(16)]
    assert durable.evaluate([sixteen], facts) == [Conclusion("r", tuple(range(16)))]
    with pytest.raises(EngineFailed, match="17 patterns"):
        durable.evaluate([rule(*(pattern("k", f"a{n}") for n in range(17)))], [fact()])
    for count in (28, 29):
        terms = [("n", Op.EQ, PropOf("a", "n"))] * count
        wide = rule(pattern("k", "a"), pattern("k", "b", *terms))
        if count == 28:
            assert len(durable.evaluate([wide], [fact(n=1), fact(n=1)])) == 2
        else:
            with pytest.raises(EngineFailed, match="29 comparisons"):
                durable.evaluate([wide], [fact(n=1)])
    with pytest.raises(EngineFailed, match="201 properties"):
        durable.evaluate([rule(pattern("k", "a", *((f"n{n}", Op.EQ, n) for n in range(200))))], [fact()])


def test_every_value_at_its_bound_is_judged_alike(durable: DurableEngine) -> None:
    values: list[Any] = [2**63 - 1, -(2**63), 2**53 + 1, 2**53, 0]
    texts = ["", "甲", "甲乙", "abc", "abc d", 'a"', "a\\", 'a\\"', "null", "'", "x" * 7999, "x" * 7998 + "y", "\u2028"]
    days = [date.min, date.max, DAY]
    for column in (values, texts, days):
        facts = [fact(n=value) for value in column]
        rules = [
            rule(pattern("k", "a", ("n", op, value)), name=f"{op}{place}")
            for place, value in enumerate(column)
            for op in ((Op.EQ, Op.NE) if column is texts else (Op.EQ, Op.NE, Op.LT, Op.LTE, Op.GT, Op.GTE))
        ]
        rules.append(rule(pattern("k", "a"), pattern("k", "b", ("n", Op.NE, PropOf("a", "n"))), name="unlike"))
        rules.append(TWINS)
        both = facts + facts
        assert durable.evaluate(rules, both) == evaluate(rules, both)


@pytest.mark.parametrize("op", [op for op in Op if op is not Op.GIVEN])
@pytest.mark.parametrize("looks", ["back", "ahead", "at itself"])
def test_every_comparison_between_facts_is_judged_alike(durable: DurableEngine, op: Op, looks: str) -> None:
    first, second = pattern("k", "a"), pattern("l", "b")
    match looks:
        case "back":
            second = pattern("l", "b", ("n", op, PropOf("a", "m")))
        case "ahead":
            first = pattern("k", "a", ("n", op, PropOf("b", "m")))
        case _:
            second = pattern("l", "b", ("n", op, PropOf("", "m")))
    values = (4, 5, 6, None)
    facts = [fact(kind, n=n, m=m) for kind in "kl" for n in values for m in values]
    found = durable.evaluate([rule(first, second)], facts)
    assert found == evaluate([rule(first, second)], facts)
    assert found
