"""Obligations that want one thing, shown by one evidence, on different days."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from compliance.kernel.canonical import canonical
from compliance.kernel.text import Text
from compliance.rulebase.check_wordings import share_days
from compliance.rulebase.linting.base import Check, Seen, Setting, Severity, name_of
from compliance.rulebase.linting.examples import FILE, obligation
from compliance.rulebase.schema import Obligation


def _contradicting(setting: Setting) -> Iterator[Seen]:
    groups: dict[tuple[object, ...], list[Obligation]] = {}
    for duty in setting.base.of(Obligation):
        groups.setdefault(_thing(duty), []).append(duty)
    for one, other in (pair for group in groups.values() for pair in combinations(group, 2)):
        if one.due != other.due and _meet(one, other):
            name = name_of(other)
            yield Seen(
                one,
                Text(
                    f"与 {name} 要求、凭据、周期相同，到期日却不同",
                    f"answers to the same requirement by the same evidence and cadence as {name}, due on another day",
                ),
                other,
            )


def _thing(duty: Obligation) -> tuple[object, ...]:
    """What is to be done: shown by which evidence, handed in or read, for which subjects, how often."""
    evidence = duty.evidence
    asked = frozenset(text.zh for text in evidence.asks)
    return evidence.completed_by, canonical([evidence.with_, duty.where]), asked, duty.for_each, repr(duty.cadence)


def _meet(one: Obligation, other: Obligation) -> bool:
    """Whether both can bind one plant on one day by one requirement."""
    apart = any(other.applies_if.get(item, word) != word for item, word in one.applies_if.items())
    answers = set(one.source.requirements) & set(other.source.requirements)
    return one.id != other.id and bool(answers) and not apart and share_days(one, other)


_EARLY, _LATE = '{ kind = "period-end" }', '{ kind = "days-after", days = 9 }'

CHECK = Check(
    id="contradiction-due",
    title=Text("同一义务的不同到期日", "One duty with different due days"),
    severity=Severity.ERROR,
    run=_contradicting,
    firing=(FILE + obligation("a", _EARLY) + obligation("b", _LATE),),
    silent=(
        FILE + obligation("a", _EARLY) + obligation("b", _LATE, requirement="R-2"),
        FILE + obligation("a", _EARLY) + obligation("b", _EARLY),
        FILE
        + obligation("a", _EARLY, more='applies_if = { kiln = "yes" }')
        + obligation("b", _LATE, more='applies_if = { kiln = "no" }'),
    ),
)
