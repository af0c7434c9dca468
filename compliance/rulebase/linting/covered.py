"""Findings of one situation of which one fires wherever the other does: the narrow one adds nothing."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.kernel.text import Text
from compliance.rulebase.linting.base import Check, Seen, Setting, Severity, name_of
from compliance.rulebase.linting.examples import DEALS, FILE, finding
from compliance.rulebase.linting.same_findings import covering


def _covered(setting: Setting) -> Iterator[Seen]:
    for narrow, wide in covering(setting):
        if (narrow.situation, narrow.then) == (wide.situation, wide.then):
            name = name_of(wide)
            text = Text(
                f"凡它成立，{name} 亦成立，且后果相同", f"wherever it fires, {name} does, with the same outcome"
            )
            yield Seen(narrow, text, wide)


CHECK = Check(
    id="finding-covered",
    title=Text("已被另一规则包含的判定", "A finding that another one of its situation always accompanies"),
    severity=Severity.WARNING,
    run=_covered,
    firing=(
        FILE
        + DEALS
        + finding("late", '{ fact = "deal", done = { gt = { of = "due" } } }')
        + finding("very-late", '{ fact = "deal", as = "it", signed = true, due = { lt = { of = "it.done" } } }'),
        FILE
        + DEALS
        + finding("large", '{ fact = "deal", amount = { gt = 4 } }')
        + finding("larger", '{ fact = "deal", amount = { gte = 6 } }'),
    ),
    silent=(
        FILE
        + DEALS
        + finding("large", '{ fact = "deal", amount = { gt = 4 } }')
        + finding("larger", '{ fact = "deal", amount = { gte = 6 } }', grade="low"),
        FILE
        + DEALS
        + finding("large", '{ fact = "deal", amount = { gt = 4, lt = 9 } }')
        + finding("larger", '{ fact = "deal", amount = { gte = 6 } }'),
    ),
)
