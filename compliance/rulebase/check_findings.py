"""Do facts and findings fit the catalogue: derivations, parameters, properties and their types."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator, Mapping
from datetime import date

from compliance.rulebase.checked import Checked, World, free, names
from compliance.rulebase.parse.table import suggestion
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import (
    FactRule,
    FactType,
    Finding,
    Op,
    Pattern,
    Problem,
    PropOf,
    PropType,
    Term,
    Vocabulary,
)

#: Vocabularies from which findings take the category and grade of what they raise.
CATEGORIES, GRADES = "nonconformity-category", "nonconformity-grade"
#: Every fact has its day.
ON = "on"
#: The property by which facts name an obligation, by id or by code.
_OBLIGATION = "obligation"
_ORDERED = frozenset({PropType.NUMBER, PropType.DAY})
_PYTHON: Mapping[PropType, type] = {
    PropType.TEXT: str,
    PropType.NUMBER: int,
    PropType.FLAG: bool,
    PropType.DAY: date,
}
#: Parameters of derivations that name a rule of the kind they are called after.
_NAMING = ("approval", "post", "vocabulary")


def check_fact(world: World, c: Checked, rule: FactRule) -> Iterator[Problem]:
    """A kind of fact: its derivation exists and gets the parameters it takes."""
    signature = world.catalogue.get(rule.derivation)
    if signature is None:
        hint = suggestion(rule.derivation, world.catalogue)
        yield c.problem(
            "derivation",
            f"目录中没有推导“{rule.derivation}”；{hint.zh}",
            f"the catalogue has no derivation '{rule.derivation}'; {hint.en}",
        )
        return
    allowed = (*signature.parameters, *signature.optional)
    for name in (name for name in rule.with_ if name not in allowed):
        hint = suggestion(name, allowed)
        yield c.problem(
            "with",
            f"推导 {rule.derivation} 没有参数“{name}”；{hint.zh}",
            f"derivation {rule.derivation} takes no parameter '{name}'; {hint.en}",
        )
    for name in (name for name in signature.parameters if name not in rule.with_):
        yield c.problem(
            "with",
            f"推导 {rule.derivation} 需要参数“{name}”",
            f"derivation {rule.derivation} needs the parameter '{name}'",
        )
    yield from free(world, c, "with", rule.with_)
    for kind in _NAMING:
        if isinstance(named := rule.with_.get(kind), str):
            yield from names(world, c, "with", kind, [named])


def properties(base: RuleBase, catalogue: Mapping[str, FactType], fact: str) -> Mapping[str, PropType] | None:
    """Typed properties of a kind of fact, its day included; None if the kind is not known."""
    rules = base.wordings(FactRule, fact)
    signature = catalogue.get(rules[-1].derivation) if rules else None
    return {ON: PropType.DAY, **signature.properties} if signature else None


def fits(value: object, wanted: PropType) -> bool:
    """Whether a constant has the type of a property."""
    return type(value) is _PYTHON[wanted]


def check_finding(world: World, c: Checked, rule: Finding) -> Iterator[Problem]:
    """A finding: its facts have the properties it compares and shows, of fitting types."""
    yield from names(world, c, "when", "fact", [pattern.fact for pattern in rule.when])
    known = {p.alias: properties(world.base, world.catalogue, p.fact) for p in rule.when}
    if len(known) < len(rule.when):
        yield c.problem(
            "when",
            "同种事实出现两次时，各用 as 取不同的别名",
            'facts of one kind that occur twice need different names: as = "…"',
        )
    for pattern in rule.when:
        for term in pattern.terms:
            yield from _term(c, pattern, term, known)
            yield from _obligation(world, c, term)
    first = known[rule.when[0].alias] if rule.when else None
    if first is not None:
        yield from _shown(c, rule, first)
    yield from word_known(world, c, "then", CATEGORIES, rule.then.category)
    yield from word_known(world, c, "then", GRADES, rule.then.grade)


def _shown(c: Checked, rule: Finding, first: Mapping[str, PropType]) -> Iterator[Problem]:
    """Subject, period, note and the places of the sentences are properties of the first fact."""
    for key in ("subject", "period", "note"):
        name = getattr(rule, key)
        if name and name not in first:
            yield _no_property(c, key, rule.when[0].fact, name, first)
    for key, text in (("message", rule.message), ("remedy", rule.remedy)):
        for sentence in (text.zh, text.en):
            try:
                places = [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]
            except ValueError as error:
                yield c.problem(key, f"花括号不成对：{error}", f"unbalanced braces: {error}")
                continue
            for name in (name for name in places if name not in first):
                yield _no_property(c, key, rule.when[0].fact, name, first)


def _no_property(c: Checked, key: str, fact: str, name: str, known: Collection[str]) -> Problem:
    hint = suggestion(name, known)
    return c.problem(
        key,
        f"事实 {fact} 没有属性“{name}”；{hint.zh}",
        f"fact {fact} has no property '{name}'; {hint.en}",
    )


def _term(
    c: Checked,
    pattern: Pattern,
    term: Term,
    known: Mapping[str, Mapping[str, PropType] | None],
) -> Iterator[Problem]:
    own = known[pattern.alias]
    if own is None:
        return
    if term.prop not in own:
        yield _no_property(c, "when", pattern.fact, term.prop, own)
        return
    wanted = own[term.prop]
    if term.op is Op.GIVEN:
        if type(term.value) is not bool:
            yield c.problem("when", f"{term.prop}.given 应为 true 或 false", f"{term.prop}.given is true or false")
        return
    if term.op not in {Op.EQ, Op.NE} and wanted not in _ORDERED:
        yield c.problem(
            "when",
            f"{term.prop} 是 {wanted}，没有大小；只能用 eq、ne、given",
            f"{term.prop} is a {wanted} and has no order; use eq, ne or given",
        )
    if isinstance(term.value, PropOf):
        yield from _other(c, pattern, term, wanted, term.value, known)
    elif not fits(term.value, wanted):
        yield c.problem(
            "when",
            f"{term.prop} 是 {wanted}，不能与 {term.value!r} 比较",
            f"{term.prop} is a {wanted}; it cannot be compared with {term.value!r}",
        )


def _obligation(world: World, c: Checked, term: Term) -> Iterator[Problem]:
    """A finding about an obligation that does not exist would never fire, and its examples not show it."""
    if term.prop == _OBLIGATION and isinstance(term.value, str) and not world.base.of_code(term.value):
        yield from names(world, c, "when", _OBLIGATION, [term.value])


def _other(
    c: Checked,
    pattern: Pattern,
    term: Term,
    wanted: PropType,
    right: PropOf,
    known: Mapping[str, Mapping[str, PropType] | None],
) -> Iterator[Problem]:
    alias = right.alias or pattern.alias
    if alias not in known:
        hint = suggestion(alias, known)
        yield c.problem("when", f"没有别名“{alias}”；{hint.zh}", f"there is no fact named '{alias}'; {hint.en}")
        return
    props = known[alias]
    if props is None:
        return
    if right.prop not in props:
        yield _no_property(c, "when", alias, right.prop, props)
    elif props[right.prop] is not wanted:
        yield c.problem(
            "when",
            f"{term.prop} 是 {wanted}，而 {alias}.{right.prop} 是 {props[right.prop]}",
            f"{term.prop} is a {wanted} but {alias}.{right.prop} a {props[right.prop]}",
        )


def word_known(world: World, c: Checked, key: str, vocabulary: str, word: str) -> Iterator[Problem]:
    """What a key of a rule says is a word of a vocabulary."""
    if ("vocabulary", vocabulary) not in world.known:
        yield c.problem(
            key,
            f"缺少词表 [vocabulary.{vocabulary}]",
            f"the vocabulary [vocabulary.{vocabulary}] is missing",
        )
        return
    words = {w.id for v in world.base.wordings(Vocabulary, vocabulary) for w in v.words}
    if words and word not in words:
        hint = suggestion(word, words)
        yield c.problem(
            key,
            f"词表 {vocabulary} 中没有“{word}”；{hint.zh}",
            f"vocabulary {vocabulary} has no '{word}'; {hint.en}",
        )
