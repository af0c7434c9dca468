"""What of a workbook holds on a day: the tables with later rows and later cells taken out."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import openpyxl

if TYPE_CHECKING:
    from pathlib import Path

Cell = str | int | float | dt.date | None
Sheet = list[list[Cell]]
Workbook = dict[str, Sheet]
Row = dict[str, Cell]

_BLANKS = " \t\r\n\u00a0\u3000"
_WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_FREE = {
    "备注",
    "描述",
    "事实",
    "原因",
    "纠正措施",
    "验证标准",
    "差异说明",
    "处理方法",
    "佐证材料",
    "接样人",
    "名称",
    "姓名",
    "文件名称",
    "来源",
    "附件",
    "设施",
    "内容",
}

# Sheet -> columns whose first filled one dates the row.
_DATED: dict[str, tuple[str, ...]] = {
    "校验记录": ("日期",),
    "每日数据": ("日期",),
    "检测报告": ("签发日期", "检测日期"),
    "煤样": ("采样日期",),
    "样本交接单": ("交接日期",),
    "替代燃料台账": ("所属月份",),
    "交叉校验": ("所属月份",),
    "碳资产月度": ("所属月份",),
    "缺失数据处理": ("缺失起",),
    "月度上报与填报": ("填报日期", "所属期"),
    "台账审批": ("编制日期", "所属月份"),
    "受控文件": ("批准日期", "生效日期"),
    "事件": ("日期",),
    "不符合项": ("登记日期",),
    "年度交易策略": ("批准日期",),
    "碳交易": ("成交日期",),
    "资金出入金": ("划转日期", "申请日期"),
    "付款签证单": ("注资日期",),
    "账户权限": ("生效起",),
    "履约清缴": ("履约年度",),
}
_IN_OUT = tuple(f"输入{c}" for c in "abcdefghi") + tuple(f"输出{c}" for c in "abcd")
STEPS = ("申请", "风险审核", "资金审批", "指令下达", "成交确认", "台账更新")
STEP_PERSONS = tuple(f"{step}人" for step in STEPS)
STEP_DATES = tuple(f"{step}日期" for step in STEPS)
# Sheet -> date column -> cells that are emptied with it.
_EMPTIED: dict[str, dict[str, tuple[str, ...]]] = {
    "煤样": {"处置日期": ("处置批准人",)},
    "台账审批": {"校核日期": ("校核人",), "批准日期": ("批准人",)},
    "评审与审核": {"计划日期": (), "开始日期": (), "完成日期": _IN_OUT},
    "事件": {"补充环境评审日期": (), "补充合规评价日期": (), "专项审核日期": ()},
    "不符合项": {"完成日期": (), "验证日期": ("验证人", "验证结论"), "关闭日期": ()},
    "碳交易": {day: (person,) for day, person in zip(STEP_DATES, STEP_PERSONS, strict=True)},
    "资金出入金": {
        "申请日期": ("申请人",),
        "监护人批准日期": ("监护人",),
        "财务审核日期": ("财务审核人",),
        "账户责任人批准日期": ("账户责任人",),
    },
    "履约清缴": {
        "完成日期": ("配额清缴量", "CCER清缴量"),
        "配额变动情况表日期": (),
        "CCER变动情况表日期": (),
    },
}


def read(path: Path | str) -> Workbook:
    """Read an .xlsx as cells: blanks stripped, times dropped, empty rows left out."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    out: Workbook = {}
    for sheet in book:
        rows: Sheet = []
        for raw in sheet.iter_rows(values_only=True):
            cells = [_forgiven(cell) for cell in raw]
            if not rows or any(cell is not None for cell in cells):
                rows.append(cells)
        heads = rows[0]
        rows[1:] = [[_narrow(h, c) for h, c in zip(heads, row, strict=False)] for row in rows[1:]]
        out[sheet.title.strip(_BLANKS)] = rows
    book.close()
    return out


def _forgiven(cell: object) -> Cell:
    if isinstance(cell, str):
        return cell.strip(_BLANKS) or None
    if isinstance(cell, dt.datetime):
        return cell.date()
    assert cell is None or isinstance(cell, (int, float, dt.date)), cell
    return cell


def _narrow(head: Cell, cell: Cell) -> Cell:
    return cell.translate(_WIDE) if isinstance(cell, str) and head not in _FREE else cell


def number(cell: Cell) -> Decimal | None:
    """Give the shortest decimal of a stored number."""
    return None if cell is None else Decimal(str(cell))


def day(cell: Cell) -> dt.date | None:
    """Give a cell that is a date or empty."""
    assert cell is None or isinstance(cell, dt.date), cell
    return cell


def day_given(cell: Cell) -> dt.date:
    """Give a cell that is a date."""
    assert isinstance(cell, dt.date), cell
    return cell


