"""What a template says, part by part: texts, places for values, loops and choices.

The adapter that reads the file hands this over. The names are checked here, and here the text is worked out that the
issued file must have: a second reckoning, beside the one that makes the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from compliance.core.documents.pictures import is_picture
from compliance.core.documents.values import Context, Drawn, Names, Rows, Shape, Value
from compliance.kernel.text import Text

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fixed:
    """Text of the template itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place for a value."""

    path: Path
    filters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: a value is there, or equals a word; ``negated`` turns it."""

    path: Path
    equals: str | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Loop:
    """The body once for each row."""

    name: str
    path: Path
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of two bodies."""

    test: Condition
    then: tuple[Node, ...]
    other: tuple[Node, ...] = ()


Node = Fixed | Place | Loop | Choice


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """Something wrong with a template: in which part, in which paragraph of it (0: unknown), and the text around."""

    place: str
    text: Text
    paragraph: int = 0
    around: str = ""

    @property
    def where(self) -> Text:
        """The place in words."""
        if not self.paragraph:
            return Text(self.place, self.place)
        return Text(
            f"{self.place} 第 {self.paragraph} 段“{self.around}”",
            f"{self.place}, paragraph {self.paragraph}, {self.around!r}",
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of expected text; ``name`` is the place that it fills, empty for the template's own text."""

    text: str
    name: str = ""


#: What a filter does to a text; the template language knows the same ones.
FILTERS: Mapping[str, Callable[[str], str]] = {"trim": str.strip, "upper": str.upper, "lower": str.lower}


def check_names(part: str, nodes: Sequence[Node], names: Names) -> Iterator[TemplateProblem]:
    """Every name in a part that the data set does not offer, or offers as something else, where it stands first."""
    seen: set[Text] = set()
    for paragraph, problem in _check_names(part, nodes, names, _Paragraph()):
        if problem.text not in seen:
            seen.add(problem.text)
            yield replace(problem, paragraph=paragraph.number, around=paragraph.around)


@dataclass
class _Paragraph:
    """The paragraph of a part that a walk has come to: its number, and its text as far as it is known."""

    number: int = 1
    text: str = ""

    def feed(self, text: str) -> None:
        """Walk over text."""
        *ended, rest = text.split("\n")
        self.number += len(ended)
        self.text = rest if ended else self.text + rest

    @property
    def around(self) -> str:
        """The last letters before the place."""
        return self.text[-_AROUND:]


#: How much of the text before a problem is shown.
_AROUND = 40


def _check_names(
    part: str, nodes: Sequence[Node], names: Names, at: _Paragraph
) -> Iterator[tuple[_Paragraph, TemplateProblem]]:
    for node in nodes:
        match node:
            case Fixed(text):
                at.feed(text)
            case Place(path):
                at.feed("{{ " + ".".join(path) + " }}")
                yield from ((at, p) for p in _wants(part, path, names, "shown"))
            case Loop(name, path, body):
                problems = list(_wants(part, path, names, "rows"))
                yield from ((at, p) for p in problems)
                rows = None if problems else _find(path, names)
                inner = rows.names if isinstance(rows, Rows) else None
                # What stands in a loop over nothing known is passed over, for its names cannot be known.
                yield from _check_names(part, body if inner is not None else _fixed(body), {**names, name: inner}, at)
            case Choice(test, then, other):
                wanted = "text" if test.equals is not None else "any"
                yield from ((at, p) for p in _wants(part, test.path, names, wanted))
                yield from _check_names(part, (*then, *other), names, at)


