"""Absences: who is away from when to when, and who stands in. The deputy holds the posts meanwhile, never in secret.

Who may be a deputy is decided for every day of the span; who acts is asked anew in the writing transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar, Protocol

from compliance.core.accounts import Membership, User
from compliance.core.acts import Act
from compliance.core.duties import DELEGATION, Person, Standing, kept_apart, people_of, person_now, posts_of
from compliance.core.model import PersonPeriod
from compliance.core.people import Absence, People
from compliance.core.permissions import Permission, permissions_of
from compliance.core.plants import Plant
from compliance.core.worked import CaseKey
from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Approval, Post

#: The step of the rule that names the post which sets absences.
_SET = "set"
_LONGEST_REASON = 400


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that works in a plant, its roles there and in the group, and when it was last seen."""

    user: User
    memberships: tuple[Membership, ...]
    last_seen: datetime | None = None


class MayNotSetAbsence(Refused):
    """Only the absent person, an administrator and the post of the rule set and end absences."""

    code = "may-not-set-absence"
    text: ClassVar[Text] = Text(
        zh="只有本人、系统管理员或{post}可以设定或结束离岗代理",
        en="Only the person, an administrator or the {post} sets and ends this absence",
    )


class DeputyRefused(Refused):
    """The person may not stand in, or nobody may be stood in for so; every reason is named."""

    code = "deputy-refused"
    text: ClassVar[Text] = Text(zh="不能这样代理：{reasons}", en="The deputy is refused: {reasons}")


class BadAbsence(WrongUse):
    """A member of an absence is not right."""

    code = "bad-absence"
    text: ClassVar[Text] = Text(zh="“{field}”填写不正确：{right}", en="{field} is not right: {right}")


