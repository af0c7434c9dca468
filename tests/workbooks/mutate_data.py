"""The mutants of missing data, completeness, samples, cross-checks, boundaries and the policy."""

from __future__ import annotations

from datetime import date

from compliance.adapters.example import Cell
from tests.workbooks.mutate import START, TODAY, Mutant, _Prepare, _row
from tests.workbooks.tables import Row, Tables, after

_M, _R, _P = "缺失数据处理", "每日数据", "监测计划"
_COAL = {"生产线": "K1", "项目": "入窑烟煤"}
_DAY = date(2026, 2, 10)
_LAST = after(TODAY, -1)


def _treated(**cells: Cell) -> _Prepare:
    """A sound treatment of one day of the kiln's coal that has no amount; it is returned."""

    def prepare(t: Tables) -> Row:
        t.one(_R, 日期=_DAY, **_COAL)["数量"] = None
        sound: dict[str, Cell] = {
            "编号": "QS-1",
            "缺失起": _DAY,
            "缺失止": _DAY,
            "原因": "称重故障",
            "处理方法": "取大值",
            "排放影响": "增加",
            "日替代值": 350,
            "候选值1": 340,
            "候选值2": 350,
            "佐证材料": "维修单",
            "批准人": "U002",
        }
        row = t.add(_M)
        row.update(sound | _COAL | cells)
        return row

    return prepare


_SUBSTITUTES = [
    *(Mutant("L-13a", column, _treated(), column, None, "有") for column in ("原因", "处理方法", "佐证材料")),
    Mutant("L-13b", "small", _treated(), "日替代值", 349.999999, 350),
    Mutant("L-13b", "candidate", _treated(), "候选值3", 350.000001, None),
    Mutant("L-13b", "large", _treated(排放影响="减少"), "日替代值", 340.000001, 340),
    Mutant("L-13b", "effect", _treated(排放影响="减少", 日替代值=340), "排放影响", "增加", "减少"),
    Mutant("L-13b", "unknown", _treated(日替代值=1), "排放影响", "增加", None),
]


def _reading(on: date = _DAY, **cells: Cell) -> _Prepare:
    def prepare(t: Tables) -> Row:
        row = t.one(_R, 日期=on, **_COAL)
        row.update(cells)
        return row

    return prepare


def _unread(on: date) -> _Prepare:
    """A day of the coal without a row; the item's line of the plan is returned."""

    def prepare(t: Tables) -> Row:
        t.drop(_R, 日期=on, **_COAL)
        return t.one(_P, **_COAL)

    return prepare


_READINGS = [
    Mutant("L-14a", "empty", _reading(), "数量", None, 340),
    Mutant("L-14a", "last day", _reading(_LAST), "数量", None, 340),
    Mutant("L-14a", "first day", _reading(START), "数量", None, 340),
    Mutant("L-14a", "absent", _unread(START), "采集起", START, after(START, 1)),
    Mutant("L-14a", "ended", _unread(_LAST), "采集止", _LAST, after(_LAST, -1)),
    Mutant("L-14a", "today", _unread(_LAST), "", TODAY, _LAST),
    Mutant("L-14a", "treated from", _treated(缺失止=after(_DAY, 1)), "缺失起", after(_DAY, 1), _DAY),
    Mutant("L-14a", "treated to", _treated(缺失起=after(_DAY, -1)), "缺失止", after(_DAY, -1), _DAY),
    Mutant("L-14a", "treated item", _treated(), "项目", "RDF", "入窑烟煤"),
    Mutant("L-14b", "remark", _reading(数量=0), "备注", None, "停窑检修"),
    Mutant("L-14b", "zero", _reading(), "数量", 0, 0.000001),
]

_A = "煤样"


def _sample(on: date = _DAY, **cells: Cell) -> _Prepare:
    def prepare(t: Tables) -> Row:
        row = t.one(_A, 采样日期=on, 样品类型="日缩分样", 生产线="K1")
        row.update(cells)
        return row

    return prepare


def _unsampled(on: date) -> _Prepare:
    """A day of the coal without a sample; the day's reading is returned."""

    def prepare(t: Tables) -> Row:
        t.drop(_A, 采样日期=on, 样品类型="日缩分样")
        return t.one(_R, 日期=on, **_COAL)

    return prepare


