"""Signing in: who may, how often, for how long, and what the trail says of it."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from compliance.adapters.accounts import Argon2
from compliance.adapters.codes import OneTimeCodes
from compliance.bootstrap.installation import OPERATOR
from compliance.core.accounts import (
    ABSOLUTE,
    IDLE,
    TRIES,
    TRY_WINDOW,
    BadLogin,
    Door,
    Entered,
    LoginTaken,
    Membership,
    NewUser,
    NoSuchUser,
    Origin,
    Role,
    SignedIn,
    SignInRefused,
    TooManyTries,
    User,
    WeakPassword,
    add_user,
    current,
    end_other_sessions,
    grant,
    hash_of,
    sign_in,
    sign_out,
)
from compliance.core.plants import NoSuchPlant
from tests.adapters.conftest import add_plant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from compliance.adapters.register import SqlRegister

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
RIGHT, WRONG = "正确 horse battery", "wrong horse battery"


class Plain:
    """Hashes nothing, so that tests are quick; counts what it was asked."""

    def __init__(self) -> None:
        self.checked: list[str | None] = []

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def check(self, kept: str | None, password: str) -> bool:
        self.checked.append(kept)
        return kept == f"plain:{password}"


PLAIN = Plain()
NEW = NewUser("wang", "王", "wang.li", None, Role.COMPLIANCE_OFFICER, RIGHT)


@pytest.fixture
def user(register: SqlRegister) -> User:
    """Return an account of the group."""
    return add_user(register, PLAIN, NEW, actor=OPERATOR, now=NOW)


def door(register: SqlRegister) -> Door:
    """What signing in works with, quickly."""
    return Door(register, PLAIN, OneTimeCodes())


def enter(
    register: SqlRegister, *, login: str = "wang", password: str = RIGHT, address: str = "::1", now: datetime = NOW
) -> tuple[SignedIn, str]:
    """Sign in."""
    found = sign_in(door(register), login=login, password=password, origin=Origin(address), now=now)
    assert isinstance(found, Entered)
    return found.signed_in, found.token


def leaves(register: SqlRegister) -> list[Mapping[str, object]]:
    """Return the group's leaves, oldest first."""
    with register.read() as look:
        return [json.loads(e.leaf) for e in reversed(look.trail(None, limit=500))]


def test_an_account_is_kept_with_its_roles(register: SqlRegister) -> None:
    plant = add_plant(register)
    new = replace(NEW, plant=plant.short)
    user = add_user(register, PLAIN, new, actor=OPERATOR, now=NOW)
    grant(register, "wang", plant=None, role=Role.AUDITOR, actor=OPERATOR, now=NOW)
    grant(register, "wang", plant=None, role=Role.AUDITOR, actor=OPERATOR, now=NOW)
    roles = [Membership(plant.key, Role.COMPLIANCE_OFFICER), Membership(None, Role.AUDITOR)]
    with register.read() as look:
        assert look.find_user("wang") == look.user(user.id) == user
        assert look.users() == [(user, roles)]
        assert look.memberships(user.id) == roles
        assert look.password_hash(user.id) == f"plain:{RIGHT}"
    assert [leaf["action"] for leaf in leaves(register)] == ["user:add", "user:grant"]
    assert RIGHT not in json.dumps(leaves(register), ensure_ascii=False)


@pytest.mark.parametrize("login", ["", " ", "a b", "a\n", "a\u200b", "x" * 121, "\u202ewang"])
def test_logins_that_nobody_could_tell_apart_are_refused(register: SqlRegister, login: str) -> None:
    with pytest.raises(BadLogin):
        add_user(register, PLAIN, replace(NEW, login=login), actor=OPERATOR, now=NOW)


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
def test_weak_passwords_are_refused(register: SqlRegister, password: str) -> None:
    with pytest.raises(WeakPassword):
        add_user(register, PLAIN, replace(NEW, password=password), actor=OPERATOR, now=NOW)


