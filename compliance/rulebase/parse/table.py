"""A reader over one TOML table that hands out typed members and keeps everything that is wrong.

Every accessor returns a value of its type whatever stands in the file: a wrong member is reported
and replaced by an empty one, so that all faults of a block come to light at once. The loader drops
a block with problems.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar, cast

from compliance.kernel.text import Text
from compliance.rulebase.schema import Number, Problem, Ref, Value

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")
#: Canonical JSON holds integers exactly up to here.
_LARGEST = 2**53 - 1
_NAMES: Mapping[type, Text] = {
    str: Text("文字", "a text"),
    int: Text("整数", "a whole number"),
    bool: Text("true 或 false", "true or false"),
    date: Text("日期（如 2026-01-31）", "a day such as 2026-01-31"),
    list: Text("列表 […]", "a list […]"),
    dict: Text("表 { … }", "a table { … }"),
}


def suggestion(word: str, known: Collection[str]) -> Text:
    """What would be right instead of an unknown word: the nearest known one, or all there are."""
    near = get_close_matches(word, known, n=1)
    if near:
        return Text(f"是否应为“{near[0]}”？", f"did you mean '{near[0]}'?")
    if not known:
        return Text("目前没有可用的值", "there is nothing to choose from yet")
    some = sorted(known)[:12]
    more = len(known) - len(some)
    names = "、".join(some), ", ".join(some)
    if more:
        return Text(f"可用：{names[0]} 等 {len(known)} 个", f"choose one of {names[1]}, … ({more} more)")
    return Text(f"可用：{names[0]}", f"choose one of {names[1]}")


@dataclass(slots=True)
class Faults:
    """Collects the problems of one block; knows the line of each of its keys."""

    file: str
    rule: str
    line: int
    keys: Mapping[str, int]
    found: list[Problem] = field(default_factory=list)

    def add(self, key: str, zh: str, en: str) -> None:
        """Report a problem at a key (``a.b`` stands at the line of ``a``)."""
        line = self.keys.get(key.partition(".")[0].partition("[")[0], self.line)
        self.found.append(Problem(self.file, line, self.rule, Text(zh, en)))


class Table:
    """One table of a rule file, read member by member; :meth:`done` reports what nobody asked for."""

    def __init__(self, data: Mapping[str, object], faults: Faults, path: str = "") -> None:
        """``path`` is the name of the table inside its block, empty for the block itself."""
        self.data = data
        self.faults = faults
        self.path = path
        self._asked: set[str] = set()
        self._children: list[Table] = []

    def __contains__(self, key: str) -> bool:
        """Whether the member is given."""
        return key in self.data

    def name(self, key: str) -> str:
        """The member's full name inside its block, as messages call it."""
        return f"{self.path}.{key}" if self.path else key

    def wrong(self, key: str, zh: str, en: str) -> None:
        """Report that a member is wrong; its name is put before the sentence."""
        name = self.name(key)
        self.faults.add(name, f"{name}：{zh}", f"{name}: {en}")

    # --- members -----------------------------------------------------------------------------

    def text(self, key: str, default: str | None = None, *, empty: bool = False) -> str:
        """A text without blanks at its ends; ``empty`` says whether it may hold nothing."""
        value = self._get(key, str, default, "")
        if key in self.data and isinstance(self.data[key], str) and value.strip() != value:
            self.wrong(key, "首尾不应有空白", "no blanks at the ends")
        if self.data.get(key) == "" and not empty:
            self.wrong(key, "不应为空", "must not be empty")
        return value

    def paragraphs(self, key: str) -> str:
        """A text of several lines or nothing; blank lines around it and blanks around its lines are left out."""
        lines = self._get(key, str, "", "").split("\n")
        return "\n".join(line.strip() for line in lines).strip()

    def maybe_text(self, key: str) -> str | None:
        """A text or nothing."""
        self._asked.add(key)
        return self.text(key) if key in self.data else None

    def whole(self, key: str, default: int | None = None, least: int | None = None) -> int:
        """A whole number, at least ``least``."""
        return self._at_least(key, self._get(key, int, default, 0), least)

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """True or false."""
        return self._get(key, bool, default, fallback=False)

    def day(self, key: str) -> date:
        """A calendar day."""
        return self._get(key, date, None, date.min)

    def maybe_day(self, key: str) -> date | None:
        """A calendar day or nothing."""
        self._asked.add(key)
        return self.day(key) if key in self.data else None

    def both(self, key: str) -> Text:
        """A text in both languages: ``{ zh = "…", en = "…" }``."""
        return self.table(key).languages()

    def languages(self) -> Text:
        """This table read as a text in both languages."""
        return Text(self.text("zh"), self.text("en"))

    def choice(self, key: str, words: type[E], default: E | None = None) -> E:
        """One word of a closed list of the language."""
        first: E = next(iter(words))
        word = self._get(key, str, None if default is None else default.value, first.value)
        return words(word) if self.one_of(key, word, [w.value for w in words]) else first

    def one_of(self, key: str, word: str, known: Collection[str]) -> bool:
        """Whether a word read at a key is known; report it with the nearest one if not."""
        if word in known:
            return True
        if key in self.data and isinstance(self.data[key], str):
            hint = suggestion(word, known)
            self.wrong(key, f"“{word}”未知；{hint.zh}", f"'{word}' is unknown; {hint.en}")
        return False

    def number(self, key: str, least: int = 0) -> Number:
        """A whole number or ``{ parameter = "id" }``."""
        if isinstance(self.data.get(key), dict):
            table = self.table(key)
            return Ref(table.text("parameter"))
        return self.whole(key, least=least)

    def strings(self, key: str, *, optional: bool = False, empty: bool = False) -> tuple[str, ...]:
        """A list of texts; ``empty`` says whether it may hold none."""
        return self._listed(key, str, optional=optional, empty=empty)

    def days(self, key: str) -> tuple[date, ...]:
        """A list of calendar days, perhaps empty."""
        return self._listed(key, date, optional=True, empty=True)

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers, perhaps empty."""
        return self._listed(key, int, optional=True, empty=True)

    def groups(self, key: str) -> tuple[tuple[str, ...], ...]:
        """A list of lists of at least two texts."""
        found = []
        for n, group in enumerate(self._listed(key, list, optional=True, empty=True)):
            if len(group) > 1 and all(isinstance(g, str) for g in group):
                found.append(tuple(group))
            else:
                self.wrong(f"{key}[{n}]", "应为至少两个文字的列表", "should list two or more texts")
        return tuple(found)

    def lists(self, key: str) -> tuple[tuple[str, ...], ...]:
        """A list of lists of texts, perhaps empty; a text may be empty."""
        found = []
        for n, cells in enumerate(self._listed(key, list, optional=True, empty=True)):
            if all(isinstance(cell, str) for cell in cells):
                found.append(tuple(cells))
            else:
                self.wrong(f"{key}[{n}]", "应为文字的列表", "should list texts")
        return tuple(found)

    def table(self, key: str, *, optional: bool = False) -> Table:
        """A table inside this one; a missing one is reported once, not for each of its members."""
        given = key in self.data
        data: dict[str, Any] = self._get(key, dict, {} if optional else None, {})
        silent = not given or not isinstance(self.data[key], dict)
        return self._child(data, self.name(key), silent=silent)

    def tables(self, key: str, *, optional: bool = False) -> list[Table]:
        """A list of tables."""
        rows: tuple[dict[str, Any], ...] = self._listed(key, dict, optional=optional, empty=optional)
        return [self._child(row, f"{self.name(key)}[{n}]") for n, row in enumerate(rows)]

    def values(self, key: str, *, optional: bool = True) -> dict[str, Value]:
        """A free table of plain values (parameters of a derivation or of a reader)."""
        data: dict[str, Any] = self._get(key, dict, {} if optional else None, {})
        return {name: self._plain(f"{key}.{name}", value) for name, value in data.items()}

    def rows(self, key: str) -> tuple[dict[str, Value], ...]:
        """A list of free tables of plain values, perhaps empty."""
        rows: tuple[dict[str, Any], ...] = self._listed(key, dict, optional=True, empty=True)
        return tuple(
            {name: self._plain(f"{key}[{n}].{name}", value) for name, value in row.items()}
            for n, row in enumerate(rows)
        )

    def rest(self, *known: str) -> Iterator[tuple[str, Value]]:
        """The members that no accessor has asked for: the free names of a pattern or a fact."""
        for key in self.data:
            if key not in known:
                self._asked.add(key)
                yield key, self._plain(key, self.data[key])

    def done(self) -> None:
        """Report every member that nobody asked for, here and in the tables handed out."""
        for key in self.data:
            if key not in self._asked:
                hint = suggestion(key, self._asked)
                self.wrong(key, f"未知的键；{hint.zh}", f"unknown key; {hint.en}")
        for child in self._children:
            child.done()

    # --- inside ------------------------------------------------------------------------------

    def _child(self, data: Mapping[str, object], path: str, *, silent: bool = False) -> Table:
        faults = self.faults
        if silent:
            faults = Faults(faults.file, faults.rule, faults.line, faults.keys)
        child = Table(data, faults, path)
        self._children.append(child)
        return child

    def _get(self, key: str, wanted: type[T], default: T | None, fallback: T) -> T:
        self._asked.add(key)
        name = _NAMES[wanted]
        if key not in self.data:
            if default is None:
                self.wrong(key, f"缺少；应为{name.zh}", f"missing; it should be {name.en}")
                return fallback
            return default
        value = self.data[key]
        if _is(value, wanted):
            return cast("T", value)
        shown = _shown(value)
        self.wrong(key, f"{shown} 不对；应为{name.zh}", f"{shown} is not {name.en}")
        return fallback

    def _listed(self, key: str, wanted: type[T], *, optional: bool, empty: bool) -> tuple[T, ...]:
        rows: list[Any] = self._get(key, list, [] if optional else None, [])
        name = _NAMES[wanted]
        good = []
        for n, row in enumerate(rows):
            if _is(row, wanted) and row != "":
                good.append(row)
            else:
                self.wrong(f"{key}[{n}]", f"应为{name.zh}", f"{_shown(row)} is not {name.en}")
        if key in self.data and self.data[key] == [] and not empty:
            self.wrong(key, "不应为空列表", "the list must not be empty")
        if wanted is not dict and wanted is not list and len(set(good)) < len(good):
            self.wrong(key, "有重复的值", "a value stands twice")
        return tuple(good)

    def _at_least(self, key: str, value: int, least: int | None) -> int:
        if least is not None and value < least and _is(self.data.get(key), int):
            self.wrong(key, f"{value} 太小；至少为 {least}", f"{value} is too small; at least {least}")
        return value

    def _plain(self, key: str, value: object) -> Value:
        match value:
            case datetime() | time() | float():
                self._odd(key, value)
                return ""
            case bool() | str() | date():
                return value
            case int():
                if abs(value) > _LARGEST:
                    self._odd(key, value)
                return value
            case list():
                return tuple(self._plain(f"{key}[{n}]", v) for n, v in enumerate(value))
            case dict():
                return {k: self._plain(f"{key}.{k}", v) for k, v in value.items()}
        raise TypeError(type(value).__name__)  # pragma: no cover - TOML has no other types

    def _odd(self, key: str, value: object) -> None:
        self.wrong(
            key,
            f'{value}：不用小数、时刻或超大整数；小数写成文字（如 "0.05"）',
            f'{value}: no floats, times or huge numbers; write a decimal as text such as "0.05"',
        )


def _is(value: object, wanted: type) -> bool:
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
    if wanted is date:
        return isinstance(value, date) and not isinstance(value, datetime)
    return isinstance(value, wanted)


def _shown(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case list():
            return "[…]"
        case dict():
            return "{…}"
    return str(value)
