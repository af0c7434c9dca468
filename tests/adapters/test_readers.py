"""Who reads a document: named by the rule or the controller, asked for each version, confirming in person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from compliance.adapters.document_lists import SqlDocumentLists
from compliance.core.acts import PULSE
from compliance.core.cases import CaseKey
from compliance.core.controlled import DOCUMENT
from compliance.core.distribution import Coverage, Distribution, Reader, coverage_of, is_asked, readers_of
from compliance.core.documents.readers import BadParties, NoReason, NotAsked, NotToRead, Readers
from compliance.core.documents.standing import come_into_force
from compliance.core.duties import MayNotTake
from compliance.core.model import PersonPeriod
from compliance.core.notices.papers import paper_duties
from compliance.core.notices.posts import Holders
from compliance.core.people import Absence
from compliance.rulebase.rulebase import RuleBase
from tests.adapters.conftest import act
from tests.adapters.test_cases import TODAY, World, rules, world
from tests.adapters.test_documents import House, desk_of

__all__ = ["rules", "world"]

POLICY = "carbon-policy"
#: Who signs a policy: the department draws up, the representative reviews, the top management approves.
WAY = [("submit", "U3"), ("review", "U2"), ("approve", "U1")]


def period(
    account: str, posts: str, since: date, until: date | None = None, department: str = "碳管理部"
) -> PersonPeriod:
    return PersonPeriod(account=account, name=account, department=department, posts=posts, since=since, until=until)


def asked(*parties: str, days: int = 10, on: date = date(2026, 3, 1)) -> Distribution:
    return Distribution(number="POL-2026-01", place=0, parties=parties, days=days, asked=on)


# --- who is asked ----------------------------------------------------------------------------------


def test_posts_departments_and_persons_are_asked_from_when_they_belong(rules: RuleBase) -> None:
    first = date(2024, 1, 1)
    people = [
        period("A", "碳管理员", first),
        period("B", "校核员、内审员", first, date(2026, 3, 9)),
        period("B", "校核员", date(2026, 3, 10)),
        period("C", "校核员", date(2026, 3, 5)),
        period("D", "校核员", first, date(2026, 3, 4)),
        period("E", "", first, department="财务部"),
        period("F", "", first),
        period("G", "校核员", first, date(2025, 1, 1)),
        period("G", "校核员", date(2026, 3, 8)),
    ]
    on = date(2026, 3, 10)

    def due(*parties: str) -> dict[str, date]:
        return {r.account: r.due for r in readers_of(asked(*parties), people, {}, rules, on)}

    ten = date(2026, 3, 11)
    assert due("post:checker") == {"B": ten, "C": date(2026, 3, 15), "G": date(2026, 3, 18)}
    assert due("department:财务部", "person:F") == {"E": ten, "F": ten}
    assert set(due("everyone")) == {"A", "B", "C", "E", "F", "G"}
    assert due() == {}
    assert readers_of(replace(asked("everyone"), asked=None), people, {}, rules, on) == []
    assert is_asked(asked("post:checker"), people[1:3], rules, on)
    assert not is_asked(asked("post:checker"), people[:1], rules, on)


def test_coverage_is_never_rounded_up_to_all() -> None:
    day = date(2026, 3, 1)
    readers = [Reader(str(n), "", "", "", day, day, confirmed=n > 0) for n in range(200)]
    covered = coverage_of(readers, day + timedelta(1))
    assert (covered, covered.percent) == (Coverage(200, 199, 1), 99)
    assert coverage_of(readers, day).late == 0
    assert coverage_of([], day).percent is None


# --- on the register -------------------------------------------------------------------------------


@pytest.fixture
def house(world: World) -> House:
    return House(world, desk_of(world))


def policy(house: House, effective: date = TODAY, *, issue: bool = True) -> str:
    """A policy drawn up and signed; issued unless not."""
    desk, plant = house.desk, house.world.plant
    name = desk.open(plant, house.world.person("U3"), POLICY, "").object_id
    return signed(house, name, effective, issue=issue)


def signed(house: House, name: str, effective: date = TODAY, *, issue: bool = True) -> str:
    house.draft()
    for step, account in WAY:
        house.take(step, account, name)
    if issue:
        house.issue(name, effective.isoformat())
    return name


def readers(house: House, on: date = TODAY) -> Readers:
    return Readers(desk_of(house.world, at=on))


def asked_of(house: House, name: str, on: date = TODAY) -> list[Reader]:
    found = house.at(name)
    with house.world.register.read() as reads:
        rule = house.desk.rule(POLICY)
        return list(readers(house, on).asking(reads, house.world.plant, found.version, rule).readers)


def test_every_reader_confirms_each_version_for_himself(house: House) -> None:
    plant, person = house.world.plant, house.world.person
    name = policy(house, issue=False)
    with pytest.raises(NotToRead):
        readers(house).confirm(plant, person("U5"), name)
    house.issue(name)
    assert [r.account for r in asked_of(house, name)] == [f"U{n}" for n in range(1, 10)]  # U0 has left
    assert {r.due for r in asked_of(house, name)} == {TODAY + timedelta(30)}
    reading = readers(house).confirm(plant, person("U5"), name)
    assert (reading.account, reading.read) == ("U5", house.at(name).version.issued)
    leaves = len(house.actions())
    assert readers(house).confirm(plant, person("U5"), name) == reading
    assert len(house.actions()) == leaves
    with pytest.raises(NotAsked):
        readers(house).confirm(plant, person("U5"), name, "U6")
    with pytest.raises(NotAsked):
        readers(house).confirm(plant, person("U0"), name)
    assert house.actions()[-3:] == ["document:read", "document:refused", "document:refused"]
    (paper,) = SqlDocumentLists(house.world.register.database).in_force(plant)
    assert paper.confirmed == {"U5"}
    # The next version asks again.
    house.take("revise", "U3", name, reason="更正")
    second = signed(house, "POL-2026-01/A/1" if "POL" in name else name.replace("A/0", "A/1"))
    assert not any(r.confirmed for r in asked_of(house, second))
    with pytest.raises(NotToRead):
        readers(house).confirm(plant, person("U6"), name)
    house.sound()


def test_a_confirmation_is_kept_as_it_was_given(house: House) -> None:
    name = policy(house)
    readers(house).confirm(house.world.plant, house.world.person("U5"), name)
    for change in ("DELETE FROM document_reading", "UPDATE document_reading SET account = 'U6'"):
        with pytest.raises(DatabaseError), house.world.register.database.work() as connection:
            connection.execute(text(change))
    house.sound()


def test_who_gets_a_post_later_is_asked_then_and_late_only_then(house: House) -> None:
    name, later = policy(house), TODAY + timedelta(40)
    new = period("U20", "校核员", later)
    with house.world.register.work() as work:
        work.insert_rows(house.world.plant, {PersonPeriod: [new]})
        work.record(act(), house.world.plant)
    found = {r.account: r for r in asked_of(house, name, later)}
    assert found["U20"].due == later + timedelta(30)
    assert found["U5"].late(later)
    assert not found["U20"].late(later)


def test_the_controller_names_other_readers_with_a_reason(house: House) -> None:
    plant, person = house.world.plant, house.world.person
    name, controller = policy(house, issue=False), person("U9", "document-controller")
    with pytest.raises(MayNotTake):
        readers(house).name(plant, person("U6"), name, ["everyone"], "因为")
    with pytest.raises(NoReason):
        readers(house).name(plant, controller, name, ["everyone"], " ")
    for wrong in ("post:nobody", "department:无此部门", "person:U0", "all", "post:"):
        with pytest.raises(BadParties):
            readers(house).name(plant, controller, name, [wrong], "因为")
    with pytest.raises(BadParties):
        readers(house).name(plant, controller, name, ["everyone"], "因为", days=0)
    readers(house).name(plant, controller, name, ["post:checker", "person:U6", "post:checker"], "只发有关岗位", days=5)
    house.issue(name)
    assert {r.account: r.due for r in asked_of(house, name)} == dict.fromkeys(["U5", "U6"], TODAY + timedelta(5))
    assert "document:readers" in house.actions()
    readers(house).name(plant, controller, name, ["post:checker"], "再收窄")
    assert [r.account for r in asked_of(house, name)] == ["U5"]
    house.sound()


def test_a_deputy_confirms_only_where_the_rule_says_so(house: House) -> None:
    plant, person = house.world.plant, house.world.person
    name = policy(house)
    away = Absence(
        id=0, absent="U5", deputy="U6", since=TODAY, until=TODAY, reason="休假", set_by="x", set_at="2026-03-01"
    )
    with house.world.register.work() as work:
        work.add_absence(plant, away)
        work.record(act(), plant)
    with pytest.raises(NotAsked):
        readers(house).confirm(plant, person("U6"), name, "U5")
    with house.world.register.work() as work:
        known = work.distribution(plant, house.at(name).number, 0)
        assert known is not None
        work.save_distribution(plant, replace(known, deputies=True))
        work.record(act(), plant)
    reading = readers(house).confirm(plant, person("U6"), name, "U5")
    assert (reading.account, reading.acted_by) == ("U5", "U6")


# --- planned days, periodic review, who is told ---------------------------------------------------


def test_a_planned_version_waits_is_marked_and_holds_from_its_day(house: House) -> None:
    day = TODAY + timedelta(5)
    name = policy(house, day)
    version = house.at(name).version
    assert version.waits(TODAY)
    assert not version.waits(day)
    copy = house.desk.marked_copy(house.at(name))
    said = house.desk.renderer.read(copy, ["word/document.xml"])["word/document.xml"]
    assert f"待生效（自 {day.isoformat()} 起生效）" in said
    assert readers(house).confirm(house.world.plant, house.world.person("U5"), name).account == "U5"
    house.sound()


def test_a_review_keeps_revises_or_withdraws_and_sets_the_next_day(house: House) -> None:
    name = policy(house)
    assert house.at(name).version.review_due == date(2027, 3, 2)
    year = date(2027, 2, 1)
    later = replace(house, desk=desk_of(house.world, at=year))
    for who in ("U5", "U1"):
        with pytest.raises(MayNotTake):
            later.take("review-keep", who, name, reason="仍适用")
    with pytest.raises(MayNotTake):
        later.take("review-keep", "U3", name)
    later.take("review-keep", "U3", name, reason="仍适用")
    version = house.at(name).version
    assert (version.state, version.review_due) == ("issued", date(2028, 2, 1))
    later.take("review-revise", "U2", name, reason="目标更新")
    assert [(v.label, v.state) for v in house.at(name).versions] == [("A/0", "revising"), ("A/1", "draft")]
    later.take("discard", "U3", f"{version.number}/A/1", reason="暂缓")
    later.take("review-withdraw", "U3", name, reason="不再需要")
    with pytest.raises(MayNotTake):
        later.take("withdraw", "U3", name)
    later.take("withdraw", "U1", name)
    assert (house.at(name).version.state, house.at(name).version.review_due) == ("withdrawn", None)
    later.sound()


def test_a_version_issued_before_there_were_reviews_gets_its_day(house: House) -> None:
    name = policy(house)
    with house.world.register.work() as work:
        work.save_version(house.world.plant, replace(house.at(name).version, review_due=None))
        work.record(act(), house.world.plant)
    assert come_into_force(house.desk, house.world.plant, PULSE) == [name]
    assert house.at(name).version.review_due == date(2027, 3, 2)
    assert come_into_force(house.desk, house.world.plant, PULSE) == []
    assert house.actions()[-1] == "document:review-day"


def test_readers_and_reviewers_are_told(house: House, rules: RuleBase) -> None:
    name = policy(house)
    readers(house).confirm(house.world.plant, house.world.person("U5"), name)
    with house.world.register.read() as reads:
        papers = reads.in_force(house.world.plant)
        people = [
            p for p in reads.tables(house.world.plant, [PersonPeriod])[PersonPeriod] if isinstance(p, PersonPeriod)
        ]
    holders = Holders(people, rules, TODAY)
    duties = list(paper_duties(papers, people, rules, holders, TODAY))
    told = {(duty.key.object_id, who) for duty in duties for who in duty.owners}
    number = house.at(name).number
    assert told == {(name, f"U{n}") for n in (1, 2, 3, 4, 6, 7, 8, 9)} | {(number, "U3"), (number, "U4")}
    # While it is revised it is no longer to be reviewed.
    house.take("revise", "U3", name, reason="更正")
    with house.world.register.read() as reads:
        papers = reads.in_force(house.world.plant)
    duties = list(paper_duties(papers, people, rules, holders, TODAY))
    assert number not in {duty.key.object_id for duty in duties}
    assert CaseKey(DOCUMENT, name) in {duty.key for duty in duties}
