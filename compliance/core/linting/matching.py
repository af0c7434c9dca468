"""Can duties be shared out so that those that stand apart fall to different persons; if not, where it sticks.

Duties that must all differ from each other are matched to persons along augmenting paths; where a duty is left over,
those that such paths reach are Hall's violators: together they have one person too few, and no smaller part of them
does. Duties that only partly stand apart are given persons by trying, which is short: a duty with more persons than
duties that stand apart from it can always be given one at last. A library would bring a graph package for twenty lines,
and would not name the bottleneck.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

#: Persons who may take each duty.
Choices = Mapping[str, frozenset[str]]
#: Pairs of duties that different persons take.
Apart = frozenset[frozenset[str]]


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """Duties that cannot be shared out, none of which could be left out; ``persons`` are all who may take any of them.

    ``different``: each stands apart from each other, so that they need as many persons.
    """

    duties: tuple[str, ...]
    persons: frozenset[str]
    different: bool


def bottleneck(choices: Choices, apart: Apart) -> Bottleneck | None:
    """The smallest part found that nobody can share out; None where everything can be."""
    cliques = sorted(_cliques(frozenset(choices), apart), key=lambda clique: (len(clique), sorted(clique)))
    violators = (found for clique in cliques if (found := _violator(choices, clique)) is not None)
    first = min(violators, key=len, default=None)
    if first is not None:
        return _named(choices, first, different=True)
    if _shared(choices, apart):
        return None
    left = list(choices)
    for duty in choices:
        without = [other for other in left if other != duty]
        if not _shared({name: choices[name] for name in without}, apart):
            left = without
    return _named(choices, left, different=False)


def all_apart(duties: Iterable[str]) -> Apart:
    """Every two of the duties stand apart."""
    return frozenset(frozenset(pair) for pair in combinations(dict.fromkeys(duties), 2))


def _named(choices: Choices, duties: Iterable[str], *, different: bool) -> Bottleneck:
    kept = set(duties)
    order = tuple(duty for duty in choices if duty in kept)
    return Bottleneck(order, frozenset().union(*(choices[duty] for duty in order)), different)


# --- duties that all differ ------------------------------------------------------------------------------------------


def _violator(choices: Choices, clique: Iterable[str]) -> frozenset[str] | None:
    """Duties that together have one person too few; None where each of the clique gets one of its own."""
    matched: dict[str, str] = {}
    for duty in sorted(clique):
        reached: set[str] = {duty}
        if not _augmented(duty, choices, matched, reached, set()):
            return frozenset(reached)
    return None


def _augmented(duty: str, choices: Choices, matched: dict[str, str], reached: set[str], seen: set[str]) -> bool:
    """Give a duty a person, moving others on; ``matched`` is duty by person, ``reached`` every duty asked to move."""
    for person in sorted(choices[duty] - seen):
        seen.add(person)
        holder = matched.get(person)
        if holder is not None:
            reached.add(holder)
        if holder is None or _augmented(holder, choices, matched, reached, seen):
            matched[person] = duty
            return True
    return False


def _cliques(duties: frozenset[str], apart: Apart) -> Iterator[frozenset[str]]:
    """The largest groups of which each two stand apart (Bron–Kerbosch)."""
    near = {duty: frozenset(other for other in duties if frozenset({duty, other}) in apart) for duty in duties}

    def grown(group: frozenset[str], open_: frozenset[str], done: frozenset[str]) -> Iterator[frozenset[str]]:
        if not open_ and not done:
            yield group
        for duty in sorted(open_):
            yield from grown(group | {duty}, open_ & near[duty], done & near[duty])
            open_, done = open_ - {duty}, done | {duty}

    yield from grown(frozenset(), duties, frozenset())


# --- duties of which some differ -------------------------------------------------------------------------------------


def _shared(choices: Choices, apart: Apart) -> bool:
    """Whether every duty can be given a person."""
    near = {duty: {other for other in choices if frozenset({duty, other}) in apart} - {duty} for duty in choices}
    hard = set(choices)
    while easy := {duty for duty in hard if len(choices[duty]) > len(near[duty] & hard)}:
        hard -= easy
    return _given({}, hard, choices, near)


def _given(taken: Mapping[str, str], left: set[str], choices: Choices, near: Mapping[str, set[str]]) -> bool:
    if not left:
        return True
    free = {duty: choices[duty] - {taken[other] for other in near[duty] if other in taken} for duty in left}
    duty = min(sorted(left), key=lambda name: len(free[name]))
    return any(_given({**taken, duty: person}, left - {duty}, choices, near) for person in sorted(free[duty]))
