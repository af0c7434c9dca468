"""Acts that the rules refuse: what would be wrong is judged before it is done, by the findings that refuse the act.

The plain evaluator alone judges an act: whoever stands at the page waits for it, and what it lets pass is judged by
both engines like everything that is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import ClassVar

from compliance.core.facts import facts_of
from compliance.core.findings import found_by
from compliance.core.judged import Found
from compliance.core.looking import own_values
from compliance.core.model import PlantData
from compliance.core.model.deeds import Deed, FigurePart
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text
from compliance.rulebase.check_figures import rests_on, terms_of
from compliance.rulebase.evaluator import evaluate, judging_rule
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import FigureRule, Finding, Rule

#: Acts as rules name them.
ENTER, SIGN, DISPOSE, DEFINE = "enter", "sign", "dispose", "define"
_SENTENCE = Text(
    zh="{message}。{remedy}（规则 finding.{rule}，{clause}）", en="{message}. {remedy} (rule finding.{rule}, {clause})"
)


class RefusedByRule(Refused):
    """A rule refuses the act: it would leave what the rule finds wrong."""

    code = "refused-by-rule"
    text: ClassVar[Text] = Text(zh="{why}", en="{why}")


def refused(
    rulebase: RuleBase, act: str, data: PlantData, binds: Callable[[Rule], bool] = lambda _: True
) -> list[Found]:
    """What the findings that refuse an act conclude from a plant's rows and the deeds that are about to be done."""
    rules = {judging_rule(f).name: f for f in rulebase.of(Finding) if act in f.refuses and binds(f)}
    if not rules:
        return []
    kinds = frozenset(pattern.fact for f in rules.values() for pattern in f.when)
    facts = facts_of(data, rulebase, (), own_values(data), kinds)
    conclusions = evaluate([judging_rule(f) for f in rules.values()], facts)
    return [found_by(rules[c.rule], tuple(facts[n] for n in c.facts)) for c in conclusions]


def sentence(found: Found) -> Text:
    """Why, what would be right, and by which rule."""
    return _SENTENCE.fill(message=found.message, remedy=found.remedy, rule=found.rule, clause=found.clause)


def against(rulebase: RuleBase, act: str, day: date, *deeds: Deed) -> list[Found]:
    """What the rules have against these deeds alone, whatever a plant's rows say."""
    return refused(rulebase, act, PlantData("", day, day, day, {}, deeds=deeds))


def figure_parts(rulebase: RuleBase) -> Iterator[FigurePart]:
    """The parts of every total of a rule base, also of the figures that it rests on."""
    for rule in rulebase.of(FigureRule):
        if rule.boundary is not None:
            yield from _parts(rulebase, rule, rule, set())


def _parts(rulebase: RuleBase, total: FigureRule, rule: FigureRule, seen: set[str]) -> Iterator[FigurePart]:
    boundary = str(total.boundary)
    for term in terms_of(rule):
        yield FigurePart(total.code, boundary, f"{rule.code}/{term.item_class}", item_class=term.item_class)
    for name in (name for name in rests_on(rule) if name not in seen):
        seen.add(name)
        for part in rulebase.wordings(FigureRule, name):
            yield FigurePart(total.code, boundary, part.code, str(part.boundary or ""))
            yield from _parts(rulebase, total, part, seen)
