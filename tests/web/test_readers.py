"""Readers, planned days and reviews at pages and in the API: who is asked, who confirms, what waits, what is due."""

from __future__ import annotations

import io
import re
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import unquote

import openpyxl
import pytest
from flask import g

from compliance.core.accounts import NewUser, Role, add_user
from compliance.core.acts import Act
from compliance.core.model import PersonPeriod
from compliance.web.sources import case_address, origin
from tests.web.api_client import program
from tests.web.conftest import Browser
from tests.web.told import leaves
from tests.web.world import ACTOR, NOW, PASSWORD, TODAY, PlainPasswords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.web.world import World

STAFF = {"keeper": ("P09", "田禾", "碳管理员", Role.DEPARTMENT), "boss": ("P10", "高原", "最高管理者", Role.AUDITOR)}
LATER = TODAY + timedelta(3)


@pytest.fixture(scope="module", autouse=True)
def staff(world: World) -> None:
    """Those who draw up and approve a policy, and a document controller without an account in the plant."""
    plant = world.plants[0]
    periods = [
        PersonPeriod(account=a, name=n, department="碳管理部", posts=p, since=date(2025, 1, 1), until=None)
        for a, n, p, _role in STAFF.values()
    ]
    with world.register.work() as work:
        work.insert_rows(plant, {PersonPeriod: periods})
        work.record(Act(actor=ACTOR, action="plant:import", object_type="plant", object_id=plant.key), plant)
    for login, (account, name, _posts, role) in STAFF.items():
        add_user(
            world.register,
            PlainPasswords(),
            NewUser(login, name, account, plant.key, role, PASSWORD),
            actor=ACTOR,
            now=NOW,
        )
    new = NewUser("papers", "文控", None, plant.key, Role.DOCUMENT_CONTROLLER, PASSWORD)
    add_user(world.register, PlainPasswords(), new, actor=ACTOR, now=NOW)


@pytest.fixture
def at(open_browser: Callable[[], Browser]) -> Callable[[str], Browser]:
    def made(login: str) -> Browser:
        browser = open_browser()
        assert browser.sign_in(login).status_code == 302
        return browser

    return made


@pytest.fixture
def hands(world: World) -> Iterator[list[datetime]]:
    """The hands of the clock, put back."""
    before = list(world.clock.hands)
    yield world.clock.hands
    world.clock.hands[:] = before


@pytest.fixture
def page(world: World, at: Callable[[str], Browser]) -> str:
    """A policy that was issued for a later day; made once."""
    with world.register.read() as reads:
        known = reads.document_about(world.plants[0], "carbon-policy", world.plants[0].key)
    if known is not None:
        return f"/p/east/documents/{known}/0"
    made: str = at("keeper").post("/p/east/documents/open", {"rule": "carbon-policy"}).headers["Location"]
    assert "全体人员" in at("keeper").get(f"{made}/readers").text
    issue(at, made, LATER)
    return made


def take(browser: Browser, page: str, step: str, **values: str) -> TestResponse:
    shown = browser.get(page).text
    seen = {name: re.findall(f'name="{name}" value="([^"]*)"', shown) for name in ("seen", "seen_steps")}
    given = {name: found[0] for name, found in seen.items() if found}
    answer = browser.post(f"{page}/steps/{step}", {**given, "password": PASSWORD, **values})
    assert answer.status_code == 303, (step, answer.status_code, answer.text[:2000])
    return answer


def issue(at: Callable[[str], Browser], page: str, effective: date) -> None:
    author = at("keeper")
    assert author.post(f"{page}/draft").status_code == 303
    for login, step in (("keeper", "submit"), ("deputy", "review"), ("boss", "approve")):
        take(at(login), page, step)
    take(author, page, "issue", effective=effective.isoformat())


def test_a_policy_waits_and_is_read_by_those_who_are_asked(
    world: World, at: Callable[[str], Browser], page: str
) -> None:
    author, reader, controller = at("keeper"), at("checker"), at("papers")
    # It waits for its day, is marked so, and is read already.
    text = author.get(page).text
    assert "待生效" in text
    copy = author.get(f"{page}/files/copy")
    assert "待生效" in unquote(copy.headers["Content-Disposition"])
    assert author.get(f"{page}/files/issued").status_code == 200
    assert "待生效" in author.get("/p/east/documents").text
    work = reader.get("/p/east/work").text
    assert "待我阅读的文件" in work
    assert page in work

    # Each reader confirms in person; whoever is none is refused with a leaf.
    before = leaves(world)
    assert controller.post(f"{page}/read").status_code == 403
    assert reader.post(f"{page}/read", {"for": "P05"}).status_code == 403
    assert leaves(world) == before + 2
    assert reader.post(f"{page}/read").status_code == 303
    assert reader.post(f"{page}/read").status_code == 303
    assert leaves(world) == before + 3
    assert "待我阅读的文件" not in reader.get("/p/east/work").text
    shown = author.get(f"{page}/readers").text
    assert shown.count("已确认") == 1
    asked = len(re.findall(r"<tr data-row>", shown))
    assert f"1/{asked}" in author.get("/p/east/documents/reading").text
    assert f"{100 // asked}%" in author.get("/p/east/overview").text

    # Others are named with a reason, by the controller alone.
    assert reader.post(f"{page}/readers", {"parties": "everyone", "reason": "x"}).status_code == 403
    for wrong in ({"parties": "everyone"}, {"parties": "post:none", "reason": "x"}, {"days": "x", "reason": "x"}):
        assert controller.post(f"{page}/readers", wrong).status_code == 400, wrong
    given = {"parties": "post:checker\r\nperson:P05", "days": "5", "reason": "限于相关岗位"}
    assert controller.post(f"{page}/readers", given).status_code == 303
    assert "由文件管理员指定" in controller.get(f"{page}/readers").text


