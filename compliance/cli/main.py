"""The commands and their arguments; errors become messages and exit codes here."""

from __future__ import annotations

import re
import sys
import traceback
from argparse import ArgumentParser, ArgumentTypeError, _SubParsersAction
from collections.abc import Sequence
from pathlib import Path

from compliance.cli import (
    accounts,
    acting,
    ahead,
    copies,
    documents,
    drift,
    factors,
    figuring,
    jobs,
    judging,
    keeping,
    people,
    readers,
    replaying,
    reporting,
    requesting,
    ruling,
    searching,
    serving,
    telling,
    templates,
    tokens,
)
from compliance.cli.arguments import Command, judged_day
from compliance.cli.arguments import command as _command
from compliance.cli.arguments import day as _day
from compliance.cli.arguments import signer as _signer
from compliance.cli.output import CANNOT, DONE, WRONG_USE, say, use_utf8
from compliance.core.imports import ENTERABLE
from compliance.core.judged import NONCONFORMITY, OCCURRENCE
from compliance.core.notices import Category
from compliance.kernel.errors import CannotDecide, ComplianceError
from compliance.kernel.text import Text

_YEAR = re.compile(r"[12][0-9]{3}", re.ASCII)
_MONTH = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])", re.ASCII)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    use_utf8()
    args = parser().parse_args(arguments)
    command: Command = args.command
    try:
        return command(args)
    except ComplianceError as error:
        say(f"{error.code}: {error.message}")
        return CANNOT if isinstance(error, CannotDecide) else WRONG_USE
    except BrokenPipeError:
        # Whoever read the output has left; the null device takes what the interpreter flushes at its end.
        sys.stdout = Path("/dev/null").open("w")  # noqa: SIM115 - lives until the process ends
        return DONE
    except OSError as error:
        say(Text(f"无法读写：{error}", f"Cannot read or write: {error}"))
        return CANNOT
    except Exception:  # noqa: BLE001 - the interpreter's own exit code would say "done, with findings"
        traceback.print_exc()
        say(
            Text(
                "程序出错，未作结论；请将以上内容报告给维护者",
                "The program failed and concluded nothing: report the above",
            )
        )
        return CANNOT


