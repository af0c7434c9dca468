"""Measuring: collection plan, instruments, their certificates and checks, laboratories, daily data, missing data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.core.model.base import Cell, Emptied, Refers, Row, account, column, day, quantity, sheet


@sheet("监测计划", "collection_item", ("line", "item"))
@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionItem(Row):
    """One item that is collected daily on a line (or plant-wide)."""

    line: str = column("生产线", refers=Refers.LINE_OR_PLANT)
    item: str = column("项目")
    item_class: str | None = column("类别", words="item-class")
    unit: str | None = column("单位")
    frequency: str | None = column("频次", words="collection-frequency")
    since: date | None = day("采集起")
    until: date | None = day("采集止", ends="since")
    department: str | None = column("责任部门", refers=Refers.DEPARTMENT)


@sheet("计量器具", "instrument", ("number",))
@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument(Row):
    """A measuring instrument; cycle in months (10⁻⁶ units)."""

    number: str = column("器具编号")
    name: str | None = column("器具名称")
    model: str | None = column("型号")
    accuracy: str | None = column("精度")
    place: str | None = column("安装位置")
    purpose: str | None = column("用途")
    cycle: int | None = quantity("检定周期（月）")
    keeper: str | None = account("责任人")
    department: str | None = column("责任部门", refers=Refers.DEPARTMENT)
    key_instrument: str | None = column("关键器具", words="yes-no")
    commissioned: date | None = day("启用日期")
    stopped_from: date | None = day("停用起")
    stopped_until: date | None = day("停用止", ends="stopped_from")

    def in_service(self, on: date) -> bool:
        """Whether the instrument is in service on a day."""
        if self.commissioned is None or on < self.commissioned:
            return False
        stopped = self.stopped_from is not None and self.stopped_from <= on
        return not (stopped and (self.stopped_until is None or on <= self.stopped_until))


@sheet("校验记录", "instrument_check", ("number",), decides=("on",))
@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentCheck(Row):
    """A verification, calibration or monthly check of an instrument; error in % (10⁻⁶ units)."""

    number: str = column("记录号")
    instrument: str | None = column("器具编号", refers=Refers.INSTRUMENT)
    type: str | None = column("类型", words="check-type")
    on: date | None = day("日期")
    valid_until: date | None = day("有效期至", ends="on")
    result: str | None = column("结论", words="check-result")
    error: int | None = column("误差（%）", Cell.SIGNED)
    body: str | None = column("机构/人员")
    certificate: str | None = column("证书号")


@sheet("检测机构", "laboratory", ("number",))
@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory(Row):
    """A laboratory, its CMA and CNAS qualifications and the parameters in scope (joined by 、)."""

    number: str = column("机构编号")
    name: str | None = column("机构名称")
    cma: str | None = column("CMA编号")
    cma_from: date | None = day("CMA有效期起")
    cma_until: date | None = day("CMA有效期止", ends="cma_from")
    cnas: str | None = column("CNAS编号")
    cnas_from: date | None = day("CNAS有效期起")
    cnas_until: date | None = day("CNAS有效期止", ends="cnas_from")
    scope: str | None = column("能力范围")


@sheet("检测报告", "test_report", ("number",), decides=("issued", "tested"))
@dataclass(frozen=True, slots=True, kw_only=True)
class TestReport(Row):
    """A laboratory's report of one parameter of a monthly sample."""

    __test__ = False  # the name is the field's; it is no test class

    number: str = column("报告号")
    sample: str | None = column("样品编号")
    line: str | None = column("生产线", refers=Refers.LINE_OR_PLANT)
    month: str | None = column("所属月份", Cell.MONTH)
    parameter: str | None = column("参数", words="test-parameter")
    result: int | None = quantity("结果")
    unit: str | None = column("单位", words="test-unit")
    basis: str | None = column("基准")
    method: str | None = column("方法标准")
    laboratory: str | None = column("机构编号", refers=Refers.LABORATORY)
    tested: date | None = day("检测日期")
    issued: date | None = day("签发日期")


