"""Reading a rule base with everything that the program knows: the checks of rules alone, and of words of the sheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from compliance.core.facts import CATALOGUE
from compliance.core.linting import words
from compliance.rulebase.linting import CHECKS as OF_RULES
from compliance.rulebase.linting import Check, Remark, Severity, lint
from compliance.rulebase.rulebase import RuleBase

__all__ = ["CHECKS", "Check", "Remark", "Severity", "lint_rules", "open_remarks"]

#: Every check of a rule base.
CHECKS: Final[tuple[Check, ...]] = (*OF_RULES, words.CHECK)


def lint_rules(base: RuleBase) -> tuple[Remark, ...]:
    """Everything that the checks say of a rule base, the excused too."""
    return lint(base, CATALOGUE, CHECKS)


def open_remarks(remarks: Sequence[Remark]) -> tuple[Remark, ...]:
    """What no exception excuses."""
    return tuple(remark for remark in remarks if not remark.excused_by)
