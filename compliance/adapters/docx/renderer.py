"""Templates read and filled in a child process of their own: one request, one process, limits on all it may use.

What a template says is remembered by its digest: reading one takes longer than filling it, equal bytes say the same.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final, Generic, TypeAlias, TypeVar

import compliance
from compliance.adapters.docx.archive import MIB, Unsafe, examine
from compliance.adapters.docx.nursery import Ended, TooLong, command, nursery
from compliance.core.documents.plan import Choice, Condition, Fixed, Loop, Node, Place, TemplateProblem, check_names
from compliance.core.documents.ports import Block, Inspected, NotRendered, Piece, Redlined
from compliance.core.documents.values import Context, Names
from compliance.kernel.text import Text

_START: Final = "import sys; sys.path.append(sys.argv[1]); from compliance.adapters.docx.worker import main; main()"
#: How many templates one process reads: far from its limits.
_TOGETHER: Final = 8
_ROOT: Final = str(Path(compliance.__file__).resolve().parent.parent)
T = TypeVar("T")
#: A renderer and the digest of a template.
_Key: TypeAlias = "tuple[DocxRenderer, bytes]"
_TOO_LONG = Text("超过时限", "it took too long")
_CRASHED = Text("进程中止（内存、运算时间超限或崩溃）", "the process ended: out of memory or time, or crashed")


@dataclass(frozen=True)
class DocxRenderer:
    """Runs the child processes.

    ``memory`` (bytes of address space) and ``processor`` (seconds) bound one process, ``seconds`` its whole life,
    ``output`` (bytes) what it may answer.
    """

    memory: int = 512 * MIB
    processor: int = 10
    seconds: int = 20
    output: int = 64 * MIB

    def inspect(self, template: bytes) -> Inspected:
        """Read a template: its plan, or every problem."""
        try:
            examine(template)
        except Unsafe as unsafe:
            return Inspected(problems=(unsafe.problem,))
        return self._known(template).inspected

    def _known(self, template: bytes) -> _Read:
        key = (self, hashlib.sha256(template).digest())
        found = _KNOWN.get(key)
        if found is None:
            reply = self._ask({"do": "inspect", "file": _coded(template)})
            found = _Read(_inspected(reply), reply.get("prepared", {}))
            _KNOWN.keep(key, found)
        return found

    def inspect_each(self, templates: Sequence[bytes]) -> list[Inspected]:
        """Read several templates, a few a process; where such a process fails, each of its own in one of its own."""
        keys = [(self, hashlib.sha256(template).digest()) for template in templates]
        said = {key: found for key in keys if (found := _SAID.get(key)) is not None}
        fresh = [(key, one) for key, one in dict(zip(keys, templates, strict=True)).items() if key not in said]
        several = [fresh[n : n + _TOGETHER] for n in range(0, len(fresh), _TOGETHER)]
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            for some, read in zip(several, threads.map(self._together, several), strict=True):
                for (key, _template), one in zip(some, read, strict=True):
                    said[key] = one
                    _SAID.keep(key, one)
        return [said[key] for key in keys]

    def _together(self, some: Sequence[tuple[_Key, bytes]]) -> list[Inspected]:
        templates = [template for _key, template in some]
        try:
            for template in templates:
                examine(template)
            reply = self._ask({"do": "inspect-each", "files": [_coded(template) for template in templates]})
        except (Unsafe, NotRendered):
            return [self.inspect(template) for template in templates]
        return [_inspected(one) for one in reply["each"]]

    def render(self, template: bytes, context: Context) -> bytes:
        """Fill a template that was inspected."""
        known = _KNOWN.get((self, hashlib.sha256(template).digest()))
        prepared = known.prepared if known else {}
        reply = self._ask({"do": "render", "file": _coded(template), "context": context, "prepared": prepared})
        return base64.b64decode(reply["file"])

    def read(self, document: bytes, parts: Sequence[str]) -> Mapping[str, str]:
        """The text of parts of a document."""
        texts: dict[str, str] = self._ask({"do": "read", "file": _coded(document), "parts": list(parts)})["texts"]
        return texts

    def redline(self, old: bytes, new: bytes, author: str, at: str) -> Redlined:
        """The later of two versions with its changes marked."""
        reply = self._ask({"do": "redline", "file": _coded(new), "old": _coded(old), "author": author, "at": at})
        return Redlined(base64.b64decode(reply["file"]), tuple(map(_block, reply["blocks"])))

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """One request to one process; files carry both, so that neither side waits for the other to read."""
        with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answered:
            asked.write(json.dumps(request).encode())
            asked.seek(0)
            status = self._run(asked.fileno(), answered.fileno())
            answered.seek(0)
            said = answered.read(self.output)
        try:
            reply: dict[str, Any] = json.loads(said) if status == 0 else {}
        except ValueError:
            reply = {}
        if "failure" in reply:
            raise NotRendered(reason=reply["failure"])
        if not reply:
            raise NotRendered(reason=_CRASHED)
        return reply

    def _run(self, asked: int, answered: int) -> int:
        limits = {
            "memory": self.memory,
            "processor": self.processor,
            "output": self.output,
            "seconds": self.seconds + 1,
        }
        try:
            with nursery().lent(command(_START, _ROOT)) as waiting:
                return waiting.run(asked, answered, limits, self.seconds)
        except TooLong as error:
            raise NotRendered(reason=_TOO_LONG) from error
        except Ended as error:
            raise NotRendered(reason=_CRASHED) from error


@dataclass(frozen=True, slots=True)
class _Read:
    """What a template says, and what its reading prepared for its filling (nothing of it is looked at here)."""

    inspected: Inspected
    prepared: Mapping[str, Any]


class _Known(Generic[T]):
    """What the latest templates say, by renderer and digest."""

    def __init__(self, most: int) -> None:
        self._guard, self._most = Lock(), most
        self._found: OrderedDict[_Key, T] = OrderedDict()

    def get(self, key: _Key) -> T | None:
        """What a template said when it was read."""
        with self._guard:
            if key in self._found:
                self._found.move_to_end(key)
            return self._found.get(key)

    def keep(self, key: _Key, found: T) -> None:
        """Remember; the one that was not asked for the longest is forgotten."""
        with self._guard:
            self._found[key] = found
            if len(self._found) > self._most:
                self._found.popitem(last=False)


_KNOWN: Final = _Known[_Read](128)
#: What templates that were read together say: enough to check them, not to fill them.
_SAID: Final = _Known[Inspected](128)


def check_template(path: Path, names: Names, renderer: DocxRenderer | None = None) -> tuple[TemplateProblem, ...]:
    """Everything wrong with a template file: what it holds, what it says, and what it names."""
    return problems_of((renderer or DocxRenderer()).inspect(path.read_bytes()), names)


def problems_of(found: Inspected, names: Names) -> tuple[TemplateProblem, ...]:
    """Everything wrong with a template that was read."""
    unknown = [p for part, nodes in found.parts.items() for p in check_names(part, nodes, names)]
    return (*found.problems, *dict.fromkeys(unknown))


def _inspected(reply: Mapping[str, Any]) -> Inspected:
    problems = tuple(TemplateProblem(place, Text(zh, en), *near) for place, zh, en, *near in reply["problems"])
    return Inspected({name: _nodes(plan) for name, plan in reply["parts"].items()}, problems)


def _block(given: Mapping[str, Any]) -> Block:
    cells = tuple(tuple(Piece(change, text) for change, text in pieces) for pieces in given["cells"])
    return Block(given["part"], given["what"], given["change"], cells)


def _coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _nodes(plan: Sequence[Sequence[Any]]) -> tuple[Node, ...]:
    return tuple(_node(*node) for node in plan)


def _node(kind: str, *rest: Any) -> Node:  # noqa: ANN401 - JSON, given its types here
    match kind, rest:
        case "text", (str(text),):
            return Fixed(text)
        case "value", (path, filters):
            return Place(tuple(path), tuple(filters))
        case "for", (str(name), path, body):
            return Loop(name, tuple(path), _nodes(body))
        case "if", (path, equals, negated, then, other):
            return Choice(Condition(tuple(path), equals, negated), _nodes(then), _nodes(other))
        case _:
            raise NotRendered(reason=_CRASHED)
