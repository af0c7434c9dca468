"""What every test lives under: no network, no mail, repeatable randomness, no silent skip."""

from __future__ import annotations

import ipaddress
import os
import smtplib
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
MAIL_PORTS = frozenset({25, 465, 587, 2525})

settings.register_profile(
    "fixed",  # the same examples on every machine and every run
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", settings.get_profile("fixed"), derandomize=False)
settings.register_profile("quick", settings.get_profile("fixed"), max_examples=20)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


# ------------------------------------------------------------------------- no network, no mail


class OutsideWorldError(AssertionError):
    """A test tried to reach something beyond this machine."""


def _is_here(host: object) -> bool:
    """Whether an address names this machine's loopback."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(name).split("%", 1)[0]).is_loopback
    except ValueError:
        return False


def _check(address: object, channel: socket.socket | None = None) -> None:
    """Refuse an address that leaves the machine, or is its mail server."""
    try:
        _check_address(address)
    except OutsideWorldError:
        if channel is not None:
            channel.close()  # its owner expects only OSError and would leak it
        raise


def _check_address(address: object) -> None:
    if not isinstance(address, tuple):
        return  # a path: a Unix socket stays here
    if not _is_here(address[0]):
        message = f"a test tried to reach {address!r}; tests know no network"
        raise OutsideWorldError(message)
    if address[1] in MAIL_PORTS:
        message = f"a test tried to send mail by {address!r}; tests send none"
        raise OutsideWorldError(message)


@pytest.fixture(autouse=True, scope="session")
def _outside_world() -> Iterator[None]:
    """Close the ways out of the machine for the whole session."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        true_call = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, *, _call: Any = true_call) -> Any:
            _check(address, self)
            return _call(self, address)

        patch.setattr(socket.socket, name, guarded)
    true_sendto = socket.socket.sendto
    true_lookup = socket.getaddrinfo

    def sendto(self: socket.socket, data: bytes, *rest: Any) -> int:
        _check(rest[-1], self)
        return true_sendto(self, data, *rest)

    def getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
        _check((host, None))
        return true_lookup(host, *rest, **named)

    def send_message(self: smtplib.SMTP, *_: Any, **__: Any) -> None:
        message = f"a test tried to send mail through {self!r}"
        raise OutsideWorldError(message)

    patch.setattr(socket.socket, "sendto", sendto)
    patch.setattr(socket, "getaddrinfo", getaddrinfo)
    patch.setattr(smtplib.SMTP, "sendmail", send_message)
    patch.setattr(smtplib.SMTP, "send_message", send_message)
    yield
    patch.undo()


# ------------------------------------------------------------------------------------ fixtures


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the project's top folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder beside the project that holds the real-shaped plants and the standard."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not here")
    return SHARED


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return an empty folder for one test's workspace."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


# ------------------------------------------------------------------------------ no silent skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what reads ../shared where it is absent; insist on the marker where it is read."""
    for item in items:
        marked = item.get_closest_marker("shared") is not None
        if "shared" in getattr(item, "fixturenames", ()) and not marked:
            message = f"{item.nodeid} uses the fixture `shared` and lacks the marker"
            raise pytest.UsageError(message)
        if marked and not SHARED.is_dir():
            item.add_marker(pytest.mark.skip(reason="../shared is not here"))


class SkipGate:
    """Under CI a skipped test fails the session, but for `shared` where ../shared is absent.

    A skipped test is a check that did not run; on the machine that decides, nothing may be missing.
    """

    def __init__(self) -> None:
        """Start with nothing skipped."""
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that did not run."""
        if report.skipped and not ("shared" in report.keywords and not SHARED.is_dir()):
            self.skipped.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that left as a whole."""
        if report.skipped:
            self.skipped.append(report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker process saw skipped while it collected."""
        self.skipped.extend(getattr(node, "workeroutput", {}).get("skipped", []))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn skips into a failure of the session (or hand them to the main process)."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["skipped"] = self.skipped
        elif self.skipped and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which tests broke the rule."""
        for nodeid in sorted(set(self.skipped)):
            terminalreporter.write_line(f"SKIPPED UNDER CI, which fails it: {nodeid}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    """Put the gate up where CI decides."""
    if os.environ.get("CI"):
        config.pluginmanager.register(SkipGate(), "skip-gate")
