from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from compliance.rulebase.schema import Obligation, Post, Ref

if TYPE_CHECKING:
    from compliance.rulebase.rulebase import RuleBase
    from tests.rulebase.conftest import Loading

DAY = date(2026, 6, 1)


def test_rules_are_found_by_code_situation_and_id(small: RuleBase) -> None:
    assert [rule.id for rule in small.of_code("X-2")] == ["review", "review"]
    assert [rule.id for rule in small.of_situation("S-2")] == ["twice"]
    assert small.of_code("X-9") == ()
    assert [rule.kind for rule in small.named("deal")] == ["fact", "approval"]
    assert small.get(Obligation, "nothing", DAY) is None


def test_a_word_of_the_workbook_means_a_post(small: RuleBase) -> None:
    post = small.post_of_word("经办人", DAY)
    assert post is not None
    assert post.id == "clerk"
    assert small.post_of_word("门卫", DAY) is None
    assert small.post_of_word("经办人", date(2019, 1, 1)) is None


def test_only_rules_in_force_hold_on_a_day(small: RuleBase) -> None:
    assert len(small.in_force(Obligation, DAY)) == 4
    assert small.in_force(Post, date(2019, 12, 31)) == ()


def test_a_word_of_a_vocabulary(small: RuleBase) -> None:
    word = small.word("nonconformity-grade", "major", DAY)
    assert word is not None
    assert (word.zh, word.en) == ("严重", "major")
    assert small.word("nonconformity-grade", "none", DAY) is None
    assert small.word("nothing", "major", DAY) is None


def test_a_number_stands_in_the_rule_or_is_the_plants(small: RuleBase) -> None:
    assert small.number(40, {}) == 40
    assert small.number(Ref("days"), {}) == 10
    assert small.number(Ref("days"), {"DAYS": Decimal(7)}) == 7
    assert small.number(Ref("days"), {"DAYS": Decimal("7.5")}) == 7
    with pytest.raises(KeyError, match="dys"):
        small.number(Ref("dys"), {})


def test_a_demanded_number_cannot_be_loosened(small: RuleBase) -> None:
    loose = small.chosen("days", {"DAYS": Decimal(11)})
    assert (loose.value, loose.from_plant, loose.refused) == (Decimal(10), False, Decimal(11))
    strict = small.chosen("days", {"DAYS": Decimal(9)})
    assert (strict.value, strict.from_plant, strict.refused) == (Decimal(9), True, None)


def test_a_value_that_means_nothing_leaves_the_default(loading: Loading) -> None:
    base, problems = loading(("words.toml", 'demanded = "at-most"', "least = 3\nmost = 12"))
    assert base is not None, problems
    for own, holds in (("2", "10"), ("3", "3"), ("12", "12"), ("13", "10")):
        found = base.chosen("days", {"DAYS": Decimal(own)})
        assert (found.value, found.refused) == (Decimal(holds), None if found.from_plant else Decimal(own))
    _base, problems = loading(("words.toml", 'demanded = "at-most"', "most = 9"))
    assert ["between" in p.message.en for p in problems] == [True]


@pytest.mark.parametrize(
    ("demanded", "own", "holds"),
    [
        ('demanded = "at-least"', "9", "10"),
        ('demanded = "at-least"', "11", "11"),
        ("", "11", "11"),
        ("", "9", "9"),
    ],
)
def test_what_the_standard_leaves_open_is_the_plants_choice(
    demanded: str, own: str, holds: str, loading: Loading
) -> None:
    base, problems = loading(("words.toml", 'demanded = "at-most"', demanded))
    assert problems == ()
    assert base is not None
    assert base.chosen("days", {"DAYS": Decimal(own)}).value == Decimal(holds)
