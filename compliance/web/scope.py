"""Whether the rules bind the plant of the page: what its banner says where they do not."""

from __future__ import annotations

from compliance.core.applicability import excluding, item_words
from compliance.core.model import CompanyItem
from compliance.rulebase.schema import Applicability
from compliance.web import access


def outside() -> tuple[Applicability, ...]:
    """The statements by which the plant lies outside: one question to the register an item that they name."""
    bundle, plant = access.services(), access.card().plant
    rulebase, today = bundle.rules(), bundle.clock.today()
    words = item_words(rulebase, today)
    asked = {words.get(item, item) for rule in rulebase.in_force(Applicability, today) for item in rule.unless}
    rows = {word: bundle.lists.source(plant, CompanyItem.SHEET.table, (word,)) for word in sorted(asked)}
    profile = {word: str(row["content"]) for word, row in rows.items() if row is not None}
    return excluding(profile, rulebase, today)