def test_what_cannot_be_added_changes_nothing(register: SqlRegister, user: User) -> None:
    with pytest.raises(LoginTaken):
        add_user(register, PLAIN, NEW, actor=OPERATOR, now=NOW)
    with pytest.raises(NoSuchPlant):
        add_user(register, PLAIN, replace(NEW, login="li", plant="nowhere"), actor=OPERATOR, now=NOW)
    with pytest.raises(NoSuchUser):
        grant(register, "li", plant=None, role=Role.AUDITOR, actor=OPERATOR, now=NOW)
    with register.read() as look:
        assert [found for found, _ in look.users()] == [user]


def test_a_role_is_held_once_even_in_the_group(register: SqlRegister, user: User) -> None:
    again = text("INSERT INTO membership (user_id, role) SELECT user_id, role FROM membership")
    with pytest.raises(DBAPIError), register.database.work() as connection:
        connection.execute(again)
    assert user.id


def test_signing_in_gives_a_session(register: SqlRegister, user: User) -> None:
    plant = add_plant(register)
    signed_in, token = enter(register)
    assert signed_in.user == user
    assert signed_in.roles_in(plant.key) == {Role.COMPLIANCE_OFFICER}
    assert current(register, token, NOW) == signed_in
    assert current(register, "another", NOW) is None
    assert current(register, "\ud800", NOW) is None
    with register.read() as look:
        kept = look.find_session(hash_of(token))
        assert kept == signed_in.session
        assert look.find_session(token) is None
    last = leaves(register)[-1]
    assert last["action"] == "session:sign-in"
    assert last["actor"] == {
        "id": "wang",
        "name": "王",
        "role": "compliance-officer",
        "auth": "session",
        "session": hash_of(token)[:16],
    }
    assert token not in json.dumps(leaves(register))


def test_a_session_signed_out_is_worth_nothing(register: SqlRegister, user: User) -> None:
    signed_in, token = enter(register)
    _, other = enter(register)
    sign_out(register, signed_in, NOW)
    assert current(register, token, NOW) is None
    assert current(register, other, NOW) is not None
    assert leaves(register)[-1]["action"] == "session:sign-out"
    assert user.active


def test_ending_the_other_sessions_keeps_this_one(register: SqlRegister, user: User) -> None:
    mine, token = enter(register)
    others = [enter(register)[1] for _ in range(2)]
    assert end_other_sessions(register, user.id, mine.session.id_hash, mine.actor(), NOW) == 2
    assert [current(register, t, NOW) for t in others] == [None, None]
    assert current(register, token, NOW) == mine
    assert leaves(register)[-1]["action"] == "session:end-others"
    before = leaves(register)
    assert end_other_sessions(register, user.id, mine.session.id_hash, mine.actor(), NOW) == 0
    assert end_other_sessions(register, 77, "", mine.actor(), NOW) == 0
    assert leaves(register) == before


def test_a_session_ends_when_unused_and_in_any_case(register: SqlRegister, user: User) -> None:
    _, token = enter(register)
    assert current(register, token, NOW + IDLE) is None
    used, step = NOW, IDLE - timedelta(minutes=1)
    while used + step < NOW + ABSOLUTE:
        used += step
        assert current(register, token, used) is not None
    assert current(register, token, NOW + ABSOLUTE) is None
    assert user.active


def test_the_last_use_is_written_once_a_minute_and_leaves_no_leaf(register: SqlRegister, user: User) -> None:
    _, token = enter(register)
    before = leaves(register)
    seen = []
    for seconds in (1, 59, 60, 61, 119, 120):
        current(register, token, NOW + timedelta(seconds=seconds))
        with register.read() as look:
            found = look.find_session(hash_of(token))
        assert found is not None
        seen.append((found.last_seen - NOW).seconds)
    assert seen == [0, 0, 60, 60, 60, 120]
    assert leaves(register) == before
    assert user.active


def test_an_account_switched_off_is_out_at_once(register: SqlRegister, user: User) -> None:
    _, token = enter(register)
    with register.database.work() as connection:
        connection.execute(text("UPDATE user_account SET active = false"))
    assert current(register, token, NOW) is None
    with pytest.raises(SignInRefused):
        enter(register)
    assert user.active


