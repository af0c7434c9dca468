"""The mutants of trades, cash, monthly assets and surrender."""

from __future__ import annotations

from datetime import date

from compliance.adapters.example import Cell
from tests.workbooks.mutate import TODAY, Mutant, _Prepare, _row, _row_at
from tests.workbooks.tables import Row, Tables, after

_T, _C, _V, _S = "碳交易", "资金出入金", "付款签证单", "年度交易策略"
_DEALT = date(2026, 4, 15)
_OWN = {"年度": "2026", "品种": "CCER", "方向": "买入"}
_trade, _strategy, _cash, _voucher = _row(_T), _row(_S, **_OWN), _row(_C), _row(_V)

_CHAIN = [
    Mutant("L-01a", "person", _trade, "成交确认人", None, "U010"),
    Mutant("L-01a", "day", _trade, "风险审核日期", None, date(2026, 4, 13)),
    Mutant("L-01b", "order", _trade, "资金审批日期", date(2026, 4, 12), date(2026, 4, 13)),
    Mutant("L-01b", "last", _trade, "台账更新日期", date(2026, 4, 14), _DEALT),
    Mutant("L-01c", "first and last", _trade, "台账更新人", "U007", "U006"),
    Mutant("L-01c", "neighbours", _trade, "风险审核人", "U002", "U008"),
    Mutant("L-01d", "person", _trade, "资金审批人", "U001", "U002"),
    Mutant("L-01d", "post", lambda t: t.one("人员", 账号="U002"), "任职止", date(2026, 4, 13), date(2026, 4, 14)),
    Mutant("L-07", "asked", _trade, "申请日期", date(2026, 4, 16), _DEALT),
]


def _ledger_later(t: Tables) -> Row:
    row = t.one(_T)
    row["台账更新日期"] = after(_DEALT, 1)
    return row


_CHAIN.append(Mutant("L-01a", "later", _ledger_later, "", _DEALT, after(_DEALT, 1)))


def _second(**cells: Cell) -> _Prepare:
    """An earlier deal of the same kind and day, with a smaller number; it is returned."""

    def prepare(t: Tables) -> Row:
        like = t.one(_T)
        return t.add(_T, like, 交易编号="JY-2026-000", **cells)

    return prepare


def _capped(column: str, value: float, other: _Prepare) -> _Prepare:
    """The year's strategy with a cap; the other deal is returned."""

    def prepare(t: Tables) -> Row:
        row = other(t)
        t.one(_S, **_OWN)[column] = value
        return row

    return prepare


def _revised(t: Tables) -> Row:
    """A revision forbids the deal's price; its day of approval decides whether it holds."""
    return t.add(_S, t.one(_S, **_OWN), 策略编号="CL-2026-CB-2", 最高价=58, 批准日期=_DEALT)


def _numbered(t: Tables) -> Row:
    """Two deals of one day: the one with the later number may be the one too many."""
    t.one(_S, **_OWN)["年累计数量上限"] = 11999
    return t.add(_T, t.one(_T), 交易编号="JY-2026-002")


_UNDER = [
    Mutant("L-02a", "opens", _strategy, "窗口起", after(_DEALT, 1), _DEALT),
    Mutant("L-02a", "closes", _strategy, "窗口止", after(_DEALT, -1), _DEALT),
    Mutant("L-02b", "high", _trade, "价格", 72.000001, 72),
    Mutant("L-02b", "low", _trade, "价格", 44.999999, 45),
    Mutant("L-02b", "revised", _revised, "批准日期", _DEALT, after(_DEALT, 1)),
    Mutant("L-02b", "revised before", _revised, "批准日期", date(2026, 1, 13), date(2026, 1, 11)),
    Mutant("L-02b", "no price", _revised, "最高价", 58, None),
    Mutant("L-02c", "amount", _trade, "数量", 15000.000001, 15000),
    Mutant("L-02d", "sum", _capped("年累计数量上限", 12000, _second()), "数量", 6000.000001, 6000),
    Mutant("L-02d", "kind", _capped("年累计数量上限", 11999, _second()), "品种", "CCER", "配额"),
    Mutant("L-02d", "direction", _capped("年累计数量上限", 11999, _second()), "方向", "买入", "卖出"),
    Mutant(
        "L-02d", "year", _capped("年累计数量上限", 11999, _second()), "成交日期", date(2026, 1, 20), date(2025, 12, 31)
    ),
    Mutant("L-02d", "number", _numbered, "数量", 6000, 5999),
    Mutant("L-02e", "sum", _capped("年累计金额上限", 697200, _second()), "成交金额", 348600.01, 348600),
    Mutant("L-02e", "cap", _strategy, "年累计金额上限", 348599.99, 348600),
    Mutant("L-03", "year", _strategy, "年度", "2025", "2026"),
    Mutant("L-03", "kind", _strategy, "品种", "配额", "CCER"),
    Mutant("L-03", "direction", _strategy, "方向", "卖出", "买入"),
    Mutant("L-03", "unapproved", _strategy, "批准日期", None, _DEALT),
    Mutant("L-03", "late", _strategy, "批准日期", after(_DEALT, 1), _DEALT),
]


