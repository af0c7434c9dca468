"""Looking back at pages, in the API and as workbooks: as the command line concludes, and nothing is written."""

from __future__ import annotations

import io
import json
import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import event, update

from compliance.adapters.tables import session
from compliance.adapters.trail import moment
from compliance.bootstrap.web import web_app
from compliance.cli.main import main
from compliance.core.accounts import TOUCH_EVERY
from compliance.core.acts import Actor
from compliance.core.tokens import NewToken, make_token
from compliance.kernel.clock import Clock
from tests.web.api_client import ROOT, Program
from tests.web.conftest import Browser
from tests.web.world import PASSWORD, TODAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from tests.web.house import House

pytestmark = pytest.mark.slow

Days = dict[str, str]
THEN: Days = {"as_of": "2026-06-30"}
#: Before the holidays of the next year were told, and with the day of judging left to be today.
KNOWN: Days = {"as_of": "2026-06-30", "known_on": "2025-10-01"}


@pytest.fixture(scope="module")
def app(house: House) -> Flask:
    return web_app(house.installation)


@pytest.fixture(scope="module")
def program(house: House, app: Flask) -> Program:
    by, now = Actor("cli", "命令行", "operator", "local"), house.installation.clock.now()
    return Program(app, make_token(house.installation.register, "wangmin", NewToken("t", 30), by, now).secret)


@pytest.fixture(scope="module")
def browser(app: Flask) -> Browser:
    found = Browser(app)
    assert found.sign_in("wangmin", PASSWORD).status_code == 302
    return found


@pytest.fixture
def cli(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """What a command prints of the same workspace, on the same day."""
    monkeypatch.setattr(Clock, "today", lambda self: self.pinned or TODAY)

    def run(*arguments: str, days: Days) -> Any:
        given = [w for name, day in days.items() for w in (f"--{name.replace('_', '-')}", day)]
        monkeypatch.setattr(sys, "stdout", said := io.StringIO())
        main(["--data", str(house.workbook.parent / "ws"), *arguments, *given, "--json"])
        return json.loads(said.getvalue())

    return run


def walked(program: Program, path: str) -> Iterator[dict[str, Any]]:
    """Every row of a list, page by page."""
    following: str | None = f"{ROOT}/{path}"
    while following:
        answer = program.told(following)
        yield from answer["rows"]
        following = answer["next"]


def asked(days: Days, **more: str) -> str:
    return "&".join(f"{name}={value}" for name, value in {**days, **more}.items())


def sheet(data: bytes) -> list[tuple[Any, ...]]:
    found = load_workbook(BytesIO(data)).worksheets[0].iter_rows(values_only=True)
    return list(found)


@pytest.mark.parametrize("days", [THEN, KNOWN], ids=["then", "known"])
def test_occurrences_are_those_of_the_command_line(
    days: Days, house: House, program: Program, browser: Browser, cli: Callable[..., Any]
) -> None:
    span = {"from": "2026-05-01", "until": "2026-09-30"}
    told = cli("occurrences", "--from", span["from"], "--to", span["until"], days=days)
    rows = list(walked(program, f"plants/{house.plant}/obligations?{asked(days, limit='200', **span)}"))
    members = ("obligation", "subject", "period", "due", "effective_workday", "provisional", "state", "done_on")
    assert len(told) > 250
    assert {tuple(r[m] for m in members) for r in rows} == {tuple(o[m] for m in members) for o in told}
    assert len(rows) == len(told)
    assert {row["id"] for row in rows} == {None}
    book = sheet(browser.get(house_path(house, f"obligations.xlsx?{asked(days, **span)}")).data)
    assert len(book) == len(told) + 1
    assert [str(d.date()) if d else None for d in book[1][-2:]] == [days["as_of"], days.get("known_on")]
    page = browser.get(house_path(house, f"obligations?{asked(days, rows='200', **span)}")).text
    assert page.count('<tr class="row">') == 200
    assert "回看" in page


@pytest.mark.parametrize("days", [THEN, KNOWN], ids=["then", "known"])
def test_findings_are_those_of_the_command_line(
    days: Days, house: House, program: Program, browser: Browser, cli: Callable[..., Any]
) -> None:
    told = cli("findings", days=days)
    rows = list(walked(program, f"plants/{house.plant}/findings?{asked(days, limit='7')}"))
    members = ("situation", "subject", "period", "rule", "grade", "message")
    assert told
    found = [tuple(json.dumps(r[m], sort_keys=True) for m in members) for r in rows]
    assert sorted(found) == sorted(tuple(json.dumps(f[m], sort_keys=True) for m in members) for f in told)
    assert len(sheet(browser.get(house_path(house, f"findings.xlsx?{asked(days)}")).data)) == len(told) + 1
    one = told[0]["situation"]
    page = browser.get(house_path(house, f"findings?{asked(days, situation=one)}")).text
    assert page.count(f'<span class="tag">{one}</span>') == sum(f["situation"] == one for f in told)


@pytest.mark.parametrize("days", [THEN, KNOWN], ids=["then", "known"])
def test_figures_are_those_of_the_command_line(
    days: Days, house: House, program: Program, browser: Browser, cli: Callable[..., Any]
) -> None:
    told = cli("figures", days=days)
    answer = program.told(f"plants/{house.plant}/figures?{asked(days)}")
    assert {f["key"]: f["value"] for f in answer["figures"]} == told["figures"] | told["management"]
    assert (answer["as_of"], answer["known_on"]) == (days["as_of"], days.get("known_on"))
    book = sheet(browser.get(house_path(house, f"figures.xlsx?{asked(days)}")).data)
    assert len(book) == len(answer["figures"]) + 1
    page = browser.get(house_path(house, f"figures?{asked(days)}")).text
    assert "回看" in page
    assert f"&amp;{asked(days)}".replace("&", "&amp;").replace("&amp;amp;", "&amp;") in page


def test_another_knowledge_judges_otherwise(house: House, program: Program) -> None:
    """The holidays of 2026 were computed until their notice was out."""
    path = f"plants/{house.plant}/obligations?limit=200&from=2026-02-01&until=2026-03-10&"
    now, before = ([r["provisional"] for r in walked(program, path + asked(days))] for days in (THEN, KNOWN))
    assert not any(now)
    assert any(before)
    said = program.told(path + asked(KNOWN))["looked_back"]
    assert said["known_on"] == KNOWN["known_on"]
    assert said["unknown"] > 0
    assert program.told(path + asked(THEN))["looked_back"]["known_on"] is None
    assert "looked_back" not in program.told(path)


def test_nothing_is_written_and_a_stored_list_stays_what_it_was(house: House, browser: Browser) -> None:
    def stored() -> tuple[object, ...]:
        with house.installation.register.read() as reads:
            mine = reads.occurrences(house.of), reads.findings(house.of), reads.nonconformities(house.of)
            return (*map(tuple, mine), reads.version(house.of))

    before, plain = stored(), browser.get(house_path(house, "findings")).text
    for page in ("obligations", "findings", "figures", "obligations.xlsx", "findings.xlsx"):
        assert browser.get(house_path(house, f"{page}?as_of=2026-03-01")).status_code == 200
    assert stored() == before
    assert "回看" not in plain
    assert 'href="/p/' in plain


def house_path(house: House, rest: str) -> str:
    return f"/p/{house.plant}/{rest}"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("as_of=2026-02-30", "2026-02-30"),
        ("as_of=gestern", "gestern"),
        ("known_on=2026-13-01", "2026-13-01"),
        ("known_on=2026-11-23", "尚未到来"),
        ("known_on=1999-12-31", "还没有任何已知的规则"),
        ("as_of=2199-01-01", "过晚"),
    ],
)
def test_a_day_that_cannot_be_is_refused_in_words(
    given: str, said: str, house: House, browser: Browser, program: Program
) -> None:
    for page in ("obligations", "findings", "figures", "findings.xlsx", "figures/one"):
        more = "&key=E_LINE/K1/2026-01" if page == "figures/one" else ""
        answer = browser.get(house_path(house, f"{page}?{given}{more}"))
        assert (answer.status_code, said in answer.text) == (400, True), page
    for name in ("obligations", "findings", "figures"):
        answer = program.get(f"plants/{house.plant}/{name}?{given}")
        assert answer.status_code == 422
        assert answer.json is not None
        assert {"zh", "en"} == answer.json["detail"].keys()


