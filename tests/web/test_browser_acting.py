"""Several people at real browsers: evidence from hand-in to approval, a nonconformity from rule to closure.

``SCREENSHOTS=1`` also renews the pictures in ``docs/screenshots``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from compliance.core.judged import OccurrenceState
from tests.web.test_browser import DESK, PHONE, PICTURES
from tests.web.world import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.web.house import House

pytestmark = pytest.mark.slow


class Desks:
    """People at their own browsers; what the browsers complain of is kept."""

    def __init__(self, chromium: Browser, house: House) -> None:
        self.house = house
        self.errors: list[str] = []
        self._chromium = chromium
        self._contexts: list[BrowserContext] = []
        self._pages: dict[tuple[str, str, tuple[int, int]], Page] = {}

    def at(self, login: str, path: str, language: str = "zh", size: tuple[int, int] = DESK) -> Page:
        """Return the person's page of an address."""
        key = (login, language, size)
        if key not in self._pages:
            context = self._chromium.new_context(viewport={"width": size[0], "height": size[1]})
            context.add_cookies([{"name": "language", "value": language, "url": self.house.url}])
            page = context.new_page()
            page.on("pageerror", lambda e: self.errors.append(str(e)))
            page.goto(self.house.url)
            page.fill("#login", login)
            page.fill("#password", self.house.passwords[login])
            page.click("button.primary")
            page.wait_for_url("**/work")
            self._contexts.append(context)
            self._pages[key] = page
        page = self._pages[key]
        page.goto(self.house.page(path))
        return page

    def take(
        self,
        login: str,
        path: str,
        step: str,
        files: list[Path] | None = None,
        /,
        *,
        language: str = "zh",
        **values: str,
    ) -> Page:
        """Fill in the form of a step and send it."""
        page = self.at(login, path, language)
        form = page.locator(f"#step-{step}")
        if form.get_attribute("open") is None:
            form.locator("> summary").click()
        for name, value in values.items():
            field = form.locator(f"[name={name}]")
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        if files:
            form.locator("input[type=file]").set_input_files(files)
        password = form.locator("input[type=password]")
        if password.count():
            password.fill(self.house.passwords[login])
        form.locator("button.primary").click()
        page.wait_for_load_state()
        assert page.locator(".flash[role=status]:not(.bad, .warn)").count() == 1, page.inner_text("main")[:800]
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def desks(chromium: Browser, house: House) -> Iterator[Desks]:
    made = Desks(chromium, house)
    yield made
    made.close()
    assert made.errors == []


def _picture(page: Page, name: str, *, whole: bool = False) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], name  # type: ignore[index] # it has one
    if os.environ.get("SCREENSHOTS"):
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)


def _due(house: House) -> int:
    """Return an occurrence that is open and whose rule has the management representative approve it."""
    lists = house.installation.register
    with lists.read() as reads:
        found = [
            o
            for o in reads.occurrences(house.of)
            if o.approver == "management-representative" and o.state in {OccurrenceState.OPEN, OccurrenceState.OVERDUE}
        ]
    from compliance.adapters.lists import SqlLists

    number = SqlLists(lists.database).occurrence_number(house.of, found[0].key)
    assert number is not None
    return number


def test_evidence_goes_from_hand_to_hand_until_it_is_approved(desks: Desks, tmp_path: Path) -> None:
    path = f"obligations/{_due(desks.house)}"
    first, second = tmp_path / "月度报告.pdf", tmp_path / "盖章页.png"
    first.write_bytes(b"%PDF-1.7 report")
    second.write_bytes(b"\x89PNG\r\n\x1a\n page")
    page = desks.at("department", path)
    page.locator("#step-submit [name=note]").fill("先写一半")
    page.reload()
    assert page.locator("#step-submit [name=note]").input_value() == "先写一半"
    desks.take("department", path, "submit", [first], evidence_day="2026-11-20", receipt="HZ-2026-118", note="已报送")
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('draft:')).length") == 0
    desks.take("checker", path, "return", reason="缺少盖章页，请补齐后再交")
    page = desks.at("department", "work")
    assert page.locator("#returned").count() == 1
    _picture(page, "returned-zh-desk")
    desks.take("department", path, "submit", [first, second], evidence_day="2026-11-21")
    page = desks.at("checker", path)
    page.locator("#step-check summary").click()
    _picture(page, "signing-zh-desk", whole=True)
    page.fill("#check-password", "not the password")
    page.locator("#step-check button.primary").click()
    page.wait_for_load_state()
    assert "密码不正确，未签署" in page.inner_text("#step-check")
    desks.take("checker", path, "check", note="逐项核对无误")
    page = desks.at("deputy", "work")
    assert page.locator("#waiting").count() == 1
    desks.take("deputy", path, "approve")
    page = desks.at("verifier", path)
    assert page.locator("#step-submit").count() == 0
    with page.expect_download() as got:
        page.locator(".files a").first.click()
    assert got.value.path().read_bytes() in {first.read_bytes(), second.read_bytes()}
    _picture(page, "accepted-zh-desk", whole=True)
    _picture(desks.at("verifier", path, "en"), "accepted-en-desk", whole=True)
    _picture(desks.at("verifier", path, "zh", PHONE), "accepted-zh-phone")


