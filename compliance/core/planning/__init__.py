"""A changed rule base before it is put into use: what it says otherwise, and what it would do to every plant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from compliance.core.judgement import Engine
from compliance.core.linting import Remark, Severity, lint_rules, open_remarks
from compliance.core.planning.plants import Changed, Longer, Moved, PlanReads, PlantPlan, Unfit, lengthened, plan_plant
from compliance.core.planning.telling import narrowed, put_together, told, told_part, told_unfit
from compliance.core.planning.texts import RuleChange, Shortened, changes_between, shortened
from compliance.core.ports import Progress
from compliance.core.refusing import DEFINE, RefusedByRule, against, figure_parts, sentence
from compliance.kernel.canonical import digest_of
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase

__all__ = [
    "Changed",
    "Longer",
    "Moved",
    "Plan",
    "PlanReads",
    "PlantPlan",
    "RetentionShortened",
    "RuleChange",
    "RulesCannotBeMeant",
    "Shortened",
    "Unfit",
    "changes_between",
    "lengthened",
    "make_plan",
    "may_be_used",
    "narrowed",
    "plan_plant",
    "plan_with",
    "put_together",
    "shortened",
    "told",
    "told_part",
    "told_unfit",
]


class RetentionShortened(Refused):
    """The rule base would let records go earlier; it is not proposed and not put into use."""

    code = "retention-shortened"
    text: ClassVar[Text] = Text(
        zh="保存期限不得缩短：{records}",
        en="Records may not be kept for less time than before: {records}",
    )


class RulesCannotBeMeant(Refused):
    """The lint finds errors that the rules in use have not; the rule base is not proposed and not put into use."""

    code = "rules-cannot-be-meant"
    text: ClassVar[Text] = Text(
        zh="规则审查有错误：{remarks}；见 compliance rules lint",
        en="The lint finds errors: {remarks}; see compliance rules lint",
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rule base would do; ``refused`` says which records it would let go earlier (then it is not used).

    ``remarks``: what the lint says of it and no exception explains. ``templates``: the group's that it would not admit.
    """

    before: str
    after: str
    rules: tuple[RuleChange, ...]
    refused: tuple[Shortened, ...]
    plants: tuple[PlantPlan, ...]
    remarks: tuple[Remark, ...] = ()
    templates: tuple[Unfit, ...] = ()

    @property
    def shape(self) -> dict[str, object]:
        """The plan as plain JSON."""
        return told(self.before, self.after, self.rules, self.refused, self.plants, self.remarks, self.templates)

    @property
    def digest(self) -> str:
        """Names exactly this plan: who puts rules into use has seen this one."""
        return digest_of(self.shape)


def make_plan(
    reads: PlanReads,
    before: RuleBase,
    after: RuleBase,
    engines: Sequence[Engine],
    today: date,
    progress: Progress | None = None,
    plant: str | None = None,
) -> Plan:
    """Plan for every plant, or for the one of a key; nothing is written. Raises CannotDecide if the engines differ."""
    plants = [p for p in reads.plants() if plant is None or p.key == plant]
    made = []
    for done, one in enumerate(plants, 1):
        made.append(plan_plant(reads, one, before, after, engines, today))
        if progress is not None:
            progress(done, len(plants), one.name)
    return plan_with(before, after, today, made)


def plan_with(
    before: RuleBase,
    after: RuleBase,
    today: date,
    plants: Sequence[PlantPlan] = (),
    templates: tuple[Unfit, ...] = (),
) -> Plan:
    """The plan of plants that were planned already: with what the texts say otherwise, and what the lint says."""
    changes, refused = changes_between(before, after), shortened(before, after, today)
    remarks = open_remarks(lint_rules(after))
    return Plan(before.digest, after.digest, changes, refused, tuple(plants), remarks, templates)


def may_be_used(before: RuleBase, after: RuleBase, today: date) -> None:
    """Raise :class:`RetentionShortened` where records would be kept for less time.

    Raises :class:`RefusedByRule` where a total would hold what a rule of either rule base keeps out of it, and
    :class:`RulesCannotBeMeant` for errors of the lint that the rules in use have not.
    """
    for base in (before, after):
        for wrong in against(base, DEFINE, today, *figure_parts(after)):
            raise RefusedByRule(why=sentence(wrong))
    found = shortened(before, after, today)
    if found:
        zh = "；".join(f"{s.record}（{s.clause}）{s.before} → {s.after or '无'}" for s in found)
        en = "; ".join(f"{s.record} ({s.clause}) {s.before} → {s.after or 'none'}" for s in found)
        raise RetentionShortened(records=Text(zh, en))
    _insist_on_sense(before, after)


def _insist_on_sense(before: RuleBase, after: RuleBase) -> None:
    known = {remark.key for remark in open_remarks(lint_rules(before))}
    new = [r for r in open_remarks(lint_rules(after)) if r.severity is Severity.ERROR and r.key not in known]
    if new:
        zh = "；".join(f"{r.file}:{r.line} [{r.rule}] {r.message.zh}" for r in new)
        en = "; ".join(f"{r.file}:{r.line} [{r.rule}] {r.message.en}" for r in new)
        raise RulesCannotBeMeant(remarks=Text(zh, en))
