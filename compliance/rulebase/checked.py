"""A rule with its lines, and the names it may refer to: what every check starts from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from compliance.kernel.text import Text
from compliance.rulebase.parse.table import suggestion
from compliance.rulebase.rulebase import KINDS, RuleBase
from compliance.rulebase.schema import FactType, Parameter, Problem, Ref, Rule, Value


@dataclass(frozen=True, slots=True)
class Checked:
    """A rule and the lines on which its keys stand."""

    rule: Rule
    keys: Mapping[str, int]

    def problem(self, key: str, zh: str, en: str) -> Problem:
        """A problem at a key of the rule, else at its header."""
        line = self.keys.get(key, self.rule.line)
        name = f"{key}：", f"{key}: "
        text = Text(name[0] + zh, name[1] + en) if key else Text(zh, en)
        return Problem(self.rule.file, line, self.rule.id, text)


@dataclass(frozen=True, slots=True)
class World:
    """What names may refer to. ``known`` holds ids of broken blocks too: those are reported once."""

    base: RuleBase
    known: frozenset[tuple[str, str]]
    catalogue: Mapping[str, FactType]
    readers: Collection[str]

    def known_after(self, kind: str, name: str, rule: Rule) -> date | None:
        """The day since when a parameter that a rule needs is known, if the rule is known before it."""
        if KINDS[kind] is not Parameter:
            return None
        since = min((r.known for r in self.base.written(Parameter, name)), default=rule.known)
        return since if since > rule.known else None

    def home(self, kind: str, name: str) -> str:
        """The pack that a name stands in; empty for a rule of the main standard."""
        found = self.base.wordings(KINDS[kind], name)
        return found[0].pack if found else ""

    def ids(self, kind: str) -> list[str]:
        """The ids of a kind."""
        return sorted(rule_id for k, rule_id in self.known if k == kind)


def names(world: World, c: Checked, key: str, kind: str, names: Sequence[str | None]) -> Iterator[Problem]:
    """Names of rules of a kind that must exist; None is no name."""
    for name in names:
        if name is not None and (kind, name) not in world.known:
            hint = suggestion(name, world.ids(kind))
            yield c.problem(
                key,
                f"{kind} “{name}”不存在；{hint.zh}",
                f"there is no {kind} '{name}'; {hint.en}",
            )
        elif name is not None and world.home(kind, name) not in ("", c.rule.pack):
            home = world.home(kind, name)
            yield c.problem(
                key,
                f"{kind} “{name}”属于规则包 {home}，别的规则不得依赖它",
                f"{kind} '{name}' belongs to the pack {home}; no rule outside it may rest on it",
            )
        elif name is not None and (since := world.known_after(kind, name, c.rule)):
            yield c.problem(
                key,
                f"{kind} “{name}”到 {since} 才获知，晚于本规则（{c.rule.known}）",
                f"{kind} '{name}' is known since {since} only, later than this rule ({c.rule.known})",
            )


def refs(world: World, c: Checked, key: str, value: Value | Ref) -> Iterator[Problem]:
    """References ``{ kind = "id" }`` anywhere below a free table."""
    match value:
        case Ref(name):
            yield from names(world, c, key, "parameter", [name])
        case Mapping():
            for word, inner in value.items():
                if len(value) == 1 and word in KINDS and isinstance(inner, str):
                    yield from names(world, c, key, word, [inner])
                yield from refs(world, c, key, inner)
        case tuple():
            for inner in value:
                yield from refs(world, c, key, inner)


def free(world: World, c: Checked, key: str, table: Mapping[str, Value]) -> Iterator[Problem]:
    """References in the values of a free table."""
    for value in table.values():
        yield from refs(world, c, key, value)