def test_a_policy_holds_from_its_day_is_late_and_reviewed(
    world: World, at: Callable[[str], Browser], hands: list[datetime], page: str
) -> None:
    with world.register.read() as reads:
        asked = reads.distribution(world.plants[0], "POL-2026-01", 0)
    if asked and asked.parties == ("everyone",):
        given = {"parties": "post:checker\nperson:P05", "days": "5", "reason": "限于相关岗位"}
        assert at("papers").post(f"{page}/readers", given).status_code == 303
        assert at("checker").post(f"{page}/read").status_code == 303

    # On the day it holds; later the reader who has not confirmed is late, in the workbook too.
    hands[:] = [NOW + timedelta(10)]
    author = at("keeper")
    assert "待生效" not in author.get(page).text
    assert "逾期未确认" in author.get("/p/east/documents/reading").text
    for path in ("/p/east/documents/reading.xlsx", f"{page}/readers.xlsx"):
        sheet = openpyxl.load_workbook(io.BytesIO(author.get(path).data)).active
        assert sheet is not None
        cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]
        assert {"已确认", "逾期未确认", "P05"} <= set(cells), path

    # The review is due, late, and given.
    due = LATER.replace(year=LATER.year + 1)
    hands[:] = [NOW.replace(year=due.year)]
    author, reader = at("keeper"), at("checker")
    assert "待评审的文件" in author.get("/p/east/work").text
    assert "待评审的文件" not in reader.get("/p/east/work").text
    assert "评审：" in author.get(f"/p/east/obligations/calendar?month={due:%Y-%m}").text
    hands[:] = [NOW.replace(year=due.year) + timedelta(30)]
    author, reader = at("keeper"), at("checker")
    assert "评审逾期" in author.get(page).text
    assert "评审逾期" in author.get("/p/east/documents").text
    take(author, page, "review-keep", reason="仍适用")
    assert "评审逾期" not in author.get(page).text
    take(author, page, "review-revise", reason="更新目标")
    second = page[:-1] + "1"
    issue(at, second, hands[0].date())
    assert "已被替代" in author.get(page).text
    assert "待我阅读的文件" in reader.get("/p/east/work").text
    assert reader.post(f"{page}/read").status_code == 409


def test_a_finding_leads_to_the_document_that_it_rests_on(world: World, app: Flask) -> None:
    with app.test_request_context("/p/east/findings"):
        g.card = SimpleNamespace(plant=world.plants[0])
        found = origin("document:POL-2026-01|A/0")
        told = [
            case_address(kind, name) for kind, name in (("change-request", "DCR-2026-001"), ("copy", "POL-2026-01/3"))
        ]
    assert found is not None
    assert (found.key, found.address) == ("POL-2026-01 · A/0", "/p/east/documents/POL-2026-01")
    assert told == ["/p/east/change-requests/DCR-2026-001", "/p/east/documents/POL-2026-01/copies"]


def test_programs_see_name_and_confirm(world: World, app: Flask, at: Callable[[str], Browser]) -> None:
    opened = at("keeper").post("/p/east/documents/open", {"rule": "management-rules"}).headers["Location"]
    issue(at, opened, TODAY)
    path = opened.replace("/p/east", "plants/east")
    reader, controller = program(world, "checker", app), program(world, "papers", app)
    told = reader.told(f"{path}/readers")
    assert (told["parties"], told["by_rule"], told["confirmed"]) == (["everyone"], True, 0)
    before = leaves(world)
    done = reader.post(f"{path}/read", {})
    assert done.status_code == 200, done.text
    assert done.json["confirmed"] == 1  # type: ignore[index] # an object
    assert controller.post(f"{path}/read", {}).status_code == 403
    assert leaves(world) == before + 2
    named = controller.post(f"{path}/readers", {"parties": ["post:checker"], "reason": "限于相关岗位", "days": 7})
    assert named.status_code == 200, named.text
    assert (named.json["asked"], named.json["percent"], named.json["days"]) == (1, 100, 7)  # type: ignore[index] # an object
    assert reader.post(f"{path}/readers", {"parties": [], "reason": "x"}).status_code == 403
    assert leaves(world) == before + 4
    assert reader.told(path)["version"]["review_due"] is not None
