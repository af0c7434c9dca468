"""Who must read a version of a document and by when, and who has confirmed having read it.

A version keeps parties (everyone, a post, a department, a person), not names: whoever belongs to one on a day is asked,
so who gets a post later is asked then, and who has left is asked no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from compliance.core.model import PersonPeriod
from compliance.core.people import listed
from compliance.kernel.text import Text
from compliance.rulebase.calendar import add_days
from compliance.rulebase.parties import DEPARTMENT, EVERYONE, PERSON, POST
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Number, Parameter, Post, Ref


class Versioned(Protocol):
    """A version of a document by its number and place."""

    @property
    def number(self) -> str:
        """The number of the document."""
        ...

    @property
    def place(self) -> int:
        """The place of the version."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Who reads a version, within how many days of being asked; ``asked``: the day of issue, None before it.

    ``deputies``: whether who stands in for an absent reader confirms for that reader.
    """

    number: str
    place: int
    parties: tuple[str, ...]
    days: int
    deputies: bool = False
    asked: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A reader has confirmed a version. ``read`` is the issued file; ``by`` and ``name`` are who acted."""

    number: str
    place: int
    account: str
    name: str
    posts: str
    login: str
    at: str
    read: str
    acted_by: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is asked, and what came of it; ``reading`` where more was read than that it was confirmed."""

    account: str
    name: str
    department: str
    posts: str
    since: date
    due: date
    confirmed: bool = False
    reading: Reading | None = None

    def late(self, on: date) -> bool:
        """Whether the day has passed without a confirmation."""
        return not self.confirmed and self.due < on


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many are asked, how many of them have confirmed, how many are late."""

    asked: int
    confirmed: int
    late: int

    @property
    def percent(self) -> int | None:
        """The whole percent confirmed, never rounded up to all; None where nobody is asked."""
        return 100 * self.confirmed // self.asked if self.asked else None


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """An issued version that has not ended, with who reads it, which accounts confirmed it, and its day of review.

    ``stale``: since when it is not what would be drawn up now, and ``why``; ``requests``: how many requests to change
    the document are open.
    """

    number: str
    rule: str
    kind: str
    about: str
    title: Text
    place: int
    label: str
    state: str
    effective: date | None
    review_due: date | None
    distribution: Distribution | None = None
    confirmed: frozenset[str] = frozenset()
    stale: date | None = None
    why: tuple[Text, ...] = ()
    requests: int = 0

    @property
    def object_id(self) -> str:
        """What its case is called."""
        return f"{self.number}/{self.label}"

    def holds(self, on: date) -> bool:
        """Whether its effective day has come."""
        return self.effective is not None and self.effective <= on

    def readers(self, people: Sequence[PersonPeriod], rulebase: RuleBase, on: date) -> list[Reader]:
        """Everybody who is asked to read it on a day."""
        return readers_of(self.distribution, people, dict.fromkeys(self.confirmed), rulebase, on)


def by_rule(rule: Document, version: Versioned, days: int, asked: date | None = None) -> Distribution:
    """The distribution that a rule gives a version."""
    return Distribution(
        number=version.number,
        place=version.place,
        parties=rule.readers,
        days=days,
        deputies=rule.deputies_read,
        asked=asked,
    )


def number_of(value: Number, rulebase: RuleBase, own: Mapping[str, Decimal], on: date) -> int:
    """A number of a rule: itself, the plant's own value of the parameter, or the parameter's default."""
    if not isinstance(value, Ref):
        return value
    parameter = rulebase.nearest(Parameter, value.parameter, on)
    if parameter is None:
        return 0
    given = own.get(parameter.code) if parameter.code else None
    return int(parameter.default if given is None else given)


def readers_of(
    distribution: Distribution | None,
    people: Sequence[PersonPeriod],
    done: Mapping[str, Reading | None],
    rulebase: RuleBase,
    on: date,
) -> list[Reader]:
    """Everybody who is asked on a day, by account; nobody before the version is issued."""
    if distribution is None or distribution.asked is None:
        return []
    return list(_readers(distribution, distribution.asked, people, done, rulebase, on))


def is_asked(distribution: Distribution, periods: Sequence[PersonPeriod], rulebase: RuleBase, on: date) -> bool:
    """Whether a person of these periods belongs to a party on a day."""
    words = _words(distribution.parties, rulebase, on)
    return any(_covers(p, on) and _belongs(p, distribution.parties, words) for p in periods)


def coverage_of(readers: Sequence[Reader], on: date) -> Coverage:
    """The readers counted."""
    return Coverage(len(readers), sum(r.confirmed for r in readers), sum(r.late(on) for r in readers))


def _readers(
    distribution: Distribution,
    asked: date,
    people: Sequence[PersonPeriod],
    done: Mapping[str, Reading | None],
    rulebase: RuleBase,
    on: date,
) -> Iterator[Reader]:
    words = _words(distribution.parties, rulebase, on)
    periods: dict[str, list[PersonPeriod]] = {}
    for period in people:
        if _belongs(period, distribution.parties, words):
            periods.setdefault(period.account, []).append(period)
    for account, own in sorted(periods.items()):
        now = next((p for p in own if _covers(p, on)), None)
        if now is not None:
            since = max(_since(own, now), asked)
            due = add_days(since, distribution.days)
            known = (account, now.name or account, now.department or "", now.posts or "", since, due)
            yield Reader(*known, account in done, done.get(account))


def _since(own: Sequence[PersonPeriod], now: PersonPeriod) -> date:
    """From when the person has belonged to the parties without a break."""
    since = now.since
    for period in sorted(own, key=lambda p: p.since, reverse=True):
        if period.since < since and (period.until is None or add_days(period.until, 1) >= since):
            since = period.since
    return since


def _covers(period: PersonPeriod, on: date) -> bool:
    return period.since <= on and (period.until is None or on <= period.until)


def _words(parties: Iterable[str], rulebase: RuleBase, on: date) -> frozenset[str]:
    """What plants call the posts among the parties."""
    posts = {p.removeprefix(POST) for p in parties if p.startswith(POST)}
    return frozenset(word for post in rulebase.in_force(Post, on) if post.id in posts for word in post.words)


def _belongs(period: PersonPeriod, parties: Sequence[str], words: frozenset[str]) -> bool:
    return (
        EVERYONE in parties
        or PERSON + period.account in parties
        or f"{DEPARTMENT}{period.department}" in parties
        or not words.isdisjoint(listed(period.posts))
    )
