"""What is typed is not lost, and lists and forms are worked by keyboard: at a real browser, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.web.test_browser_acting import Desks, _due

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

    from tests.web.house import House

pytestmark = pytest.mark.slow
KEPT = "Object.keys(localStorage).filter(k => k.startsWith('draft:')).length"


@pytest.fixture
def desks(chromium: Browser, house: House) -> Iterator[Desks]:
    made = Desks(chromium, house)
    yield made
    made.close()
    assert made.errors == []


def _note(page: Page) -> str:
    return page.locator("#step-submit [name=note]").input_value()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_was_typed_comes_back_with_a_note_and_can_be_discarded(desks: Desks, language: str) -> None:
    path = f"obligations/{_due(desks.house)}"
    page = desks.at("department", path, language)
    restored = page.locator("#step-submit [data-restored]")
    assert restored.is_hidden()
    page.locator("#step-submit [name=note]").fill("先写一半")
    page.goto(desks.house.page("work"))
    page = desks.at("department", path, language)
    assert (_note(page), restored.is_visible()) == ("先写一半", True)
    # Another person at the same browser sees nothing of it, nor does another form.
    assert "/department" not in page.evaluate("Object.keys(localStorage).join()")
    restored.locator("[data-discard]").click()
    assert (_note(page), restored.is_hidden(), page.evaluate(KEPT)) == ("", True, 0)
    page.reload()
    assert _note(page) == ""


def test_what_was_sent_is_kept_no_more_and_leaving_what_was_not_warns(desks: Desks) -> None:
    page = desks.at("department", "nonconformities/new")
    page.fill("#r-title", "未按计划校验")
    warned: list[str] = []

    def accept(dialog: Dialog) -> None:
        warned.append(dialog.type)
        dialog.accept()

    page.once("dialog", accept)
    page.goto(desks.house.page("work"))
    assert warned == ["beforeunload"]
    page = desks.at("department", "nonconformities/new")
    assert page.input_value("#r-title") == "未按计划校验"
    page.select_option("#r-category", index=1)
    page.select_option("#r-grade", index=1)
    page.on("dialog", lambda d: warned.append(d.type))
    page.locator("#r-title").press("Control+Enter")
    page.wait_for_url("**/nonconformities/NC-*")
    assert (page.evaluate(KEPT), warned) == (0, ["beforeunload"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_lists_are_worked_by_keyboard(desks: Desks, language: str) -> None:
    page = desks.at("department", "obligations", language)
    places = {"w": "/work", "o": "/obligations", "f": "/findings", "n": "/nonconformities"}
    for key, place in places.items():
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(lambda url, place=place: url.partition("?")[0].endswith(place))  # type: ignore[misc] # bound at once
    page.goto(desks.house.page("obligations"))
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.closest('[role=search]') !== null")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator("[data-row] a").first.get_attribute("href") or ""
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{first}")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("?")
    page.keyboard.press("Escape")
    assert page.locator("#help").is_hidden()


def test_keys_are_letters_inside_text(desks: Desks) -> None:
    page = desks.at("department", f"obligations/{_due(desks.house)}")
    note = page.locator("#step-submit [name=note]")
    note.focus()
    page.keyboard.type("gw?/jk")
    assert note.input_value() == "gw?/jk"
    assert page.locator("#help").is_hidden()
    page.locator("#step-submit [name=note]").evaluate("e => e.blur()")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('[data-row]') !== null")
