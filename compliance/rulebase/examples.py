"""Worked examples: what a rule says it means, computed again by the code that will judge with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from compliance.rulebase.calendar import (
    AfterCompletion,
    Anchor,
    OfEvent,
    OfPeriod,
    OfRecordDay,
    Period,
    WorkCalendar,
    anchor_day,
    disposable_from,
    due_date,
)
from compliance.rulebase.casework import Taken, after, objections, opened
from compliance.rulebase.check_findings import ON, fits, properties
from compliance.rulebase.checked import Checked
from compliance.rulebase.evaluator import FactValue, evaluate, judging_rule
from compliance.rulebase.example_figures import TAKES, computed
from compliance.rulebase.figuring import Missing
from compliance.rulebase.parse.table import suggestion
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import (
    Approval,
    Calendar,
    FactType,
    FigureRule,
    Finding,
    Number,
    Obligation,
    OnEvent,
    Periodic,
    Post,
    Problem,
    Retention,
    Rolling,
    Value,
    Workflow,
)

_Example = Mapping[str, Value]


class _Wrong(Exception):
    """An example does not have the shape that its rule needs."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class _Echo(Exception):
    """A rule that the example needs is broken; that is reported where it stands."""


@dataclass(frozen=True, slots=True)
class _Bench:
    """What examples are computed with. ``known`` holds the ids of broken blocks too."""

    base: RuleBase
    known: frozenset[tuple[str, str]]
    catalogue: Mapping[str, FactType]
    calendar: WorkCalendar

    def number(self, value: Number, on: date | None = None) -> int:
        """A number as it holds on a day for a plant that set nothing."""
        try:
            return self.base.number(value, {}, on)
        except KeyError:
            raise _Echo from None


def recompute(
    base: RuleBase,
    rules: Sequence[Checked],
    known: frozenset[tuple[str, str]],
    catalogue: Mapping[str, FactType],
) -> list[Problem]:
    """Compute every example again; the rules given are otherwise sound."""
    bench = _Bench(base, known, catalogue, WorkCalendar(base.of(Calendar)))
    return [problem for checked in rules for problem in _of_rule(bench, checked)]


def _of_rule(bench: _Bench, c: Checked) -> Iterator[Problem]:
    if isinstance(c.rule, Obligation | Finding | Approval | Workflow | Retention | Calendar | FigureRule):
        if not c.rule.examples:
            yield c.problem("examples", "缺少；至少一个算例", "missing; at least one worked example is needed")
        if isinstance(c.rule, Finding) and c.rule.examples:
            yield from _both_ways(c, c.rule)
    for n, example in enumerate(c.rule.examples, 1):
        try:
            said, found = _computed(bench, c, example)
        except _Echo:
            continue
        except (ValueError, OverflowError):  # a day of the year 0 or 10000
            yield c.problem("examples", f"第 {n} 例：日期超出日历", f"example {n}: a day beyond the calendar")
            continue
        except _Wrong as wrong:
            yield c.problem("examples", f"第 {n} 例：{wrong.zh}", f"example {n}: {wrong.en}")
            continue
        if said != found:
            yield c.problem(
                "examples",
                f"第 {n} 例：算得 {_plain(found)}，算例写的是 {_plain(said)}",
                f"example {n}: computed {_plain(found)}, the example says {_plain(said)}",
            )


def _computed(bench: _Bench, c: Checked, example: _Example) -> tuple[Value, Value]:
    """What the example says, and what comes out."""
    rule = c.rule
    match rule:
        case Obligation():
            _keys(example, {"due"}, {"period", "last", "on"})
            anchor = _anchor(rule, example)
            due = due_date(rule, anchor, partial(bench.number, on=anchor_day(anchor)), bench.calendar)
            return _day(example, "due"), due.due
        case Finding():
            return _finds(bench, rule, example)
        case Approval():
            return _flag(example, "allowed"), _allowed(bench, rule, example)
        case Workflow():
            _keys(example, {"steps", "ends"}, {"given"})
            return _text(example, "ends"), _walked(rule, example)
        case Retention():
            _keys(example, {"disposable_from"}, {"on", "period"})
            return _day(example, "disposable_from"), disposable_from(rule, _record_day(example))
        case FigureRule():
            _keys(example, {"value"}, TAKES)
            try:
                return _text(example, "value"), computed(rule, example)
            except Missing as missing:
                raise _Wrong(f"缺少“{missing.code}”", f"'{missing.code}' is not given") from None
        case Calendar():
            _keys(example, {"day", "works"}, set())
            day = _day(example, "day")
            if day.year != rule.year:
                raise _Wrong(f"{day} 不在 {rule.year} 年", f"{day} is not in {rule.year}")
            return _flag(example, "works"), WorkCalendar([rule]).is_workday(day)
    raise _Wrong("这一类规则不带算例", "rules of this kind carry no examples")


# --- due days, retention -------------------------------------------------------------------------


def _anchor(rule: Obligation, example: _Example) -> Anchor:
    match rule.cadence:
        case Periodic(every):
            period = _period(example)
            if period.every is not every:
                raise _Wrong(f"期间应按 {every} 写", f"the period should be a {every}")
            return OfPeriod(period)
        case Rolling():
            return AfterCompletion(_day(example, "last"))
        case OnEvent():
            return OfEvent(_day(example, "on"))
    return OfRecordDay(_day(example, "on"))


def _record_day(example: _Example) -> date:
    return _period(example).end if "period" in example else _day(example, "on")


def _period(example: _Example) -> Period:
    text = example.get("period")
    try:
        return Period.parse(text if isinstance(text, str) else "")
    except ValueError:
        raise _Wrong(
            "period 应写作 2026、2026-Q1、2026-01 或 2026-01-31",
            "period is written 2026, 2026-Q1, 2026-01 or 2026-01-31",
        ) from None


