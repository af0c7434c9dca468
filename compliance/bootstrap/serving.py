"""Serving: waitress with threads in this process, the worker in a child that is started again when it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path
from types import FrameType
from typing import ClassVar

from waitress.server import create_server

from compliance.bootstrap.installation import build
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
    server = installation.config.server
    if server.host not in _LOOPBACK and not (server.https or server.allow_plain_http):
        raise PlainHttp(host=server.host)
    try:
        http = create_server(
            web_app(installation),
            host=server.host,
            port=port or server.port,
            threads=_THREADS,
            ident=None,
            trusted_proxy=_PROXY if server.https else None,
            trusted_proxy_headers=_SAID_BY_PROXY if server.https else None,
            clear_untrusted_proxy_headers=True,
        )
    except OSError as error:
        installation.close()
        raise PortTaken(port=port or server.port, reason=error.strerror) from error
    worker = Worker(data, today)
    worker.start()

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    url = f"http://{server.host}:{port or server.port}"
    sys.stderr.write(f"{Text('正在服务', 'serving')}: {url}\n")
    try:
        http.run()
    finally:
        worker.stop()
        http.close()
        installation.close()


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
