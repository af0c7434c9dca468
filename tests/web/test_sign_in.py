"""The pages by which people prove who they are: what opens, what ends, what is never taken twice."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pyotp
import pytest

from compliance.bootstrap.installation import OPERATOR
from compliance.core import accounts
from compliance.core.accounts import NewUser, Role
from compliance.core.cases import occurrence_key
from compliance.web.app import create_app
from tests.web.conftest import Browser
from tests.web.test_acting import Office
from tests.web.world import ACTOR, NOW, PASSWORD, PlainPasswords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from tests.web.world import World

WORK = "/p/east/work"
NEW = "another horse 电池"
_NUMBER = count(1)


@pytest.fixture(autouse=True)
def _hands(world: World) -> Iterator[None]:
    yield
    world.clock.hands[0] = NOW


@pytest.fixture
def login(world: World) -> str:
    """An account that no other test has used."""
    name = f"person-{next(_NUMBER)}"
    new = NewUser(name, f"{name} 王", None, "east", Role.DEPARTMENT, PASSWORD, f"{name}@example.org")
    accounts.add_user(world.register, PlainPasswords(), new, actor=ACTOR, now=NOW)
    return name


def enter(app: Flask, login: str, password: str = PASSWORD) -> Browser:
    browser = Browser(app)
    assert browser.sign_in(login, password).status_code == 302
    assert inside(browser)
    return browser


def cookie(browser: Browser, name: str = "session") -> str:
    found = browser.client.get_cookie(name)
    assert found is not None
    return found.value


def copy_of(browser: Browser, app: Flask) -> Browser:
    """Somebody who took the session's cookie."""
    replay = Browser(app)
    replay.client.set_cookie("session", cookie(browser))
    return replay


def inside(browser: Browser) -> bool:
    answer = browser.get(WORK)
    if answer.status_code == 200:
        return True
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")
    return False


def later(world: World, seconds: int = 30) -> None:
    world.clock.hands[0] += timedelta(seconds=seconds)


def code(world: World, codes: pyotp.TOTP) -> str:
    return codes.at(world.clock.now())


def wrong(world: World, codes: pyotp.TOTP) -> str:
    """Six digits that are the code of no step anywhere near."""
    near = {codes.at(world.clock.now() + timedelta(seconds=30 * step)) for step in range(-3, 4)}
    return next(c for c in (f"{n:06}" for n in range(10)) if c not in near)


def begin(browser: Browser) -> pyotp.TOTP:
    """Begin the enrolment: the authenticator that scanned the picture."""
    browser.get("/profile")
    assert browser.post("/profile/codes/begin").status_code == 303
    page = browser.get("/profile/codes").text
    assert 'src="data:image/svg+xml' in page
    secret = re.search(r'class="secret">([^<]+)<', page)
    assert secret is not None
    return pyotp.TOTP(secret[1].replace(" ", ""))


