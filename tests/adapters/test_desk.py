"""Daily work and the group ask along indexes; a hundred plants take as many statements as one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, insert

from compliance.adapters.desk import SqlDesk, _grades, _plan, _plants, _unrecorded
from compliance.adapters.tables import membership, occurrence, plant, user_account
from compliance.adapters.tallies import days_of
from compliance.core.model import CollectionItem, MissingData, Reading, Refers
from tests.adapters.conftest import act, add_plant
from tests.web.world import TODAY

if TYPE_CHECKING:
    from compliance.adapters.register import SqlRegister

SETTLED = ("closed", "withdrawn")
ASKED: list[tuple[Any, dict[str, Any]]] = [
    (_plants(SETTLED), dict(days_of(TODAY))),
    (_grades(SETTLED), {}),
    (_plan(), {}),
    (_unrecorded(), {"that_day": TODAY}),
]


@pytest.mark.parametrize(("query", "given"), ASKED, ids=["plants", "grades", "plan", "unrecorded"])
def test_no_table_that_grows_is_read_from_end_to_end(
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
    scanned = [step.split()[1] for step in plan if step.startswith("SCAN")]
    assert set(scanned) <= {"plant", "CONSTANT"}, plan
    for table in ("occurrence", "finding", "nonconformity") if query is _grades(SETTLED) else ("occurrence", "finding"):
        assert all("COVERING INDEX" in step for step in plan if step.startswith(f"SEARCH {table} ")), plan


def test_a_hundred_plants_take_the_statements_of_one(register: SqlRegister) -> None:
    with register.database.work() as connection:
        made = connection.execute(
            insert(user_account).values(
                login="chief", name="集团", password_hash="x", active=True, created="2026-01-01T00:00:00.000Z"
            )
        ).inserted_primary_key
        assert made is not None
        user = made[0]
        connection.execute(insert(membership).values(user_id=user, plant_id=None, role="auditor"))
        for n in range(100):
            values = {"key": f"9{n:017}", "name": f"厂 {n}", "data_start": TODAY, "data_end": TODAY, "onboarded": TODAY}
            of = connection.execute(insert(plant).values(**values)).inserted_primary_key
            assert of is not None
            rows = [_occurrence(of[0], k, TODAY - timedelta(n - 50)) for k in range(3)]
            connection.execute(insert(occurrence), rows)
    sent: list[str] = []
    reader = register.database.reader
    event.listen(reader, "before_cursor_execute", lambda _c, _u, statement, *_: sent.append(statement))
    views = SqlDesk(register.database).group_view(user, TODAY, SETTLED)
    asked = [s for s in sent if not s.startswith(("BEGIN", "PRAGMA", "SET"))]
    assert len(asked) == 2
    assert len(views) == 100
    late = {v.plant.name: (v.worst, v.overdue) for v in views if v.overdue}
    assert len(late) == 49
    assert late["厂 60"] == (TODAY - timedelta(10), 3)
    assert SqlDesk(register.database).group_view(user + 1, TODAY, SETTLED) == []


def _occurrence(of: int, number: int, due: date) -> dict[str, object]:
    texts = ("title_zh", "title_en", "clause", "strength", "derivation_zh", "derivation_en", "owner", "rule_digest")
    return dict.fromkeys(texts, "x") | {
        "plant_id": of, "obligation": "o", "subject": "s", "period": f"2026-{number + 1:02}", "code": "C",
        "opens": due, "due": due, "effective_workday": due, "provisional": False, "state": "open", "anchor": due,
    }  # fmt: skip


def test_what_was_not_recorded_is_found_in_one_statement(register: SqlRegister) -> None:
    of = add_plant(register)
    item = CollectionItem(
        line="K1", item="熟料", item_class=None, unit="t", frequency="日", since=None, until=None, department=None
    )
    other, treated = (CollectionItem(**{n: getattr(item, n) for n in _names()} | {"item": i}) for i in ("煤", "电"))
    reading = Reading(
        on=TODAY, line="K1", item="熟料", amount=1, unit="t", instrument=None, recorder=None, checker=None, remark=None
    )
    gap = MissingData(
        number="Q1", line="K1", item="电", since=TODAY - timedelta(1), until=None, reason=None, method=None,
        effect=None, substitute=None, candidate1=None, candidate2=None, candidate3=None, proof=None, approver=None,
    )  # fmt: skip
    with register.work() as work:
        work.insert_rows(of, {CollectionItem: [item, other, treated], Reading: [reading], MissingData: [gap]})
        work.record(act("plant:import", of.key, object_type="plant"), of)
    desk = SqlDesk(register.database)
    assert [i.item for i in desk.unrecorded(of, TODAY)] == ["煤", "电"]
    assert [i.item for i in desk.unrecorded(of, TODAY - timedelta(1))] == ["煤", "熟料"]
    daily = desk.daily(of, TODAY - timedelta(5), TODAY)
    assert daily.latest == {("K1", "熟料"): TODAY}
    assert [r.on for r in daily.readings] == [TODAY]
    assert desk.words(of, [Refers.NOTHING]) == {}


def _names() -> list[str]:
    return [c.name for c in CollectionItem.SHEET.columns]