def _fixed(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The text of nodes alone, so that paragraphs are counted on."""
    found: list[Node] = []
    for node in nodes:
        match node:
            case Fixed():
                found.append(node)
            case Loop(_, _, body):
                found += _fixed(body)
            case Choice(_, then, other):
                found += _fixed((*then, *other))
            case _:
                pass
    return tuple(found)


def shown(nodes: Sequence[Node], prefix: Mapping[str, Path] | None = None) -> Iterator[Path]:
    """Every name of the data that the nodes show or go through; the rows of a loop by the name of their list."""
    rows = prefix or {}

    def full(path: Path) -> Path:
        return (*rows[path[0]], *path[1:]) if path[0] in rows else path

    for node in nodes:
        match node:
            case Place(path):
                yield full(path)
            case Loop(name, path, body):
                yield from shown(body, {**rows, name: full(path)})
            case Choice(_, then, other):
                yield from shown((*then, *other), rows)
            case _:
                pass


def expected(nodes: Sequence[Node], context: Context) -> Iterator[Piece]:
    """The text that a part must have once it is filled, in pieces."""
    for node in nodes:
        match node:
            case Fixed(text):
                yield Piece(text)
            case Place(path, filters):
                value = _value(path, context)
                text = "" if is_picture(value) else _text(value)
                for name in filters:
                    text = FILTERS[name](text)
                yield Piece(text, ".".join(path))
            case Loop(name, path, body):
                for row in _rows(_value(path, context)):
                    yield from expected(body, {**context, name: row})
            case Choice(test, then, other):
                yield from expected(then if _holds(test, context) else other, context)


def asked_for(nodes: Sequence[Node], within: Mapping[str, str] | None = None) -> Iterator[str]:
    """Every name that a part shows, loops over or asks for, with its dots; a row's by the list that it is of."""
    lists = within or {}
    for node in nodes:
        match node:
            case Place(path):
                yield _full(path, lists)
            case Loop(name, path, body):
                yield _full(path, lists)
                yield from asked_for(body, {**lists, name: _full(path, lists)})
            case Choice(test, then, other):
                yield _full(test.path, lists)
                yield from asked_for((*then, *other), lists)


def _full(path: Path, lists: Mapping[str, str]) -> str:
    return ".".join((lists.get(path[0], path[0]), *path[1:]))


def _holds(test: Condition, context: Context) -> bool:
    value = _value(test.path, context)
    held = bool(value) if test.equals is None else value == test.equals
    return held is not test.negated


def _value(path: Path, context: Context) -> Value:
    value: Value = context
    for name in path:
        if not isinstance(value, Mapping):
            raise KeyError(".".join(path))
        value = value[name]
    return value


def _text(value: Value) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value


def _rows(value: Value) -> Sequence[Value]:
    if isinstance(value, str | int | Mapping):
        raise TypeError(type(value).__name__)
    return value


def _find(path: Path, names: Names) -> Shape | KeyError:
    shape: Shape = names
    for name in path:
        if not isinstance(shape, Mapping) or name not in shape:
            return KeyError(name)
        shape = shape[name]
    return shape


def _wants(part: str, path: Path, names: Names, kind: str) -> Iterator[TemplateProblem]:
    found = _find(path, names)
    asked = ".".join(path)
    if isinstance(found, KeyError):
        near = get_close_matches(asked, sorted(dotted("", names)), 1)
        yield TemplateProblem(
            part,
            Text(
                f"没有变量“{asked}”" + (f"，是否为“{near[0]}”？" if near else ""),
                f"there is no variable {asked!r}" + (f"; did you mean {near[0]!r}?" if near else ""),
            ),
        )
    elif kind in ("text", "shown") and not (found is None or (kind == "shown" and isinstance(found, Drawn))):
        yield TemplateProblem(part, Text(f"“{asked}”不是文字，不能直接打印", f"{asked!r} is no text"))
    elif kind == "rows" and not isinstance(found, Rows):
        yield TemplateProblem(part, Text(f"“{asked}”不是列表，不能循环", f"{asked!r} is no list"))


def dotted(before: str, names: Names) -> Iterator[str]:
    """Every name with its dots, lists and groups too."""
    for name, shape in names.items():
        yield before + name
        if isinstance(shape, Mapping):
            yield from dotted(f"{before}{name}.", shape)
