"""What no page may ever fail: headers, sign-in, forms, sessions, other people's plants."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from compliance.web.access import PUBLIC
from compliance.web.security import FILE_POLICY, POLICY, origin, safe_next
from tests.web.conftest import Browser
from tests.web.places import AFTER_UPLOAD, addresses
from tests.web.world import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.web.world import World


def _guarded(answer: TestResponse, policy: str = POLICY) -> None:
    headers = answer.headers
    assert headers["Content-Security-Policy"] == policy, (answer.request.path, answer.status_code)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


def test_policy_admits_no_inline_code_and_no_foreign_source() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert part in POLICY


def test_every_answer_is_guarded_errors_too(app: Flask, officer: Browser) -> None:
    seen = set()
    for endpoint, path in addresses(app, "GET"):
        answer = officer.get(path)
        # What is refused is a page, whatever was asked for.
        _guarded(
            answer,
            FILE_POLICY
            if endpoint.endswith((".file", ".files", ".shipped")) and answer.status_code == HTTPStatus.OK
            else POLICY,
        )
        seen.add(answer.status_code)
        if endpoint != "static":
            assert answer.headers["Cache-Control"] == "no-store", path
    for path in ("/nix", "/p/west/work", "/p/east/obligations?after=xx"):
        answer = officer.get(path)
        _guarded(answer)
        seen.add(answer.status_code)
    assert {200, 302, 400, 404} <= seen
    _guarded(officer.client.post("/sign-out"))


def test_an_unexpected_error_tells_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    app = world.app()
    browser = Browser(app)
    browser.sign_in("officer")

    def broken(*_: object, **__: object) -> None:
        message = "secret detail"
        raise RuntimeError(message)

    monkeypatch.setattr("compliance.adapters.lists.SqlLists.counts", broken)
    answer = browser.get("/p/east/work")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    _guarded(answer)


def test_anonymous_sees_nothing_but_the_door(app: Flask) -> None:
    browser = Browser(app)
    for method in ("GET", "POST"):
        for endpoint, path in addresses(app, method):
            if endpoint in PUBLIC:
                continue
            browser.get("/sign-in")
            answer = browser.get(path) if method == "GET" else browser.post(path)
            assert answer.status_code == 302, (method, path)
            assert answer.headers["Location"].startswith("/sign-in"), path


def test_every_unsafe_route_refuses_a_form_without_its_token(app: Flask, officer: Browser) -> None:
    for _endpoint, path in addresses(app, "POST"):
        for data in ({}, {"csrf_token": "forged"}):
            assert officer.client.post(path, data=data).status_code == 400, path


def test_a_plant_of_others_looks_like_one_that_is_not_there(app: Flask, officer: Browser) -> None:
    for method in ("GET", "POST"):
        for endpoint, path in addresses(app, method, plant="west"):
            if "/p/" not in path:
                continue
            call = officer.get if method == "GET" else officer.post
            theirs, nobodys = call(path), call(path.replace("/p/west/", "/p/nowhere/"))
            assert theirs.status_code == nobodys.status_code == 404, (endpoint, path)
            assert theirs.data == nobodys.data, path


def test_an_object_of_another_plant_is_not_found_under_ones_own(world: World, officer: Browser) -> None:
    chief = Browser(world.app())
    chief.sign_in("chief")
    for kind in ("obligations", "findings"):
        foreign = re.search(rf"/p/west/{kind}/(\d+)", chief.get(f"/p/west/{kind}").text)
        assert foreign is not None
        own, missing = officer.get(f"/p/east/{kind}/{foreign[1]}"), officer.get(f"/p/east/{kind}/999999")
        assert (own.status_code, own.data) == (404, missing.data)


def test_the_whole_group_is_seen_by_its_member(world: World) -> None:
    chief = Browser(world.app())
    chief.sign_in("chief")
    assert {chief.get(f"/p/{plant}/work").status_code for plant in ("east", "west")} == {200}
    assert "西山" in chief.get("/group").text


def test_wrong_password_is_refused_alike_for_known_and_unknown(app: Flask) -> None:
    known, unknown = Browser(app).sign_in("officer", "wrong"), Browser(app).sign_in("nobody", "wrong")
    assert known.status_code == unknown.status_code == 401
    strip = re.compile(r'value="[^"]*"')
    assert strip.sub("", known.text) == strip.sub("", unknown.text)


def test_guessing_ends_in_too_many_tries(app: Flask, world: World) -> None:
    answers = [Browser(app).sign_in("guessed", f"x{n}").status_code for n in range(11)]
    assert answers == [401] * 10 + [429]


def test_a_cookie_is_dead_after_sign_out(app: Flask) -> None:
    browser = Browser(app)
    browser.sign_in("officer")
    cookie = browser.client.get_cookie("session")
    assert cookie is not None
    assert browser.get("/p/east/work").status_code == 200
    assert browser.post("/sign-out").status_code == 302
    replay = Browser(app)
    replay.client.set_cookie("session", cookie.value)
    assert replay.get("/p/east/work").headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("pause", [timedelta(minutes=61), timedelta(hours=13)])
def test_a_session_ends_by_itself(app: Flask, world: World, pause: timedelta) -> None:
    browser = Browser(app)
    try:
        browser.sign_in("officer")
        assert browser.get("/p/east/work").status_code == 200
        world.clock.hands[0] = NOW + pause
        assert browser.get("/p/east/work").status_code == 302
    finally:
        world.clock.hands[0] = NOW


def test_signing_in_gives_a_new_session_every_time(app: Flask) -> None:
    tokens = set()
    for _ in range(3):
        browser = Browser(app)
        browser.client.set_cookie("session", "chosen-by-someone-else")
        browser.sign_in("officer")
        cookie = browser.client.get_cookie("session")
        assert cookie is not None
        tokens.add(cookie.value)
    assert len(tokens) == 3
    assert all(len(t) >= 43 for t in tokens)


@pytest.mark.parametrize(
    "evil",
    ["//evil.example", "https://evil.example", "\\\\evil", "/\\evil", "evil", "/a\nb", "javascript:alert(1)", None],
)
def test_next_never_leaves_the_house(evil: str | None) -> None:
    assert safe_next(evil) == "/"


def test_next_leads_to_the_page_that_was_asked(app: Flask) -> None:
    browser = Browser(app)
    asked = browser.get("/p/east/findings?grade=critical")
    assert "next=/p/east/findings?grade%3Dcritical" in asked.headers["Location"]
    assert browser.sign_in("officer", target="/p/east/findings?grade=critical").headers["Location"].endswith("critical")


def test_cookies_over_https_are_bound_to_the_host(world: World) -> None:
    browser = Browser(world.app(https=True))
    browser.client.get("/sign-in", base_url="https://localhost")
    page = browser.client.get("/sign-in", base_url="https://localhost")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    answer = browser.client.post(
        "/sign-in",
        data={"csrf_token": token[1], "login": "officer", "password": "correct horse 电池"},
        base_url="https://localhost",
        headers={"Referer": "https://localhost/sign-in"},
    )
    cookies = answer.headers.getlist("Set-Cookie")
    session = next(c for c in cookies if c.startswith("__Host-session="))
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert part in session
    assert "Domain" not in session
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_a_foreign_host_header_is_refused(world: World) -> None:
    client = world.app(hosts=("plant.example",)).test_client()
    assert client.get("/sign-in", base_url="http://evil.example").status_code == 400
    assert client.get("/sign-in", base_url="http://plant.example").status_code == 200


def test_reading_changes_nothing(app: Flask, world: World, officer: Browser) -> None:
    def state() -> list[object]:
        with world.register.database.read() as connection:
            tables = ("occurrence", "finding", "nonconformity", "audit_entry", "session", "membership", "plant")
            return [connection.exec_driver_sql(f"SELECT * FROM {t}").fetchall() for t in tables]

    before = state()
    for endpoint, path in addresses(app, "GET"):
        if endpoint not in AFTER_UPLOAD:
            officer.get(path)
    assert state() == before


def test_who_may_not_import_or_reconcile_is_told_so(world: World) -> None:
    auditor = Browser(world.app())
    auditor.sign_in("auditor")
    for path in ("/p/east/import", "/p/east/reconcile"):
        answer = auditor.post(path)
        assert answer.status_code == 403
        assert "权限" in answer.text
    assert "对账</span>" not in auditor.get("/p/east/work").text


def test_an_error_as_json_has_one_shape(officer: Browser) -> None:
    answer = officer.get("/nix", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert set(answer.json["error"]) == {"code", "message"}  # type: ignore[index] # the shape is what is tested


def test_an_upload_beyond_the_limit_is_413(world: World, open_browser: Callable[[], Browser]) -> None:
    browser = Browser(world.app(largest_upload=2_000))
    browser.sign_in("officer")
    answer = browser.post("/p/east/import", {"reason": "x" * 5_000})
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/p/%00/work", "/p/east/data/instrument/%00", "/p/east/nonconformities/a%00b"])
def test_a_nul_in_an_address_is_a_bad_request(officer: Browser, path: str) -> None:
    assert officer.get(path).status_code == 400


def test_a_nul_in_a_form_is_a_bad_request(app: Flask) -> None:
    assert Browser(app).sign_in("offi\x00cer").status_code == 400


@pytest.mark.parametrize(
    "path", ["/p/east/%2e%2e%2fx", "/p/%ff%fe/work", "/p/east/data/instrument/" + "x" * 5000, "/static/../app.py"]
)
def test_odd_addresses_are_not_found(officer: Browser, path: str) -> None:
    assert officer.get(path).status_code == 404


def test_a_strangers_upload_is_turned_away_unread(app: Flask) -> None:
    class Unread(BytesIO):
        def read(self, *_: Any) -> bytes:
            message = "the body was read"
            raise AssertionError(message)

    answer = app.test_client().open(
        "/p/east/import",
        method="POST",
        input_stream=Unread(),
        content_length=1000,
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(("path", "device"), [("/p/east/work", "known"), ("/api/v1/plants", "")])
def test_a_programs_cookies_count_for_nothing(app: Flask, path: str, device: str) -> None:
    with app.test_request_context(path, headers={"Cookie": "device=known"}):
        assert origin().device == device
