"""Parts of conditions that always hold where the rest does, or whatever a property says."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.kernel.text import Text
from compliance.rulebase.linting.base import Check, Seen, Setting, Severity
from compliance.rulebase.linting.conditions import domains_of, shown, standing
from compliance.rulebase.linting.examples import DEALS, FILE, finding
from compliance.rulebase.linting.reasoning import Claim, Compared, Domains, Given, claims_of, follows, possible
from compliance.rulebase.schema import Finding


def _idle(setting: Setting) -> Iterator[Seen]:
    for found in setting.base.of(Finding):
        domains = domains_of(setting, found.when)
        claims = [claim for pattern in found.when for claim in claims_of(pattern)]
        if domains is None or not possible([*standing(found.in_force, found.when), *claims], domains):
            continue
        for claim, why in _said_anyway(standing(found.in_force, found.when), claims, domains):
            text = shown(claim)
            place = f"{'.'.join(claim.place)} {claim.op if isinstance(claim, Compared) else 'given'}"
            yield Seen(found, Text(f"{text.zh}：{why.zh}", f"{text.en}: {why.en}"), at=place)


_BY_REST = Text("其余条件已包含它", "the rest of the condition says so already")
_ALWAYS = Text("只要有值就总是成立", "it holds whatever the property says")


def _said_anyway(standing_: list[Claim], claims: list[Claim], domains: Domains) -> Iterator[tuple[Claim, Text]]:
    """Claims that may be left out, each by what is left of the others."""
    left = list(claims)
    for claim in claims:
        rest = [*standing_, *(other for other in left if other is not claim)]
        if follows(claim, rest, domains):
            left = [other for other in left if other is not claim]
            yield claim, _BY_REST
        elif isinstance(claim, Compared) and follows(claim, [*_there(claim), *standing_], domains):
            yield claim, _ALWAYS


def _there(claim: Compared) -> Iterator[Claim]:
    yield Given(claim.place, there=True)
    if isinstance(claim.other, tuple):
        yield Given(claim.other, there=True)


CHECK = Check(
    id="condition-idle",
    title=Text("总是成立的条件", "A part of a condition that always holds"),
    severity=Severity.ERROR,
    run=_idle,
    firing=(
        FILE + DEALS + finding("late", '{ fact = "deal", amount = { gt = 0, gte = 5 } }'),
        FILE + DEALS + finding("late", '{ fact = "deal", missing = { gte = 0 } }'),
        FILE + DEALS + finding("late", '{ fact = "deal", done = { given = true, gt = { of = "due" } } }'),
        FILE + DEALS + finding("late", '{ fact = "deal", grade = { ne = "中" } }'),
        FILE + DEALS + finding("late", '{ fact = "deal", grade = "高", deal = { eq = { of = "grade" }, ne = "低" } }'),
        FILE + DEALS + finding("late", '{ fact = "deal", on = { gte = 2020-01-01 } }'),
    ),
    silent=(
        FILE + DEALS + finding("late", '{ fact = "deal", amount = { gt = 0, lte = 5 } }'),
        FILE + DEALS + finding("late", '{ fact = "deal", missing = { gt = 0 }, grade = { ne = "高" } }'),
        FILE + DEALS + finding("late", '{ fact = "deal", done = { given = true } }'),
    ),
)
