"""A person at a real browser, with the example plant: signs in, imports, reconciles, looks at every page.

``SCREENSHOTS=1`` also renews the pictures in ``docs/screenshots``.
"""

from __future__ import annotations

import os
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.web.world import PASSWORD, TODAY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.web.house import House

pytestmark = pytest.mark.slow

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
#: Which pictures the documentation keeps, by language and screen.
KEPT = {
    "zh-desk": {
        "work",
        "overview",
        "obligations",
        "calendar",
        "year",
        "occurrence",
        "finding",
        "import",
        "rule",
        "leaf",
        "figures",
        "ahead",
        "collisions",
    },
    "en-desk": {"work", "overview", "year", "occurrence"},
    "zh-phone": {"work", "overview", "calendar", "occurrence"},
    "en-phone": {"work"},
    "zh-dark": {"work", "overview"},
}
DESK, PHONE = (1366, 768), (390, 844)
PAGES = {
    "work": "work",
    "overview": "overview",
    "obligations": "obligations?state=overdue&state=open&state=upcoming",
    "calendar": "obligations/calendar",
    "year": "obligations/year",
    "collisions": f"obligations/collisions?year={TODAY.year}",
    "ahead": "obligations/ahead",
    "ahead-person": "obligations/ahead?by=person",
    "figures": "figures",
    "figure": f"figures/one?key=E_LINE/K1/{TODAY.year}-01",
    "factors": "factors",
    "occurrence": "obligations/1",
    "findings": "findings",
    "finding": "findings/1",
    "nonconformities": "nonconformities",
    "nonconformity": f"nonconformities/NC-{TODAY.year}-0001",
    "import": "import",
    "rules": "rules",
    "rule": "rules/obligation/monthly-report",
    "trail": "trail",
    "leaf": "trail/1",
    "system": "system",
    "rights": "rights",
    "raise": "nonconformities/new",
    "people": "people",
    "documents": "documents",
    "entries": "entries",
    "missed": "daily",
    "notices": "notices",
}
#: The tables whose head lies over their first row, before anything is scrolled.
COVERED = """[...document.querySelectorAll('table')].filter(t => {
  const head = t.querySelector('thead th'), row = t.querySelector('tbody tr')
  if (!head || !row || getComputedStyle(t.tHead).position === 'absolute') return false
  return row.getBoundingClientRect().top < head.getBoundingClientRect().bottom - 1
}).map(t => t.className)"""


def _visit(
    chromium: Browser, house: House, language: str, size: tuple[int, int], scheme: str = "light"
) -> tuple[BrowserContext, Page, list[str]]:
    """A signed-in page, and the errors that the browser reports (refusals of the policy among them)."""
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    context.add_cookies([{"name": "language", "value": language, "url": house.url}])
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.goto(house.url)
    page.fill("#login", "wangmin")
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_url("**/work")
    return context, page, errors


def _picture(page: Page, name: str) -> None:
    if os.environ.get("SCREENSHOTS"):
        page.screenshot(path=PICTURES / f"{name}.png")


@pytest.mark.parametrize(
    ("language", "size", "scheme"),
    [
        ("zh", DESK, "light"),
        ("en", DESK, "light"),
        ("zh", PHONE, "light"),
        ("en", PHONE, "light"),
        ("zh", DESK, "dark"),
    ],
)
def test_every_page_fits_and_the_browser_complains_of_nothing(
    chromium: Browser, house: House, language: str, size: tuple[int, int], scheme: str
) -> None:
    context, page, errors = _visit(chromium, house, language, size, scheme)
    label = "phone" if size == PHONE else "dark" if scheme == "dark" else "desk"
    first = page.locator(".queue a.title[href*='/obligations/']").first.get_attribute("href")
    for name, path in PAGES.items():
        answer = page.goto(f"{house.url}{first}" if name == "occurrence" else house.page(path))
        assert answer is not None
        assert answer.status == 200, name
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], (name, "wider than the screen")
        assert page.evaluate(COVERED) == [], (name, "heads cover rows")
        if name in KEPT[f"{language}-{label}"]:
            _picture(page, f"{name}-{language}-{label}")
    assert errors == []
    context.close()


