"""Forty hostile strings in every text that people give: refused, or kept and shown as text wherever it is shown."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from compliance.core.cases import CaseKey
from compliance.core.judged import NONCONFORMITY, OCCURRENCE
from compliance.rulebase.schema import FieldType, Workflow
from tests.wall.stage import EVIDENCE, Stage, files_of, path_to
from tests.web.conftest import chromium
from tests.web.served import served
from tests.web.test_pages import Page
from tests.web.world import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium

__all__ = ["chromium"]
pytestmark = pytest.mark.slow

PLAIN = "平常的话"
STRINGS = {
    "script": "<script>alert(1)</script>",
    "image": '"><img src=x onerror=alert(1)>',
    "svg": "<svg/onload=alert(1)>",
    "attribute": "' onmouseover='alert(1)' x='",
    "textarea": "</textarea><script>alert(1)</script>",
    "title": "</title><script>alert(1)</script>",
    "comment": "--><script>alert(1)</script><!--",
    "cdata": "]]><script>alert(1)</script>",
    "javascript": "javascript:alert(1)",
    "data": "data:text/html,<script>alert(1)</script>",
    "style": "<style>*{display:none}</style>",
    "base": "<base href=//evil.example>",
    "meta": '<meta http-equiv=refresh content="0;url=//evil.example">',
    "form": "<form action=//evil.example><input name=password>",
    "jinja": "{{7*7}}{{config}}",
    "jinja-block": "{% for x in range(9) %}z{% endfor %}",
    "jinja-comment": "{# gone #}",
    "format": "%(day)s %s {0} {day} ${day}",
    "formula": "=1+1",
    "formula-call": '=HYPERLINK("http://evil.example","x")',
    "formula-plus": "+1+cmd|' /C calc'!A0",
    "formula-minus": "-2+3",
    "formula-at": "@SUM(1)",
    "formula-wide": "＝1+1",
    "tab": "a\t=1+1",
    "rtl": "a\u202egnp.exe",
    "zero-width": "a\u200bb",
    "joiner": "a\u2060b",
    "bom": "\ufeffa",
    "nul": "a\x00b",
    "vertical-tab": "a\x0bb",
    "surrogate": "a\ud800b",
    "long": "长" * 10_000,
    "crlf": "a\r\nSet-Cookie: x=1\r\n\r\n<b>",
    "line-separator": "a\u2028b",
    "combining": "e" + "\u0301" * 40,
    "emoji": "🏭 🔥",
    "emoji-joined": "👩\u200d👧",
    "sql": "'; DROP TABLE nonconformity; --",
    "path": "../../../../etc/passwd",
    "entities": "&amp;&lt;&#60;&quot;",
    "noncharacter": "a\uffffb",
}


#: Strings with characters that do not show themselves: no text takes them.
UNSHOWN = frozenset(
    {
        "nul",
        "vertical-tab",
        "long",
        "noncharacter",
        "rtl",
        "zero-width",
        "joiner",
        "bom",
        "surrogate",
        "emoji-joined",
        "line-separator",
    }
)


class Texts(HTMLParser):
    """What a page says, in text and in the values of its fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value for name, value in attrs if value and name in {"value", "title", "aria-label"}]


def _plain(text: str) -> str:
    """A text as it is compared: blanks of lines are one blank in HTML."""
    return " ".join(text.split())


def _way(stage: Stage, kind: str) -> tuple[Workflow, list[str]]:
    workflow = next(w for w in stage.workflows() if w.applies_to == kind)
    seed = stage.seeds(kind)[-1]
    found: list[tuple[str, ...]] = []
    for final in sorted(workflow.finals):
        path = path_to(workflow, seed, lambda v, final=final: v.state == final)  # type: ignore[misc] # bound at once
        found += [path] if path else []
    longest = max(len(path) for path in found)
    return workflow, list(next(path for path in found if len(path) == longest))


