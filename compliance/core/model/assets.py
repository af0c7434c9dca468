"""Assets and trading: monthly assets, strategies, trades, cash, vouchers, account powers, surrender, factors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.core.model.base import Cell, Emptied, Refers, Row, account, column, day, quantity, sheet


@sheet("碳资产月度", "monthly_asset", ("month", "asset"), decides=("month",))
@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyAsset(Row):
    """A month of one asset class, in t (10⁻⁶ units)."""

    month: str = column("所属月份", Cell.MONTH)
    asset: str = column("资产类别", words="asset-class")
    opening: int | None = quantity("期初")
    increase: int | None = quantity("增加")
    decrease: int | None = quantity("减少")
    closing: int | None = quantity("期末")
    registry: int | None = quantity("登记系统余额")


@sheet("年度交易策略", "trading_strategy", ("number",), decides=("approved",))
@dataclass(frozen=True, slots=True, kw_only=True)
class TradingStrategy(Row):
    """A version of a year's trading strategy: window, price band, caps."""

    number: str = column("策略编号")
    year: str | None = column("年度", Cell.YEAR)
    asset: str | None = column("品种", words="asset-class")
    direction: str | None = column("方向", words="trade-direction")
    window_from: date | None = day("窗口起")
    window_until: date | None = day("窗口止", ends="window_from")
    lowest_price: int | None = quantity("最低价")
    highest_price: int | None = quantity("最高价")
    quantity_cap: int | None = quantity("单笔数量上限")
    year_quantity_cap: int | None = quantity("年累计数量上限")
    year_money_cap: int | None = quantity("年累计金额上限")
    approver: str | None = account("批准人")
    approved: date | None = day("批准日期")


_TRADE_STEPS = (
    ("applied_on", "applicant"),
    ("risk_reviewed_on", "risk_reviewer"),
    ("funds_approved_on", "funds_approver"),
    ("ordered_on", "order_giver"),
    ("confirmed_on", "confirmer"),
    ("ledger_updated_on", "ledger_keeper"),
)


@sheet(
    "碳交易",
    "trade",
    ("number",),
    decides=("on",),
    empties=tuple(Emptied(on, (by,)) for on, by in _TRADE_STEPS),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Trade(Row):
    """An executed deal and the six steps around it."""

    number: str = column("交易编号")
    asset: str | None = column("品种", words="asset-class")
    direction: str | None = column("方向", words="trade-direction")
    on: date | None = day("成交日期")
    price: int | None = quantity("价格")
    amount: int | None = quantity("数量")
    money: int | None = quantity("成交金额")
    approved_money: int | None = quantity("批准资金总额")
    applicant: str | None = account("申请人")
    applied_on: date | None = day("申请日期")
    risk_reviewer: str | None = account("风险审核人")
    risk_reviewed_on: date | None = day("风险审核日期")
    funds_approver: str | None = account("资金审批人")
    funds_approved_on: date | None = day("资金审批日期")
    order_giver: str | None = account("指令下达人")
    ordered_on: date | None = day("指令下达日期")
    confirmer: str | None = account("成交确认人")
    confirmed_on: date | None = day("成交确认日期")
    ledger_keeper: str | None = account("台账更新人")
    ledger_updated_on: date | None = day("台账更新日期")


@sheet(
    "资金出入金",
    "cash_transfer",
    ("number",),
    decides=("transferred", "applied_on"),
    empties=(
        Emptied("applied_on", ("applicant",)),
        Emptied("guardian_approved_on", ("guardian",)),
        Emptied("finance_reviewed_on", ("finance_reviewer",)),
        Emptied("account_owner_approved_on", ("account_owner",)),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class CashTransfer(Row):
    """Money moved between the dedicated account and the exchange."""

    number: str = column("单号")
    direction: str | None = column("方向", words="cash-direction")
    trade: str | None = column("交易编号", refers=Refers.TRADE)
    money: int | None = quantity("金额")
    applicant: str | None = account("申请人")
    applied_on: date | None = day("申请日期")
    guardian: str | None = account("监护人")
    guardian_approved_on: date | None = day("监护人批准日期")
    finance_reviewer: str | None = account("财务审核人")
    finance_reviewed_on: date | None = day("财务审核日期")
    account_owner: str | None = account("账户责任人")
    account_owner_approved_on: date | None = day("账户责任人批准日期")
    transferred: date | None = day("划转日期")


@sheet("付款签证单", "payment_voucher", ("number",), decides=("funded",))
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentVoucher(Row):
    """A voucher with which the dedicated account was funded."""

    number: str = column("签证单号")
    trade: str | None = column("交易编号", refers=Refers.TRADE)
    money: int | None = quantity("金额")
    funded: date | None = day("注资日期")
    writer: str | None = account("填写人")
    finance_clerk: str | None = account("财务经办人")


@sheet("账户权限", "account_power", ("number", "since"), decides=("since",))
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPower(Row):
    """Who operates, reviews and supervises an account in a period."""

    number: str = column("账户编号")
    type: str | None = column("账户类型", words="account-type")
    operator: str | None = account("操作人")
    reviewer: str | None = account("审核人")
    supervisor: str | None = account("监管人")
    since: date = day("生效起")
    until: date | None = day("生效止", ends="since")


@sheet(
    "履约清缴",
    "surrender",
    ("number",),
    decides=("year",),
    empties=(
        Emptied("completed", ("allowances_surrendered", "ccer_surrendered")),
        Emptied("allowance_table_on"),
        Emptied("ccer_table_on"),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Surrender(Row):
    """The surrender of a compliance year, in t (10⁻⁶ units)."""

    number: str = column("履约编号")
    year: str | None = column("履约年度", Cell.YEAR)
    due_amount: int | None = quantity("应清缴量")
    allocated: int | None = quantity("核定配额")
    carried_over: int | None = quantity("上年结转")
    bought: int | None = quantity("买入")
    sold: int | None = quantity("卖出")
    pledged: int | None = quantity("质押冻结")
    ccer_held: int | None = quantity("CCER持有量")
    allowances_surrendered: int | None = quantity("配额清缴量")
    ccer_surrendered: int | None = quantity("CCER清缴量")
    deadline: date | None = day("清缴截止日期")
    completed: date | None = day("完成日期")
    allowance_table_on: date | None = day("配额变动情况表日期")
    ccer_table_on: date | None = day("CCER变动情况表日期")


@sheet("核算因子", "plant_factor", ("code",))
@dataclass(frozen=True, slots=True, kw_only=True)
class PlantFactor(Row):
    """A factor or parameter of the plant's own."""

    code: str = column("代码")
    name: str | None = column("名称", Cell.FREE)
    value: int | None = quantity("值")
    unit: str | None = column("单位")
    origin: str | None = column("来源", Cell.FREE)
