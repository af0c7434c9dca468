"""The text of a part as a word processor shows it, read by another parser than the one that wrote it."""

from __future__ import annotations

from typing import Final
from xml.parsers import expat

_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXT, _TAB, _PARAGRAPH = f"{_W}t", f"{_W}tab", f"{_W}p"
_BREAKS: Final = frozenset({f"{_W}br", f"{_W}cr"})
_SPACE: Final = "http://www.w3.org/XML/1998/namespace}space"
_BLANKS: Final = " \t\n"


class HasDtd(ValueError):
    """A part declares a document type; none that this program makes does."""


def text_of(xml: bytes) -> str:
    """The text of a part; blanks at the ends of a run are kept only where it says so."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = _refuse
    parser.Parse(xml, True)
    return "".join(reader.said)


def _refuse(*_: object) -> None:
    raise HasDtd("a document type is declared")


class _Reader:
    """Collects what is shown; of an element of text only what stands before any element in it."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._text: list[str] | None = None
        self._preserved = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if self._text is not None:
            self._finish()
        if tag == _TEXT:
            self._text, self._preserved = [], attributes.get(_SPACE) == "preserve"
        elif tag in _BREAKS:
            self.said.append("\n")
        elif tag == _TAB and not attributes:
            self.said.append("\t")

    def characters(self, data: str) -> None:
        """Characters between elements."""
        if self._text is not None:
            self._text.append(data)

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._text is not None:
            self._finish()
        if tag == _PARAGRAPH:
            self.said.append("\n")

    def _finish(self) -> None:
        text = "".join(self._text or ())
        self.said.append(text if self._preserved else text.strip(_BLANKS))
        self._text = None
