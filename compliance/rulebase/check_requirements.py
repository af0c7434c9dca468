"""Whether rules and the register of requirements fit together: every code named exists, none stands twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compliance.rulebase.checked import Checked, World, names
from compliance.rulebase.parse.table import suggestion
from compliance.rulebase.schema import Document, Ledger, Problem, Requirement, Rule, Slip, Standard


def check_requirements(world: World, rules: Sequence[Checked]) -> Iterator[Problem]:
    """Problems of the register; rules of a document whose statements are not registered may name any code."""
    yield from _twice(rules)
    yield from _lacking(world, rules)
    registered: dict[str, set[str]] = {}
    for requirement in world.base.of(Requirement):
        registered.setdefault(requirement.source.document, set()).add(requirement.code)
    for c in rules:
        if isinstance(c.rule, Requirement):
            yield from names(world, c, "slips", "slip", c.rule.slips)
        codes = registered.get(c.rule.source.document, set())
        for code in _named(c.rule) if codes else ():
            if code not in codes:
                hint = suggestion(code, codes)
                yield c.problem(
                    "source", f"没有要求“{code}”；{hint.zh}", f"there is no requirement '{code}'; {hint.en}"
                )


def _named(rule: Rule) -> tuple[str, ...]:
    sections = rule.sections if isinstance(rule, Document) else ()
    return (*rule.source.requirements, *(code for section in sections for code in section.requirements))


def _lacking(world: World, rules: Sequence[Checked]) -> Iterator[Problem]:
    """A register that holds fewer statements, or more, than its standard has."""
    for c in rules:
        if isinstance(c.rule, Standard) and c.rule.statements is not None:
            there = len({r.code for r in world.base.of(Requirement) if r.pack == c.rule.pack})
            if there != c.rule.statements:
                yield c.problem(
                    "statements",
                    f"标准有 {c.rule.statements} 条要求，登记表有 {there} 条",
                    f"the standard has {c.rule.statements} requirements, the register holds {there}",
                )


def _twice(rules: Sequence[Checked]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], str] = {}
    for c in rules:
        if isinstance(c.rule, Requirement | Slip | Ledger):
            first = seen.setdefault((c.rule.kind, c.rule.code), c.rule.id)
            if first != c.rule.id:
                yield c.problem("code", f"“{c.rule.code}”已属于 {first}", f"'{c.rule.code}' belongs to {first} already")
