"""The rule base in use: kept by digest, activated by an act, replaced only by another one."""

from __future__ import annotations

from typing import ClassVar, Protocol

from compliance.core.acts import Act, Actor
from compliance.core.ports import Register
from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text, counted
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Problem

#: What acts on the rule base, and the approval of them, are about.
RULES = "rules"


class Shelf(Protocol):
    """Where snapshots of rule bases are kept, by digest."""

    def keep(self, rulebase: RuleBase) -> None:
        """Keep the files of a rule base durably (idempotent)."""
        ...

    def note(self, digest: str) -> None:
        """Tell running processes which rule base was put into use."""
        ...


class BadRules(CannotDecide):
    """The rule base has problems; it is not used. ``problems`` holds every one."""

    code = "bad-rules"
    text: ClassVar[Text] = Text(
        zh="规则库有 {problems}，不能使用。第一处：{first}",
        en="The rule base has {problems} and is not used. The first: {first}",
    )

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep every problem."""
        self.problems = problems
        first = problems[0]
        place = f"{first.file}:{first.line} [{first.rule}] "
        count = len(problems)
        told = Text(f"{count} 处问题", counted(count, "problem"))
        super().__init__(problems=told, first=Text(place + first.message.zh, place + first.message.en))


def activate(register: Register, shelf: Shelf, rulebase: RuleBase, actor: Actor) -> bool:
    """Make a rule base the one in use; False if it is already."""
    with register.read() as reads:
        before = reads.active_rules()
    if before == rulebase.digest:
        return False
    shelf.keep(rulebase)
    with register.work() as work:
        work.activate_rules(rulebase.digest)
        work.record(
            Act(
                actor=actor,
                action="rules:activate",
                object_type=RULES,
                object_id=rulebase.digest,
                changes=({"f": "ruleset", "old": before, "new": rulebase.digest},),
            ),
            None,
        )
    shelf.note(rulebase.digest)
    return True
