"""Looking ahead: what will fall due, by post, person and month, and who holds the posts then. Pure: nothing is stored.

What the rules make from the rows that are there is certain as long as nothing changes. What follows only if somebody
completes what comes before it (the review after the next review, the certificate after the next certificate) is
*projected*: reckoned as if each were met on its due day, and marked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from compliance.core.collisions import recurring
from compliance.core.judged import Nonconformity, Occurrence
from compliance.core.lists import TO_DO
from compliance.core.model import ImportedNonconformity, Instrument, PersonPeriod
from compliance.core.notices.posts import Holders
from compliance.core.people import Absence, People
from compliance.core.plants import Plant
from compliance.core.worked import CaseRow
from compliance.kernel.quantity import MICRO
from compliance.kernel.text import Text
from compliance.rulebase.calendar import AfterCompletion, Anchor, OfRecordDay, WorkCalendar, add_months
from compliance.rulebase.deriving import Sources, derive
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Calendar, Every, Obligation, PerRecord, Post, Rolling

_DAY = timedelta(days=1)
_MONTH = len("2026-01")

#: The row of actions on nonconformities: they belong to a person, not to a post.
ACTIONS = "nonconformity"
#: The column of what is overdue on the first day.
OVERDUE = "overdue"
#: How a certificate's obligation is told from other duties that records raise: its subject is an instrument.
INSTRUMENT = "instrument"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """One thing that falls due. ``post`` is the owner's (``nonconformity`` for actions); ``persons`` hold it then."""

    code: str
    title: Text
    subject: str
    period: str
    due: date
    effective_workday: date
    provisional: bool
    post: str
    persons: tuple[str, ...]
    daily: bool = False
    projected: bool = False
    overdue: bool = False
    key: tuple[str, str, str] = ("", "", "")

    @property
    def column(self) -> str:
        """The month in which it falls due; what is overdue on the first day stands in a column of its own."""
        return OVERDUE if self.overdue else self.due.isoformat()[:_MONTH]


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds a post from a day on, up to a day (both included); no persons: nobody."""

    since: date
    until: date
    persons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostAhead:
    """A post over the span: its holders, and the first day on which nobody holds it."""

    post: str
    held: tuple[Held, ...]

    @property
    def vacant_from(self) -> date | None:
        """The first day without a holder."""
        return next((h.since for h in self.held if not h.persons), None)


@dataclass(frozen=True, slots=True)
class Simulation:
    """The span ahead: both days included. ``names`` of accounts; ``absences`` that overlap it."""

    day: date
    until: date
    months: tuple[str, ...]
    items: tuple[Ahead, ...]
    posts: tuple[PostAhead, ...]
    absences: tuple[Absence, ...]
    names: Mapping[str, str]

    def by_post(self) -> Mapping[str, Counter[str]]:
        """Counts by post and month; what every single day asks is not among them."""
        return self._counted(lambda item: (item.post,))

    def by_person(self) -> Mapping[str, Counter[str]]:
        """Counts by account and month; ``""`` is nobody."""
        return self._counted(lambda item: item.persons or ("",))

    def _counted(self, rows: Callable[[Ahead], Iterable[str]]) -> Mapping[str, Counter[str]]:
        found: dict[str, Counter[str]] = {}
        for item in self.items:
            for row in rows(item):
                found.setdefault(row, Counter())[item.column] += not item.daily
        return found


@dataclass(frozen=True, slots=True)
class Action:
    """An action on a nonconformity that is not done: its day, and the account that owns it."""

    number: str
    title: Text
    due: date
    owner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What looking ahead reads: occurrences (made or stored), rows, open actions, the plant's values."""

    plant: Plant
    occurrences: Sequence[Occurrence]
    periods: Sequence[PersonPeriod]
    instruments: Sequence[Instrument] = ()
    absences: Sequence[Absence] = ()
    actions: Sequence[Action] = ()
    values: Mapping[str, Decimal]


def last_day(day: date, months: int) -> date:
    """The last day of a span of months that begins on a day."""
    return add_months(day, months) - _DAY


