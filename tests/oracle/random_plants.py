"""Small random workbooks that an import takes: clean plants with many cells, rows and days disturbed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from compliance.adapters.example import Cell, Workbook, generate
from tests.oracle.disturbed import DEPARTMENTS, FOLLOWING, LEDGERS, SHEETS, Disturbed
from tests.workbooks.tables import Row, Tables

_WEIGHTS = [sheet.weight for sheet in SHEETS.values()]


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
    for _ in range(rng.randrange(40, 140)):
        _disturb(chance, rng.choices(list(SHEETS), _WEIGHTS)[0])
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
    plan = SHEETS[sheet]
    ways: list[Callable[[_Chance, str, Disturbed, Row], None]] = []
    ways += [_empty] * bool(plan.empty) + [_replace_person] * bool(plan.person)
    ways += [_move_day] * 2 * bool(plan.day) + [_replace_word] * bool(plan.word)
    ways += [_change_number] * 2 * bool(plan.number)
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


def _change_number(chance: _Chance, _sheet: str, plan: Disturbed, row: Row) -> None:
    """A number becomes another one of the row, a little more or less, or something else altogether."""
    column = chance.rng.choice(plan.number)
    given = [n for c in plan.number if isinstance(n := row[c], (int, float))]
    one = Decimal(str(chance.rng.choice(given or [1])))
    step = chance.rng.choice(("0", "0.000001", "-0.000001", "0.01", "-0.01", "1", "-1", "100000"))
    times = chance.rng.choice(("1", "1", "1", "1.05", "0.95", "0.5", "1.02"))
    row[column] = float(max(Decimal(0), round(one * Decimal(times) + Decimal(step), 6)))


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
        department = chance.rng.choice(DEPARTMENTS)
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
    column = chance.rng.choice(FOLLOWING)
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
        附件="、".join(LEDGERS[: chance.rng.randint(1, 3)]),
        填报人="U004",
    )


def _mine(chance: _Chance) -> None:
    chance.t.one("企业信息", 项目="矿山开采权")["内容"] = chance.rng.choice(("有", "无"))
    if chance.rng.random() < 0.7:
        chance.t.drop("排放源清单", 排放源类别="矿山开采")
    row = chance.row("排放源清单")
    if row is not None and chance.rng.random() < 0.5:
        row["管理边界"] = "否"


def _data_treated(chance: _Chance) -> None:
    """Some days of an item are missing, most of them treated."""
    plan = chance.row("监测计划")
    assert plan is not None
    since = chance.start + timedelta(days=chance.rng.randrange(60))
    until = since + timedelta(days=chance.rng.randrange(4))
    for row in chance.t.rows("每日数据", 生产线=plan["生产线"], 项目=plan["项目"]):
        if isinstance(on := row["日期"], date) and since - timedelta(days=1) <= on <= until:
            row["数量"] = None
    values = [chance.rng.choice((90, 100, 100.5, 110, None)) for _ in range(4)]
    cells = dict(zip(("日替代值", "候选值1", "候选值2", "候选值3"), values, strict=True))
    given = {c: chance.rng.choice(("记录在案", "记录在案", None)) for c in ("原因", "处理方法", "佐证材料")}
    number = f"QS-{len(chance.t.rows('缺失数据处理'))}-{chance.rng.randrange(10**6)}"
    where: dict[str, Cell] = {"生产线": plan["生产线"], "项目": plan["项目"], "缺失起": since, "缺失止": until}
    effect = chance.rng.choice(("增加", "减少"))
    row = chance.t.add("缺失数据处理", 编号=number, 排放影响=effect)
    row.update({**where, **cells, **given})


def _surrendered(chance: _Chance) -> None:
    """A surrender is completed, at the edge of what is owed and of the share of CCER."""
    row = chance.row("履约清缴")
    limit = chance.t.one("核算因子", 代码="CCER_LIMIT")["值"]
    if row is None or not isinstance(due := row["应清缴量"], (int, float)):
        return
    ccer = round(Decimal(str(due)) * Decimal(str(limit)), 6) + Decimal(chance.rng.choice(("0", "0.000001", "-1")))
    row["CCER清缴量"] = float(max(Decimal(0), ccer))
    rest = Decimal(str(due)) - Decimal(str(row["CCER清缴量"])) + Decimal(chance.rng.choice(("0", "-0.000001", "1")))
    row["配额清缴量"] = float(max(Decimal(0), rest))
    row["完成日期"] = done = chance.any_day()
    for column in ("配额变动情况表日期", "CCER变动情况表日期"):
        row[column] = chance.rng.choice((done, done + timedelta(days=chance.rng.randrange(40)), None))


def _disposed(chance: _Chance) -> None:
    row = chance.row("煤样")
    if row is not None and isinstance(taken := row["采样日期"], date):
        taken -= timedelta(days=chance.rng.choice((0, 330, 400)))
        row["采样日期"], row["处置日期"] = taken, taken + timedelta(days=chance.rng.choice((364, 365, 366)))


def _other_tolerances(chance: _Chance) -> None:
    for code in ("TOL_COAL", "TOL_XCHK", "CCER_LIMIT", "ACK_DAYS"):
        row = chance.t.one("核算因子", 代码=code)
        if chance.rng.random() < 0.5:
            row["值"] = chance.rng.choice((0, 5, 30)) if code == "ACK_DAYS" else chance.rng.choice((0.001, 0.02, 0.05))


def _strategy_revised(chance: _Chance) -> None:
    row = chance.row("年度交易策略")
    if row is not None:
        approved = chance.any_day()
        number = f"CL-{chance.rng.randrange(10**6)}"
        caps: dict[str, Cell] = {"年累计数量上限": chance.rng.choice((3000, 12000)), "批准日期": approved}
        caps |= {"最高价": chance.rng.choice((50, 70)), "年累计金额上限": chance.rng.choice((100000, 300000))}
        chance.t.add("年度交易策略", row, **({"策略编号": number} | caps))


def _asked_afterwards(chance: _Chance) -> None:
    row = chance.row("碳交易")
    if row is not None and isinstance(dealt := row["成交日期"], date):
        row["申请日期"] = dealt + timedelta(days=chance.rng.choice((0, 1)))


def _policy_unconfirmed(chance: _Chance) -> None:
    """Not everybody confirmed the policy; its days are about to be over, or are."""
    row = chance.rng.choice(chance.t.rows("受控文件", 文件类别="碳管理方针") or [None])
    days = chance.t.one("核算因子", 代码="ACK_DAYS")["值"]
    if row is not None and isinstance(days, int):
        row["应宣贯人数"], row["已确认人数"] = 20, chance.rng.choice((19, 20))
        row["生效日期"] = chance.end - timedelta(days=days + chance.rng.choice((0, 1, 2, 40)))


def _review_forgotten(chance: _Chance) -> None:
    kind = chance.rng.choice(("内部审核", "数据内审", "内外部环境评审"))
    for row in chance.t.rows("评审与审核", 类型=kind):
        row["完成日期"] = chance.rng.choice((None, row["完成日期"]))


_SPECIAL: tuple[tuple[Callable[[_Chance], None], float], ...] = (
    (_change_post, 0.6),
    (_change_post, 0.4),
    (_change_lead, 0.3),
    (_second_power, 0.6),
    (_other_days, 0.3),
    (_event_at_limit, 0.6),
    (_instrument_fails, 0.5),
    (_review_at_limit, 0.6),
    (_repeat_case, 0.5),
    (_earlier_filing, 0.1),
    (_mine, 0.4),
    (_data_treated, 0.6),
    (_data_treated, 0.4),
    (_surrendered, 0.6),
    (_disposed, 0.5),
    (_disposed, 0.3),
    (_other_tolerances, 0.4),
    (_strategy_revised, 0.5),
    (_asked_afterwards, 0.3),
    (_policy_unconfirmed, 0.4),
    (_review_forgotten, 0.5),
)

# --- what an import would refuse, or the meaning leaves open ---

_PERIODS = {
    "账户权限": ("生效起", "生效止"),
    "校验记录": ("日期", "有效期至"),
    "计量器具": ("停用起", "停用止"),
    "检测机构": ("CNAS有效期起", "CNAS有效期止"),
    "监测计划": ("采集起", "采集止"),
    "缺失数据处理": ("缺失起", "缺失止"),
    "年度交易策略": ("窗口起", "窗口止"),
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
