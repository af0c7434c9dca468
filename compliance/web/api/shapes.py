"""What a value of the API looks like: each shape reads and checks a value, and describes itself as JSON Schema.

One declaration does both, so what is described is what is checked. A wrong value is a :class:`Wrong` with its place.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from compliance.kernel.clock import FIRST_YEAR, LAST_YEAR
from compliance.kernel.text import Text

Json = Any
#: Numbers that every reader of JSON keeps exactly.
LARGEST = 2**53 - 1
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Wrong:
    """A value that is not right: where, and what would be."""

    where: str
    what: Text


class Shape(ABC):
    """A shape of values."""

    @abstractmethod
    def read(self, value: Json, where: str, wrong: list[Wrong]) -> Json:
        """The checked value; what is wrong is added to ``wrong``."""

    @abstractmethod
    def schema(self) -> dict[str, Json]:
        """JSON Schema of the values."""

    def text(self, value: str, where: str, wrong: list[Wrong]) -> Json:
        """The same for the text of an address."""
        return self.read(value, where, wrong)

    @abstractmethod
    def example(self) -> Json:
        """A value of the shape."""


def _said(where: str, wrong: list[Wrong], zh: str, en: str) -> None:
    wrong.append(Wrong(where, Text(zh, en)))


@dataclass(frozen=True, slots=True)
class Word(Shape):
    """A text. ``words``: the only ones; ``secret``: never shown."""

    longest: int = LONGEST
    shortest: int = 0
    words: tuple[str, ...] = ()
    pattern: str = ""
    secret: bool = False
    like: str = "…"

    def read(self, value: Json, where: str, wrong: list[Wrong]) -> Json:
        """The text."""
        if not isinstance(value, str):
            _said(where, wrong, "须为文本", "is a text")
        elif not self.shortest <= len(value) <= self.longest:
            zh, en = f"长度须为 {self.shortest} 至 {self.longest}", f"has {self.shortest} to {self.longest} characters"
            _said(where, wrong, zh, en)
        elif "\x00" in value:
            _said(where, wrong, "不得含 NUL", "holds no NUL")
        elif self.words and value not in self.words:
            _said(where, wrong, f"须为：{'、'.join(self.words)}", f"is one of: {', '.join(self.words)}")
        elif self.pattern and not re.fullmatch(self.pattern, value, re.ASCII):
            _said(where, wrong, f"须符合 {self.pattern}", f"matches {self.pattern}")
        return value

    def schema(self) -> dict[str, Json]:
        """A string."""
        limits: dict[str, Json] = {"maxLength": self.longest}
        limits |= {"minLength": self.shortest} if self.shortest else {}
        limits |= {"enum": list(self.words)} if self.words else {}
        limits |= {"pattern": f"^(?:{self.pattern})$"} if self.pattern else {}
        limits |= {"format": "password", "writeOnly": True} if self.secret else {}
        return {"type": "string"} | limits

    def example(self) -> Json:
        """The first of its words, or what it is like."""
        return self.words[0] if self.words else self.like


@dataclass(frozen=True, slots=True)
class Day(Shape):
    """A day, ``YYYY-MM-DD``."""

    def read(self, value: Json, where: str, wrong: list[Wrong]) -> Json:
        """The day."""
        try:
            found = date.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            found = None
        if found is None or found.isoformat() != value or not FIRST_YEAR <= found.year <= LAST_YEAR:
            _said(where, wrong, "须为日期，如 2026-01-31", "is a day such as 2026-01-31")
        return found

    def schema(self) -> dict[str, Json]:
        """A string of a date."""
        return {"type": "string", "format": "date"}

    def example(self) -> Json:
        """A day."""
        return "2026-01-31"


@dataclass(frozen=True, slots=True)
class Moment(Shape):
    """A moment with its distance from UTC."""

    def read(self, value: Json, where: str, wrong: list[Wrong]) -> Json:
        """The moment."""
        try:
            found = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            _said(where, wrong, "须为带时区的时刻", "is a moment with its offset")
        return found

    def schema(self) -> dict[str, Json]:
        """A string of a date and time."""
        return {"type": "string", "format": "date-time"}

    def example(self) -> Json:
        """A moment."""
        return "2026-01-31T09:30:00+08:00"


@dataclass(frozen=True, slots=True)
class Whole(Shape):
    """A whole number."""

    least: int = 0
    most: int = LARGEST

    def read(self, value: Json, where: str, wrong: list[Wrong]) -> Json:
        """The number."""
        if type(value) is not int or not self.least <= value <= self.most:
            zh, en = f"须为 {self.least} 至 {self.most} 的整数", f"is a whole number from {self.least} to {self.most}"
            _said(where, wrong, zh, en)
        return value

    def text(self, value: str, where: str, wrong: list[Wrong]) -> Json:
        """The number of its digits."""
        plain = value.isascii() and value.isdigit() and len(value) <= len(str(LARGEST))
        return self.read(int(value) if plain else None, where, wrong)

    def schema(self) -> dict[str, Json]:
        """An integer."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def example(self) -> Json:
        """The least."""
        return self.least


@dataclass(frozen=True, slots=True)
class Truth(Shape):
    """True or false."""

    def read(self, value: Json, where: str, wrong: list[Wrong]) -> Json:
        """The truth."""
        if not isinstance(value, bool):
            _said(where, wrong, "须为 true 或 false", "is true or false")
        return value

    def text(self, value: str, where: str, wrong: list[Wrong]) -> Json:
        """The truth of its word."""
        return self.read({"true": True, "false": False}.get(value), where, wrong)

    def schema(self) -> dict[str, Json]:
        """A boolean."""
        return {"type": "boolean"}

    def example(self) -> Json:
        """True."""
        return True


