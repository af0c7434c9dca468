"""Days on which two wordings of a rule hold at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from compliance.kernel.text import Text
from compliance.rulebase.check_wordings import share_days
from compliance.rulebase.linting.base import Check, Seen, Setting, Severity
from compliance.rulebase.linting.examples import FILE, post
from compliance.rulebase.rulebase import KINDS


def _overlaps(setting: Setting) -> Iterator[Seen]:
    for kind in KINDS.values():
        for earlier, later in pairwise(setting.base.of(kind)):
            if earlier.id == later.id and share_days(earlier, later):
                start = later.in_force.start
                yield Seen(
                    later,
                    Text(
                        f"自 {start} 起与第 {earlier.line} 行的版本同时有效",
                        f"holds from {start} beside the wording of line {earlier.line}",
                    ),
                    at=start.isoformat(),
                )


CHECK = Check(
    id="in-force-overlap",
    title=Text("各版本有效期重叠", "Wordings of one rule that hold on the same day"),
    severity=Severity.ERROR,
    run=_overlaps,
    firing=(
        FILE
        + post("clerk", days="from = 2020-01-01, until = 2025-01-01")
        + post("clerk", days="from = 2025-01-01, known = 2024-06-01"),
        FILE + post("clerk", days="from = 2020-01-01") + post("clerk", days="from = 2025-01-01"),
    ),
    silent=(
        FILE
        + post("clerk", days="from = 2020-01-01, until = 2024-12-31")
        + post("clerk", days="from = 2025-01-01, known = 2024-06-01"),
    ),
)
