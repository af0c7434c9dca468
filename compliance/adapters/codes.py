"""One-time codes by RFC 6238, and the picture that an authenticator reads."""

from __future__ import annotations

from datetime import datetime

import pyotp
import segno

#: Digits of a code, and seconds of a step: what every authenticator takes without being told.
DIGITS, STEP = 6, 30
#: Steps that a clock may be off, the nearest first.
_DRIFT = (0, -1, 1)


class OneTimeCodes:
    """Implements ``core.accounts.Codes``."""

    def new_secret(self) -> str:
        """A secret of 160 bits, as an authenticator takes it."""
        return pyotp.random_base32()

    def step(self, secret: str, code: str, now: datetime) -> int | None:
        """The step of time that a code belongs to, one step early or late at most; None for a wrong code."""
        if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
            return None
        made = pyotp.TOTP(secret, digits=DIGITS, interval=STEP)
        present = int(now.timestamp()) // STEP
        right = [
            step for step in (present + d for d in _DRIFT) if pyotp.utils.strings_equal(made.generate_otp(step), code)
        ]
        return right[0] if right else None

    def picture(self, secret: str, login: str, site: str) -> str:
        """What an authenticator reads with its camera, as a ``data:`` address of an SVG picture."""
        address = pyotp.TOTP(secret, digits=DIGITS, interval=STEP).provisioning_uri(name=login, issuer_name=site)
        picture: str = segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=4, light="#fff")
        return picture
