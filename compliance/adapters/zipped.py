"""Rule directories as .zip files: what is in use goes out, a changed one comes in, read without trust.

Names are looked at before anything is unpacked, and bytes are counted as they come out: what an archive says of its own
sizes is not believed.
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, ClassVar

from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text

_MIB = 1 << 20
#: Bytes of an archive, of all that is in it, of one file in it; and how many files there may be.
LARGEST, LARGEST_WHOLE, LARGEST_FILE, MOST_FILES = 4 * _MIB, 32 * _MIB, 4 * _MIB, 1000
_LONGEST_NAME = 200
_DEEPEST = 6
_PART = re.compile(r"[\w][\w .-]*")
_SUFFIX = ".toml"
_PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
#: The earliest moment that the format knows: the same rules make the same bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644


class BadArchive(WrongUse):
    """The archive cannot be taken; nothing of it was kept."""

    code = "bad-archive"
    text: ClassVar[Text] = Text(
        zh="规则库压缩包不能接收：{place}{why}", en="The archive of rules is not taken: {place}{why}"
    )


def zipped(files: Mapping[str, str]) -> bytes:
    """The files of a rule base as an archive; the same files make the same bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, _MODE << 16
            archive.writestr(entry, files[name].encode())
    return out.getvalue()


def unzip(source: BinaryIO, folder: Path) -> None:
    """Unpack an archive of rule files into an empty folder; raise :class:`BadArchive` before a byte of it counts."""
    size = source.seek(0, 2)
    source.seek(0)
    if size > LARGEST:
        raise _bad("", _TOO_LARGE.fill(most=LARGEST // _MIB))
    try:
        with zipfile.ZipFile(source) as archive:
            entries = list(_entries(archive))
            _names(entries)
            contents = dict(_contents(archive, entries))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as error:
        raise _bad("", _NO_ARCHIVE) from error
    _write(contents, folder)


def _entries(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """The files, each fit to be unpacked."""
    found = archive.infolist()
    if len(found) > MOST_FILES:
        raise _bad("", _TOO_MANY.fill(most=MOST_FILES))
    for entry in found:
        why = _wrong(entry)
        if why is not None:
            raise _bad(entry.filename, why)
        if not entry.is_dir():
            yield entry


def _wrong(entry: zipfile.ZipInfo) -> Text | None:
    """What keeps an entry from being unpacked."""
    name = entry.orig_filename
    parts = name.rstrip("/").split("/")
    if len(name) > _LONGEST_NAME or len(parts) > _DEEPEST or not all(_PART.fullmatch(part) for part in parts):
        return _BAD_NAME
    if stat.S_ISLNK(entry.external_attr >> 16):
        return _LINK
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _PACKED:
        return _PACKING
    if entry.is_dir():
        return None
    if not name.endswith(_SUFFIX):
        return _ONLY_TOML
    return _LARGE_FILE.fill(most=LARGEST_FILE // _MIB) if entry.file_size > LARGEST_FILE else None


def _names(entries: list[zipfile.ZipInfo]) -> None:
    if not entries:
        raise _bad("", _EMPTY)
    seen: set[str] = set()
    for entry in entries:
        if entry.filename.casefold() in seen:
            raise _bad(entry.filename, _TWICE)
        seen.add(entry.filename.casefold())
    for entry in entries:
        if any(str(above) in seen for above in PurePosixPath(entry.filename.casefold()).parents):
            raise _bad(entry.filename, _IN_A_FILE)


def _contents(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    whole = 0
    for entry in entries:
        with archive.open(entry) as file:
            content = file.read(LARGEST_FILE + 1)
        whole += len(content)
        if len(content) > LARGEST_FILE:
            raise _bad(entry.filename, _LARGE_FILE.fill(most=LARGEST_FILE // _MIB))
        if whole > LARGEST_WHOLE:
            raise _bad("", _LARGE_WHOLE.fill(most=LARGEST_WHOLE // _MIB))
        yield entry.filename, content


def _write(contents: Mapping[str, bytes], folder: Path) -> None:
    """Write the files, without a folder that holds them all, as archives of folders have one."""
    paths = [PurePosixPath(name) for name in contents]
    wrapped = len({path.parts[0] for path in paths}) == 1 and all(len(path.parts) > 1 for path in paths)
    for path, content in zip(paths, contents.values(), strict=True):
        target = folder.joinpath(*path.parts[1 if wrapped else 0 :])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _bad(name: str, why: Text) -> BadArchive:
    shown = "".join(c if c.isprintable() else "�" for c in name[:_LONGEST_NAME])
    return BadArchive(place=Text(f"“{shown}”", f"“{shown}” ") if shown else "", why=why)


_TOO_LARGE = Text("文件超过 {most} MB；规则库是若干 .toml 文件", "it is larger than {most} MB; rules are .toml files")
_TOO_MANY = Text("文件超过 {most} 个", "it holds more than {most} files")
_EMPTY = Text("其中没有 .toml 文件；请压缩整个规则文件夹", "there is no .toml file in it; pack the folder of rules")
_NO_ARCHIVE = Text("不是完好的 .zip 文件；请重新压缩", "it is no sound .zip file; pack it anew")
_BAD_NAME = Text(
    "路径不能接收；须为相对路径，各级名称由字母、数字、空格、“-”“_”“.”组成，不含“..”",
    "has a path that is not taken; it is relative, its parts are letters, digits, spaces, “-”, “_”, “.”, never “..”",
)
_LINK = Text("是链接；请放入文件本身", "is a link; put the file itself there")
_PACKING = Text(
    "已加密或压缩方式不支持；请用普通 deflate 压缩、不设密码", "is encrypted or packed otherwise than deflate"
)
_ONLY_TOML = Text(
    "不是规则文件；只接受 .toml，请移出其他文件", "is no rule file; only .toml is taken, leave others out"
)
_LARGE_FILE = Text("解压后超过 {most} MB", "is larger than {most} MB when unpacked")
_LARGE_WHOLE = Text("解压后合计超过 {most} MB", "unpacked it is larger than {most} MB")
_IN_A_FILE = Text("所在的文件夹同时是一个文件", "lies in a folder that is a file as well")
_TWICE = Text("出现两次（不区分大小写）", "is there twice (upper and lower case alike)")