def test_the_keyboard_leads_everywhere(chromium: Browser, house: House) -> None:
    context, page, errors = _visit(chromium, house, "zh", DESK)
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_url("**/obligations?state=*")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.locator("[data-row].selected").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/obligations/\d+$"))
    page.keyboard.press("g")
    page.keyboard.press("f")
    page.wait_for_url("**/findings")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.closest('[role=search]') !== null")
    page.keyboard.type("?j")
    assert not page.locator("#help").is_visible()
    page.keyboard.press("Tab")
    page.goto(house.page(PAGES["work"]))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert errors == []
    context.close()


def test_a_workbook_is_uploaded_with_progress_and_judged(chromium: Browser, house: House) -> None:
    context, page, errors = _visit(chromium, house, "zh", DESK)
    page.goto(house.page(PAGES["import"]))
    page.set_input_files("#workbook", house.workbook)
    page.click("#upload button.primary")
    page.wait_for_url("**/import/results/*", timeout=60_000)
    assert page.locator("h1").inner_text() == "导入完成"
    _picture(page, "import-result-zh-desk")
    page.click("main button.primary")
    page.wait_for_url("**/work")
    assert "对账完成" in page.locator(".flash").first.inner_text()
    assert errors == []
    context.close()


def test_a_damaged_workbook_is_refused_in_place(chromium: Browser, house: House, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.xlsx"
    damaged.write_bytes(b"PK\x03\x04 nothing")
    context, page, _errors = _visit(chromium, house, "zh", DESK)
    page.goto(house.page(PAGES["import"]))
    page.set_input_files("#workbook", damaged)
    page.click("#upload button.primary")
    page.wait_for_selector("#upload button.primary:not([disabled])", timeout=30_000)
    status = page.locator("#upload .busy p").inner_text()
    assert status
    assert status != "正在上传…"
    context.close()


def test_the_rules_are_searched_in_the_page(chromium: Browser, house: House) -> None:
    context, page, errors = _visit(chromium, house, "zh", DESK)
    page.goto(house.page(PAGES["rules"]))
    every = page.locator("#rule-rows tbody tr:visible").count()
    page.fill("#find-rule", "管理评审")
    few = page.locator("#rule-rows tbody tr:visible").count()
    assert 0 < few < every
    assert errors == []
    context.close()


def test_everything_is_readable_without_script(chromium: Browser, house: House) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(house.url)
    _picture(page, "sign-in-zh-desk")
    page.fill("#login", "wangmin")
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.goto(house.page(PAGES["obligations"]))
    page.select_option("#f-code", "OB-M10")
    page.click("form.filters button.primary")
    assert "code=OB-M10" in page.url
    assert page.locator("tbody tr").count() > 3
    page.goto(house.page(PAGES["import"]))
    page.set_input_files("#workbook", house.workbook)
    page.click("#upload button.primary")
    assert "/import/results/" in page.url
    context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_bar_of_a_phone_shows_five_ways_and_opens_the_rest(chromium: Browser, house: House, language: str) -> None:
    context, page, errors = _visit(chromium, house, language, PHONE)
    shown = page.locator(".rail > ul > li:visible")
    assert shown.count() == 6
    boxes = [shown.nth(n).bounding_box() for n in range(6)]
    edges = [(box["x"], box["x"] + box["width"]) for box in boxes if box]
    assert all(right <= left + 1 for (_, right), (left, _) in pairwise(edges)), edges
    assert page.locator("a[href$='/trail']").first.is_hidden()
    page.locator(".rail .more > summary").click()
    page.locator(".rail .more a[href$='/trail']").click()
    page.wait_for_url("**/trail")
    assert errors == []
    context.close()
