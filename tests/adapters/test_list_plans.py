"""What the lists really ask is answered along indexes at any size: no list sorts or reads a plant's rows to count."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

from compliance.adapters.tallies import by_month, choices_query, counts_of_plant, days_of
from compliance.adapters.waiting import _at_hand, _duties
from tests.web.world import TODAY

if TYPE_CHECKING:
    from compliance.adapters.register import SqlRegister

_MONTHS: dict[str, Any] = {"first_0": date(2026, 1, 1), "last_0": date(2026, 1, 31)}

ASKED: list[tuple[Any, dict[str, Any]]] = [
    (choices_query(), {}),
    (counts_of_plant(("closed",)), dict(days_of(TODAY))),
    (by_month(1), _MONTHS),
]
FILTERED = [
    "SELECT * FROM occurrence WHERE plant_id = 1 AND code = 'x' ORDER BY due, id LIMIT 50",
    "SELECT * FROM occurrence WHERE plant_id = 1 AND subject = 'x' AND (due, id) > ('2026-01-01', 5) ORDER BY due, id",
    "SELECT * FROM finding WHERE plant_id = 1 AND situation = 'x' ORDER BY first_seen DESC, id DESC LIMIT 50",
    "SELECT * FROM finding WHERE plant_id = 1 AND grade = 'x' ORDER BY first_seen DESC, id DESC LIMIT 50",
    "SELECT * FROM finding WHERE plant_id = 1 AND category = 'x' ORDER BY first_seen DESC, id DESC LIMIT 50",
    (
        "SELECT situation, rule, grade, count(*) FROM finding WHERE plant_id = 1 AND withdrawn IS NULL "
        "GROUP BY situation, rule, grade ORDER BY situation, rule, grade"
    ),
]


@pytest.mark.parametrize(("query", "given"), ASKED, ids=["choices", "counts", "months"])
def test_what_is_counted_and_offered_reads_indexes_alone(
    sqlite_register: SqlRegister, query: Any, given: dict[str, Any]
) -> None:
    sent: list[tuple[str, Any]] = []
    reader = sqlite_register.database.reader
    event.listen(
        reader, "before_cursor_execute", lambda _c, _u, statement, values, *_: sent.append((statement, values))
    )
    with sqlite_register.database.read() as connection:
        connection.execute(query, {"this": 1, **given})
        statement, values = sent[-1]
        plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    steps = [step for step in plan if any(table in step for table in (" occurrence", " finding", " nonconformity"))]
    assert steps
    assert all("COVERING INDEX" in step for step in steps), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


@pytest.mark.parametrize("query", FILTERED, ids=range(len(FILTERED)))
def test_a_filtered_list_walks_an_index(sqlite_register: SqlRegister, query: str) -> None:
    with sqlite_register.database.read() as connection:
        plan = [row.detail for row in connection.execute(text("EXPLAIN QUERY PLAN " + query))]
    assert all(step.startswith("SEARCH") and "INDEX" in step for step in plan), plan


QUEUE: list[tuple[Any, dict[str, Any]]] = [
    (_at_hand(("submitted", "checked"), ("opened", "graded"), ("draft", "submitted")), {"account": "P04"}),
    (_duties(1, named=False), {"first_0": date(2026, 1, 1), "last_0": date(2026, 12, 31), "most": 13}),
]


@pytest.mark.parametrize(("query", "given"), QUEUE, ids=["cases", "duties"])
def test_what_waits_for_a_person_is_found_without_reading_a_plants_rows(
    sqlite_register: SqlRegister, query: Any, given: dict[str, Any]
) -> None:
    sent: list[tuple[str, Any]] = []
    reader = sqlite_register.database.reader
    event.listen(
        reader, "before_cursor_execute", lambda _c, _u, statement, values, *_: sent.append((statement, values))
    )
    with sqlite_register.database.read() as connection:
        connection.execute(query, {"this": 1, **given})
        statement, values = sent[-1]
        plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    steps = [s for s in plan if s.startswith(("SCAN", "SEARCH"))]
    of_tables = [s for s in steps if s.split()[1] in {"occurrence", "nonconformity", "work_case", "case_step"}]
    assert of_tables
    assert all(s.startswith("SEARCH") for s in of_tables), plan
    # The whole duty is looked up by its number, not found by walking the plant's index.
    assert sum("INTEGER PRIMARY KEY" in s for s in of_tables) == ("most" in given), plan
