"""How the person of a request proves who signs: the password again, and a one-time code where one is asked."""

from __future__ import annotations

from typing import Any

from compliance.core import accounts
from compliance.web import access
from compliance.web.security import origin


def proves(given: Any) -> str:  # noqa: ANN401 - a form or a body
    """How the person proves who signs; empty if they do not.

    What a program brings is no session of the register, so signing never goes on in it: it gives a code each time.
    """
    bundle = access.services()
    return accounts.proves(
        bundle.door,
        access.person(),
        password=given.get("password", ""),
        code=given.get("code", ""),
        origin=origin(),
        now=bundle.clock.now(),
        session=access.signed_in().session,
    )


def asks_code() -> bool:
    """Whether a signature of the person asks for a one-time code: in a session, the first one in a while does."""
    found, bundle = access.signed_in(), access.services()
    goes_on = found.session.signing_goes_on(bundle.clock.now(), bundle.door.limits)
    return found.user.codes and not goes_on
