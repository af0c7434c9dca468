"""Reductions and their money: targets, programmes, reductions issued, sold and used, proceeds of carbon finance.

Workbooks need not have these sheets: a plant keeps them here, by form, or brings them along.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.core.model.base import Cell, Refers, Row, account, column, day, quantity, sheet


@sheet("减排目标", "reduction_target", ("number",), decides=("approved",), optional=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReductionTarget(Row):
    """A target of one indicator for a year; ``part_of`` is the target that it breaks down."""

    number: str = column("目标编号")
    horizon: str | None = column("期限", words="target-horizon")
    indicator: str | None = column("指标")
    year: str | None = column("目标年度", Cell.YEAR)
    baseline: int | None = quantity("基准值")
    value: int | None = quantity("目标值")
    unit: str | None = column("单位")
    part_of: str | None = column("上级目标编号")
    department: str | None = column("责任部门", refers=Refers.DEPARTMENT)
    owner: str | None = account("责任人")
    approved: date | None = day("批准日期")


@sheet("减排方案", "reduction_programme", ("number",), decides=("submitted",), optional=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReductionProgramme(Row):
    """A programme for one of the main sources: path, owner, time, reduction (tCO2), budget (10⁻⁶ units)."""

    number: str = column("方案编号")
    name: str | None = column("方案名称", Cell.FREE)
    path: str | None = column("实施路径", Cell.FREE)
    department: str | None = column("责任主体", refers=Refers.DEPARTMENT)
    finish: date | None = day("时间节点")
    reduction: int | None = quantity("预期减排量")
    budget: int | None = quantity("投入预算")
    submitted: date | None = day("提交日期")


@sheet("减排量", "reduction_entry", ("number",), decides=("on",), optional=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReductionEntry(Row):
    """Reductions of a project that were issued, sold or used, in t (10⁻⁶ units)."""

    number: str = column("记录编号")
    project: str | None = column("项目", Cell.FREE)
    what: str | None = column("事项", words="reduction-entry")
    amount: int | None = quantity("数量")
    on: date | None = day("日期")
    proof: str | None = column("凭证", Cell.FREE)


@sheet("碳金融资金使用", "finance_use", ("number",), decides=("on",), optional=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class FinanceUse(Row):
    """Money of a carbon-finance deal as it was spent."""

    number: str = column("使用编号")
    deal: str | None = column("业务", Cell.FREE)
    money: int | None = quantity("金额")
    purpose: str | None = column("资金用途", words="finance-purpose")
    on: date | None = day("日期")
    note: str | None = column("说明", Cell.FREE)
