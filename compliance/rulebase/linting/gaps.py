"""Days between two wordings of a rule on which none of them holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from compliance.kernel.text import Text
from compliance.rulebase.linting.base import Check, Seen, Setting, Severity
from compliance.rulebase.linting.examples import FILE, post
from compliance.rulebase.rulebase import KINDS

_ONE_DAY = timedelta(days=1)


def _gaps(setting: Setting) -> Iterator[Seen]:
    for kind in KINDS.values():
        rules = setting.base.of(kind)
        for earlier, later in pairwise(rules):
            until, start = earlier.in_force.until, later.in_force.start
            if earlier.id == later.id and until is not None and until + _ONE_DAY < start:
                first, last = until + _ONE_DAY, start - _ONE_DAY
                yield Seen(
                    later,
                    Text(
                        f"自 {first} 至 {last} 没有有效版本；前一版本止于 {until}（第 {earlier.line} 行）",
                        f"no wording holds from {first} to {last}: the one of line {earlier.line} ends on {until}",
                    ),
                    at=first.isoformat(),
                )


CHECK = Check(
    id="in-force-gap",
    title=Text("各版本有效期之间的空档", "Days between the wordings of one rule on which none holds"),
    severity=Severity.ERROR,
    run=_gaps,
    firing=(
        FILE
        + post("clerk", days="from = 2020-01-01, until = 2024-12-31")
        + post("clerk", days="from = 2025-01-02, known = 2024-06-01"),
    ),
    silent=(
        FILE
        + post("clerk", days="from = 2020-01-01, until = 2024-12-31")
        + post("clerk", days="from = 2025-01-01, known = 2024-06-01"),
        FILE + post("clerk", days="from = 2020-01-01, until = 2024-12-31"),
    ),
)
