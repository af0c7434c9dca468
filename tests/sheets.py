"""A small sound workbook in memory, made from the declarations of the sheets; tests break one cell of it."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache

from compliance.core.imports import Admission, DataProblem, Examined, examine
from compliance.core.model import (
    SHEETS,
    Cell,
    CollectionItem,
    Column,
    CompanyItem,
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
from compliance.kernel.text import Text
from compliance.rulebase.schema import InForce, Source, Strength, Vocabulary, Word
from tests.conftest import ROOT

Book = dict[str, list[list[object]]]

START, END = date(2026, 1, 1), date(2026, 6, 30)
CODE = "91500101352449397U"
ACCOUNT, LINE, INSTRUMENT, LABORATORY, TRADE, DEPARTMENT, ITEM = "U1", "K1", "M1", "J1", "T1", "生产部", "熟料"

_REFERENCES = {
    Refers.ACCOUNT: ACCOUNT,
    Refers.ACCOUNTS: ACCOUNT,
    Refers.LINE: LINE,
    Refers.LINE_OR_PLANT: LINE,
    Refers.INSTRUMENT: INSTRUMENT,
    Refers.LABORATORY: LABORATORY,
    Refers.TRADE: TRADE,
    Refers.DEPARTMENT: DEPARTMENT,
}
_VALUES: dict[Cell, object] = {
    Cell.TEXT: "甲",
    Cell.FREE: "说明",
    Cell.DAY: date(2026, 2, 3),
    Cell.QUANTITY: Decimal("12.5"),
    Cell.SIGNED: Decimal("-0.3"),
    Cell.MONTH: "2026-02",
    Cell.YEAR: "2026",
    Cell.PERIOD: "2026-02",
}
_FIXED: dict[type[Row], dict[str, object]] = {
    ProductionLine: {"line": LINE},
    Department: {"name": DEPARTMENT},
    PersonPeriod: {"account": ACCOUNT},
    Instrument: {"number": INSTRUMENT},
    Laboratory: {"number": LABORATORY},
    Trade: {"number": TRADE},
    CollectionItem: {"item": ITEM, "unit": "t"},
    Reading: {"item": ITEM, "unit": "t"},
}
_COMPANY: dict[str, object] = {
    "name": "示例水泥有限公司",
    "credit-code": CODE,
    "data-start": START,
    "data-end": END,
    "lines": Decimal(1),
}


@cache
class NoGuard:
    """Rules that refuse no row."""

    def problems(self, *_: object) -> list[DataProblem]:
        return []


def admitting() -> Admission:
    """What admits rows: the words, and nothing that refuses any."""
    return Admission(vocabularies(), NoGuard())


def vocabularies() -> dict[str, Vocabulary]:
    """The words of the shipped rules."""
    raw = tomllib.loads((ROOT / "rules" / "vocabularies.toml").read_text(encoding="utf-8"))
    return {id_: _vocabulary(id_, block) for id_, block in raw["vocabulary"].items()}


def _vocabulary(id_: str, block: dict[str, list[dict[str, str]]]) -> Vocabulary:
    return Vocabulary(
        kind="vocabulary",
        id=id_,
        title=Text(id_, id_),
        source=Source("", "", Strength.FACT, ()),
        in_force=InForce(date(2000, 1, 1)),
        words=tuple(Word(**word) for word in block["words"]),
    )


def sound() -> Book:
    """A fresh workbook with a row in every sheet."""
    return {kind.SHEET.heading: _sheet(kind) for kind in SHEETS}


def _sheet(kind: type[Row]) -> list[list[object]]:
    head: list[object] = [c.heading for c in kind.SHEET.columns]
    if kind is CompanyItem:
        words = vocabularies()["company-item"].words
        return [head, *([w.zh, _COMPANY.get(w.id, "文字")] for w in words)]
    return [head, [_FIXED.get(kind, {}).get(c.name, _value(c)) for c in kind.SHEET.columns]]


def _value(column: Column) -> object:
    if column.vocabulary:
        return vocabularies()[column.vocabulary].words[0].zh
    return _REFERENCES.get(column.refers, _VALUES[column.cell])


def put(book: Book, sheet: str, column: str, value: object, row: int = 2) -> Book:
    """Write a cell; the row is the number of the file, and rows are added as copies of the last one."""
    rows = book[sheet]
    while len(rows) < row:
        rows.append(list(rows[-1]))
    rows[row - 1][rows[0].index(column)] = value
    return book


def examined(book: Book) -> Examined:
    """Examine a workbook with the shipped words."""
    return examine(((name, iter(rows)) for name, rows in book.items()), vocabularies(), lambda *_: None)


def places(book: Book) -> list[tuple[str, int | None, str | None, str]]:
    """Where a workbook is wrong, and which rule it breaks there."""
    return [(p.sheet, p.row, p.column, p.code) for p in examined(book).problems]
