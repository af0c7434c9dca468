"""What every kind of rule has: text, source, time in force, words of comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from compliance.kernel.text import Text

Scalar = str | int | bool
#: What a parameter of a derivation may be after loading.
Value = Scalar | date | Decimal | tuple["Value", ...] | Mapping[str, "Value"]


class Strength(StrEnum):
    """How strongly a clause speaks: 应, 宜, 可, informative annex, stated fact."""

    SHALL = "shall"
    SHOULD = "should"
    MAY = "may"
    INFORMATIVE = "informative"
    FACT = "fact"


class PropType(StrEnum):
    """Type of a property of a fact. Days are compared as days, never as text."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    DAY = "day"


class Op(StrEnum):
    """Comparison of a property; a missing value satisfies none but ``given = false``."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    GIVEN = "given"


class Ticket(StrEnum):
    """How findings of a rule are gathered into nonconformities."""

    EACH = "each"
    MONTH = "month"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the rule base: where, which rule, what, and what would be right."""

    file: str
    line: int
    rule: str
    message: Text


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from."""

    document: str
    clause: str
    strength: Strength
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InForce:
    """The days on which a wording holds; ``until`` is its last day.

    ``known``: since when we know the wording (None = since it holds); ``until_known``: since when we know that it ends
    (None = since the wording that follows it at once is known, else as long as it is known itself).
    """

    start: date
    until: date | None = None
    known: date | None = None
    until_known: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the wording holds on a day."""
        return self.start <= day and (self.until is None or day <= self.until)


#: Folder of a rule directory below which packs of other standards lie, each in a folder of its own name.
PACKS = "packs"


def pack_of(file: str) -> str:
    """The pack that a file of a rule directory belongs to; empty for one of the main standard."""
    first, _slash, rest = file.partition("/")
    return rest.partition("/")[0] if first == PACKS else ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Members that every kind has.

    ``digest`` is the SHA-256 of the canonical JSON of the block; ``text`` the block as it stands in the file.
    """

    kind: str
    id: str
    title: Text
    source: Source
    in_force: InForce
    examples: tuple[Mapping[str, Value], ...] = ()
    file: str = ""
    line: int = 0
    digest: str = ""
    text: str = ""

    @property
    def known(self) -> date:
        """Since when we know the wording: the day it says, else the day from which it holds."""
        return self.in_force.known or self.in_force.start

    @property
    def pack(self) -> str:
        """The pack it belongs to, by the folder in which it stands; empty for a rule of the main standard."""
        return pack_of(self.file)


@dataclass(frozen=True, slots=True)
class Ref:
    """A parameter of the plant: its own value in force, else the default in rules/."""

    parameter: str


#: A number that stands in the rule or is a parameter of the plant.
Number = int | Ref
