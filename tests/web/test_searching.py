"""The search of pages and of the API: what is found leads to its page, and another plant's thing never shows."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_from_bytes

import pytest

from compliance.core.acts import Act
from tests.wall.test_hostile import STRINGS
from tests.web.api_client import program
from tests.web.conftest import Browser
from tests.web.test_statements import MOST, Counter
from tests.web.world import ACTOR, STAFF

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.web.world import World

pytestmark = pytest.mark.slow
SECRET = "西山独有之事"


@pytest.fixture(scope="module", autouse=True)
def _marked(world: World) -> None:
    """The other plant alone has a ticket of these words; the index is whole, whichever test comes first."""
    with world.register.database.work() as connection:
        west = world.plants[1].id
        connection.exec_driver_sql(f"UPDATE nonconformity SET title_zh = '{SECRET}' WHERE plant_id = {west}")
    assert world.search.refresh()


def signed(app: Flask, login: str) -> Browser:
    browser = Browser(app)
    assert browser.sign_in(login).status_code == 302
    return browser


def ask(browser: Browser, words: str, where: str = "/p/east/search", **more: str) -> TestResponse:
    asked = "&".join(f"{k}={quote_from_bytes(v.encode('utf-8', 'surrogatepass'))}" for k, v in more.items())
    return browser.get(f"{where}?q={quote_from_bytes(words.encode('utf-8', 'surrogatepass'))}&{asked}")


def links(page: TestResponse) -> list[str]:
    hits = re.findall(r"<li data-row>.*?</li>", page.text, re.DOTALL)
    return [unescape(re.findall(r'href="([^"]+)"', hit)[0]) for hit in hits]


def test_every_hit_leads_to_its_page(officer: Browser) -> None:
    seen = set()
    for words in ("NC-2026-0001", "NCR-2026", "证据", "检定", "监测计划", "月报", "见附件", "排放"):
        for link in links(ask(officer, words)):
            seen.add(link.split("/")[3])
            answer = officer.get(link)
            assert answer.status_code in {200, 302}, link
    assert seen >= {"nonconformities", "documents", "rules", "findings", "obligations"}


def test_what_was_found_is_marked_and_its_kind_can_be_chosen(officer: Browser) -> None:
    page = ask(officer, "nc-2026-0001", kind="nonconformity")
    assert "<mark>NC-2026-0001</mark>" in page.text
    assert links(page) == ["/p/east/nonconformities/NC-2026-0001"]


def test_evidence_is_found_by_its_name(officer: Browser) -> None:
    (link, *_others) = links(ask(officer, "证据.pdf", kind="file"))
    assert officer.get(link).status_code == 302


def test_pages_go_on(officer: Browser) -> None:
    page, seen = ask(officer, "的", kind="rule"), []
    while True:
        seen += links(page)
        more = re.search(r'rel="next" href="([^"]+)"', page.text)
        if more is None:
            break
        page = officer.get(unescape(more[1]))
    assert len(seen) == len(set(seen)) > 20


def test_another_plants_thing_never_shows(app: Flask, officer: Browser) -> None:
    for where in ("/p/east/search", "/search"):
        page = ask(officer, SECRET, where)
        assert page.status_code == 200
        assert links(page) == []
        shown, none = (text.partition("<main")[2] for text in (page.text, ask(officer, SECRET + "不", where).text))
        assert shown == none.replace(SECRET + "不", SECRET)
    assert links(ask(signed(app, "west"), SECRET, "/p/west/search"))
    assert links(ask(signed(app, "west"), SECRET, "/search"))
    chief = ask(signed(app, "chief"), SECRET, "/search")
    assert links(chief)
    assert "西山水泥有限公司" in chief.text
    assert ask(officer, SECRET, "/p/west/search").status_code == 404
    # A position that another's page gave opens nothing.
    assert links(ask(officer, SECRET, after=f"6 9999-01-01 {2}:nonconformity:NC-2026-9999")) == []


def test_the_same_by_the_api(world: World, app: Flask, officer: Browser) -> None:
    east = program(world, "officer", app)
    said: Any = east.told("plants/east/search?q=NC-2026")
    assert [row["page"] for row in said["rows"]] == links(ask(officer, "NC-2026"))
    assert any(piece["found"] for row in said["rows"] for piece in row["snippet"] if row["kind"] == "finding")
    assert east.told(f"plants/east/search?q={SECRET}")["rows"] == []
    assert east.get(f"plants/west/search?q={SECRET}").status_code == 404
    assert east.told("plants/east/search") == {"rows": [], "next": None}
    for bad in ("?q=***", "?q=" + "x" * 300, "?q=a&kind=b", "?q=a&after=b", "?q=%00a"):
        answer = east.get(f"plants/east/search{bad}")
        assert 400 <= answer.status_code < 500, bad


@pytest.mark.parametrize("name", STRINGS)
def test_hostile_words_are_refused_or_shown_as_text(officer: Browser, name: str) -> None:
    words = STRINGS[name]
    for where in ("/p/east/search", "/search"):
        for page in (
            ask(officer, words, where),
            ask(officer, "NC", where, after=words),
            ask(officer, "NC", where, kind=words),
        ):
            assert page.status_code in {200, 400}, name
            for bad in ("<script>alert", "<img src=x", "<svg/on", "<base", "<form action=//", "<style>*"):
                assert bad not in page.text


@pytest.mark.parametrize("words", ["\x00", "校\x00准", "\ud800校", "长" * 10_000, "***", "—"])
def test_what_cannot_be_asked_is_said(officer: Browser, words: str) -> None:
    page = ask(officer, words)
    assert page.status_code == (200 if words == "\ud800校" else 400)  # Flask itself replaces half characters
    officer.speak("en")
    assert page.status_code == 200 or 'role="alert"' in page.text
    officer.speak("zh")


def test_filters_of_state_day_and_plant(app: Flask, officer: Browser) -> None:
    every = set(links(ask(officer, "NC-2026", kind="finding")))
    parts = [set(links(ask(officer, "NC-2026", kind="finding", state=state))) for state in ("open", "settled")]
    assert every == parts[0] | parts[1]
    assert not parts[0] & parts[1]
    assert all(parts)
    assert links(ask(officer, "检定", kind="record", **{"from": "2000-01-01"}))
    nothing = ask(officer, "检定", kind="record", until="1999-12-31")
    assert links(nothing) == []
    assert "不加筛选再查" in nothing.text
    assert "不加筛选再查" not in ask(officer, "绝无此词之页").text
    for odd in ({"from": "x"}, {"until": "9999-99-99"}, {"state": "<b>"}, {"in": "nowhere"}):
        assert ask(officer, "检定", "/search", **odd).status_code == 200
    chief = signed(app, "chief")
    assert {link.split("/")[2] for link in links(ask(chief, "NC-2026", "/search"))} == {"east", "west"}
    assert {link.split("/")[2] for link in links(ask(chief, "NC-2026", "/search", **{"in": "west"}))} == {"west"}
    # One's own plant alone, whatever is asked for.
    assert {link.split("/")[2] for link in links(ask(officer, "NC-2026", "/search", **{"in": "west"}))} == {"east"}


def test_the_api_filters_alike(world: World, app: Flask) -> None:
    east = program(world, "officer", app)
    every: Any = east.told("plants/east/search?q=NC-2026&kind=finding")
    kept: Any = east.told("plants/east/search?q=NC-2026&kind=finding&state=settled")
    assert 0 < len(kept["rows"]) < len(every["rows"])
    late: Any = east.told("plants/east/search?q=NC-2026&from=2099-01-01")
    assert late["rows"] == []
    for bad in ("state=x", "from=2026-13-01"):
        assert 400 <= east.get(f"plants/east/search?q=a&{bad}").status_code < 500


def test_a_row_is_found_and_leads_to_its_page(officer: Browser) -> None:
    found = links(ask(officer, STAFF["recorder"][1], kind="record")) + links(ask(officer, "检定", kind="record"))
    assert len({link.split("/")[4] for link in found}) > 1
    for link in found:
        assert link.startswith("/p/east/data/")
        assert officer.get(link).status_code == 200


def test_the_box_is_on_every_page_and_says_what_can_be_found(officer: Browser) -> None:
    assert 'action="/p/east/search"' in officer.get("/p/east/work").text
    assert 'action="/search"' in officer.get("/group").text
    assert "可以查找什么" in officer.get("/p/east/search").text
    assert "没有找到" in ask(officer, "绝无此词之页").text


def test_a_search_asks_at_most_eight_statements(world: World, officer: Browser) -> None:
    ask(officer, "NC-2026")
    counter = Counter(world)
    for where in ("/p/east/search", "/search"):
        for words in ("NC-2026", "检定", "的"):
            counter.seen.clear()
            ask(officer, words, where)
            assert 0 < len(counter.seen) <= MOST
    with world.register.work() as work:
        plant = world.plants[0]
        work.record(Act(actor=ACTOR, action="plant:reconcile", object_type="plant", object_id=plant.key), plant)
    counter.seen.clear()
    ask(officer, "NC-2026")
    assert len(counter.seen) <= MOST


def test_a_word_of_the_other_language_is_shown_where_it_was_found(officer: Browser) -> None:
    officer.speak("en")
    page = ask(officer, "器具")
    officer.speak("zh")
    assert links(page)
    assert all("<mark>" in hit for hit in re.findall(r"<li data-row>.*?</li>", page.text, re.DOTALL))
