"""Rows that the rules refuse, judged before anything of an import or a form is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from compliance.core.applicability import binding
from compliance.core.facts.catalogue import row_of
from compliance.core.imports.changes import Changes
from compliance.core.imports.examine import Examined
from compliance.core.imports.problems import DataProblem
from compliance.core.judged import Found
from compliance.core.looking import look
from compliance.core.model import PlantData, Row
from compliance.core.model.deeds import Correction
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.core.refusing import ENTER, RefusedByRule, refused, sentence
from compliance.rulebase.rulebase import RuleBase


@dataclass(frozen=True, slots=True)
class RowGuard:
    """Judges rows before they are stored: ``problems`` names every one that a rule refuses."""

    rulebase: RuleBase
    today: date

    def problems(self, plant: Plant, stored: Tables, changes: Changes, examined: Examined) -> list[DataProblem]:
        """What the rules refuse of the rows that are about to be added or corrected, at their places in the file."""
        deeds = tuple(Correction(pair.old, pair.new) for pairs in changes.changed.values() for pair in pairs)
        tables = _after(stored, changes)
        data = replace(self._look(plant, tables), deeds=deeds)
        places = dict(_places(changes, examined))
        wrong = [(str(one.facts[0]["row"]), one) for one in self._refused(data)]
        if any(row not in places for row, _ in wrong):
            # A row that nobody touches may become wrong through another: sales stand, what was issued is lowered.
            before = {(one.rule, one.facts[0]["row"]) for one in self._refused(self._look(plant, stored))}
            wrong = [(row, one) for row, one in wrong if row in places or (one.rule, row) not in before]
        first = next(iter(places.values()))
        return [
            DataProblem(*places.get(row, first), None, RefusedByRule.code, one.subject, sentence(one))
            for row, one in wrong
        ]

    def _look(self, plant: Plant, tables: Tables) -> PlantData:
        return look(plant, tables, self.rulebase, self.today)

    def _refused(self, data: PlantData) -> list[Found]:
        return refused(self.rulebase, ENTER, data, binding(data, self.rulebase))


def _after(stored: Tables, changes: Changes) -> dict[type[Row], Sequence[Row]]:
    """The tables as they would be."""
    tables = dict(stored)
    for kind in {*changes.added, *changes.changed}:
        corrected = {pair.old.key(): pair.new for pair in changes.changed.get(kind, ())}
        rows = [corrected.get(row.key(), row) for row in stored.get(kind, ())]
        tables[kind] = sorted((*rows, *changes.added.get(kind, ())), key=lambda row: tuple(map(str, row.key())))
    return tables


def _places(changes: Changes, examined: Examined) -> Iterator[tuple[str, tuple[str, int]]]:
    """Sheet and number in the file of every row that is added or corrected, by its name in facts."""
    touched: Mapping[type[Row], set[object]] = {
        kind: {row.key() for row in changes.added.get(kind, ())} | {p.new.key() for p in changes.changed.get(kind, ())}
        for kind in {*changes.added, *changes.changed}
    }
    for kind, keys in touched.items():
        for row, number in zip(examined.rows[kind], examined.numbers[kind], strict=True):
            if row.key() in keys:
                yield row_of(kind.SHEET.table, *row.key()), (kind.SHEET.heading, number)