def _two_samples(t: Tables) -> Row:
    """February's composite of two samples, the tolerance 10 %; the second one is returned."""
    t.one("核算因子", 代码="TOL_COAL")["值"] = 0.1
    for row in t.rows(_A, 所属月份="2026-02", 样品类型="日缩分样"):
        row["合成取样质量（g）"] = None
    _sample(date(2026, 2, 1), **{"合成取样质量（g）": 90, "入窑煤量（t）": 100})(t)
    return _sample(date(2026, 2, 2), **{"合成取样质量（g）": 110, "入窑煤量（t）": 100})(t)


def _tolerance(t: Tables) -> Row:
    _two_samples(t)
    return t.one("核算因子", 代码="TOL_COAL")


_MONTHLY = {"样品类型": "月缩分样", "所属月份": "2026-02"}


def _disposed(t: Tables) -> Row:
    row = t.one(_A, **_MONTHLY)
    row["采样日期"], row["处置日期"] = date(2024, 2, 29), date(2025, 2, 28)
    return row


_slip = _row("样本交接单", 样品编号="KM-K1-202602")


def _handed_later(t: Tables) -> Row:
    row = t.one("样本交接单", 样品编号="KM-K1-202602")
    row["交接日期"] = date(2026, 3, 4)
    return row


_SAMPLES = [
    Mutant("L-15a", "mass", _two_samples, "合成取样质量（g）", 110.000001, 110),
    Mutant("L-15a", "coal", _two_samples, "入窑煤量（t）", 99.999999, 100),
    Mutant("L-15a", "no coal", _two_samples, "入窑煤量（t）", 1, 0),
    Mutant("L-15a", "tolerance", _tolerance, "值", 0.099999, 0.1),
    Mutant("L-15a", "month", _sample(_DAY, **{"合成取样质量（g）": 1}), "", date(2026, 3, 1), date(2026, 2, 28)),
    Mutant("L-15b", "burnt", _unsampled(_DAY), "数量", 0.000001, 0),
    Mutant("L-15b", "kind", _sample(), "样品类型", "月缩分样", "日缩分样"),
    Mutant("L-15b", "day", _sample(_LAST), "采样日期", after(_LAST, -1), _LAST),
    Mutant("L-15b", "today", _unsampled(_LAST), "", TODAY, _LAST),
    Mutant("L-16a", "slip", _slip, "样品编号", "KM-K1-202601", "KM-K1-202602"),
    Mutant("L-16a", "day", _handed_later, "", date(2026, 3, 3), date(2026, 3, 4)),
    Mutant("L-16b", "parts", _slip, "联数", 1, 2),
    Mutant("L-16b", "three parts", _slip, "联数", 3, None),
    Mutant("L-16b", "giver", _slip, "交样人", None, "U017"),
    Mutant("L-16b", "receiver", _slip, "接样人", None, "曾岚"),
    Mutant("L-17", "day", _disposed, "处置日期", date(2025, 2, 27), date(2025, 2, 28)),
    Mutant("L-17", "daily", _disposed, "采样日期", date(2024, 3, 1), date(2024, 2, 28)),
]

_X = "交叉校验"
_CHECK = {"所属月份": "2026-02", "数据项": "燃料消耗量"}


def _checked(**cells: Cell) -> _Prepare:
    def prepare(t: Tables) -> Row:
        row = t.one(_X, **_CHECK)
        row.update({"生产台账": 100, "财务凭证": 98, "购销发票": 100, "计量报表": 99, "差异说明": None} | cells)
        return row

    return prepare


def _allowed(t: Tables) -> Row:
    _checked()(t)
    return t.one("核算因子", 代码="TOL_XCHK")


def _unchecked(t: Tables) -> Row:
    t.drop(_X, 所属月份="2026-03", 数据项="熟料产量")
    return {}


_CHECKS = [
    Mutant("L-19a", "value", _checked(), "财务凭证", 97.999999, 98),
    Mutant("L-19a", "tolerance", _allowed, "值", 0.019999, 0.02),
    Mutant("L-19a", "explained", _checked(财务凭证=1), "差异说明", None, "盘点误差"),
    Mutant("L-19a", "not given", _checked(财务凭证=1), "计量报表", 99, None),
    Mutant("L-19b", "source", _checked(), "购销发票", None, 100),
    Mutant("L-19b", "item", _row(_X, **_CHECK), "所属月份", "2025-11", "2026-02"),
    Mutant("L-19b", "due", _unchecked, "", date(2026, 4, 11), date(2026, 4, 10)),
]


