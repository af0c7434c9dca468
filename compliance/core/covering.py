"""How a plant stands against each statement of the standard: what meets it, what came of that, what is late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

from compliance.core.findings import Judged
from compliance.core.judged import OccurrenceState
from compliance.core.lists import TO_DO
from compliance.core.plants import Plant
from compliance.rulebase.coverage import SECTION, Covered

T = TypeVar("T")

_DUTY, _FINDING, _DOCUMENT = "obligation", "finding", "document"
_DONE = frozenset({OccurrenceState.DONE, OccurrenceState.DONE_LATE, OccurrenceState.WAIVED})
_NO_DUTY = frozenset({OccurrenceState.NOT_APPLICABLE})


class Standing(StrEnum):
    """Where a plant stands with a statement; the worst that is true comes first.

    ``MET`` says that something was done or is in force; ``CLEAR`` that nothing was found against it, and no more.
    """

    LATE = "late"
    GAP = "gap"
    NEVER = "never"
    OPEN = "open"
    MET = "met"
    CLEAR = "clear"
    KEPT = "kept"
    IDLE = "idle"
    AUDIT = "audit"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """The occurrence of an obligation in a state that counts: the first of what is to be done, else the last.

    ``number`` is its id in the register, 0 if it has none.
    """

    obligation: str
    code: str
    state: OccurrenceState
    subject: str
    period: str
    due: date
    done_on: date | None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Wrong:
    """How many findings of a rule stand."""

    rule: str
    situation: str
    count: int


@dataclass(frozen=True, slots=True)
class Paper:
    """The documents that a plant has of a document rule, and how many of them have a version in force."""

    rule: str
    documents: int
    in_force: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What the register says of a plant, by rule."""

    lasts: Sequence[Last] = ()
    wrong: Sequence[Wrong] = ()
    papers: Sequence[Paper] = ()


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement with what meets it, where the plant stands (None: no plant), and what that rests on."""

    covered: Covered
    standing: Standing | None
    lasts: tuple[Last, ...] = ()
    wrong: tuple[Wrong, ...] = ()
    papers: tuple[Paper, ...] = ()


class CoveringLists(Protocol):
    """Answers how a plant stands: few statements at any size."""

    def standing(self, plant: Plant, obligations: Sequence[str]) -> Facts:
        """The occurrences of these obligations that count, the findings that stand, the documents there are."""
        ...


def stated(rows: Iterable[Covered], facts: Facts, outside: Collection[str] = ()) -> tuple[Stated, ...]:
    """Each statement as the plant stands; ``outside``: the documents that do not bind it."""
    lasts = _by((one.obligation, one) for one in facts.lasts)
    wrong = _by((one.rule, one) for one in facts.wrong)
    papers = _by((one.rule, one) for one in facts.papers)
    found = (_stated(row, lasts, wrong, papers) for row in rows)
    return tuple(
        replace(one, standing=Standing.OUTSIDE) if one.covered.requirement.source.document in outside else one
        for one in found
    )


def facts_of(judged: Judged) -> Facts:
    """The same, of a judgement that nothing stored."""
    latest: dict[tuple[str, OccurrenceState], Last] = {}
    for o in sorted(judged.occurrences, key=lambda o: o.due):
        if o.state in TO_DO and (o.obligation, o.state) in latest:
            continue
        latest[o.obligation, o.state] = Last(
            obligation=o.obligation,
            code=o.code,
            state=o.state,
            subject=o.subject,
            period=o.period,
            due=o.due,
            done_on=o.done_on,
        )
    counts: dict[tuple[str, str], int] = {}
    for found in judged.findings:
        counts[found.rule, found.situation] = counts.get((found.rule, found.situation), 0) + 1
    return Facts(tuple(latest.values()), tuple(Wrong(*key, count) for key, count in counts.items()))


def counts_of(rows: Iterable[Stated]) -> dict[Standing, int]:
    """How many statements stand where."""
    counts = Counter(row.standing for row in rows)
    return {standing: counts[standing] for standing in Standing}


def _by(pairs: Iterable[tuple[str, T]]) -> Mapping[str, list[T]]:
    found: dict[str, list[T]] = {}
    for key, one in pairs:
        found.setdefault(key, []).append(one)
    return found


def _stated(
    row: Covered,
    lasts: Mapping[str, list[Last]],
    wrong: Mapping[str, list[Wrong]],
    papers: Mapping[str, list[Paper]],
) -> Stated:
    named = {kind: [m.id for m in row.met_by if m.kind == kind] for kind in (_DUTY, _FINDING, _DOCUMENT, SECTION)}
    documents = dict.fromkeys([*named[_DOCUMENT], *(name.partition("/")[0] for name in named[SECTION])])
    mine = sorted((one for rule in named[_DUTY] for one in lasts.get(rule, ())), key=lambda o: (o.due, o.period))
    bad = tuple(one for rule in named[_FINDING] for one in wrong.get(rule, ()))
    kept = tuple(one for rule in documents for one in papers.get(rule, ()))
    standing = _standing(row, mine, bad, kept, documents=bool(documents))
    return Stated(row, standing, tuple(reversed(mine)), bad, kept)


def _standing(
    row: Covered, lasts: Sequence[Last], wrong: Sequence[Wrong], papers: Sequence[Paper], *, documents: bool
) -> Standing:
    if row.gap or row.organisational:
        return Standing.GAP if row.gap else Standing.AUDIT
    states = {one.state for one in lasts} - _NO_DUTY
    if wrong or OccurrenceState.OVERDUE in states:
        return Standing.LATE
    if states & _DONE or any(paper.in_force for paper in papers):
        return Standing.OPEN if OccurrenceState.OPEN in states else Standing.MET
    if states:
        return Standing.NEVER
    if any(m.kind == _FINDING for m in row.met_by):
        return Standing.CLEAR
    if documents:
        return Standing.NEVER
    return Standing.IDLE if any(m.kind == _DUTY for m in row.met_by) else Standing.KEPT
