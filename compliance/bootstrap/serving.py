"""Serving: waitress with threads in this process, the worker in a child that is started again when it dies."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path
from types import FrameType
from typing import ClassVar

from waitress.server import create_server

from compliance.bootstrap.installation import Installation, build
from compliance.bootstrap.web import web_app
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text

#: Seconds before a worker that died is started again.
_REST = 5.0
_THREADS = 8
#: What a reverse proxy on this machine says of the client; nobody else's word is believed.
_SAID_BY_PROXY = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
_PROXY = "127.0.0.1"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class PlainHttp(WrongUse):
    """Plain HTTP beyond this machine is not allowed by the configuration."""

    code = "plain-http"
    text: ClassVar[Text] = Text(
        zh="监听 {host} 而未用 HTTPS：请在反向代理后设置 https = true，或明确设置 allow_plain_http = true",
        en="Listening on {host} without HTTPS: set https = true behind a proxy, or allow_plain_http = true",
    )


class PortTaken(WrongUse):
    """Another program listens on the port."""

    code = "port-taken"
    text: ClassVar[Text] = Text(zh="端口 {port} 已被占用：{reason}", en="Port {port} is taken: {reason}")


def serve_installation(data: Path, port: int | None, today: date | None) -> None:
    """Serve the installation of a folder until SIGTERM or Ctrl-C."""
    installation = build(data, None, today)
    try:
        server = installation.config.server
        if server.host not in _LOOPBACK and not (server.https or server.allow_plain_http):
            raise PlainHttp(host=server.host)
        with _listening(server.host, port or server.port) as listening:
            _serve(installation, listening, Worker(data, today))
    finally:
        installation.close()


def _listening(host: str, port: int) -> socket.socket:
    """The socket to serve on, bound before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise PortTaken(port=port, reason=error.strerror) from error


def _serve(installation: Installation, listening: socket.socket, worker: Worker) -> None:
    https = installation.config.server.https
    http = create_server(
        web_app(installation),
        sockets=[listening],
        threads=_THREADS,
        ident=None,
        trusted_proxy=_PROXY if https else None,
        trusted_proxy_headers=_SAID_BY_PROXY if https else set(),
        clear_untrusted_proxy_headers=True,
    )

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    worker.start()
    host, port = listening.getsockname()[:2]
    sys.stderr.write(f"{Text('正在服务', 'serving')}: http://{host}:{port}\n")
    try:
        http.run()
    finally:
        worker.stop()
        http.close()


class Worker:
    """Keeps one worker process alive."""

    def __init__(self, data: Path, today: date | None) -> None:
        """Prepare the command of the worker."""
        day = ["--today", today.isoformat()] if today else []
        self._command = [sys.executable, "-m", "compliance", "--data", str(data), "worker", *day]
        self._ended = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)

    def start(self) -> None:
        """Start the worker and watch it."""
        self._thread.start()

    def stop(self) -> None:
        """End the worker and wait for it."""
        self._ended.set()
        if self._process is not None:
            self._process.terminate()
        self._thread.join(timeout=30)

    def _keep(self) -> None:
        while not self._ended.is_set():
            # The command is our own; nothing a person wrote is in it.
            self._process = subprocess.Popen(self._command, env=os.environ.copy())  # noqa: S603 - the command is our own
            if self._ended.is_set():
                self._process.terminate()
            self._process.wait()
            self._ended.wait(_REST)
