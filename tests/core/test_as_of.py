"""The rows as they stood on a day: which are there, and which of their cells are empty yet."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

import pytest

from compliance.core.model import (
    SHEETS,
    Cell,
    CompanyItem,
    Filing,
    ImportedNonconformity,
    Instrument,
    InstrumentCheck,
    LedgerApproval,
    PersonPeriod,
    Reading,
    Review,
    Row,
    Surrender,
    TestReport,
    as_of,
)
from compliance.core.model.base import Column
from tests.core.world import row, seen, tables

D = date(2026, 2, 28)  # the last day of a month, so that months and years can be tried on it too
NEXT = D + timedelta(days=1)
BEFORE = D - timedelta(days=200)
KINDS = {kind.SHEET.heading: kind for kind in SHEETS}

#: Deciding columns by sheet: a row is there from the day in the first one given.
DECIDES = {
    "校验记录": ["日期"],
    "每日数据": ["日期"],
    "检测报告": ["签发日期", "检测日期"],
    "煤样": ["采样日期"],
    "样本交接单": ["交接日期"],
    "替代燃料台账": ["所属月份"],
    "交叉校验": ["所属月份"],
    "碳资产月度": ["所属月份"],
    "缺失数据处理": ["缺失起"],
    "月度上报与填报": ["填报日期", "所属期"],
    "台账审批": ["编制日期", "所属月份"],
    "受控文件": ["批准日期", "生效日期"],
    "事件": ["日期"],
    "不符合项": ["登记日期"],
    "年度交易策略": ["批准日期"],
    "碳交易": ["成交日期"],
    "资金出入金": ["划转日期", "申请日期"],
    "付款签证单": ["注资日期"],
    "账户权限": ["生效起"],
    "履约清缴": ["履约年度"],
    "减排目标": ["批准日期"],
    "减排方案": ["提交日期"],
    "减排量": ["日期"],
    "碳金融资金使用": ["日期"],
}
ALWAYS = {"企业信息", "生产线", "部门", "人员", "排放源清单", "监测计划", "计量器具", "检测机构", "核算因子"}
_STEPS = ("申请", "风险审核", "资金审批", "指令下达", "成交确认", "台账更新")
_INPUTS = [f"输入{letter}" for letter in "abcdefghi"] + [f"输出{letter}" for letter in "abcd"]
#: Columns whose later day reads as empty, and the cells that go with it.
EMPTIES: dict[str, dict[str, list[str]]] = {
    "煤样": {"处置日期": ["处置批准人"]},
    "台账审批": {"校核日期": ["校核人"], "批准日期": ["批准人"]},
    "评审与审核": {"计划日期": [], "开始日期": [], "完成日期": _INPUTS},
    "事件": {"补充环境评审日期": [], "补充合规评价日期": [], "专项审核日期": []},
    "不符合项": {"完成日期": [], "验证日期": ["验证人", "验证结论"], "关闭日期": []},
    "碳交易": {f"{step}日期": [f"{step}人"] for step in _STEPS},
    "资金出入金": {
        "申请日期": ["申请人"],
        "监护人批准日期": ["监护人"],
        "财务审核日期": ["财务审核人"],
        "账户责任人批准日期": ["账户责任人"],
    },
    "履约清缴": {"完成日期": ["配额清缴量", "CCER清缴量"], "配额变动情况表日期": [], "CCER变动情况表日期": []},
}


def column(kind: type[Row], heading: str) -> Column:
    return next(c for c in kind.SHEET.columns if c.heading == heading)


def full(kind: type[Row], day: date = BEFORE) -> Row:
    """A row with every cell given, every day of it the same early one."""
    values: dict[Cell, Any] = {
        Cell.DAY: day,
        Cell.QUANTITY: 1,
        Cell.SIGNED: -1,
        Cell.MONTH: f"{day:%Y-%m}",
        Cell.PERIOD: f"{day:%Y-%m}",
        Cell.YEAR: str(day.year),
    }
    return kind(**{c.name: values.get(c.cell, "字") for c in kind.SHEET.columns})


def with_(one: Row, heading: str, value: object) -> Row:
    return replace(one, **{column(type(one), heading).name: value})  # type: ignore[type-var]  # rows are dataclasses


def stood(one: Row, on: date) -> Row | None:
    found = seen(one, on=on).rows(type(one))
    assert len(found) <= 1
    return found[0] if found else None


def _days(kind: type[Row], heading: str) -> tuple[object, object, date]:
    """A value that is there on ``D``, one that is not, and the day itself."""
    match column(kind, heading).cell:
        case Cell.MONTH | Cell.PERIOD:
            return "2026-02", "2026-03", D
        case Cell.YEAR:
            return "2026", "2027", date(2026, 12, 31)
        case _:
            return D, NEXT, D


def test_every_sheet_is_in_one_of_the_lists() -> None:
    assert set(KINDS) == DECIDES.keys() | ALWAYS | {"评审与审核"}
    assert not DECIDES.keys() & ALWAYS


@pytest.mark.parametrize("heading", sorted(ALWAYS))
def test_master_data_are_always_there_as_given(heading: str) -> None:
    later = full(KINDS[heading], NEXT)
    assert stood(later, D) == later


def _deciding() -> list[tuple[str, int]]:
    return [(sheet, n) for sheet, heads in DECIDES.items() for n in range(len(heads))]


@pytest.mark.parametrize(("sheet", "place"), _deciding())
def test_the_first_deciding_cell_given_decides(sheet: str, place: int) -> None:
    kind, heads = KINDS[sheet], DECIDES[sheet]
    one = full(kind)
    for earlier in heads[:place]:
        one = with_(one, earlier, None)
    on_time, late, day = _days(kind, heads[place])
    assert stood(with_(one, heads[place], on_time), day) is not None
    assert stood(with_(one, heads[place], late), day) is None
    if heads[place + 1 :]:  # a later column decides nothing while this one is given
        _, hidden, _ = _days(kind, heads[place + 1])
        assert stood(with_(with_(one, heads[place], on_time), heads[place + 1], hidden), day) is not None


@pytest.mark.parametrize("sheet", sorted(DECIDES))
def test_a_row_without_any_deciding_cell_is_there(sheet: str) -> None:
    one = full(KINDS[sheet])
    for heading in DECIDES[sheet]:
        one = with_(one, heading, None)
    assert stood(one, date(2000, 1, 1)) is not None


@pytest.mark.parametrize(
    ("planned", "started", "there"),
    [
        (D, NEXT, True),
        (NEXT, D, True),
        (NEXT, NEXT, False),
        (None, D, True),
        (None, NEXT, False),
        (D, None, True),
        (NEXT, None, False),
        (None, None, True),
    ],
)
def test_the_earlier_of_plan_and_start_decides_a_review(
    planned: date | None, started: date | None, *, there: bool
) -> None:
    found = stood(row(Review, number="R1", planned=planned, started=started), D)
    assert (found is not None) == there
    if isinstance(found, Review):
        assert found.planned == (planned if planned == D else None)
        assert found.started == (started if started == D else None)


def _emptied() -> list[tuple[str, str]]:
    return [(sheet, heading) for sheet, columns in EMPTIES.items() for heading in columns]


@pytest.mark.parametrize(("sheet", "heading"), _emptied())
def test_a_later_day_reads_as_empty_with_the_cells_that_belong_to_it(sheet: str, heading: str) -> None:
    kind = KINDS[sheet]
    one = full(kind, date(2025, 3, 1))
    day = date(2026, 12, 31)  # so that the year of a surrender is there
    assert stood(with_(one, heading, day), day) == with_(one, heading, day)

    later = with_(one, heading, day + timedelta(days=1))
    found = stood(later, day)
    assert found is not None
    gone = {heading, *EMPTIES[sheet][heading]}
    before, after = asdict(later), asdict(found)  # type: ignore[call-overload]  # rows are dataclasses
    for c in kind.SHEET.columns:
        if c.heading in gone:
            assert after[c.name] is None, c.heading
        elif (sheet, c.heading) != ("不符合项", "状态"):
            assert after[c.name] == before[c.name], c.heading


@pytest.mark.parametrize("kind", SHEETS)
def test_no_other_day_is_ever_emptied(kind: type[Row]) -> None:
    sheet = kind.SHEET.heading
    held = {*DECIDES.get(sheet, ()), *EMPTIES.get(sheet, ())}
    for c in kind.SHEET.columns:
        if c.cell is Cell.DAY and c.heading not in held:
            one = with_(full(kind, date(2025, 3, 1)), c.heading, date(2040, 1, 1))
            assert stood(one, date(2026, 12, 31)) == one, c.heading


@pytest.mark.parametrize(
    ("completed", "closed", "state"),
    [
        (D, D, "关闭"),
        (D, NEXT, "待验证"),
        (NEXT, NEXT, "实施中"),
        (NEXT, D, "实施中"),
        (None, NEXT, "待验证"),
        (D, None, "关闭"),
        (None, None, "关闭"),
    ],
)
def test_a_nonconformity_has_the_state_it_had_then(completed: date | None, closed: date | None, state: str) -> None:
    one = row(ImportedNonconformity, number="N1", recorded=BEFORE, completed=completed, closed=closed, state="关闭")
    found = stood(one, D)
    assert isinstance(found, ImportedNonconformity)
    assert found.state == state


def test_a_verification_still_to_come_leaves_the_state_as_given() -> None:
    one = row(
        ImportedNonconformity,
        number="N1",
        recorded=BEFORE,
        completed=D,
        verified=NEXT,
        verifier="U2",
        verdict="有效",
        state="待验证",
    )
    found = stood(one, D)
    assert isinstance(found, ImportedNonconformity)
    assert (found.verified, found.verifier, found.verdict, found.state) == (None, None, None, "待验证")


def test_rows_that_do_not_change_are_the_same_objects() -> None:
    one = row(LedgerApproval, number="T1", prepared_on=D, approved_on=D, approver="U1")
    assert seen(one, on=D).rows(LedgerApproval)[0] is one


def test_every_row_is_looked_at_and_the_order_stays() -> None:
    rows = [row(Reading, on=D + timedelta(days=n), line="K1", item="熟料") for n in (-2, 3, 0, 1, -1)]
    found = seen(*rows, on=D).rows(Reading)
    assert [r.on for r in found] == [D - timedelta(days=2), D - timedelta(days=1), D]


def test_a_type_without_rows_reads_as_empty() -> None:
    assert list(seen(on=D).rows(Filing)) == []


@pytest.mark.parametrize(("day", "end"), [(D, D), (NEXT, D), (BEFORE, BEFORE)])
def test_data_never_reach_beyond_the_day(day: date, end: date) -> None:
    data = as_of("P", day, data_start=date(2025, 1, 1), data_end=D, tables=tables(), words=lambda *_: "")
    assert (data.as_of, data.data_end, data.data_start) == (day, end, date(2025, 1, 1))


def test_limits_and_validities_after_the_day_stand_as_given() -> None:
    check = row(InstrumentCheck, number="C1", on=D, valid_until=date(2027, 2, 27))
    instrument = row(Instrument, number="I1", commissioned=NEXT, stopped_from=date(2027, 1, 1))
    person = row(PersonPeriod, account="U1", since=NEXT, until=date(2030, 1, 1))
    item = row(CompanyItem, item="数据截止日", content="2040-01-01")
    surrender = row(Surrender, number="S1", year="2025", deadline=date(2026, 12, 31))
    for one in (check, instrument, person, item, surrender):
        assert stood(one, D) == one


def test_the_year_of_a_surrender_counts_by_its_last_day() -> None:
    one = row(Surrender, number="S1", year="2025", completed=date(2025, 6, 1))
    assert stood(one, date(2025, 12, 30)) is None
    assert stood(one, date(2025, 12, 31)) == one


def test_the_day_of_issue_decides_a_report_even_where_the_test_was_before() -> None:
    one = row(TestReport, number="T1", tested=D, issued=NEXT)
    assert stood(one, D) is None
    assert stood(one, NEXT) == one
