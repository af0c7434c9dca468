"""The session's own guards: each is shown to go red, in a small project of its own."""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import OutsideWorldError

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFTEST = Path(__file__).with_name("conftest.py")
PLAIN = "def test_runs():\n    assert True\n"
SKIPS = "import pytest\n\ndef test_skips():\n    pytest.skip('no reason good enough')\n"
MODULE_SKIPS = "import pytest\n\npytest.skip('whole module', allow_module_level=True)\n"
UNMARKED = "def test_reads(shared):\n    assert shared.is_dir()\n"
SHARED = f"import pytest\n\n@pytest.mark.shared\n{UNMARKED}"
SHARED_SKIPS = "import pytest\n\n@pytest.mark.shared\ndef test_reads():\n    pytest.skip('made up')\n"


def run(folder: Path, source: str, *options: str, ci: bool = True, shared: bool = False) -> int:
    """Run one test file under our conftest in a folder of its own; return the exit status."""
    tests = folder / "project" / "tests"
    tests.mkdir(parents=True)
    shutil.copy(CONFTEST, tests / "conftest.py")
    (tests / "test_plain.py").write_text(PLAIN, encoding="utf-8")
    (tests / "test_other.py").write_text(source, encoding="utf-8")
    (tests.parent / "pytest.ini").write_text("[pytest]\nmarkers =\n  shared: x\n", encoding="utf-8")
    if shared:
        (folder / "shared").mkdir()
    environment: Mapping[str, str] = {
        key: value for key, value in os.environ.items() if key != "CI" and not key.startswith("PYTEST_")
    } | ({"CI": "true"} if ci else {})
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    done = subprocess.run(command, cwd=tests.parent, env=environment, capture_output=True, check=False, timeout=60)
    return done.returncode


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["one", "many"])
@pytest.mark.parametrize("source", [SKIPS, MODULE_SKIPS], ids=["test", "module"])
def test_a_skip_fails_ci(tmp_path: Path, source: str, options: tuple[str, ...]) -> None:
    assert run(tmp_path, source, *options) == pytest.ExitCode.TESTS_FAILED


def test_a_skip_is_allowed_on_a_persons_machine(tmp_path: Path) -> None:
    assert run(tmp_path, SKIPS, ci=False) == pytest.ExitCode.OK


def test_a_shared_test_may_skip_where_the_folder_is_absent(tmp_path: Path) -> None:
    assert run(tmp_path, SHARED) == pytest.ExitCode.OK


def test_a_shared_test_runs_where_the_folder_is_present(tmp_path: Path) -> None:
    assert run(tmp_path, SHARED, shared=True) == pytest.ExitCode.OK


def test_a_shared_test_may_not_skip_where_the_folder_is_present(tmp_path: Path) -> None:
    assert run(tmp_path, SHARED_SKIPS, shared=True) == pytest.ExitCode.TESTS_FAILED


def test_reading_shared_without_the_marker_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path, UNMARKED) == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org"])
def test_no_test_reaches_the_network(host: str) -> None:
    with pytest.raises(OutsideWorldError, match="no network"):
        socket.create_connection((host, 443), timeout=1)


def test_no_datagram_leaves_the_machine() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel,
        pytest.raises(OutsideWorldError),
    ):
        channel.sendto(b"x", ("192.0.2.1", 53))


def test_no_test_sends_mail() -> None:
    with pytest.raises(OutsideWorldError, match="mail"):
        smtplib.SMTP("127.0.0.1", 25)


def test_the_loopback_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