def simulate(known: Known, rulebase: RuleBase, day: date, until: date) -> Simulation:
    """What falls due from a day to another, both included, and what is overdue then."""
    people = People(known.periods, known.absences)
    posts = _Posts(known, rulebase, day, until)
    open_ones = [o for o in known.occurrences if o.state in TO_DO and o.due <= until]
    every_day = recurring(rulebase, Every.DAY)
    duties = [_duty(o, posts, every_day, day) for o in open_ones]
    later = [a for o in open_ones for a in _projected(o, known, rulebase, posts, day, until)]
    calendar = WorkCalendar(rulebase.of(Calendar))
    actions = [_action(a, calendar, day) for a in known.actions if a.due <= until]
    items = sorted((*duties, *later, *actions), key=lambda a: (a.due, a.code, a.subject, a.period))
    named = tuple(dict.fromkeys(item.post for item in items if item.post != ACTIONS))
    return Simulation(
        day,
        until,
        tuple(_months(day, until)),
        tuple(items),
        tuple(PostAhead(post, posts.over(post)) for post in named),
        tuple(a for a in known.absences if a.overlaps(day, until)),
        {p.account: people.name(p.account) for p in known.periods},
    )


class _Posts:
    """Who holds which post on each day of a span: holders change on few days, so these alone are looked up."""

    def __init__(self, known: Known, rulebase: RuleBase, day: date, until: date) -> None:
        turns = {day}
        for period in known.periods:
            turns |= {period.since} | ({period.until + _DAY} if period.until else set())
        for absence in known.absences:
            turns |= {absence.since, absence.until + _DAY} | ({absence.ended_on} if absence.ended_on else set())
        for post in rulebase.of(Post):
            turns |= {post.in_force.start}
        self._days = sorted(turn for turn in turns if day <= turn <= until)
        self._until = until
        self._at = {on: Holders(known.periods, rulebase, on, known.absences) for on in self._days}

    def of(self, post: str, on: date) -> tuple[str, ...]:
        """The accounts that hold a post on a day; what is overdue already asks the holders of the first day."""
        turn = max((d for d in self._days if d <= on), default=self._days[0])
        return self._at[turn].of(post)

    def over(self, post: str) -> tuple[Held, ...]:
        """The holders over the span, joined where nothing changes."""
        found: list[Held] = []
        ends = [*(d - _DAY for d in self._days[1:]), self._until]
        for since, until in zip(self._days, ends, strict=True):
            persons = self._at[since].of(post)
            if found and found[-1].persons == persons:
                found[-1] = Held(found[-1].since, until, persons)
            else:
                found.append(Held(since, until, persons))
        return tuple(found)


def _duty(one: Occurrence, posts: _Posts, every_day: frozenset[str], day: date) -> Ahead:
    return Ahead(
        code=one.code,
        title=one.title,
        subject=one.subject,
        period=one.period,
        due=one.due,
        effective_workday=one.effective_workday,
        provisional=one.provisional,
        post=one.owner,
        persons=posts.of(one.owner, one.due),
        daily=one.obligation in every_day,
        overdue=one.due < day,
        key=one.key,
    )


def _projected(
    one: Occurrence, known: Known, rulebase: RuleBase, posts: _Posts, day: date, until: date
) -> Iterator[Ahead]:
    """What follows an open cycle if it is met on its due day (or on the first day, if it is overdue), and so on."""
    rule = rulebase.nearest(Obligation, one.obligation, one.anchor)
    if rule is None or not isinstance(rule.cadence, Rolling | PerRecord):
        return
    calendar, sources = WorkCalendar(rulebase.of(Calendar)), Sources(rulebase, known.values)
    step = _step(rule, one, known)
    met = max(one.due, day)
    while step is not None:
        found = derive(rule, step(met), sources, calendar).when
        if not met < found.due <= until:
            return
        yield Ahead(
            code=one.code,
            title=one.title,
            subject=one.subject,
            period=found.due.isoformat(),
            due=found.due,
            effective_workday=found.effective_workday,
            provisional=found.provisional,
            post=one.owner,
            persons=posts.of(one.owner, found.due),
            projected=True,
        )
        met = found.due


