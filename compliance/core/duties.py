"""Duties of people: who someone is in a plant on a day, and whether that person may take a step of a case.

May = permission ∧ post ∧ separation of duties. The answer is a value; whoever acts against a refusal gets
:class:`MayNotTake`, with the rule that refuses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Protocol

from compliance.core.accounts import Membership, User
from compliance.core.acts import Actor
from compliance.core.model import PersonPeriod
from compliance.core.people import Absence, People
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text
from compliance.rulebase.casework import FIELD, CaseView, Values, barred, objections
from compliance.rulebase.check_workflow import POST, ROLE, RULE
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Approval, CaseStep, Post, Workflow

#: The rule about standing in for somebody: who sets it, and which posts it keeps apart.
DELEGATION = "delegation"


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A post (its id, and the plant's word for it) that a deputy holds while ``account`` is away."""

    post: str
    word: str
    account: str
    name: str

    @property
    def shown(self) -> str:
        """The post as records name it, and for whom."""
        return _lent([self])


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who acts: ``account`` is the plant's account, or ``login:…`` of a sign-in without one.

    ``posts`` are ids of the person's own posts of that day, ``words`` what the plant calls them; ``borrowed`` are those
    of absent persons.
    """

    login: str
    account: str
    name: str
    roles: frozenset[str]
    posts: frozenset[str]
    words: str = ""
    session: str = ""
    borrowed: tuple[Borrowed, ...] = ()

    def actor(self) -> Actor:
        """The person as the audit trail names them."""
        return Actor(self.login, self.name, "、".join(sorted(self.posts or self.roles)), "password", self.session)


@dataclass(frozen=True, slots=True)
class Sides:
    """The posts that the rule of an obligation or a document gives (None: it names nobody)."""

    owner: str | None = None
    approver: str | None = None
    author: str | None = None
    reviewer: str | None = None
    countersigner: str | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """The person may: by the person's own standing, or by borrowed posts of one absent person."""

    by: tuple[Borrowed, ...] = ()

    @property
    def acts_for(self) -> str:
        """The account of the absent person for whom this is done; empty where nobody is stood in for."""
        return self.by[0].account if self.by else ""

    def posts(self, person: Person) -> str:
        """The posts as a record names them, and for whom."""
        if not self.by:
            return person.words
        return _lent(self.by)


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


class Standing(Protocol):
    """What saying who somebody is at this moment asks of the register."""

    def find_user(self, login: str) -> User | None:
        """The sign-in of a login."""
        ...

    def memberships(self, user_id: int) -> Sequence[Membership]:
        """The roles of a sign-in."""
        ...

    def tables(self, plant: Plant, kinds: Sequence[type] | None = None) -> Tables:
        """Rows of a plant."""
        ...

    def absences(self, plant: Plant) -> Sequence[Absence]:
        """Every absence that a plant has recorded."""
        ...


def people_of(reads: Standing, plant: Plant) -> People:
    """The persons of a plant with their posts and absences."""
    rows = reads.tables(plant, [PersonPeriod])[PersonPeriod]
    return People([p for p in rows if isinstance(p, PersonPeriod)], reads.absences(plant))


def person_now(
    reads: Standing, plant: Plant, login: str, rulebase: RuleBase, on: date, session: str = ""
) -> Person | None:
    """Who a sign-in is in a plant at this moment; None where it is not there or has been ended."""
    user = reads.find_user(login)
    if user is None or not user.active:
        return None
    given = reads.memberships(user.id)
    roles = frozenset(m.role.value for m in given if m.plant in (None, plant.key))
    found = person_of(login, user.person, user.name, roles, people_of(reads, plant), rulebase, on)
    return replace(found, session=session)


def person_of(
    login: str, account: str | None, name: str, roles: frozenset[str], people: People, rulebase: RuleBase, on: date
) -> Person:
    """The person of a sign-in in a plant on a day."""
    words = people.posts(account, on) if account else ()
    held = posts_of(words, rulebase, on)
    borrowed = tuple(_borrowed(account, held, people, rulebase, on)) if account else ()
    return Person(login, account or f"login:{login}", name, roles, held, "、".join(words), borrowed=borrowed)


def posts_of(words: Collection[str], rulebase: RuleBase, on: date) -> frozenset[str]:
    """The posts that a plant's words mean on a day."""
    return frozenset(p.id for p in rulebase.in_force(Post, on) if not set(p.words).isdisjoint(words))


