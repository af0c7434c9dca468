"""Calendar feeds: a token that opens one person's or one plant's calendar for reading, until it is revoked.

The register keeps the hash of a token alone; whoever made it sees it once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Protocol

from compliance.core.acts import Act, Actor
from compliance.core.calendar_feed import feed_text
from compliance.core.distribution import InForce
from compliance.core.documents.reviews import reviews_of
from compliance.core.judged import Occurrence
from compliance.core.model import PersonPeriod, Row
from compliance.core.notices.choosing import NoSuchPerson
from compliance.core.notices.posts import Holders
from compliance.core.people import People
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Language, Text
from compliance.rulebase.rulebase import RuleBase

#: How much of a token's hash names it to people.
_SHOWN = 16


class NoSuchFeed(WrongUse):
    """There is no living feed of that name (a revoked one is answered alike)."""

    code = "no-such-feed"
    text: ClassVar[Text] = Text(zh="没有日历订阅“{feed}”", en="There is no calendar feed {feed!r}")


@dataclass(frozen=True, slots=True)
class FeedToken:
    """A token as it is kept. ``person`` None: every duty of the plant (``plant`` is its key). Moments are ISO, UTC."""

    id_hash: str
    plant: str
    person: str | None
    made_at: str
    revoked_at: str | None = None

    @property
    def name(self) -> str:
        """What people call it by; it opens nothing."""
        return self.id_hash[:_SHOWN]


class FeedReads(Protocol):
    """What feeds ask of a look."""

    def plant(self, key: str) -> Plant | None:
        """The plant of a key."""
        ...

    def tables(self, plant: Plant, kinds: Sequence[type[Row]] | None = None) -> Tables:
        """Rows of a plant."""
        ...

    def occurrences(self, plant: Plant) -> Sequence[Occurrence]:
        """Stored occurrences."""
        ...

    def in_force(self, plant: Plant) -> Sequence[InForce]:
        """Every issued version of a document that has not ended."""
        ...

    def version(self, plant: Plant) -> int:
        """Size of the plant's log."""
        ...

    def feed_tokens(self, plant: Plant) -> Sequence[FeedToken]:
        """The tokens of a plant, revoked ones included."""
        ...

    def find_feed(self, id_hash: str) -> FeedToken | None:
        """The token of a hash."""
        ...


class FeedWork(FeedReads, Protocol):
    """What feeds ask of a writing transaction."""

    def add_feed(self, plant: Plant, token: FeedToken, at: datetime) -> None:
        """Keep a new token by its hash."""
        ...

    def revoke_feed(self, token: FeedToken, at: datetime) -> None:
        """End a token."""
        ...

    def record(self, act: Act, plant: Plant | None) -> int:
        """Append the act's leaf."""
        ...


class FeedRegister(Protocol):
    """The register as feeds need it."""

    def read(self) -> AbstractContextManager[FeedReads]:
        """Open a look."""
        ...

    def work(self) -> AbstractContextManager[FeedWork]:
        """Open a writing transaction."""
        ...


def make_feed(register: FeedRegister, plant: Plant, person: str | None, actor: Actor, now: datetime) -> str:
    """Make a feed of a person's duties (of all for None); the token, which is shown this once."""
    token = secrets.token_urlsafe(32)
    kept = FeedToken(hash_of_feed(token), plant.key, person, "")
    with register.work() as work:
        if person is not None and all(p.account != person for p in _periods(work, plant)):
            raise NoSuchPerson(person=person)
        work.add_feed(plant, kept, now)
        work.record(_act(actor, "feed:make", kept, {"f": "person", "old": None, "new": person}), plant)
    return token


def revoke_feed(
    register: FeedRegister, plant: Plant, name: str, actor: Actor, now: datetime, person: str | None = None
) -> None:
    """End a feed of the plant by its name (of ``person`` alone, if given); from now on its token opens nothing."""
    with register.work() as work:
        living = [t for t in work.feed_tokens(plant) if t.revoked_at is None and name in (t.name, t.id_hash)]
        living = [t for t in living if person is None or t.person == person]
        if not living:
            raise NoSuchFeed(feed=name)
        work.revoke_feed(living[0], now)
        work.record(_act(actor, "feed:revoke", living[0], {"f": "living", "old": "1", "new": None}), plant)


def open_feed(reads: FeedReads, token: str, rulebase: RuleBase, today: date, language: Language = "zh") -> str:
    """The calendar that a token opens, as iCalendar text; :class:`NoSuchFeed`, also when the person has left."""
    kept = reads.find_feed(hash_of_feed(token))
    plant = reads.plant(kept.plant) if kept and kept.revoked_at is None else None
    if kept is None or plant is None:
        raise NoSuchFeed(feed="…")
    if kept.person is not None and not People(_periods(reads, plant)).here(kept.person, today):
        raise NoSuchFeed(feed="…")
    return calendar_of(reads, plant, kept.person, rulebase, today, language)


def calendar_of(
    reads: FeedReads, plant: Plant, person: str | None, rulebase: RuleBase, today: date, language: Language = "zh"
) -> str:
    """The stored duties and the reviews of documents that are still to do, or those of the posts that a person holds.

    A person sees the reviews of the post that draws the document up, as in "my work" and as the notices tell.
    """
    holders = Holders(_periods(reads, plant), rulebase, today)
    posts = None if person is None else holders.held_by(person)
    made = [o for o in reads.occurrences(plant) if posts is None or o.owner in posts]
    reviews = [r for r in reviews_of(reads.in_force(plant), rulebase, today) if posts is None or r.post in posts]
    return feed_text(plant, made, rulebase, today, reads.version(plant), language, reviews)


def hash_of_feed(token: str) -> str:
    """What the register keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _periods(reads: FeedReads, plant: Plant) -> list[PersonPeriod]:
    return [p for p in reads.tables(plant, [PersonPeriod])[PersonPeriod] if isinstance(p, PersonPeriod)]


def _act(actor: Actor, action: str, token: FeedToken, change: dict[str, object]) -> Act:
    return Act(actor=actor, action=action, object_type="feed", object_id=token.name, changes=(change,))
