"""What an import would refuse, as far as generated and mutated workbooks could meet it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from compliance.adapters.example import Workbook
from tests.workbooks.tables import Row, Tables

_KEYS: dict[str, tuple[str, ...]] = {
    "企业信息": ("项目",),
    "生产线": ("生产线编号",),
    "部门": ("部门编号",),
    "人员": ("账号", "任职起"),
    "排放源清单": ("排放源编号",),
    "监测计划": ("生产线", "项目"),
    "计量器具": ("器具编号",),
    "校验记录": ("记录号",),
    "检测机构": ("机构编号",),
    "检测报告": ("报告号",),
    "每日数据": ("日期", "生产线", "项目"),
    "煤样": ("样品编号",),
    "样本交接单": ("单号",),
    "替代燃料台账": ("所属月份", "生产线", "种类"),
    "缺失数据处理": ("编号",),
    "交叉校验": ("所属月份", "数据项"),
    "月度上报与填报": ("义务编号", "所属期"),
    "台账审批": ("台账编号",),
    "评审与审核": ("编号",),
    "受控文件": ("文件编号", "版本"),
    "事件": ("事件编号",),
    "不符合项": ("编号",),
    "碳资产月度": ("所属月份", "资产类别"),
    "年度交易策略": ("策略编号",),
    "碳交易": ("交易编号",),
    "资金出入金": ("单号",),
    "付款签证单": ("签证单号",),
    "账户权限": ("账户编号", "生效起"),
    "履约清缴": ("履约编号",),
    "核算因子": ("代码",),
}
_ACCOUNTS = {"责任人", "记录人", "校核人", "采样人", "制样人", "处置批准人", "交样人", "批准人"} | {
    "填报人", "编制人", "审核人", "主持人", "审核员", "验证人", "操作人", "监管人", "监护人", "申请人",
}  # fmt: skip
_STARTS = {"任职止": "任职起", "有效期至": "日期", "停用止": "停用起", "生效止": "生效起"} | {
    "牵头止": "牵头起", "采集止": "采集起", "CMA有效期止": "CMA有效期起", "CNAS有效期止": "CNAS有效期起",
}  # fmt: skip
_REFERS = {"器具编号": "计量器具", "机构编号": "检测机构", "交易编号": "碳交易"}


def problems(workbook: Workbook) -> list[tuple[str, str, object]]:
    """Every cell that an import would refuse: sheet, column, content."""
    tables = Tables(workbook)
    return [
        (sheet, *problem)
        for sheet, key in _KEYS.items()
        for problem in (*_key_problems(tables.rows(sheet), key), *_cell_problems(tables, sheet))
    ]


def _key_problems(rows: list[Row], key: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    seen = set()
    for row in rows:
        value = tuple(row[column] for column in key)
        if None in value or value in seen:
            yield key[0], value
        seen.add(value)


def _cell_problems(t: Tables, sheet: str) -> Iterator[tuple[str, object]]:
    known = _known(t)
    end = t.one("企业信息", 项目="数据截止日")["内容"]
    for row in t.rows(sheet):
        for column, cell in row.items():
            if cell is None:
                continue
            if column in known and not set(str(cell).split("、")) <= known[column]:
                yield column, cell
            if column in _STARTS and _after(row.get(_STARTS[column]), cell):
                yield column, cell
            if _malformed(column, cell):
                yield column, cell
        if sheet == "每日数据" and _after(row["日期"], end):
            yield "日期", row["日期"]


def _known(t: Tables) -> dict[str, set[str]]:
    """Column -> what its words must be among."""
    lines = {str(row["生产线编号"]) for row in t.rows("生产线")} | {"全厂"}
    departments = {str(row["部门名称"]) for row in t.rows("部门")}
    accounts = {str(row["账号"]) for row in t.rows("人员")}
    return {
        "生产线": lines,
        **dict.fromkeys(("部门", "责任部门", "被审核部门"), departments),
        **dict.fromkeys(_ACCOUNTS, accounts),
        **{c: {str(row[c]) for row in t.rows(other)} for c, other in _REFERS.items()},
    }


def _malformed(column: str, cell: object) -> bool:
    if column == "所属月份":
        return not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", str(cell))
    return isinstance(cell, (int, float)) and column != "误差（%）" and cell < 0


def _after(one: object, other: object) -> bool:
    return isinstance(one, date) and isinstance(other, date) and one > other
