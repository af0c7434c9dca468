"""Files that people hand in, and get back: their kind is read from the bytes, their names are made harmless."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from typing import BinaryIO, ClassVar

from flask import Response, send_file
from werkzeug.datastructures import FileStorage

from compliance.core.acts import ObjectRef
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text
from compliance.web import access
from compliance.web.security import FILE_POLICY

#: The most files that one step takes.
MOST_FILES = 20
_LONGEST_NAME = 150
_HEAD = 4096
_UNKNOWN = "application/octet-stream"
_ZIP = b"PK\x03\x04"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_INSIDE = {"xl/": f"{_OFFICE}spreadsheetml.sheet", "word/": f"{_OFFICE}wordprocessingml.document"}


class BadFile(WrongUse):
    """A file that cannot be taken; nothing was kept."""

    code = "bad-file"
    text: ClassVar[Text] = Text(zh="文件“{name}”不能接收：{why}", en="The file “{name}” is not taken: {why}")


def receive(uploads: Sequence[FileStorage]) -> tuple[ObjectRef, ...]:
    """Keep the files in the vault, all of them checked before the first is kept."""
    chosen = [u for u in uploads if u.filename]
    if len(chosen) > MOST_FILES:
        raise BadFile(name=clean_name(chosen[MOST_FILES].filename), why=_TOO_MANY.fill(most=MOST_FILES))
    for upload in chosen:
        _check(upload)
    return tuple(_keep(upload) for upload in chosen)


def clean_name(name: str | None) -> str:
    """The last part of a name, without what does not show; never empty."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*').strip(" .")
    return shown[-_LONGEST_NAME:] or "file"


def sniff(file: BinaryIO) -> str:
    """The media type that the bytes themselves tell; what the browser claims counts for nothing."""
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    known = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if known is None and head.startswith(_ZIP):
        return _zip(file)
    return known or ("text/plain" if _is_text(head) else _UNKNOWN)


def deliver(ref: ObjectRef) -> Response:
    """A file of the vault, hashed again on its way, to be saved and never to be shown as a page of ours."""
    file = access.services().vault.open(ref.sha256)
    answer = send_file(file, mimetype=ref.media_type, as_attachment=True, download_name=ref.name, etag=False)
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    answer.content_length = ref.size
    return answer


def _check(upload: FileStorage) -> None:
    name = clean_name(upload.filename)
    size = upload.stream.seek(0, 2)
    upload.stream.seek(0)
    most = access.services().site.largest_file
    if size > most:
        raise BadFile(name=name, why=_TOO_LARGE.fill(most=most // (1 << 20)))
    if size == 0:
        raise BadFile(name=name, why=_EMPTY)


def _keep(upload: FileStorage) -> ObjectRef:
    stream: BinaryIO = upload.stream  # type: ignore[assignment] # werkzeug types it as IO[bytes]
    kind = sniff(stream)
    return access.services().vault.put(stream, name=clean_name(upload.filename), media_type=kind)


def _zip(file: BinaryIO) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        names = []
    finally:
        file.seek(0)
    found = (kind for folder, kind in _INSIDE.items() if any(n.startswith(folder) for n in names))
    return next(found, "application/zip")


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            head[: len(head) - 4 if len(head) == _HEAD else None].decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


_TOO_MANY = Text("一次最多 {most} 个文件", "at most {most} files at a time")
_TOO_LARGE = Text("单个文件最大 {most} MB", "a file holds at most {most} MB")
_EMPTY = Text("文件是空的", "the file is empty")
