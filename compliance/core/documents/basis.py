"""What a draft rests on besides its data: the rule base in use, the factors that count, and how long the log was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from compliance.core.documents.sets import Asked
from compliance.core.factors import FactorView, factors_of, of_calculation
from compliance.core.figures.showing import Shown, show_computed
from compliance.core.model import PlantFactor
from compliance.core.plants import Plant
from compliance.kernel.canonical import digest_of
from compliance.rulebase.schema import Document

#: A factor as a document rests on it, every value as text.
Facts = Mapping[str, str]
#: The sets that show factors, and those whose figures rest on some.
_LISTS, _FIGURES = "factors", frozenset({"months", "by_line", "history", "figures", "working", "charts"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a draft rests on. ``version``: the size of the plant's log; ``factors``: by code, as they counted."""

    ruleset: str
    version: int
    day: date
    factors: Mapping[str, Facts]

    @property
    def digest(self) -> str:
        """What the leaf of the draft says of it."""
        return digest_of(
            {"ruleset": self.ruleset, "version": self.version, "day": self.day, "factors": dict(self.factors)}
        )


class BasisReads(Protocol):
    """What is asked of the register about what drafts rest on."""

    def basis(self, plant: Plant, number: str, place: int) -> Basis | None:
        """What a version rests on; None of one that was drafted before this was kept."""
        ...


class BasisWork(Protocol):
    """What keeping it asks of a writing transaction."""

    def keep_basis(self, plant: Plant, number: str, place: int, basis: Basis) -> None:
        """Keep what a draft rests on, in place of what the draft before did."""
        ...


def basis_of(asked: Asked, rule: Document) -> Basis:
    """What a draft that is made now rests on."""
    return Basis(
        ruleset=asked.rulebase.digest,
        version=asked.reads.version(asked.plant),
        day=asked.day,
        factors=factors_used(asked, rule),
    )


def factors_used(asked: Asked, rule: Document) -> Mapping[str, Facts]:
    """The factors that a document lists, and those that the figures of its year rest on."""
    sets = set(rule.data)
    if not sets & {_LISTS, *_FIGURES}:
        return {}
    checks = asked.reads.factor_checks(asked.plant)
    found = factors_of(asked.data.rows(PlantFactor), checks, asked.rulebase, asked.day)
    named: set[str] = set()
    if _LISTS in sets:
        named |= set(filter(of_calculation(asked.rulebase, asked.day), found))
    if not sets.isdisjoint(_FIGURES):
        shown = show_computed(asked.day, asked.computed, found, asked.rulebase)
        named |= _used(shown, asked.period or asked.year)
    return {code: _facts(one) for code, one in found.items() if code in named}


def _used(shown: Shown, period: str) -> set[str]:
    figures = [f for f in shown.computed.figures if f.period.startswith(period) or period.startswith(f.period)]
    return {one.code for figure in figures for one in shown.used(figure)}


def _facts(one: FactorView) -> Facts:
    confirmed = one.check.confirmed_at if one.check else None
    return {
        "name": one.name,
        "value": f"{one.value:f}",
        "unit": one.unit,
        "source": one.source,
        "standing": one.standing.value,
        "verified_by": one.verified_by,
        "verified_at": confirmed or "",
    }
