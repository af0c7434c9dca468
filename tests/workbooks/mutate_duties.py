"""The mutants of deadlines, ledgers, documents, reviews, events and nonconformities."""

from __future__ import annotations

from datetime import date

from compliance.adapters.example import Cell
from tests.workbooks.mutate import CASES as _FIRST
from tests.workbooks.mutate import TODAY, Mutant, _Prepare, _row, _row_at
from tests.workbooks.tables import Row, Tables, after

_LEDGER = "碳排放数据台账"
_AUDIT_LEDGER = "碳排放数据校核内审台账"
_ASSET_LEDGER = "月度碳资产台账"
_TWO = f"{_LEDGER}、{_AUDIT_LEDGER}"


def _emptied(sheet: str, column: str, **equal: Cell) -> _Prepare:
    def prepare(t: Tables) -> Row:
        row = t.last(sheet, **equal)
        row[column] = None
        return row

    return prepare


def _absent(sheet: str, **equal: Cell) -> _Prepare:
    def prepare(t: Tables) -> Row:
        t.drop(sheet, **equal)
        return {}

    return prepare


_M10 = {"义务编号": "OB-M10", "所属期": "2026-02"}
_M40 = {"义务编号": "OB-M40", "所属期": "2026-01"}
_Y = {"义务编号": "OB-Y0331", "所属期": "2025"}
_F = "月度上报与填报"
_DEADLINES = [
    Mutant("L-20a", "late", _row(_F, **_M10), "填报日期", date(2026, 3, 11), date(2026, 3, 10)),
    Mutant("L-20a", "open", _row(_F, **_M10), "填报日期", None, date(2026, 3, 10)),
    Mutant("L-20a", "due", _emptied(_F, "填报日期", **_M10), "", date(2026, 3, 11), date(2026, 3, 10)),
    Mutant("L-20a", "absent", _absent(_F, **_M10), "", date(2026, 3, 11), date(2026, 3, 10)),
    Mutant("L-20a", "seen", _row(_F, **{**_M10, "所属期": "2026-03"}), "填报日期", TODAY, date(2026, 4, 1)),
    Mutant("L-20b", "late", _row(_F, **_M40), "填报日期", date(2026, 3, 13), date(2026, 3, 12)),
    Mutant("L-20b", "due", _absent(_F, **_M40), "", date(2026, 3, 13), date(2026, 3, 12)),
    Mutant("L-20c", "late", _row(_F, **_Y), "填报日期", date(2026, 4, 1), date(2026, 3, 31)),
    Mutant("L-20c", "due", _absent(_F, **_Y), "", date(2026, 4, 1), date(2026, 3, 31)),
    Mutant("L-20d", "late", _row_at(0, "履约清缴"), "完成日期", date(2026, 1, 1), date(2025, 12, 31)),
    Mutant("L-20d", "open", _emptied("履约清缴", "完成日期"), "清缴截止日期", after(TODAY, -1), TODAY),
    Mutant("L-20e", "audit", _row(_F, **_M10), "附件", _LEDGER, _TWO),
    Mutant("L-20e", "data", _row(_F, **_M10), "附件", f"清单、{_AUDIT_LEDGER}", f"{_TWO}、清单"),
]


def _ledger(name: str) -> dict[str, Cell]:
    return {"台账名称": name, "所属月份": "2026-02"}


def _filed_on_the_ninth(t: Tables, ledger: str) -> Row:
    t.one(_F, **_M10)["填报日期"] = date(2026, 3, 9)
    return t.one("台账审批", **_ledger(ledger))


def _approved_late(t: Tables) -> Row:
    row = _filed_on_the_ninth(t, _ASSET_LEDGER)
    row["批准日期"] = date(2026, 3, 12)
    return row


def _deputy_until(t: Tables) -> Row:
    for row in t.rows("台账审批", 所属月份="2026-02"):
        row["批准日期"] = date(2026, 3, 8)
    t.keep_only("台账审批", [row for row in t.rows("台账审批") if str(row["所属月份"]) <= "2026-02"])
    return t.one("人员", 账号="U002")


