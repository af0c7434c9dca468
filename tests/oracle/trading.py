"""Trading and cash, by brute force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from tests.oracle.standing import STEP_DATES, STEP_PERSONS, Plant, Row, day, number

_Found = Iterator[tuple[str, str]]
_Rule = Callable[[Plant], _Found]


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _money(row: Row, column: str) -> Decimal:
    return number(row[column]) or Decimal(0)


def _strategy(p: Plant, trade: Row) -> Row | None:
    dealt = day(trade["成交日期"])
    fitting = [
        (approved, str(row["策略编号"]), row)
        for row in p.rows("年度交易策略")
        if dealt is not None
        and row["年度"] == f"{dealt:%Y}"
        and row["品种"] == trade["品种"]
        and row["方向"] == trade["方向"]
        and (approved := day(row["批准日期"])) is not None
        and approved <= dealt
    ]
    return max(fitting, key=lambda found: found[:2])[2] if fitting else None


def _unplanned(p: Plant, trade: Row) -> bool:
    known = all(trade[column] is not None for column in ("成交日期", "品种", "方向"))
    return known and _strategy(p, trade) is None


def _cumulative(p: Plant, trade: Row, column: str) -> Decimal:
    def order(row: Row) -> tuple[str, str]:
        return str(row["成交日期"]), str(row["交易编号"])

    return sum(
        (
            _money(row, column)
            for row in p.rows("碳交易")
            if (row["品种"], row["方向"]) == (trade["品种"], trade["方向"])
            and str(row["成交日期"])[:4] == str(trade["成交日期"])[:4]
            and order(row) <= order(trade)
        ),
        Decimal(0),
    )


def _over(value: Decimal | None, limit: object) -> bool:
    assert limit is None or isinstance(limit, (int, float))
    bound = number(limit)
    return value is not None and bound is not None and value > bound


def _each_trade(wrong: Callable[[Plant, Row], bool]) -> _Rule:
    def rule(p: Plant) -> _Found:
        for trade in p.rows("碳交易"):
            if wrong(p, trade):
                yield _text(trade["交易编号"]), _text(trade["成交日期"])

    return rule


def _with_strategy(wrong: Callable[[Plant, Row, Row], bool]) -> _Rule:
    def check(p: Plant, trade: Row) -> bool:
        strategy = _strategy(p, trade)
        return strategy is not None and wrong(p, trade, strategy)

    return _each_trade(check)


def _out_of_order(_: Plant, trade: Row) -> bool:
    given = [d for column in STEP_DATES if (d := day(trade[column])) is not None]
    return given != sorted(given)


def _one_in_two(_: Plant, trade: Row) -> bool:
    given = [trade[column] for column in STEP_PERSONS if trade[column] is not None]
    return len(set(given)) < len(given)


def _wrong_approver(p: Plant, trade: Row) -> bool:
    approved = day(trade["资金审批日期"])
    if trade["资金审批人"] is None or approved is None:
        return False
    return not p.holds(trade["资金审批人"], "管理者代表", approved)


def _outside_window(_: Plant, trade: Row, strategy: Row) -> bool:
    dealt, first, last = (day(c) for c in (trade["成交日期"], strategy["窗口起"], strategy["窗口止"]))
    assert dealt is not None
    return (first is not None and dealt < first) or (last is not None and dealt > last)


def _outside_prices(_: Plant, trade: Row, strategy: Row) -> bool:
    price, low = number(trade["价格"]), number(strategy["最低价"])
    return _over(price, strategy["最高价"]) or (price is not None and low is not None and price < low)


def _l05a(p: Plant) -> _Found:
    for row in p.rows("资金出入金"):
        needed = ["申请人", "申请日期", "监护人", "监护人批准日期", "财务审核人", "财务审核日期"]
        if row["方向"] == "入金":
            needed += ["账户责任人", "账户责任人批准日期"]
        if any(row[column] is None for column in needed):
            yield _text(row["单号"]), _text(row["划转日期"])


def _l05b(p: Plant) -> _Found:
    for row in p.rows("资金出入金"):
        given = [row[c] for c in ("申请人", "监护人", "财务审核人", "账户责任人") if row[c] is not None]
        if len(set(given)) < len(given):
            yield _text(row["单号"]), _text(row["划转日期"])


def _overpaid(p: Plant, trade: Row) -> bool:
    vouchers = [_money(row, "金额") for row in p.rows("付款签证单") if row["交易编号"] == trade["交易编号"]]
    return _over(sum(vouchers, Decimal(0)), trade["批准资金总额"])


def _l06b(p: Plant) -> _Found:
    for row in p.rows("付款签证单"):
        for trade in p.rows("碳交易"):
            funded, dealt = day(row["注资日期"]), day(trade["成交日期"])
            same = trade["交易编号"] == row["交易编号"]
            if same and funded is not None and dealt is not None and funded != dealt:
                yield _text(row["签证单号"]), str(funded)


def _after_the_fact(_: Plant, trade: Row) -> bool:
    asked, dealt = day(trade["申请日期"]), day(trade["成交日期"])
    return asked is not None and dealt is not None and asked > dealt


RULES: dict[str, _Rule] = {
    "L-01a": _each_trade(lambda _, t: any(t[c] is None for c in (*STEP_PERSONS, *STEP_DATES))),
    "L-01b": _each_trade(_out_of_order),
    "L-01c": _each_trade(_one_in_two),
    "L-01d": _each_trade(_wrong_approver),
    "L-02a": _with_strategy(_outside_window),
    "L-02b": _with_strategy(_outside_prices),
    "L-02c": _with_strategy(lambda _, t, s: _over(number(t["数量"]), s["单笔数量上限"])),
    "L-02d": _with_strategy(lambda p, t, s: _over(_cumulative(p, t, "数量"), s["年累计数量上限"])),
    "L-02e": _with_strategy(lambda p, t, s: _over(_cumulative(p, t, "成交金额"), s["年累计金额上限"])),
    "L-03": _each_trade(_unplanned),
    "L-05a": _l05a,
    "L-05b": _l05b,
    "L-06a": _each_trade(_overpaid),
    "L-06b": _l06b,
    "L-07": _each_trade(_after_the_fact),
}