def _no_fuel_ledger(t: Tables) -> Row:
    """No ledger of February, one reading of the fuel left; it is returned."""
    t.drop("替代燃料台账", 所属月份="2026-02")
    for row in t.rows(_R, 项目="RDF"):
        if isinstance(on := row["日期"], date) and on.month == 2:
            row["数量"], row["备注"] = 0, "未用"
    return t.one(_R, 日期=_DAY, 项目="RDF")


def _no_ledger_yet(t: Tables) -> Row:
    t.drop("替代燃料台账", 所属月份="2026-03")
    return {}


_ledger = _row("替代燃料台账", 所属月份="2026-02")
_FUEL = [
    Mutant("L-38", "amount", _no_fuel_ledger, "数量", 0.000001, 0),
    Mutant("L-38", "kind", _ledger, "种类", "废轮胎", "RDF"),
    Mutant("L-38", "month", _ledger, "所属月份", "2025-11", "2026-02"),
    Mutant("L-38", "over", _no_ledger_yet, "", date(2026, 4, 1), date(2026, 3, 31)),
]

_Q = "排放源清单"


def _mined(t: Tables) -> Row:
    t.drop(_Q, 排放源类别="矿山开采")
    row = t.one("企业信息", 项目="矿山开采权")
    row["内容"] = "有"
    return row


def _mine(t: Tables) -> Row:
    _mined(t)
    return t.add(_Q, t.one(_Q), 排放源编号="PF-99", 生产线="全厂", 排放源类别="矿山开采")


def _outside(t: Tables) -> Row:
    row = t.one(_Q, 排放源编号="PF-01")
    row["管理边界"] = "否"
    return row


_pf01 = _row(_Q, 排放源编号="PF-01")
_BOUNDARY = [
    Mutant("L-24a", "outside", _pf01, "管理边界", "否", "是"),
    Mutant("L-24a", "empty", _pf01, "管理边界", "否", None),
    Mutant("L-24a", "market", _outside, "全国碳市场边界", "是", "否"),
    Mutant("L-24a", "idle", _outside, "状态", "有效", "停用"),
    Mutant("L-24b", "idle", _pf01, "状态", "停用", "有效"),
    Mutant("L-24b", "fuel", _row(_Q, 排放源编号="PF-02"), "全国碳市场边界", "否", "是"),
    Mutant("L-24b", "line", _pf01, "生产线", "全厂", "K1"),
    Mutant("L-25", "right", _mined, "内容", "有", "无"),
    Mutant("L-25", "idle", _mine, "状态", "停用", "有效"),
    Mutant("L-25", "kind", _mine, "排放源类别", "碳酸盐分解", "矿山开采"),
]


def _policy(**cells: Cell) -> _Prepare:
    """The newest policy: effective 45 days before yesterday, one of 20 has not confirmed it."""

    def prepare(t: Tables) -> Row:
        row = t.last("受控文件", 文件类别="碳管理方针")
        sound: dict[str, Cell] = {"生效日期": after(TODAY, -46), "应宣贯人数": 20, "已确认人数": 19}
        row.update(sound | cells)
        return row

    return prepare


def _days(t: Tables) -> Row:
    _policy()(t)
    return t.one("核算因子", 代码="ACK_DAYS")


_POLICY = [
    Mutant("L-42", "confirmed", _policy(), "已确认人数", 19, 20),
    Mutant("L-42", "unknown", _policy(), "已确认人数", 19, None),
    Mutant("L-42", "effective", _policy(), "生效日期", after(TODAY, -46), after(TODAY, -45)),
    Mutant("L-42", "class", _policy(), "文件类别", "碳管理方针", "核心制度"),
    Mutant("L-42", "days", _days, "值", 45, 46),
    Mutant("L-42", "due", _policy(生效日期=after(TODAY, -45)), "", after(TODAY, 1), TODAY),
]

CASES = [*_SUBSTITUTES, *_READINGS, *_SAMPLES, *_CHECKS, *_FUEL, *_BOUNDARY, *_POLICY]
