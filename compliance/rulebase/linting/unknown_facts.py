"""Facts and properties that do not exist: by the derivation of each wording, not of the latest alone."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.kernel.text import Text
from compliance.rulebase.check_wordings import share_days
from compliance.rulebase.linting.base import Check, Seen, Setting, Severity
from compliance.rulebase.linting.conditions import ON
from compliance.rulebase.linting.examples import DEALS, FILE, finding, rule
from compliance.rulebase.parse.table import suggestion
from compliance.rulebase.schema import FactRule, Finding, Pattern, PropOf


def _unknown(setting: Setting) -> Iterator[Seen]:
    for found in setting.base.of(Finding):
        for pattern in found.when:
            facts = setting.base.wordings(FactRule, pattern.fact)
            if not facts:
                hint = suggestion(pattern.fact, [f.id for f in setting.base.of(FactRule)])
                zh, en = f"没有事实“{pattern.fact}”", f"there is no fact '{pattern.fact}'"
                yield Seen(found, Text(f"{zh}；{hint.zh}", f"{en}; {hint.en}"), at=pattern.fact)
            for fact in facts:
                if share_days(fact, found):
                    yield from _properties(setting, found, pattern, fact)


def _properties(setting: Setting, found: Finding, pattern: Pattern, fact: FactRule) -> Iterator[Seen]:
    type_ = setting.catalogue.get(fact.derivation)
    known = {ON, *type_.properties} if type_ else set()
    for name in sorted(_asked(found, pattern) - known):
        hint = suggestion(name, known)
        yield Seen(
            found,
            Text(
                f"事实 {fact.id} 自 {fact.in_force.start} 起的版本没有属性“{name}”；{hint.zh}",
                f"the wording of fact {fact.id} from {fact.in_force.start} has no property '{name}'; {hint.en}",
            ),
            fact,
            name,
        )


def _asked(found: Finding, pattern: Pattern) -> set[str]:
    """The properties of a pattern's fact that any term of the finding speaks of."""
    own = {term.prop for term in pattern.terms}
    own |= {
        term.value.prop
        for other in found.when
        for term in other.terms
        if isinstance(term.value, PropOf) and (term.value.alias or other.alias) == pattern.alias
    }
    return own


_OTHER = rule("fact.deal", 'derivation = "visits"\nwith = {}', days="from = 2019-01-01, until = 2025-12-31")
_LATER = rule("fact.deal", 'derivation = "deals"\nwith = {}', days="from = 2026-01-01")

CHECK = Check(
    id="fact-unknown",
    title=Text("不存在的事实或属性", "A fact or property that does not exist"),
    severity=Severity.ERROR,
    run=_unknown,
    firing=(
        FILE + DEALS + finding("late", '{ fact = "dael", missing = { gt = 0 } }'),
        FILE + DEALS + finding("late", '{ fact = "deal", mising = { gt = 0 } }'),
        FILE + _OTHER + _LATER + finding("late", '{ fact = "deal", missing = { gt = 0 } }'),
    ),
    silent=(
        FILE + DEALS + finding("late", '{ fact = "deal", done = { gt = { of = "due" } } }'),
        FILE + _OTHER + _LATER + finding("late", '{ fact = "deal", missing = { gt = 0 } }', days="from = 2026-01-01"),
    ),
)
