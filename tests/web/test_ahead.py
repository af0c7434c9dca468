"""Looking ahead at pages and by the API: collisions, workload, calendars; the same numbers everywhere."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from compliance.core.accounts import NewUser, Role, add_user
from tests.web.api_client import program
from tests.web.conftest import Browser
from tests.web.world import ACTOR, NOW, PASSWORD, PlainPasswords

if TYPE_CHECKING:
    from flask import Flask

    from tests.web.world import World

ICS = "text/calendar; charset=utf-8"


@pytest.fixture
def officer(app: Flask) -> Browser:
    browser = Browser(app)
    browser.sign_in("officer")
    return browser


def rows_of(data: bytes) -> list[tuple[Any, ...]]:
    sheet = load_workbook(BytesIO(data)).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


def test_the_calendar_leads_to_the_collisions_of_its_year(officer: Browser) -> None:
    page = officer.get("/p/east/obligations/calendar?month=2026-03").text
    assert "/p/east/obligations/collisions?year=2026" in page
    assert officer.get("/p/east/obligations/collisions?year=2026").status_code == 200


def test_page_api_and_exports_hold_the_same_collisions(world: World, app: Flask, officer: Browser) -> None:
    said: Any = program(world, "officer", app).get("plants/east/collisions?year=2026").json
    loads = [one["load"] for one in said["collisions"]]
    assert loads
    page = officer.get("/p/east/obligations/collisions?year=2026").text
    assert [int(n) for n in re.findall(r'class="load">(\d+)', page)] == loads
    rows = rows_of(officer.get("/p/east/obligations/collisions.xlsx?year=2026").data)
    assert len(rows) - 1 == sum(loads)
    calendar = officer.get("/p/east/obligations/collisions.ics?year=2026")
    assert calendar.content_type == ICS
    assert calendar.text.count("BEGIN:VEVENT") == len(loads)


def test_a_year_without_occurrences_has_none(officer: Browser) -> None:
    assert "这一年没有冲突" in officer.get("/p/east/obligations/collisions?year=1999").text


def test_a_cell_of_the_matrix_unfolds_to_as_many_rows_as_it_counts(officer: Browser) -> None:
    for by in ("", "by=person&"):
        page = officer.get(f"/p/east/obligations/ahead?{by}").text
        cells = re.findall(r'<a class="cell [^"]*" href="([^"#]+)#list"[^>]*><b>(\d+)</b>', page)
        assert cells
        for href, count in cells[:6]:
            below = officer.get(href.replace("&amp;", "&")).text.partition('id="list"')[2]
            assert below.partition("</section>")[0].count("<li data-row>") == int(count), href


def test_the_api_says_what_the_matrix_says(world: World, app: Flask, officer: Browser) -> None:
    said: Any = program(world, "officer", app).get("plants/east/simulation").json
    totals = sorted(line["total"] for line in (*said["posts"], said["actions"]) if line["total"])
    page = officer.get("/p/east/obligations/ahead").text
    shown = sorted(int(n) for n in re.findall(r"<td><b>(\d+)</b></td></tr>", page) if int(n))
    assert shown == totals
    rows = rows_of(officer.get("/p/east/obligations/ahead.xlsx").data)
    assert len(rows) - 1 == len(said["items"])


def test_a_bad_number_of_months_is_refused(world: World, app: Flask) -> None:
    assert program(world, "officer", app).get("plants/east/simulation?months=13").status_code == 422


def test_calendars_of_the_plant_and_of_ones_own_posts_are_downloaded(world: World) -> None:
    browser = Browser(world.app())
    browser.sign_in("head")
    whole, own = (browser.get(f"/p/east/notices/calendar.ics{of}") for of in ("", "?of=mine"))
    assert whole.content_type == own.content_type == ICS
    assert whole.text.count("BEGIN:VEVENT") >= own.text.count("BEGIN:VEVENT")
    assert "LAST" not in own.text


def test_only_an_administrator_makes_and_ends_a_feed_of_the_plant(world: World) -> None:
    app = world.app()
    new = NewUser("boss", "管理员", None, "east", Role.ADMINISTRATOR, PASSWORD)
    add_user(world.register, PlainPasswords(), new, actor=ACTOR, now=NOW)
    officer, chief = Browser(app), Browser(app)
    officer.sign_in("officer")
    chief.sign_in("boss")
    assert officer.post("/p/east/notices/plant-feeds").status_code == 403
    page = chief.post("/p/east/notices/plant-feeds").text
    (path,) = re.findall(r'value="[^"]*(/feed/[^"]+\.ics)"', page)
    stranger = app.test_client()
    assert stranger.get(path).data.count(b"BEGIN:VEVENT") > 0
    with world.register.read() as reads:
        (token,) = [t for t in reads.feed_tokens(world.plants[0]) if t.person is None]
    assert officer.post(f"/p/east/notices/plant-feeds/{token.name}/revoke").status_code == 403
    assert chief.post(f"/p/east/notices/plant-feeds/{token.name}/revoke").status_code == 303
    assert stranger.get(path).status_code == 404
