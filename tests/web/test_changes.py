"""Changes asked for at pages and by programs: refused in words where there is nothing to ask, decided by another."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl

from compliance.core.accounts import NewUser, Role, add_user
from tests.web.api_client import program
from tests.web.told import leaves, refusal
from tests.web.world import ACTOR, NOW, PASSWORD, PlainPasswords

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.web.conftest import Browser
    from tests.web.world import World

DOCUMENT, REQUEST = "plants/east/documents/NCR-2026-0001", "plants/east/change-requests/DCR-2026-001"


def controller(world: World, login: str) -> None:
    new = NewUser(login, "文控", None, "east", Role.DOCUMENT_CONTROLLER, PASSWORD)
    add_user(world.register, PlainPasswords(), new, actor=ACTOR, now=NOW)


def test_programs_ask_and_decide_with_a_leaf_each(world: World, app: Flask) -> None:
    controller(world, "changes")
    keeper, guest = program(world, "changes", app), program(world, "guest", app)
    before = leaves(world)
    wish = {"reason": "措辞不清", "impact": "无"}
    refusal(guest.post(f"{DOCUMENT}/change-requests", wish), 409, "not-in-force")
    refusal(guest.post(f"{DOCUMENT}/change-requests", {"reason": "x"}), 422)
    refusal(guest.post("plants/east/documents/NCR-1999-0001/change-requests", wish), 404)
    refusal(keeper.post(f"{DOCUMENT}/next"), 409, "not-stale")
    refusal(keeper.post("plants/east/change-requests/DCR-1999-001/decision", {"accept": True, "reason": "x"}), 404)
    assert leaves(world) == before
    decision = {"accept": True, "reason": "同意"}
    refusal(guest.post(f"{REQUEST}/decision", decision), 403, "may-not-take")
    assert leaves(world) == before + 1
    refusal(keeper.post(f"{REQUEST}/decision", {"accept": True, "reason": " "}), 422, "bad-request-text")
    assert leaves(world) == before + 1
    done = keeper.post(f"{REQUEST}/decision", decision)
    assert done.status_code == 200, done.text
    assert done.json["state"] == "accepted"  # type: ignore[index] # JSON
    assert done.json["version"] == 0  # type: ignore[index] # the version that is being drafted answers it
    assert leaves(world) == before + 2
    refusal(keeper.post(f"{REQUEST}/decision", decision), 409, "already-decided")
    assert [row["number"] for row in keeper.told("plants/east/change-requests?state=accepted")["rows"]] == [
        "DCR-2026-001"
    ]
    assert keeper.told("plants/east/change-requests?state=open")["rows"] == []
    assert {use["kind"] for use in keeper.told(f"{DOCUMENT}/where-used")["uses"]} >= {"post", "version"}


def test_the_pages_list_show_and_refuse(officer: Browser, open_browser: Callable[[], Browser]) -> None:
    assert "DCR-2026-001" in officer.get("/p/east/change-requests").text
    answer = officer.get("/p/east/change-requests.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    assert sheet["A2"].value == "DCR-2026-001"
    assert officer.get("/p/east/change-requests/DCR-1999-001").status_code == 404
    page = officer.get("/p/east/change-requests/DCR-2026-001").text
    assert "措辞不清" in page
    guest = open_browser()
    assert guest.sign_in("guest").status_code == 302
    guest.get("/p/east/documents/NCR-2026-0001/change")
    asked = guest.post("/p/east/documents/NCR-2026-0001/change", {"reason": "x", "impact": "y"})
    assert asked.status_code == 409
    assert guest.post("/p/east/change-requests/DCR-2026-001/forget", {"why": "x"}).status_code == 404
