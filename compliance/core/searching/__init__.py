"""Finding things by their words: over the register's texts and the rule base, with an index that is only a cache."""

from __future__ import annotations

from compliance.core.searching.entries import (
    ANY_DAY,
    BETWEEN,
    DAY_AT,
    NO_PLANT,
    OF_RULES,
    Changed,
    Days,
    Entry,
    IndexBusy,
    Key,
    Kind,
    SearchIndex,
    SearchTexts,
    case_of,
    key_at,
)
from compliance.core.searching.finding import PAGE, Hit, Search
from compliance.core.searching.words import Piece, Question, question, units

__all__ = [
    "ANY_DAY",
    "BETWEEN",
    "DAY_AT",
    "NO_PLANT",
    "OF_RULES",
    "PAGE",
    "Changed",
    "Days",
    "Entry",
    "Hit",
    "IndexBusy",
    "Key",
    "Kind",
    "Piece",
    "Question",
    "Search",
    "SearchIndex",
    "SearchTexts",
    "case_of",
    "key_at",
    "question",
    "units",
]
