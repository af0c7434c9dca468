"""Whether what a figure names exists: classes, parameters, findings, other figures; and that none rests on itself."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.rulebase.checked import Checked, World, names
from compliance.rulebase.parse.table import suggestion
from compliance.rulebase.schema import (
    ByReport,
    FigureRule,
    OfFigure,
    Problem,
    QuantityTerm,
    Quotient,
    SampleMean,
    SumOfFigures,
    SumOfTerms,
    Vocabulary,
)

#: The vocabularies whose words figures name.
ITEM_CLASS, PARAMETER, SAMPLE = "item-class", "test-parameter", "sample-type"


def check_figure(world: World, c: Checked, rule: FigureRule) -> Iterator[Problem]:
    """Every name of a figure that does not exist."""
    for term in terms_of(rule):
        yield from _word(world, c, ITEM_CLASS, term.item_class)
        for what in term.times:
            if isinstance(what, ByReport):
                yield from _word(world, c, PARAMETER, what.parameter)
                yield from names(world, c, "terms", "finding", what.unless)
    if isinstance(rule.shape, SampleMean):
        yield from _word(world, c, SAMPLE, rule.shape.samples)
    yield from names(world, c, "figures", "figure", rests_on(rule))
    if rule.id in _below(world, rule):
        yield c.problem("figures", "指标依赖自身", "the figure rests on itself")


def terms_of(rule: FigureRule) -> tuple[QuantityTerm, ...]:
    """The terms over quantities of a figure."""
    match rule.shape:
        case SumOfTerms(terms):
            return terms
        case Quotient(over, under):
            return tuple(one for one in (*over, *under) if isinstance(one, QuantityTerm))
    return ()


def rests_on(rule: FigureRule) -> tuple[str, ...]:
    """The ids of the figures that a figure is made of."""
    match rule.shape:
        case SumOfFigures(figures):
            return figures
        case Quotient(over, under):
            return tuple(one.figure for one in (*over, *under) if isinstance(one, OfFigure))
    return ()


def _below(world: World, rule: FigureRule) -> set[str]:
    found: set[str] = set()
    waiting = list(rests_on(rule))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [below for one in world.base.wordings(FigureRule, name) for below in rests_on(one)]
    return found


def _word(world: World, c: Checked, vocabulary: str, word: str) -> Iterator[Problem]:
    """A word of a vocabulary; a rule base without that vocabulary may use any."""
    known = {w.id for rule in world.base.wordings(Vocabulary, vocabulary) for w in rule.words}
    if known and word not in known:
        hint = suggestion(word, known)
        yield c.problem(
            "terms",
            f"词表 {vocabulary} 没有“{word}”；{hint.zh}",
            f"vocabulary {vocabulary} has no '{word}'; {hint.en}",
        )