def enrol(world: World, browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """Switch codes on: the authenticator and the recovery codes."""
    codes = begin(browser)
    answer = browser.post("/profile/codes/confirm", {"code": code(world, codes), "password": PASSWORD})
    assert answer.status_code == 200
    browser.get("/profile")
    return codes, re.findall(r"<li><code>([a-z2-7-]+)</code></li>", answer.text)


def half_done(app: Flask, login: str, password: str = PASSWORD) -> Browser:
    """A browser that gave the password and is asked for the code."""
    browser = Browser(app)
    answer = browser.sign_in(login, password)
    assert answer.headers["Location"].startswith("/sign-in/code")
    browser.get("/sign-in/code")
    return browser


def link_of(app: Flask, world: World, login: str) -> str:
    door = app.extensions["compliance"].door
    return "/reset/" + accounts.make_link(door, login, OPERATOR, world.clock.now())


# --- the password ----------------------------------------------------------------------------------------------------


def change(browser: Browser, old: str, new: str = NEW, again: str | None = None) -> int:
    browser.get("/profile")
    given = {"password": old, "new": new, "again": new if again is None else again}
    return browser.post("/profile/password", given).status_code


def test_another_password_needs_the_old_one_and_ends_every_session(app: Flask, login: str) -> None:
    mine, elsewhere = enter(app, login), enter(app, login)
    thief = copy_of(mine, app)
    assert inside(thief)
    assert change(mine, "not the old one") == 403
    assert change(mine, "") == 403
    assert change(mine, PASSWORD, again="mistyped 电池 x") == 400
    assert change(mine, PASSWORD, new="short") == 400
    assert inside(thief)
    assert inside(elsewhere)
    before = cookie(mine)
    assert change(mine, PASSWORD) == 302
    assert cookie(mine) != before
    assert inside(mine)
    assert not inside(thief)
    assert not inside(elsewhere)
    assert Browser(app).sign_in(login).status_code == 401
    enter(app, login, NEW)


# --- one-time codes --------------------------------------------------------------------------------------------------


def test_codes_are_switched_on_by_a_right_code_and_the_password(app: Flask, world: World, login: str) -> None:
    mine, elsewhere = enter(app, login), enter(app, login)
    thief, waiting = copy_of(mine, app), enter(app, login)
    codes = begin(mine)
    for given, password in ((wrong(world, codes), PASSWORD), (code(world, codes), "no"), ("", PASSWORD)):
        refused = mine.post("/profile/codes/confirm", {"code": given, "password": password})
        assert refused.status_code in {401, 403}
        assert "recovery" not in refused.text
    assert inside(waiting)
    enter(app, login)  # still without a second step
    shown = mine.post("/profile/codes/confirm", {"code": code(world, codes), "password": PASSWORD})
    recovery = re.findall(r"<li><code>([a-z2-7-]+)</code></li>", shown.text)
    assert (shown.status_code, len(set(recovery))) == (200, accounts.RECOVERY_CODES)
    assert inside(mine)
    assert not any(inside(other) for other in (thief, elsewhere, waiting))
    again = mine.get("/profile/codes")
    assert again.headers["Location"].endswith("/profile")
    for page in (again.text, mine.get("/profile").text):
        assert not [c for c in (*recovery, codes.secret) if c in page]


def test_the_second_step_is_asked_and_half_a_sign_in_opens_nothing(app: Flask, world: World, login: str) -> None:
    codes, _recovery = enrol(world, enter(app, login))
    later(world)
    half = half_done(app, login)
    assert half.client.get_cookie("session") is None
    assert not inside(half)
    for name in ("session", "__Host-session"):
        trick = Browser(app)
        trick.client.set_cookie(name, cookie(half, "half"))
        assert not inside(trick)
    half.get("/sign-in/code")
    assert half.post("/sign-in/code", {"code": wrong(world, codes)}).status_code == 401
    assert not inside(half)
    half.get("/sign-in/code")
    assert half.post("/sign-in/code", {"code": code(world, codes), "next": WORK}).headers["Location"] == WORK
    assert inside(half)


def test_a_code_is_refused_the_second_time(app: Flask, world: World, login: str) -> None:
    codes, _recovery = enrol(world, enter(app, login))
    assert half_done(app, login).post("/sign-in/code", {"code": code(world, codes)}).status_code == 401
    later(world)
    first = half_done(app, login)
    assert first.post("/sign-in/code", {"code": code(world, codes)}).status_code == 302
    assert inside(first)
    used = half_done(app, login)
    assert used.post("/sign-in/code", {"code": code(world, codes)}).status_code == 401
    assert not inside(used)


def test_a_half_done_sign_in_ends_by_itself_and_with_another_password(app: Flask, world: World, login: str) -> None:
    mine = enter(app, login)
    codes, _recovery = enrol(world, mine)
    early = half_done(app, login)
    assert change(mine, PASSWORD) == 302
    later(world)
    ended = early.post("/sign-in/code", {"code": code(world, codes)})
    assert "said=ended" in ended.headers["Location"]
    late = half_done(app, login, NEW)
    later(world, int(accounts.PATIENCE.total_seconds()))
    ended = late.post("/sign-in/code", {"code": code(world, codes)})
    assert "said=ended" in ended.headers["Location"]
    assert not inside(late)


def test_a_recovery_code_signs_in_once(app: Flask, world: World, login: str) -> None:
    _codes, recovery = enrol(world, enter(app, login))
    first = half_done(app, login)
    assert first.post("/sign-in/code", {"code": recovery[0]}).status_code == 302
    assert inside(first)
    assert "剩余恢复码：9 个" in first.get("/profile").text
    second = half_done(app, login)
    assert second.post("/sign-in/code", {"code": recovery[0]}).status_code == 401
    assert not inside(second)


def test_codes_are_switched_off_by_password_and_code_and_sessions_end(app: Flask, world: World, login: str) -> None:
    mine = enter(app, login)
    codes, _recovery = enrol(world, mine)
    thief = copy_of(mine, app)
    later(world)
    for password, given in ((PASSWORD, ""), (PASSWORD, wrong(world, codes)), ("no", code(world, codes))):
        mine.get("/profile")
        assert mine.post("/profile/codes/off", {"password": password, "code": given}).status_code == 403
    half_done(app, login)
    assert inside(thief)
    mine.get("/profile")
    assert mine.post("/profile/codes/off", {"password": PASSWORD, "code": code(world, codes)}).status_code == 302
    assert inside(mine)
    assert not inside(thief)
    enter(app, login)


# --- a forgotten password --------------------------------------------------------------------------------------------


def test_forgot_answers_alike_whoever_is_named(app: Flask, world: World, login: str) -> None:
    answers = []
    for named in (login, "nobody-at-all"):
        browser = Browser(app)
        assert browser.get("/forgot").status_code == 200
        answer = browser.post("/forgot", {"login": named})
        text = re.sub(r'(csrf_token" value=)"[^"]*"', r"\1", answer.text)
        answers.append((answer.status_code, text, {k for k, _ in answer.headers}))
        assert [asked for asked, _address in world.forgotten][-1] == named
    assert answers[0] == answers[1]
    assert answers[0][0] == 200
    assert login not in answers[0][1]


def test_without_mail_there_is_no_such_page(world: World) -> None:
    app = create_app(replace(world.app().extensions["compliance"], forgot=None))
    browser = Browser(app)
    assert "/forgot" not in browser.get("/sign-in").text
    assert browser.get("/forgot").status_code == 404
    browser.get("/sign-in")
    assert browser.post("/forgot", {"login": "officer"}).status_code == 404
    assert "/forgot" in Browser(world.app()).get("/sign-in").text


def test_a_link_sets_the_password_once_and_ends_the_sessions(app: Flask, world: World, login: str) -> None:
    mine, link, guest = enter(app, login), link_of(app, world, login), Browser(app)
    for _look in range(2):  # looking uses nothing up
        assert guest.get(link).status_code == 200
    assert guest.post(link, {"new": NEW, "again": "mistyped"}).status_code == 400
    assert guest.post(link, {"new": "short", "again": "short"}).status_code == 400
    assert inside(mine)
    answer = guest.post(link, {"new": NEW, "again": NEW})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in?said=reset")
    assert not inside(guest)
    assert not inside(mine)
    again = Browser(app)
    assert "link-ended" in again.get(link).headers["Location"]
    again.get("/sign-in")
    third = {"new": "a third horse", "again": "a third horse"}
    assert "link-ended" in again.post(link, third).headers["Location"]
    assert Browser(app).sign_in(login).status_code == 401
    assert Browser(app).sign_in(login, "a third horse").status_code == 401
    enter(app, login, NEW)


def test_a_link_leaves_the_codes_and_ends_in_time(app: Flask, world: World, login: str) -> None:
    enrol(world, enter(app, login))
    link, guest = link_of(app, world, login), Browser(app)
    guest.get(link)
    later(world, int(accounts.LINK.total_seconds()))
    assert "link-ended" in guest.post(link, {"new": NEW, "again": NEW}).headers["Location"]
    link = link_of(app, world, login)
    guest.get(link)
    assert "said=reset" in guest.post(link, {"new": NEW, "again": NEW}).headers["Location"]
    half_done(app, login, NEW)


def test_a_browser_of_somebody_else_does_not_use_a_link(app: Flask, world: World, login: str, officer: Browser) -> None:
    link, mine = link_of(app, world, login), enter(app, login)
    assert officer.get(link).status_code == 200
    assert officer.post(link, {"new": NEW, "again": NEW}).status_code == 403
    assert inside(mine)
    assert Browser(app).sign_in(login, NEW).status_code == 401
    mine.get(link)
    assert "said=reset" in mine.post(link, {"new": NEW, "again": NEW}).headers["Location"]


# --- sessions --------------------------------------------------------------------------------------------------------


def listed(browser: Browser) -> list[str]:
    """The sessions that may be ended, as the profile lists them."""
    return re.findall(r'name="session" value="([0-9a-f]+)"', browser.get("/profile").text)


def test_one_session_is_ended_and_then_the_others(app: Flask, world: World, login: str) -> None:
    mine, second, third, fourth = (enter(app, login) for _ in range(4))
    assert len(listed(mine)) == 3
    (of_third,) = {*listed(mine)} - {*listed(third)}
    assert mine.post("/profile/sessions/end", {"session": of_third}).status_code == 302
    assert [inside(b) for b in (mine, second, third, fourth)] == [True, True, False, True]
    mine.get("/profile")
    assert mine.post("/profile/sessions/end-others").status_code == 302
    assert [inside(b) for b in (mine, second, fourth)] == [True, False, False]
    assert listed(mine) == []


def test_nobody_ends_the_sessions_of_another(app: Flask, login: str, officer: Browser) -> None:
    mine, other = enter(app, login), enter(app, login)
    (theirs,) = listed(mine)
    officer.get("/profile")
    assert officer.post("/profile/sessions/end", {"session": theirs}).status_code == 400
    officer.get("/profile")
    officer.post("/profile/sessions/end-others")
    assert inside(other)
    assert inside(mine)


def test_a_cookie_is_dead_when_the_account_is_off(app: Flask, world: World, login: str) -> None:
    mine = enter(app, login)
    accounts.deactivate(world.register, login, OPERATOR, NOW, "离职")
    assert not inside(mine)
    assert Browser(app).sign_in(login).status_code == 401
    accounts.activate(world.register, login, OPERATOR, NOW, "返岗")
    assert not inside(mine)
    enter(app, login)


def test_a_cookie_is_dead_after_a_change_of_roles(app: Flask, world: World, login: str) -> None:
    before = enter(app, login)
    accounts.grant(world.register, login, plant="east", role=Role.AUDITOR, actor=OPERATOR, now=NOW)
    assert not inside(before)
    between = enter(app, login)
    lost = {"plant": "east", "role": Role.AUDITOR, "actor": OPERATOR, "now": NOW, "reason": "调岗"}
    accounts.revoke(world.register, login, **lost)  # type: ignore[arg-type] # a test's shorthand
    assert not inside(between)
    enter(app, login)


# --- signing ---------------------------------------------------------------------------------------------------------


def test_who_uses_codes_signs_with_a_code(world: World) -> None:
    for name, person in (("signer", "P02"), ("signer-plain", "P02")):
        new = NewUser(name, "宁远", person, "east", Role.DEPARTMENT, PASSWORD)
        accounts.add_user(world.register, PlainPasswords(), new, actor=ACTOR, now=NOW)
    office = Office(world)
    page = office.find(approver=True)
    assert office.take("recorder", page, "submit", files=1, evidence_day="2026-11-20").status_code == 303
    codes, recovery = enrol(world, office.at("signer"))
    later(world)
    assert 'id="check-code" name="code"' in office.at("signer").get(page).text
    assert 'name="code"' not in office.at("signer-plain").get(page).text
    assert 'id="check-password"' in office.at("signer-plain").get(page).text
    assert office.take("signer", page, "check", password=PASSWORD).status_code == 403
    for given in (wrong(world, codes), recovery[0]):
        assert office.take("signer", page, "check", password=PASSWORD, code=given).status_code == 403
    refused = office.take("signer", page, "check", password="no", code=code(world, codes))
    assert (refused.status_code, office.state(page)) == (403, "submitted")
    assert office.take("signer", page, "check", password=PASSWORD, code=code(world, codes)).status_code == 303
    number = int(page.rsplit("/", 1)[-1])
    with world.register.read() as reads:
        steps = world.casework.look(reads, world.plants[0], occurrence_key(office.occurrence(number))).steps
    signature = steps[-1].signature
    assert signature is not None
    assert (steps[-1].step, signature.method) == ("check", "password+totp")
    assert "凭：密码 + 一次性验证码" in office.at("signer").get(page).text
    # The next signature of the session follows at once: the form asks for the password alone.
    alike = (n for n in range(2, 20) if office.occurrence(n).approver == "management-representative" and n != number)
    again, third = (f"/p/east/obligations/{n}" for n in itertools.islice(alike, 2))
    assert office.take("recorder", again, "submit", files=1, evidence_day="2026-11-20").status_code == 303
    assert 'name="code"' not in office.at("signer").get(again).text
    assert office.take("signer", again, "check", password="no").status_code == 403
    assert office.take("signer", again, "check", password=PASSWORD).status_code == 303
    assert "凭：密码 + 本会话此前已验的验证码" in office.at("signer").get(again).text
    later(world, 16 * 60)
    assert office.take("recorder", third, "submit", files=1, evidence_day="2026-11-20").status_code == 303
    assert 'name="code"' in office.at("signer").get(third).text
    assert office.take("signer", third, "check", password=PASSWORD).status_code == 403


# --- tries -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("https", [False, True])
def test_what_a_client_says_of_its_address_resets_no_tries(world: World, login: str, *, https: bool) -> None:
    browser = Browser(world.app(https=https))
    base, named = "https://localhost" if https else "http://localhost", {"login": login, "password": "no"}
    answers = []
    for n in range(accounts.TRIES + 1):
        said = {"X-Forwarded-For": f"192.0.2.{n}", "Forwarded": f"for=192.0.2.{n}", "X-Real-Ip": f"192.0.2.{n}"}
        browser.get("/sign-in", base_url=base)
        answer = browser.post("/sign-in", named, base_url=base, headers=said | {"Referer": base + "/sign-in"})
        answers.append(answer.status_code)
    assert answers == [401] * accounts.TRIES + [429]
