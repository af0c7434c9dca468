"""Duties of people: who someone is in a plant on a day, and whether that person may take a step of a case.

May = permission ∧ post ∧ separation of duties. The answer is a value; whoever acts against a refusal gets
:class:`MayNotTake`, with the rule that refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from compliance.core.acts import Actor
from compliance.core.people import People
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text
from compliance.rulebase.casework import FIELD, CaseView, Values, barred, objections
from compliance.rulebase.check_workflow import POST, ROLE, RULE
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import CaseStep, Post, Workflow


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who acts: ``account`` is the plant's account, or ``login:…`` of a sign-in without one.

    ``posts`` are ids of the posts held that day, ``words`` what the plant calls them.
    """

    login: str
    account: str
    name: str
    roles: frozenset[str]
    posts: frozenset[str]
    words: str = ""
    session: str = ""

    def actor(self) -> Actor:
        """The person as the audit trail names them."""
        return Actor(self.login, self.name, "、".join(sorted(self.posts or self.roles)), "password", self.session)


@dataclass(frozen=True, slots=True)
class Sides:
    """The posts that an obligation's rule gives: who owns it and who approves it (None: nobody does)."""

    owner: str | None = None
    approver: str | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """The person may."""


@dataclass(frozen=True, slots=True)
class Denied:
    """The person may not: every reason, and the rule that says so."""

    reasons: tuple[Text, ...]
    rule: str


class MayNotTake(Refused):
    """A step was refused; nothing was changed."""

    code = "may-not-take"
    text: ClassVar[Text] = Text(
        zh="不能办理“{step}”：{reasons}（规则 {rule}）", en="“{step}” is refused: {reasons} (rule {rule})"
    )


def person_of(
    login: str, account: str | None, name: str, roles: frozenset[str], people: People, rulebase: RuleBase, on: date
) -> Person:
    """The person of a sign-in in a plant on a day."""
    words = people.posts(account, on) if account else ()
    held = frozenset(p.id for p in rulebase.in_force(Post, on) if not set(p.words).isdisjoint(words))
    return Person(login, account or f"login:{login}", name, roles, held, "、".join(words))


def may_take(
    workflow: Workflow, view: CaseView, step: CaseStep, person: Person, sides: Sides, values: Values
) -> Allowed | Denied:
    """Whether a person may take a step with these values: the rule's objections and the person's standing."""
    reasons = [*_not_entitled(view, step, person, sides)]
    reasons += objections(workflow, view, step, person.account, values)
    return Denied(tuple(reasons), workflow.id) if reasons else Allowed()


def could_take(workflow: Workflow, view: CaseView, step: CaseStep, person: Person, sides: Sides) -> Allowed | Denied:
    """Whether a page offers a step that leads on: the same, before anything was filled in."""
    reasons = [*_not_entitled(view, step, person, sides), *barred(workflow, view, step, person.account)]
    return Denied(tuple(reasons), workflow.id) if reasons else Allowed()


def refuse(step: CaseStep, denied: Denied) -> MayNotTake:
    """The refusal as whoever acted sees it."""
    zh, en = ("；".join(r.zh for r in denied.reasons), "; ".join(r.en for r in denied.reasons))
    return MayNotTake(step=step.title, reasons=Text(zh, en), rule=denied.rule)


def _not_entitled(view: CaseView, step: CaseStep, person: Person, sides: Sides) -> Sequence[Text]:
    # An account of the same name in a plant where the person has no role is somebody else's.
    if person.roles and any(_is(who, view, person, sides) for who in step.by):
        return ()
    return (Text("您的岗位和权限不办理此步", "Your posts and permissions do not take this step"),)


def _is(who: str, view: CaseView, person: Person, sides: Sides) -> bool:
    """Whether the person is one that ``by`` names."""
    if who.startswith(POST):
        return who.removeprefix(POST) in person.posts
    if who.startswith(ROLE):
        return who.removeprefix(ROLE) in person.roles
    if who.startswith(FIELD):
        return view.fields.get(who.removeprefix(FIELD)) == person.account
    return getattr(sides, who.removeprefix(RULE)) in person.posts
