"""The vault keeps bytes under their digest, durably, and never gives out damaged ones."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pytest

from compliance.adapters.vault import FileDamaged, FileTooLarge, FileVault, NoSpace, NoSuchFile, VaultClosed

if TYPE_CHECKING:
    from compliance.core.acts import ObjectRef

BYTES = "水泥 cement\n".encode() * 100_000


def put(vault: FileVault, data: bytes = BYTES) -> ObjectRef:
    """Put bytes."""
    return vault.put(io.BytesIO(data), name="a.bin", media_type="application/octet-stream")


def test_bytes_come_back(vault: FileVault) -> None:
    ref = put(vault)
    assert ref.sha256 == hashlib.sha256(BYTES).hexdigest()
    assert ref.sm3 in ("", hashlib.new("sm3", BYTES).hexdigest())
    assert (ref.size, ref.name, ref.media_type) == (len(BYTES), "a.bin", "application/octet-stream")
    with vault.open(ref.sha256) as file:
        assert file.read() == BYTES


def test_the_file_lies_by_its_digest_read_only_and_nothing_stays_aside(vault: FileVault) -> None:
    ref = put(vault)
    path = vault.objects / ref.sha256[:2] / ref.sha256[2:4] / ref.sha256
    assert vault.path(ref.sha256) == path
    assert path.stat().st_mode & 0o777 == 0o440
    assert path.stat().st_nlink == 1
    assert list(vault.files()) == [path]
    assert list(vault.staging.iterdir()) == []


def test_the_same_bytes_twice_are_one_file(vault: FileVault) -> None:
    first, again = put(vault), vault.put(io.BytesIO(BYTES), name="b.bin", media_type="x/y")
    assert (first.sha256, again.name) == (again.sha256, "b.bin")
    assert len(list(vault.files())) == 1


def test_the_same_bytes_from_many_at_once(vault: FileVault) -> None:
    done: list[str] = []
    threads = [threading.Thread(target=lambda: done.append(put(vault).sha256)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 8
    assert len(set(done)) == len(list(vault.files())) == 1


def test_an_empty_file_is_a_file(vault: FileVault) -> None:
    with vault.open(put(vault, b"").sha256) as file:
        assert file.read() == b""


@pytest.mark.parametrize(("size", "taken"), [(9, True), (10, True), (11, False)])
def test_the_size_is_capped(tmp_path: Path, size: int, *, taken: bool) -> None:
    vault = FileVault(tmp_path, limit=10)
    if taken:
        assert put(vault, b"x" * size).size == size
    else:
        with pytest.raises(FileTooLarge):
            put(vault, b"x" * size)
        assert list(vault.files()) == []
    assert list(vault.staging.iterdir()) == []


@pytest.mark.parametrize("damage", [b"", BYTES[:-1], BYTES + b"!", BYTES[:99] + b"?" + BYTES[100:]])
def test_damaged_bytes_are_never_given_out(vault: FileVault, damage: bytes) -> None:
    ref = put(vault)
    path = vault.path(ref.sha256)
    path.chmod(0o640)
    path.write_bytes(damage)
    with pytest.raises(FileDamaged):
        vault.open(ref.sha256)
    with pytest.raises(FileDamaged):  # nor is a good copy taken for the damaged one
        put(vault)


@pytest.mark.parametrize("name", ["", "ab", "../" * 21 + "x", "G" * 64, "a" * 63 + "/", "A" * 64])
def test_a_name_that_is_no_digest_is_no_file(vault: FileVault, name: str) -> None:
    with pytest.raises(NoSuchFile):
        vault.open(name)


def test_a_file_that_was_never_put(vault: FileVault) -> None:
    with pytest.raises(NoSuchFile):
        vault.open("a" * 64)


# --- the order of the steps ------------------------------------------------------------------------------------------


class Calls:
    """Listens to the calls that make a file durable."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.seen: list[str] = []
        self._fsync, self._link, self._unlink = os.fsync, os.link, os.unlink
        self.broken = ""
        patch.setattr(os, "fsync", self.fsync)
        patch.setattr(os, "link", self.link)

    def fsync(self, handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        self.seen.append(f"fsync {path.parent.name}/{path.name}")
        if self.broken and self.broken in path.parts[-2:]:
            raise OSError(errno.EIO, "broken disk")
        self._fsync(handle)

    def link(self, source: Path, target: Path, **more: bool) -> None:
        self.seen.append("link")
        self._link(source, target, **more)


def test_the_file_is_synced_before_it_is_linked_and_the_folders_after(
    vault: FileVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Calls(monkeypatch)
    sha256 = put(vault, b"x").sha256
    first, second = sha256[:2], sha256[2:4]
    assert calls.seen[0].startswith("fsync staging/")
    assert calls.seen[1:] == [
        f"fsync {vault.objects.parent.name}/objects",  # the new folder ab is durable
        f"fsync objects/{first}",  # … and ab/cd in it
        "link",
        f"fsync {first}/{second}",  # … and the file's name in that
    ]


@pytest.mark.parametrize("where", ["staging", "objects"])
def test_a_failed_fsync_closes_the_vault_for_good(
    vault: FileVault, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    kept = put(vault, b"before")
    calls = Calls(monkeypatch)
    calls.broken = where
    with pytest.raises(VaultClosed):
        put(vault, b"x")
    calls.broken = ""
    with pytest.raises(VaultClosed):
        put(vault, b"y")
    assert list(vault.staging.iterdir()) == []
    with vault.open(kept.sha256) as file:  # reading goes on
        assert file.read() == b"before"


class NoRoom(io.BytesIO):
    """An upload on the way of which the disk gets full."""

    def read(self, size: int | None = -1) -> bytes:
        raise OSError(errno.ENOSPC, "no space")


def test_a_full_disk_is_a_refusal_and_closes_nothing(vault: FileVault) -> None:
    with pytest.raises(NoSpace):
        vault.put(NoRoom(b"x"), name="a", media_type="b")
    assert list(vault.files()) == list(vault.staging.iterdir()) == []
    assert put(vault, b"x").size == 1


def test_a_disk_full_at_fsync_closes_the_vault(vault: FileVault, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VaultClosed):
        put(vault)


class BreaksOff(io.BytesIO):
    """An upload whose connection is cut."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise ConnectionResetError
        return super().read(size)


def test_a_source_that_breaks_off_leaves_nothing_and_closes_nothing(vault: FileVault) -> None:
    source: BinaryIO = BreaksOff(b"x" * (2 << 20))
    with pytest.raises(ConnectionResetError):
        vault.put(source, name="a", media_type="b")
    assert list(vault.files()) == list(vault.staging.iterdir()) == []
    assert put(vault, b"x").size == 1
