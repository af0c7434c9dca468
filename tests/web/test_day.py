"""At real browsers: a report from draft to download, a finding that an entry clears, a sign-in that is ended.

What goes from hand to hand otherwise is in ``test_browser_acting.py``.
"""

from __future__ import annotations

import io
import subprocess
from typing import TYPE_CHECKING

import pyotp
import pytest
from docx import Document

from compliance.adapters.accounts import Argon2
from compliance.bootstrap.documents import desk
from compliance.bootstrap.installation import OPERATOR
from compliance.bootstrap.usecases import casework
from compliance.core.accounts import NewUser, Role, add_user
from compliance.core.acts import PULSE
from compliance.core.cases import CaseKey, Wish
from compliance.core.controlled import DOCUMENT, at_hand
from compliance.core.duties import person_now
from compliance.core.judged import NONCONFORMITY
from tests.web.served import served
from tests.web.test_browser import COVERED, DESK, PHONE
from tests.web.test_browser_acting import Desks, _picture, desks
from tests.web.world import EVIDENCE, PASSWORD, TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.web.house import House
    from tests.web.world import World

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


def _step(house: House, login: str, number: str, step: str, **values: str) -> None:
    """Take a step of a nonconformity without a browser."""
    at = house.installation
    with at.register.read() as reads:
        person = person_now(reads, house.of, login, at.rulebase, TODAY)
    assert person is not None
    ref = at.vault.put(io.BytesIO(EVIDENCE), name="检定证书.pdf", media_type="application/pdf")
    wish = Wish(CaseKey(NONCONFORMITY, number), step, values, (ref,) if step == "complete" else ())
    casework(at).take(house.of, person, wish, signed=True)


def _close(house: House, number: str) -> str:
    """Work a nonconformity to its closure; the number of its report, drafted as the worker does it."""
    at, owner = house.installation, house.accounts["head"] or ""
    _step(house, "officer", number, "grade", extent="涉及两个月数据")
    _step(house, "head", number, "contain", containment="停用该器具，改用备用秤")
    _step(house, "head", number, "analyse", cause="检定到期未列入提醒", cause_code="M-02")
    _step(house, "head", number, "plan", action="送检", owner=owner, due="2026-12-05", criterion="证书覆盖全部数据期")
    _step(house, "deputy", number, "approve-plan")
    _step(house, "head", number, "start")
    _step(house, "head", number, "complete", completed="2026-11-22")
    _step(house, "auditor", number, "verify", verification="证书有效", verified="2026-11-22")
    _step(house, "deputy", number, "close")
    assert not desk(at).draft_missing(house.of, PULSE).failed
    with at.register.read() as reads:
        found = reads.document_about(house.of, "nonconformity-report", number)
    assert found is not None
    return found


def _tables(page: Page, link: str) -> tuple[str, list[list[str]]]:
    """All paragraphs of a downloaded file, and the rows of all its tables."""
    with page.expect_download() as got:
        page.get_by_role("link", name=link, exact=True).click()
    made = Document(str(got.value.path()))
    rows = [[cell.text for cell in row.cells] for table in made.tables for row in table.rows]
    return "\n".join(p.text for p in made.paragraphs), rows


def test_every_sign_in_of_the_demo_is_another_person(house: House) -> None:
    """One who reviewed is not offered to approve: a demo with one person for both posts issues nothing."""
    persons = [account for account in house.accounts.values() if account]
    assert len(persons) == len(set(persons)) > 1


@pytest.mark.parametrize(("language", "place", "link"), [("zh", 1, "下载 Word"), ("en", 2, "Download Word")])
def test_a_report_is_drawn_up_reviewed_approved_issued_and_downloaded(
    desks: Desks, language: str, place: int, link: str
) -> None:
    house, ticket = desks.house, f"NC-{TODAY.year}-{place:04}"
    number = _close(house, ticket)
    path = f"documents/{number}/0"
    desks.take("officer", path, "submit", language=language)
    assert desks.at("officer", path, language).locator("#step-review, #step-approve").count() == 0
    desks.take("auditor", path, "review", language=language)
    assert desks.at("auditor", path, language).locator("#step-approve").count() == 0
    desks.take("deputy", path, "approve", language=language)
    page = desks.take("controller", path, "issue", language=language, effective=TODAY.isoformat())
    _picture(page, f"document-{language}-desk")
    text, rows = _tables(page, link)

    with house.installation.register.read() as reads:
        about = at_hand(reads, house.of, number)
        assert about is not None
        assert about.version.issued is not None
        signed = reads.case_steps(house.of, CaseKey(DOCUMENT, about.version.object_id))
        taken = reads.case_steps(house.of, CaseKey(NONCONFORMITY, ticket))
    assert "【草稿】" not in text
    assert ["文件编号", number, "版本", "A/0"] in rows
    assert [row[1] for row in rows if row[0] == "不符合项编号"] == [ticket]
    for side, step in zip(("编制", "审核", "批准"), signed, strict=False):
        (row,) = (r for r in rows if r[0] == side)
        assert step.signature is not None
        assert [row[1], row[2], row[4]] == [step.posts, step.name, step.signature.meaning.zh]
        assert row[5] == "密码"
        assert row[6] == str(about.version.draft)[:16] == str(step.values["covers"])[:16]
    assert len({step.account for step in signed[:3]}) == 3
    told = [row for row in rows if len(row) == 8][1:]
    assert [(r[2], r[3], r[7]) for r in told] == [(s.name, s.posts or "—", s.digest[:16]) for s in taken]
    assert [r[6] for r in told] == [s.signature.meaning.zh if s.signature else "—" for s in taken]
    for said in ("涉及两个月数据", "检定到期未列入提醒", "应急处置：停用该器具，改用备用秤"):
        assert said in text
    assert [row[1] for row in rows if row[0] == "验证标准"] == ["证书覆盖全部数据期"]
    _pdf_says_the_same(desks, path, language, (number, ticket, "涉及两个月数据", "检定到期未列入提醒"))


