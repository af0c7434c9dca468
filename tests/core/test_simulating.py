"""Looking ahead: counts by post, person and month, vacancies, deputies, what is projected; nothing is stored."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from compliance.core.looking import own_values
from compliance.core.model import Instrument, InstrumentCheck, PersonPeriod
from compliance.core.obligations import occurrences_of
from compliance.core.people import Absence
from compliance.core.simulating import ACTIONS, OVERDUE, Action, Known, Simulation, last_day, simulate, told
from compliance.kernel.quantity import MICRO
from compliance.kernel.text import Text
from tests.core.world import made, plant, row, seen, shipped

DAY = date(2026, 11, 26)
UNTIL = last_day(DAY, 12)


def person(account: str, posts: str, since: date = date(2020, 1, 1), until: date | None = None) -> PersonPeriod:
    return row(PersonPeriod, account=account, name=f"{account}名", department="碳管理部", posts=posts,
               since=since, until=until)  # fmt: skip


def ahead(*people: PersonPeriod, **known: Any) -> Simulation:
    data = seen(*people, on=DAY)
    values = own_values(data)
    given = {"occurrences": occurrences_of(data, shipped(), values, UNTIL), **known}
    return simulate(Known(plant=plant(), periods=people, values=values, **given), shipped(), DAY, UNTIL)


def test_the_span_ends_on_the_day_before_the_same_day() -> None:
    assert last_day(date(2026, 1, 1), 12) == date(2026, 12, 31)
    assert last_day(date(2024, 2, 29), 12) == date(2025, 2, 27)


def test_everything_open_within_the_span_is_counted_once() -> None:
    found = ahead()
    counted = sum(n for row in found.by_post().values() for n in row.values())
    assert counted == sum(not item.daily for item in found.items) > 100
    assert all(item.due <= UNTIL for item in found.items)
    assert {item.column for item in found.items} <= {OVERDUE, *found.months}
    assert found.months[0] == "2026-11"
    assert found.months[-1] == "2027-11"


def test_nobody_holds_a_post_that_nobody_was_given() -> None:
    found = ahead()
    assert all(post.vacant_from == DAY for post in found.posts)
    assert set(found.by_person()) == {""}


def test_the_end_of_a_post_is_seen_before_it_comes() -> None:
    found = ahead(person("A", "最高管理者", until=date(2027, 3, 31)))
    (post,) = [p for p in found.posts if p.post == "top-management"]
    assert [(h.since, h.until, h.persons) for h in post.held] == [
        (DAY, date(2027, 3, 31), ("A",)),
        (date(2027, 4, 1), UNTIL, ()),
    ]
    assert post.vacant_from == date(2027, 4, 1)


def test_a_successor_leaves_no_gap_and_an_absence_adds_the_deputy() -> None:
    away = Absence(id=1, absent="B", deputy="A", since=date(2027, 2, 1), until=date(2027, 2, 28), reason="",
                   set_by="", set_at="")  # fmt: skip
    found = ahead(
        person("A", "最高管理者", until=date(2026, 12, 31)),
        person("A", "", since=date(2027, 1, 1)),
        person("B", "最高管理者", since=date(2027, 1, 1)),
        absences=(away,),
    )
    (post,) = [p for p in found.posts if p.post == "top-management"]
    assert post.vacant_from is None
    assert [h.persons for h in post.held] == [("A",), ("B",), ("B", "A"), ("B",)]
    assert found.absences == (away,)
    within = [i for i in found.items if i.post == "top-management" and i.due.month == 2]
    assert all(i.persons == ("B", "A") for i in within)


def test_reviews_beyond_the_next_are_projected_and_marked() -> None:
    until = last_day(DAY, 36)
    (open_one,) = made("OB-MR", on=DAY, start=date(2026, 9, 1), until=until)
    known = Known(plant=plant(), occurrences=[open_one], periods=(), values={})
    found = simulate(known, shipped(), DAY, until)
    assert [(i.due, i.projected) for i in found.items] == [
        (date(2027, 9, 1), False),
        (date(2028, 9, 1), True),
        (date(2029, 9, 1), True),
    ]


def test_a_certificate_is_renewed_by_the_cycle_of_its_instrument() -> None:
    scale = row(Instrument, number="S1", key_instrument="否", commissioned=date(2020, 1, 1), cycle=4 * MICRO)
    check = row(InstrumentCheck, number="C1", instrument="S1", type="检定", on=date(2026, 10, 1), result="合格",
                valid_until=date(2027, 1, 31))  # fmt: skip
    occurrences = made("OB-CAL", scale, check, on=DAY, until=UNTIL)
    known = Known(plant=plant(), occurrences=occurrences, periods=(), instruments=[scale], values={})
    found = simulate(known, shipped(), DAY, UNTIL)
    assert [(i.due, i.projected) for i in found.items] == [
        (date(2027, 1, 31), False),
        (date(2027, 5, 30), True),
        (date(2027, 9, 29), True),
    ]


def test_actions_belong_to_their_owner_and_late_ones_stand_apart() -> None:
    actions = [Action("NC-1", Text("甲", "A"), date(2026, 11, 1), "U1"), Action("NC-2", Text("乙", "B"), UNTIL, None)]
    found = ahead(occurrences=[], actions=actions)
    assert found.by_post() == {ACTIONS: Counter({OVERDUE: 1, "2027-11": 1})}
    assert found.by_person() == {"U1": Counter({OVERDUE: 1}), "": Counter({"2027-11": 1})}


def test_programs_read_totals_that_add_up() -> None:
    said: Any = told(ahead(person("A", "最高管理者")), lambda post: Text(post, post))
    for line in (*said["posts"], said["actions"], *said["persons"]):
        assert line["total"] == line["overdue"] + sum(line["months"].values())
    assert sum(line["total"] for line in said["posts"]) == sum(not i["daily"] for i in said["items"])
