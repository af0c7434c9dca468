"""Templates read and filled in a child process of their own: one request, one process, limits on all it may use."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import compliance
from compliance.adapters.docx.archive import MIB, Unsafe, examine
from compliance.core.documents.plan import Choice, Condition, Fixed, Loop, Node, Place, TemplateProblem, check_names
from compliance.core.documents.ports import Inspected, NotRendered
from compliance.core.documents.values import Context, Names
from compliance.kernel.text import Text

_START: Final = "import sys; sys.path.append(sys.argv[1]); from compliance.adapters.docx.worker import main; main()"
#: How many templates one process reads: far from its limits, and the start of a process is paid once.
_TOGETHER: Final = 8
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
        return _inspected(self._ask({"do": "inspect", "file": _coded(template)}))

    def inspect_each(self, templates: Sequence[bytes]) -> list[Inspected]:
        """Read several templates, a few a process; where such a process fails, each of its own in one of its own."""
        found: list[Inspected] = []
        for n in range(0, len(templates), _TOGETHER):
            found += self._together(templates[n : n + _TOGETHER])
        return found

    def _together(self, templates: Sequence[bytes]) -> list[Inspected]:
        try:
            for template in templates:
                examine(template)
            reply = self._ask({"do": "inspect-each", "files": [_coded(template) for template in templates]})
        except (Unsafe, NotRendered):
            return [self.inspect(template) for template in templates]
        return [_inspected(one) for one in reply["each"]]

    def render(self, template: bytes, context: Context) -> bytes:
        """Fill a template that was inspected."""
        reply = self._ask({"do": "render", "file": _coded(template), "context": context})
        return base64.b64decode(reply["file"])

    def read(self, document: bytes, parts: Sequence[str]) -> Mapping[str, str]:
        """The text of parts of a document."""
        texts: dict[str, str] = self._ask({"do": "read", "file": _coded(document), "parts": list(parts)})["texts"]
        return texts

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
        limits = [str(n) for n in (self.memory, self.processor, self.output)]
        root = str(Path(compliance.__file__).resolve().parent.parent)
        process = subprocess.Popen(  # noqa: S603 - our own script, no shell
            [sys.executable, "-I", "-c", _START, root, *limits],
            stdin=asked,
            stdout=answered,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},
        )
        try:
            return process.wait(self.seconds)
        except subprocess.TimeoutExpired as error:
            raise NotRendered(reason=_TOO_LONG) from error
        finally:
            process.kill()
            process.wait()


def check_template(path: Path, names: Names, renderer: DocxRenderer | None = None) -> tuple[TemplateProblem, ...]:
    """Everything wrong with a template file: what it holds, what it says, and what it names."""
    return problems_of((renderer or DocxRenderer()).inspect(path.read_bytes()), names)


def problems_of(found: Inspected, names: Names) -> tuple[TemplateProblem, ...]:
    """Everything wrong with a template that was read."""
    unknown = [p for part, nodes in found.parts.items() for p in check_names(part, nodes, names)]
    return (*found.problems, *dict.fromkeys(unknown))


def _inspected(reply: Mapping[str, Any]) -> Inspected:
    problems = tuple(TemplateProblem(place, Text(zh, en)) for place, zh, en in reply["problems"])
    return Inspected({name: _nodes(plan) for name, plan in reply["parts"].items()}, problems)


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
