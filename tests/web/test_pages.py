"""Every page in both languages: it answers, is well-formed for assistive technology, and holds no markup of others."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from compliance.core.judged import OccurrenceState
from compliance.web import labels
from tests.web.places import AFTER_UPLOAD, addresses

if TYPE_CHECKING:
    from flask import Flask

    from tests.web.conftest import Browser

_VOID = frozenset({"meta", "link", "input", "br", "img", "hr"})


class Page(HTMLParser):
    """What tests ask of a page: tags, ids, labels, inline code, balance."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.labelled: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.wrong: list[str] = []
        self.lang = ""
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags[tag] += 1
        self._check(tag, found)
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self._check(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")

    def _check(self, tag: str, attrs: dict[str, str | None]) -> None:
        if identity := attrs.get("id"):
            self.ids[identity] += 1
        if tag == "html":
            self.lang = attrs.get("lang") or ""
        if tag == "label" and attrs.get("for"):
            self.labelled.add(attrs["for"] or "")
        if tag in {"input", "select", "textarea"} and attrs.get("type") not in {"hidden", "checkbox"}:
            self.fields.append(attrs)
        if tag == "script" and not attrs.get("src"):
            self.wrong.append("inline script")
        self.wrong += [f"{tag} {name}" for name in attrs if name == "style" or name.startswith("on")]

    def problems(self) -> list[str]:
        found = list(self.wrong)
        found += [f"unclosed {tag}" for tag in self._open]
        found += [f"id {i} twice" for i, n in self.ids.items() if n > 1]
        found += [f"no label for {f}" for f in self.fields if f.get("id") not in self.labelled]
        if self.tags["h1"] != 1:
            found.append(f"{self.tags['h1']} h1")
        if self.tags["main"] != 1:
            found.append("no main")
        return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_well_formed(app: Flask, officer: Browser, language: str) -> None:
    officer.speak(language)
    looked = 0
    for endpoint, path in addresses(app, "GET"):
        if endpoint in AFTER_UPLOAD:
            continue
        answer = officer.get(path)
        assert answer.status_code in {200, 302}, (path, answer.status_code)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            page = Page(answer.text)
            assert page.problems() == [], path
            assert page.lang == {"zh": "zh-CN", "en": "en"}[language]
            looked += 1
    assert looked >= 17


def test_text_of_others_is_never_markup(officer: Browser) -> None:
    for path in ("/p/east/work", "/p/east/findings", "/p/east/findings/1", "/p/east/nonconformities/NC-2026-0001"):
        text = officer.get(path).text
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert(1)" not in text


@pytest.mark.parametrize("state", list(OccurrenceState))
def test_a_state_is_never_told_by_colour_alone(app: Flask, state: OccurrenceState) -> None:
    with app.test_request_context():
        chip = labels.state_chip(state)
    assert chip.text
    assert chip.symbol


def test_the_queue_says_what_by_when_and_why(officer: Browser) -> None:
    text = officer.get("/p/east/work").text
    for part in ("逾期 12 天", "还有 3 天", "所属期次月 10 日", "§"):
        assert part in text


def test_the_queue_warns_when_the_judgement_is_old(app: Flask, officer: Browser) -> None:
    clock = app.extensions["compliance"].clock
    now = clock.hands[0]
    try:
        clock.hands[0] = now.replace(day=23)
        officer.sign_in("officer")
        assert "以下判断截至" in officer.get("/p/east/work").text
    finally:
        clock.hands[0] = now


def test_an_occurrence_is_explained_down_to_the_rules_text(officer: Browser) -> None:
    text = officer.get("/p/east/obligations/1").text
    assert "[obligation." in text
    assert "所属期次月 10 日" in text
    assert "requirements" in text


def test_a_finding_leads_to_the_row_that_it_rests_on(officer: Browser) -> None:
    assert "/p/east/data/instrument/JL-001" in officer.get("/p/east/findings/1").text
    row = officer.get("/p/east/data/instrument/JL-001").text
    assert "入窑煤粉秤" in row
    assert ">12<" in row  # the cycle in months, not in millionths
    assert officer.get("/p/east/data/instrument/NONE").status_code == 404
    assert officer.get("/p/east/data/user_account/officer").status_code == 404


def test_a_fact_about_an_occurrence_leads_to_its_page(officer: Browser) -> None:
    import re

    page = officer.get("/p/east/obligations/2").text
    rule = re.search(r"/rules/obligation/([a-z0-9-]+)", page)
    assert rule is not None
    answer = officer.get(f"/p/east/data/occurrence/{rule[1]}|91110000600001234A|2000-02")
    assert answer.headers["Location"].endswith("/obligations/2")


@pytest.mark.parametrize(
    "path",
    [
        "/p/east/obligations?from=9999-99-99&until=x&state=nix&rows=1000000000",
        "/p/east/obligations/calendar?month=0000-00",
        "/p/east/obligations/calendar?month=2026-13",
        "/p/east/obligations/year?year=99999",
        "/p/east/findings?shown=nix&subject=" + "%27" * 500,
        "/p/east/rules?kind=nix",
    ],
)
def test_odd_questions_get_a_page(officer: Browser, path: str) -> None:
    assert officer.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/p/east/obligations?after=" + "A" * 5000,
        "/p/east/obligations?after=WyJ4IiwgMV0",
        "/p/east/obligations?after=W1tbW1tbW10",
        "/p/east/trail?after=bnVsbA",
        "/p/east/findings?after=WzEsIDE4NDQ2NzQ0MDczNzA5NTUxNjE2XQ",
    ],
)
def test_a_position_that_no_page_gave_is_a_bad_request(officer: Browser, path: str) -> None:
    assert officer.get(path).status_code == 400


def test_numbers_beyond_the_register_are_simply_not_there(officer: Browser) -> None:
    for path in ("/p/east/obligations/99999999999999999999", "/p/east/trail/99999999999999999999"):
        assert officer.get(path).status_code == 404


def test_health_for_monitoring_names_no_one(app: Flask) -> None:
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {"ok": True, "checks": [{"check": "register", "ok": True}, {"check": "engine", "ok": None}]}


def test_plain_http_beyond_this_machine_shows_a_banner(app: Flask, officer: Browser) -> None:
    assert 'class="banner"' not in officer.get("/p/east/work").text
