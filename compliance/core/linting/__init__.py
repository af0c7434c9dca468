"""Reading a rule base with everything that the program knows: the checks of rules alone, and of words of the sheets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from compliance.core.facts import CATALOGUE
from compliance.core.linting import words
from compliance.rulebase.linting import CHECKS as OF_RULES
from compliance.rulebase.linting import Check, Remark, Severity, lint
from compliance.rulebase.rulebase import RuleBase

__all__ = ["CHECKS", "Check", "Remark", "Severity", "lint_rules", "open_remarks", "told_remark"]

#: Every check of a rule base.
CHECKS: Final[tuple[Check, ...]] = (*OF_RULES, words.CHECK)


def lint_rules(base: RuleBase) -> tuple[Remark, ...]:
    """Everything that the checks say of a rule base, the excused too."""
    return lint(base, CATALOGUE, CHECKS)


def told_remark(remark: Remark) -> dict[str, object]:
    """A remark as plain JSON."""
    shape: dict[str, object] = {
        name: getattr(remark, name) for name in ("check", "rule", "beside", "at", "file", "line")
    }
    texts = {"title": remark.title, "message": remark.message}
    both = {name: {"zh": text.zh, "en": text.en} for name, text in texts.items()}
    return {**shape, "severity": remark.severity.value, **both}


def open_remarks(remarks: Sequence[Remark]) -> tuple[Remark, ...]:
    """What no exception excuses."""
    return tuple(remark for remark in remarks if not remark.excused_by)
