"""Controlled copies: numbered without gap, called back with their version, ended by one person or two."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from compliance.adapters.document_lists import SqlDocumentLists
from compliance.core.acts import PULSE
from compliance.core.cases import NoSuchCase
from compliance.core.copies import CopyState
from compliance.core.documents.copies import BadCopy, Copies, CopyOver, SameHand
from compliance.core.duties import MayNotTake
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Retention
from tests.adapters.test_cases import rules, world
from tests.adapters.test_documents import House, desk_of
from tests.adapters.test_readers import house, policy, signed

__all__ = ["house", "rules", "world"]

TEXT = "word/document.xml"


def copies(house: House) -> Copies:
    return Copies(house.desk)


def said(house: House, made: bytes) -> str:
    return house.desk.renderer.read(made, [TEXT])[TEXT]


def test_copies_are_numbered_marked_and_called_back_with_their_version(house: House) -> None:
    plant, person = house.world.plant, house.world.person
    name = policy(house)
    number = house.at(name).number
    with pytest.raises(MayNotTake):
        copies(house).give(plant, person("U5"), name, "化验室", "档案柜")
    for wrong in (("", "档案柜"), ("化验室", " "), ("a\nb", "c"), ("x" * 201, "c")):
        with pytest.raises(BadCopy):
            copies(house).give(plant, person("U3"), name, *wrong)
    given = [copies(house).give(plant, person("U3"), name, f"化验室{n}", "档案柜") for n in range(3)]
    assert [c.copy for c in given] == [1, 2, 3]
    stored = house.file(house.at(name).version.issued)
    assert "【受控副本 第 2 号 化验室1】" in said(house, copies(house).file(house.at(name), given[1]))
    assert "【打印件非受控】" in said(house, copies(house).uncontrolled(house.at(name)))
    assert house.file(house.at(name).version.issued) == stored
    copies(house).end(plant, person("U3"), number, 1, "lost", "搬迁时遗失")
    with pytest.raises(CopyOver):
        copies(house).end(plant, person("U3"), number, 1, "returned", "找到")
    with pytest.raises(NoSuchCase):
        copies(house).end(plant, person("U3"), number, 9, "returned", "x")
    with pytest.raises(BadCopy):
        copies(house).end(plant, person("U3"), number, 2, "eaten", "x")
    house.take("revise", "U3", name, reason="更正")
    signed(house, name.replace("A/0", "A/1"))
    lists = SqlDocumentLists(house.world.register.database)
    assert [row.state for row in lists.copies(plant)] == [CopyState.ENDED, CopyState.RECALLED, CopyState.RECALLED]
    with pytest.raises(Exception, match="issued"):
        copies(house).give(plant, person("U3"), name, "化验室", "档案柜")
    # One person is enough where no rule wants an approval of disposal.
    assert copies(house).end(plant, person("U3"), number, 2, "destroyed", "碎毁").over
    copies(house).end(plant, person("U3"), number, 3, "returned", "收回")
    assert {row.state for row in lists.copies(plant)} == {CopyState.ENDED}
    wanted = ["document:copy-give"] * 3 + ["document:copy-end"] * 3
    assert [a for a in house.actions() if "copy" in a] == wanted
    house.sound()
    with pytest.raises(DatabaseError), house.world.register.database.work() as connection:
        connection.execute(text("DELETE FROM document_copy"))


def test_two_persons_destroy_a_copy_where_disposal_is_approved(house: House, rules: RuleBase) -> None:
    plant, person = house.world.plant, house.world.person
    name = policy(house)
    number = house.at(name).number
    approved = tuple(
        replace(rule, disposal_approval="x") if isinstance(rule, Retention) else rule for rule in rules.rules
    )
    desk = desk_of(house.world)
    use = Copies(replace(desk, casework=replace(desk.casework, rulebase=RuleBase(approved))))
    use.give(plant, person("U3"), name, "化验室", "档案柜")
    ended = use.end(plant, person("U3"), number, 1, "destroyed", "碎毁")
    assert (ended.over, ended.state(version_ended=False)) == (False, CopyState.WITNESS)
    with pytest.raises(SameHand):
        use.witness(plant, person("U3"), number, 1)
    with pytest.raises(MayNotTake):
        use.witness(plant, person("U5"), number, 1)
    seen = use.witness(plant, person("U2"), number, 1)
    assert (seen.over, seen.second_by) == (True, "U2")
    with pytest.raises(CopyOver):
        use.witness(plant, person("U2"), number, 1)
    house.sound()


def test_pages_say_that_a_print_is_not_controlled_and_the_stored_file_says_nothing(house: House) -> None:
    name = policy(house)
    seen: list[bytes] = []

    def pages(made: bytes) -> bytes:
        seen.append(made)
        return b"%PDF-1.4 /Type /Page"

    replace(house.desk, pages=pages).make_pages(house.world.plant, name, PULSE)
    assert "【打印件非受控】" in said(house, seen[0])
    assert "【" not in house.text(name)
    house.sound()
