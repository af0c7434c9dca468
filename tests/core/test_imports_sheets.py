"""Sheets, columns, keys, references, periods: what needs more than one cell."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from compliance.core.imports import problems as problems_module
from compliance.core.imports.cells import FORMULA
from compliance.core.model import Reading
from tests.sheets import END, examined, places, put, sound


def test_absent_and_unknown_sheets() -> None:
    book = sound()
    del book["替代燃料台账"]
    book["说明"] = [["随便"], ["什么"]]
    assert places(book) == [("说明", None, None, "sheet-unknown"), ("替代燃料台账", None, None, "sheet-absent")]


def test_a_sheet_name_is_not_forgiven_blanks() -> None:
    book = sound()
    book["部门 "] = book.pop("部门")
    assert places(book) == [("部门 ", None, None, "sheet-unknown"), ("部门", None, None, "sheet-absent")]


def test_absent_and_unknown_columns() -> None:
    book = sound()
    rows = book["检测报告"]
    rows[0][rows[0].index("检测日期")] = "测试日期"
    assert places(book) == [
        ("检测报告", 1, "测试日期", "column-unknown"),
        ("检测报告", 1, "检测日期", "column-absent"),
    ]


def test_a_heading_twice_and_a_heading_that_is_a_formula() -> None:
    book = sound()
    book["部门"][0].extend(["部门名称", FORMULA])
    assert places(book) == [("部门", 1, "G", "column-unknown"), ("部门", 1, "部门名称", "column-twice")]


def test_a_sheet_without_headings_lacks_every_column() -> None:
    book = sound()
    book["事件"] = []
    assert {(s, r, k) for s, r, _, k in places(book)} == {("事件", 1, "column-absent")}
    assert len(places(book)) == 7


def test_data_under_no_heading_are_not_dropped_silently() -> None:
    book = sound()
    book["部门"][0].extend([None, None])
    book["部门"][1].extend([None, "悄悄话"])
    assert places(book) == [("部门", 1, "G", "column-unknown")]


def test_headings_are_forgiven_blanks_and_order() -> None:
    book = sound()
    for rows in book.values():
        rows[0] = [f"　{heading}\n" for heading in rows[0]]
        for row in rows:
            row.reverse()
    assert places(book) == []


def test_empty_rows_are_skipped_and_numbers_kept() -> None:
    book = sound()
    rows = book["每日数据"]
    rows[1:1] = [[], [None, "　", ""], [None] * 9]
    put(book, "每日数据", "数量", "x", 5)
    assert places(book) == [("每日数据", 5, "数量", "not-a-number")]
    put(book, "每日数据", "数量", Decimal(1), 5)
    assert examined(book).numbers[Reading] == [5]


@pytest.mark.parametrize(
    ("sheet", "column"), [("每日数据", "项目"), ("人员", "任职起"), ("部门", "部门编号"), ("企业信息", "项目")]
)
@pytest.mark.parametrize("empty", [None, " \u3000"])
def test_a_key_cell_is_filled(sheet: str, column: str, empty: str | None) -> None:
    found = places(put(sound(), sheet, column, empty))
    assert found[0] == (sheet, 2, column, "key-empty")
    assert len(found) == 1


def test_a_key_occurs_once_and_the_later_row_is_reported() -> None:
    book = put(sound(), "每日数据", "数量", Decimal(1), 4)
    book["每日数据"][2][0] = date(2026, 3, 1)
    assert places(book) == [("每日数据", 4, "日期", "key-twice")]


def test_a_key_with_an_error_is_not_compared() -> None:
    book = put(sound(), "每日数据", "生产线", "K9", 3)
    put(book, "每日数据", "生产线", "K9", 4)
    assert places(book) == [
        ("每日数据", 3, "生产线", "refers-to-nothing"),
        ("每日数据", 4, "生产线", "refers-to-nothing"),
    ]


REFERENCES = [
    ("计量器具", "责任人", "no-such-account"),
    ("每日数据", "记录人", "no-such-account"),
    ("每日数据", "校核人", "no-such-account"),
    ("煤样", "处置批准人", "no-such-account"),
    ("月度上报与填报", "填报人", "no-such-account"),
    ("评审与审核", "审核员", "no-such-account"),
    ("碳交易", "台账更新人", "no-such-account"),
    ("付款签证单", "财务经办人", "no-such-account"),
    ("账户权限", "监管人", "no-such-account"),
    ("排放源清单", "生产线", "refers-to-nothing"),
    ("每日数据", "器具编号", "refers-to-nothing"),
    ("检测报告", "机构编号", "refers-to-nothing"),
    ("资金出入金", "交易编号", "refers-to-nothing"),
    ("人员", "部门", "refers-to-nothing"),
    ("监测计划", "责任部门", "refers-to-nothing"),
    ("评审与审核", "被审核部门", "refers-to-nothing"),
]


@pytest.mark.parametrize(("sheet", "column", "code"), REFERENCES)
def test_what_is_named_must_be_there(sheet: str, column: str, code: str) -> None:
    assert places(put(sound(), sheet, column, "没有")) == [(sheet, 2, column, code)]


@pytest.mark.parametrize("column", ["接样人"])
def test_free_names_refer_to_nobody(column: str) -> None:
    assert places(put(sound(), "样本交接单", column, "没有")) == []


def test_several_accounts_stand_in_one_cell() -> None:
    book = put(sound(), "人员", "账号", "U2", 3)
    assert places(put(book, "评审与审核", "审核员", "U1、U2")) == []
    assert places(put(book, "评审与审核", "审核员", "U1、U3")) == [("评审与审核", 2, "审核员", "no-such-account")]
    assert places(put(book, "评审与审核", "主持人", "U1、U2")) != []


def test_references_to_an_absent_sheet_or_column_are_not_examined() -> None:
    book = put(sound(), "每日数据", "器具编号", "没有")
    del book["计量器具"]
    assert places(book) == [("计量器具", None, None, "sheet-absent")]
    other = put(sound(), "每日数据", "记录人", "没有")
    other["人员"][0][0] = "帐号"
    assert {code for *_, code in places(other)} == {"column-unknown", "column-absent"}


def test_a_reading_is_one_of_the_plan() -> None:
    assert places(put(sound(), "每日数据", "项目", "石英砂")) == [("每日数据", 2, "项目", "not-in-plan")]
    assert places(put(sound(), "每日数据", "生产线", "全厂")) == [("每日数据", 2, "项目", "not-in-plan")]
    assert places(put(sound(), "每日数据", "单位", "kg")) == [("每日数据", 2, "单位", "unit-differs")]
    assert places(put(sound(), "每日数据", "单位", None)) == []


def test_an_unknown_line_gives_no_second_error_for_its_item() -> None:
    assert places(put(sound(), "每日数据", "生产线", "K9")) == [("每日数据", 2, "生产线", "refers-to-nothing")]


def test_a_planned_unit_with_an_error_is_not_compared() -> None:
    assert places(put(sound(), "监测计划", "单位", FORMULA)) == [("监测计划", 2, "单位", "formula")]


def test_no_reading_is_after_the_end_of_data() -> None:
    assert places(put(sound(), "每日数据", "日期", END)) == []
    assert places(put(sound(), "每日数据", "日期", date(2026, 7, 1))) == [("每日数据", 2, "日期", "after-data-end")]


def test_an_end_with_an_error_examines_no_reading() -> None:
    book = put(sound(), "每日数据", "日期", date(2026, 7, 1))
    assert places(put(book, "企业信息", "内容", "2026-06-30", 18)) == [("企业信息", 18, "内容", "not-a-day")]


@pytest.mark.parametrize(
    ("sheet", "column"),
    [
        ("人员", "任职止"),
        ("部门", "牵头止"),
        ("监测计划", "采集止"),
        ("计量器具", "停用止"),
        ("校验记录", "有效期至"),
        ("检测机构", "CMA有效期止"),
        ("检测机构", "CNAS有效期止"),
        ("缺失数据处理", "缺失止"),
        ("年度交易策略", "窗口止"),
        ("账户权限", "生效止"),
    ],
)
def test_no_period_ends_before_it_starts(sheet: str, column: str) -> None:
    assert places(put(sound(), sheet, column, date(2026, 2, 3))) == []
    assert places(put(sound(), sheet, column, date(2026, 2, 2))) == [(sheet, 2, column, "end-before-start")]


def test_every_error_is_reported_at_once_in_the_order_of_the_file() -> None:
    book = put(sound(), "每日数据", "数量", "x", 3)
    put(book, "每日数据", "日期", "y")
    put(book, "部门", "碳管理牵头部门", "z")
    found = places(book)
    assert found == sorted(found, key=lambda p: (list(book).index(p[0]), p[1]))
    assert len(found) == 3


def test_a_file_that_is_wrong_everywhere_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems_module, "MOST_PROBLEMS", 5)
    book = sound()
    for row in range(3, 12):
        put(book, "每日数据", "数量", "x", row)
        put(book, "每日数据", "日期", date(2026, 3, row), row)
    result = examined(book)
    assert (len(result.problems), result.more) == (5, 4)
