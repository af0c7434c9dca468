# ruff: noqa: E501 - an inline table of TOML stays on one line
"""Workflows: where a case stands after its steps, and what the rule alone says against a step."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.rulebase.casework import Taken, after, fold, next_steps, objections, opened
from compliance.rulebase.loader import load
from compliance.rulebase.schema import Workflow
from tests.rulebase.conftest import CATALOGUE, PEOPLE, READERS, WORDS

WORKFLOW = """
[workflow.deal]
title      = { zh = "交易办理", en = "Working a deal" }
source     = { clause = "2 b)", strength = "shall", requirements = ["R-2-b"] }
applies_to = "deal"
start      = "asked"
states = [
  { id = "asked", zh = "待审批", en = "to be approved" },
  { id = "held", zh = "搁置", en = "held" },
  { id = "approved", zh = "已批准", en = "approved", final = true },
]
fields = [
  { id = "amount", zh = "金额", en = "amount", type = "text" },
  { id = "more", zh = "追加", en = "more", type = "text" },
  { id = "owner", zh = "责任人", en = "owner", type = "person" },
  { id = "large", zh = "大额", en = "large", type = "flag" },
  { id = "signed", zh = "签订日", en = "day of signing", type = "day", not_after = "today" },
  { id = "ends", zh = "到期日", en = "end", type = "day", not_before = ["today"], later_than = "signed" },
]
steps = [
  { id = "change", zh = "修改", en = "Change", from = ["asked"], to = "asked", by = ["post:clerk"], needs = ["amount"] },
  { id = "raise", zh = "追加", en = "Raise", from = ["asked"], to = "asked", by = ["post:clerk"], needs = ["more"], copies = { amount = "more" } },
  { id = "hold", zh = "搁置", en = "Hold", from = ["asked"], to = "held", by = ["post:boss"], reason = true },
  { id = "resume", zh = "恢复", en = "Resume", from = ["held"], to = "asked", by = ["post:boss"] },
  { id = "approve", zh = "批准", en = "Approve", from = ["asked"], to = "approved", by = ["post:boss"], not_by = ["change", "field:owner"], when = { large = false } },
]
examples = [{ given = { large = false }, steps = ["change li", "approve wang"], ends = "approved" }]
"""


def read(tmp_path: Path, text: str = WORKFLOW) -> tuple[Workflow | None, list[str]]:
    (tmp_path / "rules.toml").write_text(PEOPLE + text, "utf-8")
    (tmp_path / "words.toml").write_text(WORDS, "utf-8")
    base, problems = load(tmp_path, CATALOGUE, READERS)
    found = base.of(Workflow)[0] if base else None
    return found, [p.message.en for p in problems if p.rule == "deal" or not base]


@pytest.fixture
def deal(tmp_path: Path) -> Workflow:
    found, problems = read(tmp_path)
    assert found is not None, problems
    return found


def said(workflow: Workflow, taken: list[Taken], step: str, person: str, **values: str) -> list[str]:
    view = fold(workflow, {"large": False, "owner": "sun"}, taken)
    found = workflow.step(step)
    assert found is not None
    return [text.en for text in objections(workflow, view, found, person, values)]


def test_fields_keep_their_latest_value_and_copies_follow(deal: Workflow) -> None:
    view = opened(deal, {"large": False})
    view = after(deal, view, Taken("change", "li", {"amount": "5"}))
    view = after(deal, view, Taken("raise", "li", {"more": "9"}))
    assert (view.state, view.fields["amount"], len(view.taken)) == ("asked", "9", 2)


def test_a_step_of_another_state_does_not_follow(deal: Workflow) -> None:
    assert said(deal, [Taken("hold", "wang")], "change", "li", amount="1") == [
        "Its state is “held”: this step does not follow"
    ]


def test_a_needed_field_must_be_filled_now(deal: Workflow) -> None:
    assert said(deal, [], "change", "li") == ["amount is missing"]
    assert said(deal, [], "change", "li", amount="1") == []


def test_a_reason_is_asked_each_time(deal: Workflow) -> None:
    held = [Taken("hold", "wang", {"reason": "x"}), Taken("resume", "wang")]
    assert said(deal, held, "hold", "wang") == ["a reason is missing"]
    assert said(deal, held, "hold", "wang", reason="again") == []


def test_who_did_one_step_may_not_do_the_other_however_long_ago(deal: Workflow) -> None:
    taken = [Taken("change", "li", {"amount": "1"}), Taken("change", "wang", {"amount": "2"})]
    assert said(deal, taken, "approve", "li") == ["You did “Change”; another person must do this"]
    assert said(deal, taken, "approve", "zhao") == []


def test_the_person_of_a_field_is_barred(deal: Workflow) -> None:
    assert said(deal, [], "approve", "sun") == ["You are its owner and may not do this"]


def test_a_condition_of_the_case_hides_a_step(deal: Workflow) -> None:
    small, large = opened(deal, {"large": False}), opened(deal, {"large": True})
    assert "approve" in {s.id for s in next_steps(deal, small)}
    assert "approve" not in {s.id for s in next_steps(deal, large)}


def test_days_beside_days_are_read(deal: Workflow) -> None:
    ends, signed = deal.field("ends"), deal.field("signed")
    assert ends is not None
    assert signed is not None
    assert (ends.not_before, ends.later_than, ends.not_after) == (("today",), ("signed",), ())
    assert (signed.not_after, signed.beside) == (("today",), ("today",))


def test_what_an_earlier_step_gave_does_not_fill_a_later_one(deal: Workflow) -> None:
    given = [Taken("change", "li", {"amount": "1"})]
    assert said(deal, given, "change", "li") == ["amount is missing"]
    assert said(deal, given, "change", "li", amount="2") == []
    view = opened(deal, {"amount": "7", "large": False})
    change = deal.step("change")
    assert change is not None
    assert objections(deal, view, change, "li", {}) == []


Fault = tuple[str, str, str]
FAULTS: list[Fault] = [
    ('start      = "asked"', 'start      = "askd"', "did you mean 'asked'"),
    ('needs = ["amount"] }', 'needs = ["amont"] }', "did you mean 'amount'"),
    ('not_by = ["change", ', 'not_by = ["chang", ', "did you mean 'change'"),
    ('"field:owner"]', '"field:amount"]', "there is no 'amount'"),
    ('by = ["post:boss"], reason', 'by = ["post:bos"], reason', "bos"),
    ('by = ["post:boss"], reason', 'by = ["boss"], reason', "should be post:"),
    ('to = "held"', 'to = "asked"', "no step leads to the state 'held'"),
    ('en = "approved", final = true', 'en = "approved"', "a final state has no step"),
    ('ends = "approved"', 'ends = "held"', "computed approved, the example says held"),
    ('"approve wang"]', '"aprove wang"]', "did you mean 'approve'"),
    ('type = "flag"', 'type = "choice"', "a choice names its vocabulary"),
    ('not_after = "today"', 'not_after = "tody"', "did you mean 'today'"),
    ('later_than = "signed"', 'later_than = "amount"', "there is no 'amount'"),
    ('not_after = "today"', 'not_after = "signed"', "there is no 'signed'"),
    ('en = "amount", type = "text"', 'en = "amount", type = "text", not_after = "today"', "a day is held against"),
    ("copies = { amount", "copies = { amuont", "there is no 'amuont'"),
]


@pytest.mark.parametrize(("right", "wrong", "message"), FAULTS)
def test_a_fault_is_told(right: str, wrong: str, message: str, tmp_path: Path) -> None:
    assert right in WORKFLOW
    found, problems = read(tmp_path, WORKFLOW.replace(right, wrong, 1))
    assert found is None
    assert any(message in problem for problem in problems), problems


def test_a_workflow_without_a_walk_is_refused(tmp_path: Path) -> None:
    found, problems = read(tmp_path, WORKFLOW[: WORKFLOW.index("examples")])
    assert found is None
    assert any("at least one worked example" in p for p in problems)
