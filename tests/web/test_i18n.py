"""Both languages are complete: no sentence without its English, no Chinese on an English page but data."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_dir

from compliance.core.facts import CATALOGUE
from compliance.web.facts import property_name
from compliance.web.i18n import catalog
from tests.web.places import AFTER_UPLOAD, addresses
from tests.web.world import STAFF

if TYPE_CHECKING:
    from flask import Flask

    from tests.web.conftest import Browser
    from tests.web.world import World

WEB = Path(__file__).resolve().parents[2] / "compliance" / "web"
CHINESE = re.compile(r"[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]+")


@cache
def _sentences() -> dict[str, str]:
    found = {}
    for file, line, message, _comments, _context in extract_from_dir(
        WEB,
        method_map=[("**.py", "python"), ("**/templates/**.html", "jinja2")],
        options_map={"**/templates/**.html": {"extensions": "jinja2.ext.i18n"}},
        keywords={"_": None, "gettext": None, "ngettext": (1, 2)},
    ):
        found[message if isinstance(message, str) else message[0]] = f"{file}:{line}"
    return found


def test_every_sentence_has_its_english() -> None:
    sentences = _sentences()
    assert len(sentences) > 300
    missing = {s: where for s, where in sentences.items() if not catalog().get(s)}
    assert missing == {}


def test_no_english_stands_for_a_sentence_that_is_gone() -> None:
    assert set(catalog()) - set(_sentences()) == set()


def test_both_languages_fill_the_same_places() -> None:
    def places(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)s", text))

    for sentence, english in catalog().items():
        for form in (english,) if isinstance(english, str) else english:
            assert places(form) == places(sentence), sentence
            assert not CHINESE.search(form), form


def test_no_chinese_stands_bare_in_a_template() -> None:
    spoken = re.compile(r"_\(\"[^\"]*\"|_\('[^']*'|ngettext\(\"[^\"]*\", \"[^\"]*\"|{#.*?#}", re.DOTALL)
    for file in (WEB / "templates").glob("*.html"):
        bare = set(CHINESE.findall(spoken.sub("", file.read_text(encoding="utf-8"))))
        # The name of the language stands in its own language.
        assert bare <= {"中文"}, (file.name, bare)


#: What may be Chinese on an English page, as it is data: names, keys, words of the workbook, texts of rules as filed.
_DATA = re.compile(
    r'<pre class="rule.*?</pre>|<(td|span|b|a|select|textarea)\b[^>]*class="(?:title )?data"[^>]*>.*?</\1>', re.DOTALL
)


def test_an_english_page_holds_no_chinese_but_data(app: Flask, officer: Browser, world: World) -> None:
    officer.speak("en")
    known = {world.site.name, "officer 王", "auditor 王", "中文", "命令行", "补录"}
    known |= {p.name for p in world.plants}
    known |= {rule.source.document for rule in world.rulebase.rules}
    known |= {"审核", *(word or "" for _account, *words, _role in STAFF.values() for word in words)} - {""}
    known |= {"计量器具", "入窑煤粉秤", "是"}
    for endpoint, path in addresses(app, "GET"):
        if endpoint in AFTER_UPLOAD or endpoint in {"trail.source", "rules.rule", "static"}:
            continue
        answer = officer.get(path)
        if answer.mimetype != "text/html":
            continue
        text = _DATA.sub("", answer.text)
        for name in sorted(known, key=len, reverse=True):
            text = text.replace(name, "")
        assert set(CHINESE.findall(text)) == set(), path


def test_every_property_of_a_fact_has_a_name_in_both_languages(app: Flask) -> None:
    names = {name for kind in CATALOGUE.values() for name in kind.properties} - {"row"}
    for header in ("language=zh", "language=en"):
        with app.test_request_context(headers={"Cookie": header}):
            nameless = {name for name in names if "_" in name and property_name(name) == name}
            assert nameless == set()
    with app.test_request_context(headers={"Cookie": "language=zh"}):
        assert {name for name in names if not CHINESE.search(property_name(name))} == set()


def test_a_person_chooses_the_language(app: Flask, officer: Browser) -> None:
    assert 'lang="zh-CN"' in officer.get("/p/east/work").text
    answer = officer.post("/language", {"language": "en", "next": "/p/east/work"})
    assert answer.headers["Location"] == "/p/east/work"
    assert "My work" in officer.get("/p/east/work").text
    officer.post("/language", {"language": "xx", "next": "/p/east/work"})
    assert "My work" in officer.get("/p/east/work").text


@pytest.mark.parametrize(
    ("asked", "lang"), [("en-GB,en;q=0.9", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"), ("de", "zh-CN"), ("", "zh-CN")]
)
def test_else_the_browser_decides_and_chinese_comes_first(app: Flask, asked: str, lang: str) -> None:
    text = app.test_client().get("/sign-in", headers={"Accept-Language": asked}).text
    assert f'<html lang="{lang}">' in text


def test_the_site_decides_where_nobody_asks(world: World) -> None:
    text = world.app(language="en").test_client().get("/sign-in").text
    assert '<html lang="en">' in text


def test_english_counts_one_as_one(officer: Browser, world: World) -> None:
    from compliance.web.i18n import ngettext

    app = world.app()
    with app.test_request_context(headers={"Cookie": "language=en"}):
        days = [ngettext("还有 %(num)s 天", "还有 %(num)s 天", n) for n in (1, 2)]
    assert days == ["1 day left", "2 days left"]
