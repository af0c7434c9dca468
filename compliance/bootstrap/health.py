"""What is wrong with an installation, and how to mend it: the doctor, and the health page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from compliance.bootstrap.installation import Installation, opened, read_rules
from compliance.bootstrap.places import Workspace, shipped
from compliance.core.proposals import USED
from compliance.kernel.errors import ComplianceError
from compliance.kernel.text import Text, counted
from compliance.rulebase.schema import Calendar

#: Free space below which an installation is no longer well.
_LEAST_FREE_SHARE = 20  # one part in twenty


@dataclass(frozen=True, slots=True)
class Checked:
    """One check. ``ok`` None: works with less, as the message says."""

    check: str
    ok: bool | None
    message: Text
    mend: Text | None = None
    figures: Mapping[str, str] = field(default_factory=dict)


def examine(data: Path) -> list[Checked]:
    """Examine the installation of a folder from outside: it may not even open."""
    if not Workspace(data).exists:
        return [
            Checked(
                "workspace",
                ok=False,
                message=Text(f"“{data}”不是工作区", f"{data} is no workspace"),
                mend=Text("运行 compliance init 或 compliance demo", "run compliance init or compliance demo"),
            )
        ]
    try:
        with opened(data) as installation:
            return health_of(installation)
    except ComplianceError as error:
        return [Checked(error.code, ok=False, message=error.message, mend=_READ_MESSAGE)]


_READ_MESSAGE = Text("按说明处置后重试", "mend what the message names and try again")


def health_of(installation: Installation) -> list[Checked]:
    """Examine an open installation."""
    checks: Sequence[Callable[[Installation], Checked]] = (_engine, _register, _rules, _calendar, _space, _access)
    return [check(installation) for check in checks]


def _engine(installation: Installation) -> Checked:
    health = installation.engine.health()
    figures = {"engine": health.name, "version": health.version}
    if not health.available:
        mend = Text("安装编译器后运行 make engine", "install a compiler and run make engine")
        return Checked("engine", ok=None, message=health.message, mend=mend, figures=figures)
    return Checked("engine", ok=health.healthy, message=health.message, figures=figures)


def _register(installation: Installation) -> Checked:
    with installation.register.read() as reads:
        plants = len(reads.plants())
    name = "SQLite" if installation.register.database.is_sqlite else "PostgreSQL"
    return Checked(
        "register",
        ok=True,
        message=Text(f"登记库可用：{name}，{plants} 家企业", f"The register works: {name}, {counted(plants, 'plant')}"),
    )


def _rules(installation: Installation) -> Checked:
    used, ours = installation.rulebase, read_rules(shipped("rules"))
    figures = {"digest": used.digest[:16], "rules": str(sum(used.counts().values()))}
    if used.digest == ours.digest:
        return Checked(
            "rules", ok=True, message=Text("使用随程序发布的规则库", "The shipped rule base is in use"), figures=figures
        )
    with installation.register.read() as reads:
        own = any(one.state == USED and one.digest == used.digest for one in reads.proposals())
    if own:  # somebody proposed them and another put them into use: nothing is to be mended
        return Checked(
            "rules",
            ok=True,
            message=Text("使用本安装经提议启用的规则库", "Rules that were proposed here are in use"),
            figures=figures,
        )
    return Checked(
        "rules",
        ok=None,
        message=Text("使用中的规则库与随程序发布的不同", "The rule base in use differs from the shipped one"),
        mend=Text(
            f"先看 compliance rules plan {shipped('rules')}；compliance rules activate 换用随附规则，自有规则随即停用",
            f"look at compliance rules plan {shipped('rules')} first; compliance rules activate takes the shipped ones "
            "and puts your own out of use",
        ),
        figures=figures,
    )


def _calendar(installation: Installation) -> Checked:
    today = installation.clock.today()
    published = max((c.year for c in installation.rulebase.of(Calendar) if c.published), default=0)
    if published >= today.year:
        return Checked(
            "calendar",
            ok=True,
            message=Text(f"工作日历已公布到 {published} 年", f"Working days are published up to {published}"),
        )
    return Checked(
        "calendar",
        ok=None,
        message=Text(f"{today.year} 年工作日历尚未录入", f"The working days of {today.year} are not in the rules"),
        mend=Text("按国务院办公厅通知补充 rules/calendar", "enter the official notice in rules/calendar"),
    )


def _space(installation: Installation) -> Checked:
    usage = shutil.disk_usage(installation.workspace.records)
    free = usage.free // 2**30
    return Checked(
        "space",
        ok=usage.free * _LEAST_FREE_SHARE >= usage.total,
        message=Text(f"磁盘剩余 {free} GiB", f"{free} GiB of disk are free"),
        mend=Text("清理或扩充磁盘", "free or add disk space"),
    )


def _access(installation: Installation) -> Checked:
    mode = installation.workspace.secret.stat().st_mode & 0o777 if installation.workspace.secret.exists() else None
    return Checked(
        "secret",
        ok=mode is not None and not mode & 0o077,
        message=Text("Cookie 密钥仅本用户可读", "The secret of the cookies is readable by this user alone"),
        mend=Text("chmod 600 records/secret", "chmod 600 records/secret"),
    )
