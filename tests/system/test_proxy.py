"""Whose word on the client's address is believed: a proxy's on this machine, where HTTPS is said to end there."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from waitress.server import create_server

from compliance.bootstrap import serving


class _CapturedError(Exception):
    """The server's arguments are known; nothing need be served."""


def settings(patch: pytest.MonkeyPatch, *, https: bool) -> dict[str, Any]:
    """What ``serve`` gives to the server."""
    given: dict[str, Any] = {}

    def capture(_app: object, **more: Any) -> None:
        given.update(more)
        raise _CapturedError

    patch.setattr(serving, "web_app", lambda _: None)
    patch.setattr(serving, "create_server", capture)
    installation: Any = SimpleNamespace(config=SimpleNamespace(server=SimpleNamespace(https=https)))
    nothing: Any = None
    with pytest.raises(_CapturedError):
        serving._serve(installation, nothing, nothing)
    del given["sockets"]
    return given


@contextmanager
def answering(given: dict[str, Any]) -> Iterator[int]:
    """A server that tells the address it sees."""

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return [f"{environ['REMOTE_ADDR']} {environ.get('HTTP_X_FORWARDED_FOR', '')}".encode()]

    server: Any = create_server(app, host="127.0.0.1", port=0, **given)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        server.trigger.pull_trigger(server.close)  # in the server's own thread, which then has nothing left to do
        thread.join(10)
        assert not thread.is_alive()
        server.task_dispatcher.shutdown()


def seen(port: int, said: str, source: str = "127.0.0.1") -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10, source_address=(source, 0))
    try:
        connection.request("GET", "/", headers={"X-Forwarded-For": said, "X-Forwarded-Proto": "https"})
        return connection.getresponse().read().decode().strip()
    finally:
        connection.close()


def test_without_https_nobody_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(settings(monkeypatch, https=False)) as port:
        assert seen(port, "192.0.2.1") == "127.0.0.1"


def test_a_proxy_on_this_machine_is_believed_in_its_own_word_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(settings(monkeypatch, https=True)) as port:
        # The client wrote the first, the proxy the last.
        assert seen(port, "192.0.2.1, 198.51.100.7").split()[0] == "198.51.100.7"
        assert seen(port, "192.0.2.1", "127.0.0.2") == "127.0.0.2"
