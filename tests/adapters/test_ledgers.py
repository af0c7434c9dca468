"""What lacks on overdue days of daily data, by the classes of the items that the plan wanted then."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert

from compliance.adapters.tables import occurrence
from compliance.core.model import CollectionItem, MissingData, Reading
from tests.adapters.conftest import act, add_plant
from tests.core.world import row

if TYPE_CHECKING:
    from compliance.adapters.register import SqlRegister

DAILY = "daily-data"
FIRST = date(2026, 5, 10)


def late(of: int, day: date, state: str = "overdue", obligation: str = DAILY) -> dict[str, object]:
    texts = ("title_zh", "title_en", "clause", "strength", "derivation_zh", "derivation_en", "owner", "rule_digest")
    due = day + timedelta(1)
    return dict.fromkeys(texts, "x") | {
        "plant_id": of, "obligation": obligation, "subject": "s", "period": day.isoformat(), "code": "C",
        "opens": day, "due": due, "effective_workday": due, "provisional": False, "state": state, "anchor": day,
    }  # fmt: skip


def item(name: str, of_class: str, since: date | None, until: date | None = None) -> CollectionItem:
    return row(CollectionItem, line="K1", item=name, item_class=of_class, since=since, until=until)


def test_each_overdue_day_names_what_has_neither_reading_nor_substitute(register: SqlRegister) -> None:
    of = add_plant(register)
    days = [FIRST + timedelta(n) for n in range(4)]
    before = FIRST - timedelta(30)
    plan = [
        item("熟料", "熟料", before),
        item("煤", "化石燃料", before),
        item("电", "外购电", before),
        item("水泥", "水泥", days[2]),  # wanted from the third day on
        item("旧煤", "化石燃料", before, FIRST - timedelta(1)),  # and this no more
    ]
    read = [row(Reading, on=day, line="K1", item="熟料", amount=1) for day in days]
    read += [row(Reading, on=days[0], line="K1", item="煤", amount=None)]  # a row without an amount is no reading
    read += [row(Reading, on=day, line="K1", item="煤", amount=1) for day in days[1:]]
    read += [row(Reading, on=days[0], line="K2", item="电", amount=1)]  # of another line
    filled = [row(MissingData, number="Q", line="K1", item="电", since=days[1], until=days[2])]
    with register.work() as work:
        work.insert_rows(of, {CollectionItem: plan, Reading: read, MissingData: filled})
        work.record(act("plant:import", of.key, object_type="plant"), of)
    other = add_plant(register, "91500000MA5U000003")
    with register.database.work() as connection:
        rows = [late(of.id, day) for day in days[:3]] + [late(of.id, days[3], "open"), late(other.id, days[0])]
        connection.execute(insert(occurrence), [*rows, late(of.id, days[0], obligation="other")])
    with register.read() as reads:
        found = [(one.due - timedelta(1), one.item_class) for one in reads.lacks(of, [DAILY])]
        assert list(reads.lacks(of, [])) == list(reads.lacks(other, [DAILY])) == []
    assert sorted(found) == sorted([(days[0], "化石燃料"), (days[0], "外购电"), (days[2], "水泥")])
