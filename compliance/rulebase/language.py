"""The rule language as the loader reads it: which members a block of each kind has, told by the parsers themselves.

A parser is run on a table that holds nothing and answers everything. What it asks for is written down; where it looks
which of several members is given, or which word of a closed list stands there, it is run again for each answer. So
nothing here can differ from what the loader takes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from compliance.kernel.text import Text
from compliance.rulebase.loader import PARSERS
from compliance.rulebase.parse.common import common
from compliance.rulebase.parse.position import Place
from compliance.rulebase.parse.table import Faults, Table
from compliance.rulebase.schema import Number, Value

E = TypeVar("E", bound=StrEnum)
#: Texts that some parser takes where it refuses another one: a word, a number, a form to be filled.
_WORD, _OTHERS = "a", ("1", "{edition}/{revision}")
_DAY = date(2026, 1, 1)
#: How often a table may hold one of its own kind while a parser is asked.
_NESTED = 1


class Type(StrEnum):
    """What may stand as a member."""

    TEXT = "text"
    LINES = "lines"
    WHOLE = "whole"
    NUMBER = "number"
    FLAG = "flag"
    DAY = "day"
    BOTH = "both"
    TEXTS = "texts"
    WHOLES = "wholes"
    DAYS = "days"
    GROUPS = "groups"
    LISTS = "lists"
    FREE = "free"
    ROWS = "rows"
    TABLE = "table"
    TABLES = "tables"


@dataclass(frozen=True, slots=True)
class Member:
    """What may stand as a member, and whether it must; ``words``: of a closed list; ``least``: of a number.

    ``empty``: a text or list may hold nothing.
    """

    types: tuple[Type, ...]
    required: bool
    words: tuple[str, ...] = ()
    least: int | None = None
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to write a table. ``opened``: other names may stand there; ``given``: the words that choose this way."""

    members: Mapping[str, Member]
    opened: bool = False
    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


#: Every way to write each table of a block, by its path: ``""`` is the block, then ``due``, ``steps[]``, …
Tables = Mapping[str, tuple[Variant, ...]]


def language() -> Mapping[str, Tables]:
    """The tables of each kind as people write them: a file's ``[defaults]`` may say document and days in force."""
    return {kind: _with_defaults(_explored(kind)) for kind in PARSERS}


def _with_defaults(tables: Tables) -> Tables:
    found = dict(tables)
    for path, name in (("", "in_force"), ("source", "document")):
        found[path] = tuple(
            replace(v, members={**v.members, name: replace(v.members[name], required=False)}) for v in found[path]
        )
    return found


# --- asking a parser -------------------------------------------------------------------------------------------------


@dataclass
class _Asked:
    """What one run asked of one table. ``present``: members it was told are given; ``words``: of closed lists."""

    members: dict[str, Member] = field(default_factory=dict)
    opened: bool = False
    refused: bool = False
    present: set[str] = field(default_factory=set)
    words: dict[str, str] = field(default_factory=dict)


@dataclass
class _Run:
    """One run of a parser: the answers it gets, the points at which others could be given, what it asked."""

    script: Mapping[str, object]
    points: dict[str, list[object]] = field(default_factory=dict)
    asked: dict[str, _Asked] = field(default_factory=dict)

    def answer(self, point: str, default: object, others: Iterable[object]) -> Any:  # noqa: ANN401 - of any member
        """What the script says at a point, else the default; the other answers are noted."""
        known = self.points.setdefault(point, [])
        known += [one for one in others if one not in known]
        return self.script.get(point, default)


def _explored(kind: str) -> Tables:
    """Run a parser until every point at which it could be answered otherwise has been answered otherwise once."""
    runs: list[_Run] = []
    waiting: list[Mapping[str, object]] = [{}]
    tried: set[tuple[str, str]] = set()
    while waiting:
        run = _run(kind, waiting.pop(0))
        runs.append(run)
        for point, others in run.points.items():
            for other in others:
                if (point, repr(other)) not in tried:
                    tried.add((point, repr(other)))
                    waiting.append({**run.script, point: other})
    paths = dict.fromkeys(path for run in runs for path in run.asked)
    return {path: _variants([run.asked[path] for run in runs if path in run.asked]) for path in paths}


