"""For every situation, workbooks that fire and their twins that differ in one cell (or one day) and do not."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from compliance.adapters.example import Cell, Workbook, generate
from tests.workbooks.tables import Row, Tables, after, day

#: The small plant: its data begin on 2025-12-01; the year 2025 is completed and its yearly filing was due.
TODAY = date(2026, 4, 20)
START = date(2025, 12, 1)
_Prepare = Callable[[Tables], Row]


@dataclass(frozen=True)
class Mutant:
    """Two workbooks: in ``fires`` the cell brings a finding of the situation, in ``misses`` it does not.

    Where ``column`` is empty the two workbooks are the same and ``fires`` and ``misses`` are the as-of days.
    """

    situation: str
    name: str
    prepare: _Prepare
    column: str
    fires: Cell
    misses: Cell

    def firing(self) -> tuple[Workbook, date | None]:
        """The workbook that fires and the day to judge it on (None: its own)."""
        return self._made(self.fires)

    def missing(self) -> tuple[Workbook, date | None]:
        """The workbook that just does not fire, and the day."""
        return self._made(self.misses)

    def _made(self, value: Cell) -> tuple[Workbook, date | None]:
        tables = Tables(base())
        row = self.prepare(tables)
        if not self.column:
            assert isinstance(value, date)
            return tables.workbook(), value
        assert self.column in row, self.column
        row[self.column] = value
        return tables.workbook(), None


@functools.cache
def base() -> Workbook:
    """The small clean plant that all mutants come from; mutants change copies of its rows."""
    return generate(TODAY, months=5, seed=3)


def _row(sheet: str, **equal: Cell) -> _Prepare:
    return lambda t: t.last(sheet, **equal)


def _row_at(place: int, sheet: str, **equal: Cell) -> _Prepare:
    return lambda t: t.rows(sheet, **equal)[place]


# --- account powers ---


def _second_power(operator: str, since: date, until: date | None = None) -> _Prepare:
    """A second row of the trading account; the first one is returned."""

    def prepare(t: Tables) -> Row:
        first = t.one("账户权限", 账户编号="ZH-JY-01")
        t.add("账户权限", first, 操作人=operator, 审核人="U004", 生效起=since, 生效止=until)
        return first

    return prepare


def _second_power_itself(since: date) -> _Prepare:
    def prepare(t: Tables) -> Row:
        _second_power("U008", since)(t)
        return t.last("账户权限", 账户编号="ZH-JY-01")

    return prepare


_POWERS = [
    Mutant("L-04", "same", _row("账户权限", 账户编号="ZH-JY-01"), "审核人", "U007", "U026"),
    Mutant("L-04", "empty", _row("账户权限", 账户编号="ZH-ZC-01"), "监管人", None, "U026"),
    Mutant("L-04", "type", _row("账户权限", 账户编号="ZH-ZJ-01"), "账户类型", "交易账户", "资金账户"),
    Mutant("L-04b", "end", _second_power("U008", date(2026, 2, 1)), "生效止", date(2026, 2, 1), date(2026, 1, 31)),
    Mutant("L-04b", "power", _second_power_itself(date(2026, 2, 1)), "操作人", "U008", "U007"),
    Mutant("L-04b", "later", _second_power_itself(TODAY), "生效起", TODAY, after(TODAY, 1)),
    Mutant("L-04b", "type", _second_power_itself(TODAY), "账户类型", "注册登记账户", "资金账户"),
]

# --- audits, readings ---

_AUDITED = {"类型": "内部审核", "被审核部门": "生产运行部"}


def _moved_auditor(t: Tables) -> Row:
    """The auditor's department changes; the day of the change is the cell."""
    audit = t.one("评审与审核", **_AUDITED)
    audit["审核员"] = "U026"
    begun = day(audit, "开始日期")
    first = t.one("人员", 账号="U026")
    first["任职止"] = after(begun, -1)
    return t.add("人员", first, 部门="生产运行部", 任职起=begun, 任职止=None)


def _audit_begun() -> date:
    return day(Tables(base()).one("评审与审核", **_AUDITED), "开始日期")


_AUDITS = [
    Mutant("L-08", "auditor", _row("评审与审核", **_AUDITED), "审核员", "U023、U025", "U023、U024"),
    Mutant("L-08", "leader", _row("评审与审核", **_AUDITED), "主持人", "U013", "U022"),
    Mutant("L-08", "department", _row("评审与审核", **_AUDITED), "被审核部门", "安环部", "矿山部"),
    Mutant("L-08", "moved", _moved_auditor, "任职起", _audit_begun(), after(_audit_begun(), 1)),
    Mutant("L-09", "after", _row("评审与审核", **_AUDITED), "计划日期", after(_audit_begun(), 1), _audit_begun()),
    Mutant("L-09", "no plan", _row("评审与审核", **_AUDITED), "计划日期", None, after(_audit_begun(), -30)),
    Mutant("L-10a", "checker", _row_at(40, "每日数据"), "校核人", None, "U015"),
    Mutant("L-10a", "recorder", _row_at(41, "每日数据"), "记录人", None, "U013"),
    Mutant("L-10b", "same", _row_at(40, "每日数据", 记录人="U013"), "校核人", "U013", "U015"),
]

# --- instruments, laboratories ---

