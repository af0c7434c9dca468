"""The command that lists the standards of a rule base, and what other commands say of them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Collection
from datetime import date
from typing import ClassVar

from compliance.bootstrap.installation import opened, read_rules
from compliance.bootstrap.places import shipped
from compliance.cli.output import DONE, print_json, print_table
from compliance.core.applicability import adopted, profile_of
from compliance.core.looking import choose_plant, look
from compliance.core.model import CompanyItem
from compliance.kernel.clock import Clock
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.coverage import coverage
from compliance.rulebase.packs import lying_ready
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Rule, Standard


class NoSuchStandard(WrongUse):
    """No standard of the rule base has this id or code."""

    code = "no-such-standard"
    text: ClassVar[Text] = Text(
        zh="规则库中没有标准“{name}”；有：{names}", en="The rule base has no standard {name!r}; it has {names}"
    )


def rules_standards(args: Namespace) -> int:
    """List the standards of the rule base; with a plant, which of those in use it follows."""
    if args.plant is not None:
        base, day, follows = _of_plant(args)
    else:
        directory = args.rules or shipped("rules")
        base, day, follows = read_rules(directory, lying_ready(directory)), Clock().today(), None
    rows = [_row(base, standard, day, follows) for standard in base.standards(day)]
    if args.json:
        print_json(rows)
    else:
        heads = (
            "标准 standard",
            "版本 edition",
            "名称 title",
            "状态 state",
            "规则 rules",
            "要求 requirements",
            "缺口 gaps",
        )
        print_table(heads, (_shown(row) for row in rows))
    return DONE


def pack_asked(base: RuleBase, name: str | None, day: date) -> str:
    """The pack of the standard that was asked for (empty: the main one); raises :class:`NoSuchStandard`."""
    if not name:
        return ""
    found = base.standard_named(name, day)
    if found is None:
        raise NoSuchStandard(name=name, names="、".join(s.code for s in base.standards(day)) or "—")
    return found.pack


def standard_told(standard: Standard) -> dict[str, object]:
    """A standard as JSON."""
    return {
        "id": standard.id,
        "code": standard.code,
        "edition": _both(standard.edition),
        "title": _both(standard.title),
        "pack": standard.pack,
        "skeleton": standard.skeleton,
        "in_use": standard.in_use,
    }


def met_of(base: RuleBase, standard: Standard, day: date) -> dict[str, object]:
    """How many statements of a standard are met."""
    rows = coverage(base, day, standard.pack)
    return {"requirements": len(rows), "met": sum(not row.gap for row in rows), "gaps": sum(row.gap for row in rows)}


def _of_plant(args: Namespace) -> tuple[RuleBase, date, Collection[str]]:
    with opened(args.data, args.rules) as installation:
        base, day = installation.rulebase, installation.clock.today()
        with installation.register.read() as reads:
            plant = choose_plant(reads, args.plant)
            data = look(plant, reads.tables(plant, [CompanyItem]), base, day)
    return base, day, {standard.id for standard in adopted(profile_of(data), base, day)}


def _row(base: RuleBase, standard: Standard, day: date, follows: Collection[str] | None) -> dict[str, object]:
    mine = sum(1 for rule in base.rules if _of(rule, standard))
    followed = {} if follows is None else {"followed": standard.id in follows}
    return {**standard_told(standard), "rules": mine, **met_of(base, standard, day), **followed}


def _of(rule: Rule, standard: Standard) -> bool:
    return rule.pack == standard.pack


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _shown(row: dict[str, object]) -> tuple[object, ...]:
    said = [
        "使用 in use" if row["in_use"] else "备用 lies ready",
        *(["骨架 skeleton"] if row["skeleton"] else []),
        *([("采用 followed" if row["followed"] else "未采用 not followed")] if "followed" in row else []),
    ]
    named = [text["zh"] for text in (row["edition"], row["title"]) if isinstance(text, dict)]
    return row["code"], *named, " · ".join(said), row["rules"], row["requirements"], row["gaps"]
