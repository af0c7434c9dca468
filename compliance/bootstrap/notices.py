"""Sending the mail of notices of an installation, and the calendars of its plants."""

from __future__ import annotations

from typing import ClassVar

from compliance.adapters.mail import SmtpMailer
from compliance.bootstrap.installation import Installation
from compliance.core.feeds import calendar_of
from compliance.core.notices import Delivered, deliver
from compliance.core.plants import Plant
from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text


class NoMailPassword(CannotDecide):
    """The file with the password of the mail server cannot be read."""

    code = "no-mail-password"
    text: ClassVar[Text] = Text(
        zh="读不到邮件口令文件“{file}”", en="The file with the password for mail cannot be read: {file}"
    )


def send_mail(installation: Installation, worker: str) -> Delivered:
    """Send what is due, if the configuration names a server."""
    config = installation.config.mail
    if not config.host:
        return Delivered()
    with mailer_of(installation) as mailer:
        clock = installation.clock
        address = installation.config.site.address.rstrip("/")
        return deliver(installation.register, mailer, worker, clock.now, zone=clock.zone, address=address)


def mailer_of(installation: Installation) -> SmtpMailer:
    """What sends by the server of the configuration."""
    config = installation.config.mail
    trusted = str(installation.workspace.root / config.ca_file) if config.ca_file else ""
    return SmtpMailer(config, _password(installation), ca_file=trusted)


def calendar(installation: Installation, plant: Plant, person: str | None) -> str:
    """The calendar of a plant, or of the posts that a person holds, as iCalendar text."""
    with installation.register.read() as reads:
        return calendar_of(reads, plant, person, installation.current_rules(), installation.clock.today())


def _password(installation: Installation) -> str:
    name = installation.config.mail.password_file
    if not name:
        return ""
    try:
        return (installation.workspace.root / name).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NoMailPassword(file=name) from error
