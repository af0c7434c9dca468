"""Situations in scope: account powers, auditors, daily data, instruments and laboratories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tests.oracle.standing import Plant, Row, audits, day, day_given, month_end, number, split

if TYPE_CHECKING:
    import datetime as dt

_Found = Iterator[tuple[str, str]]
_Rule = Callable[[Plant], _Found]

_POWERS = ("操作人", "审核人", "监管人")
_GUARDED = ("注册登记账户", "交易账户")


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def _l04(p: Plant) -> _Found:
    for row in p.rows("账户权限"):
        persons = [row[power] for power in _POWERS]
        if row["账户类型"] in _GUARDED and (None in persons or len(set(persons)) < len(persons)):
            yield _text(row["账户编号"]), _text(row["生效起"])


def _l04b(p: Plant) -> _Found:
    rows = [row for row in p.rows("账户权限") if row["账户类型"] in _GUARDED]
    for account in {row["账户编号"] for row in rows}:
        of_account = [row for row in rows if row["账户编号"] == account]
        firsts = [_first_clash(a, b) for a in of_account for b in of_account if a is not b]
        days = [first for first in firsts if first is not None and first <= p.today]
        if days:
            yield _text(account), str(min(days))


def _first_clash(a: Row, b: Row) -> dt.date | None:
    starts = [d for d in (day(a["生效起"]), day(b["生效起"])) if d is not None]
    ends = [d for d in (day(a["生效止"]), day(b["生效止"])) if d is not None]
    clash = any(a[x] is not None and a[x] == b[y] for x in _POWERS for y in _POWERS if x != y)
    if not clash or len(starts) < 2 or any(max(starts) > end for end in ends):
        return None
    return max(starts)


# --- audits, data, instruments, laboratories ---


def _l08(p: Plant) -> _Found:
    for row in audits(p, "内部审核"):
        begun = day(row["开始日期"])
        if begun is None or row["被审核部门"] is None:
            continue
        team = [*split(row["审核员"]), row["主持人"]]
        if any(row["被审核部门"] in p.department(member, begun) for member in team if member is not None):
            yield _text(row["编号"]), str(begun)


def _l09(p: Plant) -> _Found:
    for row in audits(p, "内部审核"):
        planned, begun = day(row["计划日期"]), day(row["开始日期"])
        if begun is not None and (planned is None or planned > begun):
            yield _text(row["编号"]), str(begun)


def _readings(p: Plant) -> list[Row]:
    return [row for row in p.rows("每日数据") if day_given(row["日期"]) <= p.data_end]


def _l10a(p: Plant) -> _Found:
    for row in _readings(p):
        if row["记录人"] is None or row["校核人"] is None:
            yield f"{row['生产线']}/{row['项目']}", str(row["日期"])


def _l10b(p: Plant) -> _Found:
    for row in _readings(p):
        if row["记录人"] is not None and row["记录人"] == row["校核人"]:
            yield f"{row['生产线']}/{row['项目']}", str(row["日期"])


def _l11a(p: Plant) -> _Found:
    certificates: dict[object, list[Row]] = {}
    for row in p.rows("校验记录"):
        if row["类型"] in ("检定", "校准"):
            certificates.setdefault(row["器具编号"], []).append(row)
    for row in _readings(p):
        quantity = number(row["数量"])
        if row["器具编号"] is None or quantity is None or quantity <= 0:
            continue
        if not _valid(certificates.get(row["器具编号"], []), day_given(row["日期"])):
            yield _text(row["器具编号"]), f"{row['日期']:%Y-%m}"


def _valid(certificates: list[Row], on: dt.date) -> bool:
    failed = [day(row["日期"]) for row in certificates if row["结论"] == "不合格"]
    for row in certificates:
        since, until = day(row["日期"]), day(row["有效期至"])
        if row["结论"] != "合格" or since is None or until is None or not since <= on <= until:
            continue
        if not any(e is not None and since < e <= on for e in failed):
            return True
    return False


def _l11b(p: Plant) -> _Found:
    for row in p.rows("计量器具"):
        for month in p.completed_months():
            checked = any(
                check["器具编号"] == row["器具编号"]
                and check["类型"] == "月度校验"
                and check["结论"] == "合格"
                and f"{check['日期']:%Y-%m}" == month
                for check in p.rows("校验记录")
            )
            if row["关键器具"] == "是" and not checked and any(_in_service(row, d) for d in _days_of(month)):
                yield _text(row["器具编号"]), month


def _days_of(month: str) -> list[dt.date]:
    last = month_end(month)
    return [last.replace(day=n) for n in range(1, last.day + 1)]


def _in_service(row: Row, on: dt.date) -> bool:
    since, out, back = day(row["启用日期"]), day(row["停用起"]), day(row["停用止"])
    stopped = out is not None and out <= on and (back is None or on <= back)
    return since is not None and since <= on and not stopped


def _laboratories(p: Plant) -> dict[object, Row]:
    return {row["机构编号"]: row for row in p.rows("检测机构")}


def _l12a(p: Plant) -> _Found:
    laboratories = _laboratories(p)
    for row in p.rows("检测报告"):
        tested = day(row["检测日期"])
        if tested is None or row["机构编号"] is None:
            continue
        laboratory = laboratories[row["机构编号"]]
        if not any(_accredited(laboratory, mark, tested) for mark in ("CMA", "CNAS")):
            yield _text(row["报告号"]), str(tested)


def _accredited(laboratory: Row, mark: str, on: dt.date) -> bool:
    since, until = day(laboratory[f"{mark}有效期起"]), day(laboratory[f"{mark}有效期止"])
    if laboratory[f"{mark}编号"] is None or since is None or until is None:
        return False
    return since <= on <= until


def _l12b(p: Plant) -> _Found:
    laboratories = _laboratories(p)
    for row in p.rows("检测报告"):
        if row["参数"] is None or row["机构编号"] is None:
            continue
        if row["参数"] not in split(laboratories[row["机构编号"]]["能力范围"]):
            yield _text(row["报告号"]), _text(row["检测日期"])


RULES: dict[str, _Rule] = {
    "L-04": _l04,
    "L-04b": _l04b,
    "L-08": _l08,
    "L-09": _l09,
    "L-10a": _l10a,
    "L-10b": _l10b,
    "L-11a": _l11a,
    "L-11b": _l11b,
    "L-12a": _l12a,
    "L-12b": _l12b,
}
