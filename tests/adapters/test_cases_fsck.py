"""fsck names every way in which a case is not the sum of its steps; sound stores raise no alarm."""

from __future__ import annotations

import pytest

from compliance.adapters.fsck import fsck
from compliance.core.cases import Raised, raise_nonconformity
from tests.adapters.test_cases import NUMBER, TICKET, TO_DONE, World, rules, walk, words, world
from tests.adapters.test_fsck import Store

__all__ = ["rules", "world"]


@pytest.fixture
def worked(world: World) -> World:
    """An accepted duty, one that waits, and two nonconformities, one of them untouched."""
    walk(world, world.report, [("submit", "U3"), ("check", "U5"), ("approve", "U2")])
    walk(world, world.check, [("submit", "U8")])
    walk(world, TICKET, TO_DONE)
    raise_nonconformity(world.casework, world.plant, world.person("U3"), Raised("事实", *words(world)))
    world.refused("U3", world.wish(world.report, "submit"))
    return world


def said(world: World) -> str:
    """What the check of cases says; empty if it finds nothing."""
    (check,) = (c for c in fsck(world.register.database, world.vault).checks if c.code == "cases")
    return "" if check.ok else check.detail.en


def damage(world: World, *statements: str) -> None:
    Store(world.register, world.vault).damage(*statements)


def test_sound_cases_raise_no_alarm(worked: World) -> None:
    report = fsck(worked.register.database, worked.vault)
    assert [c for c in report.checks if not c.ok] == []
    (check,) = (c for c in report.checks if c.code == "cases")
    assert "11 examined" in check.detail.en


REPORT = "kind = 'occurrence' AND object_id LIKE 'monthly-report/%'"
HANDLED = f"kind = 'nonconformity' AND object_id = '{NUMBER}'"
FAULTS: dict[str, tuple[str, str]] = {
    "name": (f"UPDATE case_step SET name = 'x' WHERE seq = 1 AND {REPORT}", "step 1 has another digest"),
    "state": (f"UPDATE case_step SET state = 'open' WHERE seq = 0 AND {REPORT}", "step 0 has another digest"),
    "account": (f"UPDATE case_step SET account = 'U9' WHERE seq = 0 AND {REPORT}", "step 0 has another digest"),
    "moment": (f"UPDATE case_step SET at = '2026-03-02T01:00:00.001+00:00' WHERE seq = 0 AND {REPORT}", "step 0 has"),
    "value": (
        f"UPDATE case_step SET given = replace(given, '2026-03-02', '2026-02-01') WHERE seq = 0 AND {REPORT}",
        "step 0 has another digest",
    ),
    "file": (f"UPDATE case_step SET files = '[]' WHERE seq = 0 AND {REPORT}", "step 0 has another digest"),
    "meaning": (f"UPDATE case_step SET meaning_zh = '阅' WHERE seq = 1 AND {REPORT}", "step 1 has another digest"),
    "signature": (
        f"UPDATE case_step SET covers = 'f' WHERE seq = 1 AND {REPORT}",
        "the signature of step 1 covers something else",
    ),
    "no signature": (f"UPDATE case_step SET covers = NULL WHERE seq = 1 AND {REPORT}", "step 1 has another digest"),
    "digest": (f"UPDATE case_step SET digest = 'f' WHERE seq = 2 AND {REPORT}", "step 2 has another digest"),
    "first lost": (f"DELETE FROM case_step WHERE seq = 0 AND {REPORT}", "step 0 is missing"),
    "middle lost": (f"DELETE FROM case_step WHERE seq = 1 AND {REPORT}", "step 1 is missing"),
    "last lost": (f"DELETE FROM case_step WHERE seq = 2 AND {REPORT}", "occurrence:approve: 0 steps, 1 leaves"),
    "all lost": (f"DELETE FROM case_step WHERE {REPORT}", "a row without steps"),
    "renamed": (f"UPDATE case_step SET object_id = 'x' WHERE {REPORT}", "steps without a row"),
    "unreadable": (f"UPDATE case_step SET given = '{{' WHERE seq = 1 AND {REPORT}", "step 1 is unreadable"),
    "row lost": (f"DELETE FROM work_case WHERE {HANDLED}", "steps without a row"),
    "row's state": (f"UPDATE work_case SET state = 'open' WHERE {REPORT}", "its row says open, its steps accepted"),
    "row's field": (
        f"UPDATE work_case SET fields = replace(fields, '2026-03-02', '2026-02-01') WHERE {REPORT}",
        "its row differs in evidence_day",
    ),
    "row's owner": (f"UPDATE work_case SET owner = 'U1' WHERE {HANDLED}", "its row differs in owner"),
    "row's due": (f"UPDATE work_case SET due = '2027-01-01' WHERE {HANDLED}", "its row differs in due"),
    "row's done": (f"UPDATE work_case SET done_on = '2026-02-01' WHERE {REPORT}", "differs in the day that counts"),
    "row not done": (f"UPDATE work_case SET done_on = NULL WHERE {REPORT}", "differs in the day that counts"),
    "done too soon": (
        "UPDATE work_case SET done_on = '2026-03-02', settled = '2026-03-02' WHERE object_id LIKE 'key-instrument%'",
        "differs in the day that counts",
    ),
    "row's acceptance": (f"UPDATE work_case SET settled = '2026-02-01' WHERE {REPORT}", "in the day of acceptance"),
    "unreadable row": (f"UPDATE work_case SET fields = '{{' WHERE {HANDLED}", "its row is unreadable"),
    "ticket": (
        f"UPDATE nonconformity SET state = 'closed' WHERE number = '{NUMBER}'",
        "its row says awaiting-verification, the nonconformity closed",
    ),
    "ticket lost": (f"DELETE FROM nonconformity WHERE number = '{NUMBER}'", "the nonconformity is missing"),
    "leaf lost": (
        "DELETE FROM audit_entry WHERE kind = 'occurrence:check'",
        "occurrence:check: 1 steps, 0 leaves",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(worked: World, name: str) -> None:
    statement, message = FAULTS[name]
    assert said(worked) == ""
    damage(worked, statement)
    found = said(worked)
    assert message in found
    assert worked.plant.key in found


def test_a_step_that_was_put_in_has_no_leaf(worked: World) -> None:
    names = "plant_id, kind, object_id, step, state, login, account, name, posts, at, given, files, digest"
    copy = f"INSERT INTO case_step ({names}, seq) SELECT {names}, seq + 1 FROM case_step WHERE {HANDLED} AND seq = 6"
    damage(worked, copy)
    assert "step 7 has another digest" in said(worked)
    assert "nonconformity:complete: 2 steps, 1 leaves" in said(worked)
