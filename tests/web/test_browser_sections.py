"""A policy at a real browser: opened, written by leaving its fields alone, drafted, signed, issued and revised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from compliance.bootstrap.documents import desk
from compliance.bootstrap.usecases import people_here
from compliance.core.cases import CaseKey, Wish
from compliance.core.controlled import DOCUMENT
from compliance.core.duties import Allowed
from tests.web.test_browser_acting import Desks
from tests.web.world import TODAY

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.web.house import House

pytestmark = pytest.mark.slow
SAID = "以数据求真，以减排求进。"


@pytest.fixture
def desks(chromium: Browser, house: House) -> Iterator[Desks]:
    made = Desks(chromium, house)
    yield made
    made.close()
    assert made.errors == []


def _sign(house: House, number: str, step: str, **values: str) -> str:
    """Take a step as the first person who may: pages of steps have tests of their own."""
    at = desk(house.installation)
    with at.register.read() as reads:
        latest = at.find(reads, house.of, number).version
        looked = at.casework.look(reads, house.of, CaseKey(DOCUMENT, latest.object_id))
    people = people_here(house.installation, house.of)
    may = next(p for p in people for s, d in looked.offers(p) if s.id == step and isinstance(d, Allowed))
    at.take(house.of, may, Wish(looked.thing.key, step, values), signed=True)
    return may.name


def test_a_policy_is_written_by_leaving_its_fields_and_a_revision_begins_with_it(desks: Desks) -> None:
    page = desks.at("controller", "documents/open")
    page.select_option("[name=rule]", "carbon-policy")
    page.locator("form.stack button").click()
    page.wait_for_url("**/documents/POL-*/0")
    form = page.locator("#s-statement")
    form.locator("textarea").fill(SAID)
    page.locator("#s-compliance textarea").focus()
    form.get_by_text("已保存").wait_for()
    page.reload()
    assert form.locator("textarea").input_value() == SAID
    page.get_by_role("button", name="立即起草").click()
    page.get_by_text("已重新起草").wait_for()
    page.get_by_role("link", name="预览文字").click()
    assert SAID in page.locator("body").inner_text()

    number = page.url.split("/")[-3]
    signed = [_sign(desks.house, number, step) for step in ("submit", "review", "approve")]
    assert len(set(signed)) == 3
    _sign(desks.house, number, "issue", effective=TODAY.isoformat())
    page = desks.at("controller", f"documents/{number}/0")
    assert page.locator("#sections").count() == 0
    _sign(desks.house, number, "revise", reason="工艺变化")
    page = desks.at("controller", f"documents/{number}/1")
    assert page.locator("#s-statement textarea").input_value() == SAID