@sheet("每日数据", "reading", ("on", "line", "item"), decides=("on",))
@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Row):
    """One item of one day, with recorder and checker."""

    on: date = day("日期")
    line: str = column("生产线", refers=Refers.LINE_OR_PLANT)
    item: str = column("项目")
    amount: int | None = quantity("数量")
    unit: str | None = column("单位")
    instrument: str | None = column("器具编号", refers=Refers.INSTRUMENT)
    recorder: str | None = account("记录人")
    checker: str | None = account("校核人")
    remark: str | None = column("备注", Cell.FREE)


@sheet(
    "煤样",
    "coal_sample",
    ("number",),
    decides=("sampled",),
    empties=(Emptied("disposed", ("disposal_approver",)),),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class CoalSample(Row):
    """A daily reduced sample or a monthly composite of kiln coal."""

    number: str = column("样品编号")
    type: str | None = column("样品类型", words="sample-type")
    line: str | None = column("生产线", refers=Refers.LINE_OR_PLANT)
    sampled: date | None = day("采样日期")
    month: str | None = column("所属月份", Cell.MONTH)
    coal: int | None = quantity("入窑煤量（t）")
    carbon: int | None = quantity("元素碳含量（tC/t）")
    mass: int | None = quantity("合成取样质量（g）")
    sampler: str | None = account("采样人")
    preparer: str | None = account("制样人")
    place: str | None = column("留存位置")
    disposed: date | None = day("处置日期")
    disposal_approver: str | None = account("处置批准人")


@sheet("样本交接单", "sample_slip", ("number",), decides=("on",))
@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSlip(Row):
    """The two-part slip with which a sample is handed to the laboratory."""

    number: str = column("单号")
    sample: str | None = column("样品编号")
    on: date | None = day("交接日期")
    parts: int | None = quantity("联数")
    giver: str | None = account("交样人")
    receiver: str | None = column("接样人", Cell.FREE)
    laboratory: str | None = column("机构编号", refers=Refers.LABORATORY)


@sheet("替代燃料台账", "alternative_fuel", ("month", "line", "fuel"), decides=("month",))
@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeFuel(Row):
    """A month of one alternative fuel on one line."""

    month: str = column("所属月份", Cell.MONTH)
    line: str = column("生产线", refers=Refers.LINE_OR_PLANT)
    fuel: str = column("种类")
    origin: str | None = column("来源", Cell.FREE)
    amount: int | None = quantity("用量（t）")
    calorific_value: int | None = quantity("低位发热量（GJ/t）")
    carbon: int | None = quantity("元素碳含量（tC/t）")
    biomass: int | None = quantity("生物质比例（%）")


@sheet("缺失数据处理", "missing_data", ("number",), decides=("since",))
@dataclass(frozen=True, slots=True, kw_only=True)
class MissingData(Row):
    """How days without a reading were filled."""

    number: str = column("编号")
    line: str | None = column("生产线", refers=Refers.LINE_OR_PLANT)
    item: str | None = column("项目")
    since: date | None = day("缺失起")
    until: date | None = day("缺失止", ends="since")
    reason: str | None = column("原因", Cell.FREE)
    method: str | None = column("处理方法", Cell.FREE)
    effect: str | None = column("排放影响", words="emission-effect")
    substitute: int | None = quantity("日替代值")
    candidate1: int | None = quantity("候选值1")
    candidate2: int | None = quantity("候选值2")
    candidate3: int | None = quantity("候选值3")
    proof: str | None = column("佐证材料", Cell.FREE)
    approver: str | None = account("批准人")

    def days(self, until: date) -> Iterator[date]:
        """The days that it fills, up to a day; none if line, item or a day is not given."""
        if self.line and self.item and self.since and self.until:
            for after in range((min(self.until, until) - self.since).days + 1):
                yield self.since + timedelta(days=after)


@sheet("交叉校验", "cross_check", ("month", "item"), decides=("month",))
@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCheck(Row):
    """Four sources of one quantity of one month."""

    month: str = column("所属月份", Cell.MONTH)
    item: str = column("数据项", words="cross-check-item")
    unit: str | None = column("单位")
    production: int | None = quantity("生产台账")
    voucher: int | None = quantity("财务凭证")
    invoice: int | None = quantity("购销发票")
    meter: int | None = quantity("计量报表")
    explanation: str | None = column("差异说明", Cell.FREE)
