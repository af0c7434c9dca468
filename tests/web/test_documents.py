"""Documents at pages: listed, drafted, signed, issued, withdrawn; what is no longer in force says so everywhere."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import unquote
from zipfile import ZipFile

import openpyxl
import pytest

from compliance.core.accounts import NewUser, Role, add_user
from compliance.core.acts import Act
from compliance.core.model import PersonPeriod
from tests.web.conftest import Browser
from tests.web.world import ACTOR, NOW, PASSWORD, PlainPasswords

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from tests.web.world import World

NUMBER = "NCR-2026-0001"
PAGE = f"/p/east/documents/{NUMBER}"


def take(browser: Browser, step: str, place: int = 0, password: str = PASSWORD, **values: str) -> TestResponse:
    page = browser.get(f"{PAGE}/{place}").text
    seen = {name: re.findall(f'name="{name}" value="([^"]*)"', page) for name in ("seen", "seen_steps")}
    given = {name: found[0] for name, found in seen.items() if found}
    return browser.post(f"{PAGE}/{place}/steps/{step}", {**given, "password": password, **values})


@pytest.fixture(scope="module", autouse=True)
def keeper(world: World) -> None:
    """Somebody of the department that draws the report up."""
    plant = world.plants[0]
    period = PersonPeriod(
        account="P09", name="田禾", department=None, posts="碳管理员", since=date(2025, 1, 1), until=None
    )
    with world.register.work() as work:
        work.insert_rows(plant, {PersonPeriod: [period]})
        work.record(Act(actor=ACTOR, action="plant:import", object_type="plant", object_id=plant.key), plant)
    new = NewUser("keeper", "田禾", "P09", plant.key, Role.DEPARTMENT, PASSWORD)
    add_user(world.register, PlainPasswords(), new, actor=ACTOR, now=NOW)


@pytest.fixture
def signed_in(open_browser: Callable[[], Browser]) -> Callable[[str], Browser]:
    def made(login: str) -> Browser:
        browser = open_browser()
        assert browser.sign_in(login).status_code == 302
        return browser

    return made


def test_a_document_lives_at_its_pages(signed_in: Callable[[str], Browser]) -> None:
    author, reviewer, approver = signed_in("keeper"), signed_in("inspector"), signed_in("deputy")
    assert NUMBER in author.get("/p/east/documents").text
    assert "草稿】" in author.get(f"{PAGE}/0/text").text
    draft = author.get(f"{PAGE}/0/files/draft")
    assert "草稿" in unquote(draft.headers["Content-Disposition"])
    assert author.post(f"{PAGE}/0/draft").status_code == 303
    assert take(author, "submit", password="wrong").status_code == 403
    assert "重新起草" in author.get(PAGE).text
    assert "重新起草" not in reviewer.get(PAGE).text
    assert f"{NUMBER}/A/0" in author.get("/p/east/work").text
    assert f"{NUMBER}/A/0" not in reviewer.get("/p/east/work").text
    assert take(author, "submit").status_code == 303
    assert f"{NUMBER}/A/0" in reviewer.get("/p/east/work").text
    assert take(author, "review").status_code in {403, 409}
    assert author.post(f"{PAGE}/0/draft").status_code in {403, 409}
    assert take(reviewer, "review").status_code == 303
    assert take(reviewer, "approve").status_code in {403, 409}
    assert take(approver, "approve").status_code == 303
    assert take(author, "issue", effective="2026-11-01").status_code == 403
    assert take(author, "issue", effective="2026-11-22").status_code == 303
    page = author.get(PAGE).text
    assert "已发布" in page
    issued = author.get(f"{PAGE}/0/files/issued")
    assert f"{NUMBER}-A-0.docx" in issued.headers["Content-Disposition"]
    assert author.get(f"{PAGE}/0/files/pdf").status_code == 404
    assert take(author, "revise", reason="更正").status_code == 303
    assert "A/0" in author.get(f"{PAGE}/1").text
    assert take(author, "ask-withdrawal", reason="误发").status_code == 303
    assert take(approver, "withdraw").status_code == 303
    page = author.get(f"{PAGE}/0").text
    assert "您正在阅读 A/0（已作废）" in page
    assert author.get(f"{PAGE}/0/files/issued").data == issued.data
    copy = author.get(f"{PAGE}/0/files/copy")
    assert "已作废" in unquote(copy.headers["Content-Disposition"])
    with ZipFile(io.BytesIO(copy.data)) as archive:
        assert "已作废" in archive.read("word/document.xml").decode()
    pages = author.get(f"{PAGE}/0/files/pages")  # the world of these tests has no LibreOffice
    assert (pages.status_code, "LibreOffice" in pages.text) == (503, True)
    assert "files/pages" not in page


def test_the_list_is_a_workbook_too(officer: Browser) -> None:
    answer = officer.get("/p/east/documents.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    assert sheet["A2"].value == NUMBER


@pytest.mark.parametrize(
    "path",
    [f"{PAGE}/7", "/p/east/documents/NCR-1", f"{PAGE}/0/files/x", f"{PAGE}/1/files/pages", f"{PAGE}/1/files/copy"],
)
def test_what_is_not_there_is_not_found(officer: Browser, path: str) -> None:
    assert officer.get(path).status_code == 404


def test_the_ticket_leads_to_its_document(officer: Browser) -> None:
    number = re.findall(r"NC-2026-\d{4}", officer.get(PAGE).text)[0]
    assert NUMBER in officer.get(f"/p/east/nonconformities/{number}").text


def test_a_policy_is_opened_and_written_at_its_page(signed_in: Callable[[str], Browser]) -> None:
    author, reviewer = signed_in("keeper"), signed_in("inspector")
    assert "碳管理方针" in author.get("/p/east/documents/open").text
    assert author.post("/p/east/documents/open", {"rule": "carbon-policy", "about": "2026"}).status_code == 409
    assert reviewer.post("/p/east/documents/open", {"rule": "carbon-policy"}).status_code == 403
    opened = author.post("/p/east/documents/open", {"rule": "carbon-policy"})
    assert opened.status_code == 303, opened.text
    page = opened.headers["Location"]
    number = page.split("/")[-2]
    assert "守法合规、源头减碳" in author.get(page).text  # what the rule proposes
    said = "以数据求真。\r\n逐级落实 <b>&</b> {{ 7 }}。"
    script = {"X-Autosave": "1"}
    assert author.post(f"{page}/sections/statement", {"text": said}, headers=script).status_code == 204
    assert author.post(f"{page}/sections/nothing", {"text": said}, headers=script).status_code == 400
    refused = author.post(f"{page}/sections/statement", {"text": "a\x00b"}, headers=script)
    assert refused.status_code in {400, 409}
    assert reviewer.post(f"{page}/sections/statement", {"text": "x"}, headers=script).status_code == 403
    assert author.post(f"{page}/draft").status_code == 303
    text = author.get(f"{page}/text").text
    assert "逐级落实 &lt;b&gt;&amp;&lt;/b&gt; {{ 7 }}。" in text
    assert author.post("/p/east/documents/open", {"rule": "carbon-policy"}).status_code == 409
    assert author.post(f"{page}/sections/statement", {"text": ""}).status_code == 303
    author.post(f"{page}/draft")
    assert "方针声明 · 应" in author.get(page).text
    assert number.startswith("POL-")
