"""Whether the rules bind the plant of the page: what its banner says where they do not."""

from __future__ import annotations

from compliance.core.applicability import excluding
from compliance.rulebase.schema import Applicability
from compliance.web import access


def outside() -> tuple[Applicability, ...]:
    """The statements by which the plant lies outside; the plant's own statement has brought what it says of itself."""
    bundle = access.services()
    return excluding(access.card().profile, bundle.rules(), bundle.clock.today())
