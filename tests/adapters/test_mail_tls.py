"""Mail is handed over encrypted, from the start or by STARTTLS, and only to a server whose certificate is trusted."""

from __future__ import annotations

import ssl
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from compliance.adapters.mail import SmtpMailer
from compliance.core.notices import Mail, MailNotSent
from compliance.kernel.config import Mail as MailConfig
from tests.mail_sink import Sink

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
MAIL = Mail(id=1, to="li@mail.example", subject="到期", text="正文", message_id="<1@mail.example>", attempt=1)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine's own, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    made = folder / "server.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", str(folder / "key.pem"), "-out", str(made), "-days", "36500", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return made


@pytest.fixture(params=[False, True], ids=["starttls", "smtps"])
def sink(request: pytest.FixtureRequest, certificate: Path) -> Iterator[Sink]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    server = Sink(tls=context, smtps=bool(request.param))
    server.start()
    yield server
    server.stop()


def _config(sink: Sink) -> MailConfig:
    return MailConfig(host="127.0.0.1", port=sink.port, sender="carbon@mail.example", starttls=True, smtps=sink.smtps)


def test_mail_is_handed_over_encrypted(sink: Sink, certificate: Path) -> None:
    with SmtpMailer(_config(sink), ca_file=str(certificate)) as mailer:
        mailer.send(MAIL, NOW)
        mailer.send(MAIL, NOW)
    assert [to for to, _ in sink.taken] == ["li@mail.example"] * 2
    assert sink.encrypted == 1


def test_a_server_that_nobody_vouches_for_gets_nothing(sink: Sink) -> None:
    with SmtpMailer(_config(sink)) as mailer, pytest.raises(MailNotSent, match="certificate verify failed"):
        mailer.send(MAIL, NOW)
    assert sink.taken == []


def test_a_server_without_starttls_gets_nothing() -> None:
    plain = Sink()
    plain.start()
    try:
        with SmtpMailer(_config(plain)) as mailer, pytest.raises(MailNotSent, match="STARTTLS"):
            mailer.send(MAIL, NOW)
        assert plain.taken == []
    finally:
        plain.stop()


def test_a_file_of_trust_that_is_not_there_keeps_the_mail_waiting(sink: Sink, tmp_path: Path) -> None:
    with SmtpMailer(_config(sink), ca_file=str(tmp_path / "nix.pem")) as mailer, pytest.raises(MailNotSent):
        mailer.send(MAIL, NOW)
    assert sink.taken == []
