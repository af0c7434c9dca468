"""Filings, the ledgers they rest on, and controlled documents: what lacks, and who signed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compliance.core.model import ControlledDocument, Department, Filing, LedgerApproval, PersonPeriod
from tests.core.world import altered, fact, facts, row

ON = date(2026, 6, 30)
FILED = date(2026, 3, 9)
DATA, CHECKED, ASSETS = "碳排放数据台账", "碳排放数据校核内审台账", "月度碳资产台账"


def filing(**cells: Any) -> Filing:
    given = {"obligation": "OB-M10", "period": "2026-02", "filed": FILED, "attachments": f"{DATA}、{CHECKED}"} | cells
    return row(Filing, **given)


def ledger(**cells: Any) -> LedgerApproval:
    given = {
        "number": "T1",
        "ledger": DATA,
        "month": "2026-02",
        "preparer": "a",
        "prepared_on": date(2026, 3, 1),
        "checker": "b",
        "checked_on": date(2026, 3, 2),
        "approver": "c",
        "approved_on": date(2026, 3, 3),
    } | cells
    return row(LedgerApproval, **given)


def person(account: str, posts: str | None, since: date = date(2020, 1, 1), until: date | None = None) -> PersonPeriod:
    return row(PersonPeriod, account=account, posts=posts, since=since, until=until, department="一部")


# --- filings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attachments", "missing"),
    [
        (f"{DATA}、{CHECKED}", 0),
        (f" {CHECKED} 、{DATA}、回执", 0),
        (DATA, 1),
        (f"{DATA}（终稿）", 2),
        ("回执", 2),
        (None, 2),
    ],
)
def test_the_required_attachments_that_lack_are_counted(attachments: str | None, missing: int) -> None:
    found = fact("monthly-filing", filing(attachments=attachments), on=ON)
    assert (found["missing_attachments"], found["on"], found["period"]) == (missing, FILED, "2026-02")


@pytest.mark.parametrize("cells", [{"obligation": "OB-M40"}, {"filed": None}, {"filed": date(2026, 7, 1)}])
def test_only_what_was_filed_under_the_code_is_looked_at(cells: dict[str, Any]) -> None:
    assert facts("monthly-filing", filing(**cells), on=ON) == []
    assert facts("filed-ledger", filing(**cells), on=ON) == []


def test_a_filed_month_asks_for_each_required_ledger() -> None:
    rows = [filing(), ledger(), ledger(number="T2"), ledger(number="T3", ledger=CHECKED, month="2026-01")]
    found = facts("filed-ledger", *rows, on=ON)
    assert [(f["ledger"], f["period"], f["ledgers_kept"], f["on"]) for f in found] == [
        (DATA, "2026-02", 2, FILED),
        (CHECKED, "2026-02", 0, FILED),
    ]


# --- ledgers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "signed_off", "on"),
    [
        ({}, date(2026, 3, 3), date(2026, 3, 3)),
        ({"approver": None}, None, FILED),
        ({"approved_on": None}, None, FILED),
        ({"approved_on": date(2026, 7, 1)}, None, FILED),  # not yet on the day looked at
        ({"approver": None, "month": "2026-03"}, None, ON),
    ],
)
def test_a_ledger_is_signed_off_by_a_person_on_a_day(cells: dict[str, Any], signed_off: date | None, on: date) -> None:
    found = fact("ledger-approval", ledger(**cells), filing(), on=ON)
    assert (found["signed_off"], found["on"]) == (signed_off, on)
    assert found["filed"] == (FILED if cells.get("month") is None else None)


@pytest.mark.parametrize(("name", "asked"), [(DATA, True), (CHECKED, True), (ASSETS, False), (None, False)])
def test_the_filing_asks_for_some_ledgers(name: str | None, *, asked: bool) -> None:
    assert fact("ledger-approval", ledger(ledger=name), filing(), on=ON)["asked_for"] is asked


@pytest.mark.parametrize(
    ("persons", "holds"),
    [
        ([person("c", "管理者代表、内审员")], True),
        ([person("c", "内审员")], False),
        ([person("c", None)], False),
        ([], False),
        ([person("b", "管理者代表")], False),
        ([person("c", "管理者代表", date(2026, 3, 3))], True),
        ([person("c", "管理者代表", date(2026, 3, 4))], False),
        ([person("c", "管理者代表", until=date(2026, 3, 3))], True),
        ([person("c", "管理者代表", until=date(2026, 3, 2))], False),
    ],
)
def test_the_approver_holds_the_post_on_the_day_of_approval(persons: list[PersonPeriod], *, holds: bool) -> None:
    assert fact("ledger-approval", ledger(), *persons, on=ON)["approver_holds_post"] is holds


@pytest.mark.parametrize("cells", [{"approver": None}, {"approved_on": None}])
def test_without_approval_nobody_can_hold_the_wrong_post(cells: dict[str, Any]) -> None:
    assert fact("ledger-approval", ledger(**cells), on=ON)["approver_holds_post"] is None


@pytest.mark.parametrize(
    ("persons", "repeated"),
    [("abc", 0), ("aac", 1), ("aba", 1), ("abb", 1), ("aaa", 2), ("a-a", 1), ("-b-", 0), ("---", 0)],
)
def test_repeated_persons_are_counted(persons: str, repeated: int) -> None:
    preparer, checker, approver = (None if p == "-" else p for p in persons)
    found = fact("ledger-approval", ledger(preparer=preparer, checker=checker, approver=approver), on=ON)
    assert found["repeated_persons"] == repeated


def test_a_check_still_to_come_repeats_nobody() -> None:
    found = fact("ledger-approval", ledger(checker="a", checked_on=date(2026, 7, 1)), on=ON)
    assert found["repeated_persons"] == 0


def test_the_post_stands_in_the_rules(tmp_path: Path) -> None:
    step = '{ do = "approve", post = "'
    rules = altered(tmp_path, "approvals.toml", (f'{step}management-representative"', f'{step}top-management"'))
    rows = [ledger(), person("c", "管理者代表")]
    assert fact("ledger-approval", *rows, on=ON)["approver_holds_post"] is True
    assert fact("ledger-approval", *rows, on=ON, rules=rules)["approver_holds_post"] is False


# --- documents -------------------------------------------------------------------------------------------------------


def document(**cells: Any) -> ControlledDocument:
    given = {
        "number": "W1",
        "version": "A/0",
        "document_class": "碳管理方针",
        "approver": "z",
        "approved": FILED,
    } | cells
    return row(ControlledDocument, **given)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("碳管理方针", 1),
        ("核心制度", 1),
        ("温室气体质量控制计划", 1),
        ("年度碳交易策略", 1),
        ("碳交易资金预算", 1),
        ("程序文件", 0),
        (None, 0),
    ],
)
def test_documents_of_some_classes_are_for_top_management(name: str | None, count: int) -> None:
    assert len(facts("document-approval", document(document_class=name), on=ON)) == count


@pytest.mark.parametrize(
    ("posts", "since", "holds"),
    [
        ("最高管理者", date(2020, 1, 1), True),
        ("最高管理者", FILED, True),
        ("最高管理者", date(2026, 3, 10), False),
        ("管理者代表", date(2020, 1, 1), False),
    ],
)
def test_the_approver_of_a_document_holds_the_post(posts: str, since: date, *, holds: bool) -> None:
    found = fact("document-approval", document(), person("z", posts, since), on=ON)
    assert (found["approver_holds_post"], found["version"], found["on"]) == (holds, "W1/A/0", FILED)


def test_a_document_without_approver_is_unknown_and_without_approval_not_judged() -> None:
    assert fact("document-approval", document(approver=None), on=ON)["approver_holds_post"] is None
    assert facts("document-approval", document(approved=None, effective=FILED), on=ON) == []


# --- lead departments ------------------------------------------------------------------------------------------------


def department(
    number: str, leads: str | None = "是", since: date | None = FILED, until: date | None = None
) -> Department:
    return row(Department, number=number, name=f"{number}部", leads=leads, leads_from=since, leads_until=until)


@pytest.mark.parametrize(
    ("rows", "leaders"),
    [
        ([], 0),
        ([department("B1")], 1),
        ([department("B1"), department("B2")], 2),
        ([department("B1", "否")], 0),
        ([department("B1", None)], 0),
        ([department("B1", since=None)], 0),
        ([department("B1", since=ON)], 1),
        ([department("B1", since=date(2026, 7, 1))], 0),
        ([department("B1", until=ON)], 1),
        ([department("B1", until=date(2026, 6, 29))], 0),
        ([department("B1", until=date(2026, 6, 29)), department("B2", since=ON)], 1),
        ([department("B1", until=ON), department("B2", since=ON)], 2),
    ],
)
def test_the_departments_that_lead_on_the_day_are_counted(rows: list[Department], leaders: int) -> None:
    found = fact("lead-departments", *rows, on=ON)
    assert (found["leaders"], found["on"], found["subject"]) == (leaders, ON, "部门")
