from __future__ import annotations

import pytest

from compliance.kernel.errors import CannotDecide, ComplianceError, Refused, WrongUse
from compliance.kernel.text import Text, counted


def test_a_text_says_itself_in_either_language() -> None:
    text = Text(zh="到期", en="due")
    assert (text.in_("zh"), text.in_("en")) == ("到期", "due")
    assert str(text) == "到期 / due"


def test_places_are_filled_in_both_languages() -> None:
    filled = Text(zh="{who} 于 {day}", en="{who} on {day}").fill(who=Text("张三", "Zhang San"), day=3)
    assert filled == Text(zh="张三 于 3", en="Zhang San on 3")


def test_what_is_filled_in_is_not_read_as_a_place_again() -> None:
    assert Text(zh="{a}", en="{a}").fill(a="{b}", b="no") == Text(zh="{b}", en="{b}")


def test_one_thing_is_said_in_the_singular_and_all_else_in_the_plural() -> None:
    assert [counted(n, "day") for n in (0, 1, 2, 1000)] == ["0 days", "1 day", "2 days", "1,000 days"]
    assert (counted(1, "duty", "duties"), counted(3, "duty", "duties")) == ("1 duty", "3 duties")


def test_a_place_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        Text(zh="{a}", en="x").fill(b=1)


class Late(Refused):
    code = "late"
    text = Text(zh="晚了 {days} 天", en="{days} days late")


def test_an_error_carries_its_message_in_both_languages_and_its_values() -> None:
    error = Late(days=3)
    assert error.message == Text("晚了 3 天", "3 days late")
    assert str(error) == "晚了 3 天 / 3 days late"
    assert error.values == {"days": 3}


def test_every_refusal_has_its_own_root_and_code() -> None:
    kinds = (WrongUse, Refused, CannotDecide)
    assert all(issubclass(kind, ComplianceError) for kind in kinds)
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert not any(issubclass(a, b) for a in kinds for b in kinds if a is not b)
