"""What comparing a document in force leans on: whether days still matter to it, and which tables it reads."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import TypeAlias

from compliance.core.controlled import DocumentAtHand
from compliance.core.documents.sets import kinds_of, last_day
from compliance.core.model import CompanyItem, PersonPeriod, Row
from compliance.core.plants import Plant
from compliance.rulebase.schema import Document

#: Which tables a plant's log has changed from one length to another; None where it does not tell, or more than rows.
Touched: TypeAlias = Callable[[Plant, int, int], Collection[str] | None]


def not_told(_plant: Plant, _since: int, _until: int) -> None:
    """Nothing is known of what the log has changed: everything may be otherwise."""


def kept_current(rule: Document, about: DocumentAtHand, today: date) -> bool:
    """Whether a document is kept as it would be drawn up today: the rule has it reviewed, and its time runs."""
    return rule.review_months is not None and not over_on(about, today)


def over_on(about: DocumentAtHand, day: date) -> bool:
    """Whether a document's time was over on a day: what it is compared with no longer depends on days then."""
    return day > last_day(about.document.kind, about.document.about)


def tables_of(rule: Document) -> frozenset[str]:
    """The tables that comparing a document of a rule reads: those of its data, and who and what the plant is."""
    kinds: list[type[Row]] = [PersonPeriod, CompanyItem, *kinds_of(rule)]
    return frozenset(kind.SHEET.table for kind in kinds)