def month_end(month: str) -> dt.date:
    """Give the last day of a month YYYY-MM."""
    year, number_ = int(month[:4]), int(month[5:7])
    return dt.date(year, number_, calendar.monthrange(year, number_)[1])


def next_month(month: str) -> str:
    """Give the month after YYYY-MM."""
    following = month_end(month) + dt.timedelta(days=1)
    return f"{following:%Y-%m}"


def plus_months(start: dt.date, months: int) -> dt.date:
    """Give the same day so many months later, or the last day of that month."""
    year, index = divmod(start.year * 12 + start.month - 1 + months, 12)
    return dt.date(year, index + 1, min(start.day, calendar.monthrange(year, index + 1)[1]))


def _period_end(cell: Cell) -> dt.date:
    if isinstance(cell, dt.date):
        return cell
    text = str(cell)
    return month_end(text) if re.fullmatch(r"\d{4}-\d\d", text) else dt.date(int(text), 12, 31)


class Plant:
    """The tables of a workbook as they stand on a day."""

    def __init__(self, workbook: Workbook, as_of: dt.date | None = None) -> None:
        """Take the rows and cells that are there on `as_of`, or on the workbook's own as-of day."""
        company = {row[0]: row[1] for row in workbook["企业信息"][1:]}
        start, end = day(company["数据起始日"]), day(company["数据截止日"])
        assert start is not None
        assert end is not None
        self.company = company
        self.start: dt.date = start
        self.today: dt.date = end if as_of is None else as_of
        self.data_end: dt.date = min(self.today, end)
        self.tables = {name: self._stand(name, sheet) for name, sheet in workbook.items()}
        self.factors = {str(row["代码"]): number(row["值"]) for row in self.rows("核算因子")}
        self._posts: dict[Cell, list[Row]] = {}
        for row in self.rows("人员"):
            self._posts.setdefault(row["账号"], []).append(row)

    def rows(self, sheet: str) -> list[Row]:
        """Give the rows of a sheet that are there."""
        return self.tables[sheet]

    def _stand(self, name: str, sheet: Sheet) -> list[Row]:
        heads = [str(head) for head in sheet[0]]
        rows = [dict(zip(heads, cells, strict=False)) for cells in sheet[1:]]
        for row in rows:
            for head in heads:
                row.setdefault(head, None)
        kept = [row for row in rows if self._is_there(name, row)]
        for row in kept:
            self._empty_later_cells(name, row)
        return kept

    def _is_there(self, name: str, row: Row) -> bool:
        if name == "评审与审核":
            given = [d for d in (day(row["计划日期"]), day(row["开始日期"])) if d is not None]
            return not given or min(given) <= self.today
        for column in _DATED.get(name, ()):
            if row[column] is not None:
                return _period_end(row[column]) <= self.today
        return True

    def _empty_later_cells(self, name: str, row: Row) -> None:
        emptied = set()
        for column, others in _EMPTIED.get(name, {}).items():
            value = day(row[column])
            if value is not None and value > self.today:
                emptied.add(column)
                for cell in (column, *others):
                    row[cell] = None
        if name == "不符合项":
            if "完成日期" in emptied:
                row["状态"] = "实施中"
            elif "关闭日期" in emptied:
                row["状态"] = "待验证"

    def months_from_start(self) -> list[str]:
        """Give the months from the first one on whose first day is not after today."""
        out, month = [], f"{self.start:%Y-%m}"
        while dt.date(int(month[:4]), int(month[5:7]), 1) <= self.today:
            out.append(month)
            month = next_month(month)
        return out

    def completed_months(self, today: dt.date | None = None) -> list[str]:
        """Give the completed months of the data."""
        return [m for m in self.months_from_start() if month_end(m) < (today or self.today)]

    def completed_years(self) -> list[int]:
        """Give the completed years."""
        return [y for y in range(self.start.year, self.today.year + 1) if dt.date(y, 12, 31) < self.today]

    def _on(self, account: Cell, on: dt.date) -> list[Row]:
        found = []
        for row in self._posts.get(account, []):
            since, until = day(row["任职起"]), day(row["任职止"])
            if since is not None and since <= on and (until is None or on <= until):
                found.append(row)
        return found

    def holds(self, account: Cell, role: str, on: dt.date) -> bool:
        """Say whether an account holds a role on a day."""
        return any(role in split(row["角色"]) for row in self._on(account, on))

    def department(self, account: Cell, on: dt.date) -> set[Cell]:
        """Give the department of an account on a day (at most one in a sound workbook)."""
        return {row["部门"] for row in self._on(account, on)}


def split(cell: Cell) -> list[str]:
    """Split a cell of several values."""
    return [] if cell is None else [part.strip(_BLANKS) for part in str(cell).split("、")]


def audits(plant: Plant, kind: str) -> list[Row]:
    """Give the rows of a kind of review or audit."""
    return [row for row in plant.rows("评审与审核") if row["类型"] == kind]
