"""Changed rules in a real browser: a wrong file, one that is proposed with its plan, another person who signs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from compliance.adapters.zipped import zipped
from tests.web.test_browser import PHONE
from tests.web.test_browser_acting import Desks, desks

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["desks"]
pytestmark = pytest.mark.slow

FILE, OLD, NEW = "findings/deadlines.toml", 'grade = "critical"', 'grade = "major"'


def archive(desks: Desks, folder: Path, old: str, new: str) -> Path:
    files = desks.house.installation.current_rules().files
    assert old in files[FILE]
    path = folder / "rules.zip"
    path.write_bytes(zipped({**files, FILE: files[FILE].replace(old, new, 1)}))
    return path


def test_rules_are_uploaded_planned_and_put_into_use_by_another(desks: Desks, tmp_path: Path) -> None:
    used = desks.house.installation.current_rules().digest
    page = desks.at("officer", "rules/proposals")
    page.set_input_files("#rules", archive(desks, tmp_path, OLD, 'grade = "no-such-grade"'))
    page.fill("#reason", "误改")
    page.click("#upload button.primary")
    page.wait_for_selector("[data-problems]")
    assert FILE in page.inner_text("[data-problems]")

    page = desks.at("officer", "rules/proposals")
    page.set_input_files("#rules", archive(desks, tmp_path, OLD, NEW))
    page.fill("#reason", "分级调整")
    page.click("#upload button.primary")
    page.wait_for_url("**/rules/proposals/*")
    number = page.url.rsplit("/", 1)[1]
    assert "分级调整" in page.inner_text("main")
    assert NEW in page.text_content("main")  # type: ignore[operator] # a page has text
    assert page.locator("main form[action$='/activate']").count() == 0, "not one's own"

    for language in ("zh", "en"):
        small = desks.at("deputy", f"rules/proposals/{number}", language, PHONE)
        assert small.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    second = desks.at("deputy", f"rules/proposals/{number}")
    second.evaluate("document.querySelectorAll('details.step').forEach((one) => { one.open = true; })")
    second.fill("form[action$='/activate'] [name=password]", desks.house.passwords["deputy"])
    second.click("form[action$='/activate'] button.primary")
    second.wait_for_load_state()
    assert second.locator(".flash[role=status]").count() == 1, second.inner_text("main")[:400]
    assert desks.house.installation.current_rules(surely=True).digest != used
    assert not desks.errors
