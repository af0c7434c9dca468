"""Snapshots of rule bases below ``records/rules/<digest>/``: written whole or not at all, checked when read."""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePosixPath
from uuid import uuid4

from compliance.rulebase.rulebase import RuleBase

#: A file beside the snapshots that running processes look at, so that no page needs a statement for it.
_HINT = "in-use"


class RuleShelf:
    """Implements ``core.rulebooks.Shelf`` on a folder."""

    def __init__(self, root: Path) -> None:
        """Keep snapshots below a folder."""
        self._root = root
        self._hint: tuple[tuple[int, int], str] | None = None

    def directory(self, digest: str) -> Path:
        """The folder of a snapshot, whether it is there or not."""
        return self._root / digest

    def hint(self) -> str:
        """The digest that was put into use last, as far as this folder knows; the register decides."""
        path = self._root / _HINT
        try:
            found = path.stat()
            # It is replaced, never written over: another file is another inode. Every page looks, so it is read once.
            seen = (found.st_ino, found.st_mtime_ns)
            if self._hint is None or self._hint[0] != seen:
                self._hint = (seen, path.read_text("ascii").strip())
        except OSError:
            return ""
        return self._hint[1]

    def note(self, digest: str) -> None:
        """Tell processes that run which digest was put into use."""
        self._root.mkdir(parents=True, exist_ok=True)
        staged = self._root / f".{uuid4().hex}"
        staged.write_text(digest, "ascii")
        staged.rename(self._root / _HINT)

    def keep(self, rulebase: RuleBase) -> None:
        """Write the files aside, sync them, and rename the folder into place (idempotent)."""
        kept = self.directory(rulebase.digest)
        if kept.is_dir():
            return
        self._root.mkdir(parents=True, exist_ok=True)
        staged = self._root / f".{uuid4().hex}"
        try:
            for name, text in rulebase.files.items():
                _write(staged / PurePosixPath(name), text)
            _sync_folder(staged)
            staged.rename(kept)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        _sync_folder(self._root)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
