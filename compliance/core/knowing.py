"""With what we knew on a day: the snapshot then in use, less the wordings that were not known yet.

What this covers is the rule base (obligations, facts, findings, factors, parameters, calendars, vocabularies) and the
plant's own factors and parameters, whose every value the register keeps. The other rows of a plant count as they stand
in the register as of the day judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text, counted
from compliance.rulebase.rulebase import RuleBase


class NothingKnown(WrongUse):
    """On that day no rule was known yet."""

    code = "nothing-known"
    text: ClassVar[Text] = Text(
        zh="{day} 时还没有任何已知的规则；最早的规则自 {first} 起为人所知",
        en="On {day} no rule was known yet; the first is known since {first}",
    )


class NotKnownYet(WrongUse):
    """The day lies ahead: nobody knows what will be known then."""

    code = "not-known-yet"
    text: ClassVar[Text] = Text(
        zh="{day} 尚未到来，届时所知的规则无从得知；至多为今天（{today}）",
        en="{day} is still to come, and nobody knows what will be known then; today ({today}) is the last day to ask",
    )


@dataclass(frozen=True, slots=True)
class Activation:
    """A rule base was put into use: on which day at the site, and its digest."""

    day: date
    digest: str


def in_use_on(activations: Sequence[Activation], day: date) -> str | None:
    """The digest of the rule base in use at the end of a day; before the first activation the first one."""
    before = [a.digest for a in activations if a.day <= day]
    return before[-1] if before else next((a.digest for a in activations), None)


def with_knowledge_of(rulebase: RuleBase, day: date, today: date) -> RuleBase:
    """The rule base with what was known on a day; refuse a day on which nothing was, or that is still to come."""
    if day > today:
        raise NotKnownYet(day=day, today=today)
    if day < rulebase.first_known:
        raise NothingKnown(day=day, first=rulebase.first_known)
    return rulebase.known_on(day)


def said_of(rulebase: RuleBase) -> Text:
    """What people are told of a judgement with earlier knowledge."""
    short = rulebase.digest[:12]
    return Text(
        f"按 {rulebase.known} 所知的规则判定：规则库 {short}，{rulebase.unknown} 个版本其时尚未获知；"
        "企业自己的因子与参数按其时所知，其余数据以登记库现状为准",
        f"Judged with the rules known on {rulebase.known}: rule base {short}, {counted(rulebase.unknown, 'wording')} "
        "not known then; the plant's own factors and parameters as known then, its other rows as they stand in the "
        "register",
    )
