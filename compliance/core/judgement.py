"""The judgement: two engines look at the same facts, and only what both say is a decision.

The plain evaluator always judges; the other engine is handed in through the port :class:`Engine`. Any difference means
that nothing is known: whoever calls :func:`judge` stores, closes and withdraws nothing when it raises, so that earlier
findings stand (docs/design/0003-two-engines.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text
from compliance.rulebase.admission import check_facts
from compliance.rulebase.evaluator import Conclusion, Fact, JudgingRule, evaluate
from compliance.rulebase.schema import PropType


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """What an engine says of itself: whether it can judge here at all, and whether it last did.

    An engine that is not ``available`` (not installed) leaves the plain evaluator alone, and every screen says so;
    one that is available and not ``healthy`` failed last time, and nothing was decided.
    """

    available: bool
    name: str
    version: str
    message: Text
    healthy: bool = True


class Engine(Protocol):
    """Another engine than the plain evaluator."""

    def evaluate(self, rules: Sequence[JudgingRule], facts: Sequence[Fact]) -> list[Conclusion]:
        """Return every conclusion, sorted, or raise EngineFailed: never a part of them."""
        ...

    def health(self) -> EngineHealth:
        """Say whether the engine is there and well."""
        ...


class EngineFailed(CannotDecide):
    """An engine gave no answer: nothing is decided."""

    code = "engine-failed"
    text = Text(zh="判定引擎 {engine} 未能给出结果：{reason}", en="The engine {engine} gave no answer: {reason}")


class EnginesDisagree(CannotDecide):
    """The engines conclude differently: nothing is decided; ``facts`` are those of the first difference."""

    code = "engines-disagree"
    text = Text(
        zh="两个判定引擎结论不一致，本次判定作废。规则 {rule}，事实 {facts}："
        "平实求值器得出 {plain} 次，{engine} 得出 {other} 次",
        en="The engines disagree, nothing is decided. Rule {rule}, facts {facts}: "
        "{plain} times by the plain evaluator, {other} times by {engine}",
    )


class RuleUnfit(CannotDecide):
    """A rule compares what cannot be compared: the rule base and the facts' types do not fit."""

    code = "rule-unfit"
    text = Text(zh="规则与事实类型不符：{reason}", en="Rule and types of facts do not fit: {reason}")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was decided; ``single`` tells that one engine alone judged, and ``reason`` why."""

    conclusions: tuple[Conclusion, ...]
    engines: tuple[EngineHealth, ...]
    single: bool
    reason: Text | None = None


_NO_OTHER = Text(
    zh="未配置第二判定引擎，仅由平实求值器判定",
    en="No second engine is set up: the plain evaluator judged alone",
)


def judge(
    rules: Sequence[JudgingRule],
    facts: Sequence[Fact],
    types: Mapping[str, Mapping[str, PropType]],
    engines: Sequence[Engine],
) -> Judgement:
    """Judge the facts by the plain evaluator and every available engine; raise CannotDecide unless all agree."""
    check_facts(facts, types)
    try:
        plain = evaluate(rules, facts)
        healths = tuple(engine.health() for engine in engines)
        for engine, health in zip(engines, healths, strict=True):
            if health.available:
                _compare(plain, engine.evaluate(rules, facts), health.name, facts)
    except TypeError as error:
        raise RuleUnfit(reason=str(error)) from error
    single = not any(health.available for health in healths)
    reason = next((health.message for health in healths), _NO_OTHER) if single else None
    return Judgement(tuple(plain), healths, single, reason)


def _compare(plain: list[Conclusion], other: list[Conclusion], engine: str, facts: Sequence[Fact]) -> None:
    ours, theirs = Counter(plain), Counter(other)
    different = [found for found in {*ours, *theirs} if ours[found] != theirs[found]]
    if not different:
        return
    first = min(different)
    raise EnginesDisagree(
        rule=first.rule,
        facts=[dict(facts[number]) if number in range(len(facts)) else number for number in first.facts],
        plain=ours[first],
        other=theirs[first],
        engine=engine,
    )
