"""What a rule says about other rules: names that must exist, types that must fit, days that may not overlap.

Grammar inside one block is the loader's; worked examples are :mod:`compliance.rulebase.examples`.
"""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from compliance.kernel.text import Text
from compliance.rulebase.parse.table import suggestion
from compliance.rulebase.rulebase import KINDS, RuleBase
from compliance.rulebase.schema import (
    AfterLast,
    Approval,
    Calendar,
    DateOfYear,
    DayOfMonth,
    DaysAfter,
    Document,
    FactRule,
    FactType,
    Finding,
    MonthEndOfRecord,
    Obligation,
    OfRecord,
    OnEvent,
    Op,
    Parameter,
    Pattern,
    PeriodEnd,
    Periodic,
    PerRecord,
    Post,
    Problem,
    PropOf,
    PropType,
    Ref,
    Retention,
    Rolling,
    Rule,
    Term,
    Value,
    Vocabulary,
)

#: Vocabularies from which findings take the category and grade of what they raise.
CATEGORIES, GRADES = "nonconformity-category", "nonconformity-grade"
#: Every fact has its day.
ON = "on"
_ORDERED = frozenset({PropType.NUMBER, PropType.DAY})
_PYTHON: Mapping[PropType, type] = {
    PropType.TEXT: str,
    PropType.NUMBER: int,
    PropType.FLAG: bool,
    PropType.DAY: date,
}
_FITTING: Mapping[type, tuple[type, ...]] = {
    Periodic: (DayOfMonth, DaysAfter, DateOfYear, PeriodEnd),
    Rolling: (AfterLast,),
    PerRecord: (OfRecord, MonthEndOfRecord, DaysAfter, DayOfMonth, DateOfYear),
    OnEvent: (DaysAfter, MonthEndOfRecord, DayOfMonth, DateOfYear, OfRecord),
}


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
class _World:
    """What names may refer to. ``known`` holds ids of broken blocks too: those are reported once."""

    base: RuleBase
    known: frozenset[tuple[str, str]]
    catalogue: Mapping[str, FactType]
    readers: Collection[str]

    def ids(self, kind: str) -> list[str]:
        return sorted(rule_id for k, rule_id in self.known if k == kind)


def check(
    base: RuleBase,
    rules: Sequence[Checked],
    known: frozenset[tuple[str, str]],
    catalogue: Mapping[str, FactType],
    readers: Collection[str],
) -> list[Problem]:
    """Every problem between rules."""
    world = _World(base, known, catalogue, readers)
    found = [problem for checked in rules for problem in _one(world, checked)]
    return found + list(_overlaps(rules)) + list(_taken_twice(rules))


def _one(world: _World, c: Checked) -> Iterator[Problem]:
    match c.rule:
        case Obligation():
            yield from _obligation(world, c, c.rule)
        case FactRule():
            yield from _fact(world, c, c.rule)
        case Finding():
            yield from _finding(world, c, c.rule)
        case Post(never_with=posts):
            yield from _names(world, c, "never_with", "post", posts)
        case Approval():
            yield from _approval(world, c, c.rule)
        case Retention(disposal_approval=approval):
            yield from _names(world, c, "disposal_approval", "approval", [approval])
        case Document():
            yield from _document(world, c, c.rule)


def _names(world: _World, c: Checked, key: str, kind: str, names: Sequence[str | None]) -> Iterator[Problem]:
    """Names of rules of a kind that must exist; None is no name."""
    for name in names:
        if name is not None and (kind, name) not in world.known:
            hint = suggestion(name, world.ids(kind))
            yield c.problem(
                key,
                f"{kind} “{name}”不存在；{hint.zh}",
                f"there is no {kind} '{name}'; {hint.en}",
            )


def _refs(world: _World, c: Checked, key: str, value: Value | Ref) -> Iterator[Problem]:
    """References ``{ kind = "id" }`` anywhere below a free table."""
    match value:
        case Ref(name):
            yield from _names(world, c, key, "parameter", [name])
        case Mapping():
            for word, inner in value.items():
                if len(value) == 1 and word in KINDS and isinstance(inner, str):
                    yield from _names(world, c, key, word, [inner])
                yield from _refs(world, c, key, inner)
        case tuple():
            for inner in value:
                yield from _refs(world, c, key, inner)