_SCALE = "WM-K1-02"
_KEY = "WM-K1-06"
_LAST = after(TODAY, -1)


def _certificate(on: date = START, until: date = _LAST) -> _Prepare:
    """The only certificate of the scale."""

    def prepare(t: Tables) -> Row:
        like = t.one("校验记录", 器具编号=_SCALE)
        t.drop("校验记录", 器具编号=_SCALE)
        return t.add("校验记录", like, 日期=on, 有效期至=until)

    return prepare


def _certificate_failed(t: Tables) -> Row:
    like = _certificate()(t)
    return t.add("校验记录", like, 记录号="JD-1", 日期=date(2026, 1, 5), 有效期至=None, 结论="不合格")


def _certificate_renewed(t: Tables) -> Row:
    failed = _certificate_failed(t)
    return t.add("校验记录", failed, 记录号="JD-2", 结论="合格", 有效期至=_LAST)


def _one_reading_too_late(t: Tables) -> Row:
    _certificate(until=after(_LAST, -1))(t)
    return t.one("每日数据", 器具编号=_SCALE, 日期=_LAST)


def _check_of_february(t: Tables) -> Row:
    checks = t.rows("校验记录", 器具编号=_KEY, 类型="月度校验")
    return next(row for row in checks if f"{row['日期']:%Y-%m}" == "2026-02")


def _unchecked_in_february(t: Tables) -> Row:
    row = _check_of_february(t)
    t.drop("校验记录", 记录号=row["记录号"])
    return t.one("计量器具", 器具编号=_KEY)


def _unchecked_before_march(t: Tables) -> Row:
    for row in t.rows("校验记录", 器具编号=_KEY, 类型="月度校验"):
        if day(row, "日期") < date(2026, 3, 1):
            t.drop("校验记录", 记录号=row["记录号"])
    return t.one("计量器具", 器具编号=_KEY)


def _back_in_february(t: Tables) -> Row:
    row = _unchecked_before_march(t)
    row["停用起"] = date(2025, 11, 1)
    return row


def _stopped_in_february(t: Tables) -> Row:
    row = _unchecked_in_february(t)
    row["停用止"] = date(2026, 2, 28)
    return row


def _report_of(laboratory: str) -> _Prepare:
    """A test of 2026-03-09 by a laboratory, which is returned."""

    def prepare(t: Tables) -> Row:
        report = t.last("检测报告")
        t.keep_only("检测报告", [report])
        report["机构编号"], report["检测日期"] = laboratory, date(2026, 3, 9)
        return t.one("检测机构", 机构编号=laboratory)

    return prepare


_INSTRUMENTS = [
    Mutant("L-11a", "ended", _certificate(), "有效期至", after(_LAST, -1), _LAST),
    Mutant("L-11a", "begun", _certificate(), "日期", after(START, 1), START),
    Mutant("L-11a", "result", _certificate(), "结论", "不合格", "合格"),
    Mutant("L-11a", "kind", _certificate(), "类型", "月度校验", "校准"),
    Mutant("L-11a", "failed", _certificate_failed, "结论", "不合格", "合格"),
    Mutant("L-11a", "failed check", _certificate_failed, "类型", "校准", "月度校验"),
    Mutant("L-11a", "renewed", _certificate_renewed, "日期", date(2026, 1, 6), date(2026, 1, 5)),
    Mutant("L-11a", "zero", _one_reading_too_late, "数量", 0.01, 0),
    Mutant("L-11a", "no reading", _one_reading_too_late, "数量", 3, None),
    Mutant("L-11b", "failed", _check_of_february, "结论", "不合格", "合格"),
    Mutant("L-11b", "day", _check_of_february, "日期", date(2026, 3, 1), date(2026, 2, 28)),
    Mutant("L-11b", "kind", _check_of_february, "类型", "校准", "月度校验"),
    Mutant("L-11b", "key", _unchecked_in_february, "关键器具", "是", "否"),
    Mutant("L-11b", "stopped", _stopped_in_february, "停用起", date(2026, 2, 2), date(2026, 2, 1)),
    Mutant("L-11b", "back", _back_in_february, "停用止", date(2026, 2, 27), date(2026, 2, 28)),
    Mutant("L-11b", "new", _unchecked_before_march, "启用日期", date(2026, 2, 28), date(2026, 3, 1)),
    Mutant("L-11b", "month", _unchecked_in_february, "", date(2026, 3, 1), date(2026, 2, 28)),
    Mutant("L-12a", "ended", _report_of("JC-02"), "CNAS有效期止", date(2026, 3, 8), date(2026, 3, 9)),
    Mutant("L-12a", "begun", _report_of("JC-02"), "CNAS有效期起", date(2026, 3, 10), date(2026, 3, 9)),
    Mutant("L-12a", "number", _report_of("JC-02"), "CNAS编号", None, "CNAS L9"),
    Mutant("L-12a", "other mark", _report_of("JC-03"), "CMA有效期止", date(2026, 3, 8), date(2026, 3, 9)),
    Mutant("L-12b", "scope", _report_of("JC-02"), "能力范围", "元素碳含量、全硫", "低位发热量、元素碳含量"),
]

CASES = [*_POWERS, *_AUDITS, *_INSTRUMENTS]