def kept_apart(rulebase: RuleBase, on: date) -> frozenset[frozenset[str]]:
    """Pairs of posts that one person never holds together."""
    pairs = {frozenset({p.id, other}) for p in rulebase.in_force(Post, on) for other in p.never_with}
    pairs |= {frozenset(pair) for rule in rulebase.in_force(Approval, on) for pair in rule.never_both}
    return frozenset(pairs)


def _borrowed(account: str, own: frozenset[str], people: People, rulebase: RuleBase, on: date) -> Iterator[Borrowed]:
    """The own posts of those who are away. What may not join what is held already is not borrowed."""
    apart, held = kept_apart(rulebase, on), set(own)
    for absence in people.standing_in(account, on):
        words = people.posts(absence.absent, on)
        for post in rulebase.in_force(Post, on):
            word = next((w for w in words if w in post.words), None)
            if word is None or any(frozenset({post.id, other}) in apart for other in held):
                continue
            held.add(post.id)
            yield Borrowed(post.id, word, absence.absent, people.name(absence.absent))


def may_take(
    workflow: Workflow, view: CaseView, step: CaseStep, person: Person, sides: Sides, values: Values
) -> Allowed | Denied:
    """Whether a person may take a step with these values: the rule's objections and the person's standing."""
    decision = could_take(workflow, view, step, person, sides)
    reasons = [*(decision.reasons if isinstance(decision, Denied) else ())]
    reasons += [r for r in objections(workflow, view, step, person.account, values) if r not in reasons]
    return Denied(tuple(reasons), workflow.id) if reasons else decision


def could_take(workflow: Workflow, view: CaseView, step: CaseStep, person: Person, sides: Sides) -> Allowed | Denied:
    """Whether a page offers a step that leads on: the same, before anything was filled in."""
    reasons = [*barred(workflow, view, step, person.account)]
    # An account of the same name in a plant where the person has no role is somebody else's.
    if not person.roles:
        return Denied((_NOT_YOURS, *reasons), workflow.id)
    if any(_is(who, view, person, sides) for who in step.by):
        return Denied(tuple(reasons), workflow.id) if reasons else Allowed()
    return _as_deputy(workflow, view, step, person, sides, reasons)


def _as_deputy(
    workflow: Workflow, view: CaseView, step: CaseStep, person: Person, sides: Sides, reasons: Sequence[Text]
) -> Allowed | Denied:
    """By borrowed posts: one absent person's, who must not be barred either."""
    entitled = [b for b in person.borrowed if any(_post_of(who, sides) == b.post for who in step.by)]
    if not entitled:
        return Denied((_NOT_YOURS, *reasons), workflow.id)
    against = list(reasons)
    for account in dict.fromkeys(b.account for b in entitled):
        mine = tuple(b for b in entitled if b.account == account)
        theirs = [_for_the_absent(mine[0].name, why) for why in barred(workflow, view, step, account)]
        if not reasons and not theirs:
            return Allowed(mine)
        against += theirs
    return Denied(tuple(against), workflow.id)


def refuse(step: CaseStep, denied: Denied) -> MayNotTake:
    """The refusal as whoever acted sees it."""
    zh, en = ("；".join(r.zh for r in denied.reasons), "; ".join(r.en for r in denied.reasons))
    return MayNotTake(step=step.title, reasons=Text(zh, en), rule=denied.rule)


def _lent(posts: Sequence[Borrowed]) -> str:
    return f"{'、'.join(b.word for b in posts)}（代 {posts[0].name}）"


_NOT_YOURS = Text("您的岗位和权限不办理此步", "Your posts and permissions do not take this step")


def _for_the_absent(name: str, why: Text) -> Text:
    return Text(f"您代理的{name}：{why.zh}", f"{name}, for whom you stand in: {why.en}")


def _is(who: str, view: CaseView, person: Person, sides: Sides) -> bool:
    """Whether the person is one that ``by`` names, without standing in for anybody."""
    if who.startswith(ROLE):
        return who.removeprefix(ROLE) in person.roles
    if who.startswith(FIELD):
        return view.fields.get(who.removeprefix(FIELD)) == person.account
    return _post_of(who, sides) in person.posts


def _post_of(who: str, sides: Sides) -> str | None:
    """The post that ``by`` names, itself or by the rule of the duty."""
    if who.startswith(POST):
        return who.removeprefix(POST)
    side: str | None = getattr(sides, who.removeprefix(RULE), None) if who.startswith(RULE) else None
    return side
