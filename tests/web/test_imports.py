"""Uploads and the pulse through the browser."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from compliance.kernel.errors import CannotDecide, Refused
from compliance.kernel.text import Text
from compliance.web.services import Imported
from tests.web.conftest import Browser
from tests.web.test_pages import Page
from tests.web.world import PROBLEMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from tests.web.world import World


@pytest.fixture(autouse=True)
def _fresh_answer(world: World) -> Iterator[None]:
    answer = world.importer.answer
    yield
    world.importer.answer = answer
    world.importer.calls.clear()


def _upload(browser: Browser, name: str = "工作簿.xlsx", **data: Any) -> TestResponse:
    file = (BytesIO(b"PK\x03\x04 not read here"), name)
    return browser.post("/p/east/import", {"workbook": file} | data, content_type="multipart/form-data")


def test_an_import_leads_to_its_report(world: World, officer: Browser) -> None:
    answer = _upload(officer, reason=" 更正 ")
    assert answer.status_code == 303
    page = officer.get(answer.headers["Location"])
    assert page.status_code == 200
    assert Page(page.text).problems() == []
    assert "每日数据" in page.text
    call = world.importer.calls[0]
    assert (call["name"], call["reason"], call["plant"].short, call["actor"].id) == (
        "工作簿.xlsx",
        "更正",
        "east",
        "officer",
    )
    assert call["actor"].role == "compliance-officer"


def test_every_problem_is_listed_and_can_be_downloaded(world: World, officer: Browser) -> None:
    world.importer.answer = Imported("x", problems=PROBLEMS)
    where = _upload(officer).headers["Location"]
    page = officer.get(where)
    assert Page(page.text).problems() == []
    assert "有 2 处问题" in page.text
    assert "不是数字：=1+1" in page.text
    sheet = load_workbook(BytesIO(officer.get(f"{where}/problems.xlsx").data)).active
    assert sheet is not None
    rows = [[c.value for c in row] for row in sheet.iter_rows()]
    assert rows[1] == ["每日数据", 17, "数量", "不是数字：=1+1", "not a number: =1+1"]
    assert rows[2][:3] == ["人员", None, None]


def test_a_result_is_nobody_elses(world: World, officer: Browser) -> None:
    where = _upload(officer).headers["Location"]
    auditor = Browser(world.app())
    auditor.sign_in("auditor")
    assert auditor.get(where).status_code == 404
    assert officer.get("/p/east/import/results/guessed").status_code == 404


def test_progress_is_told_to_the_person_who_uploads(officer: Browser, world: World) -> None:
    _upload(officer, upload="abc")
    assert officer.get("/p/east/import/progress/abc").json == {"done": 1, "of": 2, "what": "人员"}
    assert officer.get("/p/east/import/progress/other").json == {}


@pytest.mark.parametrize("name", ["", "x.xls", "x.xlsm", "x.csv", "xlsx"])
def test_only_a_workbook_is_taken(world: World, officer: Browser, name: str) -> None:
    assert _upload(officer, name=name).status_code == 400
    assert world.importer.calls == []


def test_names_of_files_are_cut_to_what_can_be_shown(world: World, officer: Browser) -> None:
    _upload(officer, name="..\\..\\a/b/\u202ec\x07d.xlsx")
    assert world.importer.calls[0]["name"] == "cd.xlsx"


class _NotNow(Refused):
    code = "not-now"
    text = Text("月份已锁定", "The month is locked")


class _Sick(CannotDecide):
    code = "sick"
    text = Text("引擎不一致", "The engines differ")


@pytest.mark.parametrize(("error", "status"), [(_NotNow(), 409), (_Sick(), 503)])
def test_a_refused_import_says_why_on_the_form(world: World, officer: Browser, error: Exception, status: int) -> None:
    world.importer.answer = error
    answer = _upload(officer)
    assert answer.status_code == status
    assert error.args[0].split(" / ")[0] in answer.text


def test_reconciling_runs_the_pulse_and_tells_the_result(world: World, officer: Browser) -> None:
    world.reconciler.calls.clear()
    answer = officer.post("/p/east/reconcile")
    assert answer.status_code == 303
    assert world.reconciler.calls == ["91110000600001234A officer"]
    assert "新发现 3 项，消除 1 项" in officer.get(answer.headers["Location"]).text
