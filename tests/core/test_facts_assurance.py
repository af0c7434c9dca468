"""Audits, management reviews, recorded nonconformities, and occurrences as facts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compliance.core.facts import CATALOGUE, fact_types
from compliance.core.model import Filing, ImportedNonconformity, Instrument, InstrumentCheck, PersonPeriod, Review
from compliance.core.obligations import READERS
from compliance.rulebase.admission import check_facts
from compliance.rulebase.schema import FactRule, Obligation
from tests.core.world import KEY, altered, fact, facts, row, shipped

ON = date(2026, 6, 30)
D = date(2026, 3, 10)


def person(account: str, department: str, posts: str | None = None, **cells: Any) -> PersonPeriod:
    return row(
        PersonPeriod, account=account, department=department, posts=posts, **({"since": date(2020, 1, 1)} | cells)
    )


# --- internal audits -------------------------------------------------------------------------------------------------


def audit(**cells: Any) -> Review:
    given = {"type": "内部审核", "planned": D, "started": D, "chair": "a", "auditors": "b、c", "department": "生产部"}
    return row(Review, number="N1", **(given | cells))


STAFF = [person("a", "质检部"), person("b", "安环部"), person("c", "生产部"), person("d", "生产部")]


@pytest.mark.parametrize(
    ("cells", "count"),
    [
        ({}, 1),
        ({"auditors": "b"}, 0),
        ({"auditors": "c、d"}, 2),
        ({"auditors": "c、c"}, 1),
        ({"chair": "c", "auditors": "c"}, 1),
        ({"chair": "d"}, 2),
        ({"chair": None, "auditors": None}, 0),
        ({"chair": "nobody", "auditors": "b"}, 0),
        ({"department": None}, None),
        ({"department": "安环部"}, 1),
        ({"completed": None}, 1),
    ],
)
def test_auditors_of_the_audited_department_are_counted(cells: dict[str, Any], count: int | None) -> None:
    found = fact("internal-audit", audit(**cells), *STAFF, on=ON)
    assert found["auditors_of_department"] == count
    assert (found["number"], found["on"], found["started"]) == ("N1", D, D)


@pytest.mark.parametrize(("start", "count"), [(date(2026, 3, 9), 1), (D, 0)])
def test_the_department_on_the_day_of_the_start_counts(start: date, count: int) -> None:
    moves = [person("b", "生产部", until=date(2026, 3, 9)), person("b", "安环部", since=D)]
    found = fact("internal-audit", audit(auditors="b", chair=None, started=start), *moves, on=ON)
    assert found["auditors_of_department"] == count


@pytest.mark.parametrize(
    ("planned", "on", "seen"),
    [(None, ON, None), (D, ON, D), (date(2026, 3, 11), ON, date(2026, 3, 11)), (date(2026, 3, 11), D, None)],
)
def test_the_day_of_the_plan_is_told_as_it_was_known(planned: date | None, on: date, seen: date | None) -> None:
    assert fact("internal-audit", audit(planned=planned), on=on)["planned"] == seen


@pytest.mark.parametrize("cells", [{"started": None}, {"type": "数据内审"}, {"started": date(2026, 7, 1)}])
def test_only_internal_audits_that_have_started_are_judged(cells: dict[str, Any]) -> None:
    assert facts("internal-audit", audit(**cells), on=ON) == []


# --- management reviews ----------------------------------------------------------------------------------------------

_CONTENTS = {f"input_{letter}": "有" for letter in "abcdefghi"} | {f"output_{letter}": "有" for letter in "abcd"}


def review(**cells: Any) -> Review:
    given = {"type": "管理评审", "started": date(2026, 3, 1), "completed": D, "chair": "z"} | _CONTENTS | cells
    return row(Review, number="G1", **given)


@pytest.mark.parametrize(
    ("chair", "posts", "since", "holds"),
    [
        ("z", "最高管理者", date(2020, 1, 1), True),
        ("z", "最高管理者", D, True),
        ("z", "最高管理者", date(2026, 3, 11), False),
        ("z", "管理者代表", date(2020, 1, 1), False),
        (None, "最高管理者", date(2020, 1, 1), False),
        ("y", "最高管理者", date(2020, 1, 1), False),
    ],
)
def test_the_chair_holds_the_post_on_the_day_of_completion(
    chair: str | None, posts: str, since: date, *, holds: bool
) -> None:
    found = fact("held-management-review", review(chair=chair), person("z", "一部", posts, since=since), on=ON)
    assert (found["chair_holds_post"], found["chair"], found["completed"]) == (holds, chair, D)


@pytest.mark.parametrize(
    ("cells", "inputs", "outputs"),
    [
        ({}, 0, 0),
        ({"input_a": None}, 1, 0),
        ({"input_i": None, "input_e": "无"}, 2, 0),
        ({"output_d": None}, 0, 1),
        (dict.fromkeys(_CONTENTS), 9, 4),
    ],
)
def test_what_the_review_lacks_is_counted(cells: dict[str, Any], inputs: int, outputs: int) -> None:
    found = fact("held-management-review", review(**cells), on=ON)
    assert (found["missing_inputs"], found["missing_outputs"]) == (inputs, outputs)


@pytest.mark.parametrize("cells", [{"completed": None}, {"completed": date(2026, 7, 1)}, {"type": "合规性评价"}])
def test_only_completed_management_reviews_are_judged(cells: dict[str, Any]) -> None:
    assert facts("held-management-review", review(**cells), on=ON) == []


def test_the_inputs_asked_for_stand_in_the_rules(tmp_path: Path) -> None:
    rules = altered(tmp_path, "facts.toml", ('"g", "h", "i"]', '"g", "h"]'))
    one = review(input_i=None)
    assert fact("held-management-review", one, on=ON)["missing_inputs"] == 1
    assert fact("held-management-review", one, on=ON, rules=rules)["missing_inputs"] == 0


# --- recorded nonconformities ----------------------------------------------------------------------------------------


def nonconformity(number: str = "B1", **cells: Any) -> ImportedNonconformity:
    given = {"category": "C", "cause_code": "RC-1", "recorded": D, "owner": "a", "state": "实施中"} | cells
    return row(ImportedNonconformity, number=number, **given)


def recorded(one: ImportedNonconformity, *others: ImportedNonconformity, on: date = ON) -> dict[str, Any]:
    found = facts("recorded-nonconformity", one, *others, on=on)
    return next(f for f in found if f["number"] == one.number)


@pytest.mark.parametrize(
    ("due", "completed", "on", "late"),
    [
        (D, D, ON, 0),
        (D, date(2026, 3, 11), ON, 1),
        (D, date(2026, 3, 9), ON, -1),
        (D, None, D, 0),
        (D, None, date(2026, 3, 11), 1),
        (D, date(2026, 3, 12), date(2026, 3, 11), 1),  # not completed yet on that day
        (None, None, ON, None),
    ],
)
def test_lateness_counts_to_the_completion_else_to_the_day(
    due: date | None, completed: date | None, on: date, late: int | None
) -> None:
    assert recorded(nonconformity(due=due, completed=completed), on=on)["days_late"] == late


@pytest.mark.parametrize(
    ("verifier", "verified", "verdict", "effective"),
    [
        ("b", D, "有效", True),
        ("b", D, "无效", False),
        ("b", D, None, False),
        (None, D, "有效", False),
        ("b", None, "有效", False),
        ("b", date(2026, 7, 1), "有效", False),
    ],
)
def test_an_effective_verification_names_person_day_and_verdict(
    verifier: str | None, verified: date | None, verdict: str | None, *, effective: bool
) -> None:
    one = nonconformity(verifier=verifier, verified=verified, verdict=verdict)
    assert recorded(one)["verified_effective"] is effective


@pytest.mark.parametrize(
    ("closed", "count"),
    [
        (date(2025, 3, 9), 0),  # a day more than twelve months before
        (date(2025, 3, 10), 1),  # exactly twelve months
        (D, 1),  # closed on the day of recording
        (date(2026, 3, 11), 0),  # closed after it
        (None, 0),
    ],
)
def test_a_recurrence_lies_within_the_months_after_a_closing(closed: date | None, count: int) -> None:
    earlier = nonconformity("B0", recorded=date(2025, 1, 1), closed=closed, state="关闭")
    assert recorded(nonconformity(), earlier)["recurrences"] == count


def test_twelve_months_after_a_leap_day_end_with_february() -> None:
    earlier = nonconformity("B0", recorded=date(2024, 1, 1), closed=date(2024, 2, 29))
    assert recorded(nonconformity(recorded=date(2025, 2, 28)), earlier)["recurrences"] == 1
    assert recorded(nonconformity(recorded=date(2025, 3, 1)), earlier)["recurrences"] == 0


@pytest.mark.parametrize("cells", [{"category": "D"}, {"cause_code": "RC-2"}, {"category": None}, {"cause_code": None}])
def test_another_or_an_unknown_cause_is_no_recurrence(cells: dict[str, Any]) -> None:
    closed = {"recorded": date(2025, 9, 1), "closed": date(2026, 1, 1)}
    assert recorded(nonconformity(**cells), nonconformity("B0", **closed))["recurrences"] == 0
    assert recorded(nonconformity(**cells), nonconformity("B0", **(cells | closed)))["recurrences"] == (
        1 if all(cells.values()) else 0
    )


def test_nobody_recurs_by_himself_and_each_earlier_one_counts() -> None:
    itself = nonconformity(closed=D)
    assert recorded(itself)["recurrences"] == 0
    others = [nonconformity(f"A{n}", recorded=date(2025, 9, 1), closed=date(2026, 1, n)) for n in (1, 2)]
    assert recorded(itself, *others)["recurrences"] == 2


def test_a_closing_still_to_come_is_not_known_yet() -> None:
    earlier = nonconformity("B0", recorded=date(2025, 9, 1), closed=D, state="关闭")
    assert recorded(nonconformity(recorded=date(2026, 3, 9)), earlier, on=date(2026, 3, 9))["recurrences"] == 0


def test_the_months_stand_in_the_rules(tmp_path: Path) -> None:
    rules = altered(
        tmp_path, "parameters.toml", ('RECURRENCE_MONTHS"\ndefault = 12', 'RECURRENCE_MONTHS"\ndefault = 11')
    )
    rows = [nonconformity(), nonconformity("B0", recorded=date(2025, 1, 1), closed=date(2025, 3, 10))]
    found = facts("recorded-nonconformity", *rows, on=ON, rules=rules)
    assert [f["recurrences"] for f in found] == [0, 0]


# --- occurrences -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filed", "on", "standing", "late"),
    [
        (None, date(2026, 2, 10), "open", 0),
        (None, date(2026, 2, 11), "open", 1),
        (date(2026, 2, 9), date(2026, 2, 11), "late", -1),
        (date(2026, 2, 12), date(2026, 3, 1), "late", 2),
    ],
)
def test_an_occurrence_tells_how_late_it_is(filed: date | None, on: date, standing: str, late: int) -> None:
    rows = [row(Filing, obligation="OB-M10", period="2026-01", filed=filed)]
    found = facts("occurrence", *rows, on=on, start=date(2026, 1, 1))
    one = next(f for f in found if (f["code"], f["period"]) == ("OB-M10", "2026-01"))
    assert (one["standing"], one["days_late"], one["done_on"]) == (standing, late, filed)
    assert (one["subject"], one["due"], one["on"]) == (KEY, date(2026, 2, 10), date(2026, 1, 31))
    assert one["row"] == f"occurrence:monthly-report|{KEY}|2026-01"


def test_an_occurrence_that_does_not_apply_says_so() -> None:
    certificate = {"type": "检定", "result": "合格", "on": date(2025, 3, 1), "valid_until": date(2026, 2, 28)}
    rows = [
        row(Instrument, number="I1", commissioned=date(2020, 1, 1), stopped_from=date(2026, 1, 1)),
        row(InstrumentCheck, number="C1", instrument="I1", **certificate),
    ]
    found = [f for f in facts("occurrence", *rows, on=ON) if f["code"] == "OB-CAL"]
    assert [f["applies"] for f in found] == [False]


# --- the catalogue ---------------------------------------------------------------------------------------------------


def test_every_derivation_and_reader_is_used_by_a_rule() -> None:
    assert {rule.derivation for rule in shipped().of(FactRule)} == CATALOGUE.keys()
    assert {rule.evidence.completed_by for rule in shipped().of(Obligation)} == READERS.keys()


def test_every_fact_has_the_properties_it_promises() -> None:
    rows = [
        audit(),
        *STAFF,
        nonconformity(),
        row(Review, number="G1", type="管理评审", completed=D),
        row(Filing, obligation="OB-M10", period="2026-01", filed=D),
    ]
    types = fact_types(shipped())
    for rule in shipped().of(FactRule):
        found = facts(rule.id, *rows, on=ON)
        check_facts(found, types)
        assert all(f.keys() == types[rule.id].keys() | {"kind", "on"} for f in found)


def test_a_wording_yields_the_facts_of_its_own_days(tmp_path: Path) -> None:
    rules = altered(
        tmp_path,
        "facts.toml",
        (
            'derivation = "recorded-nonconformity"\n',
            'derivation = "recorded-nonconformity"\nin_force = { from = 2026-03-10, until = 2026-03-10 }\n',
        ),
    )
    rows = [nonconformity(f"B{n}", recorded=date(2026, 3, n)) for n in (9, 10, 11)]
    found = facts("recorded-nonconformity", *rows, on=ON, rules=rules)
    assert [f["number"] for f in found] == ["B10"]