def _work(stage: Stage, key: CaseKey, path: list[str], said: str) -> list[str]:
    """Work a case with a string in every text; return the names of the fields that keep it."""
    kept: list[str] = []
    for name in path:
        found = stage.look(key)
        workflow = found.thing.workflow
        step = workflow.step(name)
        assert step is not None
        login = stage.allowed(key, step)
        assert login is not None
        values = stage.values(workflow, step, key)
        texts = [n for n in (*step.needs, *step.offers) if (f := workflow.field(n)) and f.type is FieldType.TEXT]
        texts += ["reason"] if step.reason else []
        file = files_of(workflow, step.needs)
        for hostile in (said, None):
            given: dict[str, Any] = values | dict.fromkeys(texts, said if hostile is not None else PLAIN)
            if file:
                name_ = said.encode("utf-8", "replace").decode() if hostile else "证据.pdf"
                given[file] = [(io.BytesIO(EVIDENCE), name_)]
            before = stage.digest()
            answer = stage.by_web(login, key, step, {k: _sendable(v) for k, v in given.items()}, file=False)
            assert answer.status_code < 500, (name, answer.status_code)
            if answer.status_code == 303:
                kept += [f"{name}.{t}" for t in texts if hostile is not None]
                break
            assert answer.status_code >= 400, (name, said)
            assert stage.digest() == before
            assert Page(answer.text).problems() == [] or answer.status_code == 400, name
        else:
            message = f"{name} of {key} was refused with plain values"
            raise AssertionError(message)
    return kept


def _sendable(value: Any) -> Any:
    """A lone surrogate as a client sends it that does not care."""
    return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if isinstance(value, str) else value


@pytest.fixture(scope="module")
def told(stage: Stage) -> dict[str, tuple[CaseKey, CaseKey, list[str]]]:
    """For each string: a nonconformity and an occurrence that were worked with it, and the fields that keep it."""
    _nc, long_way = _way(stage, NONCONFORMITY)
    _oc, short_way = _way(stage, OCCURRENCE)
    made = {}
    for name, said in {"plain": PLAIN, **STRINGS}.items():
        form = {"title": _sendable(said), "category": "A", "grade": "major"}
        answer = stage.at("omni0").post("/p/east/nonconformities/new", form)
        assert answer.status_code in {303, 400}, (name, answer.status_code)
        raised = answer.status_code == 303
        if not raised:
            assert Page(answer.text).problems() == []
            answer = stage.at("omni0").post("/p/east/nonconformities/new", form | {"title": PLAIN})
        number = answer.headers["Location"].partition("?")[0].rsplit("/", 1)[-1]
        ticket = CaseKey(NONCONFORMITY, number)
        kept = ["raise.title"] if raised else []
        kept += _work(stage, ticket, long_way, said)
        occurrence = stage.seeds(OCCURRENCE)[-1].make()
        kept += _work(stage, occurrence, short_way, said)
        made[name] = (ticket, occurrence, kept)
    return made


def test_most_are_kept_and_some_refused(told: dict[str, tuple[CaseKey, CaseKey, list[str]]]) -> None:
    assert len(STRINGS) >= 40
    refused = {name for name, (_ticket, _occurrence, kept) in told.items() if not kept}
    assert refused <= UNSHOWN
    assert {"nul", "long"} <= refused
    assert told["vertical-tab"][2] in ([], ["raise.title"])  # a title is one line: what parts lines is a blank
    assert len(told["plain"][2]) >= 10


def test_every_page_shows_them_as_text_with_the_tags_of_a_plain_one(
    stage: Stage, told: dict[str, tuple[CaseKey, CaseKey, list[str]]]
) -> None:
    browser = stage.at("omni1")
    browser.get("/profile")  # what the last steps had to say is said
    for which in (0, 1):
        plain = Page(browser.get(stage.page(told["plain"][which])).text).tags  # type: ignore[arg-type] # a key
        for name, said in STRINGS.items():
            found = told[name]
            key = found[which]
            assert isinstance(key, CaseKey)
            answer = browser.get(stage.page(key))
            page = Page(answer.text)
            assert page.problems() == [], (name, page.problems())
            assert _but_files(page.tags) == _but_files(plain), name
            expected = [k for k in found[2] if (k.split(".")[0] in _steps(stage, which))]
            if expected:
                assert _plain(_sendable(said)) in _plain(" ".join(Texts(answer.text).said)), (name, expected)