# --- findings ------------------------------------------------------------------------------------


def _both_ways(c: Checked, rule: Finding) -> Iterator[Problem]:
    found = {example.get("finds") for example in rule.examples}
    for wanted in (True, False):
        if wanted not in found:
            word = str(wanted).lower()
            yield c.problem(
                "examples",
                f"缺少 finds = {word} 的算例；成立与不成立各至少一个",
                f"an example with finds = {word} is missing; at least one that finds, one that does not",
            )


def _finds(bench: _Bench, rule: Finding, example: _Example) -> tuple[Value, Value]:
    _keys(example, {"facts", "finds"}, set())
    rows = example["facts"]
    if not isinstance(rows, tuple):
        raise _Wrong("facts 应为事实列表", "facts should be a list of facts")
    facts = [_fact(bench, rule, row) for row in rows]
    return _flag(example, "finds"), bool(evaluate([judging_rule(rule)], facts))


def _fact(bench: _Bench, rule: Finding, row: Value) -> Mapping[str, FactValue]:
    """A fact of an example; without a day it lies on the first day of the rule."""
    if not isinstance(row, Mapping) or not isinstance(row.get("fact"), str):
        raise _Wrong('每个事实应有 fact = "编号"', 'each fact needs fact = "id"')
    kind = str(row["fact"])
    known = properties(bench.base, bench.catalogue, kind)
    if known is None and ("fact", kind) in bench.known:
        raise _Echo
    if known is None:
        raise _Wrong(f"没有事实“{kind}”", f"there is no fact '{kind}'")
    fact: dict[str, FactValue] = {"kind": kind, ON: rule.in_force.start}
    for name, value in row.items():
        if name == "fact":
            continue
        if name not in known:
            hint = suggestion(name, known)
            raise _Wrong(
                f"事实 {kind} 没有属性“{name}”；{hint.zh}",
                f"fact {kind} has no property '{name}'; {hint.en}",
            )
        if not fits(value, known[name]) or not isinstance(value, str | int | date):
            raise _Wrong(f"{name} 应为 {known[name]}", f"{name} should be a {known[name]}")
        fact[name] = value
    return fact


# --- approvals -----------------------------------------------------------------------------------


def _allowed(bench: _Bench, rule: Approval, example: _Example) -> bool:
    """Every step but optional ones is taken, by hands that the rule lets take them together."""
    steps = {step.do: step for step in rule.steps}
    _keys(example, {"allowed"}, steps.keys())
    hands = {name: str(who) for name, who in example.items() if name != "allowed"}
    if any(step.do not in hands for step in rule.steps if not step.optional):
        return False
    for group in rule.distinct:
        people = [hands[name] for name in group if name in hands]
        if len(set(people)) < len(people):
            return False
    posts: dict[str, set[str]] = {}
    for name, who in hands.items():
        if post := steps[name].post:
            posts.setdefault(who, set()).add(post)
    apart = [set(pair) for pair in rule.never_both] + [
        {post.id, other} for post in bench.base.of(Post) for other in post.never_with
    ]
    return not any(pair <= held for pair in apart for held in posts.values())


# --- workflows -----------------------------------------------------------------------------------


def _walked(rule: Workflow, example: _Example) -> str:
    """The state after the steps, each written ``step person``, with ``field=value`` where it matters.

    A step that the rule refuses is not taken. Fields that a step needs count as filled: an example shows order and
    persons.
    """
    given, walk = example.get("given", {}), example["steps"]
    if not isinstance(given, Mapping) or not isinstance(walk, tuple):
        raise _Wrong("steps 应为列表，given 应为表", "steps should be a list and given a table")
    view = opened(rule, {name: value for name, value in given.items() if isinstance(value, str | bool)})
    for line in walk:
        name, _, rest = str(line).partition(" ")
        person, *said = rest.split(" ")
        step, named = rule.step(name), [one.partition("=") for one in said]
        if step is None or not person or not all(equals for _, equals, _ in named):
            hint = suggestion(name, [s.id for s in rule.steps])
            raise _Wrong(
                f"“{line}”应写作“步骤 人”或“步骤 人 字段=值”；{hint.zh}",
                f"'{line}' should be 'step person' or 'step person field=value'; {hint.en}",
            )
        filled = {need: view.fields.get(need, "x") for need in step.needs} | {"reason": "x"}
        filled |= {key: value for key, _, value in named}
        if not objections(rule, view, step, person, filled):
            view = after(rule, view, Taken(name, person, filled))
    return view.state


def _text(example: _Example, key: str) -> str:
    value = example[key]
    if not isinstance(value, str):
        raise _Wrong(f"{key} 应为文字", f"{key} should be a text")
    return value


# --- shapes --------------------------------------------------------------------------------------


def _keys(example: _Example, needed: Collection[str], more: Collection[str]) -> None:
    for name in example:
        if name not in needed and name not in more:
            hint = suggestion(name, [*needed, *more])
            raise _Wrong(f"未知的键 {name}；{hint.zh}", f"unknown key {name}; {hint.en}")
    for name in needed:
        if name not in example:
            raise _Wrong(f"缺少 {name}", f"{name} is missing")


def _day(example: _Example, key: str) -> date:
    value = example.get(key)
    if not isinstance(value, date):
        raise _Wrong(f"{key} 应为日期", f"{key} should be a day")
    return value


def _flag(example: _Example, key: str) -> bool:
    value = example.get(key)
    if not isinstance(value, bool):
        raise _Wrong(f"{key} 应为 true 或 false", f"{key} should be true or false")
    return value


def _plain(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
