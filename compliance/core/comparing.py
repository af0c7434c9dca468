"""One plant under two rule bases: what each makes of the same rows, as of the same day. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from compliance.core.findings import Judged
from compliance.core.judgement import Engine
from compliance.core.looking import Accepted, judge_as_of
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.rulebase.rulebase import RuleBase


@dataclass(frozen=True, slots=True)
class Both:
    """What two rule bases conclude of one plant; occurrences are those that fall due within the range."""

    before: Judged
    after: Judged


def judge_under_both(
    plant: Plant,
    tables: Tables,
    rulebases: tuple[RuleBase, RuleBase],
    engines: Sequence[Engine],
    day: date,
    span: tuple[date, date],
    accepted: Accepted | None = None,
) -> Both:
    """Judge a plant as of a day by two rule bases; ``span``: first and last due day of the occurrences told of.

    Raises CannotDecide if the engines differ under either: then neither result is known.
    """
    first, last = span
    before, after = (
        _between(judge_as_of(plant, tables, rulebase, engines, day, last, accepted), first, last)
        for rulebase in rulebases
    )
    return Both(before, after)


def _between(judged: Judged, first: date, last: date) -> Judged:
    return replace(judged, occurrences=tuple(o for o in judged.occurrences if first <= o.due <= last))
