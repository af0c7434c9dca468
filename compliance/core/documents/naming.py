"""What people call the data that a document is filled with: sheets and columns by their headings, figures by title."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from compliance.core.documents.sets import SHOWN_SHEETS, column, profile_words, record_type
from compliance.core.documents.values import Value
from compliance.core.model import CompanyItem, Instrument, PersonPeriod, PlantFactor, Row
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, FigureRule

_NO_ROW: tuple[str, tuple[str, ...]] = ("", ())


def _no_row(_part: str) -> tuple[str, tuple[str, ...]]:
    return _NO_ROW


@dataclass(frozen=True, slots=True)
class Called:
    """What one name of the data is called: its title, its columns, and what names its rows.

    ``table``: the table whose rows a list shows; ``row_of``: the row that a part of a group shows.
    """

    title: Text
    columns: Mapping[str, Text] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    table: str = ""
    row_of: Callable[[str], tuple[str, tuple[str, ...]]] = _no_row

    def column(self, name: str) -> Text:
        """What a column is called."""
        return self.columns.get(name) or _COLUMNS.get(name) or Text(name, name)

    def key_of(self, row: Mapping[str, Value]) -> tuple[str, ...]:
        """What names a row; without columns for it all that the row says but its number."""
        if self.key:
            return tuple(str(row.get(name, "")) for name in self.key)
        return tuple(str(value) for name, value in row.items() if name != "no")


class Naming:
    """The names of a rule's data."""

    def __init__(self, rule: Document, rulebase: RuleBase) -> None:
        """Call things by the rules' latest words."""
        self._record = record_type(rule.per)
        self._items = profile_words(rulebase)
        titles = {column(r.code): Text(f"{r.title.zh}", r.title.en) for r in rulebase.of(FigureRule)}
        self._figures = titles

    def of(self, name: str) -> Called:
        """What one name is called."""
        if name == "profile":
            return self._profile()
        kind = self._record if name == "record" else SHOWN_SHEETS.get(name) or _KINDS.get(name)
        if kind is not None:
            return _sheet(kind, name)
        title = _TITLES.get(name) or Text(f"“{name}”", f"“{name}”")
        return Called(title, self._figures, _KEYS.get(name, ()))

    def _profile(self) -> Called:
        def row_of(part: str) -> tuple[str, tuple[str, ...]]:
            return (CompanyItem.SHEET.table, (self._items[part],)) if part in self._items else _NO_ROW

        columns = {part: Text(f"“{word}”", f"“{word}”") for part, word in self._items.items()}
        return Called(_heading(CompanyItem), columns, row_of=row_of)


def _sheet(kind: type[Row], name: str) -> Called:
    columns = {c.name: Text(f"“{c.heading}”", f"“{c.heading}”") for c in kind.SHEET.columns}
    shown = {"people": ("account",), "factors": ("code",)}.get(name, kind.SHEET.key)
    return Called(_heading(kind), columns, shown, kind.SHEET.table)


def _heading(kind: type[Row]) -> Text:
    return Text(f"《{kind.SHEET.heading}》", f"the sheet {kind.SHEET.heading}")


_KINDS: Mapping[str, type[Row]] = {"people": PersonPeriod, "instruments": Instrument, "factors": PlantFactor}
_TITLES: Mapping[str, Text] = {
    "report": Text("标题栏", "the title block"),
    "posts": Text("岗位表", "the list of posts"),
    "lead": Text("牵头部门", "the leading department"),
    "plan": Text("采集计划", "the plan of what is collected"),
    "months": Text("各月数值", "the figures by month"),
    "whole_year": Text("全年数值", "the figures of the year"),
    "by_line": Text("各生产线数值", "the figures by line"),
    "whole": Text("全厂数值", "the figures of the plant"),
    "history": Text("历年数值", "the figures of earlier years"),
    "figures": Text("计算结果", "the figures"),
    "working": Text("计算过程", "the working of the figures"),
    "readings": Text("逐月数据汇总", "the monthly sums of daily data"),
    "organisation_chart": Text("组织架构图", "the chart of the organisation"),
    "boundary": Text("边界图", "the figure of the boundaries"),
    "charts": Text("图表", "the charts"),
    "trade_vouchers": Text("付款凭证", "the payment vouchers"),
    "trade_money": Text("付款合计", "the sums of payments"),
    "sample": Text("样品", "the sample"),
    "laboratory": Text("实验室", "the laboratory"),
    "allowance_account": Text("配额账户变动", "the entries of the allowance account"),
    "ccer_account": Text("CCER 账户变动", "the entries of the CCER account"),
    "allowance_months": Text("配额逐月资产", "the monthly allowances"),
    "ccer_months": Text("CCER 逐月资产", "the monthly CCER"),
}
_KEYS: Mapping[str, tuple[str, ...]] = {
    "posts": ("post",),
    "plan": ("item",),
    "months": ("month",),
    "by_line": ("line",),
    "history": ("year",),
    "figures": ("code", "object", "period"),
    "working": ("code", "object", "period", "item"),
    "readings": ("month", "line", "item"),
    "trade_vouchers": ("number",),
    "allowance_account": ("item",),
    "ccer_account": ("item",),
    "allowance_months": ("month",),
    "ccer_months": ("month",),
}
_COLUMNS: Mapping[str, Text] = {
    "company": Text("公司名", "name of the company"),
    "title": Text("标题", "title"),
    "post": Text("岗位", "post"),
    "holders": Text("任职人员", "holders"),
    "departments": Text("所在部门", "departments"),
    "department": Text("负责部门", "department"),
    "clause": Text("条款", "clause"),
    "item": Text("项目", "item"),
    "difference": Text("差异", "difference"),
    "item_class": Text("类别", "class"),
    "unit": Text("单位", "unit"),
    "frequency": Text("频次", "frequency"),
    "lines": Text("生产线", "lines"),
    "line": Text("生产线", "line"),
    "name": Text("名称", "name"),
    "month": Text("月份", "month"),
    "year": Text("年度", "year"),
    "period": Text("期间", "period"),
    "code": Text("代码", "code"),
    "object": Text("对象", "object"),
    "value": Text("数值", "value"),
    "formula": Text("公式", "formula"),
    "quantity": Text("数量", "quantity"),
    "factors": Text("所用因子", "factors used"),
    "origins": Text("因子来源", "origins of the factors"),
    "origin": Text("来源", "origin"),
    "amount": Text("合计", "amount"),
    "records": Text("记录天数", "days recorded"),
    "filled": Text("补数天数", "days filled"),
    "posts": Text("岗位", "posts"),
    "checked": Text("检查日期", "day of the check"),
    "valid_until": Text("证书期限", "end of the certificate"),
    "body": Text("检查机构", "body"),
    "certificate": Text("证书编号", "certificate"),
    "state": Text("在用情况", "state"),
    "increase": Text("增量", "increase"),
    "decrease": Text("减量", "decrease"),
    "balance": Text("余额", "balance"),
    "picture": Text("图形", "picture"),
    "subject": Text("对象", "subject"),
    "number": Text("编号", "number"),
    "funded": Text("付款日期", "day of payment"),
    "money": Text("金额", "money"),
    "total": Text("累计", "total"),
    "approved": Text("批准金额", "approved"),
    "paid": Text("已付", "paid"),
    "left": Text("余额", "left"),
}
