"""A mail server on loopback that keeps what it takes; it can refuse, hang up, and be gone for a while."""

from __future__ import annotations

import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


@dataclass
class Sink:
    """What the server took, and how it behaves.

    ``tls``: speaks STARTTLS with it, or TLS from the start (``smtps``); ``encrypted`` counts such conversations.
    ``refuse``: command → answer instead of yes. ``hang_up``: lose the line after the text, before the answer.
    """

    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    tls: ssl.SSLContext | None = None
    smtps: bool = False
    encrypted: int = 0
    port: int = 0
    _server: socketserver.ThreadingTCPServer | None = None

    def start(self) -> None:
        """Listen, on the port of before if there was one."""
        sink = self

        class Conversation(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                plain = self.connection
                try:
                    _converse(sink, self)
                finally:
                    if self.connection is not plain:
                        for stream in (self.rfile, self.wfile, self.connection):
                            stream.close()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = True

        self._server = Server(("127.0.0.1", self.port), Conversation)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}).start()

    def stop(self) -> None:
        """Be gone."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def ids(self) -> list[str]:
        """The Message-IDs of what was taken."""
        return [str(message["Message-ID"]) for _, message in self.taken]


def _converse(sink: Sink, line: Any) -> None:  # noqa: C901 - the verbs of a conversation one by one
    def say(text: str) -> None:
        line.wfile.write(text.encode() + b"\r\n")

    def wrap() -> bool:
        assert sink.tls is not None
        try:
            line.connection = sink.tls.wrap_socket(line.connection, server_side=True)
        except (ssl.SSLError, OSError):
            return False
        line.rfile, line.wfile = line.connection.makefile("rb"), line.connection.makefile("wb", 0)
        sink.encrypted += 1
        return True

    if sink.smtps and not wrap():
        return
    say("220 sink")
    to = ""
    while command := line.rfile.readline().decode().strip():
        verb = command.partition(" ")[0].upper()
        if verb in sink.refuse:
            say(sink.refuse[verb])
        elif verb == "DATA":
            say("354 go on")
            text = _text(line)
            if "." in sink.refuse:
                say(sink.refuse["."])
                continue
            sink.taken.append((to, message_from_bytes(text, policy=policy.default)))
            if sink.hang_up:
                return
            say("250 taken")
        elif verb == "EHLO" and sink.tls is not None and not sink.smtps:
            say("250-sink\r\n250 STARTTLS")
        elif verb == "STARTTLS":
            say("220 go on")
            if not wrap():
                return
        elif verb == "QUIT":
            say("221 bye")
            return
        else:
            to = command.partition(":")[2].strip("<>") if verb == "RCPT" else to
            say("250 yes")


def _text(line: Any) -> bytes:
    lines = []
    while (one := line.rfile.readline()) not in (b".\r\n", b""):
        lines.append(one[1:] if one.startswith(b".") else one)
    return b"".join(lines)
