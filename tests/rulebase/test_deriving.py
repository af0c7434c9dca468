"""A due day that argues: its steps as data lead where the due day itself leads, and name what lies between."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from compliance.rulebase.calendar import AfterCompletion, OfEvent, OfPeriod, OfRecordDay, Period, WorkCalendar
from compliance.rulebase.deriving import Derivation, Origin, Sources, StepKind, derive
from compliance.rulebase.schema import Calendar, Obligation, Parameter
from tests.judging import shipped

if TYPE_CHECKING:
    from compliance.rulebase.calendar import Anchor

CALENDAR = WorkCalendar(shipped().of(Calendar))


def derived(code: str, anchor: Anchor | str, **values: str) -> Derivation:
    """The derivation of the obligation of a code, by the shipped rules."""
    (rule, *_) = shipped().of_code(code)
    sources = Sources(shipped(), {name: Decimal(value) for name, value in values.items()})
    return derive(rule, OfPeriod(Period.parse(anchor)) if isinstance(anchor, str) else anchor, sources, CALENDAR)


def parts(found: Derivation, kind: StepKind) -> dict[str, Any]:
    (step,) = [s for s in found.steps if s.kind is kind]
    return {"day": step.day, **step.parts}


def test_forty_days_after_december_lie_inside_the_spring_festival() -> None:
    found = derived("OB-M40", "2026-12")
    assert [s.kind for s in found.steps] == list(StepKind)
    assert parts(found, StepKind.CLAUSE)["clause"] == "C.3 f)"
    assert parts(found, StepKind.START) == {
        "day": date(2026, 12, 31), "of": "period", "period": "2026-12", "first": date(2026, 12, 1),
    }  # fmt: skip
    assert parts(found, StepKind.OFFSET) == {"day": None, "value": 40, "unit": "day", "origin": "rule"}
    assert parts(found, StepKind.LEGAL)["day"] == date(2027, 2, 9)
    assert parts(found, StepKind.CALENDAR) == {"day": date(2027, 2, 9), "roll": "none", "moved": False}
    last = parts(found, StepKind.EFFECTIVE)
    assert last["day"] == date(2027, 2, 4)
    assert [(d["day"].day, d["holiday"].en) for d in last["crossed"]] == [
        (n, "Spring Festival") for n in (5, 6, 7, 8, 9)
    ]
    assert last["provisional"]
    assert [(n["year"], n["published"], n["checked"]) for n in last["notices"]] == [(2027, False, None)]


def test_day_ten_of_february_2027_lies_there_too() -> None:
    last = parts(derived("OB-M10", "2027-01"), StepKind.EFFECTIVE)
    assert (last["day"], len(last["crossed"]), last["provisional"]) == (date(2027, 2, 4), 6, True)


def test_a_make_up_day_is_worked_and_a_published_year_is_certain() -> None:
    last = parts(derived("OB-M10", "2026-09"), StepKind.EFFECTIVE)  # Saturday, 10 October 2026, is worked
    assert (last["day"], last["crossed"], last["provisional"]) == (date(2026, 10, 10), [], False)
    assert last["notices"][0]["number"] == "国办发明电〔2025〕7号"
    assert "gov.cn" in last["notices"][0]["checked"].en


@pytest.mark.parametrize(
    ("values", "origin", "value"),
    [({}, Origin.DEFAULT, 30), ({"EVENT_DAYS": "20"}, Origin.PLANT, 20)],
)
def test_a_number_says_whose_it_is(values: dict[str, str], origin: Origin, value: int) -> None:
    found = parts(derived("EV-01", OfEvent(date(2026, 1, 5)), **values), StepKind.OFFSET)
    assert found == {
        "day": None, "value": value, "unit": "day", "origin": origin.value,
        "parameter": "event-days", "code": "EVENT_DAYS",
    }  # fmt: skip


def test_a_rolling_one_counts_months_and_a_record_says_its_own_day() -> None:
    found = derived("OB-MR", AfterCompletion(date(2024, 2, 29)))
    assert parts(found, StepKind.OFFSET)["unit"] == "month"
    assert found.when.due == date(2025, 2, 28)
    assert parts(derived("OB-Y11", OfRecordDay(date(2026, 12, 31))), StepKind.LEGAL)["day"] == date(2026, 12, 31)


def test_one_day_or_month_is_one_in_english() -> None:
    seen = 0
    for rule in shipped().of(Obligation):
        for anchor in (OfPeriod(Period.parse("2026-12")), AfterCompletion(date(2026, 5, 1)), OfEvent(date(2026, 1, 5))):
            ones = {p.code: Decimal(1) for p in shipped().of(Parameter) if p.code}
            found = derive(rule, anchor, Sources(shipped(), ones), CALENDAR)
            said = " ".join([found.when.derivation.en, *(s.text.en for s in found.steps)])
            assert re.findall(r"(?<![0-9-])1 [a-z ]*(?:days|months|years)\b", said) == [], rule.id
            seen += len(re.findall(r"(?<![0-9-])1 (?:natural day|month|year)\b", said))
    assert seen > 5


def test_the_steps_lead_where_the_sentence_leads_for_every_rule() -> None:
    periods = {4: "2026", 7: "2026-12", 10: "2026-12-31"}
    walked = 0
    for rule in shipped().of(Obligation):
        for name in (*periods.values(), "2026-W53", "2026-Q4"):
            found = derive(rule, OfPeriod(Period.parse(name)), Sources(shipped(), {}), CALENDAR)
            by_kind = {s.kind: s.day for s in found.steps}
            assert by_kind[StepKind.CALENDAR] == found.when.due
            assert by_kind[StepKind.EFFECTIVE] == found.when.effective_workday
            assert str(by_kind[StepKind.LEGAL]) in found.when.derivation.zh
            walked += 1
    assert walked > 150


def test_every_day_off_of_the_shipped_tables_belongs_to_one_named_holiday() -> None:
    tables = shipped().of(Calendar)
    assert [t.year for t in tables if not t.holidays] == []
    assert all(CALENDAR.holiday(day) for t in tables for day in t.off)
    assert CALENDAR.holiday(date(2026, 2, 14)) is None  # worked, though the festival begins the day after
    assert {t.year for t in tables if t.published} == {t.year for t in tables if t.checked}


def test_the_tables_are_to_be_updated_every_year_after_the_notice() -> None:
    (rule,) = shipped().of_code("OB-HOL")
    found = derive(rule, OfPeriod(Period.parse("2026")), Sources(shipped(), {}), CALENDAR)
    assert found.when.due == date(2026, 12, 15)
    assert rule.owner
    assert rule.reminders.days_before
