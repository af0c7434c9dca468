"""Whether the rules bind the plant of the page, and of which standard they are."""

from __future__ import annotations

from compliance.core.applicability import excluding
from compliance.rulebase.schema import Applicability, Rule, Standard
from compliance.web import access


def outside() -> tuple[Applicability, ...]:
    """The statements by which the plant lies outside; the plant's own statement has brought what it says of itself."""
    bundle = access.services()
    return excluding(access.card().profile, bundle.rules(), bundle.clock.today())


def standards() -> tuple[Standard, ...]:
    """The standards of the rule base in use, the main one first."""
    bundle = access.services()
    return bundle.rules().standards(bundle.clock.today())


def standard_of(rule: Rule) -> Standard | None:
    """The standard that a rule is of; None where the rule base does not say."""
    return next((one for one in standards() if one.pack == rule.pack), None)