def _run(kind: str, script: Mapping[str, object]) -> _Run:
    run = _Run(script)
    table = _Probe(run, "")
    PARSERS[kind](table, common(table, Place(kind, _WORD, 1, {}, ""), ""))
    return run


class _Data(dict[str, Any]):
    """The raw members of a table, as far as a parser looks at them itself: a text, or something else."""

    def __init__(self, probe: _Probe) -> None:
        super().__init__()
        self._probe = probe

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as a dictionary
        return self._probe.point(f"{key}?text", default, [_WORD])


class _Probe(Table):
    """A table that holds nothing, answers everything, and writes down what it was asked."""

    def __init__(self, run: _Run, path: str) -> None:
        super().__init__({}, Faults("", "", 1, {}), path)
        self._run = run
        self._here = run.asked.setdefault(path, _Asked())
        self.data = _Data(self)

    def point(self, key: str, default: object, others: Iterable[object]) -> Any:  # noqa: ANN401 - of any member
        """Answer at a point of this table."""
        return self._run.answer(f"{self.path}|{key}", default, others)

    def _note(self, key: str, kind: Type, *, required: bool, least: int | None = None, empty: bool = False) -> None:
        before = self._here.members.get(key)
        types = before.types if before else ()
        words = before.words if before else ()
        self._here.members[key] = Member(tuple(dict.fromkeys((*types, kind))), required, words, least, empty)

    def __contains__(self, key: str) -> bool:
        if not self.point(f"{key}?", default=False, others=[True]):
            return False
        self._here.present.add(key)
        return True

    def wrong(self, key: str, zh: str, en: str) -> None:
        del key, zh, en
        self._here.refused = True

    def text(self, key: str, default: str | None = None, *, empty: bool = False) -> str:
        self._note(key, Type.TEXT, required=default is None, empty=empty)
        return str(self.point(key, _WORD if default is None else default, _OTHERS))

    def paragraphs(self, key: str) -> str:
        self._note(key, Type.LINES, required=False, empty=True)
        return ""

    def maybe_text(self, key: str) -> str | None:
        self._note(key, Type.TEXT, required=False)
        found = self.point(key, None, [_WORD])
        return None if found is None else str(found)

    def whole(self, key: str, default: int | None = None, least: int | None = None) -> int:
        self._note(key, Type.WHOLE, required=default is None, least=least)
        return (1 if least is None else least) if default is None else default

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        self._note(key, Type.FLAG, required=default is None)
        return bool(default)

    def day(self, key: str) -> date:
        self._note(key, Type.DAY, required=True)
        return _DAY

    def maybe_day(self, key: str) -> date | None:
        self._note(key, Type.DAY, required=False)
        return None

    def both(self, key: str) -> Text:
        self._note(key, Type.BOTH, required=True)
        return Text(_WORD, _WORD)

    def choice(self, key: str, words: type[E], default: E | None = None) -> E:
        self._note(key, Type.TEXT, required=default is None)
        known = [word.value for word in words]
        given = words(self.point(key, known[0] if default is None else default.value, known))
        self._closed(key, given.value, known)
        return given

    def one_of(self, key: str, word: str, known: Collection[str]) -> bool:
        self.point(key, word, list(known))
        self._closed(key, word, list(known))
        self._here.refused |= word not in known
        return word in known

    def _closed(self, key: str, word: str, known: Sequence[str]) -> None:
        self._here.members[key] = replace(self._here.members[key], words=tuple(known))
        self._here.words[key] = word

    def number(self, key: str, least: int = 0) -> Number:
        self._note(key, Type.NUMBER, required=True, least=least)
        return max(least, 1)

    def strings(self, key: str, *, optional: bool = False, empty: bool = False) -> tuple[str, ...]:
        self._note(key, Type.TEXTS, required=not optional, empty=empty)
        found = self.point(key, () if optional else (_WORD,), [(_WORD,)])
        return (found,) if isinstance(found, str) else tuple(found)

    def _list(self, key: str, kind: Type) -> tuple[Any, ...]:
        self._note(key, kind, required=False, empty=True)
        return ()

    def days(self, key: str) -> tuple[date, ...]:
        return self._list(key, Type.DAYS)

    def wholes(self, key: str) -> tuple[int, ...]:
        return self._list(key, Type.WHOLES)

    def groups(self, key: str) -> tuple[tuple[str, ...], ...]:
        return self._list(key, Type.GROUPS)

    def lists(self, key: str) -> tuple[tuple[str, ...], ...]:
        return self._list(key, Type.LISTS)

    def rows(self, key: str) -> tuple[dict[str, Value], ...]:
        return self._list(key, Type.ROWS)

    def table(self, key: str, *, optional: bool = False) -> Table:
        self._note(key, Type.TABLE, required=not optional)
        return _Probe(self._run, self.name(key))

    def tables(self, key: str, *, optional: bool = False) -> list[Table]:
        self._note(key, Type.TABLES, required=not optional, empty=optional)
        deep = self.path.count(f"{key}[]") >= _NESTED
        return [] if deep else [_Probe(self._run, f"{self.name(key)}[]")]

    def values(self, key: str, *, optional: bool = True) -> dict[str, Value]:
        self._note(key, Type.FREE, required=not optional)
        return {}

    def rest(self, *known: str) -> Iterator[tuple[str, Value]]:
        del known
        self._here.opened = True
        yield from ()

    def done(self) -> None:
        return


