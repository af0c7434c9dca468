"""The file that was made is read again and must say exactly what template and data say; else it is not issued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from compliance.core.documents.plan import Node, Piece, expected
from compliance.core.documents.values import Context
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text

_SHOWN = 40


class TextDiffers(Refused):
    """The file does not say what the data say; it was thrown away."""

    code = "text-differs"
    text: ClassVar[Text] = Text(
        zh="生成的文件与数据不一致，未签发：{part}，{place}，应为“{right}”，实为“{found}”",
        en="The file does not say what the data say and was not issued: {part}, {place}: {found!r} for {right!r}",
    )


def compare(parts: Mapping[str, Sequence[Node]], context: Context, read: Mapping[str, str]) -> None:
    """Raise :class:`TextDiffers` at the first place where the file read back differs from what is expected."""
    for part, nodes in parts.items():
        pieces = list(expected(nodes, context))
        _compare(part, pieces, read.get(part, ""))
    for part in read.keys() - parts.keys():
        raise TextDiffers(part=part, place=_WHOLE, right="", found=read[part][:_SHOWN])


def _compare(part: str, pieces: Sequence[Piece], found: str) -> None:
    at = 0
    for piece in pieces:
        end = at + len(piece.text)
        if found[at:end] != piece.text:
            place = piece.name or _WHOLE
            raise TextDiffers(part=part, place=place, right=piece.text[:_SHOWN], found=found[at:end][:_SHOWN])
        at = end
    if at != len(found):
        raise TextDiffers(part=part, place=_WHOLE, right="", found=found[at:][:_SHOWN])


_WHOLE = Text("模板文字", "the template's own text")
