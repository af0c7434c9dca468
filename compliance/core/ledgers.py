"""How fresh the ledgers of a plant are: up to when each is kept, what is overdue in it and what is due next.

The rules say which ledgers there are, in which tables each is kept and which duties demand its entries. Whether a
ledger is behind follows from the stored occurrences of these duties, as the plant was judged last: nothing is reckoned
a second time here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from compliance.core.judged import OccurrenceState
from compliance.core.model import SHEETS, Reading, Row
from compliance.core.obligations.data_readers import DAILY_DATA
from compliance.core.plants import Plant
from compliance.kernel.text import Text
from compliance.rulebase.check_figures import ITEM_CLASS
from compliance.rulebase.parse.table import suggestion
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Ledger, Obligation, Problem, Value, Vocabulary

_TABLES = {kind.SHEET.table: kind for kind in SHEETS}
_WAITS = (OccurrenceState.UPCOMING, OccurrenceState.OPEN)


class Keeping(StrEnum):
    """How a ledger stands. ``EMPTY``: nothing is kept in it, and nothing demands that yet."""

    CURRENT = "current"
    BEHIND = "behind"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Rows that a ledger is kept in: of a sheet, where ``only`` says so those of some words alone.

    Of daily data only those of items whose class is one of the words.
    """

    kind: type[Row]
    classes: tuple[str, ...] = ()
    only: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """How many rows there are, and the newest day or month that they are about (None: their sheet has no days)."""

    rows: int
    newest: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Stored occurrences of an obligation in one state: how many, and the first and the last due day."""

    obligation: str
    state: OccurrenceState
    count: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Lack:
    """A day whose daily data are overdue because an item of a class (the plant's word) has no reading of it."""

    obligation: str
    due: date
    item_class: str


@dataclass(frozen=True, slots=True)
class Demand:
    """A duty that demands entries of a ledger: how many are overdue, since when, and the next due day."""

    rule: Obligation
    overdue: int = 0
    since: date | None = None
    next: date | None = None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh a ledger is."""

    rule: Ledger
    kept: Kept
    demands: tuple[Demand, ...]
    standing: Keeping

    @property
    def overdue(self) -> tuple[Demand, ...]:
        """The duties in which it is behind."""
        return tuple(one for one in self.demands if one.overdue)

    @property
    def next(self) -> date | None:
        """The next day on which an entry is due."""
        return min((one.next for one in self.demands if one.next), default=None)


class LedgerReads(Protocol):
    """What ledgers ask of a look: three statements."""

    def kept_rows(self, plant: Plant, wanted: Sequence[Wanted], until: date) -> Sequence[Kept]:
        """How many rows there are of each, and how new they are; rows of later days do not count."""
        ...

    def tallies(self, plant: Plant, obligations: Sequence[str]) -> Sequence[Tally]:
        """The stored occurrences of obligations by state."""
        ...

    def lacks(self, plant: Plant, obligations: Sequence[str]) -> Sequence[Lack]:
        """Of the overdue days of obligations, the classes of items that have neither reading nor substitute."""
        ...


class LedgerRegister(Protocol):
    """The register as ledgers need it."""

    def read(self) -> AbstractContextManager[LedgerReads]:
        """Open a look."""
        ...


@dataclass(frozen=True)
class Ledgers:
    """The ledgers of plants, by the rules in use."""

    register: LedgerRegister
    rules: Callable[[], RuleBase]
    today: Callable[[], date]

    def of(self, plant: Plant) -> list[Freshness]:
        """Every ledger with how fresh it is, as of the day to which the plant was judged, those behind first."""
        rules, day = self.rules(), plant.mark or self.today()
        ledgers = rules.in_force(Ledger, day)
        wanted = [list(_wanted(rules, ledger, day)) for ledger in ledgers]
        duties = sorted({name for ledger in ledgers for name in ledger.kept_by})
        with self.register.read() as reads:
            kept = iter(reads.kept_rows(plant, [one for some in wanted for one in some], day))
            tallies = reads.tallies(plant, duties)
            lacks = reads.lacks(plant, [name for name in duties if _by_items(rules.get(Obligation, name, day))])
        found = [
            _fresh(rules, ledger, [next(kept) for _one in some], (tallies, lacks), day)
            for ledger, some in zip(ledgers, wanted, strict=True)
        ]
        return sorted(found, key=lambda one: (one.standing is not Keeping.BEHIND, one.rule.code))


def ledger_problems(rules: RuleBase) -> Iterator[Problem]:
    """Tables that no sheet has, and classes that are no words: what rules alone cannot know of ledgers."""
    for ledger in rules.of(Ledger):
        for name in ledger.sheets:
            if name not in _TABLES:
                yield _problem(ledger, "sheets", "没有表", "there is no table", name, _TABLES)
            for column in ledger.only if name in _TABLES else ():
                columns = [one.name for one in _TABLES[name].SHEET.columns]
                if column not in columns:
                    yield _problem(ledger, "only", f"{name} 没有列", f"{name} has no column", column, columns)
        words = [word.id for one in rules.wordings(Vocabulary, ITEM_CLASS) for word in one.words]
        for name in ledger.classes:
            if name not in words:
                yield _problem(ledger, "classes", "没有词", "there is no word", name, words)


def _problem(
    rule: Ledger, key: str, zh: str, en: str, name: str, known: Sequence[str] | dict[str, type[Row]]
) -> Problem:
    hint = suggestion(name, known)
    text = Text(f"{key}：{zh}“{name}”；{hint.zh}", f"{key}: {en} '{name}'; {hint.en}")
    return Problem(rule.file, rule.line, rule.id, text)


def _wanted(rules: RuleBase, ledger: Ledger, day: date) -> Iterator[Wanted]:
    words = _words(rules, ledger, day)
    for name in ledger.sheets:
        kind = _TABLES[name]
        yield Wanted(kind, words if kind is Reading else (), ledger.only)


def _words(rules: RuleBase, ledger: Ledger, day: date) -> tuple[str, ...]:
    """What plants call the classes of items that a ledger keeps."""
    return tuple(word.zh for name in ledger.classes if (word := rules.word(ITEM_CLASS, name, day)))


def _fresh(
    rules: RuleBase, ledger: Ledger, kept: Sequence[Kept], stored: tuple[Sequence[Tally], Sequence[Lack]], day: date
) -> Freshness:
    tallies, lacks = stored
    words = _words(rules, ledger, day)
    rows = Kept(sum(one.rows for one in kept), max((one.newest for one in kept if one.newest), default=None))
    own = [one for one in lacks if one.item_class in words]
    demands = tuple(
        _demand(rule, tallies, own if words and _by_items(rule) else None)
        for name in ledger.kept_by
        if (rule := rules.get(Obligation, name, day))
    )
    if any(one.overdue for one in demands):
        return Freshness(ledger, rows, demands, Keeping.BEHIND)
    known = rows.rows or any(one.obligation in ledger.kept_by for one in tallies)
    return Freshness(ledger, rows, demands, Keeping.CURRENT if known else Keeping.EMPTY)


def _by_items(rule: Obligation | None) -> bool:
    """Whether one item of the plan alone can leave a duty open that several ledgers share."""
    return rule is not None and rule.evidence.completed_by == DAILY_DATA


def _demand(rule: Obligation, tallies: Sequence[Tally], lacks: Sequence[Lack] | None) -> Demand:
    """What a duty demands of a ledger; ``lacks``: what of it is this ledger's own, where it keeps some items alone."""
    own = [one for one in tallies if one.obligation == rule.id]
    late = next((one for one in own if one.state is OccurrenceState.OVERDUE), None)
    waits = min((one.first for one in own if one.state in _WAITS), default=None)
    if late is None or lacks is None:
        return Demand(rule, late.count if late else 0, late.first if late else None, waits)
    days = {one.due for one in lacks if one.obligation == rule.id}
    return Demand(rule, len(days), min(days, default=None), waits)