# --- the ways to write a table ---------------------------------------------------------------------------------------


def _variants(runs: Sequence[_Asked]) -> tuple[Variant, ...]:
    """The different ways in which one table was read; what the parser refused counts only if it refused all."""
    taken = [run for run in runs if not run.refused] or list(runs)
    bases = [run for run in taken if not run.present]
    ways = [*bases, *(run for run in taken if run.present and not _adds(run, bases))]
    extra = {key: run.members[key] for run in taken if run.present and _adds(run, bases) for key in run.present}
    groups: dict[frozenset[str], list[_Asked]] = {}
    for run in ways:
        groups.setdefault(frozenset(run.members), []).append(run)
    chooser = _chooser(list(groups.values()))
    return tuple(_variant(group, runs, extra, chooser) for group in groups.values())


def _adds(run: _Asked, bases: Sequence[_Asked]) -> bool:
    """Whether a run that was told of a member reads what another one reads without it, and that member beside it."""
    rest = set(run.members) - run.present
    return any(set(base.members) == rest for base in bases)


def _chooser(groups: Sequence[Sequence[_Asked]]) -> str | None:
    """The member whose word decides which way a table is read; None if none does or there is one way alone."""
    names = set.intersection(*({name for run in group for name in run.words} for group in groups)) if groups else set()
    for name in sorted(names) if len(groups) > 1 else ():
        words = [{run.words[name] for run in group if name in run.words} for group in groups]
        if sum(map(len, words)) == len(set.union(*words)):
            return name
    return None


def _variant(
    group: Sequence[_Asked], runs: Sequence[_Asked], extra: Mapping[str, Member], chooser: str | None
) -> Variant:
    """One way, joined of its runs; a run that was refused still tells what may stand as a member."""
    members: dict[str, Member] = {}
    for run in group:
        for key, member in run.members.items():
            members[key] = _joined(members.get(key), member)
    for key, member in ((key, run.members[key]) for run in runs for key in members if key in run.members):
        members[key] = replace(_joined(members[key], member), required=members[key].required)
    members |= {key: replace(member, required=False) for key, member in extra.items() if key not in members}
    words = tuple(dict.fromkeys(run.words[chooser] for run in group if chooser in run.words)) if chooser else ()
    return Variant(members, any(run.opened for run in group), {chooser: words} if chooser else {})


def _joined(one: Member | None, other: Member) -> Member:
    """A member that different runs read in different ways."""
    if one is None:
        return other
    return replace(
        one,
        types=tuple(dict.fromkeys((*one.types, *other.types))),
        required=one.required and other.required,
        words=one.words or other.words,
        empty=one.empty or other.empty,
    )
