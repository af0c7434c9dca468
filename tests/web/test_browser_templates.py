"""A template of the group in a real browser: proposed, looked at as pages, published by another, seen by the plant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from compliance.adapters.docx.pdf import drawable
from compliance.bootstrap.jobs import Hands
from tests.adapters.test_group_templates import GROUP
from tests.adapters.test_own_templates import RULE
from tests.web.test_browser import PHONE
from tests.web.test_browser_acting import Desks, desks

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["desks"]
pytestmark = pytest.mark.slow


def test_a_template_of_the_group_is_uploaded_seen_and_put_into_use_by_another(desks: Desks, tmp_path: Path) -> None:
    file = tmp_path / "group.docx"
    file.write_bytes(GROUP)
    page = desks.at("officer", "templates")
    page.click("main .actions a")
    page.wait_for_url("**/group-templates")
    page.select_option("#type", RULE)
    page.set_input_files("#template", file)
    page.fill("#reason", "集团统一版式")
    page.click("form[enctype] button.primary")
    page.wait_for_url(f"**/group-templates/{RULE}/1")
    assert page.locator("form[action$='/publish']").count() == 0, "not one's own"
    if drawable():  # the pages are made by the worker, when somebody asks for them
        page.click("form[action$='/pages'] button.primary")
        page.wait_for_load_state()
        assert page.locator("progress").count() == 1
        assert Hands(desks.house.installation).tick() > 0
    for language in ("zh", "en"):
        for path in ("group-templates", f"group-templates/{RULE}/1"):
            small = desks.at("deputy", path, language, PHONE)
            assert small.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path
            shots = small.locator("img.page-shot")
            for n in range(shots.count()):
                box = shots.nth(n).bounding_box()
                assert box is not None
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= PHONE[0]
    if drawable():
        assert desks.at("deputy", f"group-templates/{RULE}/1").locator("img.page-shot").count() >= 1
    second = desks.at("deputy", f"group-templates/{RULE}/1")
    second.click("#step-publish > summary")
    second.fill("form[action$='/publish'] [name=password]", desks.house.passwords["deputy"])
    second.click("form[action$='/publish'] button.primary")
    second.wait_for_load_state()
    assert second.locator(".flash[role=status]").count() == 1, second.inner_text("main")[:400]
    assert "集团模板 1" in desks.at("officer", "templates").inner_text("main")
    assert "Group template 1" in desks.at("officer", "templates", "en").inner_text("main")
