"""Sign-ins: accounts, the roles they have in plants, and server-side sessions.

A session's token is known to the browser alone; the register keeps its hash. Tries are counted before the password
is looked at, so parallel guesses cannot pass the limit, and a login that does not exist costs what a wrong password
costs. Every sign-in, refusal of a known account, sign-out and new account leaves a leaf in the group's log.
"""

from __future__ import annotations

from compliance.core.accounts.giving import (
    SHORTEST_PASSWORD,
    BadLogin,
    LoginTaken,
    NewUser,
    NoSuchUser,
    WeakPassword,
    add_user,
    grant,
)
from compliance.core.accounts.holding import LastAdministrator, NoReason, NoSuchRole, activate, deactivate, revoke
from compliance.core.accounts.kept import ABSOLUTE, IDLE, Membership, Role, Session, SignedIn, User
from compliance.core.accounts.ports import AccountReads, AccountRegister, AccountWork, Passwords
from compliance.core.accounts.signing_in import (
    LONGEST_LOGIN,
    LONGEST_PASSWORD,
    TOUCH_EVERY,
    TRIES,
    TRY_WINDOW,
    SignInRefused,
    TooManyTries,
    current,
    end_other_sessions,
    hash_of,
    proves,
    sign_in,
    sign_out,
)

__all__ = [
    "ABSOLUTE",
    "IDLE",
    "LONGEST_LOGIN",
    "LONGEST_PASSWORD",
    "SHORTEST_PASSWORD",
    "TOUCH_EVERY",
    "TRIES",
    "TRY_WINDOW",
    "AccountReads",
    "AccountRegister",
    "AccountWork",
    "BadLogin",
    "LastAdministrator",
    "LoginTaken",
    "Membership",
    "NewUser",
    "NoReason",
    "NoSuchRole",
    "NoSuchUser",
    "Passwords",
    "Role",
    "Session",
    "SignInRefused",
    "SignedIn",
    "TooManyTries",
    "User",
    "WeakPassword",
    "activate",
    "add_user",
    "current",
    "deactivate",
    "end_other_sessions",
    "grant",
    "hash_of",
    "proves",
    "revoke",
    "sign_in",
    "sign_out",
]