def test_what_a_look_back_cannot_answer_is_refused(house: House, program: Program) -> None:
    answer = program.get(f"plants/{house.plant}/findings?as_of=2026-06-30&shown=withdrawn")
    assert answer.json is not None
    assert (answer.status_code, answer.json["errors"][0]["where"]) == (422, "?shown")
    assert program.get(f"plants/{house.plant}/findings?as_of=2026-06-30&after=x").status_code == 422
    assert program.get("plants/other/findings?as_of=2026-06-30").status_code == 404


def test_the_second_page_of_a_look_back_is_not_judged_anew(house: House, browser: Browser) -> None:
    seen: list[str] = []
    database = house.installation.register.database
    for engine in (database.reader, database.writer):
        event.listen(engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: seen.append(statement))

    def asks(page: str) -> int:
        seen.clear()
        assert browser.get(house_path(house, page)).status_code == 200
        return len([s for s in seen if not s.startswith(("BEGIN", "PRAGMA"))])

    first = asks("obligations?as_of=2026-05-05")
    assert first <= 8
    assert asks("obligations?as_of=2026-05-05&after=50") == first - 3
    assert asks("findings?as_of=2026-05-05") == first - 3


@pytest.mark.parametrize("page", ["findings", "obligations", "figures", "findings.xlsx", "obligations.xlsx"])
def test_what_was_known_is_asked_in_eight_statements(page: str, house: House, browser: Browser) -> None:
    """At its worst: nothing is kept yet, and the visit is noted in the session."""
    seen: list[str] = []
    database, day = house.installation.register.database, 10 + len(page)
    with database.writer.begin() as connection:
        connection.execute(update(session).values(last_seen=moment(house.installation.clock.now() - 2 * TOUCH_EVERY)))
    for engine in (database.reader, database.writer):
        event.listen(engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: seen.append(statement))
    assert browser.get(house_path(house, f"{page}?as_of=2026-05-{day}&known_on=2026-05-{day - 1}")).status_code == 200
    asked = [s for s in seen if not s.startswith(("BEGIN", "PRAGMA"))]
    assert any(s.startswith("UPDATE session") for s in asked)
    assert len(asked) <= 8
