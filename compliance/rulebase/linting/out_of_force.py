"""Names of rules that do not hold on the days of the rule that names them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from compliance.kernel.text import Text
from compliance.rulebase.linting.base import Check, Seen, Setting, Severity
from compliance.rulebase.linting.examples import FILE, obligation, post
from compliance.rulebase.linting.references import names_in
from compliance.rulebase.rulebase import KINDS
from compliance.rulebase.schema import InForce, Parameter, Retention, Rule, Vocabulary

_ONE_DAY = timedelta(days=1)
#: Kinds of which the nearest wording is taken where none holds on the day.
_NEAREST = frozenset(word for word, kind in KINDS.items() if kind in {Parameter, Retention, Vocabulary})
_DUE = '{ kind = "period-end" }'


def _out_of_force(setting: Setting) -> Iterator[Seen]:
    for kind in KINDS.values():
        for rule in setting.base.of(kind):
            for named in dict.fromkeys(names_in(rule)):
                wordings = setting.base.wordings(KINDS[named.kind], named.id)
                day = _without(rule.in_force, wordings)
                if wordings and named.kind not in _NEAREST and day is not None:
                    yield Seen(
                        rule,
                        Text(
                            f"{named.key}：{named.kind}.{named.id} 在 {day} 不在有效期内，而本规则在",
                            f"{named.key}: {named.kind}.{named.id} does not hold on {day}, a day of this rule",
                        ),
                        wordings[-1],
                        named.key,
                    )


def _without(days: InForce, wordings: Sequence[Rule]) -> date | None:
    """The first day of a span on which none of the wordings holds."""
    day = days.start
    for rule in sorted(wordings, key=lambda r: r.in_force.start):
        if rule.in_force.covers(day):
            if rule.in_force.until is None:
                return None
            day = rule.in_force.until + _ONE_DAY
    return day if days.until is None or day <= days.until else None


CHECK = Check(
    id="name-out-of-force",
    title=Text("引用的规则在本规则有效期内失效", "A rule names another on days on which that one does not hold"),
    severity=Severity.ERROR,
    run=_out_of_force,
    firing=(
        FILE + obligation("report", _DUE) + post("clerk", days="from = 2020-01-01, until = 2025-12-31"),
        FILE + obligation("report", _DUE) + post("clerk", days="from = 2020-01-02"),
    ),
    silent=(
        FILE + obligation("report", _DUE) + post("clerk"),
        FILE
        + obligation("report", _DUE)
        + post("clerk", days="from = 2019-01-01, until = 2025-12-31")
        + post("clerk", days="from = 2026-01-01, known = 2025-12-01"),
    ),
)