def _out(t: Tables) -> Row:
    row = t.one(_C)
    row["账户责任人"] = row["账户责任人批准日期"] = None
    return row


def _two_vouchers(t: Tables) -> Row:
    row = t.one(_V)
    row["金额"] = 175000
    return t.add(_V, row, 签证单号="QZ-0002")


_MONEY = [
    Mutant("L-05a", "person", _cash, "监护人", None, "U008"),
    Mutant("L-05a", "day", _cash, "财务审核日期", None, _DEALT),
    Mutant("L-05a", "owner", _cash, "账户责任人", None, "U009"),
    Mutant("L-05a", "direction", _out, "方向", "入金", "出金"),
    Mutant("L-05b", "applicant", _cash, "申请人", "U009", "U007"),
    Mutant("L-05b", "finance", _cash, "财务审核人", "U008", "U011"),
    Mutant("L-06a", "one", _voucher, "金额", 350000.01, 350000),
    Mutant("L-06a", "two", _two_vouchers, "金额", 175000.01, 175000),
    Mutant("L-06a", "approved", _trade, "批准资金总额", 348599.99, 348600),
    Mutant("L-06b", "before", _voucher, "注资日期", after(_DEALT, -1), _DEALT),
    Mutant("L-06b", "after", _voucher, "注资日期", after(_DEALT, 1), _DEALT),
]


def _month(month: str, **cells: Cell) -> _Prepare:
    def prepare(t: Tables) -> Row:
        row = t.one("碳资产月度", 所属月份=month, 资产类别="配额")
        row.update(cells)
        return row

    return prepare


_ASSETS = [
    Mutant("L-21a", "registry", _month("2026-03"), "登记系统余额", 60000.000001, 60000),
    Mutant("L-21b", "sum", _month("2026-03"), "增加", 1, 0),
    Mutant("L-21b", "carried", _month("2026-02", 增加=None), "期末", 60001, 60000),
    Mutant("L-21b", "carried alone", _month("2026-03", 增加=None), "期初", 59999, 60000),
]

_Y = "履约清缴"
_done = _row_at(0, _Y)


def _completed(**cells: Cell) -> _Prepare:
    def prepare(t: Tables) -> Row:
        row = t.rows(_Y)[0]
        row.update(cells)
        return row

    return prepare


def _ccer(t: Tables) -> Row:
    return _completed(应清缴量=100000, 配额清缴量=95000, CCER清缴量=5000)(t)


def _limit(t: Tables) -> Row:
    _ccer(t)
    return t.one("核算因子", 代码="CCER_LIMIT")


_SURRENDER = [
    Mutant("L-22", "used", _ccer, "CCER清缴量", 5000.000001, 5000),
    Mutant("L-22", "limit", _limit, "值", 0.049999, 0.05),
    Mutant("L-23", "allowances", _ccer, "配额清缴量", 94999.999999, 95000),
    Mutant("L-23", "ccer", _ccer, "CCER清缴量", 4999.999999, 5000),
    Mutant("L-23", "open", _completed(配额清缴量=1), "完成日期", date(2025, 11, 20), None),
    Mutant("L-43", "allowances", _done, "配额变动情况表日期", date(2025, 12, 1), date(2025, 11, 30)),
    Mutant("L-43", "ccer", _done, "CCER变动情况表日期", date(2025, 12, 1), date(2025, 11, 30)),
    Mutant("L-43", "none", _done, "CCER变动情况表日期", None, date(2025, 11, 30)),
    Mutant("L-43", "due", _completed(完成日期=TODAY, 配额变动情况表日期=None), "", date(2026, 5, 1), date(2026, 4, 30)),
    Mutant("L-43", "month", _done, "完成日期", date(2025, 10, 31), date(2025, 11, 1)),
]

CASES = [*_CHAIN, *_UNDER, *_MONEY, *_ASSETS, *_SURRENDER]
