from __future__ import annotations

from datetime import date

import pytest

from compliance.core.model import PersonPeriod
from compliance.core.people import People, listed
from tests.core.world import row

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)


def period(
    account: str, posts: str | None, since: date, until: date | None, department: str = "安环部"
) -> PersonPeriod:
    return row(PersonPeriod, account=account, posts=posts, since=since, until=until, department=department)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (None, ()),
        ("", ()),
        ("、", ()),
        ("甲", ("甲",)),
        ("甲、乙", ("甲", "乙")),
        (" 甲 、 、乙、", ("甲", "乙")),
        ("甲,乙", ("甲,乙",)),
    ],
)
def test_a_cell_joins_values(cell: str | None, words: tuple[str, ...]) -> None:
    assert listed(cell) == words


@pytest.mark.parametrize(
    ("day", "holds"),
    [(date(2025, 12, 31), False), (FIRST, True), (LAST, True), (date(2026, 7, 1), False)],
)
def test_a_post_is_held_from_the_first_to_the_last_day(day: date, *, holds: bool) -> None:
    people = People([period("U1", "管理者代表、内审员", FIRST, LAST)])
    assert people.holds("U1", {"管理者代表"}, day) == holds
    assert people.department("U1", day) == ("安环部" if holds else None)


def test_no_last_day_means_no_end() -> None:
    people = People([period("U1", "管理者代表", FIRST, None)])
    assert people.holds("U1", ["管理者代表"], date(2099, 12, 31))


def test_any_of_the_words_will_do_and_a_part_of_a_word_will_not() -> None:
    people = People([period("U1", "碳管理员", FIRST, None)])
    assert people.holds("U1", {"碳管理负责人", "碳管理员"}, FIRST)
    assert not people.holds("U1", {"管理员"}, FIRST)
    assert not people.holds("U1", (), FIRST)


def test_without_posts_or_period_nothing_is_held() -> None:
    people = People([period("U1", None, FIRST, None)])
    assert not people.holds("U1", {"管理者代表"}, FIRST)
    assert not people.holds("U2", {"管理者代表"}, FIRST)
    assert people.department("U2", FIRST) is None


def test_a_handover_between_two_periods_changes_post_and_department_overnight() -> None:
    people = People(
        [
            period("U1", "管理者代表", FIRST, LAST, "一部"),
            period("U1", "内审员", date(2026, 7, 1), None, "二部"),
        ]
    )
    assert (people.department("U1", LAST), people.department("U1", date(2026, 7, 1))) == ("一部", "二部")
    assert people.holds("U1", {"管理者代表"}, LAST)
    assert not people.holds("U1", {"内审员"}, LAST)
    assert people.holds("U1", {"内审员"}, date(2026, 7, 1))
    assert not people.holds("U1", {"管理者代表"}, date(2026, 7, 1))


def test_two_persons_of_one_name_are_two_persons() -> None:
    cells = {"name": "王伟", "since": FIRST, "department": "一部"}
    people = People(
        [row(PersonPeriod, account="U1", posts="管理者代表", **cells), row(PersonPeriod, account="U2", **cells)]
    )
    assert people.holds("U1", {"管理者代表"}, FIRST)
    assert not people.holds("U2", {"管理者代表"}, FIRST)
