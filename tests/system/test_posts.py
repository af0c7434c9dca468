"""An administrator begins and ends a post between two workbooks: checked like a row of the sheet, one act."""

from __future__ import annotations

from datetime import timedelta

import pytest

from compliance.bootstrap.installation import OPERATOR, Installation
from compliance.bootstrap.usecases import PostRefused, check_store, enter_post
from compliance.core.duties import people_of
from compliance.core.imports import Entry
from tests.system.conftest import TODAY


def test_a_post_ends_and_another_begins(installation: Installation) -> None:
    with installation.register.read() as reads:
        plant = reads.plants()[0]
        people = people_of(reads, plant)
    assert people.posts("U004", TODAY) == ("碳管理员",)
    yesterday = TODAY - timedelta(days=1)
    since = min(people.turns("U004")).isoformat()
    department = people.department("U004", TODAY) or ""
    old = {"account": "U004", "name": people.name("U004"), "department": department, "posts": "碳管理员"}
    ended = Entry("person_period", old | {"since": since, "until": yesterday.isoformat()}, "调岗")
    begun = Entry("person_period", old | {"since": TODAY.isoformat(), "posts": "内审员"}, "任命")
    enter_post(installation, plant, ended, OPERATOR)
    enter_post(installation, plant, begun, OPERATOR)
    with installation.register.read() as reads:
        now = people_of(reads, plant)
    assert (now.posts("U004", yesterday), now.posts("U004", TODAY)) == (("碳管理员",), ("内审员",))
    assert now.posts("U003", TODAY) == people.posts("U003", TODAY)
    assert check_store(installation, deep=True).ok


def test_a_period_that_ends_before_it_begins_is_refused(installation: Installation) -> None:
    with installation.register.read() as reads:
        plant = reads.plants()[0]
    values = {"account": "U004", "name": "x", "since": TODAY.isoformat(), "until": "2020-01-01", "posts": "内审员"}
    with pytest.raises(PostRefused):
        enter_post(installation, plant, Entry("person_period", values, "x"), OPERATOR)
