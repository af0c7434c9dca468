"""Sets of documents at their pages and by programs: asked for, watched, ended, led on, handed over."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from compliance.core.accounts import Role, grant
from compliance.core.documents.batches import KIND
from compliance.core.jobs import Runner
from tests.web.api_client import program
from tests.web.conftest import Browser
from tests.web.test_pages import Page
from tests.web.test_statements import MOST, Counter
from tests.web.told import leaves, refusal
from tests.web.world import ACTOR, NOW, fill, make_world, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.world import World

PAGE = "/p/east/documents/sets"
MONTH = "2026-10"


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two plants whose people may write documents."""
    made = make_world(tmp_path_factory.mktemp("batches"), rules())
    fill(made, made.plants[0], 5)
    yield made
    made.register.close()


@pytest.fixture
def head(own: World) -> Browser:
    browser = Browser(own.app())
    assert browser.sign_in("head").status_code == 302
    return browser


def work(world: World, steps: int = 99) -> None:
    """Let a worker do so many steps."""
    hands = Runner(
        world.register,
        {KIND: world.batches},
        "worker",
        world.clock.now,
        lambda at: at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    )
    while steps and hands.step():
        steps -= 1


def ask(browser: Browser, **form: str) -> str:
    browser.get(PAGE)
    answer = browser.post(PAGE, {"month": MONTH} | form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def test_a_set_is_asked_for_watched_and_handed_over(own: World, head: Browser) -> None:
    before = leaves(own)
    place = ask(head)
    assert leaves(own) == before + 1
    text = head.get(place).text
    assert not Page(text).wrong
    assert re.search(r'<progress max="\d+" value="0"', text)
    assert "data-job" in text
    far = head.get(f"{place}/progress").get_json()
    assert (far["open"], far["behind"]) == (True, 0)
    assert head.get(f"{place}/files.zip").status_code == 404
    work(own)
    far = head.get(f"{place}/progress").get_json()
    assert (far["open"], far["behind"], far["failed"]) == (False, far["of"], 0)
    text = head.get(place).text
    assert "data-job" not in text
    assert "燃料盘点" in text
    archive = ZipFile(BytesIO(head.get(f"{place}/files.zip").data))
    assert len(archive.namelist()) == far["of"]
    assert all("草稿" in name for name in archive.namelist())
    sheet = load_workbook(BytesIO(head.get(f"{PAGE}.xlsx").data)).active
    assert sheet is not None
    assert sheet.cell(2, 2).value == MONTH


def test_it_is_cancelled_and_led_on_by_who_asked_alone(own: World, head: Browser) -> None:
    place = ask(head, month="", year="2026")
    other = Browser(own.app())
    other.sign_in("checker")
    other.get(PAGE)
    before = leaves(own)
    assert other.post(f"{place}/cancel").status_code == 403
    assert leaves(own) == before + 1
    assert head.post(f"{place}/resume").status_code == 409
    assert leaves(own) == before + 1
    work(own, 1)
    before = leaves(own)
    assert head.post(f"{place}/cancel").status_code == 303
    assert leaves(own) == before + 1
    assert "resume" not in other.get(place).text
    work(own)
    assert f"{place}/resume" in head.get(place).text
    assert head.post(f"{place}/resume").status_code == 303
    work(own)
    assert head.get(f"{place}/progress").get_json()["state"] == "done"


def test_what_is_no_period_or_nobodys_to_write_is_refused(own: World, head: Browser) -> None:
    head.get(PAGE)
    for form, status in (
        ({"month": "26"}, 400),
        ({}, 400),
        ({"month": "1999-01"}, 409),
        ({"month": MONTH, "pages": "yes"}, 409),
    ):
        answer = head.post(PAGE, form)
        assert answer.status_code == status, form
        assert 'role="alert"' in answer.text
    looker = Browser(own.app())
    looker.sign_in("auditor")
    looker.get(PAGE)
    before = leaves(own)
    assert looker.post(PAGE, {"month": MONTH}).status_code == 403
    assert leaves(own) == before + 1


def test_another_plant_has_no_part_in_it(own: World, head: Browser) -> None:
    number = ask(head).rpartition("/")[2]
    stranger = Browser(own.app())
    stranger.sign_in("west")
    for path in (number, f"{number}/progress", f"{number}/files.zip"):
        assert stranger.get(f"/p/west/documents/sets/{path}").status_code == 404
    assert stranger.post(f"/p/west/documents/sets/{number}/cancel").status_code == 404
    assert number not in [row["number"] for row in program(own, "west").told("plants/west/jobs")["rows"]]


def test_a_set_of_every_plant_shows_each_person_only_their_own(own: World) -> None:
    fill(own, own.plants[1], 5)
    grant(own.register, "head", plant="west", role=Role.DEPARTMENT, actor=ACTOR, now=NOW)
    head, other = Browser(own.app()), Browser(own.app())
    head.sign_in("head")
    other.sign_in("checker")
    place = ask(head, scope="group")
    work(own)
    number = place.rpartition("/")[2]
    with own.register.read() as reads:
        job, items = reads.job(int(number)), reads.job_items(int(number))
    assert job is not None
    assert (job.plant, job.state, job.done) == (None, "done", 2)
    assert {item.plant for item in items} == {plant.key for plant in own.plants}
    for seen, plants in ((head, own.plants), (other, own.plants[:1])):
        names = ZipFile(BytesIO(seen.get(f"{place}/files.zip").data)).namelist()
        assert len(names) == len(plants)
        assert all(any(plant.key in name for name in names) for plant in plants if len(plants) > 1)
        assert [plant.name in seen.get(place).text for plant in own.plants] == [True, len(plants) > 1]
    assert head.get(f"/p/west/documents/sets/{number}").status_code == 200


def test_pages_ask_few_statements_and_speak_english(own: World, head: Browser) -> None:
    place = ask(head, month="", year="2026")
    work(own)
    head.speak("en")
    counter = Counter(own)
    for path in (PAGE, place, f"{place}/progress"):
        counter.seen.clear()
        assert head.get(path).status_code == 200
        assert 0 < len(counter.seen) <= MOST, (path, counter.seen)
    assert "Done" in head.get(place).text


def test_programs_ask_look_cancel_and_lead_on(own: World) -> None:
    head, other = program(own, "head"), program(own, "checker")
    before = leaves(own)
    answer = head.post("plants/east/jobs", {"period": "2026"}, headers={"Idempotency-Key": "k" * 20})
    assert answer.status_code == 201, answer.text
    again = head.post("plants/east/jobs", {"period": "2026"}, headers={"Idempotency-Key": "k" * 20})
    assert again.json == answer.json
    assert leaves(own) == before + 1
    number = answer.get_json()["number"]
    assert head.post(f"plants/east/jobs/{number}/cancel", {}).get_json()["state"] == "cancelled"
    assert leaves(own) == before + 2
    refusal(head.post(f"plants/east/jobs/{number}/cancel", {}), 409, "job-over")
    refusal(other.post(f"plants/east/jobs/{number}/resume", {}), 403, "not-your-job")
    assert leaves(own) == before + 3
    assert head.post(f"plants/east/jobs/{number}/resume", {}).get_json()["state"] == "waiting"
    assert leaves(own) == before + 4
    work(own)
    told = head.told(f"plants/east/jobs/{number}")
    assert (told["state"], told["done"]) == ("done", told["of"])
    assert all(item["number"] for item in told["items"])
    assert head.get(f"plants/east/jobs/{number}/files").mimetype == "application/zip"
    refusal(head.post("plants/east/jobs", {"period": "2026-13"}), 422)
    refusal(head.get("plants/east/jobs/999"), 404)
