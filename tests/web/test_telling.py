"""Notices, choices and calendar feeds at pages: one's own alone, reading leaves no leaf, a token is a secret."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from compliance.core.acts import Act
from compliance.core.notices import PLANT, Notice
from compliance.kernel.text import Text
from tests.web.conftest import Browser, _world
from tests.web.test_statements import Counter
from tests.web.world import ACTOR, TODAY, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance.core.plants import Plant
    from compliance.rulebase.rulebase import RuleBase


@pytest.fixture
def world(tmp_path: Any, rulebase: RuleBase) -> Iterator[World]:
    made = _world(tmp_path, rulebase, 20)
    yield made
    made.register.close()


def _tell(world: World, plant: Plant, person: str, count: int, rung: str = "before-5") -> None:
    new = [
        Notice(
            person=person, kind=PLANT, object_id=plant.key, rung=rung, about=TODAY + timedelta(n),
            title=Text(f"提醒 {n} <b>", f"Reminder {n} <b>"), body=Text("正文", "Body"),
        )
        for n in range(count)
    ]  # fmt: skip
    with world.register.work() as work:
        work.add_notices(plant, new, TODAY)
        work.record(Act(actor=ACTOR, action="plant:reconcile", object_type="plant", object_id=plant.key), plant)


def _at(world: World, login: str) -> Browser:
    browser = Browser(world.app())
    assert browser.sign_in(login).status_code == 302
    return browser


def _leaves(world: World) -> int:
    with world.register.read() as reads:
        return reads.version(world.plants[0])


def test_the_bell_counts_what_is_unread_and_the_list_pages_by_key(world: World) -> None:
    _tell(world, world.plants[0], "P01", 70)
    browser = _at(world, "recorder")
    assert '<span class="badge">70</span>' in browser.get("/p/east/work").text
    seen: list[str] = []
    path: str | None = "/p/east/notices"
    while path:
        page = browser.get(path).text
        seen += re.findall(r'notices/(\d+)"', page)
        more = re.search(r'rel="next" href="([^"]*)"', page)
        path = unescape(more[1]) if more else None
    assert len(seen) == len(set(seen)) == 70
    assert seen == sorted(seen, key=int, reverse=True)
    assert "&lt;b&gt;" in page
    assert browser.get("/p/east/notices?after=xx").status_code == 400


def test_reading_one_or_all_is_kept_without_a_leaf(world: World) -> None:
    _tell(world, world.plants[0], "P01", 3)
    browser, before = _at(world, "recorder"), _leaves(world)
    page = browser.get("/p/east/notices").text
    first = re.findall(r'notices/(\d+)"', page)[0]
    assert browser.get(f"/p/east/notices/{first}").headers["Location"].endswith("/p/east/work")
    assert '<span class="badge">3</span>' in browser.get("/p/east/notices").text  # looking marks nothing
    assert browser.post("/p/east/notices/seen", {"notice": first}).status_code == 303
    assert '<span class="badge">2</span>' in browser.get("/p/east/notices").text
    browser.post("/p/east/notices/seen", {"newest": first})
    assert "badge" not in browser.get("/p/east/notices").text.partition('class="right"')[2].partition("</header>")[0]
    assert _leaves(world) == before


def test_notices_of_others_are_not_there(world: World) -> None:
    _tell(world, world.plants[0], "P02", 2)
    with world.register.read() as reads:
        number = reads.notices(world.plants[0])[0].id
    browser = _at(world, "recorder")
    assert "提醒 0" not in browser.get("/p/east/notices").text
    assert browser.get(f"/p/east/notices/{number}").status_code == 404
    browser.post("/p/east/notices/seen", {"notice": str(number)})
    with world.register.read() as reads:
        assert not any(n.seen_at for n in reads.notices(world.plants[0], "P02"))


def test_choices_are_kept_as_an_act_and_wrong_ones_told(world: World) -> None:
    browser, before = _at(world, "recorder"), _leaves(world)
    path = "/p/east/notices/choices"
    wrong = browser.post(path, {"mail": "nobody", "quiet_from": "22:00", "quiet_until": "07:00"})
    assert wrong.status_code == 400
    assert "“nobody”不是邮件地址" in wrong.text
    assert 'value="22:00"' in wrong.text
    assert browser.post(path, {"mail": "a@b.example", "quiet_from": "22:00"}).status_code == 400
    assert _leaves(world) == before
    good = {"mail": "a@b.example", "quiet_from": "22:00", "quiet_until": "07:00", "muted": ["before", "late"]}
    assert browser.post(path, good).status_code == 303
    assert _leaves(world) == before + 1
    with world.register.read() as reads:
        kept = reads.choices(world.plants[0])[0]
    assert (kept.person, kept.mail, kept.quiet) == ("P01", "a@b.example", ("22:00", "07:00"))
    assert [c.value for c in kept.muted] == ["before"]


def _feed(browser: Browser) -> str:
    browser.get("/p/east/notices/choices")
    page = browser.post("/p/east/notices/feeds").text
    found = re.search(r'readonly value="([^"]*)"', page)
    assert found is not None
    return unescape(found[1]).partition("localhost")[2]


def test_a_feed_opens_for_whoever_has_its_token_and_says_nothing_else(world: World) -> None:
    browser = _at(world, "recorder")
    path = _feed(browser)
    token = path.removeprefix("/feed/").removesuffix(".ics")
    assert token not in browser.get("/p/east/notices/choices").text
    stranger = world.app().test_client()
    counter = Counter(world)
    answer = stranger.get(path)
    assert len(counter.seen) <= 8
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    lines = answer.data.decode().split("\r\n")
    assert all("\n" not in line and len(line.encode()) <= 75 for line in lines)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    for bad in ("/feed/nothing.ics", f"/feed/{token[:-1]}.ics", "/feed/" + "x" * 4000 + ".ics", "/feed/%00.ics"):
        refused = stranger.get(bad)
        assert refused.status_code in {404, 400}
        assert "Set-Cookie" not in refused.headers
    assert stranger.post(path).status_code in {400, 405}


def test_a_feed_holds_the_duties_of_the_posts_in_its_plant_alone(world: World) -> None:
    with world.register.read() as reads:
        mine = {o.due for o in reads.occurrences(world.plants[0]) if o.owner == "department-head"}
    answer = world.app().test_client().get(_feed(_at(world, "head"))).data.decode()
    text = answer.replace("\r\n ", "")
    shown = set(re.findall(r"DTSTART;VALUE=DATE:(\d{8})", text))
    assert shown <= {f"{due:%Y%m%d}" for due in mine}
    assert len(set(re.findall(r"UID:(\S+)", text))) == text.count("BEGIN:VEVENT")
    assert "西山" not in text


def test_a_revoked_feed_is_answered_as_an_unknown_one_and_others_cannot_revoke_it(world: World) -> None:
    browser = _at(world, "recorder")
    path = _feed(browser)
    stranger = world.app().test_client()
    with world.register.read() as reads:
        name = reads.feed_tokens(world.plants[0])[0].name
    other = _at(world, "checker")
    assert other.post(f"/p/east/notices/feeds/{name}/revoke").status_code == 400
    assert stranger.get(path).status_code == 200
    assert browser.post(f"/p/east/notices/feeds/{name}/revoke").status_code == 303
    revoked, unknown = stranger.get(path), stranger.get("/feed/unknown.ics")
    assert (revoked.status_code, revoked.data) == (unknown.status_code, unknown.data) == (404, b"")


def test_a_feed_speaks_the_language_it_was_made_in(world: World) -> None:
    browser = _at(world, "deputy")
    browser.speak("en")
    path = _feed(browser)
    assert "lang=en" in path
    text = world.app().test_client().get(path).data.decode()
    assert "X-WR-CALNAME:Carbon duties of" in text


def test_the_group_counts_every_plant_in_two_statements(world: World) -> None:
    chief = _at(world, "chief")
    counter = Counter(world)
    page = chief.get("/group").text
    assert len(counter.seen) <= 4
    assert "东岭水泥" in page
    assert "西山水泥" in page
    ordered = chief.get("/group?sort=overdue").text
    assert ordered.index("东岭水泥") < ordered.index("西山水泥")
    assert "西山水泥" not in chief.get("/group?find=east").text
    assert chief.get("/group.xlsx").data[:2] == b"PK"
    assert "西山水泥" not in _at(world, "recorder").get("/group").text
    assert chief.get("/group?sort=nonsense").status_code == 200
