"""Rows entered by a form: the same checks as a workbook's, the same manifest, one act of its own.

The form's values are kept as a file in the vault, as a workbook would be, so the trail and its replay need nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import ClassVar

from compliance.core.acts import Actor, ObjectRef
from compliance.core.imports.cells import some
from compliance.core.imports.company import PlantFacts
from compliance.core.imports.examine import Examined, examine
from compliance.core.imports.problems import DataProblem
from compliance.core.imports.tables import Vocabularies
from compliance.core.imports.use_case import Admission, Importing, ImportRefused, ImportReport
from compliance.core.model import (
    SHEETS,
    Cell,
    CollectionItem,
    CompanyItem,
    Department,
    Instrument,
    Laboratory,
    PersonPeriod,
    PlantFactor,
    ProductionLine,
    Row,
    Trade,
)
from compliance.core.plants import Plant
from compliance.core.ports import Register, Tables, Vault
from compliance.kernel.canonical import canonical
from compliance.kernel.errors import WrongUse
from compliance.kernel.quantity import from_micro
from compliance.kernel.text import Text
from compliance.rulebase.schema import Parameter, Vocabulary, Word

#: Sheets that other sheets refer to: their rows are examined along with the new one.
_REFERRED: tuple[type[Row], ...] = (
    CompanyItem,
    ProductionLine,
    Department,
    PersonPeriod,
    CollectionItem,
    Instrument,
    Laboratory,
    Trade,
)
#: Master data come by workbook: a form does not change what everything else refers to. Of the company only what
#: workbooks do not hold is entered.
ENTERABLE: tuple[type[Row], ...] = tuple(kind for kind in SHEETS if kind not in _REFERRED or kind is CompanyItem)
#: What an administrator may enter though other sheets refer to it: a post begins or ends between two workbooks.
ADMINISTERED: tuple[type[Row], ...] = (PersonPeriod,)
#: The vocabulary of what is entered of the company.
_SAID_OF_COMPANY = "yes-no"
_MEDIA_TYPE = "application/json"


class NotEntered(WrongUse):
    """Rows of this kind come by workbook alone."""

    code = "not-entered"
    text: ClassVar[Text] = Text(
        zh="“{sheet}”不能逐条填写，可填：{sheets}", en="{sheet} is not entered row by row; these are: {sheets}"
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person filled in: the sheet's table, and texts by the field's name (empty ones left out)."""

    table: str
    values: Mapping[str, str]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entries:
    """Several rows of one table that a person filled in at once: one act, all or nothing."""

    table: str
    rows: Sequence[Mapping[str, str]]
    reason: str = ""


#: The number of the first entered row in problems, as below the headings of a workbook.
FIRST_ROW = 2


def kind_of(table: str, *, administered: bool = False) -> type[Row]:
    """The kind of row that a form enters (an administrator's form: more); raises :class:`NotEntered`."""
    for kind in (*ENTERABLE, *ADMINISTERED) if administered else ENTERABLE:
        if kind.SHEET.table == table:
            return kind
    raise NotEntered(sheet=table, sheets="、".join(kind.SHEET.table for kind in ENTERABLE))


def enter(
    entry: Entry,
    plant: Plant,
    *,
    register: Register,
    vault: Vault,
    admits: Admission,
    actor: Actor,
    today: date,
    administered: bool = False,
) -> ImportReport | ImportRefused:
    """Enter one row: new, a correction (with a reason), or refused with every bad field.

    Problems carry the heading of the field as their column; ``row`` is always the entered one.
    """
    rows = Entries(entry.table, (entry.values,), entry.reason)
    return enter_rows(
        rows,
        plant,
        register=register,
        vault=vault,
        admits=admits,
        actor=actor,
        today=today,
        administered=administered,
    )


def enter_rows(
    entries: Entries,
    plant: Plant,
    *,
    register: Register,
    vault: Vault,
    admits: Admission,
    actor: Actor,
    today: date,
    administered: bool = False,
) -> ImportReport | ImportRefused:
    """Enter rows as one act, all or nothing; the n-th of them is row ``FIRST_ROW + n`` in problems."""
    kind = kind_of(entries.table, administered=administered)
    if kind is CompanyItem and (wrong := list(_of_workbooks(entries.rows, admits.vocabularies))):
        return ImportRefused(wrong, 0)
    with register.read() as reads:
        tables = reads.tables(plant, (*_REFERRED, kind))
    examined = examine(_sheets(kind, entries.rows, tables, plant, today), admits.vocabularies, _quiet)
    if examined.facts is None:
        own = [p for p in examined.problems if p.sheet == kind.SHEET.heading]
        return ImportRefused(own or examined.problems, examined.more)
    many = len(entries.rows)
    only = Examined({kind: examined.rows[kind][:many]}, {kind: examined.numbers[kind][:many]}, (), examined.facts)
    if beyond := list(_beyond(only, admits.parameters)):
        return ImportRefused(beyond, 0)
    facts = PlantFacts(plant.key, plant.name, plant.data_start, plant.data_end)
    form = _Form(canonical({"v": 1, "plant": plant.key, "table": entries.table} | _said(entries.rows)))
    return Importing(
        form, only, facts, register, vault, actor, today, entries.reason.strip(), _quiet, admits.guard, "plant:enter"
    ).done()


