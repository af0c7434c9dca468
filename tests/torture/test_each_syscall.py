"""Each call that makes an act durable fails, or is the last: the store is as before or as after, never between."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from compliance.adapters.fsck import fsck
from compliance.adapters.register import open_register
from compliance.adapters.vault import FileVault
from compliance.core.model import Department
from compliance.kernel.clock import Clock
from tests.torture.one_act import KEY

ACT = Path(__file__).with_name("one_act.py")
#: The calls that order and keep bytes. Those of a sample come few enough times to try each.
KEEPING = ("fsync", "fdatasync", "link", "linkat", "unlink", "unlinkat", "ftruncate", "mkdir", "mkdirat", "rename")
WRITING = ("write", "pwrite64")
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")


def strace(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Perform the act under strace."""
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    command = ["strace", "-f", "--seccomp-bpf", "-qq", *options, sys.executable, str(ACT), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with a first import."""
    folder = tmp_path_factory.mktemp("store")
    subprocess.run([sys.executable, str(ACT), str(folder), "--prepare"], check=True, timeout=60)
    return folder


@pytest.fixture(scope="module")
def counted(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """Return how often each call is made by the act when nothing fails."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not here")
    folder = tmp_path_factory.mktemp("counted")
    store = shutil.copytree(prepared, folder / "store")
    log = folder / "log"
    done = strace(store, "-o", str(log), "-e", "trace=" + ",".join(KEEPING + WRITING))
    assert done.stdout == "ACK\n", done.stderr
    return Counter(re.findall(r"^\d+ +(\w+)\(", log.read_text(encoding="utf-8", errors="replace"), re.MULTILINE))


def survive(prepared: Path, folder: Path, call: str, when: int, fault: str) -> bool:
    """Perform the act with one fault; return whether it is there, after checking that it is whole or not at all."""
    store = shutil.copytree(prepared, folder / f"{call}-{when}-{fault[-4:]}")
    done = strace(store, "-o", "/dev/null", "-e", f"inject={call}:{fault}:when={when}")
    place = f"{call} #{when} {fault}: {done.stderr[-300:]}"
    vault = FileVault(store / "vault")
    register = open_register(store, None, Clock())
    report = fsck(register.database, vault, deep=True)
    assert report.ok, (place, [c for c in report.checks if not c.ok])
    with register.read() as look:
        plant = look.plant(KEY)
        assert plant is not None
        departments = [row.key() for row in look.tables(plant, [Department])[Department]]
        entries = len(look.trail(plant))
    register.close()
    assert (departments, entries) in (([("1",)], 2), ([("1",), ("2",)], 3)), place
    if "ACK" in done.stdout:
        assert entries == 3, f"acknowledged and lost: {place}"
    shutil.rmtree(store)
    return entries == 3


@pytest.mark.slow
def test_some_calls_are_the_last_or_fail(prepared: Path, counted: Counter[str], tmp_path: Path) -> None:
    assert counted["fsync"] + counted["fdatasync"] >= 7  # two files with their folders, and the database's log
    assert counted["link"] + counted["linkat"] == 2
    assert counted["pwrite64"] >= 10
    syncs = range(2, counted["fsync"] + 1, 3)
    there = [survive(prepared, tmp_path, "fsync", when, "signal=KILL") for when in syncs]
    assert 0 < sum(there) < len(there)  # some died before the commit and some after
    for call in ("fsync", "pwrite64"):
        for when in (1, counted[call] // 2 + 1):
            survive(prepared, tmp_path, call, when, "error=EIO")


@pytest.mark.torture
@pytest.mark.parametrize("fault", FAULTS)
def test_each_call_fails_or_is_the_last(prepared: Path, counted: Counter[str], tmp_path: Path, fault: str) -> None:
    tried = [
        survive(prepared, tmp_path, call, when, fault)
        for call in (*KEEPING, *WRITING)
        for when in range(1, counted[call] + 1)
    ]
    print(f"\n{fault}: {len(tried)} faults, the act was there after {sum(tried)} of them")
