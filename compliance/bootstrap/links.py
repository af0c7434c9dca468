"""Mailing links to people who forgot their password, beside the request: how long it takes tells nobody anything."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import BoundedSemaphore

from compliance.adapters.accounts import Argon2
from compliance.adapters.codes import OneTimeCodes
from compliance.bootstrap.installation import Installation
from compliance.bootstrap.notices import mailer_of
from compliance.core.accounts import Door, Limits, Sent, forgot
from compliance.core.notices import Mail, MailNotSent, MailRefused

_LOG = logging.getLogger(__name__)
#: Requests that wait at once; more are dropped, as nobody is answered anyway.
_WAITING = 50


def limits_of(installation: Installation) -> Limits:
    """How long sessions live and links work here."""
    given = installation.config.sign_in
    return Limits(
        timedelta(minutes=given.idle_minutes),
        timedelta(hours=given.absolute_hours),
        timedelta(minutes=given.reset_minutes),
        timedelta(minutes=given.signing_minutes),
    )


def door_of(installation: Installation, passwords: Argon2 | None = None) -> Door:
    """What signing in to this installation works with."""
    return Door(installation.register, passwords or Argon2(), OneTimeCodes(), limits_of(installation))


def link_to(installation: Installation, token: str) -> str:
    """Where a link leads; the path alone where the configuration does not say the address of the pages."""
    return f"{installation.config.site.address.rstrip('/')}/reset/{token}"


def link_sender(installation: Installation, passwords: Argon2) -> Callable[[str, str], None] | None:
    """What the page of forgotten passwords calls; None where mail or the address of the pages is not configured."""
    if not (installation.config.mail.host and installation.config.site.address):
        return None
    door, free = door_of(installation, passwords), BoundedSemaphore(_WAITING)
    pool = ThreadPoolExecutor(1, "links")

    def work(login: str, address: str) -> None:
        try:
            sent = forgot(door, login, address, installation.clock.now())
            if sent is not None:
                send(installation, sent)
        except Exception as error:  # noqa: BLE001 - nobody waits for it; the name alone, a text might hold the link
            _LOG.warning("a link was not mailed: %s", type(error).__name__)
        finally:
            free.release()

    def later(login: str, address: str) -> None:
        if free.acquire(blocking=False):
            pool.submit(work, login, address)

    return later


def send(installation: Installation, sent: Sent) -> None:
    """Mail one link."""
    minutes = installation.config.sign_in.reset_minutes
    text = (
        f"有人为您的账号申请了设定新密码的链接，{minutes} 分钟内有效，只能使用一次：\n"
        f"A link to set a new password was asked for; it works once, for {minutes} minutes:\n\n"
        f"{link_to(installation, sent.token)}\n\n"
        "如非本人申请，请忽略此邮件。 / If it was not you, ignore this mail.\n"
    )
    with mailer_of(installation) as mailer:
        name = f"<link-{secrets.token_hex(16)}@{mailer.domain}>"
        mail = Mail(
            id=0,
            to=sent.mail,
            subject="设定新密码 / Set a new password",
            text=text,
            message_id=name,
            attempt=1,
        )
        try:
            mailer.send(mail, installation.clock.now())
        except (MailNotSent, MailRefused):
            _LOG.warning("a link was not mailed: the server did not take it")
