"""What drafting a document asks of the outside: something that reads templates and makes files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from compliance.core.documents.plan import Node, TemplateProblem
from compliance.core.documents.values import Context
from compliance.kernel.errors import CannotDecide, Refused
from compliance.kernel.text import Text


class TemplateRefused(Refused):
    """The template may not be used; every problem is named."""

    code = "template-refused"
    text: ClassVar[Text] = Text(zh="模板不可用：{problems}", en="The template may not be used: {problems}")

    def __init__(self, problems: Sequence[TemplateProblem]) -> None:
        """Name the problems."""
        self.problems = tuple(problems)
        zh = "；".join(f"{p.where.zh}：{p.text.zh}" for p in problems)
        super().__init__(problems=Text(zh, "; ".join(f"{p.where.en}: {p.text.en}" for p in problems)))


class NotRendered(CannotDecide):
    """The child process made no document: too much memory or time, a crash, or a failure of the library."""

    code = "not-rendered"
    text: ClassVar[Text] = Text(zh="未能生成文件：{reason}", en="The document could not be made: {reason}")


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a template says, part by part, and what is wrong with it."""

    parts: Mapping[str, Sequence[Node]] = field(default_factory=dict)
    problems: tuple[TemplateProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text in a comparison; ``change``: "ins" (in the later version alone), "del", or empty."""

    change: str
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a table row of two versions; ``change`` says whether the whole came or went."""

    part: str
    what: str
    change: str
    cells: tuple[tuple[Piece, ...], ...]

    @property
    def changed(self) -> bool:
        """Whether anything of it differs."""
        return bool(self.change) or any(piece.change for cell in self.cells for piece in cell)


@dataclass(frozen=True, slots=True)
class Redlined:
    """A version with its changes against an earlier one: a file that tracks them, and the same for a page."""

    file: bytes
    blocks: tuple[Block, ...]


class Renderer(Protocol):
    """Reads templates and makes documents; raises :class:`NotRendered`."""

    def inspect(self, template: bytes) -> Inspected:
        """Read a template without filling it."""
        ...

    def render(self, template: bytes, context: Context) -> bytes:
        """Fill a template: equal template and context give equal bytes."""
        ...

    def read(self, document: bytes, parts: Sequence[str]) -> Mapping[str, str]:
        """The text of parts of a document, as a reader shows it."""
        ...


class Comparer(Renderer, Protocol):
    """Makes documents, and marks in one what it has otherwise than another."""

    def redline(self, old: bytes, new: bytes, author: str, at: str) -> Redlined:
        """The later of two versions with its changes marked as somebody's, of a moment in UTC."""
        ...
