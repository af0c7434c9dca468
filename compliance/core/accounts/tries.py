"""Tries are counted before the password is looked at: guesses in parallel cannot pass the limit.

Strangers are counted by address, and all together by the day. A device from which the person signed in before is
counted apart: whoever guesses from elsewhere locks out themselves, not the person.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from compliance.core.accounts.kept import User, account_act, actor_of, given
from compliance.core.accounts.ports import AccountRegister, AccountWork
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text, counted

#: Tries of one login from one place within the window; the next one is refused unseen.
TRIES = 10
TRY_WINDOW = timedelta(minutes=15)
#: Tries of one login from all strange addresses together, or from one known device, within a day.
TRIES_A_DAY = 100
DAY = timedelta(days=1)
LONGEST_LOGIN = 120
_DEVICE = "device:"


class TooManyTries(Refused):
    """The account was tried too often from here, or too often today."""

    code = "too-many-tries"
    text: ClassVar[Text] = Text(zh="尝试次数过多，请 {wait}后再试", en="Too many tries; try again in {wait}")

    def __init__(self, minutes: int) -> None:
        """Say how long to wait."""
        super().__init__(wait=Text(f"{minutes} 分钟", counted(minutes, "minute")))
        self.values = {"minutes": minutes}


@dataclass(frozen=True, slots=True)
class Origin:
    """From where a person tries: the address, and the token of the device if it brought one."""

    address: str
    device: str = ""


@dataclass(frozen=True, slots=True)
class Try:
    """A try that was counted. ``last``: no further one will be looked at for a while."""

    login: str
    place: str
    address: str
    last: bool


def hash_of(token: str) -> str:
    """What the register keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def count_try(register: AccountRegister, login: str, origin: Origin, now: datetime) -> Try:
    """Count a try; ``TooManyTries``."""
    with register.work() as work:
        place = _place(work, login, origin)
        tries = work.tries(login, now - DAY)
        here = sorted(at for one, at in tries if one == place and at > now - TRY_WINDOW)
        today = sorted(at for one, at in tries if one == place or not (_known(one) or _known(place)))
        _limit(here, TRIES, TRY_WINDOW, now)
        _limit(today, TRIES_A_DAY, DAY, now)
        work.note_try(login, place, now, now - DAY)
    last = len(here) + 1 >= TRIES or len(today) + 1 >= TRIES_A_DAY
    return Try(login, place, origin.address, last)


def note_refusal(register: AccountRegister, user: User | None, tried: Try, what: str = "password") -> None:
    """Record that a known person was refused; for a login that nobody has, write as much and record nothing."""
    with register.work() as work:
        if user is None:
            work.stay_tried(tried.login, tried.place)
            return
        action = "session:locked" if tried.last else "session:refused"
        changes = (given("address", tried.address), given("wrong", what))
        work.record(account_act(actor_of(user, "", "password"), action, user, changes), None)


def _place(work: AccountWork, login: str, origin: Origin) -> str:
    user, device = work.find_user(login), hash_of(origin.device)
    known = work.knows_device(device, user.id if user else 0)
    return _DEVICE + device if known and origin.device else origin.address


def _known(place: str) -> bool:
    return place.startswith(_DEVICE)


def _limit(tries: list[datetime], most: int, window: timedelta, now: datetime) -> None:
    if len(tries) >= most:
        wait = tries[-most] + window - now
        raise TooManyTries(max(1, -(-int(wait.total_seconds()) // 60)))
