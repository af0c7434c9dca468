"""What a rule says about other rules: names that must exist, types that must fit, days that may not overlap.

Grammar inside one block is the loader's; facts and findings are
:mod:`compliance.rulebase.check_findings`; worked examples are :mod:`compliance.rulebase.examples`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from compliance.rulebase.check_figures import check_figure
from compliance.rulebase.check_findings import CATEGORIES, check_fact, check_finding, word_known
from compliance.rulebase.check_requirements import check_requirements
from compliance.rulebase.check_wordings import check_wordings, share_days
from compliance.rulebase.check_workflow import check_workflow
from compliance.rulebase.checked import Checked, World, free, names, refs
from compliance.rulebase.packs import check_packs
from compliance.rulebase.parse.documents import fills
from compliance.rulebase.parse.table import suggestion
from compliance.rulebase.parties import POST, is_party
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import (
    AfterLast,
    Applicability,
    Approval,
    Calendar,
    DateOfYear,
    DayOfMonth,
    DaysAfter,
    Document,
    DraftedWhen,
    FactRule,
    FactType,
    FigureRule,
    Finding,
    Ledger,
    MonthEndOfRecord,
    Obligation,
    OfRecord,
    OnEvent,
    Parameter,
    PeriodEnd,
    Periodic,
    PerRecord,
    Post,
    Problem,
    Ref,
    Retention,
    Rolling,
    Rule,
    Standard,
    Strength,
    TradingDaysAfter,
    Vocabulary,
    Workflow,
)

#: What a document that an obligation opens is on: all of them are known from the occurrence's period.
_OF_OBLIGATIONS = ("plant", "year", "month")
_FITTING: Mapping[type, tuple[type, ...]] = {
    Periodic: (DayOfMonth, DaysAfter, TradingDaysAfter, DateOfYear, PeriodEnd),
    Rolling: (AfterLast,),
    PerRecord: (OfRecord, MonthEndOfRecord, DaysAfter, TradingDaysAfter, DayOfMonth, DateOfYear),
    OnEvent: (DaysAfter, TradingDaysAfter, MonthEndOfRecord, DayOfMonth, DateOfYear, OfRecord),
}


def check(
    base: RuleBase,
    rules: Sequence[Checked],
    known: frozenset[tuple[str, str]],
    catalogue: Mapping[str, FactType],
    readers: Collection[str],
) -> list[Problem]:
    """Every problem between rules."""
    world = World(base, known, catalogue, readers)
    found = [problem for checked in rules for problem in _one(world, checked)]
    found += check_requirements(world, rules)
    found += check_packs(rules)
    return found + list(check_wordings(rules)) + list(_taken_twice(rules))


def _one(world: World, c: Checked) -> Iterator[Problem]:
    match c.rule:
        case Obligation():
            yield from _obligation(world, c, c.rule)
        case FactRule():
            yield from check_fact(world, c, c.rule)
        case Finding():
            yield from check_finding(world, c, c.rule)
        case Approval():
            yield from _approval(world, c, c.rule)
        case Document():
            yield from _document(world, c, c.rule)
        case FigureRule():
            yield from check_figure(world, c, c.rule)
        case Workflow():
            yield from check_workflow(world, c, c.rule)
        case _:
            yield from _named(world, c, c.rule)


def _named(world: World, c: Checked, rule: Rule) -> Iterator[Problem]:
    """Kinds of which nothing but the names that they use is checked."""
    match rule:
        case Post(never_with=posts):
            yield from names(world, c, "never_with", "post", posts)
        case Retention(disposal_approval=approval):
            yield from names(world, c, "disposal_approval", "approval", [approval])
        case Ledger(kept_by=obligations):
            yield from names(world, c, "kept_by", "obligation", obligations)
        case Vocabulary(widens=str(widened)):
            yield from names(world, c, "widens", "vocabulary", [widened])
        case Applicability(unless=profile):
            yield from free(world, c, "unless", profile)
        case Standard(applies_if=profile):
            yield from free(world, c, "applies_if", profile)


# --- obligations, documents, approvals -----------------------------------------------------------


def _obligation(world: World, c: Checked, rule: Obligation) -> Iterator[Problem]:
    yield from names(world, c, "owner", "post", [rule.owner])
    yield from names(world, c, "approver", "post", [rule.approver])
    yield from names(world, c, "remind", "post", [e.to for e in rule.reminders.escalate])
    yield from names(world, c, "document", "document", [rule.document])
    for key, numbers in (("cadence", rule.cadence), ("due", rule.due)):
        for member in ("within_months", "month", "day", "days"):
            yield from refs(world, c, key, getattr(numbers, member, 0))
    for key, table in (
        ("evidence", rule.evidence.with_),
        ("where", rule.where),
        ("applies_if", rule.applies_if),
    ):
        yield from free(world, c, key, table)
    if rule.evidence.completed_by not in world.readers:
        hint = suggestion(rule.evidence.completed_by, world.readers)
        yield c.problem(
            "evidence",
            f"凭据读取器“{rule.evidence.completed_by}”不存在；{hint.zh}",
            f"there is no reader of evidence '{rule.evidence.completed_by}'; {hint.en}",
        )
    yield from _waiving(c, rule)
    yield from _sense(c, rule)


def _waiving(c: Checked, rule: Obligation) -> Iterator[Problem]:
    """What the standard demands nobody waives."""
    if rule.waivable and rule.source.strength is Strength.SHALL:
        yield c.problem("waivable", "“应”的义务不得豁免", "nobody waives what the standard demands (strength shall)")


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


def _parties(world: World, c: Checked, readers: Sequence[str]) -> Iterator[Problem]:
    """Who reads a document is said as parties are."""
    yield from names(world, c, "readers", "post", [r.removeprefix(POST) for r in readers if r.startswith(POST)])
    for party in readers:
        if not is_party(party):
            yield c.problem(
                "readers",
                f"“{party}”应为 everyone、post:…、department:… 或 person:…",
                f"{party!r} should be everyone, post:…, department:… or person:…",
            )


def _document(world: World, c: Checked, rule: Document) -> Iterator[Problem]:
    for key in ("author", "reviewer", "countersigner", "approver"):
        yield from names(world, c, key, "post", [getattr(rule, key)])
    yield from names(world, c, "retention", "retention", [rule.retention])
    if isinstance(rule.review_months, Ref):
        yield from refs(world, c, "review_months", rule.review_months)
    if isinstance(rule.read_days, Ref):
        yield from refs(world, c, "read_days", rule.read_days)
    yield from _parties(world, c, rule.readers)
    for category in rule.findings.categories if rule.findings else ():
        yield from word_known(world, c, "findings", CATEGORIES, category)
    if "/" in rule.number or not fills(rule.number, year=2000, seq=1):
        yield c.problem(
            "number",
            "应含 {year} 与 {seq}（如 {seq:04d}），不含“/”",
            "should hold {year} and {seq} (such as {seq:04d}), nothing else to fill, and no '/'",
        )
    if rule.drafted_when is not None and rule.drafted_when.obligation:
        yield from names(world, c, "drafted_when", "obligation", [rule.drafted_when.obligation])
        if rule.per not in _OF_OBLIGATIONS or (rule.drafted_when.years_after and rule.per != "year"):
            yield c.problem(
                "drafted_when",
                "义务只能打开每月、每年或全厂一份的文件；years_after 只用于每年一份的",
                "an obligation opens a document of the plant, a year or a month; years_after is for one of a year",
            )
    elif rule.drafted_when is not None:
        yield from _drafted_when(world, c, rule.drafted_when)


def _drafted_when(world: World, c: Checked, when: DraftedWhen) -> Iterator[Problem]:
    workflows = [w for w in world.base.of(Workflow) if w.applies_to == when.workflow]
    states = {s.id for w in workflows for s in w.states}
    for word, known in ((when.workflow, {w.applies_to for w in world.base.of(Workflow)}), (when.state, states)):
        if word not in known:
            hint = suggestion(word, known)
            yield c.problem("drafted_when", f"“{word}”不存在；{hint.zh}", f"there is no '{word}'; {hint.en}")


def _approval(world: World, c: Checked, rule: Approval) -> Iterator[Problem]:
    steps = [step.do for step in rule.steps]
    yield from names(world, c, "steps", "post", [step.post for step in rule.steps])
    yield from names(world, c, "never_both", "post", [p for pair in rule.never_both for p in pair])
    yield from free(world, c, "limits", rule.limits)
    for name in sorted({name for name in steps if steps.count(name) > 1}):
        yield c.problem("steps", f"步骤“{name}”重复", f"step '{name}' stands twice")
    for name in (name for group in rule.distinct for name in group if name not in steps):
        hint = suggestion(name, steps)
        yield c.problem("distinct", f"没有步骤“{name}”；{hint.zh}", f"there is no step '{name}'; {hint.en}")


# --- rules side by side --------------------------------------------------------------------------


def _taken_twice(rules: Sequence[Checked]) -> Iterator[Problem]:
    """A post's word, a parameter's code and a calendar's year belong to one rule at a time."""
    seen: dict[tuple[str, str], list[Checked]] = {}
    for c in rules:
        for key, word in _claims(c.rule):
            for other in seen.setdefault((key, word), []):
                if other.rule.id != c.rule.id and share_days(other.rule, c.rule):
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
