"""Small random workbooks that an import takes: clean plants with many cells, rows and days disturbed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from compliance.adapters.example import Cell, Workbook, generate
from tests.workbooks.tables import Row, Tables

_LEDGERS = ("碳排放数据台账", "碳排放数据校核内审台账", "月度碳资产台账")
_DEPARTMENTS = ("碳管理部", "生产运行部", "设备部", "财务部", "安环部", "化验室", "矿山部")
_FOLLOWING = ("补充环境评审日期", "补充合规评价日期", "专项审核日期")


@dataclass(frozen=True)
class Disturbed:
    """What of a sheet is disturbed, and how. Columns whose emptiness the meaning leaves open stay filled."""

    empty: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    day: tuple[str, ...] = ()
    word: dict[str, tuple[Cell, ...]] = field(default_factory=dict)
    drops: bool = False
    #: The column of the key that a copied row gets a new value in.
    copies: str = ""
    #: How often, against other sheets.
    weight: int = 3


_SHEETS = {
    "账户权限": Disturbed(
        empty=("操作人", "审核人", "监管人"),
        person=("操作人", "审核人", "监管人"),
        day=("生效起", "生效止"),
        word={"账户类型": ("注册登记账户", "交易账户", "资金账户")},
        weight=2,
    ),
    "评审与审核": Disturbed(
        empty=(
            "计划日期",
            "开始日期",
            "完成日期",
            "主持人",
            "审核员",
            "被审核部门",
            "输入b",
            "输入g",
            "输出a",
            "输出c",
        ),
        person=("主持人", "审核员"),
        day=("计划日期", "开始日期", "完成日期"),
        word={
            "被审核部门": _DEPARTMENTS,
            "类型": ("内部审核", "数据内审", "内外部环境评审", "合规性评价", "管理评审"),
        },
        drops=True,
        copies="编号",
        weight=9,
    ),
    "每日数据": Disturbed(
        empty=("记录人", "校核人", "数量", "器具编号"),
        person=("记录人", "校核人"),
        word={"数量": (0, 0.01, 12.5), "器具编号": ("WM-K1-01", "WM-P-01", "EM-P-02")},
        drops=True,
        weight=5,
    ),
    "校验记录": Disturbed(
        day=("日期", "有效期至"),
        word={"结论": ("合格", "不合格"), "类型": ("检定", "校准", "月度校验")},
        drops=True,
        weight=5,
    ),
    "计量器具": Disturbed(
        day=("启用日期", "停用起", "停用止"),
        word={"关键器具": ("是", "否")},
        weight=2,
    ),
    "检测机构": Disturbed(
        empty=("CMA编号", "CNAS编号"),
        day=("CMA有效期止", "CNAS有效期起", "CNAS有效期止"),
        word={"能力范围": ("元素碳含量", "低位发热量、元素碳含量", "全硫")},
        weight=2,
    ),
    "检测报告": Disturbed(
        empty=("机构编号", "签发日期"),
        day=("检测日期", "签发日期"),
        word={"机构编号": ("JC-01", "JC-02", "JC-03", "JC-04")},
        drops=True,
        weight=2,
    ),
    "月度上报与填报": Disturbed(
        empty=("填报日期",),
        day=("填报日期",),
        word={
            "附件": (
                "碳排放数据台账",
                "碳排放数据校核内审台账、清单",
                "清单、碳排放数据校核内审台账、碳排放数据台账",
            )
        },
        drops=True,
        weight=5,
    ),
    "台账审批": Disturbed(
        empty=("编制人", "编制日期", "校核人", "校核日期", "批准人", "批准日期"),
        person=("编制人", "校核人", "批准人"),
        day=("编制日期", "校核日期", "批准日期"),
        word={"台账名称": _LEDGERS},
        drops=True,
        copies="台账编号",
        weight=6,
    ),
    "履约清缴": Disturbed(empty=("完成日期",), day=("完成日期", "清缴截止日期"), weight=2),
    "受控文件": Disturbed(
        empty=("批准人", "批准日期"),
        person=("批准人",),
        day=("批准日期", "生效日期"),
        word={
            "文件类别": (
                "碳管理方针",
                "核心制度",
                "温室气体质量控制计划",
                "年度碳交易策略",
                "碳交易资金预算",
                "程序文件",
            )
        },
        drops=True,
        copies="版本",
        weight=3,
    ),
    "事件": Disturbed(
        empty=_FOLLOWING,
        day=("日期", *_FOLLOWING),
        word={"类型": ("政策重大调整", "内外部因素重大变化", "体系重大调整", "重大合规风险", "其他")},
        drops=True,
        copies="事件编号",
        weight=5,
    ),
    "不符合项": Disturbed(
        empty=("完成时限", "完成日期", "验证人", "验证日期", "验证结论", "关闭日期", "责任人"),
        person=("责任人", "验证人"),
        day=("登记日期", "完成时限", "完成日期", "验证日期", "关闭日期"),
        word={
            "状态": ("实施中", "待验证", "关闭"),
            "验证结论": ("有效", "无效"),
            "类别": ("A", "B"),
            "根因代码": ("RC01", "RC02", None),
        },
        drops=True,
        copies="编号",
        weight=8,
    ),
}
_WEIGHTS = [sheet.weight for sheet in _SHEETS.values()]


@dataclass
class _Chance:
    """A seeded source of decisions about one plant."""

    rng: random.Random
    t: Tables
    start: date
    end: date

    def row(self, sheet: str) -> Row | None:
        rows = self.t.rows(sheet)
        return self.rng.choice(rows) if rows else None

    def account(self) -> Cell:
        return self.rng.choice(self.t.rows("人员"))["账号"]

    def any_day(self) -> date:
        return self.start + timedelta(days=self.rng.randrange(-20, (self.end - self.start).days + 40))

    def near(self, day: date) -> date:
        """A day close to another, often at the edge of a limit."""
        steps = (-1, 1, -2, 2, -7, 7, -30, 30, 31, -31, 40, 41, 365, -365, 366)
        return day + timedelta(days=self.rng.choice(steps))


def random_plant(seed: int) -> Workbook:
    """Make a small random workbook without import errors; the same seed gives the same cells."""
    rng = random.Random(f"plant {seed}")
    end = _last_day(rng)
    months, lines = rng.randint(2, 5), rng.choice((1, 1, 2))
    t = Tables(generate(end, months=months, lines=lines, seed=seed))
    chance = _Chance(rng, t, _start(t), end)
    for _ in range(rng.randrange(20, 70)):
        _disturb(chance, rng.choices(list(_SHEETS), _WEIGHTS)[0])
    for special, likely in _SPECIAL:
        if rng.random() < likely:
            special(chance)
    _mend(chance)
    return t.workbook()


def random_case(seed: int) -> tuple[Workbook, date | None]:
    """Make a random workbook and a day to judge it on: before, at or after its own (None: its own)."""
    workbook = random_plant(seed)
    rng = random.Random(f"day {seed}")
    t = Tables(workbook)
    start, end = _start(t), _end(t)
    kind = rng.choice(("own", "own", "at", "before", "before", "after", "after", "long after"))
    if kind == "own":
        return workbook, None
    if kind == "before":
        return workbook, start + timedelta(days=rng.randrange((end - start).days + 1))
    further = {"at": 0, "after": rng.randint(1, 45), "long after": rng.randint(46, 500)}[kind]
    return workbook, end + timedelta(days=further)


def _start(t: Tables) -> date:
    cell = t.one("企业信息", 项目="数据起始日")["内容"]
    assert isinstance(cell, date)
    return cell


def _end(t: Tables) -> date:
    cell = t.one("企业信息", 项目="数据截止日")["内容"]
    assert isinstance(cell, date)
    return cell


def _last_day(rng: random.Random) -> date:
    year = rng.randint(2023, 2028)
    edges = ((1, 1), (1, 2), (2, 28), (3, 31), (4, 1), (4, 2), (4, 20), (5, 10), (5, 11), (12, 31))
    if rng.random() < 0.5:
        return date(year, *rng.choice(edges))
    return date(year, 1, 1) + timedelta(days=rng.randrange(365))


# --- one disturbance of one sheet ---


def _disturb(chance: _Chance, sheet: str) -> None:
    plan = _SHEETS[sheet]
    ways: list[Callable[[_Chance, str, Disturbed, Row], None]] = []
    ways += [_empty] * bool(plan.empty) + [_replace_person] * bool(plan.person)
    ways += [_move_day] * 2 * bool(plan.day) + [_replace_word] * bool(plan.word)
    ways += [_drop] * plan.drops + [_copy] * bool(plan.copies)
    row = chance.row(sheet)
    if row is not None:
        chance.rng.choice(ways)(chance, sheet, plan, row)


def _empty(chance: _Chance, _sheet: str, plan: Disturbed, row: Row) -> None:
    row[chance.rng.choice(plan.empty)] = None


def _replace_person(chance: _Chance, _sheet: str, plan: Disturbed, row: Row) -> None:
    column = chance.rng.choice(plan.person)
    others = [row[c] for c in plan.person if row[c] is not None and "、" not in str(row[c])]
    row[column] = chance.rng.choice([chance.account(), *others])
    if column == "审核员" and chance.rng.random() < 0.5:
        row[column] = f"{row[column]}、{chance.account()}"


def _move_day(chance: _Chance, _sheet: str, plan: Disturbed, row: Row) -> None:
    column = chance.rng.choice(plan.day)
    others = [d for c in plan.day if isinstance(d := row[c], date)]
    cell = row[column]
    choices = [chance.any_day(), *others]
    if isinstance(cell, date):
        choices += [chance.near(cell), chance.near(cell)]
    row[column] = chance.rng.choice(choices)


def _replace_word(chance: _Chance, _sheet: str, plan: Disturbed, row: Row) -> None:
    column = chance.rng.choice(list(plan.word))
    row[column] = chance.rng.choice(plan.word[column])


def _drop(chance: _Chance, sheet: str, _plan: Disturbed, row: Row) -> None:
    chance.t.keep_only(sheet, [other for other in chance.t.rows(sheet) if other is not row])


def _copy(chance: _Chance, sheet: str, plan: Disturbed, row: Row) -> None:
    number = len(chance.t.rows(sheet))
    copied = chance.t.add(sheet, row, **{plan.copies: f"X-{number}-{chance.rng.randrange(10**6)}"})
    if plan.day:
        _move_day(chance, sheet, plan, copied)


# --- disturbances of another shape ---


def _change_post(chance: _Chance) -> None:
    """A person changes post or department on some day, or leaves."""
    row = chance.rng.choice([r for r in chance.t.rows("人员") if r["任职止"] is None])
    if chance.rng.random() < 0.5:
        row = chance.t.last("人员", 账号=chance.rng.choice(("U001", "U002")))
    changed, since = chance.any_day(), row["任职起"]
    if not isinstance(since, date) or row["任职止"] is not None or since >= changed:
        return
    row["任职止"] = changed - timedelta(days=1)
    posts = chance.rng.choice(("最高管理者", "管理者代表", "内审员、管理者代表", "记录员", None))
    if chance.rng.random() < 0.8:
        department = chance.rng.choice(_DEPARTMENTS)
        chance.t.add("人员", row, 部门=department, 角色=posts, 任职起=changed, 任职止=None)


def _change_lead(chance: _Chance) -> None:
    row = chance.row("部门")
    assert row is not None
    if row["碳管理牵头部门"] == "是":
        row["牵头止"] = max(day for day in (chance.any_day(), row["牵头起"]) if isinstance(day, date))
    else:
        row["碳管理牵头部门"] = "是"
        row["牵头起"] = chance.rng.choice((chance.any_day(), chance.end))


def _second_power(chance: _Chance) -> None:
    row = chance.row("账户权限")
    assert row is not None
    since = chance.any_day()
    row["生效止"] = chance.rng.choice((None, since, since - timedelta(days=1), chance.any_day()))
    powers = [row["操作人"], row["审核人"], row["监管人"]]
    chance.rng.shuffle(powers)
    powers[0] = chance.rng.choice((powers[0], chance.account()))
    new = dict(zip(("操作人", "审核人", "监管人"), powers, strict=True))
    if not chance.t.rows("账户权限", 账户编号=row["账户编号"], 生效起=since):
        chance.t.add("账户权限", row, 生效起=since, 生效止=None, **new)


def _other_days(chance: _Chance) -> None:
    chance.t.one("核算因子", 代码="EVENT_DAYS")["值"] = chance.rng.randint(5, 60)


def _event_at_limit(chance: _Chance) -> None:
    days = chance.t.one("核算因子", 代码="EVENT_DAYS")["值"]
    row = chance.row("事件")
    if row is None or not isinstance(days, int) or not isinstance(happened := row["日期"], date):
        return
    column = chance.rng.choice(_FOLLOWING)
    row[column] = happened + timedelta(days=days + chance.rng.choice((-1, 0, 1)))


def _instrument_fails(chance: _Chance) -> None:
    row = chance.row("校验记录")
    if row is None:
        return
    number, on = f"JD-X-{chance.rng.randrange(10**6)}", chance.any_day()
    chance.t.add("校验记录", row, 记录号=number, 类型="检定", 日期=on, 有效期至=None, 结论="不合格")
    if chance.rng.random() < 0.5:
        again = on + timedelta(days=chance.rng.choice((0, 1, 9)))
        until = again + timedelta(days=300)
        chance.t.add("校验记录", row, 记录号=f"{number}B", 类型="校准", 日期=again, 有效期至=until, 结论="合格")


def _review_at_limit(chance: _Chance) -> None:
    kind = chance.rng.choice(("管理评审", "合规性评价"))
    done = [d for r in chance.t.rows("评审与审核", 类型=kind) if isinstance(d := r["完成日期"], date)]
    if not done:
        return
    limit = max(done)
    like = chance.t.last("评审与审核", 类型=kind)
    moved = limit.replace(year=limit.year - 1, day=min(limit.day, 28))
    moved += timedelta(days=chance.rng.choice((-1, 0, 0, 1)))
    number = f"R-{chance.rng.randrange(10**6)}"
    chance.t.add("评审与审核", like, 编号=number, 计划日期=None, 开始日期=None, 完成日期=moved)


def _repeat_case(chance: _Chance) -> None:
    row = chance.row("不符合项")
    if row is None or not isinstance(closed := row["关闭日期"] or chance.any_day(), date):
        return
    row["关闭日期"] = closed
    later = closed + timedelta(days=chance.rng.choice((-1, 0, 20, 364, 365, 366)))
    number = f"Y-{chance.rng.randrange(10**6)}"
    chance.t.add("不符合项", row, 编号=number, 登记日期=later, 关闭日期=None, 状态="实施中")


def _earlier_filing(chance: _Chance) -> None:
    """The month before the data was filed too."""
    before = chance.start - timedelta(days=1)
    filed = chance.start + timedelta(days=chance.rng.randrange(5, 20))
    chance.t.add(
        "月度上报与填报",
        义务编号="OB-M10",
        所属期=f"{before:%Y-%m}",
        填报日期=filed,
        附件="、".join(_LEDGERS[: chance.rng.randint(1, 3)]),
        填报人="U004",
    )


_SPECIAL: tuple[tuple[Callable[[_Chance], None], float], ...] = (
    (_change_post, 0.6),
    (_change_post, 0.4),
    (_change_lead, 0.3),
    (_second_power, 0.4),
    (_other_days, 0.3),
    (_event_at_limit, 0.6),
    (_instrument_fails, 0.5),
    (_review_at_limit, 0.6),
    (_repeat_case, 0.5),
    (_earlier_filing, 0.1),
)

# --- what an import would refuse, or the meaning leaves open ---

_PERIODS = {
    "账户权限": ("生效起", "生效止"),
    "校验记录": ("日期", "有效期至"),
    "计量器具": ("停用起", "停用止"),
    "检测机构": ("CNAS有效期起", "CNAS有效期止"),
}


def _mend(chance: _Chance) -> None:
    t = chance.t
    for sheet, (start, end) in _PERIODS.items():
        for row in t.rows(sheet):
            since, until = row[start], row[end]
            if isinstance(since, date) and isinstance(until, date) and until < since:
                row[end] = since
    for row in t.rows("检测机构"):
        since, until = row["CMA有效期起"], row["CMA有效期止"]
        if not isinstance(since, date) or not isinstance(until, date) or until < since:
            row["CMA编号"] = row["CMA有效期起"] = row["CMA有效期止"] = None
    for row in t.rows("校验记录"):
        if row["类型"] != "月度校验" and row["结论"] == "合格" and row["有效期至"] is None:
            row["类型"] = "月度校验"
    _mend_cases(chance)
    _mend_powers(t)


def _mend_cases(chance: _Chance) -> None:
    for row in chance.t.rows("不符合项"):
        opened, closed = row["登记日期"], row["关闭日期"]
        if isinstance(opened, date) and isinstance(closed, date) and closed <= opened:
            row["关闭日期"] = opened + timedelta(days=1)
        if row["状态"] == "关闭" and row["关闭日期"] is None and isinstance(opened, date):
            row["关闭日期"] = opened + timedelta(days=40)
        if row["验证人"] is not None and row["验证人"] == row["责任人"] and row["验证日期"] is None:
            row["验证日期"] = chance.any_day()


def _mend_powers(t: Tables) -> None:
    """The days of one account must differ: they are part of the key."""
    seen = set()
    for row in list(t.rows("账户权限")):
        key = row["账户编号"], row["生效起"]
        if key in seen:
            t.keep_only("账户权限", [other for other in t.rows("账户权限") if other is not row])
        seen.add(key)
