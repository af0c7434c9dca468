"""Events that raise a duty: those that people record, and rows of sheets that say themselves that one took place.

Which rows these are the rule says (``with`` of its evidence): the ``sheet`` by the name of its table, the column of the
``day``, and what the row is about (``subject``; its natural key, unless said). ``column`` and ``other_than`` leave out
rows whose column reads a word or nothing; ``first`` takes of each value of a column the first row alone, and that only
where it came after the data began. A row whose day lies before the data is history and raises nothing.

The row meets the duty itself where the rule says so: once every column of ``filled`` and ``done`` is given, on the
latest day of ``done``. Else what was done is handed in, as it is for recorded events. What is recorded as an event of
the same kind on the same day is not raised by a row once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import cast

from compliance.core.model import SHEETS, Cell, Event, PlantData, Row
from compliance.core.model.data import last_day
from compliance.core.obligations.readers import Record, With, reader
from compliance.kernel.text import Text
from compliance.rulebase.parse.table import suggestion
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Obligation, OnEvent, Problem

_TABLES = {kind.SHEET.table: kind for kind in SHEETS}
#: Members of ``with`` that name one column, and those that name several.
_ONE, _SEVERAL = ("day", "subject", "column", "first"), ("filled", "done")
_SAID = ("sheet", "kind", "other_than", *_ONE, *_SEVERAL)
EVENT = "event"


@reader(EVENT, handed_in=True)
def events(data: PlantData, with_: With) -> Iterator[Record]:
    """Events that raise a duty; what was done about them is handed in, or stands in the row that raised it."""
    recorded = [row for row in data.rows(Event) if row.on is not None]
    for row in recorded:
        on = cast("date", row.on)
        yield Record(row.number, on.isoformat(), on, None, row.type or "")
    if "sheet" in with_:
        known = {(row.type, row.on) for row in recorded}
        yield from (one for one in _rows(data, with_) if (one.kind, one.day) not in known)


def _rows(data: PlantData, with_: With) -> Iterator[Record]:
    kind, name, word = _TABLES[str(with_["sheet"])], str(with_["day"]), str(with_["kind"])
    dated = [(day, row) for row in data.rows(kind) if (day := last_day(getattr(row, name))) is not None]
    chosen: Iterable[tuple[date, Row]] = (one for one in dated if _chosen(one[1], with_))
    if "first" in with_:
        chosen = _firsts(chosen, str(with_["first"]), data.data_start)
    for day, row in chosen:
        if day >= data.data_start:
            yield Record(_subject(row, with_), day.isoformat(), day, _done(row, with_), word)


def _chosen(row: Row, with_: With) -> bool:
    if "column" not in with_:
        return True
    value = getattr(row, str(with_["column"]))
    return value is not None and value != with_["other_than"]


def _firsts(rows: Iterable[tuple[date, Row]], column: str, begun: date) -> Iterator[tuple[date, Row]]:
    """The first row of each value; one that was there when the data began may have had others before it."""
    found: dict[object, tuple[date, Row]] = {}
    for day, row in sorted(rows, key=lambda one: (one[0], one[1].key())):
        found.setdefault(getattr(row, column), (day, row))
    month = (begun.year, begun.month)
    return (one for one in found.values() if one[0] > begun and (one[0].year, one[0].month) != month)


def _subject(row: Row, with_: With) -> str:
    name = with_.get("subject") or with_.get("first")
    parts = (getattr(row, str(name)),) if name else row.key()
    return "/".join(str(part) for part in parts)


def _done(row: Row, with_: With) -> date | None:
    days = [last_day(getattr(row, name)) for name in _names(with_, "done")]
    given = [getattr(row, name) for name in _names(with_, "filled")]
    if not days or None in days or None in given:
        return None
    return max(cast("list[date]", days))


def _names(with_: With, key: str) -> Sequence[str]:
    return cast("Sequence[str]", with_.get(key, ()))


# --- what rules alone cannot know ----------------------------------------------------------------------------


def row_problems(rules: RuleBase) -> Iterator[Problem]:
    """Tables, columns and kinds of events that are none, in rules whose events rows raise."""
    for rule in rules.of(Obligation):
        with_ = rule.evidence.with_
        if rule.evidence.completed_by == EVENT and with_:
            yield from (Problem(rule.file, rule.line, rule.id, text) for text in _wrong(rule, with_))


def _wrong(rule: Obligation, with_: With) -> Iterator[Text]:
    for name in with_:
        yield from _known(name, _SAID, "with")
    for name in ("sheet", "day", "kind", *(("other_than",) if "column" in with_ else ())):
        if name not in with_:
            yield Text(f"with：缺少 {name}", f"with: {name} is missing")
    types = rule.cadence.types if isinstance(rule.cadence, OnEvent) else ()
    if "kind" in with_:
        yield from _known(str(with_["kind"]), types, "with.kind")
    if "sheet" not in with_:
        return
    yield from _known(str(with_["sheet"]), _TABLES, "with.sheet")
    kind = _TABLES.get(str(with_["sheet"]))
    if kind is not None:
        yield from _columns(kind, with_)


def _columns(kind: type[Row], with_: With) -> Iterator[Text]:
    columns = {column.name: column.cell for column in kind.SHEET.columns}
    days = [name for name, cell in columns.items() if cell in (Cell.DAY, Cell.MONTH)]
    for key in _ONE:
        if key in with_:
            yield from _known(str(with_[key]), days if key == "day" else columns, f"with.{key}")
    for key in _SEVERAL:
        for name in _names(with_, key):
            yield from _known(name, days if key == "done" else columns, f"with.{key}")


def _known(name: str, known: Iterable[str], where: str) -> Iterator[Text]:
    known = list(known)
    if name not in known:
        hint = suggestion(name, known)
        yield Text(f"{where}：没有“{name}”；{hint.zh}", f"{where}: there is no '{name}'; {hint.en}")
