"""Data, samples, cross-checks, assets, surrender, boundaries and documents, by brute force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal

from tests.oracle.standing import Plant, Row, day, month_end, number, plus_months

_Found = Iterator[tuple[str, str]]
_Rule = Callable[[Plant], _Found]

_SOURCES = ("生产台账", "财务凭证", "购销发票", "计量报表")
_CHECKED = ("燃料消耗量", "原料消耗量", "熟料产量", "电力消耗量")
_TABLES = ("配额变动情况表日期", "CCER变动情况表日期")


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _money(row: Row, column: str) -> Decimal:
    return number(row[column]) or Decimal(0)


# --- data and samples ---


def _l13a(p: Plant) -> _Found:
    for row in p.rows("缺失数据处理"):
        if any(row[column] is None for column in ("原因", "处理方法", "佐证材料")):
            yield _text(row["编号"]), _text(row["缺失起"])


def _l13b(p: Plant) -> _Found:
    for row in p.rows("缺失数据处理"):
        others = [n for c in ("候选值1", "候选值2", "候选值3") if (n := number(row[c])) is not None]
        value = number(row["日替代值"])
        if value is None or not others:
            continue
        too_small = row["排放影响"] == "增加" and value < max(others)
        if too_small or (row["排放影响"] == "减少" and value > min(others)):
            yield _text(row["编号"]), _text(row["缺失起"])


def _data_days(p: Plant) -> list[dt.date]:
    return [p.start + dt.timedelta(days=n) for n in range((p.data_end - p.start).days)]


def _l14a(p: Plant) -> _Found:
    given = {(r["生产线"], r["项目"], r["日期"]) for r in p.rows("每日数据") if r["数量"] is not None}
    for item in p.rows("监测计划"):
        since, until = day(item["采集起"]), day(item["采集止"])
        for on in _data_days(p):
            if since is None or on < since or (until is not None and on > until):
                continue
            if (item["生产线"], item["项目"], on) not in given and not _covered(p, item, on):
                yield f"{item['生产线']}/{item['项目']}", str(on)


def _covered(p: Plant, item: Row, on: dt.date) -> bool:
    for row in p.rows("缺失数据处理"):
        first, last = day(row["缺失起"]), day(row["缺失止"])
        same = (row["生产线"], row["项目"]) == (item["生产线"], item["项目"])
        if same and first is not None and last is not None and first <= on <= last:
            return True
    return False


def _l14b(p: Plant) -> _Found:
    for row in p.rows("每日数据"):
        if number(row["数量"]) == 0 and row["备注"] is None:
            yield f"{row['生产线']}/{row['项目']}", str(row["日期"])


def _samples(p: Plant) -> list[Row]:
    return [row for row in p.rows("煤样") if row["样品类型"] == "日缩分样"]


def _l15a(p: Plant) -> _Found:
    tolerance = p.factors.get("TOL_COAL")
    for line in p.rows("生产线"):
        for month in p.completed_months(p.data_end):
            taken = [
                (mass, coal)
                for row in _samples(p)
                if (row["生产线"], row["所属月份"]) == (line["生产线编号"], month)
                and (mass := number(row["合成取样质量（g）"])) is not None
                and (coal := number(row["入窑煤量（t）"]))
            ]
            masses, coals = sum(m for m, _ in taken), sum(q for _, q in taken)
            if tolerance is None or not masses:
                continue
            if any(abs(m * coals - q * masses) > tolerance * q * masses for m, q in taken):
                yield _text(line["生产线编号"]), month


def _fuel_items(p: Plant, kind: str) -> set[tuple[object, object]]:
    return {(row["生产线"], row["项目"]) for row in p.rows("监测计划") if row["类别"] == kind}


def _l15b(p: Plant) -> _Found:
    coal = _fuel_items(p, "化石燃料")
    sampled = {(row["生产线"], row["采样日期"]) for row in _samples(p)}
    days = set(_data_days(p))
    for row in p.rows("每日数据"):
        burnt = (row["生产线"], row["项目"]) in coal and _money(row, "数量") > 0
        if burnt and row["日期"] in days and (row["生产线"], row["日期"]) not in sampled:
            yield _text(row["生产线"]), _text(row["日期"])


def _l16a(p: Plant) -> _Found:
    handed = {row["样品编号"] for row in p.rows("样本交接单")}
    for row in p.rows("煤样"):
        if row["样品类型"] == "月缩分样" and row["样品编号"] not in handed:
            yield _text(row["样品编号"]), _text(row["所属月份"])


def _l16b(p: Plant) -> _Found:
    for row in p.rows("样本交接单"):
        copies = number(row["联数"])
        if (copies is not None and copies != 2) or row["交样人"] is None or row["接样人"] is None:
            yield _text(row["单号"]), _text(row["交接日期"])


def _l17(p: Plant) -> _Found:
    for row in p.rows("煤样"):
        taken, disposed = day(row["采样日期"]), day(row["处置日期"])
        if taken is not None and disposed is not None and disposed < plus_months(taken, 12):
            yield _text(row["样品编号"]), str(disposed)


def _l19a(p: Plant) -> _Found:
    tolerance = p.factors.get("TOL_XCHK")
    for row in p.rows("交叉校验"):
        values = [n for column in _SOURCES if (n := number(row[column])) is not None]
        if len(values) < len(_SOURCES) or not max(values) or tolerance is None:
            continue
        if max(values) - min(values) > tolerance * max(values) and row["差异说明"] is None:
            yield _text(row["数据项"]), _text(row["所属月份"])


def _l19b(p: Plant) -> _Found:
    rows = {(row["数据项"], row["所属月份"]): row for row in p.rows("交叉校验")}
    for month in p.months_from_start():
        for item in _CHECKED:
            row = rows.get((item, month))
            lacking = row is None or any(row[column] is None for column in _SOURCES)
            if lacking and month_end(month) + dt.timedelta(days=10) < p.data_end:
                yield item, month


def _l38(p: Plant) -> _Found:
    booked = {(row["所属月份"], row["生产线"], row["种类"]) for row in p.rows("替代燃料台账")}
    for line, item in _fuel_items(p, "替代燃料"):
        readings = [r for r in p.rows("每日数据") if (r["生产线"], r["项目"]) == (line, item)]
        for month in p.completed_months(p.data_end):
            used = sum(_money(row, "数量") for row in readings if f"{row['日期']:%Y-%m}" == month)
            if used > 0 and (month, line, item) not in booked:
                yield f"{line}/{item}", month


# --- assets, surrender, boundary, documents ---


def _l21a(p: Plant) -> _Found:
    for row in p.rows("碳资产月度"):
        end, registry = number(row["期末"]), number(row["登记系统余额"])
        if end is not None and registry is not None and end != registry:
            yield _text(row["资产类别"]), _text(row["所属月份"])


def _l21b(p: Plant) -> _Found:
    for row in p.rows("碳资产月度"):
        opening, plus, minus, end = (number(row[c]) for c in ("期初", "增加", "减少", "期末"))
        before = [
            number(r["期末"])
            for r in p.rows("碳资产月度")
            if r["资产类别"] == row["资产类别"] and _follows(str(r["所属月份"]), str(row["所属月份"]))
        ]
        wrong = opening is not None and any(b is not None and b != opening for b in before)
        if opening is not None and plus is not None and minus is not None and end is not None:
            wrong = wrong or opening + plus - minus != end
        if wrong:
            yield _text(row["资产类别"]), _text(row["所属月份"])


def _follows(month: str, later: str) -> bool:
    return f"{month_end(month) + dt.timedelta(days=1):%Y-%m}" == later


def _l22(p: Plant) -> _Found:
    limit = p.factors.get("CCER_LIMIT")
    for row in p.rows("履约清缴"):
        due, used = number(row["应清缴量"]), number(row["CCER清缴量"])
        if limit is not None and due is not None and used is not None and used > limit * due:
            yield _text(row["履约编号"]), _text(row["履约年度"])


def _l23(p: Plant) -> _Found:
    for row in p.rows("履约清缴"):
        paid, ccer, due = (number(row[c]) for c in ("配额清缴量", "CCER清缴量", "应清缴量"))
        if paid is None or ccer is None or due is None:
            continue
        if row["完成日期"] is not None and paid + ccer < due:
            yield _text(row["履约编号"]), _text(row["履约年度"])


def _l43(p: Plant) -> _Found:
    for row in p.rows("履约清缴"):
        done = day(row["完成日期"])
        if done is None:
            continue
        last = month_end(f"{done:%Y-%m}")
        if any((day(row[column]) or p.today) > last for column in _TABLES):
            yield _text(row["履约编号"]), _text(row["履约年度"])


def _l24a(p: Plant) -> _Found:
    for row in p.rows("排放源清单"):
        if row["状态"] == "有效" and row["全国碳市场边界"] == "是" and row["管理边界"] == "否":
            yield _text(row["排放源编号"]), ""


def _l24b(p: Plant) -> _Found:
    inside = {
        (row["生产线"], row["排放源类别"])
        for row in p.rows("排放源清单")
        if row["状态"] == "有效" and row["全国碳市场边界"] == "是"
    }
    for line in p.rows("生产线"):
        if any((line["生产线编号"], kind) not in inside for kind in ("碳酸盐分解", "化石燃料燃烧")):
            yield _text(line["生产线编号"]), ""


def _l25(p: Plant) -> _Found:
    mines = [r for r in p.rows("排放源清单") if r["排放源类别"] == "矿山开采" and r["状态"] == "有效"]
    if p.company.get("矿山开采权") == "有" and not mines:
        yield "企业", ""


def _l42(p: Plant) -> _Found:
    days = p.factors.get("ACK_DAYS")
    for row in p.rows("受控文件"):
        wanted, reached, since = (
            number(row["应宣贯人数"]),
            number(row["已确认人数"]),
            day(row["生效日期"]),
        )
        if row["文件类别"] != "碳管理方针" or None in (wanted, reached, since, days):
            continue
        assert wanted is not None
        assert reached is not None
        assert since is not None
        assert days is not None
        if reached < wanted and p.today > since + dt.timedelta(days=int(days)):
            yield f"{row['文件编号']}/{row['版本']}", str(since)


RULES: dict[str, _Rule] = {
    "L-13a": _l13a,
    "L-13b": _l13b,
    "L-14a": _l14a,
    "L-14b": _l14b,
    "L-15a": _l15a,
    "L-15b": _l15b,
    "L-16a": _l16a,
    "L-16b": _l16b,
    "L-17": _l17,
    "L-19a": _l19a,
    "L-19b": _l19b,
    "L-21a": _l21a,
    "L-21b": _l21b,
    "L-22": _l22,
    "L-23": _l23,
    "L-24a": _l24a,
    "L-24b": _l24b,
    "L-25": _l25,
    "L-38": _l38,
    "L-42": _l42,
    "L-43": _l43,
}
