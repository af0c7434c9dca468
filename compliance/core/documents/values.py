"""What a document is filled with: texts, named groups of texts, and lists of them; nothing that can act.

A text that XML cannot carry whole is refused before anything is rendered; a renderer would drop parts of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Union

from compliance.core.documents.pictures import is_picture, wrong_in
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text, illegal

#: A number stands in pictures alone.
Value = Union[str, int, "Mapping[str, Value]", "Sequence[Value]"]
Context = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Rows:
    """A list in the names of a data set: every row has these names."""

    names: Names


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture in the names of a data set."""


DRAWN = Drawn()
#: What a template may name: None is a text, a mapping a group of names, :class:`Rows` a list, :class:`Drawn` a picture.
Shape = Union[None, Rows, Drawn, "Mapping[str, Shape]"]
Names = Mapping[str, Shape]


class IllegalText(Refused):
    """A value holds a character that a document cannot carry."""

    code = "illegal-text"
    text: ClassVar[Text] = Text(
        zh="“{place}”含有文件无法承载的字符 {character}，请删除后重试",
        en="{place} holds the character {character}, which a document cannot carry; remove it",
    )


class NotPlain(Refused):
    """A value is no text, no list and no group of names."""

    code = "not-plain"
    text: ClassVar[Text] = Text(zh="“{place}”不是文字、列表或分组", en="{place} is no text, list or group")


def check_values(context: Context) -> None:
    """Raise :class:`IllegalText` or :class:`NotPlain` for the first bad value."""
    if _fine(context):
        return
    for place, value in _leaves("", context):
        if is_picture(value) and not wrong_in(value):
            continue
        if not isinstance(value, str):
            raise NotPlain(place=place)
        bad = illegal(value)
        if bad is not None:
            raise IllegalText(place=place, character=f"U+{ord(bad):04X}")


def _fine(value: object) -> bool:
    """Whether nothing is bad here; places are worked out only where something is."""
    if isinstance(value, str):
        return illegal(value) is None
    if isinstance(value, Mapping):
        if is_picture(value):
            return not wrong_in(value)
        return all(isinstance(name, str) and _fine(inner) for name, inner in value.items())
    return isinstance(value, list | tuple) and all(map(_fine, value))


def names_in(context: Context) -> Names:
    """The names that a context offers; a list offers what its first row does."""
    return {name: _shape(value) for name, value in context.items()}


def _shape(value: Value) -> Shape:
    if isinstance(value, str):
        return None
    if is_picture(value):
        return DRAWN
    if isinstance(value, Mapping):
        return names_in(value)
    first = value[0] if isinstance(value, Sequence) and value else {}
    return Rows(names_in(first) if isinstance(first, Mapping) else {})


def _leaves(place: str, value: object) -> Iterator[tuple[str, object]]:
    match value:
        case str():
            yield place, value
        case Mapping() if is_picture(value):
            yield place, value
        case Mapping():
            for name, inner in value.items():
                if not isinstance(name, str):
                    yield f"{place}.{name}".lstrip("."), name
                    continue
                yield from _leaves(f"{place}.{name}".lstrip("."), inner)
        case list() | tuple():
            for number, inner in enumerate(value, 1):
                yield from _leaves(f"{place}[{number}]", inner)
        case _:
            yield place, value
