"""Commands that look ahead and store nothing: the year's collisions, and the workload of the coming months."""

from __future__ import annotations

from argparse import Namespace
from typing import ClassVar

from compliance.bootstrap.ahead import known_of
from compliance.bootstrap.installation import opened
from compliance.cli.judging import rules_of
from compliance.cli.output import DONE, print_json, print_table, say
from compliance.core import collisions, simulating
from compliance.core.judged import Occurrence
from compliance.core.simulating import ACTIONS, OVERDUE
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.calendar import Period, WorkCalendar
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Calendar, Post

#: Calendars are reckoned this far ahead at most.
_MOST_MONTHS, _MOST_YEARS = 48, 100


class BadSpan(WrongUse):
    """The months or the year asked for are out of reach."""

    code = "bad-span"
    text: ClassVar[Text] = Text(
        zh="{name} 应为 {least} 至 {most}，现为 {given}", en="{name} is {least} to {most}, not {given}"
    )


def list_collisions(args: Namespace) -> int:
    """Due days of a year on days off or in holidays, and working days on which several meet."""
    with opened(args.data, args.rules) as installation:
        day = args.as_of or installation.clock.today()
        year = day.year if args.year is None else args.year
        if not day.year - _MOST_YEARS <= year <= day.year + _MOST_YEARS:
            raise BadSpan(name="--year", least=day.year - _MOST_YEARS, most=day.year + _MOST_YEARS, given=year)
        rulebase = rules_of(installation, args)
        known = known_of(installation, args.plant, day, Period.parse(str(year)).end, rulebase, args.known_on)
    without = frozenset() if args.all else collisions.recurring(rulebase, *collisions.ROUTINE)
    found = collisions.collisions_of(known.occurrences, WorkCalendar(rulebase.of(Calendar)), year, without)
    if args.json:
        print_json(
            {
                "plant": known.plant.key,
                **_known(rulebase),
                "year": year,
                "collisions": [collisions.told(one) for one in found],
            }
        )
        return DONE
    print_table(
        ("工作日 working day", "项 load", "跨 across", "暂定 provisional", "到期 due"),
        (
            (
                one.day,
                one.load,
                "、".join(name.zh for name in one.holidays) or ("周末" if one.crossed else ""),
                "~" if one.provisional else "",
                "、".join(f"{_named(o, known.plant.key)} {o.due:%m-%d}" for o in one.due),
            )
            for one in found
        ),
    )
    return DONE


def _named(one: Occurrence, plant: str) -> str:
    """A duty by its code, and by its subject where that is not the plant itself."""
    return one.code if one.subject == plant else f"{one.code} {one.subject}"


def simulate(args: Namespace) -> int:
    """The workload of the coming months by post, month and person."""
    if not 1 <= args.months <= _MOST_MONTHS:
        raise BadSpan(name="--months", least=1, most=_MOST_MONTHS, given=args.months)
    with opened(args.data, args.rules) as installation:
        day = args.as_of or installation.clock.today()
        until = simulating.last_day(day, args.months)
        rulebase = rules_of(installation, args)
        known = known_of(installation, args.plant, day, until, rulebase, args.known_on)
    found = simulating.simulate(known, rulebase, day, until)
    if args.json:
        print_json(
            {
                "plant": known.plant.key,
                **_known(rulebase),
                **simulating.told(found, lambda post: _title(post, rulebase)),
            }
        )
        return DONE
    _print(found, rulebase)
    return DONE


def _known(rulebase: RuleBase) -> dict[str, object]:
    """Whose knowledge it is, where it is not of today."""
    return {"known_on": rulebase.known, "ruleset": rulebase.digest} if rulebase.known else {}


def _print(found: simulating.Simulation, rulebase: RuleBase) -> None:
    columns = (OVERDUE, *found.months)
    print_table(
        ("岗位 post", "逾期 overdue", *found.months, "任职 held by"),
        (
            (
                "整改措施 actions" if post == ACTIONS else _title(post, rulebase),
                *(counts[column] or "·" for column in columns),
                "、".join(_holders(found, post)),
            )
            for post, counts in found.by_post().items()
        ),
    )
    for post in found.posts:
        if post.vacant_from is not None:
            name = _title(post.post, rulebase)
            say(
                Text(
                    f"{name.zh}：自 {post.vacant_from} 起无人任职",
                    f"{name.en}: nobody holds it from {post.vacant_from}",
                )
            )


def _holders(found: simulating.Simulation, post: str) -> list[str]:
    held = next((one.held for one in found.posts if one.post == post), ())
    return [found.names.get(account, account) for account in held[0].persons] if held else []


def _title(post: str, rulebase: RuleBase) -> Text:
    wordings = rulebase.wordings(Post, post)
    return wordings[-1].title if wordings else Text(post, post)
