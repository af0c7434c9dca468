"""The command that prints computed figures, and the working of one of them."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from compliance.bootstrap.installation import opened
from compliance.cli.judging import held_by
from compliance.cli.output import DONE, PROBLEMS, print_json, print_table, say
from compliance.core.figures import Figure, Lacking
from compliance.core.figures.showing import Shown
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.figuring import Part, rounded
from compliance.rulebase.figuring import shown as decimal_of

#: Decimals of a quantity or factor in a working; sums are exact all the same.
_SHOWN = 6


class NoSuchFigure(WrongUse):
    """The plant has no such figure on that day."""

    code = "no-such-figure"
    text: ClassVar[Text] = Text(
        zh="没有指标“{name}”（写作 代码/对象/期间，如 {like}）",
        en="There is no figure {name!r} (code/object/period, as {like})",
    )


def figures(args: Namespace) -> int:
    """Print every figure as of a day; figures that lack a value are named and make the exit code 1."""
    with opened(args.data, args.rules) as installation:
        held = held_by(installation, args)
        rules, day, shown = held.rules, held.then.as_of, held.figures()
    computed = shown.computed
    if args.working is not None:
        return _working(shown, args.working, as_json=args.json)
    lacking = [one for one in computed.lacking if not one.management]
    if args.json:
        told = {"known_on": rules.known, "ruleset": rules.digest} if rules.known else {}
        print_json(
            {
                "as_of": day,
                **told,
                "figures": {f.key: f.shown for f in computed.figures if not f.management},
                "management": {f.key: f.shown for f in computed.figures if f.management},
                "lacking": [_lack(one) for one in lacking],
                "lacking_management": [_lack(one) for one in computed.lacking if one.management],
                "unverified": dict(_unverified(shown)),
                "estimated": [f.key for f in computed.figures if shown.estimated(f)],
            }
        )
    else:
        print_table(
            ("代码 code", "对象 object", "期间 period", "值 value", "单位 unit", "暂估 estimated"),
            (
                (f.code, f.object, f.period, f.shown, f.unit, "≈" if shown.estimated(f) else "")
                for f in computed.figures
            ),
        )
        for one in lacking:
            say(
                Text(
                    f"缺少 {one.what}：{one.code}/{one.object}/{one.period} 未计算",
                    f"{one.what} is lacking: {one.code}/{one.object}/{one.period} is not computed",
                )
            )
        if unverified := _unverified(shown):
            names = "、".join(unverified)
            say(Text(f"用到尚未核实的因子：{names}", f"figures rest on unverified factors: {names}"))
    return PROBLEMS if lacking else DONE


def _unverified(shown: Shown) -> Counter[str]:
    """The unverified factors that figures rest on, each with the number of those figures."""
    return Counter(one.code for figure in shown.computed.figures for one in shown.unverified(figure))


def _lack(one: Lacking) -> dict[str, str]:
    return {"figure": f"{one.code}/{one.object}/{one.period}", "what": one.what}


def _working(shown: Shown, name: str, *, as_json: bool) -> int:
    computed = shown.computed
    found = next((f for f in computed.figures if f.key == name), None)
    if found is None:
        raise NoSuchFigure(name=name, like=computed.figures[0].key if computed.figures else "E_LINE/K1/2026-01")
    if as_json:
        more = {"unverified": [one.code for one in shown.unverified(found)], "estimated": shown.estimated(found)}
        print_json(_explained(found) | more)
        return DONE
    say(Text(f"{found.title.zh} {found.key} = {found.shown} {found.unit}", f"{found.title.en}"))
    say(Text(f"公式：{found.formula.zh}（{found.clause}）", f"formula: {found.formula.en}"))
    print_table(
        ("项目 item", "线 line", "月份 month", "数量 quantity", "乘以 times", "结果 value"),
        (_row(part) for part in found.working),
    )
    return DONE


def _row(part: Part) -> Sequence[str]:
    times = " × ".join(f"{u.name}={_number(u.value)}" for u in part.used)
    return part.label, part.line, part.month, _number(part.quantity), times, _number(part.value)


def _explained(figure: Figure) -> dict[str, object]:
    return {
        "figure": figure.key,
        "value": figure.shown,
        "unit": figure.unit,
        "clause": figure.clause,
        "rule": figure.rule,
        "rule_digest": figure.rule_digest,
        "formula": {"zh": figure.formula.zh, "en": figure.formula.en},
        "working": [
            {
                "item": part.label,
                "line": part.line,
                "month": part.month,
                "quantity": _number(part.quantity),
                "times": [{"name": u.name, "value": _number(u.value), "origin": u.origin} for u in part.used],
                "value": _number(part.value),
            }
            for part in figure.working
        ],
    }


def _number(value: Fraction) -> str:
    """A decimal as people read it; one with more decimals than are shown is marked."""
    text = decimal_of(rounded(value, _SHOWN), _SHOWN).rstrip("0").rstrip(".")
    return text if (value * 10**_SHOWN).denominator == 1 else f"≈{text}"
