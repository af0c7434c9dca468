"""``serve`` as an operator runs it: a web process that answers, a worker that judges, both gone when told to end."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from compliance.bootstrap.installation import Installation
from compliance.cli import main
from tests.system.conftest import TODAY

PATIENCE = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(workspace: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = free_port()
    command = [sys.executable, "-m", "compliance", "--data", str(workspace), "serve", "--port", str(port)]
    process = subprocess.Popen([*command, "--today", TODAY.isoformat()], stderr=subprocess.PIPE)
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


def answer(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - loopback
        body: bytes = response.read()
        return body


def until(true: object, said: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if callable(true) and true():
                return
        except OSError:
            pass
        time.sleep(0.2)
    pytest.fail(said)


def test_it_answers_judges_and_ends_with_its_worker(installation: Installation) -> None:
    with serving(installation.workspace.root) as (process, url):
        until(lambda: answer(url + "/healthz"), "no answer")
        assert json.loads(answer(url + "/healthz"))["ok"] is True
        assert "登录" in answer(url + "/sign-in").decode()
        until(lambda: _mark(installation) == TODAY, "the worker never judged")
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert alive == []


def test_a_worker_that_dies_is_started_again(installation: Installation) -> None:
    with serving(installation.workspace.root) as (process, url):
        until(lambda: answer(url + "/healthz"), "no answer")
        first = _worker(process)
        first.kill()
        until(lambda: _worker(process).pid != first.pid, "the worker was not started again")
        assert answer(url + "/healthz")


def _worker(process: subprocess.Popen[bytes]) -> psutil.Process:
    workers = [p for p in psutil.Process(process.pid).children() if p.status() != psutil.STATUS_ZOMBIE]
    if not workers:
        raise OSError
    return workers[0]


def _mark(installation: Installation) -> object:
    with installation.register.read() as reads:
        return reads.plants()[0].mark


def test_a_taken_port_is_said(installation: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["--data", str(installation.workspace.root), "serve", "--port", port]) == 2
    assert "port-taken" in capsys.readouterr().err


def test_plain_http_beyond_this_machine_is_refused(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    config = installation.workspace.config
    config.write_text(config.read_text("utf-8").replace('host = "127.0.0.1"', 'host = "0.0.0.0"'), "utf-8")
    assert main(["--data", str(installation.workspace.root), "serve"]) == 2
    assert "plain-http" in capsys.readouterr().err