def _step(rule: Obligation, one: Occurrence, known: Known) -> Callable[[date], Anchor] | None:
    """From the day on which a cycle is met to the anchor of the next; None where there is no next one."""
    if isinstance(rule.cadence, Rolling):
        return AfterCompletion
    cycles = {row.number: (row.cycle or 0) // MICRO for row in known.instruments}
    months = cycles.get(one.subject, 0) if rule.for_each == INSTRUMENT else 0
    return (lambda met: OfRecordDay(add_months(met, months) - _DAY)) if months else None


def tickets_of(cases: Iterable[CaseRow], tickets: Iterable[Nonconformity]) -> Iterator[Action]:
    """The actions of our own tickets that have a day and are not settled."""
    titles = {ticket.number: ticket.title for ticket in tickets}
    for case in cases:
        number = case.key.object_id
        if case.due is not None and case.settled is None and number in titles:
            yield Action(number, titles[number], case.due, case.owner)


def recorded_of(rows: Iterable[ImportedNonconformity]) -> Iterator[Action]:
    """The actions that the plant brought along and that are not done."""
    for row in rows:
        if row.due is not None and row.completed is None and row.closed is None:
            said = row.fact or row.number
            yield Action(row.number, Text(said, said), row.due, row.owner)


def _action(one: Action, calendar: WorkCalendar, day: date) -> Ahead:
    effective = calendar.preceding(one.due)
    return Ahead(
        code=one.number,
        title=one.title,
        subject=one.number,
        period="",
        due=one.due,
        effective_workday=effective,
        provisional=calendar.provisional(one.due) or calendar.provisional(effective),
        post=ACTIONS,
        persons=(one.owner,) if one.owner else (),
        overdue=one.due < day,
    )


def _months(day: date, until: date) -> Iterator[str]:
    first = day.replace(day=1)
    while first <= until:
        yield first.isoformat()[:_MONTH]
        first = add_months(first, 1)


def told(found: Simulation, title: Callable[[str], Text]) -> Mapping[str, object]:
    """A simulation as programs read it; ``title`` names a post."""
    by_post, by_person = found.by_post(), found.by_person()
    return {
        "as_of": found.day,
        "until": found.until,
        "months": list(found.months),
        "posts": [
            {
                "post": post.post,
                "title": title(post.post),
                **_row(by_post.get(post.post, Counter()), found),
                "daily": sum(item.daily for item in found.items if item.post == post.post),
                "holders": [{"from": h.since, "until": h.until, "persons": list(h.persons)} for h in post.held],
                "vacant_from": post.vacant_from,
            }
            for post in found.posts
        ],
        "actions": _row(by_post.get(ACTIONS, Counter()), found),
        "persons": [
            {"person": account or None, "name": found.names.get(account, ""), **_row(months, found)}
            for account, months in sorted(by_person.items())
        ],
        "absences": [
            {"absent": a.absent, "deputy": a.deputy, "since": a.since, "until": a.until} for a in found.absences
        ],
        "items": [_item(item) for item in found.items],
    }


def _row(months: Mapping[str, int], found: Simulation) -> dict[str, object]:
    """Counts by month of the span; what is overdue on the first day stands apart."""
    within = {month: months.get(month, 0) for month in found.months}
    late = months.get(OVERDUE, 0)
    return {"months": within, "overdue": late, "total": sum(within.values()) + late}


def _item(item: Ahead) -> dict[str, object]:
    return {
        "code": item.code,
        "title": item.title,
        "subject": item.subject,
        "period": item.period,
        "due": item.due,
        "effective_workday": item.effective_workday,
        "provisional": item.provisional,
        "post": item.post,
        "persons": list(item.persons),
        "daily": item.daily,
        "projected": item.projected,
        "overdue": item.overdue,
    }