def _filed_without_ledger(t: Tables) -> Row:
    t.drop("台账审批", **_ledger(_LEDGER))
    return t.one(_F, **_M10)


_LEDGERS = [
    Mutant("L-28a", "late", lambda t: _filed_on_the_ninth(t, _LEDGER), "批准日期", date(2026, 3, 10), date(2026, 3, 9)),
    Mutant("L-28a", "nobody", lambda t: _filed_on_the_ninth(t, _AUDIT_LEDGER), "批准人", None, "U002"),
    Mutant("L-28a", "no day", lambda t: _filed_on_the_ninth(t, _LEDGER), "批准日期", None, date(2026, 3, 8)),
    Mutant("L-28a", "ledger", _approved_late, "台账名称", _AUDIT_LEDGER, _ASSET_LEDGER),
    Mutant("L-28a", "month", _approved_late, "台账名称", _LEDGER, _ASSET_LEDGER),
    Mutant("L-28b", "person", _row("台账审批", **_ledger(_ASSET_LEDGER)), "批准人", "U001", "U002"),
    Mutant("L-28b", "period", _deputy_until, "任职止", date(2026, 3, 7), date(2026, 3, 8)),
    Mutant("L-28b", "post", _deputy_until, "角色", "管理者代表助理、内审员", "内审员、管理者代表"),
    Mutant("L-28c", "checker", _row("台账审批", **_ledger(_ASSET_LEDGER)), "校核人", "U006", "U005"),
    Mutant("L-28c", "approver", _row("台账审批", **_ledger(_LEDGER)), "批准人", "U005", "U002"),
    Mutant("L-28d", "name", _row("台账审批", **_ledger(_LEDGER)), "台账名称", _ASSET_LEDGER, _LEDGER),
    Mutant("L-28d", "month", _row("台账审批", **_ledger(_AUDIT_LEDGER)), "所属月份", "2025-11", "2026-02"),
    Mutant("L-28d", "filed", _filed_without_ledger, "填报日期", date(2026, 3, 9), None),
]


def _lead(t: Tables) -> Row:
    return t.one("部门", 部门编号="D02")


def _second_lead(t: Tables) -> Row:
    row = t.one("部门", 部门编号="D03")
    row["碳管理牵头部门"] = "是"
    row["牵头起"] = TODAY
    return row


def _document_of_march(t: Tables) -> Row:
    """The manual, approved on 2026-03-03 by the head, whose post begins with the cell's day."""
    t.keep_only("受控文件", t.rows("受控文件", 文件编号="DOC-MAN"))
    t.one("受控文件")["批准日期"] = date(2026, 3, 3)
    return t.one("人员", 账号="U001")


_ORGANISATION = [
    Mutant("L-26", "ended", _lead, "牵头止", after(TODAY, -1), TODAY),
    Mutant("L-26", "word", _lead, "碳管理牵头部门", "否", "是"),
    Mutant("L-26", "second", _second_lead, "牵头起", TODAY, after(TODAY, 1)),
    Mutant("L-27", "person", _row("受控文件", 文件编号="DOC-MAN"), "批准人", "U002", "U001"),
    Mutant("L-27", "class", _row("受控文件", 文件编号="DOC-DQP"), "文件类别", "核心制度", "程序文件"),
    Mutant("L-27", "begun", _document_of_march, "任职起", date(2026, 3, 4), date(2026, 3, 3)),
    Mutant("L-27", "ended", _document_of_march, "任职止", date(2026, 3, 2), date(2026, 3, 3)),
]

_R = "评审与审核"


def _done_on(kind: str, *days: date) -> _Prepare:
    """The only reviews of a kind, completed on these days; the last one is returned."""

    def prepare(t: Tables) -> Row:
        like = t.last(_R, 类型=kind)
        t.drop(_R, 类型=kind)
        for place, done in enumerate(days):
            t.add(_R, like, 编号=f"X-{place}", 计划日期=None, 开始日期=None, 完成日期=done)
        return t.last(_R, 类型=kind)

    return prepare