def test_a_nonconformity_goes_from_rule_to_closure(desks: Desks, tmp_path: Path) -> None:
    path = f"nonconformities/NC-{TODAY.year}-0001"
    proof = tmp_path / "检定证书.pdf"
    proof.write_bytes(b"%PDF-1.7 certificate")
    owner = desks.house.accounts["head"] or ""
    desks.take("officer", path, "grade", extent="1号窑入窑煤粉计量，涉及两个月数据")
    desks.take("head", path, "contain", containment="停用该器具，改用备用秤")
    desks.take("head", path, "analyse", cause="检定到期未列入提醒", cause_code="M-02")
    desks.take(
        "head", path, "plan", action="送检并建立到期提醒", owner=owner, due="2026-12-05", criterion="证书覆盖全部数据期"
    )
    desks.take("deputy", path, "approve-plan")
    desks.take("head", path, "start")
    desks.take("head", path, "ask-extension", new_due="2026-12-20", reason="检定机构排期到 12 月中旬")
    desks.take("deputy", path, "grant-extension")
    page = desks.at("head", "work")
    assert "2026年12月20日" in page.inner_text("#actions")
    assert "20 Dec 2026" in desks.at("head", "work", "en").inner_text("#actions")
    desks.take("head", path, "complete", [proof], completed="2026-11-22")
    page = desks.at("head", path)
    assert "You are its" in desks.at("head", path, "en").inner_text(".blocked")
    assert "您是本件的" in page.inner_text(".blocked")
    _picture(page, "nonconformity-blocked-zh-desk")
    refused = page.evaluate(
        """async (to) => {
          const form = new FormData();
          form.set("csrf_token", document.querySelector("[name=csrf_token]").value);
          const typed = { seen: "awaiting-verification", verification: "x", verified: "2026-11-22" };
          for (const [k, v] of Object.entries(typed)) form.set(k, v);
          form.set("seen_steps", String(document.querySelectorAll(".timeline.steps > li").length));
          const answer = await fetch(to, { method: "POST", body: form });
          return [answer.status, await answer.text()];
        }""",
        desks.house.page(f"{path}/steps/verify"),
    )
    assert refused[0] == 403
    assert "规则 nonconformity" in refused[1]
    desks.take("auditor", path, "verify", verification="证书有效，覆盖全部数据期", verified="2026-11-22")
    desks.take("deputy", path, "close")
    _picture(desks.at("verifier", path), "nonconformity-zh-desk", whole=True)
    _picture(desks.at("verifier", path, "en"), "nonconformity-en-desk", whole=True)
    page = desks.at("officer", "nonconformities?state=closed")
    assert f"NC-{TODAY.year}-0001" in page.inner_text("table")
    _picture(desks.at("officer", "nonconformities"), "nonconformities-zh-desk")
    _picture(desks.at("officer", f"rights?kind=nonconformity&person={owner}"), "rights-zh-desk")
    _picture(desks.at("officer", f"rights?kind=occurrence&person={owner}", "en"), "rights-en-desk")
    _picture(desks.at("officer", "nonconformities/new?about=finding:1", "zh", PHONE), "raise-zh-phone")
    if os.environ.get("SCREENSHOTS"):
        page = desks.at("verifier", path)
        page.emulate_media(media="print")
        page.screenshot(path=PICTURES / "nonconformity-print-zh.png", full_page=True)
