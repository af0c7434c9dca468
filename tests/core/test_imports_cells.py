"""Every error of a cell, and every forgiveness: one broken cell in a sound workbook."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from compliance.core.imports.cells import ERROR_VALUE, FORMULA, UNREADABLE, folded, trimmed
from compliance.core.imports.company import is_credit_code
from compliance.core.model import SHEETS, CollectionItem, CompanyItem, Filing, InstrumentCheck, Reading, Review
from tests.sheets import CODE, END, examined, places, put, sound


def test_the_sound_workbook_is_sound() -> None:
    result = examined(sound())
    assert result.problems == ()
    assert result.facts is not None
    assert (result.facts.key, result.facts.data_end) == (CODE, END)
    assert result.rows.keys() == set(SHEETS)
    assert all(result.rows.values())


WRONG_CELLS = [
    ("每日数据", "数量", FORMULA, "formula"),
    ("每日数据", "备注", FORMULA, "formula"),
    ("核算因子", "值", ERROR_VALUE, "error-value"),
    ("企业信息", "内容", ERROR_VALUE, "error-value"),
    ("每日数据", "数量", UNREADABLE, "unreadable"),
    ("每日数据", "日期", "2026-02-03", "not-a-day"),
    ("每日数据", "日期", "2026/02/03", "not-a-day"),
    ("每日数据", "日期", Decimal(46000), "not-a-day"),
    ("每日数据", "日期", True, "not-a-day"),
    ("不符合项", "完成时限", "2026年1月5日", "not-a-day"),
    ("校验记录", "有效期至", Decimal(46000), "not-a-day"),
    ("每日数据", "数量", "12.5", "not-a-number"),
    ("每日数据", "数量", "1,200", "not-a-number"),
    ("每日数据", "数量", "12 t", "not-a-number"),
    ("每日数据", "数量", "１２", "not-a-number"),
    ("每日数据", "数量", True, "not-a-number"),
    ("每日数据", "数量", date(2026, 1, 1), "not-a-number"),
    ("每日数据", "数量", Decimal("-0.000001"), "negative"),
    ("每日数据", "数量", Decimal("0.0000001"), "too-many-digits"),
    ("每日数据", "数量", Decimal("1E+300"), "too-many-digits"),
    ("每日数据", "数量", Decimal("9223372036854.775808"), "too-many-digits"),
    ("校验记录", "误差（%）", Decimal("-0.1234567"), "too-many-digits"),
    ("交叉校验", "所属月份", "2026-13", "not-a-month"),
    ("交叉校验", "所属月份", "2026-00", "not-a-month"),
    ("交叉校验", "所属月份", "2026-1", "not-a-month"),
    ("交叉校验", "所属月份", "0000-01", "not-a-month"),
    ("交叉校验", "所属月份", date(2026, 1, 1), "not-a-month"),
    ("交叉校验", "所属月份", Decimal(202601), "not-a-month"),
    ("月度上报与填报", "所属期", "2026", "not-a-month"),
    ("年度交易策略", "年度", "26", "not-a-year"),
    ("年度交易策略", "年度", Decimal(2026), "not-a-year"),
    ("履约清缴", "履约年度", "2026-01", "not-a-year"),
    ("每日数据", "备注", Decimal(5), "not-text"),
    ("计量器具", "型号", Decimal(5), "not-text"),
    ("计量器具", "型号", True, "not-text"),
    ("计量器具", "型号", date(2026, 1, 1), "not-text"),
    ("煤样", "样品类型", "周样", "not-in-list"),
    ("评审与审核", "输入c", "无", "not-in-list"),
    ("部门", "碳管理牵头部门", "yes", "not-in-list"),
    ("企业信息", "项目", "企业名字", "not-in-list"),
]


@pytest.mark.parametrize(("sheet", "column", "value", "code"), WRONG_CELLS)
def test_a_wrong_cell_is_reported_once_where_it_stands(sheet: str, column: str, value: object, code: str) -> None:
    row = 13 if sheet == "企业信息" else 2
    assert places(put(sound(), sheet, column, value, row)) == [(sheet, row, column, code)]


def test_a_word_that_is_not_admitted_is_answered_with_those_that_are() -> None:
    (few,) = examined(put(sound(), "部门", "碳管理牵头部门", "yes", 2)).problems
    assert few.message.zh == "“yes”不在允许的词中；可填：是、否"
    (many,) = examined(put(sound(), "企业信息", "项目", "企业名字", 13)).problems
    assert many.message.en.startswith("企业名字 is none of: 企业名称、")
    assert many.message.en.endswith("…")


RIGHT_CELLS: list[tuple[str, str, object]] = [
    ("每日数据", "数量", Decimal("0.000001")),
    ("每日数据", "数量", Decimal("-0")),
    ("每日数据", "数量", Decimal("9223372036854.775807")),
    ("每日数据", "数量", 7),
    ("每日数据", "数量", None),
    ("每日数据", "数量", "　\u00a0 "),
    ("校验记录", "误差（%）", Decimal("-0.5")),
    ("每日数据", "日期", datetime(2026, 6, 30, 23, 59)),  # noqa: DTZ001 - a cell has no zone
    ("交叉校验", "所属月份", "\u3000２０２６-０１\n"),
    ("不符合项", "分级", "随便"),
    ("排放源清单", "生产线", "全厂"),
]


@pytest.mark.parametrize(("sheet", "column", "value"), RIGHT_CELLS)
def test_what_is_no_error_gives_none(sheet: str, column: str, value: object) -> None:
    assert places(put(sound(), sheet, column, value)) == []


def test_the_content_of_the_company_sheet_may_hold_anything_and_is_kept_as_text() -> None:
    book = sound()
    for row, value in ((12, True), (13, Decimal("5000.50")), (14, date(2026, 1, 2)), (4, " ＡＢ ")):
        put(book, "企业信息", "内容", value, row)
    rows = examined(book).rows[CompanyItem]
    kept = [row.content for row in rows if isinstance(row, CompanyItem)]
    assert [kept[i] for i in (10, 11, 12, 2)] == ["TRUE", "5000.5", "2026-01-02", "ＡＢ"]
    assert kept[15:] == ["2026-01-01", "2026-06-30"]


def test_blanks_and_full_width_are_forgiven_but_free_text_stays_as_written() -> None:
    book = put(sound(), "每日数据", "生产线", "　Ｋ１\u00a0")
    put(book, "每日数据", "备注", " 第１班　ＡＢ ")
    put(book, "监测计划", "单位", "ｔ")
    result = examined(book)
    assert result.problems == ()
    (reading,) = result.rows[Reading]
    (item,) = result.rows[CollectionItem]
    assert isinstance(reading, Reading)
    assert isinstance(item, CollectionItem)
    assert (reading.line, reading.remark, item.unit) == ("K1", "第１班　ＡＢ", "t")


def test_a_time_of_day_is_dropped_and_amounts_become_integers() -> None:
    book = put(sound(), "每日数据", "日期", datetime(2026, 2, 3, 17, 5))  # noqa: DTZ001 - a cell has no zone
    put(book, "每日数据", "数量", Decimal("0.1"))
    (reading,) = examined(book).rows[Reading]
    assert isinstance(reading, Reading)
    assert (reading.on, type(reading.on), reading.amount) == (date(2026, 2, 3), date, 100_000)


def test_only_digits_and_letters_of_full_width_are_folded() -> None:
    assert folded("Ｋ１－ａＺ９（ｔ）") == "K1－aZ9（t）"
    assert trimmed("\t a\u00a0b \u3000\r\n") == "a\u00a0b"


@pytest.mark.parametrize(
    ("obligation", "period", "code"),
    [
        ("OB-M40", "2026-05", None),
        ("OB-Y0331", "2026", None),
        ("OB-Y0331", "2026-05", "not-a-year"),
        ("OB-M10", "2026", "not-a-month"),
        ("OB-M10", Decimal(2026), "not-text"),
    ],
)
def test_a_period_is_a_year_or_a_month_by_its_obligation(obligation: str, period: object, code: str | None) -> None:
    book = put(put(sound(), "月度上报与填报", "义务编号", obligation), "月度上报与填报", "所属期", period)
    assert places(book) == ([("月度上报与填报", 2, "所属期", code)] if code else [])


@pytest.mark.parametrize(("period", "wrong"), [("2026", False), ("2026-05", False), ("5月", True)])
def test_a_period_under_an_unknown_obligation_may_be_either(period: str, wrong: bool) -> None:  # noqa: FBT001 - a case
    book = put(put(sound(), "月度上报与填报", "义务编号", "OB-X"), "月度上报与填报", "所属期", period)
    expected = [("月度上报与填报", 2, "义务编号", "not-in-list")]
    assert places(book) == expected + ([("月度上报与填报", 2, "所属期", "not-a-month")] if wrong else [])


def test_the_check_character_of_a_credit_code() -> None:
    assert is_credit_code(CODE)
    assert not any(is_credit_code(CODE[:-1] + c) for c in "0123456789ABCDEFGHJKLMNPQRTWXY")
    assert not is_credit_code(CODE.lower())
    assert not is_credit_code(CODE[:-1])
    assert not is_credit_code("I" + CODE[1:])


@pytest.mark.parametrize("value", ["91500101352449397A", Decimal(915001013524493970), "９1500101352449397U"])
def test_a_wrong_credit_code_is_reported_at_its_content(value: object) -> None:
    assert places(put(sound(), "企业信息", "内容", value, 3)) == [("企业信息", 3, "内容", "credit-code")]


def test_the_days_of_the_data_must_be_days() -> None:
    book = put(sound(), "企业信息", "内容", "2026-01-01", 17)
    put(book, "企业信息", "内容", None, 18)
    assert places(book) == [("企业信息", 17, "内容", "not-a-day"), ("企业信息", 18, "内容", "content-empty")]


def test_an_item_without_which_nothing_can_be_imported_must_be_there() -> None:
    book = sound()
    del book["企业信息"][17]
    assert places(book) == [("企业信息", None, None, "item-absent")]


def test_data_do_not_end_before_they_start() -> None:
    book = put(sound(), "企业信息", "内容", date(2025, 12, 31), 18)
    assert ("企业信息", 18, "内容", "end-before-start") in places(book)


def test_free_and_plain_text_that_looks_like_a_formula_is_text() -> None:
    book = put(put(sound(), "每日数据", "备注", "=1+1"), "计量器具", "型号", "=A1")
    assert places(book) == []
    assert isinstance(examined(book).rows[Review][0], Review)


def test_messages_quote_little_of_a_long_cell() -> None:
    (problem,) = examined(put(sound(), "煤样", "样品类型", "长" * 30_000)).problems
    assert len(problem.message.zh) < 80
    assert len(problem.message.en) < 80


def test_signed_amounts_are_kept_with_their_sign() -> None:
    (check,) = examined(sound()).rows[InstrumentCheck]
    assert isinstance(check, InstrumentCheck)
    assert check.error == -300_000


def test_the_sound_filing_is_read() -> None:
    (filing,) = examined(sound()).rows[Filing]
    assert isinstance(filing, Filing)
    assert filing.period == "2026-02"
