"""Daily work in a real browser: a block pasted from a spreadsheet, the arrow keys, and nothing wider than a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from compliance.bootstrap.recording import missing_on
from tests.web.world import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import Page

    from tests.web.house import House

pytestmark = pytest.mark.slow

_PASTE = """([at, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  at.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def page(house: House, chromium: Chromium) -> Iterator[Page]:
    context = chromium.new_context(locale="zh-CN")
    opened = context.new_page()
    opened.goto(f"{house.url}/sign-in")
    opened.fill("input[name=login]", "department")
    opened.fill("input[name=password]", house.passwords["department"])
    opened.press("input[name=password]", "Enter")
    opened.wait_for_url("**/work")
    yield opened
    context.close()


def test_a_pasted_block_fills_the_row_and_is_saved_as_it_stands(page: Page, house: House) -> None:
    page.goto(house.page("daily"))
    fields = page.locator(f"input[name^='a.{TODAY.day}.']")
    count = fields.count()
    assert count > 1
    values = [f"{10 + n}.5" for n in range(count)]
    page.evaluate(_PASTE, [fields.first.element_handle(), "\t".join(values) + "\n"])
    assert [fields.nth(n).input_value() for n in range(count)] == values
    page.get_by_role("button", name="保存所填").click()
    page.wait_for_load_state()
    assert f"新增 {count} 行" in page.locator(".flash").first.inner_text()
    line = page.locator("input[name=line]").input_value()
    assert not [g for g in missing_on(house.installation, house.of, TODAY) if g.line == line]


@pytest.mark.parametrize(
    "path", ["daily", "missing", "entries", "entries/instrument_check/new", "notices", "notices/choices", "work"]
)
def test_nothing_is_wider_than_a_phone(page: Page, house: House, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(house.page(path))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
