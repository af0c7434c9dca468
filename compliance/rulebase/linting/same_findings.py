"""Findings side by side: which condition holds wherever another one does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from compliance.rulebase.check_wordings import share_days
from compliance.rulebase.linting.base import Setting
from compliance.rulebase.linting.conditions import domains_of, named_alike, standing
from compliance.rulebase.linting.reasoning import claims_of, follows, possible
from compliance.rulebase.schema import Finding


def covering(setting: Setting) -> Iterator[tuple[Finding, Finding]]:
    """Pairs of findings over one fact: wherever the first one fires on days that both hold, the second does as well."""
    by_fact: dict[str, list[Finding]] = {}
    for found in setting.base.of(Finding):
        if len(found.when) == 1:
            by_fact.setdefault(found.when[0].fact, []).append(found)
    for group in by_fact.values():
        for narrow, wide in permutations(group, 2):
            if narrow.id != wide.id and share_days(narrow, wide) and _covers(setting, narrow, wide):
                yield narrow, wide


def _covers(setting: Setting, narrow: Finding, wide: Finding) -> bool:
    patterns = [named_alike(narrow.when[0]), named_alike(wide.when[0])]
    domains = domains_of(setting, patterns)
    if domains is None:
        return False
    own = [*standing(narrow.in_force, patterns[:1]), *claims_of(patterns[0])]
    return possible(own, domains) and all(follows(claim, own, domains) for claim in claims_of(patterns[1]))
