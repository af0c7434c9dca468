"""Rules of one text as they are written, nothing held against each other."""

from __future__ import annotations

import tomllib

from compliance.rulebase import loader
from compliance.rulebase.parse.position import places
from compliance.rulebase.rulebase import RuleBase


def unchecked(text: str) -> RuleBase:
    rules, problems = loader._blocks("rules.toml", tomllib.loads(text), places(text))
    assert problems == [], [problem.message.en for problem in problems]
    return RuleBase(tuple(checked.rule for checked in rules))
