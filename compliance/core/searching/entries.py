"""What can be found: entries made from the register and the rule base, and the ports of the index and of its texts.

The index is a cache that names candidates. What is shown, and to whom, follows from the register alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date
from enum import StrEnum
from hashlib import blake2b
from typing import ClassVar, Protocol

from compliance.core.searching.words import Question
from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Requirement

#: The "plant" of what belongs to none.
NO_PLANT = 0
_NO_DAY = "0000-00-00"


class Kind(StrEnum):
    """Kinds of what can be found, in the order in which they are shown."""

    DOCUMENT = "document"
    EVENT = "event"
    REVIEW = "review"
    NONCONFORMITY = "nonconformity"
    FINDING = "finding"
    REQUIREMENT = "requirement"
    RULE = "rule"
    FILE = "file"
    OCCURRENCE = "occurrence"
    RECORD = "record"


#: The first kind stands highest; ranks are one digit each.
_RANK = {kind: len(Kind) - 1 - place for place, kind in enumerate(Kind)}
#: Kinds of the rule base: the same for every plant.
OF_RULES = frozenset({Kind.RULE, Kind.REQUIREMENT})


class IndexBusy(CannotDecide):
    """Another process has been writing the index for too long."""

    code = "index-busy"
    text: ClassVar[Text] = Text(zh="检索索引正被占用，请稍后再试", en="The search index is in use: try again shortly")


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Names one thing that can be found."""

    plant: int
    kind: Kind
    id: str

    def __str__(self) -> str:
        """The key as indexes keep it."""
        return f"{self.plant}:{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Key:
        """The key of a text; raise ``ValueError`` if it is none."""
        plant, kind, name = text.split(":", 2)
        return cls(int(plant), Kind(kind), name)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found: what it is called, what else it says (a line each), and its day.

    ``ref``: the natural key of a row. ``is_open``: whether it still asks for something; None for what never does.
    """

    key: Key
    title: Text
    text: str
    day: date | None = None
    ref: str = ""
    _: KW_ONLY
    is_open: bool | None = None

    @property
    def whole(self) -> str:
        """Everything that is searched; no phrase goes across its lines."""
        return f"{self.title.zh}\n{self.title.en}\n{self.text}"

    @property
    def place(self) -> str:
        """Where it stands in a list: by kind, then by day, the highest text first."""
        return f"{_RANK[self.key.kind]} {self.day.isoformat() if self.day else _NO_DAY} {self.key}"

    @property
    def digest(self) -> str:
        """Changes with whatever the index has of it."""
        said = f"{self.place}\n{self.is_open}\n{self.whole}"
        return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


#: What stands between the parts of the id of a file: kind of its case, number of the step, id of the case.
BETWEEN = "#"


def case_of(key: Key) -> tuple[str, str]:
    """Kind and id of the case that a file was handed in to."""
    kind, _seq, object_id = (*key.id.split(BETWEEN, 2), "", "")[:3]
    return kind, object_id


@dataclass(frozen=True, slots=True)
class Days:
    """The days that are looked for, both included; with neither, things without a day too."""

    first: date | None = None
    last: date | None = None

    @property
    def any(self) -> bool:
        """Whether every day will do."""
        return self.first is None and self.last is None

    @property
    def ends(self) -> tuple[str, str]:
        """Both as they stand in places; what has no day goes before the first."""
        return (self.first or date.min).isoformat(), (self.last or date.max).isoformat()

    def has(self, day: date | None) -> bool:
        """Whether a day is one of them."""
        return self.any or (day is not None and self.ends[0] <= day.isoformat() <= self.ends[1])


#: Every day.
ANY_DAY = Days()
#: Where the day stands in a place.
DAY_AT = slice(2, 2 + len(_NO_DAY))


@dataclass(frozen=True, slots=True)
class Changed:
    """What has changed in a plant, as it is now."""

    entries: tuple[Entry, ...]


def key_at(place: str) -> Key:
    """The key of a place; raise ``ValueError`` if it is none."""
    return Key.parse(place.split(" ", 2)[2])


class SearchIndex(Protocol):
    """A cache of which entries have which units; it may be lost at any time and is then empty."""

    def cursors(self) -> Mapping[int, str]:
        """How far each plant's log is in the index."""
        ...

    def digests(self, plant: int) -> Mapping[Key, str]:
        """What the index has of a plant, with the digest of each entry."""
        ...

    def update(self, put: Sequence[Entry], remove: Collection[Key], cursors: Mapping[int, str]) -> None:
        """Add or replace entries and take others out, in one small commit."""
        ...

    def candidates(
        self,
        question: Question,
        plants: Collection[int],
        kinds: Collection[Kind],
        after: str,
        limit: int,
        days: Days = ANY_DAY,
        *,
        is_open: bool | None = None,
    ) -> Sequence[str]:
        """Places of entries that have every unit, the highest first, behind the place ``after``.

        ``is_open``: only those that the index has as open, or as settled; what has no state is then left out.
        """
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...


class SearchTexts(Protocol):
    """The register, as texts to be searched."""

    def positions(self) -> Mapping[int, str]:
        """How long the log of each plant is: one statement."""
        ...

    def entries(self, plant: int) -> Sequence[Entry]:
        """Everything of a plant that can be found: one statement."""
        ...

    def since(self, plant: int, since: str, until: str) -> Changed | None:
        """What the log has changed between two positions; None where everything has to be compared."""
        ...

    def named(self, keys: Collection[Key]) -> Mapping[Key, Entry]:
        """Those of the keys that exist, as they are now: one statement."""
        ...


def entries_of_rules(rulebase: RuleBase) -> dict[Key, Entry]:
    """The latest wording of each rule and statement."""
    found = {}
    for rule in rulebase.rules:
        stated = isinstance(rule, Requirement)
        key = Key(NO_PLANT, Kind.REQUIREMENT if stated else Kind.RULE, f"{rule.kind}/{rule.id}")
        code = getattr(rule, "code", "")
        lines = [str(code), rule.id, rule.source.clause, *rule.source.requirements]
        lines += [side for text in _texts_of(rule) for side in (text.zh, text.en)]
        found[key] = Entry(key, rule.title, "\n".join(dict.fromkeys(line for line in lines if line)))
    return found


def _texts_of(rule: object) -> list[Text]:
    """The texts in both languages that a rule has beside its title."""
    members = (getattr(rule, name) for name in getattr(rule, "__dataclass_fields__", ()) if name != "title")
    return [member for member in members if isinstance(member, Text)]