def _free(world: _World, c: Checked, key: str, table: Mapping[str, Value]) -> Iterator[Problem]:
    for value in table.values():
        yield from _refs(world, c, key, value)


# --- obligations, documents, approvals -----------------------------------------------------------


def _obligation(world: _World, c: Checked, rule: Obligation) -> Iterator[Problem]:
    yield from _names(world, c, "owner", "post", [rule.owner])
    yield from _names(world, c, "approver", "post", [rule.approver])
    yield from _names(world, c, "remind", "post", [e.to for e in rule.reminders.escalate])
    yield from _names(world, c, "document", "document", [rule.document])
    for key, numbers in (("cadence", rule.cadence), ("due", rule.due)):
        for member in ("within_months", "day", "days"):
            yield from _refs(world, c, key, getattr(numbers, member, 0))
    for key, table in (
        ("evidence", rule.evidence.with_),
        ("where", rule.where),
        ("applies_if", rule.applies_if),
    ):
        yield from _free(world, c, key, table)
    if rule.evidence.completed_by not in world.readers:
        hint = suggestion(rule.evidence.completed_by, world.readers)
        yield c.problem(
            "evidence",
            f"凭据读取器“{rule.evidence.completed_by}”不存在；{hint.zh}",
            f"there is no reader of evidence '{rule.evidence.completed_by}'; {hint.en}",
        )
    yield from _sense(c, rule)


def _sense(c: Checked, rule: Obligation) -> Iterator[Problem]:
    if not isinstance(rule.due, _FITTING[type(rule.cadence)]):
        yield c.problem(
            "due",
            "这种到期方式不适合该周期（见 docs/rules.md 的对照表）",
            "this kind of due day does not go with the cadence (see the table in docs/rules.md)",
        )
    if rule.opens.kind in {"after-period", "period-start"} and not isinstance(rule.cadence, Periodic):
        yield c.problem(
            "opens",
            "只有按期的义务才有期间；可用 days-before-due 或 on-event",
            "only a periodic obligation has a period; use days-before-due or on-event",
        )


def _document(world: _World, c: Checked, rule: Document) -> Iterator[Problem]:
    for key in ("author", "reviewer", "approver"):
        yield from _names(world, c, key, "post", [getattr(rule, key)])
    yield from _names(world, c, "retention", "retention", [rule.retention])
    if isinstance(rule.review_months, Ref):
        yield from _refs(world, c, "review_months", rule.review_months)


def _approval(world: _World, c: Checked, rule: Approval) -> Iterator[Problem]:
    steps = [step.do for step in rule.steps]
    yield from _names(world, c, "steps", "post", [step.post for step in rule.steps])
    yield from _names(world, c, "never_both", "post", [p for pair in rule.never_both for p in pair])
    yield from _free(world, c, "limits", rule.limits)
    for name in sorted({name for name in steps if steps.count(name) > 1}):
        yield c.problem("steps", f"步骤“{name}”重复", f"step '{name}' stands twice")
    for name in (name for group in rule.distinct for name in group if name not in steps):
        hint = suggestion(name, steps)
        yield c.problem("distinct", f"没有步骤“{name}”；{hint.zh}", f"there is no step '{name}'; {hint.en}")


# --- facts and findings --------------------------------------------------------------------------


def _fact(world: _World, c: Checked, rule: FactRule) -> Iterator[Problem]:
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
    yield from _free(world, c, "with", rule.with_)


def properties(base: RuleBase, catalogue: Mapping[str, FactType], fact: str) -> Mapping[str, PropType] | None:
    """Typed properties of a kind of fact, its day included; None if the kind is not known."""
    rules = base.wordings(FactRule, fact)
    signature = catalogue.get(rules[-1].derivation) if rules else None
    return {ON: PropType.DAY, **signature.properties} if signature else None


