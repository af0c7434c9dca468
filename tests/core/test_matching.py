"""Sharing out duties: by augmenting paths and elimination, and by trying every way."""

from __future__ import annotations

import random
from itertools import combinations, product

import pytest

from compliance.core.linting.matching import Apart, Bottleneck, Choices, all_apart, bottleneck


def tried(choices: Choices, apart: Apart) -> bool:
    """Whether some way of giving each duty one of its persons keeps apart what stands apart."""
    duties = list(choices)
    ways = product(*(sorted(choices[duty]) for duty in duties))
    return any(
        all(given[a] != given[b] for a, b in apart) for way in ways for given in [dict(zip(duties, way, strict=True))]
    )


def within(choices: Choices, apart: Apart, duties: tuple[str, ...]) -> tuple[Choices, Apart]:
    kept = set(duties)
    return {d: choices[d] for d in duties}, frozenset(pair for pair in apart if pair <= kept)


def plants(seed: int, *, whole: bool) -> tuple[Choices, Apart]:
    """Up to six duties and five persons; few of them may do much."""
    chance = random.Random(f"matching {whole} {seed}")
    duties, persons = [f"d{n}" for n in range(chance.randrange(1, 7))], [f"p{n}" for n in range(chance.randrange(6))]
    share = chance.choice([0.2, 0.4, 0.7])
    choices = {d: frozenset(p for p in persons if chance.random() < share) for d in duties}
    pairs = [frozenset(pair) for pair in combinations(duties, 2) if whole or chance.random() < 0.6]
    return choices, frozenset(pairs)


@pytest.mark.parametrize("whole", [True, False], ids=["all differ", "some differ"])
def test_it_agrees_with_trying_every_way(whole: bool) -> None:  # noqa: FBT001 - a parameter of the test
    said = {True: 0, False: 0}
    for seed in range(600):
        choices, apart = plants(seed, whole=whole)
        found = bottleneck(choices, apart)
        assert (found is None) is tried(choices, apart), (choices, apart)
        said[found is None] += 1
        if found is not None:
            check_bottleneck(found, choices, apart)
    assert min(said.values()) > 50


def check_bottleneck(found: Bottleneck, choices: Choices, apart: Apart) -> None:
    """It cannot be shared out, and could be without any one of its duties; all of its persons are named."""
    assert not tried(*within(choices, apart, found.duties))
    for duty in found.duties:
        rest = tuple(other for other in found.duties if other != duty)
        assert tried(*within(choices, apart, rest)), (found, choices, apart)
    assert found.persons == frozenset().union(*(choices[duty] for duty in found.duties))
    if found.different:
        assert all_apart(found.duties) <= apart
        assert len(found.persons) == len(found.duties) - 1


def test_the_bottleneck_is_named() -> None:
    choices = {
        "apply": frozenset({"li", "wang", "zhao", "qian"}),
        "guard": frozenset({"wang"}),
        "review": frozenset({"wang", "zhao"}),
        "own": frozenset({"zhao"}),
    }
    found = bottleneck(choices, all_apart(choices))
    assert found == Bottleneck(("guard", "review", "own"), frozenset({"wang", "zhao"}), different=True)
    assert bottleneck(choices, frozenset()) is None


def test_duties_of_which_no_three_differ_can_stick_all_the_same() -> None:
    """Five duties in a ring and two persons: each two neighbours differ, and an odd ring needs a third person."""
    ring = ["a", "b", "c", "d", "e"]
    apart = frozenset(frozenset({one, ring[n - 1]}) for n, one in enumerate(ring))
    found = bottleneck(dict.fromkeys(ring, frozenset({"li", "wang"})), apart)
    assert found == Bottleneck(tuple(ring), frozenset({"li", "wang"}), different=False)
    assert bottleneck(dict.fromkeys(ring, frozenset({"li", "wang", "zhao"})), apart) is None


def test_many_persons_take_no_time() -> None:
    """Ten duties of which all differ, and a thousand persons for each."""
    crowd = frozenset(f"p{n}" for n in range(1000))
    assert bottleneck({f"d{n}": crowd for n in range(10)}, all_apart(f"d{n}" for n in range(10))) is None
