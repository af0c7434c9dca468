"""Where a block and its keys stand in a file: ``tomllib`` keeps no line numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_HEADER = re.compile(r"^\s*\[\[?\s*([A-Za-z-]+)\s*\.\s*([^\s.\[\]]+)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z_-]+)\s*[.=]")
_SUBTABLE = re.compile(r"^\s*\[\[?\s*[A-Za-z-]+\s*\.\s*[^\s.\[\]]+\s*\.\s*([A-Za-z_-]+)")


@dataclass(frozen=True, slots=True)
class Place:
    """A block ``[kind.id]`` in a file: line of its header, lines of its keys, its own text."""

    kind: str
    id: str
    line: int
    keys: Mapping[str, int]
    text: str


def places(text: str) -> list[Place]:
    """Every block of a file in the order in which it stands there."""
    lines = text.split("\n")
    code = list(_outside_strings(lines))
    heads = [(n, m) for n, line in enumerate(code) if (m := _HEADER.match(line))]
    ends = [*(n for n, _ in heads), len(lines)][1:]
    return [
        Place(
            kind=head.group(1),
            id=head.group(2).strip("\"'"),
            line=start + 1,
            keys=_keys(code, start, end),
            text="\n".join(_trimmed(lines[start:end])) + "\n",
        )
        for (start, head), end in zip(heads, ends, strict=True)
    ]


def _keys(code: list[str], start: int, end: int) -> dict[str, int]:
    found: dict[str, int] = {}
    depth = 0
    for n in range(start + 1, end):
        match = depth == 0 and (_KEY.match(code[n]) or _SUBTABLE.match(code[n]))
        if match:
            found.setdefault(match.group(1), n + 1)
        depth += _brackets(code[n])
    return found


def _brackets(line: str) -> int:
    bare = re.sub(r'"(\\.|[^"\\])*"|\'[^\']*\'|#.*', "", line)
    return sum(bare.count(c) for c in "[{") - sum(bare.count(c) for c in "]}")


def _outside_strings(lines: list[str]) -> Iterator[str]:
    """The lines, empty where they lie inside a multi-line string."""
    inside = ""
    for line in lines:
        yield "" if inside else line
        rest = line
        while mark := re.search(inside or r'"""|\'\'\'', rest):
            rest = rest[mark.end() :]
            inside = "" if inside else mark.group(0)


def _trimmed(lines: list[str]) -> list[str]:
    """A block without the blank lines and comments that lead over to the next one."""
    last = len(lines)
    while last > 1 and (not lines[last - 1].strip() or lines[last - 1].startswith("#")):
        last -= 1
    return [line.rstrip("\r") for line in lines[:last]]
