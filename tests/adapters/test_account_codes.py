"""One-time codes, links and devices: what opens, what does not, what is never taken twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pyotp
import pytest

from compliance.bootstrap.installation import OPERATOR
from compliance.core import accounts
from compliance.core.accounts import CodeNeeded, CodeRefused, Entered, Origin, SignedIn, SignInRefused, User
from tests.adapters.test_accounts import NEW, NOW, PLAIN, RIGHT, WRONG, door, enter, leaves, user

if TYPE_CHECKING:
    from datetime import datetime

    from compliance.adapters.register import SqlRegister

__all__ = ["user"]
HERE = Origin("::1")
LATER = NOW + timedelta(minutes=5)


def enrol(register: SqlRegister) -> tuple[SignedIn, str, str, pyotp.TOTP, tuple[str, ...]]:
    """Switch codes on: the person, the old and new token, the authenticator, the recovery codes."""
    mine, old = enter(register)
    accounts.begin_codes(door(register), mine)
    secret = accounts.proposed(door(register), mine.user)
    assert secret is not None
    app = pyotp.TOTP(secret)
    renewed = accounts.switch_on(door(register), mine, password=RIGHT, code=app.at(NOW), origin=HERE, now=NOW)
    with register.read() as look:
        known = look.user(mine.user.id)
    assert known is not None
    return SignedIn(known, mine.memberships, mine.session), old, renewed.token, app, renewed.recovery


def test_a_code_is_asked_once_and_taken_once(register: SqlRegister, user: User) -> None:
    mine, old, new, app, recovery = enrol(register)
    assert accounts.current(register, old, NOW) is None
    assert accounts.current(register, new, NOW) is not None
    half = accounts.sign_in(door(register), login="wang", password=RIGHT, origin=HERE, now=LATER)
    assert isinstance(half, CodeNeeded)
    assert accounts.current(register, half.token, LATER) is None
    with pytest.raises(CodeRefused):
        accounts.finish(door(register), half.token, code="000000", origin=HERE, now=LATER)
    found = accounts.finish(door(register), half.token, code=app.at(LATER), origin=HERE, now=LATER)
    assert found.method == "password+totp"
    signs = {"password": RIGHT, "origin": HERE}
    prove = accounts.proves
    assert prove(door(register), mine.user, code=app.at(LATER), now=LATER, **signs) == ""  # type: ignore[arg-type] # a test's shorthand
    assert prove(door(register), mine.user, code=recovery[0], now=LATER, **signs) == ""  # type: ignore[arg-type] # a test's shorthand
    assert prove(door(register), mine.user, now=LATER, **signs) == ""  # type: ignore[arg-type] # a test's shorthand
    soon = LATER + timedelta(seconds=30)
    assert prove(door(register), mine.user, code=app.at(soon), now=soon, **signs) == "password+totp"  # type: ignore[arg-type] # a test's shorthand
    far = soon + timedelta(minutes=5)
    assert prove(door(register), mine.user, code=app.at(far - timedelta(minutes=1)), now=far, **signs) == ""  # type: ignore[arg-type] # a test's shorthand
    said = json.dumps(leaves(register), ensure_ascii=False) + repr(mine)
    assert not [one for one in (app.secret, *recovery, app.at(LATER)) if one in said]
    assert user.codes is False


def test_a_recovery_code_signs_in_once(register: SqlRegister, user: User) -> None:
    _, _, _, _, recovery = enrol(register)
    assert len(set(recovery)) == 10

    def come() -> Entered | CodeNeeded:
        return accounts.sign_in(door(register), login="wang", password=RIGHT, origin=HERE, code=recovery[3], now=LATER)

    assert isinstance(come(), Entered)
    with pytest.raises(CodeRefused):
        come()
    with register.read() as look:
        assert look.recovery_codes(user.id) == 9


def test_a_link_sets_the_password_once_and_signs_nobody_in(register: SqlRegister, user: User) -> None:
    _, _, token, _, _ = enrol(register)
    link = accounts.make_link(door(register), "wang", OPERATOR, NOW)
    accounts.use_link(door(register), link, "another horse", address="::1", now=NOW)
    assert accounts.current(register, token, NOW) is None
    assert accounts.current(register, link, NOW) is None
    with pytest.raises(SignInRefused):
        enter(register)
    # Whoever holds a link, the administrator who made it too, still lacks the code.
    found = accounts.sign_in(door(register), login="wang", password="another horse", origin=HERE, now=NOW)
    assert isinstance(found, CodeNeeded)
    with pytest.raises(accounts.LinkEnded):
        accounts.use_link(door(register), link, "a third horse", address="::1", now=NOW)
    late = accounts.make_link(door(register), "wang", OPERATOR, NOW)
    with pytest.raises(accounts.LinkEnded):
        accounts.use_link(door(register), late, "a third horse", address="::1", now=NOW + timedelta(minutes=60))
    kinds = [leaf["action"] for leaf in leaves(register)]
    assert kinds.count("password:reset") == 1
    assert kinds.count("password:link-refused") == 2
    assert user.active


def test_signing_goes_on_in_a_session_and_begins_anew_after_a_pause(register: SqlRegister, user: User) -> None:
    """21 CFR 11.200 (a)(1): the first signature of a session takes both, the next ones in unbroken use one."""
    mine, _old, token, app, _recovery = enrol(register)
    own = accounts.current(register, token, NOW)
    assert own is not None

    def sign(at: datetime, session: accounts.Session = own.session, **more: object) -> str:
        given: dict[str, object] = {"now": at, "session": session} | more
        return signs(register, mine, str(given.pop("password", RIGHT)), **given)

    window = door(register).limits.signing
    first = NOW + timedelta(minutes=5)
    assert sign(first) == ""  # signing in was no signature
    assert sign(first, code=app.at(first)) == "password+totp"
    second = first + window - timedelta(seconds=1)
    assert sign(second) == "password+session"
    assert sign(second, password=WRONG) == ""
    assert sign(second, code="000000") == ""  # what is given is looked at
    assert signs(register, mine, RIGHT, now=second) == ""  # no session: the command line
    assert sign(second, replace(own.session, id_hash="0" * 64)) == ""  # what a program brings is none of the register
    other = accounts.finish(
        door(register), half_of(register, second), code=app.at(second), origin=HERE, now=second
    ).signed_in.session
    assert sign(second, other) == ""  # another session of the same person
    third = second + window  # as long after the second, not the first
    assert sign(third - timedelta(seconds=1)) == "password+session"
    assert sign(third + window) == ""
    assert sign(third + window, code=app.at(third + window)) == "password+totp"
    accounts.sign_out(register, own, third + window)
    assert sign(third + window) == ""  # an ended session goes on with nothing
    assert user.active


def test_a_recovery_code_lets_no_signing_go_on(register: SqlRegister, user: User) -> None:
    """It proves who somebody is where that is asked for; it is no signature that others may follow."""
    mine, _old, token, app, recovery = enrol(register)
    own = accounts.current(register, token, NOW)
    assert own is not None
    at = NOW + timedelta(minutes=5)
    given: dict[str, object] = {"now": at, "session": own.session}
    assert signs(register, mine, RIGHT, code=recovery[0], recovery=True, **given) == accounts.BY_RECOVERY
    assert signs(register, mine, RIGHT, **given) == ""
    assert signs(register, mine, RIGHT, code=app.at(at), **given) == "password+totp"
    assert signs(register, mine, RIGHT, **given) == "password+session"
    assert user.active


def half_of(register: SqlRegister, now: datetime) -> str:
    """The token of a sign-in that waits for its code."""
    half = accounts.sign_in(door(register), login="wang", password=RIGHT, origin=HERE, now=now)
    assert isinstance(half, CodeNeeded)
    return half.token


def test_strangers_lock_themselves_out_and_not_the_person(register: SqlRegister, user: User) -> None:
    first = accounts.sign_in(door(register), login="wang", password=RIGHT, origin=HERE, now=NOW)
    assert isinstance(first, Entered)
    for n in range(accounts.TRIES_A_DAY):
        with pytest.raises(SignInRefused):
            enter(register, password=WRONG, address=f"192.0.2.{n}")
    with pytest.raises(accounts.TooManyTries):
        enter(register, address="192.0.2.200")
    known = Origin("192.0.2.200", first.device)
    assert isinstance(accounts.sign_in(door(register), login="wang", password=RIGHT, origin=known, now=NOW), Entered)
    assert user.active


def signs(register: SqlRegister, mine: SignedIn, password: str, **more: object) -> str:
    """Prove as a step that is signed asks for it."""
    given = {"password": password, "origin": HERE, "now": NOW} | more
    return accounts.proves(door(register), mine.user, **given)  # type: ignore[arg-type] # a test's shorthand


def test_a_signature_names_who_made_the_link_of_its_password(register: SqlRegister, user: User) -> None:
    """Whoever made the link may have opened it: a verifier sees it until the owner changes the password."""
    link = accounts.make_link(door(register), "wang", OPERATOR, NOW)
    accounts.use_link(door(register), link, "another horse", address="::1", now=NOW)
    assert leaves(register)[-1]["changes"] == [
        {"f": "address", "old": None, "new": "::1"},
        {"f": "link_by", "old": None, "new": "cli"},
    ]
    found = accounts.sign_in(door(register), login="wang", password="another horse", origin=HERE, now=NOW)
    assert isinstance(found, Entered)
    mine = found.signed_in
    assert found.method == signs(register, mine, "another horse") == "password(link:cli)"
    # Codes switched on meanwhile are no proof either: whoever knew the password could switch them on.
    accounts.begin_codes(door(register), mine)
    app = pyotp.TOTP(accounts.proposed(door(register), mine.user) or "")
    accounts.switch_on(door(register), mine, password="another horse", code=app.at(NOW), origin=HERE, now=NOW)
    code = app.at(LATER)
    assert signs(register, mine, "another horse", code=code, now=LATER) == "password(link:cli)+totp"
    accounts.change_password(door(register), mine, old="another horse", new="a third horse", origin=HERE, now=LATER)
    assert leaves(register)[-1]["changes"] == [{"f": "password_by", "old": "cli", "new": None}]
    soon = LATER + timedelta(minutes=1)
    assert signs(register, mine, "a third horse", code=app.at(soon), now=soon) == "password+totp"
    assert user.password_by is None


def test_a_link_that_its_owner_asked_for_names_nobody(register: SqlRegister, user: User) -> None:
    mine, _ = enter(register)
    accounts.change_mail(door(register), mine, "wang@example.org", password=RIGHT, origin=HERE, now=NOW)
    sent = accounts.forgot(door(register), "wang", "::1", NOW)
    assert sent is not None
    accounts.use_link(door(register), sent.token, "another horse", address="::1", now=NOW)
    assert signs(register, mine, "another horse") == "password"
    assert user.mail is None


def test_a_link_is_of_no_use_to_somebody_who_is_signed_in(register: SqlRegister, user: User) -> None:
    boss = replace(NEW, login="boss", role=accounts.Role.ADMINISTRATOR)
    accounts.add_user(register, PLAIN, boss, actor=OPERATOR, now=NOW)
    administrator, _ = enter(register, login="boss")
    link = accounts.make_link(door(register), "wang", administrator.actor(), NOW)
    with pytest.raises(accounts.LinkOfAnother):
        accounts.use_link(door(register), link, "another horse", address="::1", now=NOW, signed_in=administrator)
    last = leaves(register)[-1]
    assert (last["action"], last["actor"]["id"]) == ("password:link-refused", "boss")  # type: ignore[index] # a leaf
    mine, _ = enter(register)  # the password is what it was, and the link still serves its owner
    accounts.use_link(door(register), link, "another horse", address="::1", now=NOW, signed_in=mine)
    assert signs(register, mine, "another horse") == "password(link:boss)"
    assert user.active


def test_forgot_makes_a_link_for_those_alone_who_have_an_address_and_not_without_end(
    register: SqlRegister, user: User
) -> None:
    ask = accounts.forgot
    before = leaves(register)
    assert ask(door(register), "wang", "::1", NOW) is None  # no address
    assert ask(door(register), "nobody", "::1", NOW) is None
    assert leaves(register) == before
    mine, _ = enter(register)
    accounts.change_mail(door(register), mine, "wang@example.org", password=RIGHT, origin=HERE, now=NOW)
    sent = [ask(door(register), "wang", "192.0.2.9", NOW) for _ in range(accounts.TRIES + 3)]
    assert len([one for one in sent if one]) == accounts.TRIES
    assert [leaf["action"] for leaf in leaves(register)].count("password:link-made") == accounts.TRIES
    assert ask(door(register), "wang", "192.0.2.10", NOW) is not None  # from elsewhere
    living = [one for one in sent if one and accounts.owner_of(register, one.token, NOW)]
    assert living == []  # a newer link ends the earlier ones
    assert user.active