def _chair_until(t: Tables) -> Row:
    _done_on("管理评审", date(2026, 2, 10))(t)
    return t.one("人员", 账号="U001")


_REVIEWS = [
    Mutant("L-29a", "chair", _row(_R, 类型="管理评审"), "主持人", "U002", "U001"),
    Mutant("L-29a", "nobody", _row(_R, 类型="管理评审"), "主持人", None, "U001"),
    Mutant("L-29a", "period", _chair_until, "任职止", date(2026, 2, 9), date(2026, 2, 10)),
    *(Mutant("L-29c", x, _row(_R, 类型="管理评审"), f"输入{x}", None, "有") for x in "aei"),
    *(Mutant("L-29d", x, _row(_R, 类型="管理评审"), f"输出{x}", None, "有") for x in "abcd"),
]


def _leap(t: Tables, kind: str) -> Row:
    _done_on(kind, date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 10))(t)
    return t.rows(_R, 类型=kind)[1]


def _rolling(code: str, kind: str) -> list[Mutant]:
    two = _done_on(kind, date(2025, 3, 5), date(2026, 3, 5))
    one = _done_on(kind, date(2025, 4, 20))
    return [
        Mutant(code, "late", two, "完成日期", date(2026, 3, 6), date(2026, 3, 5)),
        Mutant(code, "leap", lambda t: _leap(t, kind), "完成日期", date(2025, 3, 1), date(2025, 2, 28)),
        Mutant(code, "open", one, "完成日期", date(2025, 4, 19), date(2025, 4, 20)),
        Mutant(code, "due", one, "", date(2026, 4, 21), date(2026, 4, 20)),
        Mutant(code, "none", _absent(_R, 类型=kind), "", date(2026, 12, 2), date(2026, 12, 1)),
    ]


def _yearly(code: str, kind: str) -> list[Mutant]:
    one = _done_on(kind, date(2025, 12, 31))
    return [
        Mutant(code, "next year", one, "完成日期", date(2026, 1, 1), date(2025, 12, 31)),
        Mutant(code, "year before", one, "完成日期", date(2024, 12, 31), date(2025, 1, 1)),
        Mutant(code, "never", one, "完成日期", None, date(2025, 6, 1)),
        Mutant(code, "year", _absent(_R, 类型=kind), "", date(2026, 1, 1), date(2025, 12, 31)),
    ]


_YEARLY = [
    *_yearly("L-31a", "内部审核"),
    *_yearly("L-31b", "数据内审"),
    *_yearly("L-31c", "内外部环境评审"),
]


def _event(kind: str, column: str, *, done: bool, on: date = date(2026, 2, 1)) -> _Prepare:
    def prepare(t: Tables) -> Row:
        t.drop("事件")
        row = t.add("事件", 事件编号="SJ-1", 类型=kind, 日期=on, 描述="试验")
        for follow in ("补充环境评审日期", "补充合规评价日期", "专项审核日期"):
            row[follow] = after(on, 10)
        row[column] = after(on, 30) if done else None
        return row

    return prepare


def _allowed(kind: str, column: str) -> _Prepare:
    def prepare(t: Tables) -> Row:
        _event(kind, column, done=True)(t)
        return t.one("核算因子", 代码="EVENT_DAYS")

    return prepare


def _following(code: str, column: str, kind: str, other: str) -> list[Mutant]:
    done, undone = _event(kind, column, done=True), _event(kind, column, done=False)
    limit = date(2026, 3, 3)
    return [
        Mutant(code, "late", done, column, after(limit, 1), limit),
        Mutant(code, "open", undone, "日期", after(TODAY, -31), after(TODAY, -30)),
        Mutant(code, "due", undone, "", after(limit, 1), limit),
        Mutant(code, "kind", undone, "类型", kind, other),
        Mutant(code, "days", _allowed(kind, column), "值", 29, 30),
    ]


