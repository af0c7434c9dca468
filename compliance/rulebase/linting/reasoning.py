"""Exact reasoning over conditions: can all of them hold at once, and does one follow from the others.

A condition compares properties of facts with constants and with each other. Numbers and days are whole numbers in a
line: ``x < y`` is ``x - y ≤ -1``, so that a set of comparisons is a graph of differences, and it cannot hold exactly
when a cycle in it is negative (Bellman–Ford); "is not" is tried below and above. Texts and flags are only equal or
not: equal ones are joined into classes, and classes with a closed list of values are given one each by trying. Where
trying would take too long, nothing is concluded: what this module calls impossible is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from compliance.rulebase.schema import Op, Pattern, PropOf, PropType, Scalar

#: A property of a fact: the pattern's alias, and the property's name.
Place = tuple[str, str]
#: What a property may be compared with.
Constant = Scalar | date
#: How many places are tried before nothing is concluded.
_TRIES = 500
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_NOT: Mapping[Op, Op] = {
    Op.EQ: Op.NE,
    Op.NE: Op.EQ,
    Op.LT: Op.GTE,
    Op.GTE: Op.LT,
    Op.GT: Op.LTE,
    Op.LTE: Op.GT,
}


@dataclass(frozen=True, slots=True)
class Given:
    """A property is there, or is not."""

    place: Place
    there: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """A property that is there compares so with a constant or with another property that is there."""

    place: Place
    op: Op
    other: Place | Constant


Claim = Given | Compared


@dataclass(frozen=True, slots=True)
class Domain:
    """What a property can be: its type, and where declared its least value or its closed list of words."""

    type: PropType
    least: int | None = None
    words: frozenset[str] | None = None


Domains = Mapping[Place, Domain]


def claims_of(pattern: Pattern) -> list[Claim]:
    """What the terms of a pattern claim, in their order."""
    found: list[Claim] = []
    for term in pattern.terms:
        place = (pattern.alias, term.prop)
        if term.op is Op.GIVEN:
            found.append(Given(place, term.value is True))
        elif isinstance(term.value, PropOf):
            found.append(Compared(place, term.op, (term.value.alias or pattern.alias, term.value.prop)))
        else:
            found.append(Compared(place, term.op, term.value))
    return found


def possible(claims: Sequence[Claim], domains: Domains) -> bool:
    """Whether facts exist for which every claim holds (also where that could not be decided)."""
    there = {place for claim in claims for place in _needed(claim)}
    if any(isinstance(claim, Given) and not claim.there and claim.place in there for claim in claims):
        return False
    compared = [claim for claim in claims if isinstance(claim, Compared)]
    lines = [claim for claim in compared if _ordered(domains[claim.place])]
    names = [claim for claim in compared if not _ordered(domains[claim.place])]
    # A property can also be impossible by its domain alone.
    return _Line(domains).possible(lines, there) and _names_possible(names, there, domains)


def follows(claim: Claim, others: Sequence[Claim], domains: Domains) -> bool:
    """Whether a claim holds wherever the others do; False where that could not be decided."""
    return not any(possible([*others, *instead], domains) for instead in _instead(claim))


def clash(claims: Sequence[Claim], domains: Domains) -> list[Claim]:
    """A smallest part of impossible claims that is impossible by itself."""
    left = list(claims)
    for claim in claims:
        without = [other for other in left if other is not claim]
        if not possible(without, domains):
            left = without
    return left


def _instead(claim: Claim) -> Iterator[list[Claim]]:
    """The ways in which a claim does not hold."""
    if isinstance(claim, Given):
        yield [Given(claim.place, not claim.there)]
        return
    for place in _needed(claim):
        yield [Given(place, there=False)]
    yield [Compared(claim.place, _NOT[claim.op], claim.other)]


def _needed(claim: Claim) -> Iterator[Place]:
    if isinstance(claim, Given):
        yield from [claim.place] if claim.there else []
        return
    yield claim.place
    if isinstance(claim.other, tuple):
        yield claim.other


def _ordered(domain: Domain) -> bool:
    return domain.type in {PropType.NUMBER, PropType.DAY}


# --- numbers and days ------------------------------------------------------------------------------------------------

#: ``a - b ≤ most``; None is the zero of the line.
_Bound = tuple[Place | None, Place | None, int]


@dataclass(slots=True)
class _Line:
    """Trying comparisons of whole numbers."""

    domains: Domains
    tries: int = _TRIES

    def possible(self, claims: Sequence[Compared], there: Iterable[Place]) -> bool:
        places = {p for p in there if _ordered(self.domains[p])}
        bounds = [bound for place in places for bound in self._within(place)]
        either: list[tuple[_Bound, _Bound]] = []
        for claim in claims:
            own = self._bounds(claim)
            if claim.op is Op.NE:
                either.append((own[0], own[1]))
            else:
                bounds += own
        return self._try(bounds, either)

    def _try(self, bounds: list[_Bound], either: list[tuple[_Bound, _Bound]]) -> bool:
        self.tries -= 1
        if self.tries < 0:
            return True
        if not _consistent(bounds):
            return False
        if not either:
            return True
        (below, above), *rest = either
        return self._try([*bounds, below], rest) or self._try([*bounds, above], rest)

    def _within(self, place: Place) -> list[_Bound]:
        domain = self.domains[place]
        if domain.type is PropType.DAY:
            least, most = date.min.toordinal(), date.max.toordinal()
        else:
            least, most = _SMALLEST if domain.least is None else domain.least, _LARGEST
        return [(None, place, -least), (place, None, most)]

    @staticmethod
    def _bounds(claim: Compared) -> list[_Bound]:
        a: Place = claim.place
        b, c = (claim.other, 0) if isinstance(claim.other, tuple) else (None, _whole(claim.other))
        match claim.op:
            case Op.LT:
                return [(a, b, c - 1)]
            case Op.LTE:
                return [(a, b, c)]
            case Op.GT:
                return [(b, a, -c - 1)]
            case Op.GTE:
                return [(b, a, -c)]
            case Op.NE:
                return [(a, b, c - 1), (b, a, -c - 1)]
            case _:
                return [(a, b, c), (b, a, -c)]


def _whole(constant: Constant) -> int:
    if isinstance(constant, date):
        return constant.toordinal()
    return constant if isinstance(constant, int) else 0


def _consistent(bounds: Sequence[_Bound]) -> bool:
    """Whether no cycle of differences is negative."""
    nodes = {node for a, b, _ in bounds for node in (a, b)}
    distance = dict.fromkeys(nodes, 0)
    for _ in range(len(nodes) + 1):
        changed = False
        for a, b, most in bounds:
            if distance[b] + most < distance[a]:
                distance[a], changed = distance[b] + most, True
        if not changed:
            return True
    return False


# --- texts and flags -------------------------------------------------------------------------------------------------

#: A property, or a value (``("", value)`` in a tuple of its own).
_Name = Place | tuple[Constant]


@dataclass(slots=True)
class _Classes:
    """What is equal to what."""

    above: dict[_Name, _Name] = field(default_factory=dict)

    def of(self, name: _Name) -> _Name:
        while (up := self.above.setdefault(name, name)) != name:
            name = up
        return name

    def join(self, one: _Name, other: _Name) -> None:
        self.above[self.of(one)] = self.of(other)


def _names_possible(claims: Sequence[Compared], there: Iterable[Place], domains: Domains) -> bool:
    classes = _Classes()
    places = [p for p in there if not _ordered(domains[p])]
    for claim in claims:
        if claim.op is Op.EQ:
            classes.join(claim.place, _name(claim.other))
    choices: dict[_Name, frozenset[Constant] | None] = {}
    for place in places:
        choices[classes.of(place)] = _both(choices.get(classes.of(place)), _values(domains[place]))
    apart: set[tuple[_Name, _Name]] = set()
    for name in [_name(claim.other) for claim in claims if not isinstance(claim.other, tuple)]:
        choices[classes.of(name)] = _both(choices.get(classes.of(name)), frozenset({name[0]}))
    for claim in claims:
        if claim.op is Op.NE:
            apart.add((classes.of(claim.place), classes.of(_name(claim.other))))
    return _colour(choices, apart)


def _name(other: Place | Constant) -> _Name:
    return other if isinstance(other, tuple) else (other,)


def _values(domain: Domain) -> frozenset[Constant] | None:
    if domain.type is PropType.FLAG:
        return frozenset({True, False})
    return None if domain.words is None else frozenset(domain.words)


def _both(one: frozenset[Constant] | None, other: frozenset[Constant] | None) -> frozenset[Constant] | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other


def _colour(choices: Mapping[_Name, frozenset[Constant] | None], apart: set[tuple[_Name, _Name]]) -> bool:
    """Whether every class gets one of its values so that those that stand apart differ."""
    if any(one == other for one, other in apart):
        return False
    # What has no closed list can always be given a value that nothing else has.
    closed = {name: values for name, values in choices.items() if values is not None}
    near: dict[_Name, set[_Name]] = {name: set() for name in closed}
    for one, other in apart:
        if one in closed and other in closed:
            near[one].add(other)
            near[other].add(one)
    return _Colouring(closed, near).possible({})


@dataclass(slots=True)
class _Colouring:
    choices: Mapping[_Name, frozenset[Constant]]
    near: Mapping[_Name, set[_Name]]
    tries: int = _TRIES

    def possible(self, given: Mapping[_Name, Constant]) -> bool:
        self.tries -= 1
        if self.tries < 0:
            return True
        open_ = [name for name in self.choices if name not in given]
        if not open_:
            return True
        left = {name: self.choices[name] - {given.get(n) for n in self.near[name]} for name in open_}
        next_ = min(open_, key=lambda name: len(left[name]))
        return any(self.possible({**given, next_: value}) for value in left[next_])
