"""Checks the vault against the register: every row has its file, every file its row, every import its files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from compliance.adapters.case_tables import pending_file
from compliance.adapters.check_trail import Named
from compliance.adapters.tables import import_batch, log, object_, plant
from compliance.adapters.vault import FileVault
from compliance.core.integrity import Check, check

#: How long a file may lie aside, or without a row, while the act that brings it is under way.
GRACE = timedelta(hours=24)


def check_files(connection: Connection, vault: FileVault, now: datetime) -> list[Check]:
    """Rows to files, and files to rows; uploads that wait for a step have rows of their own."""
    rows = connection.execute(select(object_.c.sha256, object_.c.size, object_.c.state)).all()
    present = [(r.sha256, r.size) for r in rows if r.state == "present"]
    faults = [f"{sha256} ({why})" for sha256, size in present if (why := _wrong(vault.path(sha256), sha256, size))]
    waiting = connection.execute(select(pending_file.c.sha256, pending_file.c.size)).all()
    faults += [f"{r.sha256} ({why})" for r in waiting if (why := _wrong(vault.path(r.sha256), r.sha256, r.size))]
    known = {r.sha256 for r in rows if r.state != "disposed"} | {r.sha256 for r in waiting}
    files = list(vault.files())
    strays = [_name(vault, p) for p in _older(files, now) if p.name not in known or p != vault.path(p.name)]
    aside = list(vault.staging.iterdir())
    strays += [_name(vault, p) for p in _older(aside, now)]
    return [check("files", len(present) + len(waiting), faults), check("strays", len(files) + len(aside), strays)]


def check_imports(connection: Connection, named: Named) -> Check:
    """Every import has a leaf in its plant's log that names its workbook and its manifest."""
    of_plant: dict[int, set[frozenset[str]]] = {}
    for log_id, plant_id in connection.execute(select(log.c.id, log.c.plant_id)):
        leaves = {files for (in_log, _), files in named.by_leaf.items() if in_log == log_id}
        of_plant.setdefault(plant_id, set()).update(leaves)
    batches = connection.execute(
        select(import_batch, plant.c.key).join(plant, plant.c.id == import_batch.c.plant_id)
    ).all()
    faults = [
        f"{b.key} import {b.id} (no leaf names its files)"
        for b in batches
        if not any({b.workbook, b.manifest} <= files for files in of_plant.get(b.plant_id, ()))
    ]
    return check("imports", len(batches), faults)


def _wrong(path: Path, sha256: str, size: int) -> str:
    """What is wrong with a file, or an empty text."""
    try:
        if path.is_symlink() or path.stat().st_size != size:
            return "size"
        with path.open("rb") as file:
            return "" if hashlib.file_digest(file, "sha256").hexdigest() == sha256 else "content"
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return error.strerror or "unreadable"


def _older(files: Iterable[Path], now: datetime) -> Iterable[Path]:
    """Files that are past the grace."""
    limit = (now - GRACE).timestamp()
    return (p for p in files if p.lstat().st_mtime < limit)


def _name(vault: FileVault, path: Path) -> str:
    return str(path.relative_to(vault.objects.parent))
