"""Mail by SMTP: one connection a tick, every step of the conversation told apart.

The commands are given one by one: until the text is handed over nothing can have been taken, so an attempt that fails
before is repeated freely. A server that says a lasting no to this mail (5xx to the recipient or the text) is believed.
"""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from types import TracebackType
from typing import Self

from compliance.core.notices import Mail, MailNotSent, MailRefused
from compliance.kernel.config import Mail as MailConfig

#: Seconds that the server may take for one answer.
PATIENCE = 30
_OK, _WILL_FORWARD, _LASTING = 250, 251, 500


class SmtpMailer:
    """Implements ``core.notices.Mailer``; connects when the first mail is there."""

    def __init__(
        self, config: MailConfig, password: str = "", *, patience: float = PATIENCE, ca_file: str = ""
    ) -> None:
        """Send by the server of the configuration."""
        self._config, self._password, self._patience = config, password, patience
        self._ca_file = ca_file
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        """Begin a tick."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the conversation."""
        self._leave()

    @property
    def domain(self) -> str:
        """The domain of the sender."""
        return self._config.sender.rpartition("@")[2]

    def send(self, mail: Mail, at: datetime) -> None:
        """Hand one mail over; :class:`MailRefused` or :class:`MailNotSent`."""
        try:
            self._talk(self._connected(), mail, at)
        except (smtplib.SMTPException, OSError) as error:
            self._leave()
            raise MailNotSent(str(error) or type(error).__name__) from error
        except (MailRefused, MailNotSent):
            self._leave()
            raise

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            config = self._config
            if config.smtps:
                self._server = smtplib.SMTP_SSL(config.host, config.port, timeout=self._patience, context=self._trust())
            else:
                self._server = smtplib.SMTP(config.host, config.port, timeout=self._patience)
            if config.starttls and not config.smtps:
                self._server.starttls(context=self._trust())
            if config.user:
                self._server.login(config.user, self._password)
            self._server.ehlo_or_helo_if_needed()
        return self._server

    def _trust(self) -> ssl.SSLContext:
        """Whose certificates are believed: the system's, and those of the configuration's file."""
        context = ssl.create_default_context()
        if self._ca_file:
            context.load_verify_locations(self._ca_file)
        return context

    def _talk(self, server: smtplib.SMTP, mail: Mail, at: datetime) -> None:
        code, said = server.mail(self._config.sender)
        if code != _OK:  # the sender is the configuration's, not this mail's: it may be mended
            raise MailNotSent(_line(code, said))
        code, said = server.rcpt(mail.to)
        if code not in (_OK, _WILL_FORWARD):
            raise _no(code, said)
        try:
            code, said = server.data(self._message(mail, at))
        except smtplib.SMTPDataError as error:
            raise _no(error.smtp_code, error.smtp_error) from error
        if code != _OK:
            raise _no(code, said)

    def _message(self, mail: Mail, at: datetime) -> bytes:
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"] = self._config.sender, mail.to
        message["Subject"] = " ".join(mail.subject.split())
        message["Date"], message["Message-ID"] = at, mail.message_id
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text, cte="base64")
        return message.as_bytes()

    def _leave(self) -> None:
        if self._server is not None:
            server, self._server = self._server, None
            try:
                server.quit()
            except (smtplib.SMTPException, OSError):
                server.close()


def _no(code: int, said: bytes | str) -> MailRefused | MailNotSent:
    line = _line(code, said)
    return MailRefused(line) if code >= _LASTING else MailNotSent(line)


def _line(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