def test_wrong_login_and_wrong_password_are_answered_alike(register: SqlRegister, user: User) -> None:
    said = set()
    for login, password in (("wang", WRONG), ("nobody", RIGHT), ("wang", ""), ("", ""), ("w" * 10_000, RIGHT)):
        PLAIN.checked.clear()
        with pytest.raises(SignInRefused) as refused:
            enter(register, login=login, password=password)
        said.add(str(refused.value))
        assert len(PLAIN.checked) == 1  # also without an account something is hashed
    assert len(said) == 1
    refusals = [leaf["object"] for leaf in leaves(register) if leaf["action"] == "session:refused"]
    assert refusals == [{"type": "user", "id": "wang"}] * 2  # nobody's tries do not fill the trail
    assert user.active


def test_the_eleventh_try_is_not_looked_at(register: SqlRegister, user: User) -> None:
    for _ in range(TRIES):
        with pytest.raises(SignInRefused):
            enter(register, password=WRONG)
    PLAIN.checked.clear()
    with pytest.raises(TooManyTries) as refused:
        enter(register)
    assert refused.value.values == {"minutes": 15}
    assert PLAIN.checked == []
    enter(register, address="192.0.2.7")  # the person still gets in from where nobody guessed
    later = NOW + TRY_WINDOW
    assert enter(register, now=later)[0].user == user


def test_success_forgets_the_tries(register: SqlRegister, user: User) -> None:
    for _ in range(3):
        for _ in range(TRIES - 1):
            with pytest.raises(SignInRefused):
                enter(register, password=WRONG)
        enter(register)
    assert user.active


def test_parallel_guesses_do_not_pass_the_limit(register: SqlRegister, user: User) -> None:
    answers: list[type[Exception]] = []

    def guess() -> None:
        try:
            enter(register, password=WRONG)
        except (SignInRefused, TooManyTries) as error:
            answers.append(type(error))

    threads = [threading.Thread(target=guess) for _ in range(TRIES * 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(SignInRefused) == answers.count(TooManyTries) == TRIES
    assert user.active


def test_old_tries_are_forgotten(register: SqlRegister, user: User) -> None:
    with pytest.raises(SignInRefused):
        enter(register, password=WRONG)
    with pytest.raises(SignInRefused):
        enter(register, password=WRONG, now=NOW + timedelta(days=1))
    with register.database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM sign_in_failure")) == 1
    assert user.active


# --- the hash --------------------------------------------------------------------------------------------------------


def test_argon2_knows_the_password_and_nothing_else() -> None:
    argon2 = Argon2()
    kept = argon2.hash(RIGHT)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert argon2.check(kept, RIGHT)
    assert not argon2.check(kept, WRONG)
    assert not argon2.check("garbled", RIGHT)
    assert not argon2.check(None, "nobody")
    assert not argon2.check(kept, "\ud800\0")


def test_nobody_costs_what_somebody_costs() -> None:
    argon2 = Argon2()
    kept = argon2.hash(RIGHT)

    def cost(of: str | None) -> float:
        spent = []
        for _ in range(5):
            begun = time.perf_counter()
            argon2.check(of, WRONG)
            spent.append(time.perf_counter() - begun)
        return min(spent)

    assert 0.5 < cost(None) / cost(kept) < 2


def test_no_more_than_four_hashes_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = Argon2(), Argon2()
    lock, at_once, made = threading.Lock(), [0, 0], []

    def slow(*_: object) -> str:
        with lock:
            at_once[0] += 1
            at_once[1] = max(at_once)
        threading.Event().wait(0.02)
        with lock:
            at_once[0] -= 1
            made.append(1)
        return "kept"

    for argon2 in (one, other):  # the bound is the process's, not the object's
        monkeypatch.setattr(argon2, "_hasher", SimpleNamespace(hash=slow, verify=slow))
    works: list[Callable[[], object]] = [
        partial(one.hash, RIGHT),
        partial(other.check, "kept", RIGHT),
        partial(other.check, None, RIGHT),
    ] * 6
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (len(made), at_once) == (18, [0, 4])


def test_a_refused_password_frees_its_place() -> None:
    argon2 = Argon2(memory_kib=8)
    kept = argon2.hash(RIGHT)
    done = threading.Event()

    def guess() -> None:
        for password in (WRONG,) * 6:
            assert not argon2.check(kept, password)
            assert not argon2.check("garbled", password)
        done.set()

    threading.Thread(target=guess, daemon=True).start()
    assert done.wait(20)
