"""Commands that change or check the register: init, demo, import, reconcile, fsck, user, doctor, rules."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import ClassVar

from compliance.bootstrap.demo import make_demo
from compliance.bootstrap.documents import watch, with_documents
from compliance.bootstrap.health import Checked, examine
from compliance.bootstrap.installation import (
    OPERATOR,
    Installation,
    OnlyInDemo,
    check_rules,
    make_workspace,
    opened,
)
from compliance.bootstrap.places import Workspace, shipped
from compliance.bootstrap.usecases import check_store, import_file, pulse
from compliance.cli.output import CANNOT, DONE, PROBLEMS, print_json, print_table, progress, say
from compliance.core.imports import ImportRefused
from compliance.core.looking import choose_plant
from compliance.core.plants import Plant
from compliance.core.reconcile import Reconciled
from compliance.kernel.errors import ComplianceError, WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.packs import lying_ready


class RulesNotInUse(WrongUse):
    """What is stored is judged by the rule base in use, never by one that is only tried."""

    code = "rules-not-in-use"
    text: ClassVar[Text] = Text(
        zh="--rules 只供试判，对账只用已启用的规则库；先运行 compliance rules activate DIR",
        en="--rules is for trying; reconcile uses the rule base in use: run compliance rules activate DIR first",
    )


def init(args: Namespace) -> int:
    """Make an empty workspace."""
    workspace = make_workspace(args.data, demo=args.demo)
    say(Text(f"已建立工作区 {workspace.root}", f"Made the workspace {workspace.root}"))
    return DONE


def demo(args: Namespace) -> int:
    """Make a workspace with the example plant, and one sign-in a role (printed once)."""
    made = make_demo(args.data, progress)
    if args.json:
        print_json({"plant": made.plant, "accounts": made.accounts, "url": made.url})
        return DONE
    say(Text(f"示例企业 {made.plant} 已就绪", f"The example plant {made.plant} is ready"))
    print_table(
        ("账号 login", "密码 password", "人员 person", "角色 roles"),
        ((a["login"], a["password"], a["person"], "、".join(a["roles"])) for a in made.accounts),
    )
    say(Text("密码只显示这一次；启动：compliance serve", "Passwords are shown this once; start: compliance serve"))
    return DONE


def rules_check(args: Namespace) -> int:
    """Load and check a rule base: every problem at once."""
    directory, own = args.rules or shipped("rules"), Workspace(args.data).templates
    rulebase, problems = check_rules(directory)
    problems = with_documents(rulebase, problems, own)
    if rulebase is not None and (ready := lying_ready(directory)):  # what nobody uses yet is sound all the same
        beside, more = check_rules(directory, ready)
        problems += tuple(p for p in with_documents(beside, more, own) if p not in problems)
    counts = {kind: n for kind, n in rulebase.counts().items() if n} if rulebase else {}
    if args.json:
        rows = [{"file": p.file, "line": p.line, "rule": p.rule, "message": str(p.message)} for p in problems]
        print_json({"rules": counts, "problems": rows})
    else:
        for p in problems:
            print(f"{p.file}:{p.line}: [{p.rule}] {p.message}")
        print_table(("种类 kind", "条数 rules"), counts.items())
    return PROBLEMS if problems else DONE


def importing(args: Namespace) -> int:
    """Import a workbook, all or nothing."""
    with opened(args.data) as installation:
        report = import_file(installation, Path(args.file), OPERATOR, args.reason, progress)
    if isinstance(report, ImportRefused):
        _refused(report, as_json=args.json)
        return PROBLEMS
    sheets = {
        name: {"rows": c.rows, "added": c.added, "changed": c.changed, "unchanged": c.unchanged}
        for name, c in report.sheets.items()
    }
    if args.json:
        print_json({"plant": report.plant, "sheets": sheets})
    else:
        print_table(
            ("工作表 sheet", "行 rows", "新增 added", "更正 changed", "不变 unchanged"),
            ((name, *counts.values()) for name, counts in sheets.items()),
        )
    return DONE


def _refused(refused: ImportRefused, *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"sheet": p.sheet, "row": p.row, "column": p.column, "code": p.code, "message": str(p.message)}
            for p in refused.problems
        ]
        print_json({"problems": rows, "more": refused.more})
        return
    print_table(("工作表", "行", "列", "问题"), ((p.sheet, p.row, p.column, p.message) for p in refused.problems))
    count = len(refused.problems) + refused.more
    say(Text(f"共 {count} 处错误，未导入任何数据", f"{count} problem(s); nothing was imported"))


def reconciling(args: Namespace) -> int:
    """Move the mark of a plant to a day, by the rule base in use."""
    if args.rules is not None:
        raise RulesNotInUse
    with opened(args.data) as installation:
        today = installation.clock.today()
        day = args.as_of or today
        if day > today and not installation.workspace.demo.exists():
            raise OnlyInDemo
        with installation.register.read() as reads:
            plant = choose_plant(reads, args.plant)
        done = pulse(installation).reconcile(plant, day, progress, full=args.full)
        stale = _stale(installation, plant) if done.start is not None else None
    if done.start is None:
        say(
            Text(
                f"{plant.key}：{day} 早于已对账日 {plant.mark}，未作改动",
                f"{plant.key}: {day} lies before the mark {plant.mark}; nothing was changed",
            )
        )
    if stale:
        say(Text(f"已过时的有效文件：{'、'.join(stale)}", f"documents in force that are stale: {', '.join(stale)}"))
    shown = {"plant": plant.key, **_reconciled(done), "stale": stale}
    if args.json:
        print_json(shown)
    else:
        print_table(("企业", "自", "至", "新增", "消失", "语句"), (tuple(shown.values())[:6],))
    return DONE


def _stale(installation: Installation, plant: Plant) -> list[str] | None:
    """The documents in force that are stale, compared where a day or a change may have made them so.

    None where they could not be compared: the day is judged all the same, and the worker tries again.
    """
    try:
        return [one.number for one in watch(installation).check(plant) if one.stale]
    except ComplianceError as error:
        say(f"{error.code}: {error.message}")
        return None


def _reconciled(one: Reconciled) -> dict[str, object]:
    return {
        "from": one.start,
        "to": one.end,
        "opened": one.opened,
        "closed": one.closed,
        "statements": one.statements,
        "nonconformities": one.tickets,
    }


def fsck(args: Namespace) -> int:
    """Check register, files and trail."""
    with opened(args.data) as installation:
        report = check_store(installation, deep=args.deep)
    checks = [{"code": c.code, "ok": c.ok, "detail": str(c.detail)} for c in report.checks]
    if args.json:
        print_json({"ok": report.ok, "checks": checks})
    else:
        print_table(
            ("检查 check", "结果 ok", "说明 detail"), ((c.code, "✓" if c.ok else "✗", c.detail) for c in report.checks)
        )
    return DONE if report.ok else PROBLEMS


def _checked(one: Checked) -> dict[str, object]:
    wrong = one.ok is not True
    mend = str(one.mend) if wrong and one.mend else None
    return {"check": one.check, "ok": one.ok is not False, "message": str(one.message), "mend": mend}


def doctor(args: Namespace) -> int:
    """What is wrong with this installation, and how to mend it."""
    checks = examine(args.data)
    if args.json:
        print_json([_checked(c) for c in checks])
    else:
        signs = {True: "✓", None: "!", False: "✗"}
        print_table(
            ("检查", "", "说明", "处置"),
            ((c.check, signs[c.ok], c.message, c.mend if c.ok is not True else None) for c in checks),
        )
    return DONE if all(c.ok is not False for c in checks) else CANNOT
