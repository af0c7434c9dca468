"""Reading a rule base for what is written correctly and cannot be meant: every check, and exceptions to it.

The loader refuses what is wrong in itself; here rules are held against each other. A check is one module with its
``CHECK``; each carries examples in which it speaks and in which it does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from compliance.rulebase.linting import (
    approvers,
    consequences,
    covered,
    due_days,
    gaps,
    idle,
    impossible,
    keeping,
    out_of_force,
    overlaps,
    taken_twice,
    unasked_facts,
    unknown_facts,
    unnamed,
)
from compliance.rulebase.linting.base import Check, Remark, Seen, Setting, Severity, remarks_of
from compliance.rulebase.linting.exceptions import excused
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import FactType, LintException

__all__ = ["CHECKS", "Check", "Remark", "Seen", "Setting", "Severity", "lint"]

#: Every check of a rule base alone, in the order in which people read them.
CHECKS: Final[tuple[Check, ...]] = tuple(
    module.CHECK
    for module in (
        *(overlaps, gaps, out_of_force, unknown_facts, unasked_facts, unnamed),
        *(due_days, keeping, approvers, consequences, taken_twice, impossible, idle, covered),
    )
)


def lint(base: RuleBase, catalogue: Mapping[str, FactType], checks: Sequence[Check] = CHECKS) -> tuple[Remark, ...]:
    """Everything that the checks say, the excused too, and what is wrong with the exceptions."""
    setting = Setting(base, catalogue)
    remarks = [remark for check in checks for remark in remarks_of(check, setting)]
    return excused(remarks, base.of(LintException))