def people_alone(vocabulary: str, vocabularies: Iterable[Vocabulary]) -> tuple[Word, ...]:
    """The words of a column that people enter and workbooks do not hold."""
    return tuple(word for rule in vocabularies if rule.widens == vocabulary for word in rule.words)


def _of_workbooks(rows: Sequence[Mapping[str, str]], vocabularies: Vocabularies) -> Iterator[DataProblem]:
    """What of the company a form does not enter: items that workbooks hold, and anything but yes or no."""
    items = [w.zh for w in people_alone(CompanyItem.SHEET.column("item").vocabulary, vocabularies.values())]
    said = [w.zh for w in vocabularies[_SAID_OF_COMPANY].words]
    for number, row in enumerate(rows, FIRST_ROW):
        for name, words in (("item", items), ("content", said)):
            given = row.get(name, "").strip()
            if given not in words:
                heading = CompanyItem.SHEET.column(name).heading
                of = CompanyItem.SHEET.heading
                yield DataProblem(of, number, heading, "not-in-list", given, admitted=some(words))


def _beyond(examined: Examined, parameters: Sequence[Parameter]) -> Iterator[DataProblem]:
    """Parameters of the plant whose value means nothing. A workbook may hold them: the default counts then."""
    known = {rule.code: rule for rule in parameters}
    sheet = PlantFactor.SHEET
    rows = zip(examined.rows.get(PlantFactor, ()), examined.numbers.get(PlantFactor, ()), strict=True)
    for row, number in rows:
        if isinstance(row, PlantFactor) and row.value is not None and (rule := known.get(row.code)):
            value = from_micro(row.value)
            if not rule.admits(value):
                column, given = sheet.column("value").heading, f"{value:f}"
                yield DataProblem(sheet.heading, number, column, "beyond-bounds", given, admitted=rule.bounds)


def _said(rows: Sequence[Mapping[str, str]]) -> dict[str, object]:
    return {"values": dict(rows[0])} if len(rows) == 1 else {"rows": [dict(row) for row in rows]}


class _Form:
    """The filled-in form as the file that the act rests on."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def keep(self, vault: Vault) -> ObjectRef:
        return vault.put(BytesIO(self._data), name="entry.json", media_type=_MEDIA_TYPE)


def _sheets(
    kind: type[Row], entered: Sequence[Mapping[str, str]], tables: Tables, plant: Plant, today: date
) -> Iterator[tuple[str, Iterable[Sequence[object]]]]:
    """A workbook in memory: what is referred to, and the entered rows. Data may be entered up to today."""
    ends = {plant.data_end.isoformat(): max(plant.data_end, today)}
    for one in SHEETS:
        columns = one.SHEET.columns
        rows: list[Sequence[object]] = [[c.heading for c in columns]]
        if one is kind:
            rows += [[_typed(values.get(c.name, ""), c.cell) for c in columns] for values in entered]
        if one in _REFERRED:
            known = {tuple(values.get(name, "").strip() for name in one.SHEET.key) for values in entered}
            others = [row for row in tables.get(one, ()) if one is not kind or tuple(map(str, row.key())) not in known]
            rows += [[_cell(getattr(row, c.name), c.cell, ends) for c in columns] for row in others]
        yield one.SHEET.heading, rows


def _typed(text: str, cell: Cell) -> object:
    """A form's text as the cell it stands for; what does not read as one stays text and is refused as such."""
    given = text.strip()
    if not given:
        return None
    try:
        match cell:
            case Cell.DAY:
                return date.fromisoformat(given)
            case Cell.QUANTITY | Cell.SIGNED:
                return Decimal(given)
            case _:
                return given
    except (ValueError, InvalidOperation):
        return given


def _cell(value: object, cell: Cell, ends: Mapping[str, date]) -> object:
    """A stored value as a workbook's cell; the last day of data reads as the last day that may be entered."""
    match cell:
        case Cell.QUANTITY | Cell.SIGNED if isinstance(value, int):
            return from_micro(value)
        case Cell.ANY if isinstance(value, str):
            return ends.get(value) or _day(value)
        case _:
            return value


def _day(text: str) -> object:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _quiet(done: int, of: int, what: str) -> None:
    """A form is quick enough to need no progress."""
    del done, of, what
