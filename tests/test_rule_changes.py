"""Changing the law is editing TOML: each case edits a copy of rules/ and the answers change accordingly."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

from compliance.adapters.example import Workbook
from compliance.bootstrap.installation import check_rules, read_rules
from compliance.core.findings import Judged
from compliance.rulebase.rulebase import RuleBase
from tests.judging import RULES, judged
from tests.workbooks.cases import CASES
from tests.workbooks.mutate import base

Edits = Sequence[tuple[str, str]]
Edited = Callable[[str, Edits], RuleBase]


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """Copy the shipped rules, make edits in one file, and load the copy."""

    def make(file: str, edits: Edits) -> RuleBase:
        copy = tmp_path / "rules"
        shutil.copytree(RULES, copy)
        path = copy / file
        text = path.read_text("utf-8")
        for old, new in edits:
            assert old in text, old
            text = text.replace(old, new, 1)
        path.write_text(text, "utf-8")
        return read_rules(copy)

    return make


def due(answers: Judged, code: str, period: str) -> date:
    return next(o.due for o in answers.occurrences if o.code == code and o.period == period)


def count(answers: Judged, situation: str) -> int:
    return sum(1 for f in answers.findings if f.situation == situation)


def firing(situation: str) -> tuple[Workbook, date | None]:
    return next(c for c in CASES if c.situation == situation).firing()


def test_day_10_becomes_day_12(edited: Edited) -> None:
    rules = edited(
        "obligations/filings.toml",
        [
            ("day = 10, months_after = 1", "day = 12, months_after = 1"),
            ("due = 2026-02-10 }", "due = 2026-02-12 }"),
            ("due = 2026-01-10 }", "due = 2026-01-12 }"),
        ],
    )
    assert due(judged(base()), "OB-M10", "2026-02") == date(2026, 3, 10)
    assert due(judged(base(), rulebase=rules), "OB-M10", "2026-02") == date(2026, 3, 12)


def test_a_late_filing_is_in_time_under_a_later_day(edited: Edited) -> None:
    workbook, day = firing("L-20a")
    rules = edited(
        "obligations/filings.toml",
        [
            ("day = 10, months_after = 1", "day = 28, months_after = 1"),
            ("due = 2026-02-10 }", "due = 2026-02-28 }"),
            ("due = 2026-01-10 }", "due = 2026-01-28 }"),
        ],
    )
    assert count(judged(workbook, day), "L-20a") == 1
    assert count(judged(workbook, day, rules), "L-20a") == 0


def test_40_days_become_41(edited: Edited) -> None:
    rules = edited(
        "obligations/filings.toml",
        [
            ("days = 40 }", "days = 41 }"),
            ("due = 2026-12-10 }", "due = 2026-12-11 }"),
            ("due = 2027-02-09 }", "due = 2027-02-10 }"),
            ("due = 2027-03-12 }", "due = 2027-03-13 }"),
            ("due = 2028-03-11 }", "due = 2028-03-12 }"),
        ],
    )
    assert due(judged(base()), "OB-M40", "2026-02") == date(2026, 4, 9)
    assert due(judged(base(), rulebase=rules), "OB-M40", "2026-02") == date(2026, 4, 10)


def test_31_march_becomes_30_june(edited: Edited) -> None:
    rules = edited(
        "obligations/filings.toml",
        [("month = 3, day = 31", "month = 6, day = 30"), ("due = 2026-03-31 }", "due = 2026-06-30 }")],
    )
    assert due(judged(base(), rulebase=rules), "OB-Y0331", "2025") == date(2026, 6, 30)


def test_12_months_become_11(edited: Edited) -> None:
    rules = edited(
        "obligations/reviews.toml",
        [
            ("within_months = 12", "within_months = 11"),
            (
                "due = 2026-06-30 }, { last = 2024-02-29, due = 2025-02-28",
                "due = 2026-05-30 }, { last = 2024-02-29, due = 2025-01-29",
            ),
        ],
    )
    before = [o.due for o in judged(base()).occurrences if o.code == "OB-CE"]
    after = [o.due for o in judged(base(), rulebase=rules).occurrences if o.code == "OB-CE"]
    assert [(b.year * 12 + b.month) - (a.year * 12 + a.month) for b, a in zip(before, after, strict=True)] == [1] * len(
        before
    )


def test_another_post_approves_ledgers(edited: Edited) -> None:
    rules = edited(
        "approvals.toml",
        [('do = "approve", post = "management-representative"', 'do = "approve", post = "top-management"')],
    )
    assert count(judged(base()), "L-28b") == 0
    assert count(judged(base(), rulebase=rules), "L-28b") > 0


def test_another_word_names_the_post(edited: Edited) -> None:
    rules = edited("posts.toml", [('words  = ["最高管理者"]', 'words  = ["总经理"]')])
    assert count(judged(base(), rulebase=rules), "L-27") > 0


def test_another_category_and_grade(edited: Edited) -> None:
    workbook, day = firing("L-12a")
    when = "valid_qualifications = { lt = 1 } }]\nthen      = "
    rules = edited(
        "findings/data.toml",
        [
            (
                when + '{ raise = "nonconformity", category = "C", grade = "major" }',
                when + '{ raise = "nonconformity", category = "A", grade = "critical" }',
            )
        ],
    )
    found = next(f for f in judged(workbook, day, rules).findings if f.situation == "L-12a")
    assert (found.category, found.grade) == ("A", "critical")


def test_both_qualifications_are_asked(edited: Edited) -> None:
    """CMA or CNAS becomes CMA and CNAS: one number in the rule."""
    rules = edited(
        "findings/data.toml",
        [
            ("valid_qualifications = { lt = 1 }", "valid_qualifications = { lt = 2 }"),
            (
                "valid_qualifications = 1, parameter_in_scope = 1 }], finds = false",
                "valid_qualifications = 2, parameter_in_scope = 1 }], finds = false",
            ),
        ],
    )
    one_each = _only_cma(base())
    assert count(judged(one_each, rulebase=rules), "L-12a") > count(judged(one_each), "L-12a")


def _only_cma(workbook: Workbook) -> Workbook:
    sheet = [list(row) for row in workbook["检测机构"]]
    column = sheet[0].index("CNAS编号")
    for row in sheet[1:]:
        row[column] = None
    return {**workbook, "检测机构": sheet}


def test_a_rule_out_of_force_finds_nothing_after_its_last_day(edited: Edited) -> None:
    workbook, day = firing("L-32b")
    rules = edited(
        "findings/improvement.toml",
        [
            (
                "[finding.verified-by-owner]",
                "[finding.verified-by-owner]\nin_force  = { from = 2000-01-01, until = 2001-01-01 }",
            )
        ],
    )
    assert count(judged(workbook, day), "L-32b") == 1
    assert count(judged(workbook, day, rules), "L-32b") == 0


def test_an_obligation_out_of_force_ends_with_its_last_period(edited: Edited) -> None:
    rules = edited(
        "obligations/filings.toml",
        [
            (
                "[obligation.monthly-platform-filing]",
                "[obligation.monthly-platform-filing]\nin_force = { from = 2000-01-01, until = 2026-01-31 }",
            )
        ],
    )
    periods = [o.period for o in judged(base(), rulebase=rules).occurrences if o.code == "OB-M40"]
    assert periods[-1] == "2026-01"


def test_a_new_wording_follows_an_old_one(edited: Edited) -> None:
    """Two wordings of one id: each period is judged by the one in force on its last day."""
    text = (RULES / "obligations" / "filings.toml").read_text("utf-8")
    start = text.index("[obligation.monthly-platform-filing]")
    block = text[start : text.index("[obligation.annual-platform-filing]")]
    old = block.replace(
        "[obligation.monthly-platform-filing]",
        "[[obligation.monthly-platform-filing]]\nin_force = { from = 2000-01-01, until = 2026-01-31 }",
    )
    new = block.replace(
        "[obligation.monthly-platform-filing]",
        "[[obligation.monthly-platform-filing]]\nin_force = { from = 2026-02-01 }",
    ).replace("days = 40", "days = 30")
    new = new[: new.index("examples")] + 'examples = [{ period = "2026-02", due = 2026-03-30 }]\n\n'
    rules = edited("obligations/filings.toml", [(block, old + new)])
    answers = judged(base(), rulebase=rules)
    assert due(answers, "OB-M40", "2026-01") == date(2026, 3, 12)
    assert due(answers, "OB-M40", "2026-02") == date(2026, 3, 30)


def test_more_attachments_are_asked(edited: Edited) -> None:
    rules = edited(
        "facts.toml",
        [
            (
                'required = ["碳排放数据台账", "碳排放数据校核内审台账"]',
                'required = ["碳排放数据台账", "碳排放数据校核内审台账", "生产报表"]',
            )
        ],
    )
    assert count(judged(base()), "L-20e") == 0
    assert count(judged(base(), rulebase=rules), "L-20e") > 0


def test_the_plants_own_parameter_wins_and_the_default_is_in_rules(edited: Edited) -> None:
    workbook, day = firing("L-30b")
    rules = edited(
        "obligations/reviews.toml",
        [('days = { parameter = "event-days" }', "days = 400"), ("due = 2026-02-04 }", "due = 2027-02-09 }")],
    )
    assert count(judged(workbook, day), "L-30b") == 1
    assert count(judged(workbook, day, rules), "L-30b") == 0


def test_another_class_of_documents_asks_for_top_management(edited: Edited) -> None:
    rules = edited("approvals.toml", [('applies_to = ["碳管理方针", ', 'applies_to = ["程序文件", "碳管理方针", ')])
    documents = {row[2] for row in base()["受控文件"][1:]}
    before, after = count(judged(base()), "L-27"), count(judged(base(), rulebase=rules), "L-27")
    assert before == 0
    assert (after > 0) == ("程序文件" in documents)
    assert "程序文件" in documents


def test_recurrence_within_fewer_months(edited: Edited) -> None:
    workbook, day = firing("L-33b")
    rules = edited("parameters.toml", [('default = 12\nunit    = "month"', 'default = 0\nunit    = "month"')])
    assert count(judged(workbook, day), "L-33b") == 1
    assert count(judged(workbook, day, rules), "L-33b") == 0


def named(situation: str, name: str) -> tuple[Workbook, date | None]:
    return next(c for c in CASES if (c.situation, c.name) == (situation, name)).firing()


def test_a_slip_in_three_parts(edited: Edited) -> None:
    workbook, day = named("L-16b", "three parts")
    rules = edited("facts.toml", [("with       = { parts = 2 }", "with       = { parts = 3 }")])
    assert count(judged(workbook, day), "L-16b") == 1
    assert count(judged(workbook, day, rules), "L-16b") == len(workbook["样本交接单"]) - 2


def test_samples_are_kept_half_as_long(edited: Edited) -> None:
    workbook, day = firing("L-17")
    rules = edited(
        "retention.toml",
        [
            ("keep       = { months = 12", "keep       = { months = 6"),
            ("disposable_from = 2026-06-01", "disposable_from = 2025-12-01"),
            ("disposable_from = 2025-02-28", "disposable_from = 2024-08-29"),
        ],
    )
    assert count(judged(workbook, day), "L-17") == 1
    assert count(judged(workbook, day, rules), "L-17") == 0


def test_another_post_approves_the_money_of_trades(edited: Edited) -> None:
    rules = edited(
        "approvals.toml",
        [('do = "approve-funds", post = "management-representative"', 'do = "approve-funds", post = "top-management"')],
    )
    assert count(judged(base()), "L-01d") == 0
    assert count(judged(base(), rulebase=rules), "L-01d") == len(base()["碳交易"]) - 1


def test_cash_back_needs_the_owner_too(edited: Edited) -> None:
    rules = edited(
        "approvals.toml",
        [
            ('post = "account-owner", optional = true', 'post = "account-owner"'),
            ('guard = "wang", review = "zhao", allowed = true }', 'guard = "wang", review = "zhao", allowed = false }'),
        ],
    )
    workbook, day = next(c for c in CASES if (c.situation, c.name) == ("L-05a", "direction")).missing()
    assert count(judged(workbook, day), "L-05a") == 0
    assert count(judged(workbook, day, rules), "L-05a") == 1


def test_the_cross_check_is_due_later(edited: Edited) -> None:
    workbook, day = named("L-19b", "due")
    rules = edited("facts.toml", [("day = 10 }", "day = 11 }")])
    assert count(judged(workbook, day), "L-19b") == 1
    assert count(judged(workbook, day, rules), "L-19b") == 0


def test_a_fifth_quantity_is_cross_checked(edited: Edited) -> None:
    rules = edited("facts.toml", [('"电力消耗量"]', '"电力消耗量", "水泥产量"]')])
    assert count(judged(base()), "L-19b") == 0
    assert count(judged(base(), rulebase=rules), "L-19b") > 0


def test_the_tolerance_is_found_under_another_code(edited: Edited) -> None:
    """Which factor of the plant is meant stands in the rule."""
    workbook, day = named("L-15a", "mass")
    rules = edited("facts.toml", [('tolerance = "TOL_COAL"', 'tolerance = "EF_GRID"')])
    assert count(judged(workbook, day), "L-15a") == 1
    assert count(judged(workbook, day, rules), "L-15a") == 0


def test_electricity_belongs_to_every_line_too(edited: Edited) -> None:
    rules = edited(
        "facts.toml", [('categories = ["碳酸盐分解", "化石燃料燃烧"]', 'categories = ["碳酸盐分解", "净购入电力"]')]
    )
    assert count(judged(base()), "L-24b") == 0
    assert count(judged(base(), rulebase=rules), "L-24b") == 1


def test_the_core_rules_are_confirmed_too(edited: Edited) -> None:
    workbook, day = named("L-42", "class")
    sheet = [["核心制度" if cell == "碳管理方针" else cell for cell in row] for row in workbook["受控文件"]]
    workbook = {**workbook, "受控文件": sheet}
    change = ('document_class = "碳管理方针"', 'document_class = "核心制度"')
    rules = edited("findings/organisation.toml", [change] * 4)
    assert count(judged(workbook, day), "L-42") == 0
    assert count(judged(workbook, day, rules), "L-42") == 1


def test_a_changed_number_with_stale_examples_does_not_load(tmp_path: Path) -> None:
    """The worked examples guard the numbers: whoever changes the law changes the example too."""
    copy = tmp_path / "rules"
    shutil.copytree(RULES, copy)
    path = copy / "obligations" / "filings.toml"
    path.write_text(path.read_text("utf-8").replace("days = 40", "days = 41"), "utf-8")
    rulebase, problems = check_rules(copy)
    assert rulebase is None
    assert {p.rule for p in problems} == {"monthly-platform-filing"}
    assert any("2027-02-10" in p.message.en for p in problems)
