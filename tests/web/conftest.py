"""Pages over a real register: two plants, one account a role, a signed-in browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.house import CHROMIUM, House, open_house
from tests.web.world import PASSWORD, World, fill, make_world, rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from playwright.sync_api import Browser as Chromium
    from werkzeug.test import TestResponse

    from compliance.rulebase.rulebase import RuleBase

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """A person at a browser: keeps cookies, sends the token that the last form carried."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.token = ""

    def get(self, path: str, **more: Any) -> TestResponse:
        answer = self.client.get(path, buffered=True, **more)
        found = _TOKEN.search(answer.text) if answer.mimetype == "text/html" else None
        self.token = found[1] if found else self.token
        return answer

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token} | (data or {}), **more)

    def sign_in(self, login: str, password: str = PASSWORD, target: str = "/") -> TestResponse:
        self.get("/sign-in")
        answer = self.post("/sign-in", {"login": login, "password": password, "next": target})
        if answer.status_code == 302:
            self.get("/profile")
        return answer

    def speak(self, language: str) -> None:
        self.client.set_cookie("language", language)


@pytest.fixture(scope="session")
def rulebase() -> RuleBase:
    return rules()


def _world(folder: Path, rulebase: RuleBase, count: int) -> World:
    world = make_world(folder, rulebase)
    fill(world, world.plants[0], count)
    fill(world, world.plants[1], 5)
    return world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, rulebase: RuleBase) -> Iterator[World]:
    """Two plants with twenty rows a list; tests of a module share it."""
    world = _world(tmp_path_factory.mktemp("web"), rulebase, 20)
    yield world
    world.register.close()


@pytest.fixture(scope="module")
def big_world(tmp_path_factory: pytest.TempPathFactory, rulebase: RuleBase) -> Iterator[World]:
    """Two thousand rows a list."""
    world = _world(tmp_path_factory.mktemp("big"), rulebase, 2000)
    yield world
    world.register.close()


@pytest.fixture
def app(world: World) -> Flask:
    return world.app()


@pytest.fixture
def open_browser(app: Flask) -> Callable[[], Browser]:
    return lambda: Browser(app)


@pytest.fixture
def officer(app: Flask) -> Browser:
    browser = Browser(app)
    assert browser.sign_in("officer").status_code == 302
    return browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The running program with the example plant."""
    yield from open_house(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """A real browser."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()
