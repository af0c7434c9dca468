"""The tree of RFC 6962 against public vectors, against its definition, and against every kind of damage."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from compliance.kernel.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_in,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LARGEST = 64
LEAVES = [leaf_hash(bytes([i])) for i in range(LARGEST)]


def defined_root(leaves: Sequence[bytes]) -> bytes:
    """Section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    left, right = defined_root(leaves[:k]), defined_root(leaves[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


ROOTS = [defined_root(LEAVES[:n]) for n in range(LARGEST + 1)]
NODE = node_in(LEAVES)


# --- public vectors --------------------------------------------------------------------------------------------------


def _vectors(shared: Path, kind: str, count: int) -> Iterator[tuple[str, dict[str, object]]]:
    files = sorted((shared / "vectors" / "rfc6962" / kind).rglob("*.json"))
    assert len(files) == count
    for file in files:
        yield str(file), json.loads(file.read_bytes())


def _bytes(value: object) -> bytes:
    return base64.b64decode(str(value or ""))


def _proof(vector: dict[str, object]) -> list[bytes]:
    proof = vector["proof"]
    assert proof is None or isinstance(proof, list)
    return [_bytes(h) for h in proof or []]


@pytest.mark.shared
def test_inclusion_agrees_with_public_vectors(shared: Path) -> None:
    for name, v in _vectors(shared, "inclusion", 98):
        found = verify_inclusion(
            _bytes(v["leafHash"]), int(str(v["leafIdx"])), int(str(v["treeSize"])), _proof(v), _bytes(v["root"])
        )
        assert found is (not v["wantErr"]), name


@pytest.mark.shared
def test_consistency_agrees_with_public_vectors(shared: Path) -> None:
    differ = []
    for name, v in _vectors(shared, "consistency", 98):
        old, new = int(str(v["size1"])), int(str(v["size2"]))
        roots = _bytes(v["root1"]), _bytes(v["root2"])
        if verify_consistency(old, new, _proof(v), *roots) is bool(v["wantErr"]):
            differ.append((Path(name).name, {len(r) for r in roots}))
    # The one that we refuse and the vectors let pass has placeholders for roots that are no hashes.
    assert differ == [("sizes-are-equal-one-and-proof-is-empty.json", {12})]


# --- every tree up to 64 leaves --------------------------------------------------------------------------------------


def test_the_edge_gives_the_root_of_every_size() -> None:
    frontier = Frontier()
    completed: dict[tuple[int, int], bytes] = {}
    assert frontier.root == EMPTY_ROOT == ROOTS[0]
    for n, leaf in enumerate(LEAVES, 1):
        frontier, new = frontier.append(leaf)
        completed |= {(c.level, c.index): c.hash for c in new}
        assert frontier.size == n
        assert frontier.root == ROOTS[n] == root_of(LEAVES[:n])
        assert Frontier.unpacked(n, frontier.packed()) == frontier
    assert len(completed) == LARGEST - 1
    assert all(NODE(level, index) == h for (level, index), h in completed.items())


def test_every_proof_is_accepted() -> None:
    for new in range(1, LARGEST + 1):
        for index in range(new):
            proof = inclusion_proof(index, new, NODE)
            assert verify_inclusion(LEAVES[index], index, new, proof, ROOTS[new])
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, NODE)
            assert verify_consistency(old, new, proof, ROOTS[old], ROOTS[new])


def test_a_leaf_is_only_where_it_is() -> None:
    for size in range(1, 34):
        for index in range(size):
            proof = inclusion_proof(index, size, NODE)
            # Root and size come together from a signed note; under them only one index fits.
            accepted = [i for i in range(-1, size + 2) if verify_inclusion(LEAVES[index], i, size, proof, ROOTS[size])]
            assert accepted == [index]


def _damaged(proof: tuple[bytes, ...]) -> Iterator[list[bytes]]:
    for i, h in enumerate(proof):
        for byte in range(0, 32, 5):
            flipped = bytearray(h)
            flipped[byte] ^= 1 << byte % 8
            yield [*proof[:i], bytes(flipped), *proof[i + 1 :]]
        yield [*proof[:i], *proof[i + 1 :]]
        yield [*proof[:i], h, h, *proof[i + 1 :]]
        yield [*proof[:i], h[:-1], *proof[i + 1 :]]
        yield [*proof[:i], h + b"\0", *proof[i + 1 :]]
        if i and proof[i - 1] != h:
            yield [*proof[: i - 1], h, proof[i - 1], *proof[i + 1 :]]
    yield [*proof, ROOTS[3]]
    yield [ROOTS[3], *proof]


def test_no_damaged_proof_is_accepted() -> None:
    tried = 0
    for new in (*range(1, 20), 31, 32, 33, 63, 64):
        for index in range(new):
            for mutant in _damaged(inclusion_proof(index, new, NODE)):
                tried += 1
                assert not verify_inclusion(LEAVES[index], index, new, mutant, ROOTS[new])
        for old in range(1, new + 1):
            for mutant in _damaged(consistency_proof(old, new, NODE)):
                tried += 1
                assert not verify_consistency(old, new, mutant, ROOTS[old], ROOTS[new])
    assert tried > 40_000


def test_no_other_root_or_leaf_is_accepted() -> None:
    for new in range(2, 40):
        for old in range(1, new):
            proof = consistency_proof(old, new, NODE)
            assert not verify_consistency(old, new, proof, ROOTS[new], ROOTS[old])
            assert not verify_consistency(old, new, proof, ROOTS[old], ROOTS[new - 1])
            assert not verify_consistency(old, new, proof, ROOTS[old + 1], ROOTS[new])
            path = inclusion_proof(old, new, NODE)
            assert not verify_inclusion(LEAVES[old - 1], old, new, path, ROOTS[new])
            assert not verify_inclusion(LEAVES[old], old, new, path, ROOTS[new - 1])


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 3), (4, 3), (-1, 2)])
def test_sizes_that_prove_nothing_are_refused(old: int, new: int) -> None:
    assert not verify_consistency(old, new, [], EMPTY_ROOT, ROOTS[3])
    with pytest.raises(ValueError, match=str(old)):
        consistency_proof(old, new, NODE)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 2)])
def test_a_leaf_outside_the_tree_is_refused(index: int, size: int) -> None:
    assert not verify_inclusion(LEAVES[0], index, size, [], ROOTS[1])
    with pytest.raises(ValueError, match=str(index)):
        inclusion_proof(index, size, NODE)


@pytest.mark.parametrize(("size", "packed"), [(1, b""), (0, b"x" * 32), (2, b"x" * 31), (3, b"x" * 63), (-1, b"")])
def test_an_edge_that_does_not_fit_is_refused(size: int, packed: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it names differs
        Frontier.unpacked(size, packed)
