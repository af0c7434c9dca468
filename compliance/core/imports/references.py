"""What cells must fit in other rows and sheets: words that must exist, the monitoring plan, periods, natural keys.

A cell that has an error already is not used. References to a sheet or column that the file lacks are not examined.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from compliance.core.imports.cells import ERRONEOUS, as_text
from compliance.core.imports.tables import Table, Vocabularies
from compliance.core.model import (
    CollectionItem,
    Department,
    Instrument,
    Laboratory,
    PersonPeriod,
    ProductionLine,
    Reading,
    Refers,
    Row,
    Trade,
)

#: Where the words of a reference stand.
_TARGETS: Mapping[Refers, tuple[type[Row], str]] = {
    Refers.ACCOUNT: (PersonPeriod, "account"),
    Refers.ACCOUNTS: (PersonPeriod, "account"),
    Refers.LINE: (ProductionLine, "line"),
    Refers.LINE_OR_PLANT: (ProductionLine, "line"),
    Refers.INSTRUMENT: (Instrument, "number"),
    Refers.LABORATORY: (Laboratory, "number"),
    Refers.TRADE: (Trade, "number"),
    Refers.DEPARTMENT: (Department, "name"),
}
_PLACES = "place"
#: Joins several values in one cell.
_JOINER = "、"

Tables = Mapping[type[Row], Table]


def examine_references(tables: Tables, vocabularies: Vocabularies, data_end: date | None) -> None:
    """Examine what needs more than one cell, in the order in which a cell's first error is looked for."""
    targets = _targets(tables, vocabularies)
    for table in tables.values():
        _refer(table, targets)
    _fit_plan(tables)
    _within_data(tables, data_end)
    for table in tables.values():
        _ends_after_start(table)
        _keys_once(table)


def _targets(tables: Tables, vocabularies: Vocabularies) -> dict[Refers, frozenset[object]]:
    found: dict[Refers, frozenset[object]] = {}
    for refers, (kind, name) in _TARGETS.items():
        table = tables.get(kind)
        if table is not None and name in table.present:
            words = frozenset(table.given(name))
            if refers is Refers.LINE_OR_PLANT:
                words |= {w.zh for w in vocabularies[_PLACES].words}
            found[refers] = words
    return found


def _refer(table: Table, targets: Mapping[Refers, frozenset[object]]) -> None:
    for place, column in enumerate(table.sheet.columns):
        known = targets.get(column.refers)
        if known is None or column.name not in table.present:
            continue
        several = column.refers is Refers.ACCOUNTS
        code = "no-such-account" if column.refers in (Refers.ACCOUNT, Refers.ACCOUNTS) else "refers-to-nothing"
        for line in table.lines:
            value = line.values[place]
            if value is None or value is ERRONEOUS or value in known:
                continue
            if several and known.issuperset(str(value).split(_JOINER)):
                continue
            table.wrong(line, place, code, value)


def _fit_plan(tables: Tables) -> None:
    """A reading's item and unit are those of the monitoring plan of its line."""
    readings, plan = tables.get(Reading), tables.get(CollectionItem)
    if readings is None or plan is None or not {"line", "item"} <= plan.present & readings.present:
        return
    units = _units(plan)
    at_line, at_item, at_unit = (readings.place(n) for n in ("line", "item", "unit"))
    for line in readings.lines:
        of, item, unit = (line.values[i] for i in (at_line, at_item, at_unit))
        if of is ERRONEOUS or item is ERRONEOUS:
            continue
        if (of, item) not in units:
            readings.wrong(line, at_item, "not-in-plan", item)
            continue
        planned = units[of, item]
        if unit is not None and unit is not ERRONEOUS and planned is not None and unit != planned:
            readings.wrong(line, at_unit, "unit-differs", unit)


def _units(plan: Table) -> dict[tuple[object, object], object]:
    """Planned unit by line and item; ``None`` where it is not given or has an error."""
    at = [plan.place(n) for n in ("line", "item", "unit")]
    units: dict[tuple[object, object], object] = {}
    for line in plan.lines:
        of, item, unit = (line.values[i] for i in at)
        if of is not ERRONEOUS and item is not ERRONEOUS:
            units.setdefault((of, item), None if unit is ERRONEOUS else unit)
    return units


def _within_data(tables: Tables, data_end: date | None) -> None:
    readings = tables.get(Reading)
    if readings is None or data_end is None:
        return
    place = readings.place("on")
    for line in readings.lines:
        day = line.values[place]
        if isinstance(day, date) and day > data_end:
            readings.wrong(line, place, "after-data-end", day)


def _ends_after_start(table: Table) -> None:
    for place, column in enumerate(table.sheet.columns):
        if not column.ends:
            continue
        start_place = table.place(column.ends)
        for line in table.lines:
            start, end = line.values[start_place], line.values[place]
            if isinstance(start, date) and isinstance(end, date) and end < start:
                table.wrong(line, place, "end-before-start", end)


def _keys_once(table: Table) -> None:
    names = table.sheet.key
    if not table.present.issuperset(names):
        return
    places = [table.place(name) for name in names]
    seen: set[tuple[object, ...]] = set()
    for line in table.lines:
        key = tuple(line.values[i] for i in places)
        if ERRONEOUS in key:
            continue
        if key in seen:
            table.wrong(line, places[0], "key-twice", _shown(key))
        seen.add(key)


def _shown(key: tuple[object, ...]) -> str:
    return " + ".join(as_text(part) for part in key)
