"""Streams the XML of a workbook's part through handlers; a document type or an entity ends it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import IO
from xml.parsers import expat
from zipfile import BadZipFile
from zlib import error as ZlibError  # noqa: N812 - a class by a small name

from compliance.adapters.workbook.archive import DamagedWorkbook, EntitiesInWorkbook

#: Namespaces of spreadsheets, in the transitional and the strict form.
MAIN = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
#: Namespaces of the ids that point to relationships.
LINKS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
#: Namespace of the relationship parts.
PACKAGE = ("http://schemas.openxmlformats.org/package/2006/relationships",)
#: Namespace of the content types.
TYPES = ("http://schemas.openxmlformats.org/package/2006/content-types",)

_CHUNK = 1 << 16

Start = Callable[[str, dict[str, str]], None]


def tags(spaces: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """Map the full names of elements, as :func:`parse` reports them, to their short names."""
    known = tuple(names)
    return {f"{space} {name}": name for space in spaces for name in known}


def parse(
    stream: IO[bytes], start: Start, end: Callable[[str], None] | None = None, text: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Feed a part to the handlers, and yield after each chunk so that the caller can take what they made."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = _CHUNK
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _no_document_type
    name = getattr(stream, "name", "")
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
    except (expat.ExpatError, BadZipFile, ZlibError, EOFError, LookupError, ValueError) as fault:
        raise DamagedWorkbook(part=name) from fault
    yield


def _no_document_type(*_: object) -> None:
    raise EntitiesInWorkbook
