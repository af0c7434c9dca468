"""Retention rules that keep one kind of record for different times."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from compliance.kernel.text import Text
from compliance.rulebase.check_wordings import share_days
from compliance.rulebase.linting.base import Check, Seen, Setting, Severity, name_of
from compliance.rulebase.linting.examples import FILE, rule
from compliance.rulebase.schema import Retention


def _contradicting(setting: Setting) -> Iterator[Seen]:
    for one, other in combinations(setting.base.of(Retention), 2):
        both = [record for record in one.applies_to if record in other.applies_to]
        if one.id != other.id and share_days(one, other) and _kept(one) != _kept(other):
            for record in both:
                yield Seen(
                    one,
                    Text(
                        f"记录“{record}”的保存期限与 {name_of(other)} 不同",
                        f"records '{record}' are kept for another time than by {name_of(other)}",
                    ),
                    other,
                    record,
                )


def _kept(rule: Retention) -> tuple[int, int, str]:
    return rule.years, rule.months, rule.starts


def _keep(name: str, years: int, *records: str) -> str:
    applies = ", ".join(f'"{record}"' for record in records)
    return rule(f"retention.{name}", f'applies_to = [{applies}]\nkeep = {{ years = {years}, from = "year-end" }}')


CHECK = Check(
    id="contradiction-retention",
    title=Text("同一记录的不同保存期限", "One kind of record kept for different times"),
    severity=Severity.ERROR,
    run=_contradicting,
    firing=(FILE + _keep("a", 1, "letter", "map") + _keep("b", 2, "map"),),
    silent=(FILE + _keep("a", 1, "letter") + _keep("b", 2, "map"), FILE + _keep("a", 1, "map") + _keep("b", 1, "map")),
)