def fits(value: object, wanted: PropType) -> bool:
    """Whether a constant has the type of a property."""
    return type(value) is _PYTHON[wanted]


def _finding(world: _World, c: Checked, rule: Finding) -> Iterator[Problem]:
    yield from _names(world, c, "when", "fact", [pattern.fact for pattern in rule.when])
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
    first = known[rule.when[0].alias] if rule.when else None
    if first is not None:
        yield from _shown(c, rule, first)
    yield from _word(world, c, CATEGORIES, rule.then.category)
    yield from _word(world, c, GRADES, rule.then.grade)


def _shown(c: Checked, rule: Finding, first: Mapping[str, PropType]) -> Iterator[Problem]:
    """Subject, period, note and the places of the sentences are properties of the first fact."""
    for key in ("subject", "period", "note"):
        name = getattr(rule, key)
        if name and name not in first:
            yield _no_property(c, key, rule.when[0].fact, name, first)
    for key, text in (("message", rule.message), ("remedy", rule.remedy)):
        for sentence in (text.zh, text.en):
            try:
                names = [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]
            except ValueError as error:
                yield c.problem(key, f"花括号不成对：{error}", f"unbalanced braces: {error}")
                continue
            for name in (name for name in names if name not in first):
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


def _word(world: _World, c: Checked, vocabulary: str, word: str) -> Iterator[Problem]:
    if ("vocabulary", vocabulary) not in world.known:
        yield c.problem(
            "then",
            f"缺少词表 [vocabulary.{vocabulary}]",
            f"the vocabulary [vocabulary.{vocabulary}] is missing",
        )
        return
    words = {w.id for v in world.base.wordings(Vocabulary, vocabulary) for w in v.words}
    if words and word not in words:
        hint = suggestion(word, words)
        yield c.problem(
            "then",
            f"词表 {vocabulary} 中没有“{word}”；{hint.zh}",
            f"vocabulary {vocabulary} has no '{word}'; {hint.en}",
        )


# --- rules side by side --------------------------------------------------------------------------


def _overlaps(rules: Sequence[Checked]) -> Iterator[Problem]:
    """Wordings of one id follow one another."""
    groups: dict[tuple[str, str], list[Checked]] = {}
    for c in rules:
        groups.setdefault((c.rule.kind, c.rule.id), []).append(c)
    for group in groups.values():
        ordered = sorted(group, key=lambda c: c.rule.in_force.start)
        for earlier, later in pairwise(ordered):
            if _share_days(earlier.rule, later.rule):
                start = later.rule.in_force.start
                yield later.problem(
                    "in_force",
                    f"与第 {earlier.rule.line} 行的版本重叠；后者自 {start} 起，前者应有更早的 until",
                    f"overlaps the wording of line {earlier.rule.line}; it starts on {start}, so "
                    "the other one needs an earlier until",
                )


def _taken_twice(rules: Sequence[Checked]) -> Iterator[Problem]:
    """A post's word, a parameter's code and a calendar's year belong to one rule at a time."""
    seen: dict[tuple[str, str], list[Checked]] = {}
    for c in rules:
        for key, word in _claims(c.rule):
            for other in seen.setdefault((key, word), []):
                if other.rule.id != c.rule.id and _share_days(other.rule, c.rule):
                    yield c.problem(
                        key,
                        f"“{word}”已属于 {other.rule.id}（{other.rule.file}:{other.rule.line}）",
                        f"'{word}' belongs to {other.rule.id} ({other.rule.file}:{other.rule.line})",
                    )
            seen[key, word].append(c)


def _claims(rule: Rule) -> list[tuple[str, str]]:
    match rule:
        case Post(words=words):
            return [("words", word) for word in words]
        case Parameter(code=str(code)):
            return [("code", code)]
        case Calendar(year=year):
            return [("year", str(year))]
    return []


def _share_days(a: Rule, b: Rule) -> bool:
    first, second = sorted((a.in_force, b.in_force), key=lambda days: days.start)
    return first.until is None or second.start <= first.until
