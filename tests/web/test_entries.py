"""Rows entered at a page: a form for every table, refusals by field, corrections, the grid, who is late."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest

from compliance.bootstrap.recording import missing_on
from compliance.bootstrap.web import web_app
from compliance.core.imports import ENTERABLE
from compliance.core.lists import TO_DO, LeafQuery, OccurrenceQuery
from compliance.core.model import InstrumentCheck, Reading
from tests.web.conftest import Browser
from tests.web.house import open_house
from tests.web.world import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from compliance.core.model import Row
    from tests.web.house import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from open_house(tmp_path_factory.mktemp("entries"))


@pytest.fixture(scope="module")
def app(house: House) -> Flask:
    return web_app(house.installation)


def _at(app: Flask, house: House, login: str) -> Browser:
    browser = Browser(app)
    assert browser.sign_in(login, house.passwords[login]).status_code == 302
    return browser


@pytest.fixture(scope="module")
def desk(app: Flask, house: House) -> Browser:
    """Somebody of the plant with an account, who may enter."""
    login = next(name for name, person in house.accounts.items() if person and _may_enter(app, house, name))
    return _at(app, house, login)


def _may_enter(app: Flask, house: House, login: str) -> bool:
    return _at(app, house, login).get(f"/p/{house.plant}/entries").status_code == 200


def _rows(house: House, kind: type[Row]) -> dict[tuple[object, ...], Row]:
    with house.installation.register.read() as reads:
        return {row.key(): row for row in reads.tables(house.of, [kind])[kind]}


def _leaves(house: House) -> int:
    with house.installation.register.read() as reads:
        return reads.version(house.of)


def test_every_table_that_may_be_entered_has_a_form_with_a_field_a_column(desk: Browser, house: House) -> None:
    listing = desk.get(f"/p/{house.plant}/entries").text
    for kind in ENTERABLE:
        path = f"/p/{house.plant}/entries/{kind.SHEET.table}/new"
        assert path in listing
        text = desk.get(path).text
        for column in kind.SHEET.columns:
            assert f'name="{column.name}"' in text, (kind, column.name)
    assert desk.get(f"/p/{house.plant}/entries/person_period/new").status_code == 404


def test_a_bad_row_is_refused_field_by_field_and_what_was_typed_stays(desk: Browser, house: House) -> None:
    path, before = f"/p/{house.plant}/entries/instrument_check/new", _leaves(house)
    desk.get(path)
    answer = desk.post(
        path, {"number": "X-1", "instrument": "no such", "on": "yesterday", "error": "1,5", "body": "甲院"}
    )
    text = unescape(answer.text)
    assert answer.status_code == 400
    for said in ("“no such”没有对应的记录", "“yesterday”不是日期", "“1,5”不是数值"):
        assert said in text
    assert 'value="甲院"' in text
    assert 'value="no such"' in text
    assert _leaves(house) == before
    desk.speak("en")
    assert "refers to nothing" in desk.post(path, {"number": "X-1", "instrument": "no such"}).text
    desk.speak("zh")


def test_a_row_is_entered_as_one_act_and_the_next_form_keeps_the_day(desk: Browser, house: House) -> None:
    known = next(iter(_rows(house, InstrumentCheck).values()))
    assert isinstance(known, InstrumentCheck)
    path, before = f"/p/{house.plant}/entries/instrument_check/new", _leaves(house)
    values = {"number": "ZX-1", "instrument": known.instrument, "type": known.type, "on": "2026-11-20"}
    desk.get(path)
    answer = desk.post(path, values | {"again": "yes"})
    assert answer.status_code == 303
    assert "on=2026-11-20" in answer.headers["Location"]
    assert ("ZX-1",) in _rows(house, InstrumentCheck)
    lists = desk.client.application.extensions["compliance"].lists
    acts = lists.trail(house.of, LeafQuery(action="plant:enter")).rows
    assert [leaf.seq for leaf in acts if leaf.seq >= before] == [before]
    page = desk.get(answer.headers["Location"]).text
    assert "已保存：新增 1 行" in page
    assert 'value="2026-11-20"' in page
    assert 'value="ZX-2"' in page


def test_a_correction_shows_old_and_new_and_asks_for_the_reason(desk: Browser, house: House) -> None:
    row = next(r for r in _rows(house, InstrumentCheck).values() if isinstance(r, InstrumentCheck) and r.body)
    path = f"/p/{house.plant}/entries/instrument_check/new?key={row.number}"
    page = desk.get(path).text
    assert f'value="{row.body}"' in page
    fields = dict(re.findall(r'<input id="e-\w+" name="(\w+)" value="([^"]*)"', page))
    chosen = {
        name: next(iter(re.findall(r'<option value="([^"]*)" selected', options)), "")
        for name, options in re.findall(r'<select id="e-\w+" name="(\w+)".*?>(.*?)</select>', page, re.DOTALL)
    }
    data = {k: unescape(v) for k, v in (fields | chosen).items()} | {"body": "乙院"}
    refused = desk.post(path.partition("?")[0], data)
    assert refused.status_code == 409
    assert f"<del>{row.body}</del>" in refused.text
    assert "<ins>乙院</ins>" in refused.text
    assert desk.post(path.partition("?")[0], data | {"reason": "机构更名"}).status_code == 303
    changed = _rows(house, InstrumentCheck)[(row.number,)]
    assert isinstance(changed, InstrumentCheck)
    assert changed.body == "乙院"


def test_what_an_entry_settles_is_said_at_once(desk: Browser, house: House) -> None:
    lists = desk.client.application.extensions["compliance"].lists

    query = OccurrenceQuery(states=TO_DO, limit=500)
    due = next(
        r for r in lists.occurrences(house.of, query).rows
        if "instrument_check/new" in desk.get(f"/p/{house.plant}/obligations/{r.id}").text and r.occurrence.due <= TODAY
    )  # fmt: skip
    page = desk.get(f"/p/{house.plant}/obligations/{due.id}").text
    link = unescape(next(iter(re.findall(r'href="([^"]*instrument_check/new[^"]*)"', page))))
    form = desk.get(link).text
    assert f'value="{due.occurrence.subject}"' in form
    values = dict(re.findall(r'<input id="e-\w+" name="(\w+)" value="([^"]*)"', form))
    kind = re.findall(r'<option value="([^"]*)" selected', form)
    year_later = (TODAY + timedelta(365)).isoformat()
    given = values | {"number": "ZX-90", "type": kind[0], "result": kind[1], "valid_until": year_later}
    answer = desk.post(link.partition("?")[0], given)
    assert answer.status_code == 303, answer.text
    assert "由此消除或完成" in desk.get(f"/p/{house.plant}/entries").text


def _gap(house: House) -> tuple[str, str]:
    gaps = missing_on(house.installation, house.of, TODAY)
    assert gaps
    return gaps[0].line, gaps[0].item


def test_the_grid_enters_what_is_missing_as_one_act_and_all_or_nothing(desk: Browser, house: House) -> None:
    line, _item = _gap(house)
    path = f"/p/{house.plant}/daily?line={line}&month={TODAY:%Y-%m}"
    names = re.findall(rf'<input name="(a\.{TODAY.day}\.\d+)"', desk.get(path).text)
    assert len(names) > 1
    common = {"line": line, "month": f"{TODAY:%Y-%m}"}
    before = len(_rows(house, Reading))
    bad = desk.post(path, common | {names[0]: "12.5", names[1]: "1,2"})
    assert bad.status_code == 400
    assert 'value="12.5"' in bad.text
    assert "aria-invalid" in bad.text
    assert len(_rows(house, Reading)) == before
    good = desk.post(path, common | dict.fromkeys(names, "12.5"))
    assert good.status_code == 303
    assert len(_rows(house, Reading)) == before + len(names)
    new = [r for r in _rows(house, Reading).values() if isinstance(r, Reading) and (r.on, r.line) == (TODAY, line)]
    assert {r.amount for r in new} >= {12_500_000}
    assert all(r.recorder for r in new)
    assert not [g for g in missing_on(house.installation, house.of, TODAY) if g.line == line]


def test_whoever_may_not_enter_sees_no_form_and_is_refused(app: Flask, house: House) -> None:
    reader = next((n for n in house.accounts if not _may_enter(app, house, n)), None)
    if reader is None:
        pytest.fail("the demo has nobody who only reads")
    browser = _at(app, house, reader)
    assert '<input name="a.' not in browser.get(f"/p/{house.plant}/daily").text
    for path in ("entries", "entries/instrument_check/new"):
        assert browser.get(f"/p/{house.plant}/{path}").status_code == 403
    for path in ("entries/instrument_check/new", "daily"):
        assert browser.post(f"/p/{house.plant}/{path}", {"number": "X"}).status_code == 403


def test_missing_records_are_told_with_whoever_is_expected(desk: Browser, house: House) -> None:
    gaps = missing_on(house.installation, house.of, TODAY)
    assert gaps
    page = desk.get(f"/p/{house.plant}/missing").text
    assert "谁还没有记录" in page
    assert desk.get(f"/p/{house.plant}/missing.xlsx").data[:2] == b"PK"
    assert all(g.persons and g.since <= g.day for g in gaps)


def test_the_form_of_the_company_corrects_what_people_record_alone(desk: Browser, house: House) -> None:
    path = f"/p/{house.plant}/entries/company_item/new"
    assert "更正此行" not in desk.get(path).text
    assert desk.post(path, {"item": "集团成员企业", "content": "是"}).status_code in {200, 303}
    assert desk.get(path).text.count("更正此行") == 1
