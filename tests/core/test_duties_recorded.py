"""Events that people record, duties under conditions, the plant's own choices, and plants outside the scope."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from compliance.core.model import CompanyItem, Event, PlantFactor, Row
from compliance.core.obligations import occurrences_of
from compliance.rulebase.choosing import choices_of
from compliance.rulebase.schema import Obligation, OnEvent, Parameter, Ref, Vocabulary
from tests.core.world import made, row, seen, shipped

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2025, 3, 3)
ON = date(2025, 4, 20)


def says(item: str, content: str) -> Row:
    return row(CompanyItem, item=item, content=content)


def event(kind: str) -> Row:
    return row(Event, number="E", type=kind, on=DAY)


def _words(vocabulary: str) -> list[str]:
    return [w.zh for rule in shipped().of(Vocabulary) if rule.id == vocabulary for w in rule.words]


RAISING = {
    word: sorted(
        rule.id for rule in shipped().of(Obligation) if isinstance(rule.cadence, OnEvent) and word in rule.cadence.types
    )
    for word in _words("recorded-event-type")
}


@pytest.mark.parametrize("word", sorted(RAISING))
def test_every_recorded_event_raises_its_duties(word: str) -> None:
    profile = (says("水路运煤", "是"), says("使用替代燃料", "是"))
    base = shipped()
    data = seen(event(word), *profile, on=ON)
    before = {o.obligation for o in occurrences_of(seen(*profile, on=ON), base, {}, ON)}
    raised = [o for o in occurrences_of(data, base, {}, ON) if o.obligation not in before]
    assert sorted(o.obligation for o in raised) == RAISING[word] != []
    assert {o.period for o in raised} == {DAY.isoformat()}


def test_duties_of_events_name_words_that_can_be_recorded() -> None:
    known = {*_words("event-type"), *_words("recorded-event-type")}
    named = {t for rule in shipped().of(Obligation) if isinstance(rule.cadence, OnEvent) for t in rule.cadence.types}
    assert named <= known


#: Events of which a record of its own, or a case, raises the duty besides.
BY_RECORD = {"EV-12": {"change-tables", "compliance-report"}}


def test_each_of_the_twenty_two_events_has_its_duty() -> None:
    base = shipped()
    codes = {rule.code[:5] for rule in base.of(Obligation) if rule.code.startswith("EV-")}
    absent = {f"EV-{n:02}" for n in range(1, 23)} - codes
    assert absent == {"EV-02", "EV-05", "EV-12"} - codes
    assert BY_RECORD["EV-12"] <= {rule.id for rule in base.of(Obligation)}


@pytest.mark.shared
def test_the_thirty_eight_periodic_duties_of_the_catalogue_are_rules(shared: Path) -> None:
    text = (shared / "standard" / "requirements.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| (OB-[A-Z0-9]+) \|", text, re.MULTILINE))
    ours = {rule.code for rule in shipped().of(Obligation) if rule.code.startswith("OB-")}
    assert ours - listed == {"OB-HOL"}  # the working days of a year are no duty of the document
    assert listed <= ours


def test_a_condition_of_the_profile_decides() -> None:
    fuel = [made("C.6-D", *rows, on=ON) for rows in ((), (says("使用替代燃料", "否"),), (says("使用替代燃料", "是"),))]
    assert [bool(found) for found in fuel] == [False, False, True]
    group = [made("C.1-B", *rows, on=ON) for rows in ((), (says("集团成员企业", "否"),), (says("集团成员企业", "是"),))]
    assert [bool(found) for found in group] == [False, False, True]
    ship = [made("C.4-C", event("水运煤到货"), *rows, on=ON) for rows in ((), (says("水路运煤", "是"),))]
    assert [len(found) for found in ship] == [0, 1]


def test_a_plant_without_a_clinker_line_has_no_duties() -> None:
    base = shipped()
    for content, bound in (("否", False), ("是", True)):
        data = seen(says("有熟料生产线", content), event("政策重大调整"), on=ON)
        assert bool(occurrences_of(data, base, {}, ON)) is bound


def test_what_the_plant_chooses_moves_the_day() -> None:
    own = {"YEAR_PLAN_MONTH": 2, "YEAR_PLAN_DAY": 31}
    factors = [row(PlantFactor, code=code, value=n * 10**6) for code, n in own.items()]
    assert made("OB-Y5", on=ON)[0].due == date(2025, 3, 31)
    assert made("OB-Y5", *factors, on=ON)[0].due == date(2025, 2, 28)


def test_choices_are_named() -> None:
    base = shipped()
    (plan,) = base.of_code("OB-Y3")
    assert [c.en for c in choices_of(plan)] == ["the due day", "the approver"]
    (fixed,) = base.of_code("OB-M10")
    assert choices_of(fixed) == ()
    (days,) = [p for p in base.of(Parameter) if p.id == "event-days"]
    assert [c.zh for c in choices_of(days)] == ["数值（默认 30 d，代码 EVENT_DAYS）"]


def test_a_number_that_is_the_plants_choice_is_marked_where_it_decides_the_day() -> None:
    """A due day that rests on a free parameter says so; the standard's own numbers never do."""
    base = shipped()
    for rule in base.of(Obligation):
        members = [getattr(rule.due, name, 0) for name in ("month", "day", "days")]
        assert not any(isinstance(m, Ref) for m in members) or "due" in rule.choices, rule.id
