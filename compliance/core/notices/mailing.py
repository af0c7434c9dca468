"""Sending the mail of notices: queued → sending → sent or failed, each step its own short work.

A mail is claimed before it is sent and settled after. Whoever dies between leaves it claimed; after the lease it is
sent again under the same Message-ID, so that the receiver can drop the second copy. More than that SMTP cannot promise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

from compliance.core.notices.kept import Mail, MailState, NoticeRegister
from compliance.core.notices.ladder import Notice

#: How long a claimed mail is its worker's alone; longer than any conversation with a server may take.
LEASE = timedelta(minutes=15)
#: The pause after the first attempt; it doubles with every further one, up to the longest.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
#: Mails of one tick; the rest goes with the next.
MOST = 200
_DOUBLINGS = 10


class MailRefused(Exception):
    """The server refuses this mail for good: sending it again would change nothing."""


class MailNotSent(Exception):
    """The server could not be reached or does not take mail now."""


class Mailer(Protocol):
    """Hands mail to a server."""

    @property
    def domain(self) -> str:
        """The domain of the sender: the right side of message ids."""
        ...

    def send(self, mail: Mail, at: datetime) -> None:
        """Hand one mail over; :class:`MailRefused` or :class:`MailNotSent` if it was not taken."""
        ...


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a tick did."""

    sent: int = 0
    failed: int = 0
    waiting: bool = False


def deliver(
    register: NoticeRegister,
    mailer: Mailer,
    worker: str,
    now: Callable[[], datetime],
    *,
    zone: tzinfo | None = None,
    address: str = "",
) -> Delivered:
    """Send what is due; stop at the first sign that the server is not there.

    ``zone``: where quiet hours are read (None: nobody's are); ``address``: of the pages, for a link in each mail.
    """
    sent = failed = 0
    for _ in range(MOST):
        with register.work() as work:
            mail = work.claim_mail(worker, mailer.domain, now(), now() - LEASE, _clock(now(), zone))
        if mail is None:
            return Delivered(sent, failed)
        state, error = _try(mailer, linked(mail, address), now())
        retry = now() + pause(mail.attempt) if state is MailState.QUEUED else None
        with register.work() as work:
            work.settle_mail(mail, state, now(), retry, error)
        if state is MailState.QUEUED:
            return Delivered(sent, failed, waiting=True)
        sent, failed = sent + (state is MailState.SENT), failed + (state is MailState.FAILED)
    return Delivered(sent, failed, waiting=True)


def linked(mail: Mail, address: str) -> Mail:
    """The mail with the address at which its notice leads on."""
    return replace(mail, text=f"{mail.text}\n{address}/p/{mail.plant}/notices/{mail.id}\n") if address else mail


def _clock(now: datetime, zone: tzinfo | None) -> str:
    return f"{now.astimezone(zone):%H:%M}" if zone else ""


def _try(mailer: Mailer, mail: Mail, at: datetime) -> tuple[MailState, str]:
    try:
        mailer.send(mail, at)
    except MailRefused as refusal:
        return MailState.FAILED, str(refusal)
    except MailNotSent as failure:
        return MailState.QUEUED, str(failure)
    return MailState.SENT, ""


def pause(attempt: int) -> timedelta:
    """How long to wait after an attempt."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(attempt - 1, _DOUBLINGS)))


def message_id(plant: str, notice: Notice, domain: str) -> str:
    """The Message-ID of a notice: the same for the same notice, whoever sends it and however often."""
    name = "\n".join((plant, *notice.key[:-1], notice.about.isoformat()))
    return f"<{hashlib.sha256(name.encode()).hexdigest()[:40]}@{domain}>"