@dataclass(frozen=True, slots=True)
class Maybe(Shape):
    """A value, or null."""

    of: Shape

    def read(self, value: Json, where: str, wrong: list[Wrong]) -> Json:
        """The value, or nothing."""
        return None if value is None else self.of.read(value, where, wrong)

    def schema(self) -> dict[str, Json]:
        """The value's, or null."""
        return {"anyOf": [self.of.schema(), {"type": "null"}]}

    def example(self) -> Json:
        """The value's."""
        return self.of.example()


@dataclass(frozen=True, slots=True)
class ListOf(Shape):
    """Values in their order."""

    of: Shape
    most: int = 10_000

    def read(self, value: Json, where: str, wrong: list[Wrong]) -> Json:
        """The values."""
        if not isinstance(value, list) or len(value) > self.most:
            _said(where, wrong, f"须为最多 {self.most} 项的列表", f"is a list of at most {self.most}")
            return []
        return [self.of.read(one, f"{where}/{n}", wrong) for n, one in enumerate(value)]

    def schema(self) -> dict[str, Json]:
        """An array."""
        return {"type": "array", "items": self.of.schema(), "maxItems": self.most}

    def example(self) -> Json:
        """One value."""
        return [self.of.example()]


@dataclass(frozen=True, slots=True)
class MapOf(Shape):
    """Values by names that are not known beforehand."""

    of: Shape
    most: int = 200
    like: str = "name"

    def read(self, value: Json, where: str, wrong: list[Wrong]) -> Json:
        """The values."""
        if not isinstance(value, dict) or len(value) > self.most:
            _said(where, wrong, f"须为最多 {self.most} 项的对象", f"is an object of at most {self.most} members")
            return {}
        return {name: self.of.read(one, f"{where}/{pointer(name)}", wrong) for name, one in value.items()}

    def schema(self) -> dict[str, Json]:
        """An object."""
        return {"type": "object", "additionalProperties": self.of.schema(), "maxProperties": self.most}

    def example(self) -> Json:
        """One value."""
        return {self.like: self.of.example()}


@dataclass(frozen=True, slots=True)
class OneOf(Shape):
    """A value of one of several shapes."""

    of: tuple[Shape, ...]

    def read(self, value: Json, where: str, wrong: list[Wrong]) -> Json:
        """The value as the first shape that it has."""
        for shape in self.of:
            against: list[Wrong] = []
            found = shape.read(value, where, against)
            if not against:
                return found
        _said(where, wrong, "类型不对", "has another type")
        return None

    def schema(self) -> dict[str, Json]:
        """Any of them."""
        return {"anyOf": [shape.schema() for shape in self.of]}

    def example(self) -> Json:
        """The first."""
        return self.of[0].example()


@dataclass(frozen=True)
class Record(Shape):
    """Named values, each known; ``optional`` ones may be left out. Anything else is an error."""

    name: str
    members: Mapping[str, Shape]
    optional: frozenset[str] = field(default_factory=frozenset)

    def read(self, value: Json, where: str, wrong: list[Wrong]) -> Json:
        """The values that were given."""
        if not isinstance(value, dict):
            _said(where, wrong, "须为 JSON 对象", "is a JSON object")
            return {}
        for name in value.keys() - self.members.keys():
            known = self.members
            zh, en = f"未知的成员（有：{'、'.join(known)}）", f"is unknown; there are: {', '.join(known)}"
            _said(f"{where}/{pointer(name)}", wrong, zh, en)
        for name in self.members.keys() - value.keys() - self.optional:
            _said(f"{where}/{name}", wrong, "缺少", "is missing")
        given = {name: shape for name, shape in self.members.items() if name in value}
        return {name: shape.read(value[name], f"{where}/{name}", wrong) for name, shape in given.items()}

    def schema(self) -> dict[str, Json]:
        """A reference: records are described once."""
        return {"$ref": f"#/components/schemas/{self.name}"}

    def described(self) -> dict[str, Json]:
        """An object with exactly these members."""
        return {
            "type": "object",
            "properties": {name: shape.schema() for name, shape in self.members.items()},
            "required": sorted(self.members.keys() - self.optional),
            "additionalProperties": False,
        }

    def example(self) -> Json:
        """Every member."""
        return {name: shape.example() for name, shape in self.members.items()}


def pointer(name: str) -> str:
    """A name as a part of a JSON Pointer, fit to be written whatever it holds."""
    plain = name[:100].encode("utf-8", "backslashreplace").decode().replace("\x00", "")
    return plain.replace("~", "~0").replace("/", "~1")


def records_of(shape: Shape | None) -> Sequence[Record]:
    """Every record that a shape names, itself included."""
    match shape:
        case Record():
            return [shape, *(r for inner in shape.members.values() for r in records_of(inner))]
        case Maybe() | ListOf() | MapOf():
            return records_of(shape.of)
        case OneOf():
            return [r for inner in shape.of for r in records_of(inner)]
        case _:
            return []


#: Shapes that many answers share.
NAME = Word(longest=200, like="name")
SAID = Record("Text", {"zh": Word(100_000, like="文"), "en": Word(100_000, like="text")})
SHA256 = Word(64, 64, pattern="[0-9a-f]{64}", like="0" * 64)


def page_of(name: str, row: Shape, **more: Shape) -> Record:
    """A page of rows; ``next`` is the address of the next one, ``more`` is said where it applies."""
    members = {"rows": ListOf(row), "next": Maybe(Word(4000, like="/api/v1/…"))}
    return Record(name, members | more, frozenset(more))