def _steps(stage: Stage, which: int) -> set[str]:
    workflow, _names = _way(stage, (NONCONFORMITY, OCCURRENCE)[which])
    return {s.id for s in workflow.steps}


def _but_files(tags: Counter[str]) -> dict[str, int]:
    """The tags of a page; a text of several lines may be in another kind of paragraph."""
    return {tag: count for tag, count in tags.items() if tag not in {"br", "p", "span"}}


def test_what_is_kept_is_what_was_sent(
    stage: Stage, told: dict[str, tuple[CaseKey, CaseKey, list[str]]], tmp_path: Any
) -> None:
    for name, said in STRINGS.items():
        for key in told[name][:2]:
            assert isinstance(key, CaseKey)
            for step in stage.look(key).steps:
                for field, value in step.values.items():
                    if f"{step.step}.{field}" in told[name][2]:
                        assert value == _sendable(said).replace("\r\n", "\n").strip(), (name, field)
        ticket = told[name][0]
        code, out = stage.cli("case", ticket.kind, ticket.object_id, "--plant", "east", "--json")
        assert code == 0
        shown = json.loads(out)
        assert shown["case"] == ticket.object_id
        if "grade.extent" in told[name][2]:
            assert shown["fields"]["extent"] == _sendable(said).replace("\r\n", "\n").strip()


def test_lists_exports_and_filters_show_them_as_text(
    stage: Stage, told: dict[str, tuple[CaseKey, CaseKey, list[str]]]
) -> None:
    browser = stage.at("omni1")
    pages = ["nonconformities", "work", "overview", "trail", "obligations", "findings"]
    for page in pages:
        answer = browser.get(f"/p/east/{page}")
        assert answer.status_code == 200
        assert Page(answer.text).problems() == [], page
        assert "<script>alert" not in answer.text
    book = load_workbook(io.BytesIO(browser.get("/p/east/nonconformities.xlsx").get_data()))
    cells = {cell.value: cell.data_type for row in book.worksheets[0].iter_rows() for cell in row if cell.value}
    assert "f" not in cells.values()
    for name, said in STRINGS.items():
        if "raise.title" in told[name][2]:
            assert cells[_plain(_sendable(said))] == "s", name
        for question in ("nonconformities?state=", "obligations?subject=", "findings?subject=", "trail?actor="):
            from urllib.parse import quote

            answer = browser.get(f"/p/east/{question}{quote(said, errors='replace')}")
            assert answer.status_code in {200, 400, 404}, (question, name)
            assert Page(answer.text).problems() in ([], ["no main"]), (question, name)
            assert not re.search(r"<(script>|img src=x|svg/|base |style>)", answer.text), (question, name)


def test_a_real_browser_runs_none_of_them(
    stage: Stage, told: dict[str, tuple[CaseKey, CaseKey, list[str]]], chromium: Chromium
) -> None:
    complaints: list[str] = []
    with served(stage.app) as url:
        page = chromium.new_context().new_page()
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
        page.on("console", lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda r: complaints.append(r.url) if "evil" in r.url else None)
        page.goto(url)
        page.fill("#login", "omni2")
        page.fill("#password", PASSWORD)
        page.click("button.primary")
        page.wait_for_url("**/work")
        places = ["nonconformities", "trail", "work"]
        paths = [stage.page(told[n][0]) for n in STRINGS]
        for path in [f"/p/east/{p}" for p in places] + paths:
            page.goto(url + path)
    assert complaints == []