_EVENTS = [
    *_following("L-30b", "补充合规评价日期", "政策重大调整", "内外部因素重大变化"),
    *_following("L-30c", "补充环境评审日期", "政策重大调整", "体系重大调整"),
    *_following("L-30c", "补充环境评审日期", "内外部因素重大变化", "其他"),
    *_following("L-31d", "专项审核日期", "体系重大调整", "政策重大调整"),
    *_following("L-31d", "专项审核日期", "重大合规风险", "其他"),
]

_N = "不符合项"


def _case(**cells: Cell) -> _Prepare:
    """A sound, closed nonconformity, alone, but for the cells given."""

    def prepare(t: Tables) -> Row:
        like = t.one(_N)
        t.drop(_N)
        sound: dict[str, Cell] = {
            "编号": "BF-2",
            "登记日期": date(2026, 1, 5),
            "完成时限": date(2026, 2, 5),
            "完成日期": date(2026, 2, 5),
            "验证日期": date(2026, 2, 8),
            "关闭日期": date(2026, 2, 9),
            "验证结论": "有效",
            "状态": "关闭",
        }
        return t.add(_N, like, **(sound | cells))

    return prepare


_CLOSED = date(2025, 3, 20)


def _repeated(t: Tables) -> Row:
    """An earlier case of the same cause, closed on 2025-03-20."""
    row = _case()(t)
    t.add(_N, row, 编号="BF-1", 登记日期=date(2025, 2, 1), 完成日期=date(2025, 2, 5), 关闭日期=_CLOSED)
    return row


def _first_of_two(t: Tables) -> Row:
    _repeated(t)["登记日期"] = date(2026, 3, 20)
    return t.one(_N, 编号="BF-1")


_OPEN = {"完成日期": None, "验证人": None, "验证日期": None, "验证结论": None, "关闭日期": None, "状态": "实施中"}
_CASES = [
    Mutant("L-32a", "verifier", _case(), "验证人", None, "U026"),
    Mutant("L-32a", "day", _case(), "验证日期", None, date(2026, 2, 8)),
    Mutant("L-32a", "verdict", _case(), "验证结论", "无效", "有效"),
    Mutant("L-32a", "no verdict", _case(), "验证结论", None, "有效"),
    Mutant("L-32a", "state", _case(验证结论=None), "状态", "关闭", "待验证"),
    Mutant("L-32b", "owner", _case(责任人="U022"), "验证人", "U022", "U026"),
    Mutant("L-32b", "nobody", _case(责任人="U022"), "验证人", "U022", None),
    Mutant("L-33a", "late", _case(), "完成日期", date(2026, 2, 6), date(2026, 2, 5)),
    Mutant("L-33a", "open", _case(**_OPEN), "完成时限", after(TODAY, -1), TODAY),
    Mutant("L-33a", "due", _case(**_OPEN), "", date(2026, 2, 6), date(2026, 2, 5)),
    Mutant("L-33b", "year", _repeated, "登记日期", date(2026, 3, 20), date(2026, 3, 21)),
    Mutant("L-33b", "same day", _repeated, "登记日期", _CLOSED, after(_CLOSED, -1)),
    Mutant("L-33b", "cause", _repeated, "根因代码", "RC01", "RC99"),
    Mutant("L-33b", "category", _repeated, "类别", "A", "B"),
    Mutant("L-33b", "closed", _first_of_two, "关闭日期", _CLOSED, after(_CLOSED, -1)),
]

CASES = [
    *_FIRST,
    *_DEADLINES,
    *_LEDGERS,
    *_ORGANISATION,
    *_REVIEWS,
    *_rolling("L-29b", "管理评审"),
    *_rolling("L-30a", "合规性评价"),
    *_YEARLY,
    *_EVENTS,
    *_CASES,
]