def _pdf_says_the_same(desks: Desks, path: str, language: str, said: tuple[str, ...]) -> None:
    at, number = desks.house.installation, path.split("/")[1]
    page = desks.at("officer", path, language)
    assert page.get_by_text("PDF", exact=False).first.is_visible()  # is being made, says the page
    with at.register.read() as reads:
        about = at_hand(reads, desks.house.of, number)
    assert about is not None
    desk(at).make_pages(desks.house.of, about.version.object_id, PULSE)
    page.reload()
    with page.expect_download() as got:
        page.locator("main a[href$='/files/pdf']").click()
    assert got.value.suggested_filename == f"{number}-A-0.pdf"
    text = subprocess.run(["pdftotext", str(got.value.path()), "-"], check=True, capture_output=True).stdout.decode()
    plain = "".join(text.split())
    assert [one for one in said if one not in plain] == []


@pytest.mark.parametrize(("language", "size"), [("zh", DESK), ("en", PHONE)])
def test_the_second_step_of_signing_in_at_a_browser(
    chromium: Browser, desks: Desks, language: str, size: tuple[int, int]
) -> None:
    house, login = desks.house, f"careful-{language}"
    _person(house, login, None, Role.VERIFIER)
    page = desks.at(login, "obligations", language, size)
    page.goto(f"{house.url}/profile")
    page.locator("form[action$='/codes/begin'] button").click()
    page.wait_for_load_state()
    codes = pyotp.TOTP(page.inner_text("code.secret").replace(" ", ""))
    page.fill("[name=code]", codes.at(house.installation.clock.now()))
    page.fill("main [name=password]", PASSWORD)
    page.locator("form[action$='/codes/confirm'] button.primary").click()
    page.wait_for_load_state()
    spare = page.locator("li code").first.inner_text()
    fresh = chromium.new_context(viewport={"width": size[0], "height": size[1]})
    fresh.add_cookies([{"name": "language", "value": language, "url": house.url}])
    entering = fresh.new_page()
    entering.goto(house.url)
    entering.fill("#login", login)
    entering.fill("#password", PASSWORD)
    entering.click("button.primary")
    entering.wait_for_url("**/sign-in/code**")
    assert entering.evaluate("document.documentElement.scrollWidth") <= size[0]
    entering.wait_for_function("document.activeElement.id === 'code'")
    _picture(entering, f"sign-in-code-{language}-{'phone' if size == PHONE else 'desk'}")
    entering.fill("#code", spare)
    entering.keyboard.press("Enter")
    entering.wait_for_url("**/p/**")
    fresh.close()


@pytest.fixture
def group(world: World) -> Iterator[str]:
    """The address of a program with two plants."""
    with served(world.app()) as address:
        yield address


@pytest.mark.parametrize(("language", "size"), [("zh", DESK), ("zh", PHONE), ("en", DESK)])
def test_the_page_of_the_group_fits(chromium: Browser, group: str, language: str, size: tuple[int, int]) -> None:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]})
    context.add_cookies([{"name": "language", "value": language, "url": group}])
    page = context.new_page()
    page.goto(group)
    page.fill("#login", "chief")
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.goto(f"{group}/group")
    assert "西山" in page.inner_text("main")
    assert page.evaluate(COVERED) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    _picture(page, f"group-{language}-{'phone' if size == PHONE else 'desk'}")
    context.close()


@pytest.mark.parametrize(
    ("login", "path", "name", "language", "size"),
    [
        ("admin", "people", "people", "zh", DESK),
        ("department", "entries/instrument_check/new", "entry", "zh", DESK),
        ("department", "daily", "month", "zh", DESK),
        ("department", "daily", "month", "en", PHONE),
        ("officer", "notices", "notices", "zh", DESK),
        ("admin", "people", "people", "en", PHONE),
    ],
)
def test_pages_of_daily_work_fit(
    desks: Desks, login: str, path: str, name: str, language: str, size: tuple[int, int]
) -> None:
    page = desks.at(login, path, language, size)
    assert page.locator("h1").count() == 1
    _picture(page, f"{name}-{language}-{'phone' if size == PHONE else 'desk'}")