def parser() -> ArgumentParser:
    """Every command with its arguments."""
    top = ArgumentParser(
        prog="compliance", description="水泥企业碳管理合规系统 / carbon management compliance for cement plants"
    )
    top.add_argument(
        "--data", type=Path, default=Path(), metavar="DIR", help="工作区 / workspace (config.toml, records/)"
    )
    top.add_argument(
        "--rules", type=Path, metavar="DIR", help="用另一规则目录判定，不启用 / judge with another rule directory"
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _workspace(commands)
    ruling.declare(commands)
    _data(commands)
    _judging(commands)
    _jobs(commands)
    _acting(commands)
    _documents(commands)
    _all_documents(commands)
    copies.arguments(commands)
    templates.declare(commands)
    _telling(commands)
    accounts.register(commands)
    _people(commands)
    _factors(commands)
    tokens.declare(commands)
    searching.declare(commands)
    return top


def _workspace(commands: _SubParsersAction[ArgumentParser]) -> None:
    init = _command(commands, "init", keeping.init, "建立空工作区 / make an empty workspace", json=False)
    init.add_argument(
        "--demo", action="store_true", help="演示工作区，可指定日期 / a demo workspace: the day may be chosen"
    )
    _command(commands, "demo", keeping.demo, "建立带示例企业的工作区 / make a workspace with the example plant")
    serve = _command(commands, "serve", serving.serve, "启动网页与后台 / web and worker", json=False)
    serve.add_argument("--port", type=int, help="端口 / port")
    serve.add_argument("--today", type=_day, metavar="D", help="仅演示：假定今天 / demo only: the day to live on")
    worker = _command(
        commands, "worker", serving.worker, "后台进程，由 serve 启动 / the worker, started by serve", json=False
    )
    worker.add_argument("--today", type=_day, metavar="D")
    check = _command(commands, "fsck", keeping.fsck, "检查登记库、文件与审计追踪 / check register, files and trail")
    check.add_argument("--deep", action="store_true", help="逐字节复核并重放 / re-hash every file and replay")
    _command(commands, "doctor", keeping.doctor, "检查安装并给出处置 / what is wrong and how to mend it")


def _data(commands: _SubParsersAction[ArgumentParser]) -> None:
    importing = _command(commands, "import", keeping.importing, "导入工作簿 / import a workbook, all or nothing")
    importing.add_argument("file", metavar="FILE")
    importing.add_argument("--reason", metavar="TEXT", help="更正原因 / why rows are corrected")
    reconcile = _command(commands, "reconcile", keeping.reconciling, "对账：推进到某日 / move the mark to a day")
    _plant_and_day(reconcile)
    reconcile.add_argument("--full", action="store_true", help="全部重新判定 / judge everything again")


def _judging(commands: _SubParsersAction[ArgumentParser]) -> None:
    due = _command(commands, "occurrences", judging.occurrences, "两日之间到期的义务 / what falls due between two days")
    due.add_argument("--from", dest="since", type=_day, required=True, metavar="D")
    due.add_argument("--to", dest="until", type=_day, required=True, metavar="D")
    wrong = _command(commands, "findings", judging.findings, "某日的发现 / what is wrong as of a day")
    facts = _command(commands, "facts", judging.facts, "判定所见的事实 / the facts that the engines see")
    facts.add_argument("--kind", metavar="K")
    why = _command(commands, "explain", judging.explaining, "为什么 / why an occurrence, finding or nonconformity is")
    why.add_argument("id", metavar="ID")
    why.add_argument("--replay", action="store_true", help="用存档的规则文本重演 / conclude it again from what is kept")
    amounts = _command(commands, "figures", figuring.figures, "某日的核算指标 / computed figures as of a day")
    amounts.add_argument(
        "--working", metavar="CODE/OBJECT/PERIOD", help="一个指标的计算过程 / the working of one figure"
    )
    text = "用存档的事实与规则文本重演全部结论 / conclude everything kept once more"
    again = _command(commands, "replay", replaying.replay, text)
    again.add_argument("--plant", metavar="P", help="统一社会信用代码或短代码 / credit code or short code")
    met = _command(commands, "collisions", ahead.list_collisions, "一年的到期冲突 / due days of a year that collide")
    met.add_argument("--year", type=int, metavar="Y", help="不给则为今年 / this year if left out")
    met.add_argument("--all", action="store_true", help="含逐日、逐周义务 / the duties of every day and week too")
    workload = _command(commands, "simulate", ahead.simulate, "未来各月的工作量 / the workload of the coming months")
    workload.add_argument("--months", type=int, default=12, metavar="N", help="月数，默认 12 / months, 12 unless said")
    for command in (due, wrong, facts, why, amounts, met, workload):
        _plant_and_day(command)
    for command in (due, wrong, facts, why, amounts, met, workload):
        command.add_argument(
            "--known-on", type=_day, metavar="D", help="以某日所知的规则判定 / with the rules known on a day"
        )


def _acting(commands: _SubParsersAction[ArgumentParser]) -> None:
    act = _command(commands, "act", acting.act, "办理一步，以密码签署 / take a step of a case, signed by password")
    look = _command(commands, "case", acting.case, "办理到哪一步 / where a case stands, and what may follow")
    for command in (act, look):
        command.add_argument("kind", choices=[OCCURRENCE, NONCONFORMITY], metavar="KIND")
        command.add_argument("id", metavar="ID")
    act.add_argument("step", metavar="STEP")
    act.add_argument("--field", action="append", default=[], type=_field, metavar="NAME=VALUE", help="字段 / a field")
    act.add_argument(
        "--file", action="append", default=[], metavar="PATH[@D]", help="证据文件及其日期 / evidence and its day"
    )
    act.add_argument(
        "--existing",
        action="append",
        default=[],
        metavar="SHA256",
        help="本企业已有的文件 / a file that the plant keeps",
    )
    act.add_argument("--reason", metavar="TEXT", help="理由 / the reason, where the step asks for one")
    raising = commands.add_parser("nonconformity", help="不符合项 / nonconformities")
    add = _command(
        raising.add_subparsers(required=True, metavar="COMMAND"),
        "raise",
        acting.nonconformity_raise,
        "登记不符合项 / raise a nonconformity",
    )
    for name, text in (("title", "事实 / the fact"), ("category", "类别 / category"), ("grade", "分级 / grade")):
        add.add_argument(f"--{name}", required=True, help=text)
    add.add_argument("--about", default="", metavar="TYPE:ID", help="所据对象 / what it was found on")
    enter = _command(commands, "enter", acting.entering, "填写一条数据 / enter one row of data")
    enter.add_argument("table", metavar="TABLE", choices=[kind.SHEET.table for kind in ENTERABLE])
    enter.add_argument("--field", action="append", default=[], type=_field, metavar="NAME=VALUE", help="字段 / a field")
    enter.add_argument("--reason", metavar="TEXT", help="更正原因 / why a stored row is corrected")
    for command in (act, look, add, enter):
        command.add_argument("--plant", metavar="P", help="统一社会信用代码或短代码 / credit code or short code")
    for command in (act, add, enter):
        _signer(command)


def _documents(commands: _SubParsersAction[ArgumentParser]) -> None:
    text = "预览不符合项处置报告，不存档 / a preview of the report on a nonconformity, kept nowhere"
    report = _command(commands, "report", reporting.report, text)
    report.add_argument("number", metavar="NUMBER", help="不符合项编号 / number of the nonconformity")
    text = "受控文件 / controlled documents"
    below = commands.add_parser("document", help=text).add_subparsers(required=True, metavar="COMMAND")
    listing = _command(below, "list", reporting.document_list, "列出文件 / list the documents")
    listing.add_argument("--state", metavar="S", help="最新版本的状态 / state of the latest version")
    draft = _command(below, "draft", reporting.document_draft, "起草尚无草稿的文件 / draft what has no draft yet")
    show = _command(below, "show", reporting.document_show, "版本、签署与去向 / versions, signatures, what may follow")
    act = _command(below, "act", reporting.document_act, "办理一步，以密码签署 / take a step, signed by password")
    issue = _command(below, "issue", reporting.document_issue, "发布：生成正式文件并生效 / issue the final file")
    load = _command(below, "download", reporting.document_download, "取出文件 / write the file of a version")
    who = _command(below, "readers", readers.listed, "阅读人与确认情况 / who reads it, and who has confirmed")
    read = _command(below, "read", readers.confirm, "本人确认已阅读 / confirm having read it")
    for command in (show, act, issue, load, who, read):
        command.add_argument("number", metavar="NUMBER[/VERSION]", help="文件编号 / number, such as NCR-2026-0001/A/0")
    act.add_argument("step", metavar="STEP")
    act.add_argument("--field", action="append", default=[], type=_field, metavar="NAME=VALUE", help="字段 / a field")
    act.add_argument("--reason", metavar="TEXT", help="理由 / the reason, where the step asks for one")
    issue.add_argument("--effective", required=True, type=_day, metavar="D", help="生效日期 / from when it holds")
    load.add_argument("--pdf", action="store_true", help="PDF（须装有 LibreOffice） / PDF, where LibreOffice is there")
    load.add_argument("--stored", action="store_true", help="存档原件，不加作废标识 / as stored, without a mark")
    for command in (report, load):
        command.add_argument("--out", required=True, type=Path, metavar="FILE", help="写入的文件 / the file to write")
    for command in (report, listing, draft, show, act, issue, load, who, read):
        command.add_argument("--plant", metavar="P", help="统一社会信用代码或短代码 / credit code or short code")
    _signer(read)
    for command in (act, issue):
        command.set_defaults(existing=[])  # no step of a document takes files of a person
        _signer(command)


def _all_documents(commands: _SubParsersAction[ArgumentParser]) -> None:
    text = "一个企业的全部文件 / all documents of a plant"
    below = commands.add_parser("documents", help=text).add_subparsers(required=True, metavar="COMMAND")
    listing = _command(below, "list", reporting.document_list, "列出文件 / list the documents")
    listing.add_argument("--state", metavar="S", help="最新版本的状态 / state of the latest version")
    every = _command(
        below, "draft-all", documents.drafts, "写出每类文件的草稿，不存档 / drafts of every type, kept nowhere"
    )
    period = every.add_mutually_exclusive_group(required=True)
    period.add_argument("--year", type=_year, metavar="Y", help="年度 / the year")
    period.add_argument("--month", type=_month, metavar="M", help="月份 YYYY-MM：当月的文件 / the documents of a month")
    every.add_argument("--all", action="store_true", help="全部企业，各一个文件夹 / every plant, a folder each")
    every.add_argument("--out", required=True, type=Path, metavar="DIR", help="写入的文件夹 / the folder to write")
    every.add_argument(
        "--every", action="store_true", help="每月、每条记录各一份 / one of each month and each record of the year"
    )
    issue = _command(
        below,
        "issue-all",
        documents.issue_every,
        "仅示例工作区：签署并发布各类 / demo only: sign and issue every type",
    )
    issue.add_argument("--year", type=_year, metavar="Y", help="不给则为今年 / this year if left out")
    start = _command(below, "open", documents.open_one, "建立一份文件 / open a document")
    start.add_argument("rule", metavar="RULE", help="文件规则 / rule of the document")
    start.add_argument("--about", metavar="X", help="年度、月份或记录编号 / the year, month or record that it is on")
    write = _command(below, "write", documents.write, "编写草稿的一节 / write a section of a draft")
    write.add_argument("number", metavar="NUMBER[/VERSION]", help="文件编号 / number of the document")
    write.add_argument("section", metavar="SECTION", help="章节 / id of the section")
    text = "内容：每行一段；表格为无表头的 CSV / a paragraph a line; a table as CSV without heads"
    write.add_argument("--file", required=True, type=Path, metavar="FILE", help=text)
    stale = _command(
        below, "drift", drift.drift, "有效文件与现行模板、规则、因子、数据的差别 / documents in force that are stale"
    )
    following = _command(
        below, "next", drift.draft_next, "为过时的文件起草下一版 / draft the next version of a stale document"
    )
    following.add_argument("number", metavar="NUMBER", help="文件编号 / number of the document")
    changes = _command(
        below, "redline", drift.redline, "两版之间的修订标记 / a version with its changes against another one tracked"
    )
    changes.add_argument("number", metavar="NUMBER", help="文件编号 / number of the document")
    changes.add_argument("from_", metavar="FROM", help="较早的版本 / label of the earlier version, such as A/0")
    changes.add_argument("to", metavar="TO", help="较晚的版本 / label of the later version")
    changes.add_argument("--out", required=True, type=Path, metavar="FILE", help="写入的文件 / the file to write")
    requesting.arguments(below)
    for command in (start, write, following):
        _signer(command)
    for command in (listing, every, issue, start, write, stale, following, changes):
        command.add_argument("--plant", metavar="P", help="统一社会信用代码或短代码 / credit code or short code")


def _jobs(commands: _SubParsersAction[ArgumentParser]) -> None:
    below = commands.add_parser("jobs", help="后台任务 / jobs").add_subparsers(required=True, metavar="COMMAND")
    _command(below, "list", jobs.listing, "列出任务 / list the jobs")
    show = _command(below, "show", jobs.show, "一项任务的进度与各项 / how far one is, item by item")
    cancel = _command(below, "cancel", jobs.cancel, "取消：不再开始下一项 / begin no further item")
    resume = _command(below, "resume", jobs.resume, "继续未完成的 / let what is left of it be done")
    for command in (show, cancel, resume):
        command.add_argument("number", type=int, metavar="NUMBER", help="任务编号 / number of the job")


def _telling(commands: _SubParsersAction[ArgumentParser]) -> None:
    told = _command(
        commands, "notices", telling.notices, "已发出的通知及邮件状态 / what people were told, and its mail"
    )
    text = "设定邮件地址与每周汇总 / a person's address for mail, and a weekly digest"
    choose = _command(commands, "notify", telling.choosing, text, json=False)
    choose.add_argument("account", metavar="账号", help="人员账号 / the person's account in the plant")
    choose.add_argument("--mail", metavar="ADDRESS", help="不给则不发邮件 / no mail if left out")
    choose.add_argument("--weekly", action="store_true", help="每周汇总 / a digest every week")
    choose.add_argument("--quiet", type=_hours, metavar="HH:MM-HH:MM", help="免打扰时段 / mail waits in these hours")
    choose.add_argument(
        "--no-mail-of", action="append", default=[], choices=[c.value for c in Category],
        help="只在系统内看 / read in the program alone",
    )  # fmt: skip
    gaps = _command(commands, "missing", telling.missing, "谁还没有记录逐日数据 / who has not recorded daily data")
    gaps.add_argument("--day", type=_day, metavar="D", help="不给则为昨天 / yesterday if left out")
    write = _command(
        commands, "calendar", telling.write_calendar, "写出日历文件 / the duties as an iCalendar file", json=False
    )
    write.add_argument("--out", required=True, type=Path, metavar="FILE", help="写入的 .ics / the .ics to write")
    feeds = commands.add_parser("feed", help="日历订阅 / calendar feeds")
    below = feeds.add_subparsers(required=True, metavar="COMMAND")
    make = _command(
        below, "make", telling.feed_make, "建立订阅，令牌只显示一次 / a feed; shows its token once", json=False
    )
    revoke = _command(below, "revoke", telling.feed_revoke, "撤销订阅 / end a feed", json=False)
    revoke.add_argument("feed", metavar="FEED")
    feed_list = _command(below, "list", telling.feed_list, "列出订阅 / list the feeds")
    for command in (told, write, make):
        command.add_argument("--person", metavar="账号", help="只限此人 / of this person alone")
    for command in (told, choose, gaps, write, make, revoke, feed_list):
        command.add_argument("--plant", metavar="P", help="统一社会信用代码或短代码 / credit code or short code")


def _hours(text: str) -> tuple[str, str]:
    since, _dash, until = text.partition("-")
    return since, until


def _field(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ArgumentTypeError(f"“{text}”应写作 字段=值 / write {text!r} as NAME=VALUE")
    return name, value


def _factors(commands: _SubParsersAction[ArgumentParser]) -> None:
    below = commands.add_parser("factor", help="因子及其核实 / factors and their verification").add_subparsers(
        required=True, metavar="COMMAND"
    )
    listing = _command(below, "list", factors.factor_list, "列出因子 / list the factors")
    check = _command(below, "check", factors.factor_check, "按来源核对因子 / check a factor against its source")
    check.add_argument("--source", required=True, metavar="TEXT", help="所据来源 / what it was checked against")
    confirm = _command(below, "confirm", factors.factor_confirm, "确认他人的核对 / confirm what another has checked")
    for command in (check, confirm):
        command.add_argument("code", metavar="CODE", help="因子代码 / code of the factor")
        _signer(command)
    for command in (listing, check, confirm):
        command.add_argument("--plant", metavar="P", help="统一社会信用代码或短代码 / credit code or short code")


def _people(commands: _SubParsersAction[ArgumentParser]) -> None:
    below = commands.add_parser("deputy", help="离岗与代理 / absences and deputies").add_subparsers(
        required=True, metavar="COMMAND"
    )
    give = _command(below, "set", people.deputy_set, "设定离岗和代理人 / set an absence and who stands in")
    give.add_argument("absent", metavar="账号", help="离岗人 / who is away")
    give.add_argument("deputy", metavar="代理账号", help="代理人 / who stands in")
    for name, text in (("since", "第一日 / first day"), ("until", "最后一日（含） / last day, included")):
        give.add_argument(f"--{name}", type=_day, required=True, metavar="D", help=text)
    end = _command(below, "end", people.deputy_end, "提前结束离岗 / end an absence early")
    end.add_argument("number", type=int, metavar="NUMBER", help="离岗编号 / number of the absence")
    listing = _command(below, "list", people.deputy_list, "列出离岗与代理 / list the absences")
    listing.add_argument("--all", action="store_true", help="含已结束的 / those that are over too")
    hand = _command(commands, "handover", people.handover, "移交未完成的纠正措施 / hand open actions over")
    hand.add_argument("old", metavar="账号", help="原责任人 / who had them")
    hand.add_argument("new", metavar="新账号", help="新责任人 / who takes them")
    for command in (give, end, listing, hand):
        command.add_argument("--plant", metavar="P", help="统一社会信用代码或短代码 / credit code or short code")
    for command in (give, end, hand):
        command.add_argument("--reason", required=True, metavar="TEXT", help="理由 / why")
        _signer(command)


def _plant_and_day(command: ArgumentParser) -> None:
    command.add_argument("--plant", metavar="P", help="统一社会信用代码或短代码 / credit code or short code")
    command.add_argument("--as-of", type=judged_day, metavar="D", help="某日（YYYY-MM-DD） / as of a day")


def _month(text: str) -> str:
    if _MONTH.fullmatch(text):
        return text
    raise ArgumentTypeError(f"“{text}”不是月份，应写作 YYYY-MM / {text!r} is no month: write YYYY-MM")


def _year(text: str) -> int:
    if _YEAR.fullmatch(text):
        return int(text)
    raise ArgumentTypeError(f"“{text}”不是年份，应写作 YYYY / {text!r} is no year: write YYYY")
