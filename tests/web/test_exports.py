"""Exports open as workbooks, hold every row, and are inert."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from compliance.web.exports import workbook

if TYPE_CHECKING:
    from flask import Flask

    from tests.web.conftest import Browser
    from tests.web.world import World

PAYLOADS = (
    "=1+1", "+1", "-1+2", "@SUM(A1)", "\tx", "\rx", "＝1", "＋1", "－1", "＠x", '=HYPERLINK("http://evil")',
    "http://evil.example", "{=1}", "=cmd|' /C calc'!A0", "00123", "1e5", "TRUE", "'quoted", "\n=1", "x" * 40_000,
)  # fmt: skip


def _cells(data: bytes) -> list[list[Any]]:
    sheet = load_workbook(BytesIO(data)).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows()]


def test_no_text_becomes_a_formula_a_number_or_a_link(app: Flask) -> None:
    with app.test_request_context():
        answer = workbook("x.xlsx", "S", ("H",), ((text,) for text in PAYLOADS))
    cells = [row[0] for row in _cells(answer.get_data())][1:]
    assert [c.data_type for c in cells] == ["s"] * len(PAYLOADS)
    assert all(c.hyperlink is None for c in cells)
    assert [c.value for c in cells][:4] == list(PAYLOADS[:4])


@pytest.mark.parametrize("kind", ["obligations", "findings", "nonconformities"])
def test_an_export_holds_the_rows_of_the_filter(officer: Browser, kind: str) -> None:
    answer = officer.get(f"/p/east/{kind}.xlsx")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = _cells(answer.data)
    assert len(rows) == 1 + {"obligations": 20, "findings": 18, "nonconformities": 4}[kind]
    assert all(cell.data_type in {"s", "n", "d"} for row in rows for cell in row)


def test_an_export_keeps_days_as_days(officer: Browser) -> None:
    rows = _cells(officer.get("/p/east/obligations.xlsx?state=overdue").data)
    assert len(rows) == 5
    assert isinstance(rows[1][5].value, datetime)


def test_an_export_speaks_the_persons_language(officer: Browser) -> None:
    officer.speak("en")
    heads = [c.value for c in _cells(officer.get("/p/east/obligations.xlsx").data)[0]]
    assert heads[:3] == ["Number", "Obligations", "Subject"]


def test_the_export_of_nonconformities_holds_owner_due_day_and_age(officer: Browser) -> None:
    rows = _cells(officer.get("/p/east/nonconformities.xlsx?owner=P04").data)
    line = dict(zip((c.value for c in rows[0]), (c.value for c in rows[1]), strict=True))
    assert (line["编号"], line["责任人"], line["责任人账号"], line["状态"]) == ("NC-2026-0001", "孟启", "P04", "实施中")
    assert isinstance(line["完成时限"], datetime)
    assert line["未关闭天数"] == 1


def test_the_trail_is_a_workbook_with_whole_hashes_and_the_filter_of_the_page(officer: Browser) -> None:
    every = [[c.value for c in row] for row in _cells(officer.get("/p/east/trail.xlsx").data)]
    assert every[0][:3] == ["序号", "时间", "操作"]
    assert all(len(str(row[8])) == 64 for row in every[1:])
    action = every[1][2]
    some = [[c.value for c in row] for row in _cells(officer.get("/p/east/trail.xlsx?action=occurrence:submit").data)]
    assert 0 < len(some) - 1 < len(every) - 1
    assert action


def test_rules_factors_and_ones_own_notices_are_workbooks(officer: Browser, world: World) -> None:
    rules = [[c.value for c in row] for row in _cells(officer.get("/p/east/rules.xlsx").data)]
    assert len(rules) - 1 == sum(world.app().extensions["compliance"].rules().counts().values())
    assert all(len(str(row[8])) == 64 for row in rules[1:])
    factors = _cells(officer.get("/p/east/factors.xlsx").data)
    assert [c.value for c in factors[0]][:3] == ["代码", "因子", "数值"]
    own = [[c.value for c in row] for row in _cells(officer.get("/p/east/notices.xlsx").data)]
    assert own[0] == ["日期", "通知", "全文", "已读"]
