"""The vault: files named by their SHA-256, durable before any row names them.

The order of the steps is the design: write aside, fsync, link into place, fsync the folders, and only then
does the caller's transaction name the file. A failed fsync is final: the page cache may have dropped the
bytes, so the vault takes nothing more until the program is started anew and has been checked.
"""

from __future__ import annotations

import errno
import hashlib
import os
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from compliance.core.acts import ObjectRef
from compliance.kernel.errors import CannotDecide, Refused, WrongUse
from compliance.kernel.text import Text

CHUNK = 1 << 20
#: Largest file that is taken, in bytes.
LIMIT = 200 << 20
_FOLDER_MODE = 0o750
_STAGED_MODE = 0o640
_KEPT_MODE = 0o440
_HEX_DIGITS = 64


class FileTooLarge(Refused):
    """The file is larger than the vault takes."""

    code = "file-too-large"
    text: ClassVar[Text] = Text(
        zh="文件“{name}”超过 {limit} 字节的上限", en="The file {name!r} is larger than {limit} bytes"
    )


class NoSuchFile(WrongUse):
    """No file of that digest is kept."""

    code = "no-such-file"
    text: ClassVar[Text] = Text(zh="没有文件 {sha256}", en="There is no file {sha256}")


class FileDamaged(CannotDecide):
    """The bytes kept are no longer the bytes that were put."""

    code = "file-damaged"
    text: ClassVar[Text] = Text(
        zh="文件 {sha256} 已损坏，不予提供", en="The file {sha256} is damaged and is not given out"
    )


class VaultClosed(CannotDecide):
    """An fsync failed: what the disk holds is unknown until a restart and a check."""

    code = "vault-closed"
    text: ClassVar[Text] = Text(
        zh="磁盘写入失败，文件库已停止接收；请重启并执行 fsck",
        en="The disk failed to keep a file; the vault takes nothing more: restart and run fsck",
    )


class NoSpace(CannotDecide):
    """The disk or the quota is full; nothing was kept, and reading goes on."""

    code = "no-space"
    text: ClassVar[Text] = Text(zh="磁盘空间不足，文件未保存", en="The disk is full; the file was not kept")


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class FileVault:
    """Files under ``root/objects/ab/cd/<sha256>``; ``root/staging`` holds those on the way."""

    def __init__(self, root: Path, limit: int = LIMIT) -> None:
        """Keep files below a folder, none larger than ``limit`` bytes."""
        self.objects = root / "objects"
        self.staging = root / "staging"
        self._limit = limit
        self._closed = False
        for folder in (root, self.objects, self.staging):
            folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        self._sync_folder(root)

    def path(self, sha256: str) -> Path:
        """Where the file of a digest lies."""
        if len(sha256) != _HEX_DIGITS or not set(sha256) <= set("0123456789abcdef"):
            raise NoSuchFile(sha256=sha256)
        return self.objects / sha256[:2] / sha256[2:4] / sha256

    def put(self, source: BinaryIO, *, name: str, media_type: str) -> ObjectRef:
        """Keep the bytes durably (idempotent); ``FileTooLarge``, ``NoSpace`` or ``VaultClosed`` if it cannot be."""
        if self._closed:
            raise VaultClosed
        staged = self.staging / uuid.uuid4().hex
        try:
            sha256, sm3, size = self._stage(staged, source, name)
            self._keep(staged, self.path(sha256), sha256)
        except OSError as error:
            if error.errno in _FULL:
                raise NoSpace from error
            raise
        finally:
            staged.unlink(missing_ok=True)
        return ObjectRef(sha256, sm3, size, media_type, name)

    def open(self, sha256: str) -> BinaryIO:
        """Read the bytes after re-hashing them, from the same open file."""
        try:
            file = self.path(sha256).open("rb")
        except FileNotFoundError:
            raise NoSuchFile(sha256=sha256) from None
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            file.close()
            raise FileDamaged(sha256=sha256)
        file.seek(0)
        return file

    def remove(self, sha256: str, before: datetime) -> bool:
        """Remove a file that nobody has handed in since a moment; whether it was removed.

        It goes aside first: whoever hands it in at this very moment either finds it, and then it comes back, or not.
        """
        kept, aside = self.path(sha256), self.staging / uuid.uuid4().hex
        try:
            if kept.lstat().st_mtime >= before.timestamp():
                return False
            kept.rename(aside)
        except FileNotFoundError:
            return False
        late = aside.lstat().st_mtime >= before.timestamp()
        if late:
            self._keep(aside, kept, sha256)
        else:
            aside.unlink()
            self._sync_folder(kept.parent)
        return not late

    def files(self) -> Iterator[Path]:
        """Every file under ``objects``, in order."""
        return (p for p in sorted(self.objects.rglob("*")) if not p.is_dir())

    def _stage(self, staged: Path, source: BinaryIO, name: str) -> tuple[str, str, int]:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        sha256, sm3, size = hashlib.sha256(), _sm3(), 0
        with os.fdopen(os.open(staged, flags, _STAGED_MODE), "wb") as file:
            while chunk := source.read(CHUNK):
                size += len(chunk)
                if size > self._limit:
                    raise FileTooLarge(name=name, limit=self._limit)
                sha256.update(chunk)
                if sm3 is not None:
                    sm3.update(chunk)
                file.write(chunk)
            file.flush()
            self._sync(file.fileno())
        return sha256.hexdigest(), sm3.hexdigest() if sm3 else "", size

    def _keep(self, staged: Path, kept: Path, sha256: str) -> None:
        self._make_folders(kept.parent)
        while not self._placed(staged, kept, sha256):
            pass  # it was there and has just been removed: place it anew
        self._sync_folder(kept.parent)
        staged.unlink()

    @staticmethod
    def _placed(staged: Path, kept: Path, sha256: str) -> bool:
        """Whether the file lies in its place. One that lay there already counts as handed in now."""
        try:
            os.link(staged, kept, follow_symlinks=False)
        except FileExistsError:
            try:
                if not _same(staged, kept):
                    raise FileDamaged(sha256=sha256) from None
                os.utime(kept)
                kept.chmod(_KEPT_MODE)
            except FileNotFoundError:
                return False
            return True
        kept.chmod(_KEPT_MODE)
        return True

    def _make_folders(self, folder: Path) -> None:
        """Make ``ab`` and ``ab/cd``, and sync the parent of each, also of one that another process just made."""
        for part in (folder.parent, folder):
            part.mkdir(mode=_FOLDER_MODE, exist_ok=True)
            self._sync_folder(part.parent)

    def _sync_folder(self, folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._sync(handle)
        finally:
            os.close(handle)

    def _sync(self, handle: int) -> None:
        try:
            os.fsync(handle)
        except OSError as error:
            self._closed = True
            raise VaultClosed from error


def _sm3() -> Any:  # noqa: ANN401 - hashlib's object type has no public name
    """SM3 beside SHA-256, where the build of OpenSSL has it."""
    try:
        return hashlib.new("sm3")
    except ValueError:
        return None


def _same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as a, other.open("rb") as b:
        while chunk := a.read(CHUNK):
            if chunk != b.read(CHUNK):
                return False
    return True
