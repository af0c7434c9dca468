"""Two factors of one code, or two workflows of one kind of case, on the same day: which one holds is chance."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from compliance.kernel.text import Text
from compliance.rulebase.check_wordings import share_days
from compliance.rulebase.linting.base import Check, Seen, Setting, Severity, name_of
from compliance.rulebase.linting.examples import FILE, rule
from compliance.rulebase.schema import Factor, Rule, Workflow


def _twice(setting: Setting) -> Iterator[Seen]:
    claims: dict[tuple[str, str], list[Rule]] = {}
    for factor in setting.base.of(Factor):
        claims.setdefault(("code", factor.code), []).append(factor)
    for workflow in setting.base.of(Workflow):
        claims.setdefault(("applies_to", workflow.applies_to), []).append(workflow)
    for (key, word), rules in claims.items():
        for one, other in combinations(rules, 2):
            if one.id != other.id and share_days(one, other):
                zh, en = f"“{word}”同时属于 {name_of(other)}", f"'{word}' belongs to {name_of(other)} as well"
                yield Seen(one, Text(zh, en), other, key)


def _factor(name: str, code: str) -> str:
    return rule(f"factor.{name}", f'code = "{code}"\nvalue = "0.1"\nunit = "1"')


CHECK = Check(
    id="contradiction-twice",
    title=Text("同一代码或同类事项由两条规则规定", "Two rules for one code or one kind of case"),
    severity=Severity.ERROR,
    run=_twice,
    firing=(FILE + _factor("a", "EF") + _factor("b", "EF"),),
    silent=(FILE + _factor("a", "EF") + _factor("b", "EG"),),
)
