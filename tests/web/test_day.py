"""At real browsers: a sign-in that is ended is out with its next click.

What goes from hand to hand otherwise is in ``test_browser_acting.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from compliance.adapters.accounts import Argon2
from compliance.bootstrap.installation import OPERATOR
from compliance.core.accounts import NewUser, Role, add_user
from tests.web.test_browser_acting import Desks, desks
from tests.web.world import PASSWORD

if TYPE_CHECKING:
    from tests.web.house import House

__all__ = ["desks"]
pytestmark = pytest.mark.slow


def _person(house: House, login: str, account: str | None, role: Role) -> None:
    at = house.installation
    new = NewUser(login, login, account, house.of.key, role, PASSWORD)
    add_user(at.register, Argon2(), new, actor=OPERATOR, now=at.clock.now())
    house.passwords[login] = PASSWORD  # type: ignore[index] # a dict, that tests may fill


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_sign_in_that_is_ended_is_out_with_its_next_click(desks: Desks, language: str) -> None:
    house = desks.house
    leaving, boss = f"leaving-{language}", f"boss-{language}"
    account = house.accounts["department"]
    _person(house, leaving, account, Role.DEPARTMENT)
    _person(house, boss, None, Role.ADMINISTRATOR)
    page = desks.at(leaving, "work", language)
    assert page.url.endswith("/work")
    admin = desks.at(boss, f"people/{account}", language)
    form = admin.locator("form[action$='/acts/off']").first
    form.evaluate("f => { for (let e = f; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true }")
    login = form.locator("[name=login]")
    if login.evaluate("e => e.tagName") == "SELECT":
        login.select_option(leaving)
    form.locator("[name=reason]").fill("离职")
    form.locator("button").first.click()
    admin.wait_for_load_state()
    assert admin.locator(".flash[role=status]").count() == 1, admin.inner_text("main")[:600]
    page.goto(house.page("obligations"))
    assert "/sign-in" in page.url
    page.fill("#login", leaving)
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_load_state()
    assert "/sign-in" in page.url
