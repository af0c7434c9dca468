"""Which findings a document lists: by category of nonconformity, by chapter or clause, or all."""

from __future__ import annotations

import pytest

from compliance.rulebase.schema import FindingsShown

SHOWN = FindingsShown(categories=("C",), chapters=("7.2", "6.1.3"))


@pytest.mark.parametrize(
    ("category", "clause", "listed"),
    [
        ("C", "4.4.2 d)", True),
        ("B", "7.2", True),
        ("B", "7.2 a)", True),
        ("B", "6.1.3 b)", True),
        ("B", "7.21", False),
        ("B", "7.3", False),
        ("D", "6.1.30", False),
        ("D", "6.2.2 a)", False),
    ],
)
def test_a_category_or_a_chapter_is_enough_and_another_number_is_another_chapter(
    category: str, clause: str, *, listed: bool
) -> None:
    assert ((category, clause) in SHOWN) is listed
