"""A workflow's ladder names states and posts that exist."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from compliance.core.facts import CATALOGUE
from compliance.core.obligations import READERS
from compliance.rulebase.loader import load
from compliance.rulebase.schema import Escalation, Reminders, Workflow
from tests.conftest import ROOT

RIGHT = 'remind = { states = ["approved", "in-progress", "extension-requested"], days_before = [5, 1]'


def test_the_ladder_is_read() -> None:
    base, problems = load(ROOT / "rules", CATALOGUE, READERS)
    assert base is not None, problems
    by_kind = {flow.applies_to: flow.reminders for flow in base.of(Workflow)}
    assert by_kind["occurrence"].states == ()
    assert by_kind["occurrence"].ladder == Reminders()
    assert by_kind["nonconformity"].ladder.days_before == (5, 1)
    assert by_kind["nonconformity"].ladder.escalate == (
        Escalation(1, "management-representative"),
        Escalation(5, "top-management"),
    )


TIMED = 'requests   = { days = 10, days_before = [10, 3, 1], escalate = [{ days_late = 1, to = "management-'


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (TIMED.replace("management", "no"), "no-representative"),
        (TIMED.replace("days = 10", "days = 0"), "days"),
        (TIMED.replace("days = 10, ", ""), "days"),
        (TIMED.replace("escalate", "escalated"), "escalated"),
    ],
)
def test_days_for_requests_are_whole_and_their_posts_exist(tmp_path: Path, wrong: str, named: str) -> None:
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    file = tmp_path / "rules" / "workflows.toml"
    text = file.read_text("utf-8")
    assert text.count(TIMED) == 1
    file.write_text(text.replace(TIMED, wrong), "utf-8")
    _, problems = load(tmp_path / "rules", CATALOGUE, READERS)
    assert any(p.rule == "document" and named in p.message.en for p in problems), problems


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        (RIGHT, RIGHT.replace("in-progress", "in-progres"), "in-progres"),
        (f'{RIGHT}, escalate = [{{ days_late = 1, to = "', f'{RIGHT}, escalate = [{{ days_late = 1, to = "no-', "no-"),
        (f"{RIGHT}, escalate = [{{ days_late = 1", f"{RIGHT}, escalate = [{{ days_late = 0", "days_late"),
        (RIGHT, RIGHT.replace("states", "state"), "state"),
    ],
)
def test_what_does_not_exist_is_named(tmp_path: Path, right: str, wrong: str, named: str) -> None:
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    file = tmp_path / "rules" / "workflows.toml"
    text = file.read_text("utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong), "utf-8")
    _, problems = load(tmp_path / "rules", CATALOGUE, READERS)
    assert any(p.rule == "nonconformity" and named in p.message.en for p in problems), problems
