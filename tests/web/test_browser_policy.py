"""The whole life of a policy at real browsers: three people sign, two readers confirm, two yearly reviews follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from compliance.bootstrap.documents import desk
from compliance.core.acts import PULSE
from compliance.core.documents.standing import come_into_force
from tests.web.test_browser_acting import Desks
from tests.web.world import TODAY

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.web.house import House

pytestmark = pytest.mark.slow
SIGNED = (("officer", "submit"), ("deputy", "review"), ("manager", "approve"))
READERS = ("checker", "head")
CONFIRM = "我已阅读并知悉"


@pytest.fixture
def desks(chromium: Browser, house: House) -> Iterator[Desks]:
    made, clock = Desks(chromium, house), house.installation.clock
    yield made
    object.__setattr__(clock, "pinned", TODAY)
    made.close()
    assert made.errors == []


def _on(house: House, day: date) -> None:
    """Let the site live on a day; people stay signed in."""
    object.__setattr__(house.installation.clock, "pinned", day)


def _issue(desks: Desks, path: str, effective: date) -> None:
    page = desks.at("officer", path)
    page.get_by_role("button", name="立即起草").click()
    page.get_by_text("已重新起草").wait_for()
    for login, step in SIGNED:
        desks.take(login, path, step)
    desks.take("officer", path, "issue", effective=effective.isoformat())


def _read(desks: Desks, login: str, path: str) -> None:
    """Go from one's own work to the document, and confirm it."""
    page = desks.at(login, "work")
    page.locator("#reading a.title").first.click()
    page.wait_for_url(f"**/{path}")
    page.get_by_role("button", name=CONFIRM).click()
    page.get_by_text("已确认阅读").wait_for()
    assert page.get_by_role("button", name=CONFIRM).count() == 0


def test_a_policy_is_signed_read_reviewed_and_superseded(desks: Desks) -> None:
    house = desks.house
    page = desks.at("officer", "documents/open")
    page.select_option("[name=rule]", "carbon-policy")
    page.locator("form.stack button").click()
    page.wait_for_url("**/documents/POL-*/0")
    path = page.url.partition(f"/p/{house.plant}/")[2]
    second = path[:-1] + "1"

    page = desks.at("controller", f"{path}/readers")
    page.fill("#f-parties", "post:checker\npost:department-head")
    page.fill("#f-reason", "先由校核与部门负责人阅读")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("阅读范围已保存").wait_for()
    asked = page.locator("#h-readers + .count").inner_text().partition("/")[2]
    _issue(desks, path, TODAY)
    for login in READERS:
        _read(desks, login, path)
    shown = desks.at("officer", "documents/reading").locator("tr", has_text=path.split("/")[1]).inner_text()
    assert f"{len(READERS)}/{asked}" in shown

    # A year on: it is to be reviewed, and kept.
    year = TODAY.replace(year=TODAY.year + 1)
    _on(house, year)
    assert desks.at("officer", "work").locator("#reviews a.title").count() >= 1
    page = desks.take("officer", path, "review-keep", reason="仍适用")
    assert str(year.year + 1) in page.locator("#life").inner_text()
    assert path not in desks.at("officer", "work").locator("main").inner_html()

    # Another year on: it is revised; the new version waits for its day, then ends the old one.
    year = year.replace(year=year.year + 1)
    day = year + timedelta(1)
    _on(house, year)
    desks.take("deputy", path, "review-revise", reason="目标更新")
    _issue(desks, second, day)
    assert "待生效" in desks.at("officer", second).locator("main").inner_text()
    assert "已被替代" not in desks.at("officer", path).locator("main").inner_text()
    _on(house, day)
    assert come_into_force(desk(house.installation), house.of, PULSE) != []
    assert "待生效" not in desks.at("officer", second).locator("main").inner_text()
    assert "已被替代" in desks.at("officer", path).locator("main").inner_text()
    for login in READERS:
        _read(desks, login, second)
