"""Situations in scope: deadlines, ledgers, documents, reviews, events and nonconformities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from tests.oracle.standing import Plant, Row, audits, day, day_given, month_end, plus_months, split

_Found = Iterator[tuple[str, str]]
_Rule = Callable[[Plant], _Found]

_FILED_LEDGERS = ("碳排放数据台账", "碳排放数据校核内审台账")
_TOP_CLASSES = (
    "碳管理方针",
    "核心制度",
    "温室气体质量控制计划",
    "年度碳交易策略",
    "碳交易资金预算",
)


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _filing(p: Plant, duty: str, period: str) -> Row | None:
    rows = [r for r in p.rows("月度上报与填报") if r["义务编号"] == duty and r["所属期"] == period]
    return rows[0] if rows else None


def _missed(p: Plant, duty: str, period: str, due: dt.date) -> bool:
    row = _filing(p, duty, period)
    filed = None if row is None else day(row["填报日期"])
    return p.today > due if filed is None else filed > due


def _l20a(p: Plant) -> _Found:
    for month in p.months_from_start():
        if _missed(p, "OB-M10", month, month_end(month) + dt.timedelta(days=10)):
            yield "OB-M10", month


def _l20b(p: Plant) -> _Found:
    for month in p.months_from_start():
        if _missed(p, "OB-M40", month, month_end(month) + dt.timedelta(days=40)):
            yield "OB-M40", month


def _l20c(p: Plant) -> _Found:
    for year in range(p.start.year, p.today.year + 1):
        if _missed(p, "OB-Y0331", str(year), dt.date(year + 1, 3, 31)):
            yield "OB-Y0331", str(year)


def _l20d(p: Plant) -> _Found:
    for row in p.rows("履约清缴"):
        limit, done = day(row["清缴截止日期"]), day(row["完成日期"])
        if limit is not None and (done or p.today) > limit:
            yield "OB-Y11", _text(row["履约年度"])


def _l20e(p: Plant) -> _Found:
    for row in _filed(p):
        if any(name not in split(row["附件"]) for name in _FILED_LEDGERS):
            yield "OB-M10", _text(row["所属期"])


def _filed(p: Plant) -> list[Row]:
    return [r for r in p.rows("月度上报与填报") if r["义务编号"] == "OB-M10" and r["填报日期"] is not None]


def _l28a(p: Plant) -> _Found:
    for row in p.rows("台账审批"):
        for filing in _filed(p):
            if row["台账名称"] not in _FILED_LEDGERS or filing["所属期"] != row["所属月份"]:
                continue
            approved = day(row["批准日期"])
            if row["批准人"] is None or approved is None or approved > day_given(filing["填报日期"]):
                yield _text(row["台账编号"]), _text(row["所属月份"])


def _l28b(p: Plant) -> _Found:
    for row in p.rows("台账审批"):
        approved = day(row["批准日期"])
        if row["批准人"] is not None and approved is not None and not p.holds(row["批准人"], "管理者代表", approved):
            yield _text(row["台账编号"]), _text(row["所属月份"])


def _l28c(p: Plant) -> _Found:
    for row in p.rows("台账审批"):
        given = [row[c] for c in ("编制人", "校核人", "批准人") if row[c] is not None]
        if len(set(given)) < len(given):
            yield _text(row["台账编号"]), _text(row["所属月份"])


def _l28d(p: Plant) -> _Found:
    there = {(row["台账名称"], row["所属月份"]) for row in p.rows("台账审批")}
    for filing in _filed(p):
        for name in _FILED_LEDGERS:
            if (name, filing["所属期"]) not in there:
                yield name, _text(filing["所属期"])


# --- organisation, documents ---


def _l26(p: Plant) -> _Found:
    leading = 0
    for row in p.rows("部门"):
        since, until = day(row["牵头起"]), day(row["牵头止"])
        if row["碳管理牵头部门"] == "是" and since is not None:
            leading += since <= p.today and (until is None or p.today <= until)
    if leading != 1:
        yield "部门", ""


def _l27(p: Plant) -> _Found:
    for row in p.rows("受控文件"):
        approved = day(row["批准日期"])
        if row["文件类别"] not in _TOP_CLASSES or row["批准人"] is None or approved is None:
            continue
        if not p.holds(row["批准人"], "最高管理者", approved):
            yield f"{row['文件编号']}/{row['版本']}", str(approved)


# --- reviews, events, nonconformities ---


def _completed(p: Plant, kind: str) -> list[tuple[dt.date, Row]]:
    return [(done, row) for row in audits(p, kind) if (done := day(row["完成日期"])) is not None]


def _rolling(p: Plant, kind: str) -> Iterator[dt.date]:
    done = sorted(d for d, _ in _completed(p, kind)) or [p.start]
    for first, second in zip(done, [*done[1:], p.today], strict=True):
        if second > plus_months(first, 12):
            yield plus_months(first, 12)


def _l29a(p: Plant) -> _Found:
    for done, row in _completed(p, "管理评审"):
        if row["主持人"] is None or not p.holds(row["主持人"], "最高管理者", done):
            yield _text(row["编号"]), str(done)


def _l29b(p: Plant) -> _Found:
    for due in _rolling(p, "管理评审"):
        yield "OB-MR", str(due)


def _l29c(p: Plant) -> _Found:
    for done, row in _completed(p, "管理评审"):
        if any(row[f"输入{letter}"] != "有" for letter in "abcdefghi"):
            yield _text(row["编号"]), str(done)


def _l29d(p: Plant) -> _Found:
    for done, row in _completed(p, "管理评审"):
        if any(row[f"输出{letter}"] != "有" for letter in "abcd"):
            yield _text(row["编号"]), str(done)


def _l30a(p: Plant) -> _Found:
    for due in _rolling(p, "合规性评价"):
        yield "OB-CE", str(due)


def _after_event(column: str, *kinds: str) -> _Rule:
    def rule(p: Plant) -> _Found:
        days = p.factors.get("EVENT_DAYS")
        for row in p.rows("事件"):
            happened, done = day(row["日期"]), day(row[column])
            if row["类型"] not in kinds or happened is None or days is None:
                continue
            if (done or p.today) > happened + dt.timedelta(days=int(days)):
                yield _text(row["事件编号"]), str(happened)

    return rule


def _once_a_year(kind: str, duty: str) -> _Rule:
    def rule(p: Plant) -> _Found:
        for year in p.completed_years():
            if not any(done.year == year for done, _ in _completed(p, kind)):
                yield duty, str(year)

    return rule


def _l32a(p: Plant) -> _Found:
    for row in p.rows("不符合项"):
        verified = row["验证人"] is not None and row["验证日期"] is not None and row["验证结论"] == "有效"
        if row["状态"] == "关闭" and not verified:
            yield _text(row["编号"]), _text(row["关闭日期"])


def _l32b(p: Plant) -> _Found:
    for row in p.rows("不符合项"):
        if row["验证人"] is not None and row["验证人"] == row["责任人"]:
            yield _text(row["编号"]), _text(row["验证日期"])


def _l33a(p: Plant) -> _Found:
    for row in p.rows("不符合项"):
        limit, done = day(row["完成时限"]), day(row["完成日期"])
        if limit is not None and (done or p.today) > limit:
            yield _text(row["编号"]), str(limit)


def _l33b(p: Plant) -> _Found:
    rows = p.rows("不符合项")
    for row in rows:
        opened = day(row["登记日期"])
        for earlier in rows:
            closed, before = day(earlier["关闭日期"]), day(earlier["登记日期"])
            same = all(row[c] is not None and row[c] == earlier[c] for c in ("类别", "根因代码"))
            if earlier is row or not same or opened is None or closed is None or before is None:
                continue
            if before <= opened and closed <= opened <= plus_months(closed, 12):
                yield _text(row["编号"]), str(opened)


RULES: dict[str, _Rule] = {
    "L-20a": _l20a,
    "L-20b": _l20b,
    "L-20c": _l20c,
    "L-20d": _l20d,
    "L-20e": _l20e,
    "L-26": _l26,
    "L-27": _l27,
    "L-28a": _l28a,
    "L-28b": _l28b,
    "L-28c": _l28c,
    "L-28d": _l28d,
    "L-29a": _l29a,
    "L-29b": _l29b,
    "L-29c": _l29c,
    "L-29d": _l29d,
    "L-30a": _l30a,
    "L-30b": _after_event("补充合规评价日期", "政策重大调整"),
    "L-30c": _after_event("补充环境评审日期", "政策重大调整", "内外部因素重大变化"),
    "L-31a": _once_a_year("内部审核", "OB-IA"),
    "L-31b": _once_a_year("数据内审", "OB-DQA"),
    "L-31c": _once_a_year("内外部环境评审", "OB-ENV"),
    "L-31d": _after_event("专项审核日期", "体系重大调整", "重大合规风险"),
    "L-32a": _l32a,
    "L-32b": _l32b,
    "L-33a": _l33a,
    "L-33b": _l33b,
}
