"""Whether templates of plants and the group still fit under other rules: the names they use, what they have to show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Protocol

from compliance.core.documents import DATA_SETS, Desk, document_names
from compliance.core.documents.plan import TemplateProblem, check_names
from compliance.core.planning import Unfit
from compliance.core.plants import Plant
from compliance.core.templates.checking import demanded
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document

#: How many problems of one template are named.
_MOST = 50


class FitReads(Protocol):
    """What is asked of a look."""

    def templates_published(self, plant: Plant | None) -> Mapping[str, str]:
        """The files of the plant's own templates in use, or of the group's, by the rules of their documents."""
        ...


def unfit(
    reads: FitReads, desk: Desk, plant: Plant | None, before: RuleBase, after: RuleBase, today: date
) -> tuple[Unfit, ...]:
    """The plant's own templates (without a plant, the group's) that rules would not admit.

    What the rules in use say of them already does not count.
    """
    found = []
    for name, file in sorted(reads.templates_published(plant).items()):
        known = set(_problems(desk, before, name, file, today))
        new = [p for p in dict.fromkeys(_problems(desk, after, name, file, today)) if p not in known]
        if new:
            found.append(Unfit(name, file, tuple((p.where.zh, p.text) for p in new[:_MOST])))
    return tuple(found)


def _problems(desk: Desk, rules: RuleBase, name: str, file: str, today: date) -> Iterator[TemplateProblem]:
    """What every wording of the rule that holds from a day on would say of a template."""
    read = desk.renderer.inspect(desk.read(file))
    yield from read.problems
    for rule in rules.wordings(Document, name):
        if rule.in_force.until is not None and rule.in_force.until < today:
            continue
        if all(one in DATA_SETS for one in rule.data):
            names = document_names(rule, rules)
            yield from (problem for part, nodes in read.parts.items() for problem in check_names(part, nodes, names))
        yield from demanded(rule, read.parts)[0]
