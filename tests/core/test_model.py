"""The declarations of sheets hold together, and name nothing that the rule base does not know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields
from datetime import date

import pytest

from compliance.core.model import SHEETS, Cell, Instrument, Refers, Row
from compliance.core.model.base import Column
from compliance.rulebase.schema import Vocabulary
from tests.core.world import row, shipped

IDS = [kind.SHEET.heading for kind in SHEETS]
#: The natural key of each sheet by headings.
KEYS = {
    "企业信息": "项目",
    "生产线": "生产线编号",
    "部门": "部门编号",
    "人员": "账号 任职起",
    "排放源清单": "排放源编号",
    "监测计划": "生产线 项目",
    "计量器具": "器具编号",
    "校验记录": "记录号",
    "检测机构": "机构编号",
    "检测报告": "报告号",
    "每日数据": "日期 生产线 项目",
    "煤样": "样品编号",
    "样本交接单": "单号",
    "替代燃料台账": "所属月份 生产线 种类",
    "核算因子": "代码",
    "缺失数据处理": "编号",
    "交叉校验": "所属月份 数据项",
    "月度上报与填报": "义务编号 所属期",
    "台账审批": "台账编号",
    "评审与审核": "编号",
    "受控文件": "文件编号 版本",
    "事件": "事件编号",
    "不符合项": "编号",
    "碳资产月度": "所属月份 资产类别",
    "年度交易策略": "策略编号",
    "碳交易": "交易编号",
    "资金出入金": "单号",
    "付款签证单": "签证单号",
    "账户权限": "账户编号 生效起",
    "履约清缴": "履约编号",
    "减排目标": "目标编号",
    "减排方案": "方案编号",
    "减排量": "记录编号",
    "碳金融资金使用": "使用编号",
}


def columns() -> Iterator[tuple[type[Row], Column]]:
    return ((kind, column) for kind in SHEETS for column in kind.SHEET.columns)


@pytest.mark.parametrize("kind", SHEETS, ids=IDS)
def test_the_natural_key_is_that_of_the_workbook(kind: type[Row]) -> None:
    sheet = kind.SHEET
    assert " ".join(sheet.column(name).heading for name in sheet.key) == KEYS[sheet.heading]
    assert len({c.heading for c in sheet.columns}) == len(sheet.columns)


def test_every_sheet_is_declared_once_with_a_table_of_its_own() -> None:
    assert sorted(IDS) == sorted(KEYS)
    assert len({kind.SHEET.table for kind in SHEETS}) == len(SHEETS)


@pytest.mark.parametrize("kind", SHEETS, ids=IDS)
def test_every_field_is_a_column_and_rows_are_values(kind: type[Row]) -> None:
    assert [f.name for f in fields(kind)]  # type: ignore[arg-type]  # rows are dataclasses == [c.name for c in kind.SHEET.columns]
    one, same = row(kind), row(kind)
    assert one == same
    with pytest.raises(FrozenInstanceError):
        setattr(one, kind.SHEET.columns[0].name, "x")
    assert not hasattr(one, "__dict__")


@pytest.mark.parametrize("kind", SHEETS, ids=IDS)
def test_what_the_view_reads_are_columns_of_days_months_or_years(kind: type[Row]) -> None:
    sheet = kind.SHEET
    cells = {c.name: c.cell for c in sheet.columns}
    assert {cells[name] for name in sheet.decides} <= {Cell.DAY, Cell.MONTH, Cell.PERIOD, Cell.YEAR}
    assert all(cells[e.by] is Cell.DAY and set(e.also) <= cells.keys() for e in sheet.empties)
    assert not sheet.earliest or all(cells[name] is Cell.DAY for name in sheet.decides)
    assert not set(sheet.key) & {name for e in sheet.empties for name in (e.by, *e.also)}


def test_an_end_comes_after_a_day_of_the_same_sheet() -> None:
    ends = [(kind, column) for kind, column in columns() if column.ends]
    assert len(ends) >= 10
    for kind, column in ends:
        assert column.cell is Cell.DAY
        assert kind.SHEET.column(column.ends).cell is Cell.DAY


def test_every_vocabulary_of_a_column_stands_in_the_rules() -> None:
    named = {column.vocabulary for _, column in columns() if column.vocabulary}
    assert named <= {v.id for v in shipped().of(Vocabulary)}
    assert len(named) >= 20


def test_every_emptied_state_is_a_word_of_its_column() -> None:
    states = [(kind, e.state) for kind in SHEETS for e in kind.SHEET.empties if e.state]
    assert len(states) == 2
    for kind, state in states:
        vocabulary = kind.SHEET.column("state").vocabulary
        assert shipped().word(vocabulary, state, date(2026, 1, 1)) is not None


def test_persons_are_named_by_account_throughout() -> None:
    refers = {column.heading: column.refers for _, column in columns() if column.refers}
    assert refers["批准人"] is refers["记录人"] is refers["验证人"] is Refers.ACCOUNT
    assert refers["审核员"] is Refers.ACCOUNTS


def test_a_key_is_read_from_the_row() -> None:
    assert row(Instrument, number="I1").key() == ("I1",)


@pytest.mark.parametrize(
    ("on", "serves"),
    [
        (date(2026, 1, 9), False),
        (date(2026, 1, 10), True),
        (date(2026, 2, 28), True),
        (date(2026, 3, 1), False),
        (date(2026, 3, 15), False),
        (date(2026, 3, 16), True),
    ],
)
def test_an_instrument_serves_but_for_the_days_of_its_stop(on: date, *, serves: bool) -> None:
    instrument = row(
        Instrument,
        number="I1",
        commissioned=date(2026, 1, 10),
        stopped_from=date(2026, 3, 1),
        stopped_until=date(2026, 3, 15),
    )
    assert instrument.in_service(on) == serves


def test_a_stop_without_end_lasts_and_no_commissioning_means_no_service() -> None:
    stopped = row(Instrument, number="I1", commissioned=date(2026, 1, 1), stopped_from=date(2026, 3, 1))
    assert not stopped.in_service(date(2099, 1, 1))
    assert stopped.in_service(date(2026, 2, 28))
    assert not row(Instrument, number="I2").in_service(date(2099, 1, 1))
