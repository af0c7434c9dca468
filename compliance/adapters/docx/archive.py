"""A template file before anything of it is unpacked: what is refused from the directory of the archive alone."""

from __future__ import annotations

import io
import struct
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from compliance.core.documents.plan import TemplateProblem
from compliance.kernel.text import Text

MIB = 1024 * 1024
LARGEST_FILE = 10 * MIB
LARGEST_UNPACKED = 50 * MIB
LARGEST_RATIO = 100
#: Small parts of equal letters pack very well and harm nobody.
RATIO_FROM = MIB // 4
MOST_ENTRIES = 500
LARGEST_DIRECTORY = MIB // 4

_ENCRYPTED = 0x1
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_END_64_MARK = b"PK\x06\x07"
_LOCATOR = 20
_LONGEST_COMMENT = 0xFFFF
#: Parts that act or bring something in, by the folder or the name that announces them.
_ACTIVE = (
    "vbaproject",
    "vbadata",
    "/activex/",
    "/embeddings/",
    "/afchunk",
    "/externallinks/",
    "oleobject",
    "/webextensions/",
)

_NOT_ONE = Text(
    "不是 .docx 文件（可能是 .doc、加密或改名的文件）", "this is no .docx file (perhaps .doc, encrypted or renamed)"
)
_DAMAGED = Text("文件已损坏或不完整", "the file is damaged or cut off")
_TOO_LARGE = Text(
    f"文件过大：至多 {LARGEST_FILE // MIB} MB，解压后 {LARGEST_UNPACKED // MIB} MB，压缩比 {LARGEST_RATIO}",
    f"too large: at most {LARGEST_FILE // MIB} MB, {LARGEST_UNPACKED // MIB} MB unpacked, packed {LARGEST_RATIO} to 1",
)
_NAMES = Text("含有文字处理软件不会写出的部件名", "it holds part names that no word processor writes")
_ACTS = Text("含有宏、控件或嵌入对象", "it holds macros, controls or embedded objects")


class Unsafe(Exception):
    """The archive is not opened; ``problem`` says why."""

    def __init__(self, text: Text, place: str = "zip") -> None:
        super().__init__(text.en)
        self.problem = TemplateProblem(place, text)


def examine(data: bytes) -> None:
    """Raise :class:`Unsafe` if the archive may not be unpacked."""
    _examine_end(data)
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError, struct.error) as fault:
        raise Unsafe(_DAMAGED) from fault
    if len(entries) > MOST_ENTRIES or sum(e.file_size for e in entries) > LARGEST_UNPACKED:
        raise Unsafe(_TOO_LARGE)
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename.lower()
        if name in seen or _suspicious(name):
            raise Unsafe(_NAMES, ascii(entry.filename[:80]))
        seen.add(name)
        _examine_entry(entry)
    if "[content_types].xml" not in seen or "word/document.xml" not in seen:
        raise Unsafe(_NOT_ONE)


def _examine_end(data: bytes) -> None:
    """Bound the directory itself: the archive module reads it whole before it can be asked anything."""
    if len(data) > LARGEST_FILE:
        raise Unsafe(_TOO_LARGE)
    if data[:4] != b"PK\x03\x04":
        raise Unsafe(_NOT_ONE)
    at = data.rfind(_END_MARK, max(0, len(data) - _END.size - _LONGEST_COMMENT))
    if at < 0 or at + _END.size > len(data):
        raise Unsafe(_DAMAGED)
    _, _, _, _, entries, directory, _, comment = _END.unpack_from(data, at)
    if _END_64_MARK in data[max(0, at - _LOCATOR) : at] or at + _END.size + comment != len(data):
        raise Unsafe(_DAMAGED)
    if entries > MOST_ENTRIES or directory > LARGEST_DIRECTORY:
        raise Unsafe(_TOO_LARGE)


def _suspicious(name: str) -> bool:
    parts = name.removesuffix("/").split("/")
    return any(part in ("", ".", "..") for part in parts) or "\\" in name or ":" in name or not name.isprintable()


def _examine_entry(entry: ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise Unsafe(_NOT_ONE, entry.filename)
    if entry.file_size > max(RATIO_FROM, LARGEST_RATIO * entry.compress_size):
        raise Unsafe(_TOO_LARGE, entry.filename)
    if any(mark in "/" + entry.filename.lower() for mark in _ACTIVE):
        raise Unsafe(_ACTS, entry.filename)