class NoSuchAbsence(WrongUse):
    """The plant has no such absence that is not over."""

    code = "no-such-absence"
    text: ClassVar[Text] = Text(
        zh="没有编号为 {number} 的未结束离岗", en="There is no absence {number} that still stands"
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """An absence as a person asks for it; both days are included."""

    absent: str
    deputy: str
    since: date
    until: date
    reason: str


class AbsenceReads(Standing, Protocol):
    """What absences and the page of persons ask of a look."""

    def sign_ins(self, plant: Plant) -> Sequence[SignIn]:
        """Sign-ins that work in a plant."""
        ...

    def open_actions(self, plant: Plant, states: Sequence[str]) -> Mapping[str, Sequence[CaseKey]]:
        """The cases in which an owner works, by the owner's account."""
        ...


class AbsenceWork(AbsenceReads, Protocol):
    """What absences ask of a writing transaction."""

    def add_absence(self, plant: Plant, new: Absence) -> Absence:
        """Store an absence (its id is given by the register)."""
        ...

    def end_absence(self, plant: Plant, number: int, on: date, by: str) -> None:
        """Note that an absence ended early."""
        ...

    def record(self, act: Act, plant: Plant | None) -> int:
        """Append the act's leaf."""
        ...


class AbsenceRegister(Protocol):
    """The register as absences need it."""

    def read(self) -> AbstractContextManager[AbsenceReads]:
        """Open a look."""
        ...

    def work(self) -> AbstractContextManager[AbsenceWork]:
        """Open a writing transaction."""
        ...


@dataclass(frozen=True)
class Deputies:
    """Setting and ending absences."""

    register: AbsenceRegister
    rulebase: RuleBase
    now: Callable[[], datetime]
    today: Callable[[], date]

    def set(self, plant: Plant, person: Person, wanted: Wanted) -> Absence:
        """Set an absence; raises :class:`MayNotSetAbsence`, :class:`DeputyRefused` or :class:`BadAbsence`."""
        reason = self._checked(wanted)
        try:
            with self.register.work() as work:
                actor = self._entitled(work, plant, person, wanted.absent)
                self._admissible(work, plant, wanted)
                stored = work.add_absence(plant, self._made(wanted, reason, actor.login))
                work.record(_act(actor, "set", str(stored.id), _given(wanted), reason), plant)
                return stored
        except (MayNotSetAbsence, DeputyRefused) as refusal:
            self._record_refusal(plant, person, _given(wanted), refusal)
            raise

    def end(self, plant: Plant, person: Person, number: int, reason: str) -> Absence:
        """End an absence today; from now on the deputy stands in no more."""
        why = _reason(reason)
        try:
            with self.register.work() as work:
                found = next((a for a in work.absences(plant) if a.id == number and a.stands(self.today())), None)
                if found is None:
                    raise NoSuchAbsence(number=number)
                actor = self._entitled(work, plant, person, found.absent)
                work.end_absence(plant, number, self.today(), actor.login)
                changes = ({"f": "ended_on", "old": None, "new": self.today().isoformat()},)
                work.record(_act(actor, "end", str(number), changes, why), plant)
                return found
        except MayNotSetAbsence as refusal:
            self._record_refusal(plant, person, ({"f": "absence", "old": str(number), "new": None},), refusal)
            raise

    def people(self, plant: Plant, account: str, found: Sequence[PersonPeriod]) -> People:
        """The persons whom a page has read, with those in whose posts an account stands today."""
        with self.register.read() as reads:
            absences = reads.absences(plant)
            lent = {a.absent for a in absences if a.deputy == account and a.runs(self.today())}
            if lent <= {p.account for p in found}:
                return People(found, absences)
            rows = reads.tables(plant, [PersonPeriod])[PersonPeriod]
            return People([p for p in rows if isinstance(p, PersonPeriod)], absences)

    def may(self, person: Person, absent: str) -> bool:
        """Whether the person may set and end absences of an account (for what a page offers)."""
        post, _title = self._setter()
        mine = {post} & person.posts
        administers = Permission.ADMINISTRATOR in permissions_of(person.roles)
        return bool(person.roles) and (person.account == absent or administers or bool(mine))

    def _entitled(self, work: AbsenceWork, plant: Plant, seen: Person, absent: str) -> Person:
        person = person_now(work, plant, seen.login, self.rulebase, self.today(), seen.session)
        if person is None or not self.may(person, absent):
            raise MayNotSetAbsence(post=self._setter()[1])
        return person

    def _admissible(self, work: AbsenceWork, plant: Plant, wanted: Wanted) -> None:
        reasons = list(objections(people_of(work, plant), work.absences(plant), wanted, self.rulebase))
        if reasons:
            raise DeputyRefused(reasons=_joined(reasons))

    def _setter(self) -> tuple[str, Text]:
        """The post that the rule names, and its title."""
        rule = self.rulebase.get(Approval, DELEGATION, self.today())
        post = (rule.post_of(_SET) if rule else None) or ""
        known = self.rulebase.nearest(Post, post, self.today()) if post else None
        return post, known.title if known else Text("规则所定岗位", "post of the rule")

    def _checked(self, wanted: Wanted) -> str:
        if wanted.until < wanted.since:
            raise BadAbsence(field=_UNTIL, right=_NOT_BEFORE)
        if wanted.until < self.today():
            raise BadAbsence(field=_UNTIL, right=_NOT_PAST)
        return _reason(wanted.reason)

    def _made(self, wanted: Wanted, reason: str, login: str) -> Absence:
        at = self.now().isoformat(timespec="milliseconds")
        return Absence(
            id=0,
            absent=wanted.absent,
            deputy=wanted.deputy,
            since=wanted.since,
            until=wanted.until,
            reason=reason,
            set_by=login,
            set_at=at,
        )

    def _record_refusal(
        self, plant: Plant, person: Person, changes: tuple[Mapping[str, object], ...], refusal: Refused
    ) -> None:
        with self.register.work() as work:
            work.record(_act(person, "refused", "", changes, refusal.message.zh), plant)


def objections(people: People, absences: Sequence[Absence], wanted: Wanted, rulebase: RuleBase) -> Iterator[Text]:
    """Everything that speaks against a deputy, for every day of the span."""
    if wanted.deputy == wanted.absent:
        yield Text("不能代理自己", "nobody stands in for themselves")
        return
    days = _turning_days(people, absences, wanted, rulebase)
    for account in (wanted.absent, wanted.deputy):
        if lost := next((d for d in days if not people.here(account, d)), None):
            yield Text(f"{account} 在 {lost} 不是本企业人员", f"{account} is not a person of the plant on {lost}")
    standing = [a for a in absences if a.overlaps(wanted.since, wanted.until)]
    yield from _chains(standing, wanted)
    yield from _apart(people, standing, wanted, rulebase, days)


def _chains(standing: Sequence[Absence], wanted: Wanted) -> Iterator[Text]:
    for other in standing:
        span = f"{other.since}—{other.until}"
        if other.absent == wanted.absent:
            yield Text(
                f"{wanted.absent} 已有离岗 {span}（编号 {other.id}）",
                f"{wanted.absent} is away already {span} (no. {other.id})",
            )
        if other.absent == wanted.deputy:
            yield Text(f"{wanted.deputy} 自己离岗 {span}", f"{wanted.deputy} is away themselves {span}")
        if other.deputy == wanted.absent:
            yield Text(
                f"{wanted.absent} 正代理 {other.absent}（{span}），代理不得转代理；请先结束该代理",
                f"{wanted.absent} stands in for {other.absent} ({span}) and may not be stood in for; end that first",
            )


def _apart(
    people: People, standing: Sequence[Absence], wanted: Wanted, rulebase: RuleBase, days: Sequence[date]
) -> Iterator[Text]:
    """Posts that one person never holds together, held by the deputy's own right or borrowed, the first day of each."""
    said: set[frozenset[str]] = set()
    for day in days:
        new = posts_of(people.posts(wanted.absent, day), rulebase, day)
        held = set(posts_of(people.posts(wanted.deputy, day), rulebase, day))
        for other in standing:
            if other.deputy == wanted.deputy and other.runs(day):
                held |= posts_of(people.posts(other.absent, day), rulebase, day)
        apart = kept_apart(rulebase, day)
        for pair in sorted({frozenset({a, b}) for a in new for b in held} & apart - said, key=sorted):
            said.add(pair)
            first, second = (_title(rulebase, post, day) for post in sorted(pair))
            yield Text(
                f"“{first.zh}”与“{second.zh}”不得由一人兼任（{day}）",
                f"{first.en} and {second.en} are never held by one person ({day})",
            )


def _turning_days(people: People, absences: Sequence[Absence], wanted: Wanted, rulebase: RuleBase) -> list[date]:
    """The first day and every day of the span on which posts, absences or rules may change."""
    marks = {wanted.since, *people.turns(wanted.absent), *people.turns(wanted.deputy)}
    marks |= {day for a in absences for day in (a.since, a.until)}
    for rule in (*rulebase.of(Post), *rulebase.of(Approval)):
        marks |= {day for day in (rule.in_force.start, rule.in_force.until) if day is not None}
    days = marks | {day + timedelta(days=1) for day in marks if day < date.max}
    return sorted(day for day in days if wanted.since <= day <= wanted.until)


def _title(rulebase: RuleBase, post: str, on: date) -> Text:
    rule = rulebase.nearest(Post, post, on)
    return rule.title if rule else Text(post, post)


def _reason(said: str) -> str:
    reason = " ".join(said.split())
    if not reason or len(reason) > _LONGEST_REASON or not reason.isprintable():
        raise BadAbsence(field=_REASON, right=_A_LINE)
    return reason


def _joined(reasons: Sequence[Text]) -> Text:
    return Text("；".join(r.zh for r in reasons), "; ".join(r.en for r in reasons))


def _given(wanted: Wanted) -> tuple[Mapping[str, object], ...]:
    said = {"absent": wanted.absent, "deputy": wanted.deputy}
    said |= {"since": wanted.since.isoformat(), "until": wanted.until.isoformat()}
    return tuple({"f": name, "old": None, "new": value} for name, value in said.items())


def _act(person: Person, verb: str, number: str, changes: tuple[Mapping[str, object], ...], reason: str) -> Act:
    return Act(
        actor=person.actor(),
        action=f"absence:{verb}",
        object_type="absence",
        object_id=number,
        changes=changes,
        reason=reason,
    )


_UNTIL = Text("最后一日", "last day")
_REASON = Text("理由", "reason")
_NOT_BEFORE = Text("不得早于第一日", "not before the first day")
_NOT_PAST = Text("不得早于今天", "not before today")
_A_LINE = Text("一行文字，不可为空", "one line of text")
