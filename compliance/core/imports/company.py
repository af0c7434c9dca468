"""Who the workbook is about: the plant's key, its name, and the first and last day of its data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.core.imports.cells import ERRONEOUS, as_text
from compliance.core.imports.problems import DataProblem
from compliance.core.imports.tables import Line, Table, Vocabularies

_ITEMS = "company-item"
#: GB 32100-2015: the characters of a credit code (no I, O, S, V, Z) and the modulus of its check character.
_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_LENGTH = 18
_WEIGHT = 3


@dataclass(frozen=True, slots=True)
class PlantFacts:
    """What a plant is registered with."""

    key: str
    name: str
    data_start: date
    data_end: date


def is_credit_code(text: str) -> bool:
    """Whether a text is a 统一社会信用代码 with the right check character (GB 32100-2015)."""
    modulus = len(_CHARACTERS)
    if len(text) != _LENGTH or any(c not in _CHARACTERS for c in text):
        return False
    weighed = sum(_CHARACTERS.index(c) * pow(_WEIGHT, i, modulus) for i, c in enumerate(text[:-1]))
    return _CHARACTERS[-weighed % modulus] == text[-1]


class Company:
    """Reads the company's items; each is found by the permanent id of its word."""

    def __init__(self, table: Table | None, vocabularies: Vocabularies) -> None:
        self._words = {w.id: w.zh for w in vocabularies[_ITEMS].words}
        self._table = table if table is not None and {"item", "content"} <= table.present else None
        self._lines: dict[object, Line] = {}
        if self._table is not None:
            at = self._table.place("item")
            for line in self._table.lines:
                self._lines.setdefault(line.values[at], line)

    def facts(self) -> PlantFacts | None:
        """The plant's facts, or ``None`` after everything that keeps them from being known was reported."""
        if self._table is None:
            return None
        key, name = self._credit_code(), self._text("name")
        start, end = self._day("data-start"), self.data_end()
        if start is not None and end is not None and end < start:
            self._wrong("data-end", "end-before-start", end)
            return None
        if key is None or name is None or start is None or end is None:
            return None
        return PlantFacts(key, name, start, end)

    def data_end(self) -> date | None:
        """The last day of data, where it is given and right."""
        return self._day("data-end")

    def _credit_code(self) -> str | None:
        content = self._content("credit-code")
        if content is None:
            return None
        if isinstance(content, str) and is_credit_code(content):
            return content
        self._wrong("credit-code", "credit-code", content)
        return None

    def _text(self, item: str) -> str | None:
        content = self._content(item)
        return None if content is None else as_text(content)

    def _day(self, item: str) -> date | None:
        content = self._content(item)
        if content is None or isinstance(content, date):
            return content
        self._wrong(item, "not-a-day", content)
        return None

    def _content(self, item: str) -> object:
        """The content of an item; what is absent or empty is reported once and reads as ``None``."""
        table = self._table
        if table is None:
            return None
        line = self._lines.get(self._words[item])
        if line is None:
            self._absent(table, item)
            return None
        content = line.values[table.place("content")]
        if content is None:
            self._wrong(item, "content-empty", "")
        return None if content is ERRONEOUS else content

    def _absent(self, table: Table, item: str) -> None:
        if ERRONEOUS not in self._lines:  # else that row may be meant, and is reported already
            word = self._words[item]
            problem = DataProblem(table.sheet.heading, None, None, "item-absent", word)
            if problem not in table.problems:
                table.problems.add(problem)

    def _wrong(self, item: str, code: str, content: object) -> None:
        if self._table is not None:
            line = self._lines[self._words[item]]
            self._table.wrong(line, self._table.place("content"), code, content)
