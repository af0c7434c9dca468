"""A workbook file before it is opened: what is refused from the directory of the archive alone.

Nothing is unpacked here, so that a bomb costs what its directory costs.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, ClassVar
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text

MIB = 1024 * 1024
LARGEST_FILE = 50 * MIB
LARGEST_UNPACKED = 200 * MIB
LARGEST_RATIO = 100
#: Small parts of equal letters pack very well and harm nobody.
RATIO_FROM = MIB
MOST_ENTRIES = 2_000
LARGEST_DIRECTORY = MIB

_ENCRYPTED = 0x1
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_END_64_MARK = b"PK\x06\x07"
_LOCATOR = 20
_LONGEST_COMMENT = 0xFFFF
#: Parts that act or reach outside, by the folder or the name that announces them.
_ACTIVE = {
    "macro": ("vbaproject", "/macrosheets/", "/dialogsheets/", "/activex/", "vbadata.xml"),
    "link": ("/externallinks/", "/querytables/", "xl/connections.xml"),
    "embedded": ("/embeddings/",),
}


class UnsafeWorkbook(WrongUse):
    """A file that is not read at all; nothing of it was taken."""

    code = "unsafe-workbook"
    text: ClassVar[Text] = Text(zh="文件不安全，未读取", en="The file is not safe and was not read")


class NoSuchFile(UnsafeWorkbook):
    """There is no such file, or it cannot be read."""

    code = "no-such-file"
    text: ClassVar[Text] = Text(
        zh="无法读取文件“{path}”，请核对路径和权限",
        en="The file {path} cannot be read; check its path and permissions",
    )


class NotAWorkbook(UnsafeWorkbook):
    """Something else than an .xlsx file."""

    code = "not-a-workbook"
    text: ClassVar[Text] = Text(
        zh="不是 .xlsx 工作簿（可能是 .xls、.csv、加密或改名的文件）；请用表格软件另存为不加密的“Excel 工作簿 (.xlsx)”",
        en="This is no .xlsx workbook (perhaps .xls, .csv, encrypted or renamed); save it as an unencrypted Excel"
        " workbook (.xlsx)",
    )


class DamagedWorkbook(UnsafeWorkbook):
    """The archive or the XML of a part is broken."""

    code = "damaged-workbook"
    text: ClassVar[Text] = Text(
        zh="文件已损坏或不完整（{part}）；请在表格软件中打开并重新保存",
        en="The file is damaged or cut off ({part}); open it in a spreadsheet program and save it again",
    )


class OversizedWorkbook(UnsafeWorkbook):
    """Too many bytes, packed or unpacked, or too many parts."""

    code = "oversized-workbook"
    text: ClassVar[Text] = Text(
        zh="文件过大：至多 {packed} MB，解压后 {unpacked} MB，压缩比 {ratio}，{entries} 个部件",
        en="The file is too large: at most {packed} MB, {unpacked} MB unpacked, packed {ratio} to 1, {entries} parts",
    )

    def __init__(self) -> None:
        """Name the limits."""
        super().__init__(
            packed=LARGEST_FILE // MIB, unpacked=LARGEST_UNPACKED // MIB, ratio=LARGEST_RATIO, entries=MOST_ENTRIES
        )


class TooLargeWorkbook(UnsafeWorkbook):
    """A sheet with more rows, columns or text than is read."""

    code = "too-large-sheet"
    text: ClassVar[Text] = Text(
        zh="工作表“{sheet}”过大：至多 {rows} 行、{columns} 列，单元格至多 {cell} 个字符；请清除区域以外的单元格",
        en="Sheet {sheet} is too large: at most {rows} rows, {columns} columns, {cell} characters a cell; clear the"
        " cells beyond",
    )


class SuspiciousNames(UnsafeWorkbook):
    """Parts with names that no spreadsheet program writes."""

    code = "suspicious-names"
    text: ClassVar[Text] = Text(
        zh="文件中有重复或可疑的部件名“{part}”；请在表格软件中打开并重新保存",
        en="The file holds a doubled or suspicious part {part}; open it in a spreadsheet program and save it again",
    )


class EntitiesInWorkbook(UnsafeWorkbook):
    """A part declares a document type, hence entities."""

    code = "entities-in-workbook"
    text: ClassVar[Text] = Text(
        zh="文件中有 XML 实体定义，不予读取；请在表格软件中打开并重新保存",
        en="The file declares XML entities and is not read; open it in a spreadsheet program and save it again",
    )


class ActiveWorkbook(UnsafeWorkbook):
    """Macros, external links or embedded objects."""

    code = "active-workbook"
    text: ClassVar[Text] = Text(
        zh="文件含有宏、外部链接、数据连接或嵌入对象（{part}）；请删除后另存为 .xlsx",
        en="The file holds macros, external links, data connections or embedded objects ({part}); remove them and save"
        " it as .xlsx",
    )


@contextmanager
def opened(path: str) -> Iterator[ZipFile]:
    """Open a workbook's archive after its directory was examined."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - the port hands a path as text
            _examine_end(file.fileno(), os.fstat(file.fileno()).st_size)
            with _archive(file) as archive:
                _examine(archive.infolist())
                yield archive
    except OSError as fault:
        raise NoSuchFile(path=path) from fault


def _archive(file: BinaryIO) -> ZipFile:
    try:
        return ZipFile(file)
    except (BadZipFile, ValueError, NotImplementedError, struct.error) as fault:
        raise DamagedWorkbook(part="zip") from fault


def _examine_end(descriptor: int, size: int) -> None:
    """Bound the directory itself: the archive module reads it whole before it can be asked anything."""
    if size > LARGEST_FILE:
        raise OversizedWorkbook
    if os.pread(descriptor, 4, 0) != b"PK\x03\x04":
        raise NotAWorkbook
    tail = min(size, _END.size + _LONGEST_COMMENT + _LOCATOR)
    last = os.pread(descriptor, tail, size - tail)
    at = last.rfind(_END_MARK)
    if at < 0 or at + _END.size > len(last):
        raise DamagedWorkbook(part="zip")
    _, _, _, _, entries, directory, _, comment = _END.unpack_from(last, at)
    if _END_64_MARK in last[max(0, at - _LOCATOR) : at] or at + _END.size + comment != len(last):
        raise DamagedWorkbook(part="zip")
    if entries > MOST_ENTRIES or directory > LARGEST_DIRECTORY:
        raise OversizedWorkbook


def _examine(entries: list[ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES or sum(e.file_size for e in entries) > LARGEST_UNPACKED:
        raise OversizedWorkbook
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename.lower()
        if name in seen or _suspicious(name):
            raise SuspiciousNames(part=repr(entry.filename[:80]))
        seen.add(name)
        _examine_entry(entry)
    if "[content_types].xml" not in seen:
        raise NotAWorkbook


def _suspicious(name: str) -> bool:
    parts = name.removesuffix("/").split("/")
    return any(part in ("", ".", "..") for part in parts) or "\\" in name or ":" in name or not name.isprintable()


def _examine_entry(entry: ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise NotAWorkbook
    if entry.file_size > max(RATIO_FROM, LARGEST_RATIO * entry.compress_size):
        raise OversizedWorkbook
    name = "/" + entry.filename.lower()
    if any(mark in name for marks in _ACTIVE.values() for mark in marks):
        raise ActiveWorkbook(part=entry.filename)
