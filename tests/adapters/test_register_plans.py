"""What lists ask at any size is answered through an index in the order asked for, never by sorting a plant's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from compliance.adapters.tables import sheets

if TYPE_CHECKING:
    from compliance.adapters.register import SqlRegister

LISTS = [
    "SELECT * FROM occurrence WHERE plant_id = 1 AND (due, id) > ('2026-01-01', 5) ORDER BY due, id LIMIT 50",
    "SELECT * FROM occurrence WHERE plant_id = 1 AND due BETWEEN '2026-01-01' AND '2026-01-31' ORDER BY due, id",
    "SELECT * FROM occurrence WHERE plant_id = 1 AND state = 'overdue' ORDER BY due, id LIMIT 50",
    "SELECT * FROM finding WHERE plant_id = 1 AND withdrawn IS NULL ORDER BY first_seen DESC, id DESC LIMIT 50",
    "SELECT * FROM finding WHERE plant_id = 1 ORDER BY first_seen DESC, id DESC LIMIT 50",
    "SELECT count(*) FROM finding WHERE plant_id = 1 AND nonconformity = 'NC-1' AND withdrawn IS NULL",
    "SELECT * FROM nonconformity WHERE plant_id = 1 ORDER BY opened DESC, id DESC LIMIT 50",
    "SELECT * FROM nonconformity WHERE plant_id = 1 AND state = 'opened' ORDER BY opened DESC, id DESC LIMIT 50",
    "SELECT * FROM audit_entry WHERE log_id = 1 AND seq < 90 ORDER BY seq DESC LIMIT 50",
    (
        "SELECT * FROM audit_entry WHERE log_id = 1 AND object_type = 'plant' AND object_id = 'x' "
        "ORDER BY seq DESC LIMIT 50"
    ),
    "SELECT * FROM audit_entry WHERE log_id = 1 AND kind = 'plant:import' ORDER BY seq DESC LIMIT 50",
    "SELECT * FROM membership WHERE user_id = 1",
    "SELECT * FROM session WHERE id_hash = 'x'",
    "SELECT at FROM sign_in_failure WHERE login = 'x' AND address = 'y' AND at > 'z'",
    *(
        f"SELECT * FROM {table.name} WHERE plant_id = 1 ORDER BY " + ", ".join(f'"{name}"' for name in kind.SHEET.key)
        for kind, table in sheets.items()
    ),
]


@pytest.mark.parametrize("query", LISTS, ids=range(len(LISTS)))
def test_a_list_walks_an_index(sqlite_register: SqlRegister, query: str) -> None:
    with sqlite_register.database.read() as connection:
        plan = [row.detail for row in connection.execute(text("EXPLAIN QUERY PLAN " + query))]
    assert all(step.startswith("SEARCH") and "INDEX" in step for step in plan), plan


def test_the_plan_would_show_a_sort(sqlite_register: SqlRegister) -> None:
    with sqlite_register.database.read() as connection:
        query = "EXPLAIN QUERY PLAN SELECT * FROM finding WHERE plant_id = 1 ORDER BY note"
        plan = [row.detail for row in connection.execute(text(query))]
    assert "USE TEMP B-TREE FOR ORDER BY" in plan
