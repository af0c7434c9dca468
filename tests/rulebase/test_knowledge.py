"""Two times on random wordings: what is looked up equals what a plain reading of every wording on every day says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.kernel.text import Text
from compliance.rulebase.calendar import WorkCalendar
from compliance.rulebase.check_wordings import share_days
from compliance.rulebase.knowledge import settled
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Calendar, Factor, InForce, Obligation, Source, Strength
from tests.judging import shipped
from tests.rulebase.conftest import Loading

FIRST = date(2020, 1, 1)
DAYS = 60
SOURCE = Source("House rules", "1", Strength.SHALL, ())


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def wording(number: int, days: InForce) -> Factor:
    return Factor(
        kind="factor", id="f", title=Text("因子", "factor"), source=SOURCE, in_force=days, line=number,
        digest=str(number), code="F", value=Decimal(number), unit="t",
    )  # fmt: skip


@st.composite
def amended(draw: st.DrawFn) -> tuple[Factor, ...]:
    """Wordings that follow one another, each known before, on or after its first day, some corrected later."""
    starts = sorted(draw(st.sets(st.integers(0, DAYS), min_size=1, max_size=4)))
    made: list[InForce] = []
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        until = None if following is None else following - 1
        if draw(st.booleans()) and until is not None:
            until = max(start, until - draw(st.integers(0, 3)))  # it ended before the next one began
        ended = draw(st.sampled_from([None, *range(0, DAYS, 7)])) if until is not None else None
        known = draw(st.sampled_from([None, *range(-20, DAYS + 20, 5)]))
        first = InForce(
            day(start),
            None if until is None else day(until),
            None if known is None else day(known),
            None if ended is None else day(ended),
        )
        made.append(first)
        if draw(st.booleans()):
            made.append(replace(first, known=(first.known or first.start) + timedelta(days=draw(st.integers(1, 9)))))
    return tuple(wording(n, days) for n, days in enumerate(draw(st.permutations(made))))


def plainly(rules: Sequence[Factor], on: date, known: date) -> str | None:
    """The wording of a day as it was known on another, read wording by wording."""
    begun = [r for r in rules if r.known <= known and r.in_force.start <= on]
    if not begun:
        return None
    last = max(begun, key=lambda r: (r.in_force.start, r.known))
    until = last.in_force.until
    if until is None or on <= until:
        return last.digest
    learnt = last.in_force.until_known
    if learnt is None:
        after = [r.known for r in rules if r.in_force.start == until + timedelta(days=1)]
        learnt = min(after) if after else known
    return last.digest if learnt > known else None


@given(amended(), st.integers(-25, DAYS + 40), st.integers(-25, DAYS + 40))
def test_the_wording_of_a_day_is_the_one_then_known(rules: tuple[Factor, ...], on: int, known: int) -> None:
    found = RuleBase(rules).known_on(day(known)).get(Factor, "f", day(on))
    assert (found.digest if found else None) == plainly(rules, day(on), day(known))


@given(amended())
def test_with_everything_known_nothing_differs(rules: tuple[Factor, ...]) -> None:
    learnt = [r.known for r in rules] + [r.in_force.until_known or FIRST for r in rules]
    plain, late = RuleBase(rules), RuleBase(rules).known_on(max(learnt))
    assert plain.of(Factor) == late.of(Factor)
    assert late.unknown == 0


@given(amended(), st.integers(-25, DAYS + 40), st.integers(0, 30))
def test_knowledge_only_grows(rules: tuple[Factor, ...], known: int, more: int) -> None:
    base = RuleBase(rules)
    before, after = base.known_on(day(known)), base.known_on(day(known + more))
    assert before.unknown >= after.unknown
    starts = {r.in_force.start for r in before.of(Factor)}
    assert starts <= {r.in_force.start for r in after.of(Factor)}
    assert all(r.known <= day(known) for r in before.of(Factor))


@given(amended(), st.integers(-25, DAYS + 40))
def test_one_wording_holds_on_a_day(rules: tuple[Factor, ...], known: int) -> None:
    standing = settled(rules, day(known))
    pairs = [(a, b) for n, a in enumerate(standing) for b in standing[n + 1 :]]
    assert not any(share_days(a, b) for a, b in pairs)


def test_before_an_amendment_is_known_the_old_wording_runs_on() -> None:
    old = wording(1, InForce(FIRST, day(9)))
    new = wording(2, InForce(day(10), known=day(30)))  # known later than in force: it works backwards
    base = RuleBase((old, new))
    assert [f.value for f in base.known_on(day(29)).in_force(Factor, day(20))] == [1]
    assert [f.value for f in base.known_on(day(30)).in_force(Factor, day(20))] == [2]
    assert base.known_on(day(29)).factor("F", day(40)) is not None


def test_an_end_without_a_follower_may_be_known_later() -> None:
    base = RuleBase((wording(1, InForce(FIRST, day(9), until_known=day(30))),))
    assert base.known_on(day(29)).factor("F", day(20)) is not None
    assert base.known_on(day(30)).factor("F", day(20)) is None


# --- the shipped rule base -------------------------------------------------------------------------------------------


def test_the_holidays_of_2026_were_computed_until_the_notice_came() -> None:
    rules, eve = shipped(), date(2025, 11, 3)
    before, after = (WorkCalendar(rules.known_on(d).of(Calendar)) for d in (eve, eve + timedelta(days=1)))
    friday = date(2026, 2, 20)
    assert before.provisional(friday)
    assert before.is_workday(friday)
    assert not after.provisional(friday)
    assert not after.is_workday(friday)


def test_nothing_of_the_rules_is_unknown_once_the_last_notice_came() -> None:
    rules = shipped()
    last = max(rule.known for rule in rules.rules)
    for kind in (Obligation, Calendar):
        assert rules.known_on(last).of(kind) == rules.of(kind)


# --- what the checker says -------------------------------------------------------------------------------------------

KNOWN = "in_force = { from = 2026-01-01 }"


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        ("in_force = { from = 2026-01-01, known = 2026-05-01 }", None),
        ("in_force = { from = 2020-01-01, until = 2025-12-31, known = 2021-01-01 }", None),
        ("in_force = { from = 2020-01-01, until = 2025-12-31 }", "both start on 2020-01-01"),
        ("in_force = { from = 2020-06-01, known = 2021-01-01 }", "overlaps the wording"),
        ("in_force = { from = 2026-01-01, until_known = 2026-05-01 }", "there is no until"),
        ("in_force = { from = 2026-01-01, known = 2026 }", "known"),
        ("in_force = { from = 2026-01-01, known = 2019-01-01 }", "is known since 2020-01-01 only"),
    ],
)
def test_wordings_of_two_times_are_checked(new: str, problem: str | None, loading: Loading) -> None:
    base, problems = loading(("duties/all.toml", KNOWN, new))
    if problem is None:
        assert (base is not None, problems) == (True, ())
    else:
        assert any(problem in p.message.en for p in problems), problems
